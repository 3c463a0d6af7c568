"""Read charts: Vega-Lite in YAML with its data, and the table of these data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from nioc_paper.load import chart_faults, csv_data, facts_in_yaml
from nioc_paper.load.csv_data import CsvTable
from nioc_paper.load.facts_in_yaml import walk_parts
from nioc_paper.load.load_context import LoadContext
from nioc_paper.load.records import build_record
from nioc_paper.load.yaml_file import read_yaml
from nioc_paper.load.yaml_positions import YamlData, number_or_text
from nioc_paper.model import (
    PRINTED_VALUE_PREFIX,
    Chart,
    Citation,
    DataTable,
    Diagnostic,
    KeyPath,
    Place,
    TimelineChart,
    report_all,
    spelling_hint,
    to_dict,
)
from nioc_paper.wording import ENGLISH

_MIN_GROUPED = 10_000
"""A column with a number this large holds amounts: no year is as large."""


def read_chart(context: LoadContext, chapter: str, id: str, code: str, place: Place) -> Chart | None:
    """Read a Vega-Lite chart in YAML with its data and their table. Returns None, and reports, if it is broken."""
    yaml_data = read_yaml(code, chapter, context.report, context.cache, typed=True, line=place.line)
    yaml_data, references = facts_in_yaml.fill_yaml(yaml_data, context.facts, chapter)
    spec = yaml_data.value
    if isinstance(spec, dict) and "kind" in spec:
        return read_diagram(context, chapter, id, code, place)
    if yaml_data.broken:
        return None
    if faults := [*_spec_faults(id, yaml_data, chapter, place)]:
        for fault in faults:
            context.report(fault)
        return None
    data_place = Place(chapter, *yaml_data.value_positions[("data", "url")])
    csv_table = csv_data.read_csv(context, chapter, spec["data"]["url"], "chart", data_place)
    if csv_table is None:
        return None
    if missing := _missing_column(spec, csv_table.columns):
        loc, name = missing
        message, hint = f"the chart's data have no column '{name}'", spelling_hint(name, csv_table.columns)
        context.report(Diagnostic(Place(chapter, *yaml_data.value_positions[loc]), "broken-chart", message, hint=hint))
        return None
    measures = chart_faults.measured_fields(spec, csv_table)
    unreadable = [*chart_faults.unreadable_values(yaml_data, measures, csv_table, chapter)]
    unreadable += chart_faults.unreadable_days(spec, csv_table)
    for fault in (*unreadable, *chart_faults.empty_cells(measures, csv_table, "nothing is drawn")):
        context.report(fault)
    if unreadable:
        return None
    values = _chart_values(csv_table, _used_columns(spec, csv_table.columns), measures)
    table = _chart_table(id, spec, csv_table, place)
    alt, references = str(spec.get("description") or ""), (*references, *csv_table.references)
    printed = ((loc, text) for loc, text in facts_in_yaml.walk_texts(spec, ()) if loc[-1] in _WORDING_KEYS)
    wording = tuple((text, Place(chapter, *yaml_data.value_positions[loc])) for loc, text in printed)
    words = {} if context.words is ENGLISH else context.words
    return Chart(id, {**spec, "data": {"values": values}}, table, alt, place, references, wording, words=words)


def _chart_values(csv_table: CsvTable, names: tuple[str, ...], measures: set[str]) -> list[dict[str, float | str]]:
    """Return the rows with the used columns; beside the number of a fact, how it is printed.

    A row has no measure that is empty in the file: the engine would draw an empty text as 0.
    """
    pairs = [[(name, row[csv_table.columns.index(name)]) for name in names] for row in csv_table.rows]
    values = [{n: number_or_text(v) for n, v in row if n not in measures or v.strip()} for row in pairs]
    for name in names:
        for row, text in csv_table.printed_facts(name).items():
            values[row][f"{PRINTED_VALUE_PREFIX}{name}"] = text
    return values


def _spec_faults(id: str, yaml_data: YamlData, chapter: str, place: Place) -> Iterator[Diagnostic]:
    """Yield why a specification is no chart."""
    if problem := csv_data.missing_id_problem(id, "chart", "fig", "figure") or _spec_problem(yaml_data.value):
        yield Diagnostic(place, "broken-chart", problem[0], hint=problem[1])
    else:
        yield from grammar_faults(yaml_data, chapter, place)


def _spec_problem(spec: object) -> tuple[str, str] | None:
    """Return the problem of a chart's YAML with a hint, or None."""
    if not isinstance(spec, dict):
        return "the chart is not a list of keys and values", "write Vega-Lite in YAML: data, mark, encoding"
    parts = walk_parts({k: v for k, v in spec.items() if k != "data"})
    if forbidden := next((key for _, part in parts for key in part if key in _ADDRESS_KEYS), ""):
        return f"the chart names '{forbidden}' besides its data", "a chart reads one CSV file: data: {url: …}"
    source = spec.get("data")
    if not isinstance(source, dict) or set(source) != {"url"} or not isinstance(source["url"], str):
        return "the chart names no data file", "write data: {url: paper/data/NAME.csv}"
    if not any({"field", "aggregate"} & part.keys() for _, part in walk_parts(spec)):
        return "the chart shows no column of its data", "write encoding: {x: {field: …}, y: {field: …}}"
    return None


