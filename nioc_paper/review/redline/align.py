"""Which passage of one tree is which of another: the same, alike, moved, or by itself. Pure."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from nioc_paper import tree

LEAVES = ("Para", "Plain", "Header")
"""Passages that hold words themselves."""
_LIKE = 0.4
"""How alike two passages are at least, from 0 to 1, to be one that was changed."""
_WORD = re.compile(r"\w+|[^\w\s]")
_KNOWN_BY_ID = ("Div", "Header", "Figure", "Table")


def aligned(old: Sequence[Any], new: Sequence[Any]) -> Iterator[tuple[Any | None, Any | None]]:
    """Both sequences side by side: what is the same or alike together, the rest by itself."""
    signatures = [signature(x) for x in old], [signature(y) for y in new]
    for what, i1, i2, j1, j2 in SequenceMatcher(None, *signatures, autojunk=False).get_opcodes():
        if what == "equal":
            yield from zip(old[i1:i2], new[j1:j2], strict=True)
        else:
            yield from _best(old[i1:i2], new[j1:j2])


def _best(old: Sequence[Any], new: Sequence[Any]) -> Iterator[tuple[Any | None, Any | None]]:
    """The alignment whose pairs are most alike (Needleman and Wunsch 1970, without a cost for gaps)."""
    words = [_words(x) for x in old], [_words(y) for y in new]
    alike = [[_alike(x, y, words[0][i], words[1][j]) for j, y in enumerate(new)] for i, x in enumerate(old)]
    n, m = len(old), len(new)
    best = [[0.0] * (m + 1) for _ in range(n + 1)]
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            pair = best[i + 1][j + 1] + alike[i][j] if alike[i][j] > _LIKE else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], pair)
    i = j = 0
    while i < n or j < m:
        if i < n and j < m and alike[i][j] > _LIKE and best[i][j] == best[i + 1][j + 1] + alike[i][j]:
            yield old[i], new[j]
            i, j = i + 1, j + 1
        elif i < n and (j == m or best[i][j] == best[i + 1][j]):
            yield old[i], None
            i += 1
        else:
            yield None, new[j]
            j += 1


def _alike(one: Any, other: Any, here: Counter[str], there: Counter[str]) -> float:
    """How alike two blocks, items or rows are, from 0 to 1: by their ids or names where they have some, or by words."""
    if isinstance(one, dict) and isinstance(other, dict):
        if one["t"] != other["t"]:
            return 0.0
        names = tree.identifier(one), tree.identifier(other)
        if one["t"] in _KNOWN_BY_ID and any(names) and (one["t"] != "Header" or names[0] == names[1]):
            return float(names[0] == names[1])
    if (name := _field(one)) or _field(other):
        return float(name == _field(other))
    total = here.total() + there.total()
    return 2 * (here & there).total() / total if total else 1.0


def _field(item: Any) -> str:
    """The name of the field that an item of a list is; empty when it is none."""
    first = item[0] if isinstance(item, list) and item and isinstance(item[0], dict) else {"t": ""}
    inlines: Any = first["c"] if first["t"] in ("Plain", "Para") else []
    return tree.plain(inlines[0]) if inlines and "field" in tree.classes(inlines[0]) else ""


def _words(part: Any) -> Counter[str]:
    return Counter(_WORD.findall(tree.plain(part, notes=True)))


def signature(part: Any) -> str:
    """Stands for a part of a tree: another part, another text."""
    return json.dumps(part, sort_keys=True)
