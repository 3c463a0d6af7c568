"""Format findings on one line each, in the form that editors jump to, with the hint below."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence

from msgspec import Struct

from nioc_paper.model import Diagnostic, Place, Severity
from nioc_paper.report.terminal_escaping import escape_unprintable


class TerminalView(Struct, frozen=True):
    """Width in columns, colours, and order of findings on a terminal."""

    width: int = 80
    colour: bool = False
    errors_first: bool = False


def format_short(diagnostics: Sequence[Diagnostic]) -> str:
    """Return all findings and the tally."""
    return "\n".join([*map(format_line, diagnostics), format_tally(diagnostics)])


def format_line(diagnostic: Diagnostic) -> str:
    """Return `path:line:column: severity[rule] message`, and the hint below it."""
    line = f"{diagnostic.place}: {diagnostic.severity}[{diagnostic.rule}] {diagnostic.message}"
    hint = f"\n  hint: {escape_unprintable(diagnostic.hint)}" if diagnostic.hint else ""
    return escape_unprintable(line) + hint


def format_tally(diagnostics: Sequence[Diagnostic]) -> str:
    """Return the number of findings by severity, and of files."""
    if not diagnostics:
        return "no findings"
    counts = Counter(d.severity for d in diagnostics)
    parts = [
        f"{counts[severity]} {severity}{'s' * (counts[severity] != 1 and severity != Severity.INFO)}"
        for severity in sorted(counts, reverse=True)
    ]
    files = len({d.place.path for d in diagnostics})
    return f"{', '.join(parts)} in {files} file{'s' * (files != 1)}"


# --- findings with their source lines ---------------------------------------------------------------------------------


_MAX_WIDTH = 100


def format_full(diagnostics: Sequence[Diagnostic], lines: Callable[[str], Sequence[str]]) -> str:
    """Return all findings, each with its source line, and the tally."""
    return "\n".join([*(_format_one(d, lines(d.place.path)) for d in diagnostics), format_tally(diagnostics)])


def _marked_line(place: Place, line: str) -> tuple[str, str, str]:
    """Return the line of a place with a mark below the place; a long one is shown around it."""
    start = max(0, place.column - 1 - _MAX_WIDTH // 2) if place.column > _MAX_WIDTH else 0
    source, margin = line[start : start + _MAX_WIDTH], " " * len(str(place.line))
    mark = " " * _terminal_columns(source[: place.column - 1 - start])
    return f" {margin} |", f" {place.line} | {escape_unprintable(source.expandtabs(1))}", f" {margin} | {mark}^"


def _format_one(diagnostic: Diagnostic, lines: Sequence[str]) -> str:
    place = diagnostic.place
    out = [
        f"{diagnostic.severity}[{diagnostic.rule}] {escape_unprintable(diagnostic.message)}",
        f"  --> {escape_unprintable(str(place))}",
    ]
    if 0 < place.line <= len(lines) and lines[place.line - 1].strip():
        out += _marked_line(place, lines[place.line - 1])
    if diagnostic.hint:
        out.append(f"  hint: {escape_unprintable(diagnostic.hint)}")
    return "\n".join(out) + "\n"


def _terminal_columns(text: str) -> int:
    """Return the columns of a text on a terminal: wide characters take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in escape_unprintable(text)
    )
