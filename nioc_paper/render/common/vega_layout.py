"""Layout of Vega-Lite charts: one width, values on the bars in place of an axis, colours that differ. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import Any, NamedTuple, TypeGuard

from nioc_paper.domain.style_sheets import luminance
from nioc_paper.model import PRINTED_VALUE_PREFIX
from nioc_paper.model.lazy_regex import late_pattern

Spec = dict[str, Any]
WIDTH = 600
"""Pixels of a chart with its labels: the width of the text on a page."""
NARROW_WIDTH = 340
"""Pixels of a chart on a phone."""
_LABEL = "__value"
"""Name of the field with the printed values."""
_POSITIONS = frozenset(("x", "y"))
_BAR_CHANNELS = _POSITIONS | {"color", "xOffset", "yOffset", "tooltip"}
_LINE_CHANNELS = _POSITIONS | {"color", "tooltip"}
_NAME_HEIGHT, _LINES_HEIGHT = 15, 150
"""Pixels of a name at the end of a line, and of the axis of the lines, at least."""
_COMPUTED = frozenset(("aggregate", "bin", "stack", "scale"))
"""Keys of a channel whose values are not those of the data."""
_PADDING = {"left": 1, "top": 5, "right": 12, "bottom": 5}
"""Pixels around a chart: the engine takes words at the right for narrower than they are."""
_NARROW_BAR, _NARROW_STEP = 18, 48
"""Pixels of a bar with its name above it, and from bar to bar."""
_ORDER = "__order"
"""Name of the field with the position of a series."""
_LETTER_WIDTH = 6.5
"""Average pixels of a letter of a value, with its share of the space around."""
_BARS_SHARE = 0.7
"""Share of a chart's width that its bars have, at least."""


class _Bars(NamedTuple):
    """Axes of a bar chart with a value for each bar."""

    value_axis: str
    name_axis: str
    series: str
    """Field of the series; empty if all bars are of one."""
    is_stacked: bool
    is_beside: bool
    """Whether the bars of a name are beside each other."""

    @property
    def is_flat(self) -> bool:
        return self.value_axis == "x"


def lay_out(
    spec: Mapping[str, object], colours: Sequence[str], width: int = WIDTH, *, has_unit: bool = True, dark_ink: str = ""
) -> Spec:
    """Return a chart as wide as asked, with labels; a bar chart has values on its bars, and its unit above if asked.

    `colours` are those of the series, the first at full contrast; `dark_ink` is for values on light bars.
    """
    out = _with_series_colours(spec, colours)
    if bars := _read_bars(out):
        out = _with_bar_values(out, bars, width, has_unit=has_unit, dark_ink=dark_ink)
        if width < WIDTH and bars.is_flat and not bars.is_beside:
            out = _with_names_above(out, bars, width)
    else:
        out = _with_line_names(out)
    if "mark" not in out and "layer" not in out:
        return out  # several views keep their widths
    return {**out, "width": width, "autosize": {"type": "fit-x", "contains": "padding"}, "padding": _PADDING}


# --- bars -------------------------------------------------------------------------------------------------------------


def _read_bars(spec: Mapping[str, object]) -> _Bars | None:
    """Return the axes of a chart with one bar, or one part of a bar, for each row; None for any other chart."""
    mark, encoding = spec.get("mark"), spec.get("encoding")
    kind = mark.get("type") if isinstance(mark, Mapping) else mark
    if kind != "bar" or not _has_fields(encoding, _BAR_CHANNELS):
        return None
    kinds = {encoding[axis].get("type"): axis for axis in sorted(_POSITIONS)}
    value_axis = kinds.get("quantitative", "")
    if not value_axis or not {"nominal", "ordinal"} & kinds.keys() or _COMPUTED & encoding[value_axis].keys():
        return None
    series = _series_field(spec)
    is_beside = bool({"xOffset", "yOffset"} & encoding.keys())
    name_axis = "y" if value_axis == "x" else "x"
    is_stacked = bool(series) and not is_beside and series != encoding[name_axis]["field"]
    return _Bars(value_axis, name_axis, series, is_stacked, is_beside)


def _has_fields(encoding: object, channels: AbstractSet[str]) -> TypeGuard[Mapping[str, Mapping[str, Any]]]:
    """Whether an encoding has no channel besides these, and a field for each position."""
    if not isinstance(encoding, Mapping) or not _POSITIONS <= set(encoding) <= channels:
        return False
    return all(isinstance(encoding[axis], Mapping) and "field" in encoding[axis] for axis in _POSITIONS)


