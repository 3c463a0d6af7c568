"""Timelines of sources: read, refused, compared with the words, and drawn."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace
from test_chart_formats import CHART, HEAD, KINDS, SETTINGS, SOURCES

from nioc_paper import Project
from nioc_paper.app.outputs import BuildRequest, assemble_document
from nioc_paper.assemble import number_paper
from nioc_paper.assemble.lists import diagrams, theory_of_change
from nioc_paper.assemble.lists.diagrams import format_partial_date
from nioc_paper.domain.diagrams import DatedEntry
from nioc_paper.model import Chart, Diagnostic, History, OutputOptions
from nioc_paper.wording import wording_for

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
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
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
    "an unknown kind": (
        TIMELINE.replace("kind: timeline", "kind: timelin"),
        ["no kind of chart 'timelin'"],
    ),
    "an unknown field": (f"{TIMELINE}\ncolour: red", ["colour"]),
    "an unknown field of an entry": (TIMELINE.replace("group: Laws", "grup: Laws"), ["grup"]),
    "no entries": ("kind: timeline", ["entries"]),
    "an entry without a source": (TIMELINE.replace("source: act, ", ""), ["source"]),
    "an unknown source": (TIMELINE.replace("source: act", "source: akt"), ["no source is called 'akt'"]),
    "a date that is none": (TIMELINE.replace("2018-06", "June 2018"), ["June 2018"]),
    "a month that does not exist": (TIMELINE.replace("2018-06", "2018-13"), ["2018-13"]),
    "a source without a date": (
        TIMELINE.replace("source: act", "source: undated"),
        ["'undated' has no date"],
    ),
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
    "a year that no entry has": ("Words of the timeline.", "An act of 2005.", "the year 2005"),
    "a year of an entry": ("Words of the timeline.", "An act of 2004.", ""),
    "the year of an entry's own date": ("Words of the timeline.", "A count in 2018.", ""),
    "the year of its source": (
        "Words of the timeline.",
        "A count in 2019.",
        "the year 2019",
    ),
    "a year in the title": ("that dams are lost", "that 1999 was dry", "the year 1999 in the title"),
}


@pytest.mark.parametrize("case", sorted(WORDS))
def test_words_are_compared_with_what_is_drawn(tmp_path: Path, case: str) -> None:
    old, new, expected = WORDS[case]
    root = write(tmp_path, TIMELINE)
    path = root / "chapters/floods.md"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
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
    "another year": (SECOND % ("third", "Second count", "River Board", 2018), "River Board (2019)"),
    "another author": (SECOND % ("third", "Second count", "Dam Office", 2019), "River Board (2019)"),
}
"""Other sources, and the name of one in a diagram."""


@pytest.mark.parametrize("case", sorted(SHARED))
def test_a_name_in_a_timeline_is_that_of_one_source(tmp_path: Path, case: str) -> None:
    others, expected = SHARED[case]
    root = write(tmp_path, TIMELINE)
    path = root / "paper/references.yaml"
    path.write_text(path.read_text(encoding="utf-8") + others, encoding="utf-8")
    chart = chart_of(root)
    assert [row[-1] for row in chart.data.rows if row[-1].startswith("River Board")] == [expected]


HEALTHY = Path(__file__).parent / "papers" / "healthy"


def test_a_generated_chart_is_that_of_the_chapters_of_a_document() -> None:
    project = Project(HEALTHY, today=date(2020, 1, 20))
    whole = number_paper(project.load().paper, History(), OutputOptions()).context
    part = replace(whole, chapters=())
    tables = [theory_of_change.CHART_BUILDERS["linkage-map"](context).data.rows for context in (whole, part, whole)]
    assert tables[0] == tables[2] != tables[1]


def test_a_chart_is_drawn_again_in_another_language_and_from_other_records(tmp_path: Path) -> None:
    project = Project(write(tmp_path, TIMELINE), today=date(2020, 1, 20))
    numbered = number_paper(project.load().paper, History(), OutputOptions())
    (chart,) = numbered.context.chapters[0].charts
    contexts = [numbered.context, numbered.in_language("ur").context, numbered.context]
    heads = [diagrams.complete_chart(context, chart).data.heads for context in contexts]
    assert heads[0] == heads[2] != heads[1]
    other = replace(chart, alt="Other words.")
    assert diagrams.complete_chart(numbered.context, other).alt.startswith("Other words. 2004")


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
