"""Charts are drawn in a process of their own: one that cannot be drawn is said so, and the others are drawn."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import combinations, pairwise
from typing import Any
from unittest import mock

import pytest
from lxml import etree

from nioc_paper.model import PRINTED_VALUE_PREFIX, Chart, DataTable, Diagnostic, Place
from nioc_paper.render.common import charts
from nioc_paper.render.common.chart_layout import WIDTH, lay_out, relative_luminance, spread
from nioc_paper.render.common.charts import draw_svg
from nioc_paper.render.common.theme import read_theme
from nioc_paper.system import drawing as engine
from nioc_paper.system import processes, workers
from nioc_paper.system.cache import NO_CACHE
from nioc_paper.system.files import default_templates

TEMPLATES = default_templates()
THEME = read_theme(TEMPLATES)
SPEC = {
    "data": {"values": [{"year": "2017", "tonnes": 9}, {"year": "2018", "tonnes": 6}]},
    "mark": "bar",
    "encoding": {"x": {"field": "year"}, "y": {"field": "tonnes", "type": "quantitative"}},
}


def chart(**more: Any) -> Chart:
    return Chart("fig-a", {**SPEC, **more}, DataTable("fig-a", (), (), (), Place("a.md")), "", Place("a.md"))


def test_a_chart_is_drawn_in_our_typefaces_twice_the_same() -> None:
    drawn = charts.draw_svg(chart(), THEME)
    assert b"Source Sans" in drawn
    assert drawn == charts.draw_svg(chart(), THEME)
    assert charts.draw_png(chart(), THEME).startswith(b"\x89PNG")


def test_a_row_without_its_value_keeps_its_name_and_has_no_mark() -> None:
    drawn = charts.draw_svg(chart(data={"values": [{"year": "2017", "tonnes": 9}, {"year": "2018"}]}), THEME).decode()
    assert ">2018</text>" in drawn
    assert drawn.count('aria-roledescription="bar"') == 1


def test_an_endless_chart_is_cancelled_and_the_next_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = chart(transform=[{"calculate": "sequence(1e9)", "as": "q"}, {"flatten": ["q"]}])
    charts.draw_svg(chart(), THEME)  # its process has started
    reasons = r"takes more than 0.2 s of processor time|no result within 2 s|asks for more than can be drawn"
    with monkeypatch.context() as patch:
        patch.setattr(engine, "_SECONDS", 0.2)
        patch.setattr(processes, "_POLL_SECONDS", 0.05)
        with pytest.raises(ValueError, match=reasons):
            charts.draw_svg(endless, THEME)
    assert charts.draw_svg(chart(), THEME).startswith(b"<svg")


def test_a_chart_beyond_the_memory_limit_is_cancelled_and_the_next_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    greedy = chart(transform=[{"calculate": "sequence(2e7)", "as": "q"}, {"flatten": ["q"]}])
    charts.draw_svg(chart(), THEME)  # its process has started
    with monkeypatch.context() as patch:
        held = processes.memory_bytes(processes.process_tree(engine._shared_worker().process.pid))
        patch.setattr(processes, "MEMORY_BYTES", int(held) + 2**26)
        patch.setattr(processes, "_POLL_SECONDS", 0.05)
        with pytest.raises(ValueError, match="GiB of memory"):
            charts.draw_svg(greedy, THEME)
    assert charts.draw_svg(chart(), THEME).startswith(b"<svg")


def test_a_drawing_worker_that_ends_is_retried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [workers.WorkerError(), engine.DRAWN + b"<svg/>"]
    asked = mock.Mock(side_effect=answers)
    monkeypatch.setattr(engine, "_ask_worker", asked)
    assert charts.draw_svg(chart(), THEME) == b"<svg/>"
    asked.side_effect = [workers.WorkerError(), workers.WorkerError()]
    with pytest.raises(ValueError, match="asks for more than can be drawn"):
        charts.draw_svg(chart(), THEME)


def test_an_urdu_drawing_beyond_the_limit_is_reported_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_ask_worker", mock.Mock(side_effect=ValueError("drawing it takes more than 30 s")))
    pictures = {"a.svg": ("image/svg+xml", "<svg><text>اردو</text></svg>".encode())}
    theme = {**THEME, "font-hand": "Noto Nastaliq Urdu, serif"}
    findings: list[Diagnostic] = []
    assert charts.rasterize_arabic(pictures, theme, {"a.svg": Place("a.svg")}, findings.append, NO_CACHE) == pictures
    assert [(d.place.path, d.rule, d.hint) for d in findings] == [("a.svg", "render-failed", charts.DRAWING_HINT)]


def test_an_invalid_chart_gives_a_reason_of_one_line() -> None:
    with pytest.raises(ValueError, match="Error: ") as raised:
        charts.draw_svg(chart(mark="nothing"), THEME)
    assert "\n" not in str(raised.value)


# --- widths, values and colours --------------------------------------------------------------------------------------

COLOURS = [THEME[f"series-{n}"] for n in range(1, 7)]
ROWS = [{"group": "Ferries", "boats": 6700}, {"group": "Barges", "boats": 12}]
NAMES: dict[str, Any] = {"field": "group", "type": "nominal", "title": "Group"}
VALUES: dict[str, Any] = {"field": "boats", "type": "quantitative", "title": "Boats"}
PARTS = [
    {"group": group, "state": state, "boats": boats}
    for group, states in {"Ferries": {"afloat": 14, "sunk": 13}, "Barges": {"afloat": 5, "sunk": 22}}.items()
    for state, boats in states.items()
]
STATE = {"field": "state", "type": "nominal"}


def spec(**encoding: Any) -> dict[str, Any]:
    return {"data": {"values": ROWS}, "mark": "bar", "encoding": {"y": NAMES, "x": VALUES, **encoding}}


def parts(**encoding: Any) -> dict[str, Any]:
    return {**spec(color=STATE, **encoding), "data": {"values": PARTS}}


def drawing(chart_spec: dict[str, Any]) -> etree._Element:
    chart = Chart("c", chart_spec, DataTable("c", (), (), (), Place("c")), "A chart.", Place("c"))
    return etree.fromstring(draw_svg(chart, THEME))


def drawn(chart_spec: dict[str, Any]) -> list[str]:
    """The words of a chart as it is drawn."""
    nodes = drawing(chart_spec).iter("{*}text")
    return [text for node in nodes if (text := "".join(map(str, node.itertext())).strip())]


def test_values_are_on_the_bars_and_the_unit_above() -> None:
    words = drawn(spec())
    assert {"6,700", "12", "Boats", "Ferries", "Barges", "Group"} == set(words)


def test_a_unit_in_the_subtitle_is_not_drawn_again() -> None:
    titled = {**spec(), "title": "Most boats are ferries", "subtitle": "Boats, 2019"}
    assert {"6,700", "12", "Ferries", "Barges", "Group"} == set(drawn(titled))


def test_values_are_printed_as_the_axis_would() -> None:
    words = drawn(spec(x=VALUES | {"axis": {"title": "Thousand boats", "labelExpr": "datum.value / 1000"}}))
    assert {"6.7", "0.012", "Thousand boats"} <= set(words)


def test_a_fact_is_printed_as_it_is_written() -> None:
    rows = [{**ROWS[0], f"{PRINTED_VALUE_PREFIX}boats": "about 6.7 thousand"}, ROWS[1]]
    assert {"about 6.7 thousand", "12"} <= set(drawn({**spec(), "data": {"values": rows}}))


@pytest.mark.parametrize(
    "chart_spec",
    [parts(), parts(y=VALUES, x=NAMES), parts(yOffset=STATE), parts(x=NAMES, y=VALUES, xOffset=STATE)],
    ids=["stacked", "stacked upright", "beside", "beside upright"],
)
def test_every_part_of_a_bar_has_its_value(chart_spec: dict[str, Any]) -> None:
    assert {"14", "13", "5", "22", "afloat", "sunk"} <= set(drawn(chart_spec))


@pytest.mark.parametrize(
    "chart_spec",
    [
        spec(),
        spec(y=VALUES, x=NAMES),
        parts(),
        {**spec(), "mark": "line"},
        {**spec(), "mark": "point", "width": 90},
        {**spec(), "layer": [{"mark": "rule"}], "mark": None} | {"encoding": {"y": NAMES, "x": VALUES}},
    ],
    ids=["flat", "upright", "stacked", "line", "own width", "layers"],
)
def test_all_charts_are_one_width(chart_spec: dict[str, Any]) -> None:
    chart_spec = {key: part for key, part in chart_spec.items() if part is not None}
    assert float(drawing(chart_spec).get("width") or 0) == pytest.approx(WIDTH, abs=1)


def contrast(one: float, other: float) -> float:
    darker, lighter = sorted((one, other))
    return (lighter + 0.05) / (darker + 0.05)


def grounds(theme: Mapping[str, str]) -> dict[str, Mapping[str, str]]:
    """The colours of a theme on a light and on a dark ground."""
    return {
        "light": theme,
        "dark": {key.removeprefix("dark-"): value for key, value in theme.items() if key[:5] == "dark-"},
    }


def linear(colour: str) -> list[float]:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


SIMULATIONS = {  # Machado, Oliveira and Fernandes 2009, at full severity, for linear values
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}


def seen_as(colour: str, sight: str) -> tuple[float, float, float]:
    """A colour in CIELAB (D65) as somebody with this sight sees it."""
    matrix, rgb = SIMULATIONS[sight], linear(colour)
    red, green, blue = (min(1, max(0, sum(m * c for m, c in zip(row, rgb, strict=True)))) for row in matrix)
    x = (0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047
    y = 0.2126729 * red + 0.7151522 * green + 0.0721750 * blue
    z = (0.0193339 * red + 0.1191920 * green + 0.9503041 * blue) / 1.08883
    f, g, h = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * g - 16, 500 * (f - g), 200 * (g - h)


def colour_faults(theme: Mapping[str, str], *, is_dark: bool) -> Iterator[str]:
    """Yield what is wrong with the colours of the series of charts on the ground of a theme."""
    colours = [theme[f"series-{n}"] for n in range(1, 7)]
    levels = [relative_luminance(colour) for colour in colours]
    if levels != sorted(levels, reverse=is_dark):
        yield "the order of luminance"
    for count, least in ((2, 4.5), (3, 1.9), (4, 1.4), (6, 1.4)):
        picked = [relative_luminance(colour) for colour in spread(colours, count)]
        if len(picked) != count or min(contrast(one, other) for one, other in pairwise(picked)) < least:
            yield f"{count} series in grey"
    if min(contrast(level, relative_luminance(theme["paper"])) for level in levels) < 3:  # WCAG 2.2, 1.4.11
        yield "a series on the ground"
    for sight in SIMULATIONS:
        seen = [seen_as(colour, sight) for colour in colours]
        distances = [sum((a - b) ** 2 for a, b in zip(*pair, strict=True)) ** 0.5 for pair in combinations(seen, 2)]
        if min(distances) < 15:  # a difference of 2.3 is just seen
            yield f"two series for sight: {sight}"


@pytest.mark.parametrize("name", ["light", "dark"])
def test_series_of_charts_differ_for_everybody(name: str) -> None:
    assert list(colour_faults(grounds(THEME)[name], is_dark=name == "dark")) == []


def test_series_have_the_colours_that_differ_most_in_the_order_of_the_data() -> None:
    scale = lay_out({**parts(), "mark": "area"}, COLOURS)["encoding"]["color"]["scale"]
    assert scale == {"domain": ["afloat", "sunk"], "range": [COLOURS[0], COLOURS[-1]]}


@pytest.mark.parametrize("channel", [{"field": "key"}, {**STATE, "scale": {"scheme": "blues"}}, {"value": "red"}])
def test_other_colours_are_as_they_are_written(channel: dict[str, Any]) -> None:
    chart_spec = {**parts(), "mark": "area"}
    chart_spec["encoding"] = chart_spec["encoding"] | {"color": channel}
    assert json.loads(json.dumps(lay_out(chart_spec, COLOURS)["encoding"]["color"])) == channel


def test_values_on_light_parts_are_dark() -> None:
    inks = {}
    for node in drawing(parts()).iter("{*}text"):
        inks["".join(map(str, node.itertext()))] = node.get("fill")
    assert inks["14"] == inks["5"] == THEME["paper"]
    assert inks["13"] == inks["22"] == THEME["ink"]
