"""Values of a YAML text with their positions."""

from __future__ import annotations

import math
from typing import Any

from msgspec import Struct, field

from nioc_paper.model import KeyPath

Positions = dict[KeyPath, tuple[int, int]]
"""Line and column, from 1, by key path."""


class YamlData(Struct):
    """A YAML text as dicts, lists and texts, with the positions of values and of keys."""

    value: Any = None
    value_positions: Positions = field(default_factory=dict)
    key_positions: Positions = field(default_factory=dict)
    broken: bool = False
    """The text is not YAML; `value` holds the pairs that were found line by line."""


def number_or_text(text: str) -> float | str:
    """Return a text as the number that it is in JSON, which knows no infinity; any other text unchanged."""
    try:
        value = float(text)
    except ValueError:
        return text
    return value if math.isfinite(value) and "_" not in text else text
