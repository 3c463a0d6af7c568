"""Charts are drawn in a process of their own: one that cannot be drawn is said so, and the others are drawn."""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from html import unescape
from itertools import combinations, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
import shared
from browser import Look, opened
from command_kit import without_office
from lxml import etree
from test_papers import read_tables, written

from nioc_paper import BuildRequest, Project, build
from nioc_paper.domain.style_sheets import luminance
from nioc_paper.model import PRINTED_VALUE_PREFIX, Chart, DataTable, Diagnostic, Place
from nioc_paper.render.common import charts
from nioc_paper.render.common.charts import draw_svg
from nioc_paper.render.common.inline_charts import replace_images
from nioc_paper.render.common.theme import read_theme
from nioc_paper.render.common.vega_layout import WIDTH, lay_out, spread
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
    levels = [luminance(colour) for colour in colours]
    if levels != sorted(levels, reverse=is_dark):
        yield "the order of luminance"
    for count, least in ((2, 4.5), (3, 1.9), (4, 1.4), (6, 1.4)):
        picked = [luminance(colour) for colour in spread(colours, count)]
        if len(picked) != count or min(contrast(one, other) for one, other in pairwise(picked)) < least:
            yield f"{count} series in grey"
    if min(contrast(level, luminance(theme["paper"])) for level in levels) < 3:  # WCAG 2.2, 1.4.11
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


# --- every kind of chart in every format ------------------------------------------------------------------------------

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SETTINGS = """
id: rivers
title: Rivers
statuses: [{id: drafting, title: Drafting}, {id: final, title: Final, owes: nobody}]
kinds: {cross-cutting: {}}
parts: [{chapters: [chapters/floods.md]}]
"""
SOURCES = """references:
  - {id: survey, type: report, title: Survey, author: [{literal: River Board}], issued: "2019-05-01"}
  - {id: census, type: report, title: Census, author: [{literal: Dam Office}], issued: "2017-03"}
  - {id: act, type: legislation, title: River Act, issued: "2004"}
"""
HEAD = "---\nid: floods\ntitle: Floods\ncategory: cross-cutting\nstatus: drafting\n---\n"
DATA = "year,state,dams\n2017,kept,9\n2017,lost,2\n2018,kept,7\n2018,lost,4\n"
ENCODING = "encoding: {y: {field: year, type: nominal}, x: {field: dams, type: quantitative}"
KINDS: Mapping[str, str] = {
    "bars": f"data: {{url: paper/data/dams.csv}}\nmark: bar\n{ENCODING}}}",
    "stacked": f"data: {{url: paper/data/dams.csv}}\nmark: bar\n{ENCODING}, color: {{field: state, type: nominal}}}}",
    "timeline": """kind: timeline
entries:
  - {source: act, group: Laws}
  - {source: survey, group: Counts, date: 2018-06, text: Dams were counted on every river of the whole land}
  - {source: census, group: Counts}""",
    "line": f"data: {{url: paper/data/dams.csv}}\nmark: line\n{ENCODING}, color: {{field: state, type: nominal}}}}",
}
"""Kinds of charts, each with its YAML."""
TABLES = read_tables("charts")
CHART = TABLES["chart"]
DIAGRAMS = ("timeline",)
"""Kinds that are drawn from records."""
FORMATS = ("html", "epub", "docx", "pdf")


def write_paper(root: Path, charts: Mapping[str, str] = KINDS) -> Path:
    files = {
        "paper/paper.yaml": SETTINGS,
        "paper/references.yaml": SOURCES,
        "paper/data/dams.csv": DATA,
        "chapters/floods.md": HEAD + "".join(CHART.format(kind=kind, yaml=yaml) for kind, yaml in charts.items()),
    }
    for name, text in files.items():
        written(root / name, text)
    return root


def rivers(factory: pytest.TempPathFactory) -> Path:
    """The paper with every kind of chart, in every format."""

    def make(folder: Path) -> None:
        root = write_paper(folder)
        with without_office(), mock.patch.object(engine, "call_engine", wraps=engine.call_engine) as asked:
            build(Project(root, today=date(2020, 1, 20)), BuildRequest(), list(FORMATS), root / "dist")
        assert len({str(call) for call in asked.mock_calls}) == len(asked.mock_calls), "drawn once for all formats"

    return shared.once(factory, "rivers", make) / "dist"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rivers(tmp_path_factory)


