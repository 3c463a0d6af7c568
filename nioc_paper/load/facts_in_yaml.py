"""Fill facts into the YAML of charts and tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from nioc_paper.domain.fact_values import fill_fact_numbers, fill_text, find_references, number_of_reference
from nioc_paper.load.yaml_positions import YamlData, number_or_text
from nioc_paper.model import Citation, Fact, Place

FORMULA_KEYS = ("calculate", "filter", "expr", "test", "labelExpr", "signal", "update")
"""Keys of a chart with formulas: a fact in one is its number."""
_NUMBER_KEYS = ("datum", "domain", "domainMin", "domainMax", "equal", "lt", "lte", "gt", "gte", "range")
"""Keys of a chart with values of its scales: a fact alone in one is its number."""
_Location = tuple[str | int, ...]


def fill_yaml(yaml_data: YamlData, facts: Mapping[str, Fact], path: str) -> tuple[YamlData, tuple[Citation, ...]]:
    """Return YAML with the facts that its texts refer to, and the references with their places."""
    positions = yaml_data.value_positions
    keys = ((key, loc) for loc, text in walk_texts(yaml_data.value, ()) for key, _ in find_references(text))
    references = tuple(Citation(key, Place(path, *positions.get(loc, (1, 1)))) for key, loc in keys)
    filled = replace(yaml_data, value=_fill_value(yaml_data.value, facts, "")) if references else yaml_data
    return filled, references


def walk_texts(value: object, loc: _Location) -> Iterator[tuple[_Location, str]]:
    """Yield every text of a value with its location."""
    if isinstance(value, str):
        yield loc, value
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in pairs:
        yield from walk_texts(child, (*loc, key))


def walk_parts(value: object, key: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every mapping in a value, at any depth, with the nearest key above it."""
    if isinstance(value, dict):
        yield key, value
    pairs = value.items() if isinstance(value, dict) else ((key, v) for v in value) if isinstance(value, list) else ()
    for inner_key, child in pairs:
        yield from walk_parts(child, inner_key)


def _fill_value(value: object, facts: Mapping[str, Fact], key: str) -> object:
    """Return a value with facts; `key` is the nearest key above it."""
    if isinstance(value, dict):
        return {name: _fill_value(child, facts, str(name)) for name, child in value.items()}
    if isinstance(value, list):
        return [_fill_value(child, facts, key) for child in value]
    if not isinstance(value, str):
        return value
    if key in FORMULA_KEYS:
        return fill_fact_numbers(value, facts)
    number = number_of_reference(value, facts) if key in _NUMBER_KEYS else ""
    return number_or_text(number) if number else fill_text(value, facts)
