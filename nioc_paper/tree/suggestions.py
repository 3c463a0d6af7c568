"""Suggestions in a chapter: marked insertions, deletions and remarks.

CriticMarkup's `{++in++} {--out--} {~~out~>in~~} {>>remark<<} {==words==}`, and Quarto's `[++ in] [-- out] [>> remark]`.
Pandoc would read some marks as dashes or strike-through, so they are masked by other signs of the same length, and the
suggestions are parsed in its tree. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from msgspec import Struct, field

from nioc_paper.model import DELETION, INSERTION, Node
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.tree.constructors import span
from nioc_paper.tree.nodes import classes, rewrite, walk
from nioc_paper.tree.prune import Pruner

REMARK, REMARK_TARGET = "remark", "remarked"
"""Classes of spans: a remark, and the words that it is about."""
SUGGESTION_KINDS = (INSERTION, DELETION, REMARK)
_CLOSING = {"{++": "++}", "{--": "--}", "{~~": "~~}", "{>>": "<<}", "{==": "==}"}
_BRACKETED = ("[++", "[--", "[>>")
_CLASS_OF_MARK = {"++": INSERTION, "--": DELETION, ">>": REMARK, "==": REMARK_TARGET}
_SUBSTITUTION_ARROW = "~>"
_MARKS = (*_CLOSING, *_CLOSING.values(), *_BRACKETED, _SUBSTITUTION_ARROW)
# Private-use plane: no font and no keyboard has it. Masks keep the length of marks, so columns stay valid.
_MASKS: Mapping[str, str] = MappingProxyType(
    {m: "".join(chr(0xF1000 + 4 * n + k) for k in range(len(m))) for n, m in enumerate(_MARKS)}
)
_MASK_PATTERN = late_pattern("|".join(map(re.escape, _MASKS.values())))
_MARK_PATTERN = late_pattern("|".join(map(re.escape, _MARKS)))
_MARK_OF_MASK = {signs: mark for mark, signs in _MASKS.items()}


def mask_marks(text: str) -> str:
    """Return a text with its marks masked from pandoc; unchanged if it has no suggestions."""
    if not any(mark in text for mark in (*_CLOSING, *_BRACKETED)):
        return text
    return _MARK_PATTERN.sub(lambda match: _MASKS[match[0]], text)


def parse_suggestions(blocks: Sequence[Node]) -> list[Node]:
    """Return the tree of a masked text with suggestions as spans; unpaired marks become words again."""
    text = json.dumps(_parse_runs(list(blocks)), ensure_ascii=False)
    # The remaining masks: in code, formulas, addresses.
    parsed: list[Node] = json.loads(_MASK_PATTERN.sub(lambda match: _MARK_OF_MASK[match[0]], text))
    return parsed


def without_suggestions(blocks: Sequence[Node]) -> Sequence[Node]:
    """Return the tree as if nobody had suggested anything."""
    pruned = Pruner(lambda node: _is_span(node, INSERTION, REMARK)).prune_blocks(blocks)
    return rewrite(lambda n: n["c"][1] if _is_span(n, DELETION, REMARK_TARGET) else n, list(pruned))


def find_suggestions(blocks: Sequence[Node]) -> Iterator[Node]:
    """Yield the suggestions in a tree."""
    return filter(is_suggestion, walk(blocks))


def is_suggestion(node: Node) -> bool:
    """Return whether a node is a suggestion."""
    return _is_span(node, *SUGGESTION_KINDS)


def suggestion_kind(suggestion: Node) -> str:
    """Return the kind of a suggestion; authors may give its span other classes too."""
    return next(name for name in classes(suggestion) if name in SUGGESTION_KINDS)


def _is_span(node: Node, *names: str) -> bool:
    return node["t"] == "Span" and not set(names).isdisjoint(classes(node))


def _parse_runs(item: object) -> Any:
    if isinstance(item, dict):
        return {key: value if key == "pos" else _parse_runs(value) for key, value in item.items()}
    if not isinstance(item, list):
        return item
    inner = [_parse_runs(each) for each in item]
    if any(isinstance(n, dict) and n.get("t") == "Str" and _MASK_PATTERN.search(n["c"]) for n in inner):
        return _RunParser().parse(inner)
    return inner


class _OpenSuggestion(Struct):
    """Suggestion whose end is not found yet."""

    mark: str
    position: Any
    parts: list[list[Node]] = field(default_factory=lambda: [[]])
    depth: int = 0
    """Number of open brackets in its words."""


class _RunParser:
    """Parses suggestions in one run of words; they may be nested."""

    def __init__(self) -> None:
        self.stack = [_OpenSuggestion("", None)]

    def parse(self, nodes: Sequence[Node]) -> list[Node]:
        for node in nodes:
            if node["t"] == "Str":
                self.add_words(node)
            else:
                self.append(node)
        while len(self.stack) > 1:
            self.abandon_suggestion()
        return self.stack[0].parts[0]

    def append(self, *nodes: Node) -> None:
        self.stack[-1].parts[-1].extend(nodes)

    def add_words(self, node: Node) -> None:
        index = 0
        for match in _MASK_PATTERN.finditer(node["c"]):
            self.add_piece(node, index, match.start())
            self.add_mark(_MARK_OF_MASK[match[0]], _offset_position(node, match.start()))
            index = match.end()
        self.add_piece(node, index, len(node["c"]))

    def add_piece(self, node: Node, start: int, end: int) -> None:
        """Add words without a mark; a bracket among them may close a suggestion."""
        for index in range(start, end):
            top = self.stack[-1]
            if top.mark in _BRACKETED and (sign := node["c"][index]) in "[]":
                top.depth += 1 if sign == "[" else -1
                if top.depth < 0:
                    self.append_piece(node, start, index)
                    self.close_suggestion()
                    return self.add_piece(node, index + 1, end)
        return self.append_piece(node, start, end)

    def append_piece(self, node: Node, start: int, end: int) -> None:
        if start < end:
            self.append({**node, "c": node["c"][start:end], **_offset_position(node, start)})

    def add_mark(self, mark: str, position: Node) -> None:
        top = self.stack[-1]
        if mark in _CLOSING or mark in _BRACKETED:
            self.stack.append(_OpenSuggestion(mark, position))
        elif mark == _SUBSTITUTION_ARROW and top.mark == "{~~" and len(top.parts) == 1:
            top.parts.append([])
        elif mark == _CLOSING.get(top.mark) and (top.mark != "{~~" or len(top.parts) == 2):
            self.close_suggestion()
        else:
            self.append({"t": "Str", "c": mark, **position})

    def close_suggestion(self) -> None:
        closed = self.stack.pop()
        if closed.mark == "{~~":
            self.append(
                _positioned_span(DELETION, closed.parts[0], closed.position),
                _positioned_span(INSERTION, closed.parts[1], closed.position),
            )
            return
        words = closed.parts[0]
        # The blank after one of Quarto's opening marks belongs to the mark.
        if closed.mark in _BRACKETED and words and words[0]["t"] in ("Space", "SoftBreak"):
            words = words[1:]
        self.append(_positioned_span(_CLASS_OF_MARK[closed.mark[1:]], words, closed.position))

    def abandon_suggestion(self) -> None:
        """Turn a suggestion without an end back into words."""
        abandoned = self.stack.pop()
        arrow = [{"t": "Str", "c": _SUBSTITUTION_ARROW, **abandoned.position}]
        words = [*abandoned.parts[0], *(arrow + abandoned.parts[1] if len(abandoned.parts) > 1 else [])]
        self.append({"t": "Str", "c": abandoned.mark, **abandoned.position}, *words)


def _positioned_span(name: str, inlines: Sequence[Node], position: dict[str, object]) -> Node:
    return {**span(inlines, name), **position}


def _offset_position(node: Node, offset: int) -> dict[str, object]:
    if "pos" not in node:
        return {}
    line, *column = node["pos"]
    return {"pos": [line, column[0] + offset] if column else [line]}
