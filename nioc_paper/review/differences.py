"""How two runs of words differ, without cutting an atom in two."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from nioc_paper.review.leaf import Token

Op = tuple[str, int, int, int, int]


def differences(sent: Sequence[Token], got: Sequence[Token]) -> list[Op]:
    """The differences of two runs, none of which cuts an atom of the first in two."""
    out: list[Op] = []

    def inside(i: int) -> bool:
        return 0 < i < len(sent) and bool(sent[i].atom) and sent[i - 1].atom == sent[i].atom

    for op in SequenceMatcher(None, [t.key for t in sent], [t.key for t in got], autojunk=False).get_opcodes():
        what, i1, i2, j1, j2 = op
        if not out or not inside(i1):
            out.append(op)
            continue
        # The cut goes through an atom: the whole of it is on the side that changes.
        last, a1, _, b1, b2 = out.pop()
        start, stop = i1, i1
        while last == "equal" and start > a1 and inside(start):
            start -= 1
        while what == "equal" and stop < i2 and inside(stop):
            stop += 1
        if last == "equal":
            out += [("equal", a1, start, b1, b2 - (i1 - start)), ("replace", start, i2, b2 - (i1 - start), j2)]
        else:
            out.append(("replace", a1, stop if what == "equal" else i2, b1, j1 + stop - i1 if what == "equal" else j2))
            if stop < i2 and what == "equal":
                out.append(("equal", stop, i2, j1 + stop - i1, j2))
    return _merged(out)


def _merged(ops: Sequence[Op]) -> list[Op]:
    """Neighbouring changes as one."""
    out: list[Op] = []
    for what, i1, i2, j1, j2 in ops:
        if out and what != "equal" and out[-1][0] != "equal":
            out[-1] = ("replace", out[-1][1], i2, out[-1][3], j2)
        elif i1 != i2 or j1 != j2:
            out.append((what, i1, i2, j1, j2))
    return out
