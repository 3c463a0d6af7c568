"""Pictures made from the registers, and the data behind every chart, which the reader can look up."""

from __future__ import annotations

import io
import itertools
import re
import shutil
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image
from sample_plan import record
from test_charts import CHART, HEAD, KINDS, SETTINGS, SOURCES
from test_image_metadata import vetted
from test_papers import appended, changed, written

from nioc_paper import Project, tree
from nioc_paper.app.build_request import BuildRequest, assemble_document
from nioc_paper.assemble import assemble, extract_chapter, number_paper
from nioc_paper.assemble.lists import generated_charts, timelines_and_data
from nioc_paper.assemble.lists.generated_charts import build_timeline
from nioc_paper.assemble.lists.linkages import build_linkage_map
from nioc_paper.assemble.lists.list_context import ListContext
from nioc_paper.assemble.lists.timelines_and_data import format_partial_date
from nioc_paper.domain.timeline_entries import DatedEntry
from nioc_paper.load import load
from nioc_paper.load.image_vetting import image_problem
from nioc_paper.model import (
    Category,
    Chapter,
    Chart,
    Diagnostic,
    Document,
    Event,
    FrontMatter,
    Gate,
    History,
    Linkage,
    Node,
    OutputOptions,
    Paper,
    Settings,
    Status,
    Timeline,
)
from nioc_paper.render.common import charts
from nioc_paper.render.common.theme import read_theme
from nioc_paper.system.files import default_templates
from nioc_paper.wording import ENGLISH, wording_for

HERE = Path(__file__).parents[1]
HEALTHY = HERE / "papers" / "healthy"
THEME = read_theme(default_templates())
BLOCKS = """
::: {#fig-tu-plan .generated list=timeline}
The plan [@survey2019].
:::

::: {#fig-tu-map .generated list=linkage-map}
What touches what.
:::
"""


def document(folder: Path) -> Document:
    """The healthy paper with both pictures and an annex of data."""
    root, findings = Path(shutil.copytree(HEALTHY, folder / "paper")), list[Diagnostic]()
    appended(root / "chapters" / "tunnels.md", BLOCKS)
    appended(root / "paper" / "paper.yaml", "  - {title: Data, list: data}\n")
    paper = load(root, findings.append)
    assert not findings
    return assemble(paper, History())


def by_id(document: Document, name: str) -> Node:
    return next(n for n in tree.walk(document.blocks) if tree.identifier(n) == name)


def test_pictures_are_figures_like_any_other(tmp_path: Path) -> None:
    whole_document = document(tmp_path)
    assert [(e.label, e.title) for e in whole_document.figures[-2:]] == [
        ("Figure 2.2", "The plan."),
        ("Figure 2.3", "What touches what."),
    ]
    figure = by_id(whole_document, "fig-tu-plan")
    (image,) = [n for n in tree.walk(figure) if n["t"] == "Image"]
    assert tree.plain_text(figure["c"][1]) == "Figure 2.2. The plan. Source: . Data: annex C."
    assert tree.plain_text(image["c"][1]) == whole_document.charts[image["c"][2][0]].alt
    paper = load(tmp_path / "paper", lambda _: None)
    assert set(whole_document.charts) == {"chart:fig-tu-closures", "chart:timeline", "chart:linkage-map"}
    assert set(extract_chapter(whole_document, paper, "bridges").charts) == set(), "a chapter has its own charts only"


def test_data_are_in_the_annex_with_links_both_ways(tmp_path: Path) -> None:
    whole_document = document(tmp_path)
    annex = by_id(whole_document, "chapter-annex-data")
    tables = [n for n in tree.walk(annex) if n["t"] == "Table"]
    assert [tree.identifier(t) for t in tables] == ["data-fig-tu-closures", "data-fig-tu-plan"]
    assert "Data:" not in tree.plain_text(by_id(whole_document, "fig-tu-map")), "all its data are words in the picture"
    captions = [tree.plain_text(t["c"][1]) for t in tables]
    assert captions[0] == "Figure 2.1. Days on which the tunnel was closed [@survey2019]."
    for figure, table in zip(("fig-tu-closures", "fig-tu-plan"), tables, strict=True):
        there = [n["c"][2][0] for n in tree.walk(by_id(whole_document, figure)) if n["t"] == "Link"]
        back = [n["c"][2][0] for n in tree.walk(table["c"][1]) if n["t"] == "Link"]
        assert (there, back) == ([f"#data-{figure}"], [f"#{figure}"])
    assert tree.plain_text(tables[0]["c"][3:]) == "Year Days 2017 4 2018 9 2019 15"
    assert [spec[0]["t"] for spec in tables[0]["c"][2]] == ["AlignLeft", "AlignRight"]


