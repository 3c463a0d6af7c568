"""Findings and places as types of the protocol."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lsprotocol import types
from pygls.workspace import PositionCodec

from nioc_paper.model import Diagnostic, Place, Severity
from nioc_paper.system.files import package_folder

SEVERITIES: Mapping[Severity, types.DiagnosticSeverity] = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}
_WORD = re.compile(r"-?@\{?\w(?:[\w:.#$%&+?<>~/-]*\w)?|\w+(?:[-'’.]\w+)*|\S+")
"""The word that starts at the place of a finding."""


def to_diagnostic(finding: Diagnostic, lines: Sequence[str], codec: PositionCodec) -> types.Diagnostic:
    """Convert a finding, with the page of its rule and the range of its words."""
    page = package_folder("rules") / f"{finding.rule.partition('/')[0]}.md"
    return types.Diagnostic(
        finding_range(finding, lines, codec),
        "\n".join(part for part in (finding.message, finding.hint) if part),
        severity=SEVERITIES[finding.severity],
        code=finding.rule,
        code_description=types.CodeDescription(page.as_uri()) if page.is_file() else None,
        source="nioc",
    )


def finding_range(finding: Diagnostic, lines: Sequence[str], codec: PositionCodec) -> types.Range:
    """Return the range from the place of a finding to the end of the word there, or of its fix's old text."""
    line, column = _clamp_place(finding.place, lines)
    text = lines[line]
    old = finding.fix.old if finding.fix and finding.fix.place == finding.place else ""
    if old and text.startswith(old, column):
        return make_range(text, line, column, column + len(old), codec)
    if match := _WORD.match(text, column):
        return make_range(text, line, column, match.end(), codec)
    return make_range(text, line, len(text) - len(text.lstrip()), len(text.rstrip()), codec)


def make_range(text: str, line: int, start: int, end: int, codec: PositionCodec) -> types.Range:
    """Return a range in a line, from columns in characters."""
    units = [codec.client_num_units(text[:column]) for column in (start, end)]
    return types.Range(*(types.Position(line, count) for count in units))


def empty_range(place: Place, lines: Sequence[str], codec: PositionCodec) -> types.Range:
    """Return a place as an empty range."""
    line, column = _clamp_place(place, lines)
    return make_range(lines[line], line, column, column, codec)


def _clamp_place(place: Place, lines: Sequence[str]) -> tuple[int, int]:
    """Return line and column from 0; a place after the text becomes its end."""
    line = min(place.line, len(lines)) - 1
    return line, min(place.column - 1, len(lines[line]))


def make_symbol(
    title: str, detail: str, place: Place, kind: types.SymbolKind, lines: Sequence[str], codec: PositionCodec
) -> types.DocumentSymbol:
    """Return a symbol whose range is its line."""
    line, _ = _clamp_place(place, lines)
    own = make_range(lines[line], line, 0, len(lines[line]), codec)
    return types.DocumentSymbol(title or "–", kind, own, own, detail)
