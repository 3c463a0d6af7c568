"""Differences of two token runs that never cut an atom in two."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from nioc_paper.review.docx.paragraph import Token


class DiffOp(NamedTuple):
    """A step from one run of tokens to another, as difflib's opcodes: base[i1:i2] becomes edited[j1:j2]."""

    tag: Literal["equal", "replace", "delete", "insert"]
    i1: int
    i2: int
    j1: int
    j2: int


def diff_words(base: Sequence[Token], edited: Sequence[Token]) -> list[DiffOp]:
    """Return the differences of two runs; atoms of `base` are changed as a whole."""
    out: list[DiffOp] = []
    words, new_words = [t.normalized for t in base], [t.normalized for t in edited]
    if words and words == new_words:  # most passages
        return [DiffOp("equal", 0, len(words), 0, len(words))]
    for op in map(DiffOp._make, SequenceMatcher(None, words, new_words, autojunk=False).get_opcodes()):
        if out and _is_inside_atom(base, op.i1):
            out += _move_cut(base, out.pop(), op)
        else:
            out.append(op)
    return _merge_changes(out)


def _is_inside_atom(base: Sequence[Token], i: int) -> bool:
    return 0 < i < len(base) and bool(base[i].atom) and base[i - 1].atom == base[i].atom


def _move_cut(base: Sequence[Token], before: DiffOp, op: DiffOp) -> list[DiffOp]:
    """Give the whole atom that lies across two steps to the one that changes it."""
    cut = op.i1
    if before.tag == "equal":
        start = _find_atom_start(base, before.i1, cut)
        j = before.j2 - (cut - start)
        return [DiffOp("equal", before.i1, start, before.j1, j), DiffOp("replace", start, op.i2, j, op.j2)]
    if op.tag != "equal":
        return [DiffOp("replace", before.i1, op.i2, before.j1, op.j2)]
    stop = _find_atom_end(base, cut, op.i2)
    j = op.j1 + stop - cut
    changed = DiffOp("replace", before.i1, stop, before.j1, j)
    return [changed, DiffOp("equal", stop, op.i2, j, op.j2)] if stop < op.i2 else [changed]


def _find_atom_start(base: Sequence[Token], lowest: int, i: int) -> int:
    while i > lowest and _is_inside_atom(base, i):
        i -= 1
    return i


def _find_atom_end(base: Sequence[Token], i: int, highest: int) -> int:
    while i < highest and _is_inside_atom(base, i):
        i += 1
    return i


def _merge_changes(ops: Sequence[DiffOp]) -> list[DiffOp]:
    """Merge adjacent changes into one, and drop empty steps."""
    out: list[DiffOp] = []
    for op in ops:
        if out and op.tag != "equal" and out[-1].tag != "equal":
            out[-1] = DiffOp("replace", out[-1].i1, op.i2, out[-1].j1, op.j2)
        elif op.i1 != op.i2 or op.j1 != op.j2:
            out.append(op)
    return out
