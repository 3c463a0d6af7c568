"""Format findings, one function for each form: `FORMATS`, and two more for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from nioc_paper.model import Diagnostic
from nioc_paper.report.findings.machine_formats import format_github, format_gitlab, format_json, format_sarif
from nioc_paper.report.findings.text_formats import TerminalView, format_full, format_short

SourceLines = Callable[[str], Sequence[str]]
"""Lines of a file by its path; empty if it cannot be read."""
FindingsFormat = Callable[[Sequence[Diagnostic], SourceLines], str]

FORMATS: Mapping[str, FindingsFormat] = {
    "short": format_short,
    "full": format_full,
    "github": format_github,
    "gitlab": format_gitlab,
    "json": format_json,
    "sarif": format_sarif,
}


def format_findings(
    findings: Sequence[Diagnostic], form: str, view: TerminalView, lines: SourceLines = lambda _: ()
) -> str:
    """Return findings in a form, in the order that the view asks for; only some forms quote source lines."""
    ordered = sorted(findings, key=lambda finding: -finding.severity) if view.errors_first else findings
    if form in FORMATS:
        return FORMATS[form](ordered, lines)
    from nioc_paper.report.findings.terminal import format_summary, format_terminal  # late: it imports rich

    return (format_summary if form == "summary" else format_terminal)(ordered, view)
