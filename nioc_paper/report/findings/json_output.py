"""Format findings as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from nioc_paper.model import Diagnostic


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
