"""What must hold before a copy is made: for its audience, and for a final paper."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from nioc_paper.cli import common
from nioc_paper.cli.common import memory_of
from nioc_paper.model import AUDIENCES, Copy, Diagnostic, Paper, Severity, count

_OWN = ("contributors.yaml", "paper", "chapters", "reviews", "templates")
"""What a paper is made of: here a file that is in no commit would be in the outputs."""


def in_the_way(
    root: Path, paper: Paper, reading: list[Diagnostic], found: list[Diagnostic], copy: Copy, today: date
) -> list[Diagnostic]:
    """What keeps a copy from being made, each thing once; `found` are the findings of a check."""
    stops = [d for d in found if d.severity == Severity.ERROR]
    if copy.audience != AUDIENCES[-1]:
        from nioc_paper.check.withheld import in_the_way as leaks

        # A key that cannot be read may be the one that keeps a chapter from the public: no setting makes that well.
        stops += [*(d for d in reading if d.severity == Severity.ERROR), *leaks(paper, copy.audience)]
    if copy.final:
        from nioc_paper.check.exit import before_final

        stops += before_final(paper, uncommitted(root), today, reading, *memory_of(root))
    return sorted(set(stops))


def uncommitted(root: Path) -> list[str] | None:
    """The files of the paper, and of all that is kept with it, that the last commit does not have as they are."""
    from nioc_paper import git

    own = git.uncommitted(root, [name for name in _OWN if (root / name).exists()])
    elsewhere = git.uncommitted(root, tracked=True)
    if own is None or elsewhere is None:
        return None
    # What is hidden is never read.
    return sorted({*(path for path in own if "/." not in f"/{path}"), *elsewhere})


def refuse(root: Path, stops: list[Diagnostic], copy: Copy) -> None:
    """Show what keeps a copy from being made, if anything does, and stop."""
    what = f"the paper is not final; see to the {count(len(stops), 'thing')} above first" if copy.final else ""
    common.refuse(root, stops, f"nothing was made: {what or 'mend the errors above first'}")
