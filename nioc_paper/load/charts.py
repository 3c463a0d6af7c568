"""Charts: Vega-Lite in YAML with its data read in, and the table of these data as it is printed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nioc_paper.cache import Cache
from nioc_paper.load import data
from nioc_paper.load.data import Sheet
from nioc_paper.load.yaml import number
from nioc_paper.load.yaml import read as read_yaml
from nioc_paper.model import Chart, DataTable, Diagnostic, Place, Report, nearest

_GROUPED = 10_000
"""No year is as large: a column that has such a number is one of amounts."""


def chart(root: Path, chapter: str, id: str, code: str, place: Place, report: Report, cache: Cache) -> Chart | None:
    """A Vega-Lite chart in YAML with its table of data read in."""
    spec = read_yaml(code, chapter, report, cache, typed=True, line=place.line).value
    if complaint := data.unnamed(id, "chart", "fig", "figure") or _trouble(spec):
        report(Diagnostic(place, "broken-chart", complaint[0], hint=complaint[1]))
        return None
    sheet = data.read(root, chapter, spec["data"]["url"], ("chart", place), report)
    if sheet is None:
        return None
    if complaint := _column_trouble(spec, sheet.columns):
        report(Diagnostic(place, "broken-chart", complaint[0], hint=complaint[1]))
        return None
    shown = {sheet.columns.index(name): name for name in _shown(spec, sheet.columns)}
    values = [{name: number(row[at]) for at, name in shown.items()} for row in sheet.rows]
    table = _table(id, spec, sheet, place)
    return Chart(id, {**spec, "data": {"values": values}}, table, str(spec.get("description") or ""), place)


def _trouble(spec: Any) -> tuple[str, str] | None:
    """What is wrong with a chart's text, and what to do."""
    if not isinstance(spec, dict):
        return "the chart is no list of keys and values", "write Vega-Lite in YAML: data, mark, encoding"
    if forbidden := _addresses({k: v for k, v in spec.items() if k != "data"}):
        return f"the chart names '{forbidden}' besides its data", "a chart reads one CSV file: data: {url: …}"
    named = spec.get("data")
    if not isinstance(named, dict) or set(named) != {"url"} or not isinstance(named["url"], str):
        return "the chart names no file of data", "write data: {url: paper/data/NAME.csv}"
    return None


def _column_trouble(spec: Mapping[str, Any], columns: tuple[str, ...]) -> tuple[str, str] | None:
    """The first column that a chart asks for and its data do not have; a chart that computes may have made its own."""
    if any(key in ("transform", "repeat") for key, _ in _pairs(spec)):
        return None
    # A dot, a bracket and a backslash have a meaning of their own in the name of a field.
    named = (str(v) for k, v in _pairs(spec) if k == "field" and isinstance(v, str) and re.fullmatch(r"[^.\[\\]+", v))
    missing = next((name for name in named if name not in columns), "")
    return (f"the chart's data have no column '{missing}'", nearest(missing, columns)) if missing else None


def _pairs(spec: Any) -> Iterator[tuple[str, Any]]:
    """Every key of a chart with its value, at any depth."""
    for child in spec.values() if isinstance(spec, dict) else spec if isinstance(spec, list) else ():
        yield from _pairs(child)
    yield from spec.items() if isinstance(spec, dict) else ()


_ADDRESSES = ("url", "href", "src", "usermeta")
"""Keys of a chart that read or link to something; the last holds what a browser's viewer is to load."""


def _addresses(spec: Any) -> str:
    """The first thing in a chart that would read or link to something."""
    if isinstance(spec, dict):
        for key, value in spec.items():
            if key in _ADDRESSES or (found := _addresses(value)):
                return f"{key}" if key in _ADDRESSES else found
    if isinstance(spec, list):
        return next((found for item in spec if (found := _addresses(item))), "")
    return ""


# --- the table behind a chart -----------------------------------------------------------------------------------------


def _table(id: str, spec: Mapping[str, Any], sheet: Sheet, place: Place) -> DataTable:
    """The data under the names that the chart gives them."""
    channels = {c["field"]: c for c in _channels(spec)}
    shown = _shown(spec, sheet.columns)
    columns = [_values(sheet.column(name), channels.get(name, {})) for name in shown]
    heads = tuple(str(channels.get(name, {}).get("title") or data.titled(name)) for name in shown)
    aligns = data.alignment([sheet.column(name) for name in shown])
    rows = tuple(zip(*columns, strict=True))
    order = range(len(rows))
    return DataTable(id, heads, rows, aligns, place, places=sheet.places(order), starts=sheet.starts(order, shown))


def _shown(spec: Mapping[str, Any], columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that a chart names: others are neither drawn nor printed, and in no output."""
    pairs = [*_pairs({key: value for key, value in spec.items() if key != "data"})]
    named = {text for key, value in pairs if key not in _SAID for text in _texts(value)}
    computed = "\n".join(text for key, value in pairs if key in _COMPUTED for text in _texts(value))
    used = (n for n in columns if n in named or re.search(rf"(?<!\w){re.escape(n)}(?!\w)", computed))
    return tuple(used) or columns[:1]


_SAID = ("description", "title", "subtitle")
"""Keys of a chart whose texts are words."""
_COMPUTED = ("field", "calculate", "filter", "expr", "test", "labelExpr", "signal", "update")
"""Keys of a chart whose texts name columns among other signs."""


def _texts(value: Any) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str):
            yield item
        elif isinstance(item, list):
            yield from _texts(item)


def _channels(spec: Any) -> Iterator[Mapping[str, Any]]:
    """Every part of a chart that says how a column is shown."""
    for _, value in _pairs({"": spec}):
        if isinstance(value, dict) and isinstance(value.get("field"), str):
            yield value


def _values(column: tuple[str, ...], channel: Mapping[str, Any]) -> list[str]:
    """A column of amounts with commas between thousands; years and names as they are."""
    numbers = [value for value in column if data.is_number(value)]
    amounts = channel.get("type") == "quantitative" or any(abs(float(value)) >= _GROUPED for value in numbers)
    return [data.printed(value) if amounts and data.is_number(value) else value for value in column]
