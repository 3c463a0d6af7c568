"""Read JSON that others wrote."""

from __future__ import annotations

import json
import re
from typing import Any

from nioc_paper.model.late_pattern import late_pattern

_MAX_DEPTH = 500
_TOKEN = late_pattern(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


def read_json(text: str) -> Any:
    """Return the value of a JSON text. Raises ValueError, also if it is nested too deeply."""
    try:
        require_shallow(text)
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error


def require_shallow(text: str) -> None:
    """Raise RecursionError if a JSON text is nested deeper than 500 levels: Python 3.13 may crash on it."""
    depth = 0
    for token in _TOKEN.finditer(text):
        sign = token[0]
        depth += (sign in "[{") - (sign in "]}")
        if depth > _MAX_DEPTH:
            raise RecursionError
