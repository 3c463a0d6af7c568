"""Merge two runs of inlines, with insertions and deletions marked. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import groupby

from msgspec import Struct

from nioc_paper import tree
from nioc_paper.model import DELETION, INSERTION, Node, Revision
from nioc_paper.tree.key_numbers import is_key_number

_WORD = re.compile(r"\w+(?:[’'\-]\w+)*|[^\w\s]|\s+")
WRAPPERS = ("Emph", "Strong", "Underline", "Strikeout", "Superscript", "Subscript", "SmallCaps")
_QUOTE_SIGNS = {"SingleQuote": "‘’", "DoubleQuote": "“”"}
"""Signs that pandoc's writers print around quotations."""
_INDIVISIBLE_CLASSES = frozenset(("number", "label", "field"))
"""Classes of nodes that change as a whole, as references do: half a number is none."""
CompareBlocks = Callable[[Sequence[Node], Sequence[Node]], list[Node]]
"""Merges two runs of blocks, the contents of notes; either may be empty."""


class _Piece(Struct, frozen=True):
    """Word, sign, space or indivisible node, with the wrappers around it."""

    text: str
    node: Node
    wrappers: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """Text with its marks; equal pieces have equal keys. A note is compared by its own words."""
        marks = set() if self.is_note else {_mark_of(wrapper) for wrapper in self.wrappers} - {""}
        return (self.text, *sorted(marks))

    @property
    def is_note(self) -> bool:
        """Whether it calls a note."""
        return bool(self.node["t"] == "Note")


def compare_inlines(
    old: Sequence[Node], new: Sequence[Node], revision: Revision, compare_blocks: CompareBlocks
) -> list[Node]:
    """Return the new inlines with the deleted ones of the old in them."""
    old_pieces, new_pieces = list(_split_inlines(old)), list(_split_inlines(new))
    out: list[_Piece] = []
    for tag, i1, i2, j1, j2 in _readable_diff(old_pieces, new_pieces):
        if tag == "equal":
            out += [
                _merge_pieces(a, b, compare_blocks) for a, b in zip(old_pieces[i1:i2], new_pieces[j1:j2], strict=True)
            ]
            continue
        for pieces, kind in ((old_pieces[i1:i2], DELETION), (new_pieces[j1:j2], INSERTION)):
            out += [_Piece("", span) for span in mark_inlines(_join_pieces(pieces), revision, compare_blocks, kind)]
    return _join_pieces(out)


def mark_inlines(inlines: Sequence[Node], revision: Revision, compare_blocks: CompareBlocks, kind: str) -> list[Node]:
    """Return inlines, and the notes called in them, as inserted or deleted; empty if there are none."""

    def mark_note(node: Node) -> Node:
        if node["t"] != "Note":
            return node
        sides = ([], tree.content(node)) if kind == INSERTION else (tree.content(node), [])
        return tree.with_content(node, compare_blocks(*sides))

    marked = tree.rewrite(mark_note, without_ids(inlines) if kind == DELETION else list(inlines))
    attributes = {"author": revision.author, "date": revision.date}
    return [{"t": "Span", "c": [tree.attr("", [kind], attributes), marked]}] if marked else []


def without_ids(inlines: Sequence[Node]) -> list[Node]:
    """Return inlines without ids, internal links and key numbers: deleted text may be a second copy."""

    def strip_id(node: Node) -> Node | list[Node]:
        if is_key_number(node) or (node["t"] == "Link" and tree.target(node).startswith("#")):
            return list(tree.content(node))
        return tree.without_id(node) if node["t"] in ("Span", "Link", "Image", "Code") else node

    return tree.rewrite(strip_id, inlines)


