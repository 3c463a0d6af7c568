"""Format findings, one function for each form: `FORMATS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from nioc_paper.model import Diagnostic
from nioc_paper.report.findings.full import format_full
from nioc_paper.report.findings.github import format_github
from nioc_paper.report.findings.json_output import format_json
from nioc_paper.report.findings.sarif import format_sarif
from nioc_paper.report.findings.short import format_short

SourceLines = Callable[[str], Sequence[str]]
"""Lines of a file by its path; empty if it cannot be read."""
FindingsFormat = Callable[[Sequence[Diagnostic], SourceLines], str]

FORMATS: Mapping[str, FindingsFormat] = {
    "short": format_short,
    "full": format_full,
    "github": format_github,
    "json": format_json,
    "sarif": format_sarif,
}