def _with_bar_values(spec: Spec, bars: _Bars, width: int, *, has_unit: bool, dark_ink: str) -> Spec:
    """Return a bar chart with a layer of values."""
    encoding = spec["encoding"]
    value = encoding[bars.value_axis]
    axis = value.get("axis") or {}
    unit = axis.get("title") or value.get("title") or value["field"]
    title = {"text": unit, "fontSize": 11, "fontWeight": "normal", "anchor": "start", "offset": 6}
    positions = {
        **{name: channel for name, channel in encoding.items() if name not in ("color", "tooltip")},
        bars.value_axis: {**value, "axis": None},
        bars.name_axis: {"title": None, **encoding[bars.name_axis]},
    }
    datum, printed = (
        f"datum[{json.dumps(name)}]" for name in (value["field"], f"{PRINTED_VALUE_PREFIX}{value['field']}")
    )
    number = axis.get("labelExpr", "").replace("datum.value", datum) or f"format({datum}, ',')"
    return {
        **({"title": title} if has_unit else {}),
        **{key: part for key, part in spec.items() if key not in ("mark", "encoding")},
        "transform": [*spec.get("transform", ()), *_computed_fields(spec, bars, f"{printed} || ({number})")],
        "encoding": positions | ({"order": {"field": _ORDER, "type": "quantitative"}} if bars.is_stacked else {}),
        "layer": [
            {"mark": spec["mark"], "encoding": {"color": encoding["color"]} if "color" in encoding else {}},
            _stacked_values(spec, bars, width, dark_ink) if bars.is_stacked else _values_at_ends(spec, bars, width),
        ],
    }


def _computed_fields(spec: Spec, bars: _Bars, value_text: str) -> list[Spec]:
    """Return the transforms for the printed value and, in bars of parts, for the position of each part."""
    value: Spec = {"calculate": value_text, "as": _LABEL}
    if not bars.is_stacked:
        return [value]
    names = (spec["encoding"]["color"].get("scale") or {}).get("domain") or []
    return [value, {"calculate": f"indexof({json.dumps(names)}, datum[{json.dumps(bars.series)}])", "as": _ORDER}]


def _with_names_above(spec: Spec, bars: _Bars, width: int) -> Spec:
    """Return a flat bar chart with the names above its bars: beside them, they would take half of the width."""
    names = {**spec["encoding"][bars.name_axis], "axis": None}
    above: Spec = {
        "transform": [{"aggregate": [{"op": "count", "as": "__rows"}], "groupby": [names["field"]]}],
        "mark": {"type": "text", "align": "left", "baseline": "bottom", "dy": -_NARROW_BAR / 2 - 3, "limit": width},
        "encoding": {"x": {"value": 0}, "text": {"field": names["field"], "type": "nominal"}},
    }
    marks, *values = spec["layer"]
    kind = marks["mark"] if isinstance(marks["mark"], Mapping) else {"type": marks["mark"]}
    return {
        **spec,
        "height": {"step": _NARROW_STEP},
        "encoding": {**spec["encoding"], bars.name_axis: names},
        "layer": [{**marks, "mark": {**kind, "height": _NARROW_BAR}}, *values, above],
    }


def _values_at_ends(spec: Spec, bars: _Bars, width: int) -> Spec:
    """Return values behind flat bars and above upright ones; they are turned where they would overlap."""
    place: Spec = {"align": "left", "dx": 5} if bars.is_flat else {"baseline": "bottom", "dy": -4}
    sums = [*_bar_sums(spec, bars)]
    if not bars.is_flat and len(sums) * max(len(f"{n:,}") for n in sums or [0]) * _LETTER_WIDTH > width:
        place = {"align": "left", "baseline": "middle", "angle": -90, "dx": 4}
    return {"mark": {"type": "text", **place}, "encoding": {"text": {"field": _LABEL, "type": "nominal"}}}


def _stacked_values(spec: Spec, bars: _Bars, width: int, dark_ink: str) -> Spec:
    """Return values in the middle of the parts of bars; a part that is too small for its value has none."""
    encoding = spec["encoding"]
    value, series = encoding[bars.value_axis], f"datum[{json.dumps(bars.series)}]"
    scale = encoding["color"].get("scale") or {}
    pairs = zip(scale.get("domain") or (), scale.get("range") or (), strict=False)
    known = ((str(name), str(colour)) for name, colour in pairs if _HEXADECIMAL.fullmatch(str(colour)))
    lights = [name for name, colour in known if luminance(colour) > _MIDDLE]
    ink: Spec = {"condition": [{"test": f"{series} === {json.dumps(name)}", "value": dark_ink} for name in lights]}
    largest = max(_bar_sums(spec, bars), default=0) or 1
    least = f"{largest} * ({_LETTER_WIDTH} * length(datum['{_LABEL}'] + '') + 4) / {width * _BARS_SHARE}"
    fits = f"datum[{json.dumps(value['field'])}] >= {least}" if bars.is_flat else "true"
    return {
        "mark": {"type": "text", "style": "on-strong", "align": "center", "baseline": "middle"},
        "encoding": {
            bars.value_axis: {**value, "axis": None, "stack": "zero", "bandPosition": 0.5},
            "detail": {"field": bars.series, "type": "nominal"},
            "text": {"field": _LABEL, "type": "nominal"},
            "opacity": {"condition": {"test": fits, "value": 1}, "value": 0},
            **({"color": ink} if lights and dark_ink else {}),
        },
    }


