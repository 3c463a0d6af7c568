"""Values of a chart's data that are not of their column's type: the engine would leave them out, or draw nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any

from nioc_paper.load.csv_data import CsvTable, number_hint, plain_form
from nioc_paper.load.facts_in_yaml import walk_parts, walk_texts
from nioc_paper.load.yaml_positions import YamlData, number_or_text
from nioc_paper.model import Diagnostic, Place, Severity
from nioc_paper.model.lazy_regex import late_pattern

_COUNTS = frozenset(("count", "valid", "missing", "distinct", "values"))
"""Operations on values of any kind."""
_NUMBER_SCALES = ("linear", "log", "pow", "sqrt", "symlog", "quantize", "quantile", "threshold", "bin-ordinal")
_NUMBER_CHANNELS = frozenset(("latitude", "longitude", "xError", "xError2", "yError", "yError2"))
_MEASURES_BY_MARK: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(("bar", "area", "line", "trail", "boxplot", "errorbar", "errorband"), ("y", "x")),
    "arc": ("theta", "radius"),
}
"""Channels of which a mark needs one with numbers, the more usual first."""
_TRANSFORM_KEYS = ("field", "stack", "density", "loess", "regression", "on", "quantile")
"""Keys of a transform that name the column from which it computes."""
_REFERENCE = r"datum(?:\.(\w+)|\[['\"]([^'\"]+)['\"]\])"
_COMPARED = late_pattern(rf"{_REFERENCE}\s*[<>]=?\s*[-.\d]|\d\s*[<>]=?\s*{_REFERENCE}")
_DAY = late_pattern(r"\d{4}(?:-\d\d(?:-\d\d)?)?(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?)?")
_COMPUTED = late_pattern(
    r"(?:[=!]=\s*|\b(?!(?:if|abs|ceil|clamp|exp|floor|log|max|min|pow|round|sqrt|toNumber)\()\w+\(\s*)?"
    rf"{_REFERENCE}(?!\w|\s*(?:[=!]=|[.\[]))"
)
"""Column in a formula, after the comparison or the function for texts that takes it."""


def unreadable_values(
    yaml_data: YamlData, measures: Collection[str], csv_table: CsvTable, chapter: str
) -> Iterator[Diagnostic]:
    """Yield the values of some fields that are no numbers, in the data file and in the chart itself."""

    def unreadable(value: str, place: Place) -> Iterator[Diagnostic]:
        if isinstance(number_or_text(value), str) and "@fact-" not in value:  # a dead reference is another finding
            message = f"'{value[:40]}' is not a number, and a chart measures it"
            yield Diagnostic(place, "text-among-numbers", message, hint=number_hint(value, csv_table.words))

    for name in (name for name in csv_table.columns if name in measures):
        values = csv_table.column_values(name)
        for row, value in enumerate(values):
            if value.strip():
                yield from unreadable(value, csv_table.cell_place(row, name))
        if not any(map(str.strip, values)):
            message = f"the column '{name}' has no value, and a chart measures it"
            yield Diagnostic(csv_table.cell_place(0, name), "text-among-numbers", message, hint="fill it in")
    for loc, text in walk_texts(yaml_data.value, ()):
        channel = reduce(lambda value, key: value[key], loc[:-1], yaml_data.value)
        if (loc[-4:-2] == ("data", "values") and loc[-1] in measures) or (loc[-1] == "datum" and _is_measured(channel)):
            yield from unreadable(text, Place(chapter, *yaml_data.value_positions[loc]))


def empty_cells(measures: Collection[str], csv_table: CsvTable, effect: str) -> Iterator[Diagnostic]:
    """Yield the empty cells of measured columns, as notes that name the effect, and rows that no first cell names."""
    for name in (name for name in csv_table.columns[:1] if name not in measures):
        for row, value in enumerate(csv_table.column_values(name)):
            if not value.strip():
                message, hint = f"the value of '{name}' is empty, and nothing else names the row", "name the row"
                yield Diagnostic(csv_table.cell_place(row, name), "broken-data", message, Severity.WARNING, hint)
    for name in (name for name in csv_table.columns if name in measures):
        values = csv_table.column_values(name)
        for row, value in enumerate(values if any(map(str.strip, values)) else ()):
            if not value.strip():
                message, hint = f"the value of '{name}' is empty: {effect}", "write 0 if there were none"
                yield Diagnostic(csv_table.cell_place(row, name), "text-among-numbers", message, Severity.INFO, hint)


def unreadable_days(spec: Mapping[str, Any], csv_table: CsvTable) -> Iterator[Diagnostic]:
    """Yield the values of a temporal channel that are neither years nor dates of ISO 8601."""
    temporal = {part.get("field") for _, part in walk_parts(spec) if part.get("type") == "temporal"}
    for name in (name for name in csv_table.columns if name in temporal):
        for row, value in enumerate(csv_table.column_values(name)):
            if value.strip() and not _DAY.fullmatch(value.strip()):
                message = f"'{value[:40]}' is not a day, and a chart has it on a scale of time"
                hint = "write 2019, 2019-11 or 2019-11-22"
                yield Diagnostic(csv_table.cell_place(row, name), "text-among-numbers", message, hint=hint)


def measured_fields(spec: Mapping[str, Any], csv_table: CsvTable) -> set[str]:
    """Return the fields that a chart measures; in place of a computed one, those from which it is computed."""
    parts = [*walk_parts(spec)]
    fields = {*_measured_by_marks(parts, csv_table), *(name for part in parts for name in _measured_in(*part, spec))}
    computed = {name: sources for _, part in parts for name, sources in _computed_fields(part)}
    expanded = set[str]()
    while todo := (fields & computed.keys()) - expanded:
        expanded |= todo
        fields = fields.union(*(computed[name] for name in todo))
    return {name for name in fields if name not in computed or name in computed[name]}


def _is_measured(part: object, key: str = "") -> bool:
    """Whether a channel, an operation or a condition needs numbers."""
    if not isinstance(part, dict) or "timeUnit" in part or part.get("type") == "temporal":
        return False
    if operation := part.get("aggregate", part.get("op")):
        return isinstance(operation, str) and operation not in _COUNTS
    scale = part.get("scale")
    bounds = [bound for name in ("lt", "lte", "gt", "gte", "range") for bound in _as_list(part.get(name))]
    return (
        part.get("type") == "quantitative"
        or bool(part.get("bin"))
        or key in _NUMBER_CHANNELS
        or (isinstance(scale, dict) and scale.get("type") in _NUMBER_SCALES)
        or any(type(bound) in (int, float) for bound in bounds)
    )


def _measured_in(key: str, part: Mapping[str, Any], spec: Mapping[str, Any]) -> Iterator[str]:
    """Yield the fields that a channel, a condition or a transform of a chart measures."""
    channels = [part] * (_is_measured(part, key) and "as" not in part)
    channels += [inner for name, inner in part.items() if name[-1:] == "2" and _is_measured(part.get(name[:-1]))]
    for field in (channel.get("field") for channel in channels if isinstance(channel, dict)):
        repeated = [text for loc, text in walk_texts(spec, ()) if "repeat" in loc[:-1]]
        yield from [field.replace("\\", "")] if isinstance(field, str) else repeated * isinstance(field, dict)
    if "pivot" in part:
        yield str(part.get("value"))
    for formula in _texts([part.get("filter"), part.get("test")]):
        yield from (name for match in _COMPARED.finditer(formula) for name in match.groups() if name)


def _computed_fields(part: Mapping[str, Any]) -> Iterator[tuple[str, set[str]]]:
    """Yield the fields that a transform makes, each with those from which it computes a number."""
    folded, formula = _texts(part.get("fold")), str(part.get("calculate"))
    sources = {match[1] or match[2] for match in _COMPUTED.finditer(formula) if match[0].startswith("datum")}
    sources.update(folded, *(_texts(part.get(key)) for key in _TRANSFORM_KEYS))
    for name in _texts(part.get("as"))[bool(folded) :]:
        yield name, set() if str(part.get("op")) in _COUNTS else sources


def _measured_by_marks(parts: Sequence[tuple[str, Mapping[str, Any]]], csv_table: CsvTable) -> Sequence[str]:
    """Return the field of the channel whose numbers the marks show, if the chart does not say which it is."""
    marks = _texts([part.get("type") if key == "mark" else part.get("mark") for key, part in parts])
    names = dict.fromkeys(name for mark in marks for name in _MEASURES_BY_MARK.get(mark, ()))
    encodings = [part for key, part in parts if key == "encoding"]
    axes = [axis for name in names for channels in encodings if isinstance(axis := channels.get(name), dict)]
    if any(_is_measured(axis) or "aggregate" in axis for axis in axes) or any({"x2", "y2"} & {*e} for e in encodings):
        return ()
    fields = _texts([axis.get("field") for axis in axes if not {"type", "timeUnit"} & axis.keys()])
    values = {name: csv_table.column_values(name) for name in csv_table.columns if name in fields}
    return [n for n in fields if any(plain_form(v, csv_table.words) for v in values.get(n, ()))][:1]


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _texts(value: object) -> list[str]:
    """Return the texts in a value or a list."""
    return [item for item in _as_list(value) if isinstance(item, str)]
