"""Format findings; for programs as SARIF 2.1.0 (OASIS), annotations of GitHub, Code Quality of GitLab, JSON."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote

from msgspec import to_builtins

from nioc_paper import __version__
from nioc_paper.model import Diagnostic, Severity
from nioc_paper.report.findings.line_formats import TerminalView, format_full, format_short, format_tally
from nioc_paper.report.terminal_escaping import escape_unprintable

SourceLines = Callable[[str], Sequence[str]]
"""Lines of a file by its path; empty if it cannot be read."""


def format_findings(
    findings: Sequence[Diagnostic], form: str, view: TerminalView, lines: SourceLines = lambda _: ()
) -> str:
    """Return findings in a form, in the order that the view asks for; only some forms quote source lines."""
    ordered = sorted(findings, key=lambda finding: -finding.severity) if view.errors_first else findings
    if form == "full":
        return format_full(ordered, lines)
    if form in FORMATS:
        return FORMATS[form](ordered)
    from nioc_paper.report.findings.terminal import format_summary, format_terminal  # late: it imports rich

    return (format_summary if form == "summary" else format_terminal)(ordered, view)


# --- formats for programs ---------------------------------------------------------------------------------------------


_LEVELS: Mapping[Severity, tuple[str, str, str]] = {
    Severity.ERROR: ("error", "error", "critical"),
    Severity.WARNING: ("warning", "warning", "minor"),
    Severity.INFO: ("note", "notice", "info"),
}
"""Words of SARIF, GitHub and GitLab."""


def format_sarif(diagnostics: Sequence[Diagnostic]) -> str:
    """Return one run with a result for each finding; columns count Unicode code points."""
    rules = sorted({d.rule for d in diagnostics})
    run = {
        "tool": {"driver": {"name": "nioc", "version": __version__, "rules": [{"id": rule} for rule in rules]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(d, rules) for d in diagnostics],
    }
    return _to_json({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]})


def _result(diagnostic: Diagnostic, rules: Sequence[str]) -> dict[str, object]:
    place = diagnostic.place
    location = {
        "artifactLocation": {"uri": quote(place.path), "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": place.line, "startColumn": place.column},
    }
    return {
        "ruleId": diagnostic.rule,
        "ruleIndex": rules.index(diagnostic.rule),
        "level": _LEVELS[diagnostic.severity][0],
        "message": {"text": _with_hint(diagnostic)},
        "locations": [{"physicalLocation": location}],
    }


def _with_hint(diagnostic: Diagnostic) -> str:
    return f"{diagnostic.message} ({diagnostic.hint})" if diagnostic.hint else diagnostic.message


def _to_json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1)


# --- annotations of GitHub (docs.github.com/actions, workflow commands) -----------------------------------------------


def format_github(diagnostics: Sequence[Diagnostic]) -> str:
    """Return a workflow command for each finding, and the tally."""
    return "\n".join([*map(_format_one, diagnostics), format_tally(diagnostics)])


def _format_one(diagnostic: Diagnostic) -> str:
    place = diagnostic.place
    properties = {"file": place.path, "line": place.line, "col": place.column, "title": diagnostic.rule}
    escaped = {key: _escape_message(str(value)).replace(":", "%3A") for key, value in properties.items()}
    listed = ",".join(f"{key}={value.replace(',', '%2C')}" for key, value in escaped.items())
    message = diagnostic.message + (f"\nhint: {diagnostic.hint}" if diagnostic.hint else "")
    return f"::{_LEVELS[diagnostic.severity][1]} {listed}::{_escape_message(message)}"


def _escape_message(text: str) -> str:
    return escape_unprintable(text, keep="\r\n").replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


# --- Code Quality of GitLab (docs.gitlab.com/ci/testing/code_quality) -------------------------------------------------


def format_gitlab(diagnostics: Sequence[Diagnostic]) -> str:
    """Return a list of objects. The fingerprint of a finding does not change when its line moves."""
    counts: Counter[str] = Counter()
    return _to_json([_issue(diagnostic, counts) for diagnostic in diagnostics])


def _issue(diagnostic: Diagnostic, counts: Counter[str]) -> dict[str, object]:
    place = diagnostic.place
    words = f"{place.path}\n{diagnostic.rule}\n{diagnostic.message}"
    counts[words] += 1
    return {
        "description": _with_hint(diagnostic),
        "check_name": diagnostic.rule,
        "fingerprint": hashlib.sha256(f"{words}\n{counts[words]}".encode()).hexdigest(),
        "severity": _LEVELS[diagnostic.severity][2],
        "location": {"path": place.path, "lines": {"begin": place.line}},
    }


# --- JSON -------------------------------------------------------------------------------------------------------------


def format_json(diagnostics: Sequence[Diagnostic]) -> str:
    """Return a list of objects: path, line, column (from 1), rule, severity, message, hint."""
    return _to_json(
        [
            {**to_builtins(d.place), "rule": d.rule, "severity": str(d.severity), "message": d.message, "hint": d.hint}
            for d in diagnostics
        ]
    )


FORMATS: Mapping[str, Callable[[Sequence[Diagnostic]], str]] = {
    "short": format_short,
    "github": format_github,
    "gitlab": format_gitlab,
    "json": format_json,
    "sarif": format_sarif,
}