def _plain(markup: str) -> str:
    """Text of HTML or of a Word file, in which only the edges of blocks part words, and the words for pictures."""
    alts = re.findall(r'(?:alt|descr|aria-label)="([^"]+)"', markup)
    text = re.sub(r"<[^>]*>", "", re.sub(r"</(p|div|w:p|figcaption|td|h\d)>", "\n", markup))
    return unescape("\n".join((text, *alts)))


def _members(path: Path, pattern: str) -> str:
    with zipfile.ZipFile(path) as package:
        return "\n".join(package.read(n).decode() for n in package.namelist() if re.fullmatch(pattern, n))


def _pdf_text(path: Path) -> str:
    import pikepdf  # late: the other formats need none

    with pikepdf.open(path) as pdf:
        alts = [str(o.Alt) for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and "/Alt" in o]
    text = subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True, text=True).stdout
    return "\n".join((text, *alts))


READERS: Mapping[str, Callable[[Path], str]] = {
    "html": lambda folder: _plain((folder / "rivers.html").read_text(encoding="utf-8")),
    "epub": lambda folder: _plain(_members(folder / "rivers.epub", r".*/ch\d+\.xhtml")),
    "docx": lambda folder: _plain(_members(folder / "rivers.docx", "word/document.xml")),
    "pdf": lambda folder: _pdf_text(folder / "rivers.pdf"),
}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_chart_has_its_texts_in_every_format(built: Path, kind: str, format: str) -> None:
    text = " ".join(READERS[format](built).split())
    for words in (
        f"The {kind} show that dams are lost",
        f"Dams by year in {kind}",
        f"Words of the {kind}.",
        f"Caption of the {kind}.",
    ):
        assert words in text, words
    drawn_from_data = len(KINDS) - len(DIAGRAMS)
    assert text.count("Source: River Board (2019, 3); Dam Office (2017).") >= drawn_from_data


@pytest.mark.parametrize("format", FORMATS)
def test_sources_of_a_diagram_are_named_below_it(built: Path, format: str) -> None:
    text = " ".join(READERS[format](built).split())
    line = "Source: River Board (2019, 3); Dam Office (2017); River Act, 2004; River Board (2019)"
    assert line in text  # of the timeline
    assert "River Board (2019); Dam Office (2017)" not in text  # each once


def test_an_e_book_has_the_drawings_for_a_phone(built: Path) -> None:
    widths = re.findall(r'viewBox="0 0 ([\d.]+)', _members(built / "rivers.epub", r".*/media/\w+\.svg"))
    assert len(widths) == len(KINDS)
    assert max(map(float, widths)) <= 345


CAPTIONS = TABLES["captions"]


def test_sources_at_the_end_of_a_caption_are_a_line(tmp_path: Path) -> None:
    root = write_paper(tmp_path, {f"bars{number}": KINDS["bars"] for number in range(len(CAPTIONS))})
    path = root / "chapters/floods.md"
    text = path.read_text(encoding="utf-8")
    for number, (caption, _, _) in enumerate(CAPTIONS.values()):
        text = text.replace(f"Caption of the bars{number} [@survey, p. 3; @census].", caption)
    path.write_text(text, encoding="utf-8")
    build(Project(root, today=date(2020, 1, 20)), BuildRequest(), ["html"], root / "dist")
    page = (root / "dist" / "rivers.html").read_text(encoding="utf-8")
    below = re.findall(r"<figcaption>(.*?)</figcaption>", page, re.DOTALL)
    plain = [" ".join(re.sub(r"<[^>]*>", " ", each).split()) for each in below]
    squeezed = [re.sub(r"\s+([.,;)])|(\()\s+", r"\1\2", each) for each in plain]
    assert squeezed == [
        f"Figure 1.{number}. {caption} {source}".strip()
        for number, (_, caption, source) in enumerate(CAPTIONS.values(), 1)
    ]


# --- in a browser ----------------------------------------------------------------------------------------------------

