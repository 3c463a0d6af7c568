"""Read YAML with the position of each value. A text is composed once and cached."""

from __future__ import annotations

from msgspec.structs import replace

from nioc_paper.load.yaml_positions import YamlData
from nioc_paper.model import Diagnostic, Reporter
from nioc_paper.system.cache import NO_CACHE, Cache, cache_key
from nioc_paper.system.files import source_hash
from nioc_paper.system.requirements import installed_version

_Composed = tuple[YamlData, list[Diagnostic]]
"""Values of a text, and the faults in it without a path."""


def read_yaml(
    text: str, path: str, report: Reporter, cache: Cache = NO_CACHE, *, typed: bool = False, line: int = 0
) -> YamlData:
    """Return the values of a YAML text. Numbers and booleans are texts unless `typed`. Adds `line` to every line."""
    key = cache_key("yaml", source_hash(), installed_version("PyYAML"), str(typed), text)
    data, faults = cache.get_or_make(key, lambda: _compose(text, typed=typed), _Composed)
    for fault in faults:
        report(replace(fault, place=replace(fault.place, path=path, line=line + fault.place.line)))
    values, keys = (
        {path: (line + down, column) for path, (down, column) in positions.items()}
        for positions in (data.value_positions, data.key_positions)
    )
    return YamlData(data.value, values, keys, data.broken)


def _compose(text: str, *, typed: bool) -> _Composed:
    from nioc_paper.load.yaml_composer import compose_yaml  # late: most texts are cached

    faults: list[Diagnostic] = []
    return compose_yaml(text, "", faults.append, typed=typed), faults
