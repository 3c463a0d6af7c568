"""Check keys and values of a chart against a table, which `docs/chart_table.py` makes of Vega-Lite's JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from nioc_paper.load.yaml_data import YamlData
from nioc_paper.model import Diagnostic, KeyPath, Place, spelling_hint

_PARTS = ("mark", "layer", "concat", "hconcat", "vconcat", "spec")
"""Keys one of which each chart has."""
Node = Mapping[str, Any]


def grammar_faults(yaml_data: YamlData, chapter: str, place: Place) -> Iterator[Diagnostic]:
    """Yield the keys and values that no chart has, each at its place."""
    spec = yaml_data.value
    if not any(key in spec for key in _PARTS):
        yield Diagnostic(place, "broken-chart", "the chart has no mark", hint="write mark: bar, line, point or another")
    own_words = {key: value for key, value in spec.items() if key != "subtitle"}
    for loc, is_key, message, hint in _faults(own_words, 0, ()):
        positions = yaml_data.key_positions if is_key else yaml_data.value_positions
        yield Diagnostic(
            Place(chapter, *positions.get(loc, (place.line, place.column))), "broken-chart", message, hint=hint
        )


def _faults(value: object, number: int, loc: KeyPath) -> Iterator[tuple[KeyPath, bool, str, str]]:
    """Yield each fault of a value: its location, whether its key is meant, message and hint."""
    node = _table()[number]
    kinds, keys, other = node.get("t", ""), node.get("k", {}), node.get("o")
    if "*" in kinds:
        return
    if isinstance(value, dict) and (keys or other is not None):
        for key, inner in value.items():
            if key in keys or other is not None:
                yield from _faults(inner, keys.get(key, other), (*loc, key))
            else:
                yield (*loc, key), True, f"{_name(loc)} has no key '{key}'", spelling_hint(str(key), keys)
    elif isinstance(value, list) and "i" in node:
        for index, inner in enumerate(value):
            yield from _faults(inner, node["i"], (*loc, index))
    elif not _is_allowed(value, node):
        shown = f"'{value}'" if isinstance(value, str | int | float) else "this"
        words = [*node.get("e", ()), *(["true", "false"] if "b" in kinds else [])]
        hint = spelling_hint(str(value), words) or ("write a number" if "n" in kinds else _shape_hint(node))
        yield loc, False, f"{shown} is no value of {_name(loc)}", hint


def _is_allowed(value: object, node: Node) -> bool:
    kinds = node.get("t", "")
    if isinstance(value, bool) or value is None:
        return ("b" if value is not None else "0") in kinds
    if isinstance(value, str):
        return "s" in kinds or value in node.get("e", ())
    return isinstance(value, int | float) and ("n" in kinds or "s" in kinds)


def _shape_hint(node: Node) -> str:
    return f"its keys are: {', '.join(sorted(node['k'])[:16])}" if "k" in node else ""


def _name(loc: KeyPath) -> str:
    """Return the name of a part of a chart: "a chart", or its keys."""
    return f"'{'.'.join(map(str, loc))}'" if loc else "a chart"


@cache
def _table() -> list[Node]:
    """Return the nodes: keys (k) with the number of their node, any other key (o), items (i), words (e), kinds (t)."""
    data = Path(__file__).with_name("data").joinpath("vega-lite.json").read_bytes()
    nodes: list[Node] = msgspec.json.decode(data)["nodes"]
    return nodes
