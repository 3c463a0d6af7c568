"""How two runs of words differ, without cutting an atom in two."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from nioc_paper.review.docx.paragraph import Token

DiffOp = tuple[str, int, int, int, int]


def diff_words(base: Sequence[Token], edited: Sequence[Token]) -> list[DiffOp]:
    """The differences of two runs, none of which cuts an atom of the first in two."""
    out: list[DiffOp] = []

    def is_inside_atom(i: int) -> bool:
        return 0 < i < len(base) and bool(base[i].atom) and base[i - 1].atom == base[i].atom

    for op in SequenceMatcher(
        None, [t.normalized for t in base], [t.normalized for t in edited], autojunk=False
    ).get_opcodes():
        tag, i1, i2, j1, j2 = op
        if not out or not is_inside_atom(i1):
            out.append(op)
            continue
        # The cut goes through an atom: the whole of it is on the side that changes.
        last_tag, a1, _, b1, b2 = out.pop()
        start, stop = i1, i1
        while last_tag == "equal" and start > a1 and is_inside_atom(start):
            start -= 1
        while tag == "equal" and stop < i2 and is_inside_atom(stop):
            stop += 1
        if last_tag == "equal":
            out += [("equal", a1, start, b1, b2 - (i1 - start)), ("replace", start, i2, b2 - (i1 - start), j2)]
        else:
            out.append(("replace", a1, stop if tag == "equal" else i2, b1, j1 + stop - i1 if tag == "equal" else j2))
            if stop < i2 and tag == "equal":
                out.append(("equal", stop, i2, j1 + stop - i1, j2))
    return _merge_changes(out)


def _merge_changes(ops: Sequence[DiffOp]) -> list[DiffOp]:
    """Neighbouring changes as one."""
    out: list[DiffOp] = []
    for tag, i1, i2, j1, j2 in ops:
        if out and tag != "equal" and out[-1][0] != "equal":
            out[-1] = ("replace", out[-1][1], i2, out[-1][3], j2)
        elif i1 != i2 or j1 != j2:
            out.append((tag, i1, i2, j1, j2))
    return out
