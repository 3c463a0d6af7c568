"""Facts by reference in charts, data files, tables and alternative texts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from test_repeated_words import LEVEL

from nioc_paper import tree
from nioc_paper.assemble import assemble
from nioc_paper.check import check
from nioc_paper.domain.facts import fact_number, fill_fact_numbers, fill_text, number_of_reference
from nioc_paper.load import load
from nioc_paper.model import Diagnostic, Document, Fact, History, Paper
from nioc_paper.system.cache import NO_CACHE, Cache

SETTINGS = """
id: rivers
title: Rivers
statuses: [{id: drafting, title: Drafting}, {id: final, title: Final, owes: nobody}]
kinds: {cross-cutting: {}}
parts: [{chapters: [chapters/floods.md]}]
annexes: [{list: data, title: Data}]
"""
FACTS = """
facts:
  - {id: dams, value: "4,200", unit: small dams, as_of: "2019", source: survey}
  - {id: people, value: about 6.7 million, unit: people, as_of: "2019", source: survey}
  - {id: length, value: two to ten, unit: km, as_of: "2019", source: survey}
"""
SOURCES = (
    'references:\n  - {id: survey, type: report, title: Survey, author: [{literal: River Board}], issued: "2019"}\n'
)
DATA = "name,number,note\nDams,-@fact-dams,@fact-dams stand\nPeople,-@fact-people,\nLakes,17,\n"
CHAPTER = """---
id: floods
title: Floods
category: cross-cutting
status: drafting
---

