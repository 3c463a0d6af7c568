"""Suggestions in a chapter: words that somebody would put in or take out, and remarks, in marks around them.

CriticMarkup's `{++in++} {--out--} {~~out~>in~~} {>>remark<<} {==words==}`, and Quarto's `[++ in] [-- out] [>> remark]`.
Pandoc would read some of the marks as dashes or strike-through, so it gets other signs of the same length in their
place, and what they stand around is found in its tree. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from nioc_paper import tree
from nioc_paper.model import PUT_IN, TAKEN_OUT, Node
from nioc_paper.prune import Pruner

REMARK, REMARKED = "remark", "remarked"
"""Classes of spans: what was said, and the words that it is about."""
KINDS = (PUT_IN, TAKEN_OUT, REMARK)
_CLOSING = {"{++": "++}", "{--": "--}", "{~~": "~~}", "{>>": "<<}", "{==": "==}"}
_BRACKETED = ("[++", "[--", "[>>")
_CLASSES = {"++": PUT_IN, "--": TAKEN_OUT, ">>": REMARK, "==": REMARKED}
_INSTEAD = "~>"
_MARKS = (*_CLOSING, *_CLOSING.values(), *_BRACKETED, _INSTEAD)
# Of a plane that no typeface and no keyboard has: three signs for each mark, so that columns stay true.
_SIGNS: Mapping[str, str] = MappingProxyType(
    {m: "".join(chr(0xF1000 + 4 * n + k) for k in range(len(m))) for n, m in enumerate(_MARKS)}
)
_FOUND = re.compile("|".join(map(re.escape, _SIGNS.values())))
_WRITTEN = re.compile("|".join(map(re.escape, _MARKS)))
_NAMES = {signs: mark for mark, signs in _SIGNS.items()}


def guarded(text: str) -> str:
    """A text whose marks pandoc leaves alone: the same, where it has no suggestions."""
    if not any(mark in text for mark in (*_CLOSING, *_BRACKETED)):
        return text
    return _WRITTEN.sub(lambda found: _SIGNS[found[0]], text)


def read(blocks: Sequence[Node]) -> list[Node]:
    """The tree of a guarded text with its suggestions as spans; marks without a second half are words again."""
    found: list[Node] = _restored(_read(list(blocks)))
    return found


def settled(blocks: Sequence[Node]) -> Sequence[Node]:
    """The tree as if nobody had suggested anything."""
    left = Pruner(lambda node: _is(node, PUT_IN, REMARK)).blocks(blocks)
    opened: Sequence[Node] = tree.rewrite(lambda n: n["c"][1] if _is(n, TAKEN_OUT, REMARKED) else n, list(left))
    return opened


def suggested(blocks: Sequence[Node]) -> Iterator[Node]:
    """The suggestions in a tree."""
    return filter(is_one, tree.walk(blocks))


def is_one(node: Node) -> bool:
    """Whether a node of a tree is a suggestion."""
    return _is(node, *KINDS)


def _is(node: Node, *names: str) -> bool:
    return node["t"] == "Span" and not set(names).isdisjoint(tree.classes(node))


def _read(item: Any) -> Any:
    if isinstance(item, dict):
        return {key: value if key == "at" else _read(value) for key, value in item.items()}
    if not isinstance(item, list):
        return item
    inner = [_read(each) for each in item]
    if any(isinstance(n, dict) and n.get("t") == "Str" and _FOUND.search(n["c"]) for n in inner):
        return _Run().read(inner)
    return inner


@dataclass(slots=True)
class _Open:
    """A suggestion whose end has not come yet."""

    mark: str
    at: Any
    parts: list[list[Node]] = field(default_factory=lambda: [[]])
    depth: int = 0
    """How many brackets are open in its words."""


class _Run:
    """Suggestions in one run of words; one may hold others."""

    def __init__(self) -> None:
        self.stack = [_Open("", None)]

    def read(self, nodes: Sequence[Node]) -> list[Node]:
        for node in nodes:
            if node["t"] == "Str":
                self.words(node)
            else:
                self.put(node)
        while len(self.stack) > 1:
            self.give_up()
        return self.stack[0].parts[0]

    def put(self, *nodes: Node) -> None:
        self.stack[-1].parts[-1].extend(nodes)

    def words(self, node: Node) -> None:
        at = 0
        for found in _FOUND.finditer(node["c"]):
            self.piece(node, at, found.start())
            self.mark(_NAMES[found[0]], _place(node, found.start()))
            at = found.end()
        self.piece(node, at, len(node["c"]))

    def piece(self, node: Node, start: int, end: int) -> None:
        """Words without a mark; a bracket among them may close a suggestion."""
        for at in range(start, end):
            top = self.stack[-1]
            if top.mark in _BRACKETED and (sign := node["c"][at]) in "[]":
                top.depth += 1 if sign == "[" else -1
                if top.depth < 0:
                    self.piece_of(node, start, at)
                    self.close()
                    return self.piece(node, at + 1, end)
        return self.piece_of(node, start, end)

    def piece_of(self, node: Node, start: int, end: int) -> None:
        if start < end:
            self.put({**node, "c": node["c"][start:end], **_place(node, start)})

    def mark(self, mark: str, at: dict[str, Any]) -> None:
        top = self.stack[-1]
        if mark in _CLOSING or mark in _BRACKETED:
            self.stack.append(_Open(mark, at))
        elif mark == _INSTEAD and top.mark == "{~~" and len(top.parts) == 1:
            top.parts.append([])
        elif mark == _CLOSING.get(top.mark) and (top.mark != "{~~" or len(top.parts) == 2):
            self.close()
        else:
            self.put({"t": "Str", "c": mark, **at})

    def close(self) -> None:
        done = self.stack.pop()
        if done.mark == "{~~":
            self.put(_span(TAKEN_OUT, done.parts[0], done.at), _span(PUT_IN, done.parts[1], done.at))
            return
        words = done.parts[0]
        # The blank behind Quarto's marks belongs to them.
        if done.mark in _BRACKETED and words and words[0]["t"] in ("Space", "SoftBreak"):
            words = words[1:]
        self.put(_span(_CLASSES[done.mark[1:]], words, done.at))

    def give_up(self) -> None:
        """What has no end was none."""
        lost = self.stack.pop()
        between = [{"t": "Str", "c": _INSTEAD, **lost.at}]
        words = [*lost.parts[0], *(between + lost.parts[1] if len(lost.parts) > 1 else [])]
        self.put({"t": "Str", "c": lost.mark, **lost.at}, *words)


def _span(name: str, inlines: Sequence[Node], at: dict[str, Any]) -> Node:
    return {**tree.span(inlines, name), **at}


def _place(node: Node, offset: int) -> dict[str, Any]:
    if "at" not in node:
        return {}
    line, column = node["at"]
    return {"at": [line, column + offset]}


def _restored(item: Any) -> Any:
    """The tree with the marks that are left written as they were: in code, formulas, addresses."""
    if isinstance(item, str):
        return _FOUND.sub(lambda found: _NAMES[found[0]], item)
    if isinstance(item, list):
        return [_restored(each) for each in item]
    return {key: _restored(value) for key, value in item.items()} if isinstance(item, dict) else item