def test_restricted_data_are_marked_or_removed(tmp_path: Path) -> None:
    document(tmp_path)
    file = tmp_path / "paper" / "chapters" / "tunnels.md"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("::: {#fig-tu-plan", "::: {.restricted}\n::: {#fig-tu-plan").replace(
            "9].\n:::\n\n::: {#fig-tu-map", "9].\n:::\n:::\n\n::: {#fig-tu-map"
        ),
        encoding="utf-8",
    )
    paper = load(tmp_path / "paper", lambda _: None)
    inside, outside = assemble(paper, History()), assemble(paper, History(), copy=OutputOptions(audience="public"))
    assert tree.plain_text(by_id(inside, "data-fig-tu-plan")["c"][1]).endswith("The plan [@survey2019]. [Restricted]")
    assert "fig-tu-plan" not in str(outside.blocks)
    assert "chart:timeline" not in outside.charts


def context(paper: Paper, *, whole: bool = True) -> ListContext:
    return ListContext(paper, paper.chapters, History(), ENGLISH, {}, {}, is_complete=whole)


def linked(*links: tuple[str, str, str]) -> Paper:
    """Chapters on three subjects that touch as said: from, to, how."""
    names = ("ice", "fire", "wind")
    chapters = [
        Chapter(
            f"{name}.md",
            FrontMatter(
                id=name, category=name, links=tuple(Linkage(to=to, how=how) for here, to, how in links if here == name)
            ),
            "",
        )
        for name in names
    ]
    categories = tuple(Category(id=n, title=n.title(), letters=n[:2].upper()) for n in names)
    return Paper(Settings(categories=categories), chapters=tuple(chapters))


LINKS = (("ice", "fire", "melts"), ("fire", "ice", "dries"), ("wind", "fire", "fans"))


def test_the_map_distinguishes_linkages_by_described_sides() -> None:
    linkage_map = build_linkage_map(context(linked(*LINKS)))
    assert linkage_map.alt.split(". ")[1] == (
        "Ice – Fire: described on both sides (melts; dries); Ice – Wind: not yet described; "
        "Fire – Wind: described on one side (fans)."
    )
    assert linkage_map.data.rows[0] == ("Ice", "Fire", "melts; dries", "described on both sides")
    assert len(linkage_map.data.rows) == 3


STRENGTHS = {"strong": "strong evidence", "weak": "weak evidence", "claimed": "claimed only"}


def test_a_pair_has_the_strongest_evidence_of_its_sides() -> None:
    paper = linked(("ice", "fire", "melts"), ("fire", "ice", "dries"))
    for sides in itertools.product((*STRENGTHS, None), repeat=2):
        chapters = [
            replace(c, front=c.front.replace(links=tuple(link.replace(evidence=strength) for link in c.front.links)))
            for c, strength in zip(paper.chapters, (*sides, None), strict=True)
        ]
        linkage_map = build_linkage_map(context(replace(paper, chapters=tuple(chapters))))
        expected = [words for strength, words in STRENGTHS.items() if strength in sides]
        assert linkage_map.data.rows[0][-1] == [*expected, "described on both sides"][0]


def test_the_map_does_not_tell_that_something_was_withheld() -> None:
    linkage_map = build_linkage_map(context(linked(*LINKS), whole=False))
    assert {row[-1] for row in linkage_map.data.rows} == {"described", "—"}
    assert "not yet" not in str(linkage_map)


PLAN = record(
    Timeline,
    {
        "start": "2020-01-06",
        "deadline": "2020-03-31",
        "gates": [
            {"id": "a", "title": "Outlines", "due": "2020-01-20", "leaves": "outline"},
            {"id": "b", "title": "Papers", "due": "2020-02-10"},
            {"id": "c", "title": "Launch", "due": "2020-03-31", "leaves": "draft"},
        ],
        "events": [
            {"id": "m", "title": "Board", "dates": ["2020-02-03", "2021-01-01"]},
            {"id": "n", "title": "Letter", "every": "month"},
        ],
    },
)
STATUSES = (Status(id="outline", title="Outline"), Status(id="draft", title="Draft"))


