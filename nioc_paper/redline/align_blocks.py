"""Align the blocks of two trees: equal, similar, or on one side only. Pure."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import TypeVar

from nioc_paper import tree
from nioc_paper.model import Node

T = TypeVar("T")
TEXT_BLOCKS = ("Para", "Plain", "Header")
"""Blocks that hold words themselves."""
_MIN_SIMILARITY = 0.4
"""Minimum similarity, from 0 to 1, of two passages that count as one changed passage."""
_WORD = re.compile(r"\w+|[^\w\s]")
_MATCHED_BY_ID = ("Div", "Header", "Figure", "Table")


def align_sequences(old: Sequence[T], new: Sequence[T]) -> Iterator[tuple[T | None, T | None]]:
    """Yield both sequences side by side: equal or similar items in pairs, others alone."""
    keys = [canonical_json(x) for x in old], [canonical_json(y) for y in new]
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from zip(old[i1:i2], new[j1:j2], strict=True)
        else:
            yield from _best_alignment(old[i1:i2], new[j1:j2])


def _best_alignment(old: Sequence[T], new: Sequence[T]) -> Iterator[tuple[T | None, T | None]]:
    """Yield the alignment with the most similar pairs (Needleman and Wunsch 1970, without a cost for gaps)."""
    similarities = _similarity_matrix(old, new)
    best = _best_totals(similarities, len(old), len(new))
    n, m = len(old), len(new)
    i = j = 0
    while i < n or j < m:
        if (
            i < n
            and j < m
            and similarities[i][j] > _MIN_SIMILARITY
            and best[i][j] == best[i + 1][j + 1] + similarities[i][j]
        ):
            yield old[i], new[j]
            i, j = i + 1, j + 1
        elif i < n and (j == m or best[i][j] == best[i + 1][j]):
            yield old[i], None
            i += 1
        else:
            yield None, new[j]
            j += 1


def _similarity_matrix(old: Sequence[object], new: Sequence[object]) -> list[list[float]]:
    words = [_word_counts(x) for x in old], [_word_counts(y) for y in new]
    return [[_similarity(x, y, words[0][i], words[1][j]) for j, y in enumerate(new)] for i, x in enumerate(old)]


def _best_totals(similarities: Sequence[Sequence[float]], n: int, m: int) -> list[list[float]]:
    """Return the highest total similarity of the rests after each pair of positions."""
    best = [[0.0] * (m + 1) for _ in range(n + 1)]
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            pair = best[i + 1][j + 1] + similarities[i][j] if similarities[i][j] > _MIN_SIMILARITY else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], pair)
    return best


def _similarity(one: object, other: object, one_words: Counter[str], other_words: Counter[str]) -> float:
    """Return the similarity of two blocks, items or rows from 0 to 1, by ids or names if there are any, or by words."""
    if isinstance(one, dict) and isinstance(other, dict):
        if one["t"] != other["t"]:
            return 0.0
        names = tree.identifier(one), tree.identifier(other)
        if one["t"] in _MATCHED_BY_ID and any(names) and (one["t"] != "Header" or names[0] == names[1]):
            return float(names[0] == names[1])
    if (name := _field_name(one)) or _field_name(other):
        return float(name == _field_name(other))
    total = one_words.total() + other_words.total()
    return 2 * (one_words & other_words).total() / total if total else 1.0


def _field_name(item: object) -> str:
    """Return the name of a field that is written as a list item; empty for other items."""
    first: Node = item[0] if isinstance(item, list) and item and isinstance(item[0], dict) else {"t": ""}
    inlines: Sequence[Node] = first["c"] if first["t"] in ("Plain", "Para") else []
    return tree.plain_text(inlines[0]) if inlines and "field" in tree.classes(inlines[0]) else ""


def _word_counts(part: object) -> Counter[str]:
    return Counter(_WORD.findall(tree.plain_text(part, with_notes=True)))


def canonical_json(part: object) -> str:
    """Return JSON that is equal for equal parts of a tree."""
    return json.dumps(part, sort_keys=True)