::: {#fig-dams .figure}
```{.chart}
title: Of -@fact-people people
description: Bar chart. There are @fact-dams.
data: {url: paper/data/dams.csv}
transform: [{calculate: datum.number / -@fact-dams, as: share}]
layer:
  - mark: bar
    encoding: {x: {field: number, type: quantitative, scale: {domain: [0, -@fact-people]}}, y: {field: name}}
  - mark: {type: text, text: -@fact-dams}
  - mark: rule
    encoding: {x: {datum: -@fact-dams}}
```

Dams and people [@survey].
:::

::: {#tbl-dams .table}
```{.table}
data: {url: paper/data/dams.csv}
columns: [{field: name}, {field: number, title: Number of -@fact-dams}, {field: note}]
```

Dams [@survey].
:::

::: {#tbl-sums .table}
```{.table}
data: {url: paper/data/dams.csv}
columns: [{field: name}, {field: number, decimals: 1}]
total: {title: Sum, fields: [number]}
```

Sums [@survey].
:::

![A river with @fact-dams](level.svg) and ![River](level.svg){alt="A river with -@fact-dams dams"}

![River](level.svg){#fig-drawn alt="A drawing of @fact-dams"}

-@fact-length km [@survey].
"""


def written(root: Path, changes: Mapping[str, str]) -> Path:
    """A small paper with a chart, a table and pictures."""
    files = {
        "paper/paper.yaml": SETTINGS,
        "paper/registers/facts.yaml": FACTS,
        "paper/references.yaml": SOURCES,
        "paper/data/dams.csv": DATA,
        "chapters/level.svg": LEVEL,
        "chapters/floods.md": CHAPTER,
        **changes,
    }
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root


def read(root: Path, changes: Mapping[str, str] = {}, cache: Cache = NO_CACHE) -> tuple[Paper, list[Diagnostic]]:
    findings: list[Diagnostic] = []
    paper = load(written(root, changes), findings.append, cache)
    return paper, check(paper, date(2020, 1, 10), findings, cache, "rules")


def messages(findings: list[Diagnostic], *rules: str) -> list[str]:
    return [f"{d.place} {d.rule} {d.message}" for d in findings if d.rule in rules]


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Paper:
    loaded, findings = read(tmp_path_factory.mktemp("rivers"))
    assert (
        messages(findings, "dead-reference", "unused-entry/fact", "broken-chart", "broken-table", "broken-data") == []
    )
    return loaded


def test_a_chart_draws_and_prints_facts(paper: Paper) -> None:
    (chart,) = paper.chapters[0].charts
    bars, words, rule = chart.spec["layer"]
    assert [row["number"] for row in chart.spec["data"]["values"]] == [4200, 6700000, 17]
    assert chart.spec["title"] == "Of about 6.7 million people"
    assert chart.spec["transform"][0]["calculate"] == "datum.number / 4200"
    assert bars["encoding"]["x"]["scale"]["domain"] == [0, 6700000]
    assert words["mark"]["text"] == "4,200"
    assert rule["encoding"]["x"]["datum"] == 4200
    assert chart.alt == "Bar chart. There are 4,200 small dams."
    assert [row[1] for row in chart.data.rows] == ["4,200", "about 6.7 million", "17"]


def test_a_table_prints_facts_as_the_register_has_them_and_adds_their_numbers(paper: Paper) -> None:
    printed, summed = paper.chapters[0].tables
    assert printed.heads[1] == "Number of 4,200"
    assert [row[1:] for row in printed.rows[:2]] == [("4,200", "4,200 small dams stand"), ("about 6.7 million", "")]
    assert [row[1] for row in summed.rows] == ["4,200.0", "6,700,000.0", "17.0", "6,704,217.0"]


def test_the_words_of_pictures_hold_facts_and_no_citation(paper: Paper) -> None:
    document: Document = assemble(paper, History())
    images = [n for n in tree.walk(document.blocks) if n["t"] == "Image" and n["c"][2][0].endswith(".svg")]
    assert [tree.plain_text(n["c"][1]) for n in images] == [
        "A river with 4,200 small dams",
        "A river with 4,200 dams",
        "A drawing of 4,200 small dams",
    ]
    assert [n for image in images for n in tree.walk(image) if n["t"] == "Cite"] == []


def test_an_unknown_fact_is_reported_at_its_place(tmp_path: Path) -> None:
    misspelled = {
        "paper/data/dams.csv": DATA.replace("-@fact-people", "-@fact-peple"),
        "chapters/floods.md": CHAPTER.replace("There are @fact-dams", "There are @fact-dam").replace(
            'with -@fact-dams dams"', 'with -@fact-dans dams"'
        ),
    }
    _, findings = read(tmp_path, misspelled)
    assert messages(findings, "dead-reference") == [
        "chapters/floods.md:11:14 dead-reference '@fact-dam' leads nowhere",
        "chapters/floods.md:44:43 dead-reference '@fact-dans' leads nowhere",
        "paper/data/dams.csv:3:8 dead-reference '@fact-peple' leads nowhere",
    ]


def test_a_fact_counts_as_used_in_data_and_words_of_pictures(tmp_path: Path) -> None:
    bare = CHAPTER.partition("::: {#fig")[0] + "Text.\n"
    _, findings = read(tmp_path / "none", {"chapters/floods.md": bare})
    unused = ["dams", "people", "length"]
    assert messages(findings, "unused-entry/fact") == [
        f"paper/registers/facts.yaml:{line}:10 unused-entry/fact nothing uses the fact '{name}'"
        for line, name in enumerate(unused, 3)
    ]
    for number, text in enumerate((CHAPTER[CHAPTER.index("::: {#tbl-dams") :], '![A](level.svg){alt="@fact-dams"}\n')):
        _, findings = read(tmp_path / str(number), {"chapters/floods.md": bare + "\n" + text})
        assert "'dams'" not in " ".join(messages(findings, "unused-entry/fact"))


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("56,696", "56696"),
        ("6.7 million", "6700000"),
        ("USD 927 million", "927000000"),
        ("about 1,250", "1250"),
        ("fewer than 30,000", "30000"),
        ("3.6", "3.6"),
        ("0.5", "0.5"),
        ("1,00,000", "100000"),
        ("Rs. 2.5 crore", "25000000"),
        ("100", "100"),
        ("two to ten years", ""),
        ("June 2018", ""),
        ("nine", ""),
        ("up to 14 years", ""),
    ],
)
def test_the_number_of_a_fact(value: str, number: str) -> None:
    facts = {"x": Fact(id="x", value=value, source="s", unit="things")}
    assert fact_number("fact-x", facts) == number
    assert number_of_reference(" -@fact-x ", facts) == number
    assert fill_text("a -@fact-x b @fact-x. @fact-y a@fact-x", facts) == (
        f"a {value} b {value} things. @fact-y a@fact-x"
    )
    assert fill_fact_numbers("datum.a / -@fact-x", facts) == f"datum.a / {number or '-@fact-x'}"