def test_the_timeline_describes_gates_and_meetings() -> None:
    without_days = Event(id="o", title="Picnic")
    plan = PLAN.replace(events=(*PLAN.events, without_days))
    timeline = build_timeline(context(Paper(Settings(statuses=STATUSES), plan)))
    assert timeline.alt == (
        "A plan from 6 January 2020 to the deadline, 31 March 2020. 20 January 2020: Outlines, Outline ends. "
        "10 February 2020: Papers. 31 March 2020: Launch, Draft ends. Board: 3 February 2020. "
        "Letter: 31 January 2020, 28 February 2020, 31 March 2020."
    )
    assert timeline.data.rows[0] == ("20 January 2020", "Outlines", "Outline ends")
    words = [v["text"] for part in timeline.spec["layer"] for v in part["data"]["values"] if v.get("text")]
    assert {"20 Jan", "Outlines", "Outline ends", "Draft ends", "Deadline 31 March 2020", "January"} <= set(words)


def inside(chart: Chart) -> bool:
    """Whether no mark of a picture lies right of it."""
    places = [v["x"] for part in chart.spec["layer"] for v in part["data"]["values"] if "x" in v]
    return max(map(float, places)) <= float(chart.spec["width"])


@pytest.mark.parametrize("years", [1, 12])
def test_long_plans_and_many_subjects_fit(years: int) -> None:
    gates = tuple(
        Gate(id=f"g{y}", title="A gate " * y, due=PLAN.gates[0].due.replace(year=2020 + y)) for y in range(years)
    )
    plan = PLAN.replace(gates=gates, deadline=PLAN.gates[0].due.replace(year=2020 + years))
    assert inside(build_timeline(context(Paper(Settings(), plan))))
    many = tuple(Category(id=f"c{n}", title=f"Subject {n}", letters="A") for n in range(2, 3 * years + 1))
    assert inside(build_linkage_map(context(Paper(Settings(categories=many)))))


def test_both_are_drawn_in_the_colours_of_the_paper() -> None:
    paper = Paper(Settings(statuses=STATUSES), PLAN)
    drawn = [
        charts.draw_svg(chart, THEME).decode()
        for chart in (build_timeline(context(paper)), build_linkage_map(context(linked(*LINKS))))
    ]
    assert all("Source Sans" in svg and THEME["accent"] in svg for svg in drawn)
    widths = [float(svg.partition('width="')[2].partition('"')[0]) for svg in drawn]
    assert max(widths) <= 620
    assert THEME["alert"] in drawn[0]


# --- drawings as other programs save them -----------------------------------------------------------------------------

SVG_HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="40" height="40"'
DOCTYPE = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"\n  "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
DRAWN = {
    "matplotlib": f"""<?xml version="1.0" encoding="utf-8" standalone="no"?>\n{DOCTYPE}\n{SVG_HEAD} version="1.1">
 <metadata><rdf:RDF xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
   <dc:type rdf:resource="http://purl.org/dc/dcmitype/StillImage"/></rdf:RDF></metadata>
 <defs><style type="text/css">*{{stroke-linejoin: round; stroke-linecap: butt}}</style></defs>
 <defs><path id="DejaVuSans-30" d="M 0 0 L 40 0 L 40 40 L 0 40 z"/></defs>
 <g clip-path="url(#p4f2a)"><use xlink:href="#DejaVuSans-30" x="0" style="fill: #ff0000"/></g>
 <defs><clipPath id="p4f2a"><rect x="0" y="0" width="20" height="40"/></clipPath></defs></svg>""",
    "Inkscape": f"""{SVG_HEAD} xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"
  inkscape:export-filename="C:\\Users\\a.png">
  <defs><linearGradient id="lg1"><stop offset="0" style="stop-color:#ff0000"/></linearGradient>
  <linearGradient id="lg2" xlink:href="#lg1"/><clipPath id="cp1"><rect width="20" height="40"/></clipPath></defs>
  <rect width="40" height="40" style="fill:url(#lg2);clip-path:url(#cp1);stroke:none"/></svg>""",
    "Illustrator": f"""<?xml version="1.0" encoding="utf-8"?>{SVG_HEAD} version="1.1" id="Layer_1" xml:space="preserve">
<style type="text/css">.st0{{fill:#FF0000;}} .st1{{clip-path:url(#SVGID_2_);}}</style>
<g><defs><rect id="SVGID_1_" width="20" height="40"/></defs>
<clipPath id="SVGID_2_"><use xlink:href="#SVGID_1_" style="overflow:visible;"/></clipPath>
<g class="st1"><rect class="st0" width="40" height="40"/></g></g></svg>""",
    "svglite": f"""<?xml version='1.0' encoding='UTF-8' ?>\n{SVG_HEAD} class='svglite'>
<defs><style type='text/css'><![CDATA[ .svglite rect {{ fill: none; stroke: none; }} ]]></style></defs>
<defs><clipPath id='cpMC4wMHw3MjA='><rect x='0' y='0' width='20' height='40'/></clipPath></defs>
<g clip-path='url(#cpMC4wMHw3MjA=)'><rect width='40' height='40' style='fill: #FF0000;'/></g></svg>""",
    "draw.io": f"""{DOCTYPE}{SVG_HEAD} content="&lt;mxfile host=&quot;a\\b&quot;&gt;url(x)&lt;/mxfile&gt;">
<g><rect width="20" height="40" fill="#ff0000" stroke="none" pointer-events="all"/></g></svg>""",
}
REFUSED = {
    "a bitmap": '<image xlink:href="data:image/png;base64,AA=="/>',
    "labels of HTML": "<switch><foreignObject><p>a</p></foreignObject><text>a...</text></switch>",
    "a hidden address": "<style>rect { fill: u\\72l(https://a.example/b) }</style>",
    "a part within itself": '<g id="a"><use xlink:href="#a"/></g>',
    "a billion parts": "".join(
        f'<g id="g{n}">' + f'<use xlink:href="#g{n - 1}"/>' * 10 + "</g>" if n else '<g id="g0"><rect/></g>'
        for n in range(10)
    ),
}


