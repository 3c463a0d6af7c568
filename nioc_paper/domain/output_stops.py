"""Findings that stop an output, by edition: the table `stops.txt`, and what it says of a finding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from nioc_paper.model import AUDIENCES, Diagnostic, OutputOptions, Severity

EDITIONS = ("draft", "review", "public", "final")
"""Editions of an output; what stops one stops those after it."""
_LOST_ENTRY = "lost-entry"
"""Entry of the table for every finding that leaves out entries of a register which other texts may need."""


class Stop(NamedTuple):
    """Entry of the table."""

    edition: str
    """First edition that is stopped."""
    rules: tuple[str, ...]
    """Rules, or their kinds."""
    reason: str


@cache
def read_stops() -> tuple[Stop, ...]:
    """Return the table."""
    lines = Path(__file__).with_name("stops.txt").read_text(encoding="utf-8").splitlines()
    rows = (map(str.strip, line.split("|")) for line in lines if not line.startswith("#"))
    return tuple(Stop(edition, tuple(rules.split()), reason) for edition, rules, reason in rows)


@cache
def _editions_by_rule() -> Mapping[str, int]:
    return {rule: EDITIONS.index(stop.edition) for stop in read_stops() for rule in stop.rules}


def edition_of(options: OutputOptions) -> str:
    """Return the edition that is asked for; every copy for an audience counts as one for the public."""
    if options.final:
        return "final"
    return "public" if options.audience != AUDIENCES[-1] else "review" if options.review else "draft"


def stops(finding: Diagnostic, options: OutputOptions) -> bool:
    """Whether a finding stops an output. A warning stops only a final paper, see `check.blocking_findings`."""
    if finding.severity != Severity.ERROR:
        return False
    known, names = _editions_by_rule(), (finding.rule, finding.rule.partition("/")[0])
    first = next((known[name] for name in names if name in known), EDITIONS.index("final"))
    if finding.lost or finding.affects:
        first = min(first, known[_LOST_ENTRY])
    return EDITIONS.index(edition_of(options)) >= first


def find_stops(findings: Iterable[Diagnostic], options: OutputOptions) -> list[Diagnostic]:
    """Return the findings that stop an output."""
    return [finding for finding in findings if stops(finding, options)]
