"""Format findings as SARIF 2.1.0 (OASIS), for code hosts and editors."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote

from nioc_paper import __version__
from nioc_paper.model import Diagnostic, Severity
from nioc_paper.report.findings.text_formats import format_tally
from nioc_paper.report.printable import escape_unprintable

_LEVELS: Mapping[Severity, str] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def format_sarif(diagnostics: Sequence[Diagnostic], lines: Callable[[str], Sequence[str]]) -> str:  # noqa: ARG001 - one shape
    """Return one run with a result for each finding; columns count Unicode code points."""
    rules = sorted({d.rule for d in diagnostics})
    driver = {"name": "nioc", "version": __version__, "rules": [{"id": rule} for rule in rules]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(d, rules) for d in diagnostics],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=1)


def _result(diagnostic: Diagnostic, rules: Sequence[str]) -> dict[str, object]:
    place = diagnostic.place
    location = {
        "artifactLocation": {"uri": quote(place.path), "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": place.line, "startColumn": place.column},
    }
    text = f"{diagnostic.message} ({diagnostic.hint})" if diagnostic.hint else diagnostic.message
    return {
        "ruleId": diagnostic.rule,
        "ruleIndex": rules.index(diagnostic.rule),
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": text},
        "locations": [{"physicalLocation": location}],
    }


# --- annotations of GitHub (docs.github.com/actions, workflow commands) -----------------------------------------------


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


# --- JSON -------------------------------------------------------------------------------------------------------------


def format_json(diagnostics: Sequence[Diagnostic], lines: Callable[[str], Sequence[str]]) -> str:  # noqa: ARG001 - one shape
    """Return a list of objects: path, line, column (from 1), rule, severity, message, hint."""
    return json.dumps(
        [
            {
                "path": d.place.path,
                "line": d.place.line,
                "column": d.place.column,
                "rule": d.rule,
                "severity": str(d.severity),
                "message": d.message,
                "hint": d.hint,
            }
            for d in diagnostics
        ],
        ensure_ascii=False,
        indent=1,
    )
