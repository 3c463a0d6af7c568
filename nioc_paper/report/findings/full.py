"""A finding with the line it is about and a caret under the place."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

from nioc_paper.model import Diagnostic
from nioc_paper.report.findings.short import tally
from nioc_paper.report.printable import printable

_WIDTH = 100


def full(diagnostics: Sequence[Diagnostic], lines: Callable[[str], Sequence[str]]) -> str:
    """All findings, each with its source line, and the tally."""
    return "\n".join([*(_one(d, lines(d.place.path)) for d in diagnostics), tally(diagnostics)])


def _one(diagnostic: Diagnostic, lines: Sequence[str]) -> str:
    place = diagnostic.place
    out = [
        f"{diagnostic.severity}[{diagnostic.rule}] {printable(diagnostic.message)}",
        f"  --> {printable(str(place))}",
    ]
    if 0 < place.line <= len(lines) and lines[place.line - 1].strip():
        # A long line is shown around the place, not from its start.
        start = max(0, place.column - 1 - _WIDTH // 2) if place.column > _WIDTH else 0
        source = lines[place.line - 1][start : start + _WIDTH]
        before = source[: place.column - 1 - start]
        margin = len(str(place.line))
        out.append(f" {' ' * margin} |")
        out.append(f" {place.line} | {printable(source.expandtabs(1))}")
        out.append(f" {' ' * margin} | {' ' * _columns(before)}^")
    if diagnostic.hint:
        out.append(f"  hint: {printable(diagnostic.hint)}")
    return "\n".join(out) + "\n"


def _columns(text: str) -> int:
    """Columns on a terminal: wide characters take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in printable(text)
    )
