"""YAML to plain values with the place of each, composed once and kept until the text changes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from nioc_paper.model import Diagnostic, KeyPath, Place, Reporter, Severity
from nioc_paper.system.cache import NO_CACHE, Cache, cache_key
from nioc_paper.system.files import source_hash
from nioc_paper.system.versions import installed_version

Positions = dict[KeyPath, tuple[int, int]]
"""By the position of a value its line and column."""


@dataclass(slots=True)
class YamlData:
    """A YAML file as values: `value` of dicts, lists and texts, `marks` of values and `keys` of keys by position."""

    value: Any = None
    value_positions: Positions = field(default_factory=dict)
    key_positions: Positions = field(default_factory=dict)
    broken: bool = False
    """The text is no YAML; `value` holds what could be salvaged line by line."""


def read_yaml(
    text: str, path: str, report: Reporter, cache: Cache = NO_CACHE, *, typed: bool = False, line: int = 0
) -> YamlData:
    """A YAML text. `typed` gives numbers and booleans instead of text; `line` is added to every line number."""

    def compose_to_json() -> bytes:
        from nioc_paper.load.yaml_composer import compose_yaml  # late: most texts are those of last time

        diagnostics: list[Diagnostic] = []
        data = compose_yaml(text, path, diagnostics.append, typed=typed)
        faults = [(d.place.line, d.place.column, d.rule, d.message, int(d.severity), d.hint) for d in diagnostics]
        return json.dumps(
            [data.value, list(data.value_positions.items()), list(data.key_positions.items()), data.broken, faults]
        ).encode()

    entry_key = cache_key("yaml", source_hash(), installed_version("PyYAML"), str(typed), text)
    value, marks, keys, broken, said = json.loads(cache.get_or_create(entry_key, compose_to_json))
    for fault_line, column, rule, message, severity, hint in said:
        report(Diagnostic(Place(path, line + fault_line, column), rule, message, Severity(severity), hint))
    return YamlData(value, _shifted_positions(marks, line), _shifted_positions(keys, line), broken)


def _shifted_positions(positions: Iterable[tuple[Sequence[str | int], tuple[int, int]]], line: int) -> Positions:
    return {tuple(loc): (line + down, column) for loc, (down, column) in positions}


def number_or_text(text: str) -> float | str:
    """A text as the number that it is in JSON, which knows no infinity; any other text as it is."""
    try:
        value = float(text)
    except ValueError:
        return text
    return value if math.isfinite(value) and "_" not in text else text
