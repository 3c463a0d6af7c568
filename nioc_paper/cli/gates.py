"""What must hold before a copy is made: for its audience, and for a final paper."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from nioc_paper.cli import common
from nioc_paper.cli.common import open_findings_cache
from nioc_paper.model import AUDIENCES, Diagnostic, OutputOptions, Paper, Severity, format_count

_PAPER_PATHS = ("contributors.yaml", "paper", "chapters", "reviews", "templates")
"""What a paper is made of: here a file that is in no commit would be in the outputs."""


def find_blockers(
    root: Path,
    paper: Paper,
    load_findings: list[Diagnostic],
    findings: list[Diagnostic],
    copy: OutputOptions,
    today: date,
) -> list[Diagnostic]:
    """What keeps a copy from being made, each thing once; `found` are the findings of a check."""
    blockers = [d for d in findings if d.severity == Severity.ERROR]
    if copy.audience != AUDIENCES[-1]:
        from nioc_paper.check.rules.withheld import find_audience_leaks as find_leaks

        # A key that cannot be read may be the one that keeps a chapter from the public: no setting makes that well.
        blockers += [*(d for d in load_findings if d.severity == Severity.ERROR), *find_leaks(paper, copy.audience)]
    if copy.final:
        from nioc_paper.check.stage_exit import final_blocking_findings

        blockers += final_blocking_findings(
            paper, find_uncommitted(root), today, load_findings, *open_findings_cache(root)
        )
    return sorted(set(blockers))


def find_uncommitted(root: Path) -> list[str] | None:
    """The files of the paper, and of all that is kept with it, that the last commit does not have as they are."""
    from nioc_paper.system import git

    paper_files = git.uncommitted(root, [name for name in _PAPER_PATHS if (root / name).exists()])
    tracked_files = git.uncommitted(root, tracked=True)
    if paper_files is None or tracked_files is None:
        return None
    # What is hidden is never read.
    return sorted({*(path for path in paper_files if "/." not in f"/{path}"), *tracked_files})


def abort_on_blockers(root: Path, blockers: list[Diagnostic], copy: OutputOptions) -> None:
    """Show what keeps a copy from being made, if anything does, and stop."""
    reason = (
        f"the paper is not final; see to the {format_count(len(blockers), 'thing')} above first" if copy.final else ""
    )
    common.abort_on(root, blockers, f"nothing was made: {reason or 'mend the errors above first'}")
