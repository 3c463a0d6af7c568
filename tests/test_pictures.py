"""Pictures made from the registers, and the data behind every chart, which the reader can look up."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace
from sample_plan import record

from nioc_paper import tree
from nioc_paper.assemble import assemble, extract_chapter
from nioc_paper.assemble.lists.cells import ListContext
from nioc_paper.assemble.lists.linkages import build_linkage_map
from nioc_paper.assemble.lists.plan_chart import build_timeline
from nioc_paper.load import load
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
from nioc_paper.wording import ENGLISH

HERE = Path(__file__).parent
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
    with (root / "chapters" / "tunnels.md").open("a", encoding="utf-8") as file:
        file.write(BLOCKS)
    with (root / "paper" / "paper.yaml").open("a", encoding="utf-8") as file:
        file.write("  - {title: Data, list: data}\n")
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