def _missing_column(spec: Mapping[str, object], columns: tuple[str, ...]) -> tuple[KeyPath, str] | None:
    """Return the first column that the data lack, with its location. Computed charts may define their own columns."""
    if any({"transform", "repeat"} & part.keys() for _, part in walk_parts(spec)):
        return None
    for loc, name in facts_in_yaml.walk_texts(spec, ()):
        # Dots, brackets and backslashes have a meaning of their own in the name of a field.
        if loc[-1] == "field" and re.fullmatch(r"[^.\[\\]+", name) and name not in columns:
            return loc, name
    return None


_ADDRESS_KEYS = ("url", "href", "src", "usermeta")
"""Keys of a chart that read or link to something; `usermeta` holds files for a browser's viewer."""


# --- the table of a chart ---------------------------------------------------------------------------------------------


def _chart_table(id: str, spec: Mapping[str, object], csv_table: CsvTable, place: Place) -> DataTable:
    """Return the data with the column titles of the chart."""
    channels = {p["field"]: p for key, p in walk_parts(spec) if key and isinstance(p.get("field"), str)}
    names = _used_columns(spec, csv_table.columns)
    columns = [_format_values(csv_table, name, channels.get(name, {})) for name in names]
    heads = tuple(str(channels.get(name, {}).get("title") or csv_data.column_title(name)) for name in names)
    aligns = csv_data.column_alignments([csv_table.column_values(name) for name in names])
    rows = tuple(zip(*columns, strict=True))
    order = range(len(rows))
    places, starts = csv_table.row_places(order), csv_table.starts(order, names)
    return DataTable(id, heads, rows, aligns, place, places=places, starts=starts)


