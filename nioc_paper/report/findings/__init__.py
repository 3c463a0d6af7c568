"""Findings to text, a function per form: `FORMATS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from nioc_paper.model import Diagnostic
from nioc_paper.report.findings.full import full
from nioc_paper.report.findings.github import github
from nioc_paper.report.findings.json import json
from nioc_paper.report.findings.sarif import sarif
from nioc_paper.report.findings.short import short

Lines = Callable[[str], Sequence[str]]
"""The lines of a file by its path; none for a file that cannot be read."""
Format = Callable[[Sequence[Diagnostic], Lines], str]

FORMATS: Mapping[str, Format] = {
    "short": short,
    "full": full,
    "github": github,
    "json": json,
    "sarif": sarif,
}