@pytest.mark.parametrize("program", DRAWN)
def test_files_of_drawing_programs_are_printed_as_drawn(program: str, tmp_path: Path) -> None:
    picture = Image.open(io.BytesIO(charts.rasterize_svg(vetted(tmp_path, "a.svg", DRAWN[program].encode()), 1)))
    assert picture.convert("RGBA").getpixel((5, 20)) == (255, 0, 0, 255)
    assert picture.convert("RGBA").getpixel((35, 20)) != (255, 0, 0, 255), "it is cut off in the middle"


@pytest.mark.parametrize("program", DRAWN)
def test_a_drawing_has_names_that_an_e_book_may_have(program: str, tmp_path: Path) -> None:
    out = vetted(tmp_path, "a.svg", DRAWN[program].encode()).decode()
    assert all(re.fullmatch(r"[A-Za-z_][\w-]*", name) for name in re.findall(r'\bid="([^"]*)"', out))
    assert not re.search("<style|class=|DOCTYPE|inkscape|content=", out)


@pytest.mark.parametrize("part", REFUSED)
def test_a_drawing_with_external_or_multiplied_content_is_refused(part: str) -> None:
    assert image_problem(f"{SVG_HEAD}>{REFUSED[part]}</svg>".encode(), ".svg")


# --- timelines of sources ---------------------------------------------------------------------------------------------

RULES = (
    *("broken-chart", "unknown-key", "missing-key", "bad-value/type", "image-without-alt", "untitled-chart"),
    *("undefined-citation", "undated-entry", "description-off-data", "evidence/data"),
)


def write(root: Path, yaml: str) -> Path:
    files = {
        "paper/paper.yaml": SETTINGS,
        "paper/references.yaml": SOURCES + "  - {id: undated, type: webpage, title: A page}\n",
        "chapters/floods.md": HEAD + CHART.format(kind="timeline", yaml=yaml),
    }
    for name, text in files.items():
        written(root / name, text)
    return root


def findings(root: Path) -> list[Diagnostic]:
    project = Project(root, today=date(2020, 1, 20))
    return [d for d in project.check(project.load()).findings if d.rule in RULES]


def chart_of(root: Path) -> Chart:
    project = Project(root, today=date(2020, 1, 20))
    return assemble_document(project, project.load().paper, BuildRequest()).charts["chart:fig-timeline"]


TIMELINE = KINDS["timeline"]
FAULTS: Mapping[str, tuple[str, Sequence[str]]] = {
    "no fault": (TIMELINE, ()),
    "an unknown kind": (TIMELINE.replace("kind: timeline", "kind: timelin"), ["'timelin'"]),
    "an unknown field": (f"{TIMELINE}\ncolour: red", ["colour"]),
    "no entries": ("kind: timeline", ["entries"]),
    "an entry without a source": (TIMELINE.replace("source: act, ", ""), ["source"]),
    "an unknown source": (TIMELINE.replace("source: act", "source: akt"), ["no source is called 'akt'"]),
    "a date that is none": (TIMELINE.replace("2018-06", "June 2018"), ["June 2018"]),
    "a source without a date": (TIMELINE.replace("source: act", "source: undated"), ["'undated' has no date"]),
}