def _used_columns(spec: Mapping[str, object], columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns that a chart names: the others are in no output."""
    pairs = [(loc, text) for loc, text in facts_in_yaml.walk_texts(spec, ()) if loc[0] != "data"]
    texts = {text for loc, text in pairs if not {*_WORDING_KEYS} & {*loc}}
    expressions = "\n".join(text for loc, text in pairs if {*_EXPRESSION_KEYS} & {*loc})
    used_names = (n for n in columns if n in texts or re.search(rf"(?<!\w){re.escape(n)}(?!\w)", expressions))
    return tuple(used_names) or columns[:1]


_WORDING_KEYS = ("description", "title", "subtitle")
"""Keys of a chart whose values are prose."""
_EXPRESSION_KEYS = ("field", *facts_in_yaml.FORMULA_KEYS)
"""Keys of a chart whose values name columns within expressions."""


def _format_values(csv_table: CsvTable, name: str, channel: Mapping[str, object]) -> list[str]:
    """Return a column with signs between thousands if it holds amounts; facts, years and names unchanged."""
    column, facts = csv_table.column_values(name), csv_table.printed_facts(name)
    numbers = [value for value in column if csv_data.is_number(value)]
    amounts = channel.get("type") == "quantitative" or any(abs(float(value)) >= _MIN_GROUPED for value in numbers)
    printed = {value: csv_data.print_number(value, csv_table.words) for value in numbers if amounts}
    return [facts.get(row, printed.get(value, value)) for row, value in enumerate(column)]


# --- charts that are drawn from records -------------------------------------------------------------------------------


def read_diagram(context: LoadContext, chapter: str, id: str, code: str, place: Place) -> Chart | None:
    """Read a chart with a `kind`. Returns None, and reports, if it is broken."""
    diagnostics: list[Diagnostic] = []
    yaml_data = read_yaml(code, chapter, diagnostics.append, context.cache, line=place.line)
    yaml_data, facts = facts_in_yaml.fill_yaml(yaml_data, context.facts, chapter)
    diagram = build_record(TimelineChart, yaml_data, chapter, diagnostics.append)
    if not diagnostics and not diagram.entries:
        message, hint = "the timeline has no entries", "add '- {source: KEY}' to entries"
        diagnostics.append(Diagnostic(diagram.place("entries"), "broken-chart", message, hint=hint))
    if problem := csv_data.missing_id_problem(id, "chart", "fig", "figure"):
        diagnostics.append(Diagnostic(place, "broken-chart", problem[0], hint=problem[1]))
    if diagnostics:
        report_all(diagnostics, context.report)
        return None
    table = DataTable(id, (), (), (), place)
    wording = tuple((text, text_place) for text, text_place in _texts(diagram) if text)
    references = (*facts, *(Citation(entry.source, entry.place("source")) for entry in diagram.entries))
    return Chart(id, to_dict(diagram), table, diagram.description or "", place, references, wording, diagram=diagram)


def _texts(timeline: TimelineChart) -> Iterator[tuple[str, Place]]:
    """Yield every printed text with its place."""
    yield from ((getattr(timeline, key) or "", timeline.place(key)) for key in ("title", "subtitle", "description"))
    for entry in timeline.entries:
        yield from ((getattr(entry, key) or "", entry.place(key)) for key in ("text", "group"))


# --- keys and values of a chart, against the table of `docs/chart_table.py` -------------------------------------------


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
        fault_place = Place(chapter, *positions.get(loc, (place.line, place.column)))
        yield Diagnostic(fault_place, "broken-chart", message, hint=hint)


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
        keys = f"its keys are: {', '.join(sorted(node['k'])[:16])}" if "k" in node else ""
        known = f"known are: {', '.join(sorted(words))}" if words else keys
        hint = spelling_hint(str(value), words) or ("write a number" if "n" in kinds else known)
        yield loc, False, f"{shown} is no value of {_name(loc)}", hint


def _is_allowed(value: object, node: Node) -> bool:
    kinds = node.get("t", "")
    if isinstance(value, bool) or value is None:
        return ("b" if value is not None else "0") in kinds
    if isinstance(value, str):
        return "s" in kinds or value in node.get("e", ())
    return isinstance(value, int | float) and ("n" in kinds or "s" in kinds)


def _name(loc: KeyPath) -> str:
    """Return the name of a part of a chart: "a chart", or its keys."""
    return f"'{'.'.join(map(str, loc))}'" if loc else "a chart"


@cache
def _table() -> list[Node]:
    """Return the nodes: keys (k) with the number of their node, any other key (o), items (i), words (e), kinds (t)."""
    data = Path(__file__).with_name("data").joinpath("vega-lite.json").read_bytes()
    nodes: list[Node] = msgspec.json.decode(data)["nodes"]
    return nodes
