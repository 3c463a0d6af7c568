"""Findings as annotations that GitHub shows beside the lines of a change (docs: workflow commands)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from nioc_paper.model import Diagnostic, Severity
from nioc_paper.report.findings.short import tally
from nioc_paper.report.printable import printable

_COMMANDS: Mapping[Severity, str] = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
}


def github(diagnostics: Sequence[Diagnostic], lines: Callable[[str], Sequence[str]]) -> str:  # noqa: ARG001 - one shape
    """A workflow command for each finding, and the tally."""
    return "\n".join([*map(_one, diagnostics), tally(diagnostics)])


def _one(diagnostic: Diagnostic) -> str:
    place = diagnostic.place
    properties = {"file": place.path, "line": place.line, "col": place.column, "title": diagnostic.rule}
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    message = diagnostic.message + (f"\nhint: {diagnostic.hint}" if diagnostic.hint else "")
    return f"::{_COMMANDS[diagnostic.severity]} {listed}::{_data(message)}"


def _data(text: str) -> str:
    return printable(text, keep="\r\n").replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