@pytest.mark.parametrize("case", sorted(FAULTS))
def test_faults_are_found_at_a_line_of_the_chart(tmp_path: Path, case: str) -> None:
    yaml, expected = FAULTS[case]
    reported = [d for d in findings(write(tmp_path, yaml)) if d.rule != "description-off-data"]
    assert bool(reported) == bool(expected), reported
    for words in expected:
        assert any(words in f"{d.message} {d.hint}" for d in reported), (words, reported)
    assert all(d.place.path == "chapters/floods.md" and d.place.line > 8 for d in reported)


WORDS: Mapping[str, tuple[str, str, str]] = {
    "a missing description": ("description: Words of the timeline.\n", "", "has no description"),
    "a year of an entry": ("Words of the timeline.", "An act of 2004.", ""),
    "the year of an entry's own date": ("Words of the timeline.", "A count in 2018.", ""),
}


@pytest.mark.parametrize("case", sorted(WORDS))
def test_words_are_compared_with_what_is_drawn(tmp_path: Path, case: str) -> None:
    old, new, expected = WORDS[case]
    root = write(tmp_path, TIMELINE)
    changed(root / "chapters/floods.md", old, new)
    reported = findings(root)
    assert [d for d in reported if expected in d.message] if expected else not reported, reported


def words_drawn(spec: Mapping[str, object]) -> str:
    return " ".join(re.findall(r"'text': '([^']*)'", str(spec)))


def test_all_texts_are_in_the_drawing_the_table_and_the_words_for_it(tmp_path: Path) -> None:
    chart = chart_of(write(tmp_path, TIMELINE))
    table = " ".join(cell for row in chart.data.rows for cell in row)
    for words in ("2004", "River Act", "June 2018", "March 2017", "Dams", "whole land"):
        assert set(words.split()) <= set(words_drawn(chart.spec).split()), words
        assert words in table, words
    assert chart.alt.startswith("Words of the timeline. 2004, Laws, River Act")


SECOND = '  - {id: %s, type: report, title: %s, author: [{literal: %s}], issued: "%s"}\n'
SHARED: Mapping[str, tuple[str, str]] = {
    "one of the author and year": ("", "River Board (2019)"),
    "two of the author and year": (SECOND % ("third", "Second count", "River Board", 2019), "River Board"),
    "another author": (SECOND % ("third", "Second count", "Dam Office", 2019), "River Board (2019)"),
}
"""Other sources, and the name of one in a diagram."""


@pytest.mark.parametrize("case", sorted(SHARED))
def test_a_name_in_a_timeline_is_that_of_one_source(tmp_path: Path, case: str) -> None:
    others, expected = SHARED[case]
    root = write(tmp_path, TIMELINE)
    appended(root / "paper/references.yaml", others)
    chart = chart_of(root)
    assert [row[-1] for row in chart.data.rows if row[-1].startswith("River Board")] == [expected]


def test_a_generated_chart_is_that_of_the_chapters_of_a_document() -> None:
    project = Project(HEALTHY, today=date(2020, 1, 20))
    whole = number_paper(project.load().paper, History(), OutputOptions()).context
    part = replace(whole, chapters=())
    tables = [generated_charts.CHART_BUILDERS["linkage-map"](context).data.rows for context in (whole, part, whole)]
    assert tables[0] == tables[2] != tables[1]


def test_a_chart_is_drawn_again_in_another_language_and_from_other_records(tmp_path: Path) -> None:
    project = Project(write(tmp_path, TIMELINE), today=date(2020, 1, 20))
    numbered = number_paper(project.load().paper, History(), OutputOptions())
    (chart,) = numbered.context.chapters[0].charts
    contexts = [numbered.context, numbered.in_language("ur").context, numbered.context]
    heads = [timelines_and_data.complete_chart(context, chart).data.heads for context in contexts]
    assert heads[0] == heads[2] != heads[1]
    other = replace(chart, alt="Other words.")
    assert timelines_and_data.complete_chart(numbered.context, other).alt.startswith("Other words. 2004")


def test_entries_are_in_the_order_of_their_dates_within_groups(tmp_path: Path) -> None:
    rows = chart_of(write(tmp_path, TIMELINE)).data.rows
    assert [row[:2] for row in rows] == [("2004", "Laws"), ("March 2017", "Counts"), ("June 2018", "Counts")]


DATES = {"1997": "1997", "2018-06": "June 2018", "2019-10-18": "18 October 2019"}


@pytest.mark.parametrize("written", sorted(DATES))
def test_dates_are_as_precise_as_they_are_written(written: str) -> None:
    assert format_partial_date(written, wording_for("en")) == DATES[written]
    entry = DatedEntry(written, "", "", "")
    assert entry.first.isoformat().startswith(written)
    assert entry.last.isoformat().startswith(written)
    assert entry.first <= entry.last
