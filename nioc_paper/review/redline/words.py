"""Two runs of inlines as one, with what was put in and what was taken out between them. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any

from nioc_paper import tree
from nioc_paper.model import PUT_IN, TAKEN_OUT, Node, Revision

_WORD = re.compile(r"\w+(?:[’'\-]\w+)*|[^\w\s]|\s+")
_WRAPPERS = ("Emph", "Strong", "Underline", "Strikeout", "Superscript", "Subscript", "SmallCaps")
_BREAKS = ("Space", "SoftBreak", "LineBreak")
_ONE = frozenset(("number", "label", "field"))
"""Classes of what is changed as a whole, as references are: half a number is none."""
Blocks = Callable[[Sequence[Node], Sequence[Node]], list[Node]]
"""Two runs of blocks as one, either of which may be empty: what notes hold."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A word, a sign, a space, or something that is changed as a whole, in the wrappers around it."""

    key: str
    node: Node
    around: tuple[str, ...] = ()


def compare(old: Sequence[Node], new: Sequence[Node], revision: Revision, blocks: Blocks) -> list[Node]:
    """The new inlines, with those of the old in them that are gone."""
    here, there = list(_pieces(old)), list(_pieces(new))
    out: list[_Piece] = []
    for what, i1, i2, j1, j2 in _readable(here, there):
        if what == "equal":
            out += [_both(a, b, blocks) for a, b in zip(here[i1:i2], there[j1:j2], strict=True)]
            continue
        for pieces, kind in ((here[i1:i2], TAKEN_OUT), (there[j1:j2], PUT_IN)):
            out += [_Piece("", span) for span in whole(_joined(pieces), revision, blocks, kind)]
    return _joined(out)


def whole(inlines: Sequence[Node], revision: Revision, blocks: Blocks, kind: str) -> list[Node]:
    """Inlines as put in or taken out, with the notes that are called in them; nothing when there are none."""

    def change(node: Node) -> Node:
        if node["t"] != "Note":
            return node
        return {"t": "Note", "c": blocks([], node["c"]) if kind == PUT_IN else blocks(node["c"], [])}

    marked = tree.rewrite(change, without_ids(inlines) if kind == TAKEN_OUT else list(inlines))
    told = {"author": revision.author, "date": revision.date}
    return [{"t": "Span", "c": [tree.attr("", [kind], told), marked]}] if marked else []


def without_ids(inlines: Sequence[Node]) -> list[Node]:
    """Inlines that nothing can point at: what is gone and stands there a second time."""

    def change(node: Node) -> Node | list[Node]:
        if node["t"] == "Link" and node["c"][2][0].startswith("#"):
            return list(node["c"][1])
        if node["t"] in ("Span", "Link", "Image", "Code"):
            return {**node, "c": [["", *node["c"][0][1:]], *node["c"][1:]]}
        return node

    return list(tree.rewrite(change, list(inlines)))


def _pieces(inlines: Sequence[Node], around: tuple[str, ...] = ()) -> Iterator[_Piece]:
    for node in inlines:
        kind, content = node["t"], node.get("c", [])
        if kind == "Str":
            for word in _WORD.findall(content):
                yield _Piece(word, {"t": "Str", "c": word}, around)
        elif kind in _BREAKS:
            yield _Piece(" ", {"t": "Space"}, around)
        elif kind in _WRAPPERS:
            yield from _pieces(content, (*around, json.dumps([kind])))
        elif kind == "Quoted":
            yield from _pieces(content[1], (*around, json.dumps([kind, content[0]])))
        elif _ONE.intersection(tree.classes(node)) or (kind == "Link" and content[2][0].startswith("#")):
            yield _Piece(f"\1{tree.plain(node)}", node, around)
        elif kind == "Span" or (kind == "Link" and content[1]):
            yield from _pieces(content[1], (*around, json.dumps([kind, content[0], *content[2:]])))
        else:
            yield _Piece("\1note" if kind == "Note" else json.dumps(node, sort_keys=True), node, around)


def _both(old: _Piece, new: _Piece, blocks: Blocks) -> _Piece:
    if new.node["t"] == "Note" and old.node != new.node:
        return _Piece(new.key, {"t": "Note", "c": blocks(old.node["c"], new.node["c"])}, new.around)
    return new


def _readable(old: Sequence[_Piece], new: Sequence[_Piece]) -> list[tuple[str, int, int, int, int]]:
    """The differences, where a few equal signs between two changes are part of one."""
    ops: list[tuple[str, int, int, int, int]] = []
    keys = [p.key for p in old], [p.key for p in new]
    for what, i1, i2, j1, j2 in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        small = what == "equal" and i2 - i1 <= 2 and not any(p.key[:1].isalnum() for p in old[i1:i2])
        small = small and bool(ops) and i2 < len(old) and "\1note" not in keys[0][i1:i2]
        if ops and ops[-1][0] != "equal" and (what != "equal" or small):
            ops[-1] = ("replace", ops[-1][1], i2, ops[-1][3], j2)
        else:
            ops.append((what, i1, i2, j1, j2))
    return ops


def _joined(pieces: Sequence[_Piece]) -> list[Node]:
    """Pieces as inlines again, in their wrappers."""
    out: list[Node] = []
    for wrapper, group in groupby(pieces, lambda p: p.around[:1]):
        if wrapper:
            inner = _joined([_Piece(p.key, p.node, p.around[1:]) for p in group])
            out.append(_wrapped(json.loads(wrapper[0]), inner))
            continue
        for piece in group:
            if out and out[-1]["t"] == piece.node["t"] == "Str":
                out[-1] = {"t": "Str", "c": out[-1]["c"] + piece.node["c"]}
            else:
                out.append(piece.node)
    return out


def _wrapped(wrapper: Sequence[Any], inner: list[Node]) -> Node:
    kind, *rest = wrapper
    if not rest:
        return {"t": kind, "c": inner}
    return {"t": kind, "c": [rest[0], inner, *rest[1:]]}
