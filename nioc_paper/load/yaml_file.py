"""Read YAML with the position of each value. A text is composed once and cached."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from nioc_paper.load.yaml_data import Positions, YamlData
from nioc_paper.model import Diagnostic, Place, Reporter, Severity
from nioc_paper.system.cache import NO_CACHE, Cache, cache_key
from nioc_paper.system.files import source_hash
from nioc_paper.system.versions import installed_version

_PositionItems = Iterable[tuple[Sequence[str | int], tuple[int, int]]]


class _CachedFault(NamedTuple):
    line: int
    column: int
    rule: str
    message: str
    severity: int
    hint: str


class _CachedYaml(NamedTuple):
    """`YamlData` and its faults as JSON holds them."""

    value: object
    value_positions: _PositionItems
    key_positions: _PositionItems
    broken: bool
    faults: Sequence[_CachedFault]


def read_yaml(
    text: str, path: str, report: Reporter, cache: Cache = NO_CACHE, *, typed: bool = False, line: int = 0
) -> YamlData:
    """Return the values of a YAML text. Numbers and booleans are texts unless `typed`. Adds `line` to every line."""
    entry_key = cache_key("yaml", source_hash(), installed_version("PyYAML"), str(typed), text)
    data = cache.get_or_create(entry_key, lambda: json.dumps(_compose(text, path, typed=typed)).encode())
    cached = _CachedYaml(*json.loads(data))
    for fault in (_CachedFault(*fields) for fields in cached.faults):
        place = Place(path, line + fault.line, fault.column)
        report(Diagnostic(place, fault.rule, fault.message, Severity(fault.severity), fault.hint))
    value_positions, key_positions = (
        _shifted_positions(p, line) for p in (cached.value_positions, cached.key_positions)
    )
    return YamlData(cached.value, value_positions, key_positions, cached.broken)


def _compose(text: str, path: str, *, typed: bool) -> _CachedYaml:
    from nioc_paper.load.yaml_composer import compose_yaml  # late: most texts are cached

    diagnostics: list[Diagnostic] = []
    data = compose_yaml(text, path, diagnostics.append, typed=typed)
    faults = [
        _CachedFault(d.place.line, d.place.column, d.rule, d.message, int(d.severity), d.hint) for d in diagnostics
    ]
    return _CachedYaml(
        data.value, list(data.value_positions.items()), list(data.key_positions.items()), data.broken, faults
    )


def _shifted_positions(positions: _PositionItems, line: int) -> Positions:
    return {tuple(loc): (line + down, column) for loc, (down, column) in positions}