LOOKS = [Look(1280, "light"), Look(700, "dark"), Look(390, "light"), Look(360, "dark")]
LEAST = 11
"""Pixels of the smallest words."""
MEASURE = TABLES["measure"]
RGB = re.compile(r"rgba?\((\d+), (\d+), (\d+)")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> str:
    return rivers(tmp_path_factory).as_uri() + "/"


@pytest.fixture(scope="module", params=LOOKS, ids=lambda look: f"{look.width}-{look.scheme}")
def page(request: pytest.FixtureRequest, browser: Browser, home: str) -> Iterator[Page]:
    with opened(browser, f"{home}rivers.html", request.param, under=home) as (page, _):
        yield page


def hexadecimal(colour: str) -> str:
    match = RGB.match(colour)
    assert match, colour
    return "#" + "".join(f"{int(part):02x}" for part in match.groups())


def test_one_drawing_of_each_chart_is_shown(page: Page) -> None:
    for kind in KINDS:
        shown = page.locator(f"#fig-{kind} svg.chart >> visible=true")
        assert shown.count() == 1
        assert (shown.get_attribute("aria-label") or "").startswith(f"Words of the {kind}.")


def test_words_are_large_enough_and_inside(page: Page) -> None:
    for kind in KINDS:
        words = page.locator(f"#fig-{kind} svg.chart >> visible=true").evaluate(MEASURE)
        assert words
        for each in words:
            assert each["size"] >= LEAST, each
            assert each["left"] >= -2, each
            assert each["right"] >= -2, each


def test_words_beside_marks_are_legible_on_the_ground(page: Page) -> None:
    ground = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    for kind in ("bars", "line"):
        words = page.locator(f"#fig-{kind} svg.chart >> visible=true").evaluate(MEASURE)
        for each in words:
            levels = luminance(hexadecimal(each["fill"])), luminance(hexadecimal(ground))
            assert contrast(*levels) >= 4.5, each


def test_a_page_with_charts_has_no_sideways_scroll(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_ids_of_drawings_are_unique(home: str) -> None:
    html = Path(home.removeprefix("file://"), "rivers.html").read_text(encoding="utf-8")
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert {*re.findall(r"url\(#([^)]+)\)", html)} <= set(ids)


def test_words_of_an_image_become_the_words_of_its_chart() -> None:
    html = '<p><img src="a.svg" alt="Bars &amp; {lines}" /> <img src="b.png" alt="x" /></p>'
    drawn = replace_images(html, {"a.svg": '<svg role="img" aria-label="{label}"></svg>'})
    assert drawn == ('<p><svg role="img" aria-label="Bars &amp; {lines}"></svg> <img src="b.png" alt="x" /></p>')


@pytest.mark.parametrize("folds", [False, True])
@pytest.mark.parametrize(
    ("ends", "has_room"),
    [
        ((5, 60), True),
        ((0, 30, 60), True),
        ((-30, 40), True),
        ((5, 8, 90), False),
        ((60, 60), False),
        ((5, None), False),
    ],
)
def test_lines_have_their_names_at_their_ends_if_all_have_room(
    ends: tuple[int | None, ...], has_room: int, folds: bool
) -> None:
    names = [f"line {letter}" for letter in "abc"[: len(ends)]]
    first, last = ({"year": year} for year in (2018, 2019))
    first |= dict.fromkeys(names, 1)
    last |= {name: end for name, end in zip(names, ends, strict=True) if end is not None}
    long = [{"year": row["year"], "kind": name, "n": row[name]} for row in (first, last) for name in {*row} & {*names}]
    axes = {"x": {"field": "year", "type": "ordinal"}, "y": {"field": "n", "type": "quantitative"}}
    drawn = draw_svg(
        chart(
            mark="line",
            encoding={**axes, "color": {"field": "kind", "type": "nominal"}},
            data={"values": [first, last] if folds else long},
            transform=[{"fold": names, "as": ["kind", "n"]}] if folds else [],
        ),
        THEME,
    ).decode()
    assert ("legend" in drawn) is not bool(has_room)
    assert all(drawn.count(f">{name}</text>") == 1 for name in names)