def _bar_sums(spec: Spec, bars: _Bars) -> Iterable[float]:
    """Return the length of each bar in the unit of its values."""
    sums: dict[str, float] = {}
    name, value = (spec["encoding"][axis]["field"] for axis in (bars.name_axis, bars.value_axis))
    for row in _rows(spec):
        if isinstance(number := row.get(value), int | float):
            sums[str(row.get(name))] = sums.get(str(row.get(name)), 0) + number
    return sums.values()


# --- lines ------------------------------------------------------------------------------------------------------------


def _with_line_names(spec: Spec) -> Spec:
    """Return a chart of lines with the name of each at its end in place of a legend, if all of them have room there."""
    mark, encoding, series = spec.get("mark"), spec.get("encoding"), _series_field(spec)
    kind = mark.get("type") if isinstance(mark, Mapping) else mark
    if kind != "line" or not series or not _has_fields(encoding, _LINE_CHANNELS):
        return spec
    x, y = encoding["x"]["field"], encoding["y"]["field"]
    rows = [row for row in _folded_rows(spec) if isinstance(row.get(y), int | float) and x in row]
    last = max((row[x] for row in rows), key=lambda place: (isinstance(place, str), place), default=None)
    ends = {row[y]: row for row in rows if row[x] == last}
    numbers = [0, *(row[y] for row in rows)]
    least = _NAME_HEIGHT * (max(numbers) - min(numbers)) / _LINES_HEIGHT
    has_room = all(upper - lower >= least for lower, upper in pairwise(sorted(ends)))
    is_plain = not {*_COMPUTED, "sort"} & {*encoding["x"], *encoding["y"]}
    if not (rows and has_room and is_plain and len(ends) == len({row.get(series) for row in rows})):
        return spec
    others = {name: channel for name, channel in encoding.items() if name != "color"}
    colour = {"color": {**encoding["color"], "legend": None}}
    name = {"text": {"field": series, "type": "nominal"}}
    labels = {
        "mark": {"type": "text", "align": "left", "dx": 7},
        "data": {"values": [*ends.values()]},
        "encoding": colour | name,
    }
    rest = {key: part for key, part in spec.items() if key not in ("mark", "encoding")}
    return {**rest, "encoding": others, "layer": [{"mark": mark, "encoding": colour}, labels]}


def _folded_rows(spec: Spec) -> list[Spec]:
    """Return the rows of a chart, a column each after a fold; none after any other transform."""
    rows = [dict(row) for row in _rows(spec)]
    for transform in spec.get("transform", ()):
        columns, (name, value) = transform.get("fold", ()), transform.get("as", ("key", "value"))
        rows = [{**row, name: column, value: row.get(column)} for row in rows for column in columns]
    return rows


# --- colours of series ------------------------------------------------------------------------------------------------


def _with_series_colours(spec: Mapping[str, Any], colours: Sequence[str]) -> Spec:
    """Return a chart whose series have the colours that differ most, in the order of the data."""
    field = _series_field(spec)
    names = [*dict.fromkeys(row[field] for row in _rows(spec) if field in row)] if field else []
    if not names or len(names) > len(colours):
        return dict(spec)
    channel = spec["encoding"]["color"]
    if "scale" in channel or channel.get("type", "nominal") not in ("nominal", "ordinal"):
        return dict(spec)
    order = channel["sort"] if isinstance(channel.get("sort"), list) else names
    scale = {"domain": order, "range": spread(colours, len(names))}
    return {**spec, "encoding": {**spec["encoding"], "color": {"title": None, **channel, "scale": scale}}}


def spread(colours: Sequence[str], count: int) -> list[str]:
    """Return some colours of a scale, as far from each other as they can be."""
    last = len(colours) - 1
    return [colours[round(index * last / max(1, count - 1))] for index in range(count)]


_HEXADECIMAL = late_pattern("#[0-9a-fA-F]{6}")
_MIDDLE = 0.18
"""Luminance of a ground on which black and white are equally legible."""


def _series_field(spec: Mapping[str, object]) -> str:
    encoding = spec.get("encoding")
    channel = encoding.get("color") if isinstance(encoding, Mapping) else None
    field = channel.get("field") if isinstance(channel, Mapping) else None
    return field if isinstance(field, str) else ""


def _rows(spec: Mapping[str, object]) -> list[Mapping[str, object]]:
    data = spec.get("data")
    values = data.get("values") if isinstance(data, Mapping) else None
    return [row for row in values if isinstance(row, Mapping)] if isinstance(values, list | tuple) else []