def _split_inlines(inlines: Sequence[Node], wrappers: tuple[str, ...] = ()) -> Iterator[_Piece]:
    for node in inlines:
        kind, content = node["t"], node.get("c", [])
        if kind == "Str":
            for word in _WORD.findall(content):
                yield _Piece(word, {"t": "Str", "c": word}, wrappers)
        elif kind in ("Space", "SoftBreak"):
            yield _Piece(" ", {"t": "Space"}, wrappers)
        elif kind in WRAPPERS:
            yield from _split_inlines(content, (*wrappers, json.dumps([kind])))
        elif kind == "Quoted":
            # Signs, not a wrapper: a wrapper around half of the words would print two signs too many.
            before, after = ({"t": "Str", "c": sign} for sign in _QUOTE_SIGNS[content[0]["t"]])
            yield from _split_inlines([before, *content[1], after], wrappers)
        elif _INDIVISIBLE_CLASSES.intersection(tree.classes(node)) or "xref" in tree.classes(node):
            yield _Piece(f"\1{tree.plain_text(node)}", node, wrappers)
        elif kind == "Link" and content[2][0].startswith("#"):
            yield _Piece(f"\1{tree.plain_text(node)}\1{content[2][0]}", node, wrappers)
        elif kind == "Span" or (kind == "Link" and content[1]):
            yield from _split_inlines(content[1], (*wrappers, *_wrappers_of(node)))
        else:
            yield _Piece("" if kind == "Note" else json.dumps(node, sort_keys=True), node, wrappers)


def _wrappers_of(node: Node) -> tuple[str, ...]:
    """Return the wrapper of a span or link; a key number has none, or its parts would be numbers of their own."""
    attr, _, *target = node["c"]
    return () if is_key_number(node) else (json.dumps([node["t"], attr, *target]),)


@lru_cache
def _mark_of(wrapper: str) -> str:
    """Return the mark that a wrapper puts on words: its kind, or the target of a link; empty for a span."""
    kind, *rest = json.loads(wrapper)
    return "" if kind == "Span" else str(rest[1][0]) if kind == "Link" else str(kind)


def _merge_pieces(old: _Piece, new: _Piece, compare_blocks: CompareBlocks) -> _Piece:
    if new.is_note and old.node != new.node:
        blocks = compare_blocks(tree.content(old.node), tree.content(new.node))
        return _Piece(new.text, tree.with_content(new.node, blocks), new.wrappers)
    return new


def _readable_diff(old: Sequence[_Piece], new: Sequence[_Piece]) -> list[tuple[str, int, int, int, int]]:
    """Return the differences; one or two equal signs between two changes become part of one change."""
    ops: list[tuple[str, int, int, int, int]] = []
    keys = [p.key for p in old], [p.key for p in new]
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        is_small = tag == "equal" and i2 - i1 <= 2 and not any(p.is_note or p.text[:1].isalnum() for p in old[i1:i2])
        is_small = is_small and bool(ops) and i2 < len(old)
        if ops and ops[-1][0] != "equal" and (tag != "equal" or is_small):
            ops[-1] = ("replace", ops[-1][1], i2, ops[-1][3], j2)
        else:
            ops.append((tag, i1, i2, j1, j2))
    return ops


def _join_pieces(pieces: Sequence[_Piece]) -> list[Node]:
    """Return pieces as inlines, in their wrappers."""
    out: list[Node] = []
    for wrapper, group in groupby(pieces, lambda p: p.wrappers[:1]):
        if wrapper:
            inner = _join_pieces([_Piece(p.text, p.node, p.wrappers[1:]) for p in group])
            out.append(_wrap(json.loads(wrapper[0]), inner))
            continue
        for piece in group:
            if out and out[-1]["t"] == piece.node["t"] == "Str":
                out[-1] = {"t": "Str", "c": out[-1]["c"] + piece.node["c"]}
            else:
                out.append(piece.node)
    return out


def _wrap(wrapper: Sequence[object], inner: list[Node]) -> Node:
    kind, *rest = wrapper
    return {"t": kind, "c": [rest[0], inner, *rest[1:]] if rest else inner}
