"""Format findings as GitHub's annotations of a change (docs: workflow commands)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from nioc_paper.model import Diagnostic, Severity
from nioc_paper.report.findings.short import format_tally
from nioc_paper.report.printable import escape_unprintable

_COMMANDS: Mapping[Severity, str] = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
}


def format_github(diagnostics: Sequence[Diagnostic], lines: Callable[[str], Sequence[str]]) -> str:  # noqa: ARG001 - one shape
    """Return a workflow command for each finding, and the tally."""
    return "\n".join([*map(_format_one, diagnostics), format_tally(diagnostics)])


def _format_one(diagnostic: Diagnostic) -> str:
    place = diagnostic.place
    properties = {"file": place.path, "line": place.line, "col": place.column, "title": diagnostic.rule}
    listed = ",".join(f"{name}={_escape_property(str(value))}" for name, value in properties.items())
    message = diagnostic.message + (f"\nhint: {diagnostic.hint}" if diagnostic.hint else "")
    return f"::{_COMMANDS[diagnostic.severity]} {listed}::{_escape_message(message)}"


def _escape_message(text: str) -> str:
    return escape_unprintable(text, keep="\r\n").replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape_message(text).replace(":", "%3A").replace(",", "%2C")
