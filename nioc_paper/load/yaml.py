"""YAML to plain values with the place of each, composed once and kept until the text changes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from nioc_paper.cache import NO_CACHE, Cache, key
from nioc_paper.files import code
from nioc_paper.model import Diagnostic, Loc, Place, Report, Severity
from nioc_paper.packages import release

Marks = dict[Loc, tuple[int, int]]
"""By the position of a value its line and column."""


@dataclass(slots=True)
class Data:
    """A YAML file as values: `value` of dicts, lists and texts, `marks` of values and `keys` of keys by position."""

    value: Any = None
    marks: Marks = field(default_factory=dict)
    keys: Marks = field(default_factory=dict)
    broken: bool = False
    """The text is no YAML; `value` holds what could be salvaged line by line."""


def read(text: str, path: str, report: Report, cache: Cache = NO_CACHE, *, typed: bool = False, line: int = 0) -> Data:
    """A YAML text. `typed` gives numbers and booleans instead of text; `line` is added to every line number."""

    def composed() -> bytes:
        from nioc_paper.load.compose import compose  # late: most texts are those of last time

        found: list[Diagnostic] = []
        data = compose(text, path, found.append, typed=typed)
        said = [(d.place.line, d.place.column, d.rule, d.message, int(d.severity), d.hint) for d in found]
        return json.dumps([data.value, list(data.marks.items()), list(data.keys.items()), data.broken, said]).encode()

    name = key("yaml", code(), release("PyYAML"), str(typed), text)
    value, marks, keys, broken, said = json.loads(cache.made(name, composed))
    for down, column, rule, message, severity, hint in said:
        report(Diagnostic(Place(path, line + down, column), rule, message, Severity(severity), hint))
    return Data(value, _marks(marks, line), _marks(keys, line), broken)


def _marks(kept: Iterable[tuple[Sequence[str | int], tuple[int, int]]], line: int) -> Marks:
    return {tuple(loc): (line + down, column) for loc, (down, column) in kept}


def number(text: str) -> float | str:
    """A text as the number that it is in JSON, which knows no infinity; any other text as it is."""
    try:
        value = float(text)
    except ValueError:
        return text
    return value if math.isfinite(value) and "_" not in text else text
