"""Facts by reference in charts, data files, tables and alternative texts."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from command_kit import nioc
from test_papers import appended, read_tables, written
from test_repeated_words import LEVEL

from nioc_paper import tree
from nioc_paper.assemble import assemble
from nioc_paper.check import check
from nioc_paper.domain.fact_values import fact_number, fill_fact_numbers, fill_text, number_of_reference
from nioc_paper.load import charts, load
from nioc_paper.load.charts import read_chart
from nioc_paper.load.load_context import LoadContext, PaperFiles
from nioc_paper.model import Chart, Diagnostic, Document, Fact, History, Paper, Place, Severity
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
TABLES = read_tables("facts_in_data")
CHAPTER = TABLES["chapter"]


def write_paper(root: Path, changes: Mapping[str, str]) -> Path:
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
        written(root / path, text)
    return root


def read(root: Path, changes: Mapping[str, str] = {}, cache: Cache = NO_CACHE) -> tuple[Paper, list[Diagnostic]]:
    findings: list[Diagnostic] = []
    paper = load(write_paper(root, changes), findings.append, cache)
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


# --- values that a chart measures -------------------------------------------------------------------------------------

HINTS: Mapping[str, Sequence[tuple[str, str]]] = {
    # Values, each with the number to write in its place, by language.
    "en-GB": (("5,637", "5637"), ("12,5", "12.5"), ("1,23,456.5", "123456.5"), ("5\u202f637", "5637"), ("−4", "-4")),
    "de": (("5,637", "5.637"), ("12,5", "12.5"), ("5.637,25", "5637.25"), ("1.234.567", "1234567"), ("8 %", "8")),
    "ur": (("5,637", "5637"), ("12,5", "12.5"), ("n/a", ""), ("1,2,3", ""), ("nan", "")),
}
X: Any = {"field": "kind", "type": "nominal"}
Y: Any = {"field": "n", "type": "quantitative"}


def bars(y: Any, **more: Any) -> Any:
    return {"mark": "bar", "encoding": {"x": X, "y": y}, **more}


MEASURED: Mapping[str, Any] = {
    "quantitative": bars(Y),
    "aggregate": bars({"field": "n", "aggregate": "sum"}),
    "bin": bars({"aggregate": "count"}, encoding={"x": {"field": "n", "bin": True}, "y": {"aggregate": "count"}}),
    "scale": bars({"field": "n", "scale": {"type": "log"}}),
    "bar": bars({"field": "n"}),
    "bar across": {"mark": {"type": "bar"}, "encoding": {"y": X, "x": {"field": "n"}}},
    "arc": {"mark": "arc", "encoding": {"theta": {"field": "n"}, "color": X}},
    "size": {"mark": "point", "encoding": {"x": X, "y": X, "size": Y}},
    "tooltip": {"mark": "point", "encoding": {"x": X, "y": X, "tooltip": [X, Y]}},
    "condition": {"mark": "point", "encoding": {"x": X, "y": X, "color": {"condition": {"test": "true", **Y}}}},
    "second": {"mark": "bar", "encoding": {"y": X, "x": {"datum": 0, "type": "quantitative"}, "x2": {"field": "n"}}},
    "sort": {"mark": "point", "encoding": {"x": {**X, "sort": {"field": "n", "op": "sum"}}, "y": X}},
    "layer": {"encoding": {"x": X}, "layer": [{"mark": "line", "encoding": {"y": Y}}]},
    "repeat": {"repeat": ["n"], "spec": bars({"field": {"repeat": "repeat"}, "type": "quantitative"})},
    "after a filter": bars(Y, transform=[{"filter": "datum.kind != 'z'"}]),
    "filter": {"mark": "point", "encoding": {"x": X, "y": X}, "transform": [{"filter": "datum.n > 2"}]},
    "condition of a filter": {
        "mark": "point",
        "encoding": {"x": X},
        "transform": [{"filter": {"field": "n", "gt": 2}}],
    },
    "calculate": bars({**Y, "field": "m"}, transform=[{"calculate": "datum['n'] / 2", "as": "m"}]),
    "twice": bars(
        {**Y, "field": "k"},
        transform=[{"calculate": "if(datum.kind == 'x', datum.n, 0)", "as": "m"}, {"calculate": "-datum.m", "as": "k"}],
    ),
    "replaced": bars(Y, transform=[{"calculate": "datum.n * 2", "as": "n"}]),
    "fold": bars({**Y, "field": "value"}, transform=[{"fold": ["n"]}, {"fold": ["n"], "as": ["key", "value"]}]),
    "sum": bars(
        {**Y, "field": "s"}, transform=[{"aggregate": [{"op": "sum", "field": "n", "as": "s"}], "groupby": ["kind"]}]
    ),
    "stack": bars({**Y, "field": "to"}, transform=[{"stack": "n", "groupby": ["kind"], "as": ["from", "to"]}]),
}
FREE: Mapping[str, Any] = {
    "nominal": bars(
        {"aggregate": "count"}, encoding={"x": {"field": "n", "type": "nominal"}, "y": {"aggregate": "count"}}
    ),
    "count": bars({"field": "n", "aggregate": "distinct", "type": "quantitative"}),
    "read": bars({**Y, "field": "m"}, transform=[{"calculate": "toNumber(replace(datum.n, ',', ''))", "as": "m"}]),
    "read in place": bars(Y, transform=[{"calculate": "length(datum.n)", "as": "n"}]),
    "compared": bars({"aggregate": "count"}, transform=[{"filter": "datum.n == '5,637'"}]),
    "names": bars({"field": "kind"}),
    "counted": bars(
        {**Y, "field": "c"}, transform=[{"aggregate": [{"op": "count", "field": "n", "as": "c"}], "groupby": ["kind"]}]
    ),
}
HEAD = '﻿"name, full",kind,n\r\n"a, ""b""",x,'
PLACE = (2, len('"a, ""b""",x,') + 1)


def chart_text(name: str, spec: Any) -> str:
    words = {"title": "Title", "subtitle": "Unit", "description": "A chart.", "data": {"url": f"paper/data/{name}.csv"}}
    return json.dumps({**words, **spec})


def chart_of(
    root: Path, name: str, spec: Any, data: str, language: str = "en-GB"
) -> tuple[Chart | None, list[Diagnostic]]:
    """A chart of `a.md`, in whose second line it begins, and the findings in it and in its data file."""
    (root / "paper" / "data").mkdir(parents=True, exist_ok=True)
    (root / "paper" / "data" / f"{name}.csv").write_bytes(data.encode())
    findings: list[Diagnostic] = []
    context = LoadContext(PaperFiles(root), NO_CACHE, findings.append, language=language)
    return read_chart(context, "a.md", f"fig-{name}", chart_text(name, spec), Place("a.md", 1)), findings


@pytest.mark.parametrize("language", HINTS)
@pytest.mark.parametrize("use", MEASURED)
def test_a_value_that_is_no_number_is_an_error_at_its_place(tmp_path: Path, language: str, use: str) -> None:
    for value, hint in HINTS[language]:
        chart, [finding] = chart_of(tmp_path, "a", MEASURED[use], f'{HEAD}"{value}"\r\n"c",y,3\r\n', language)
        assert (chart, finding.severity, finding.rule) == (None, Severity.ERROR, "text-among-numbers")
        assert finding.place == Place("paper/data/a.csv", *PLACE)
        assert finding.message == f"'{value}' is not a number, and a chart measures it"
        assert finding.hint.startswith(f"write {hint}" if hint else "write digits")


@pytest.mark.parametrize("use", MEASURED)
def test_plain_numbers_are_free(tmp_path: Path, use: str) -> None:
    chart, findings = chart_of(tmp_path, "a", MEASURED[use], f'{HEAD}-1.5e3\r\n"c",y,"5637"\r\n')
    assert chart
    assert findings == []


@pytest.mark.parametrize("use", FREE)
def test_values_that_are_not_measured_are_free(tmp_path: Path, use: str) -> None:
    chart, findings = chart_of(tmp_path, "a", FREE[use], f'{HEAD}"5,637"\r\n"c",y,3\r\n')
    assert chart
    assert findings == []


def test_an_empty_cell_is_left_out_and_a_column_without_values_is_an_error(tmp_path: Path) -> None:
    chart, [note] = chart_of(tmp_path, "some", bars(Y), f"{HEAD}\r\nc,y,3\r\n")
    assert (note.severity, note.place) == (Severity.INFO, Place("paper/data/some.csv", *PLACE))
    assert chart
    assert chart.spec["data"]["values"] == [{"kind": "x"}, {"kind": "y", "n": 3.0}]
    chart, [empty] = chart_of(tmp_path, "none", bars(Y), f"{HEAD}\r\nc,y, \r\n")
    assert chart is None
    assert empty.message == "the column 'n' has no value, and a chart measures it"
    assert empty.place == Place("paper/data/none.csv", *PLACE)


def test_a_value_on_a_scale_of_time_is_a_day(tmp_path: Path) -> None:
    days = bars({"field": "n", "type": "temporal"})
    chart, [finding] = chart_of(tmp_path, "a", days, f"{HEAD}22 November 2019\r\nc,y,2019-11-22\r\n")
    assert (chart, finding.place) == (None, Place("paper/data/a.csv", *PLACE))


def locations(value: Any, loc: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Location of every key of a specification, outside of names and formulas."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [inner for key, part in pairs for inner in ((*loc, key), *locations(part, (*loc, key)))]


@pytest.mark.parametrize("use", MEASURED)
def test_every_misspelled_key_and_word_is_an_error_at_its_place(tmp_path: Path, use: str) -> None:
    spec = MEASURED[use]
    for loc in locations(spec):
        parent = reduce(lambda part, key: part[key], loc[:-1], spec)
        value = parent[loc[-1]]
        if isinstance(loc[-1], str):
            slipped = json.loads(json.dumps(spec))
            part = reduce(lambda part, key: part[key], loc[:-1], slipped)
            slipped_key = f"{loc[-1]}q"
            part[slipped_key] = part.pop(loc[-1])
            assert is_found(tmp_path, slipped, slipped_key), loc
        if loc[-1] in ("type", "mark", "aggregate", "op") and isinstance(value, str):
            slipped = json.loads(json.dumps(spec))
            reduce(lambda part, key: part[key], loc[:-1], slipped)[loc[-1]] = f"{value}q"
            assert is_found(tmp_path, slipped, f"{value}q"), loc


def is_found(root: Path, spec: Any, slip: str) -> bool:
    """Whether a finding names a slip at its line and column."""
    _, findings = chart_of(root, "a", spec, f"{HEAD}1\r\n")
    column = chart_text("a", spec).index(f'"{slip}"') + 1
    return any(f"'{slip}'" in d.message and d.place == Place("a.md", 2, column) for d in findings)


def test_the_table_is_of_the_version_that_draws() -> None:
    import vl_convert

    table = json.loads(Path(charts.__file__).with_name("data").joinpath("vega-lite.json").read_bytes())
    assert table["version"].startswith(vl_convert.get_vegalite_versions()[-1])


def test_inline_values_are_numbers(tmp_path: Path) -> None:
    rule = {"mark": "rule", "encoding": {"y": {"datum": "5,637", "type": "quantitative"}}}
    text = {"mark": "text", "data": {"values": [{"kind": "x", "n": "12,5"}]}, "encoding": {"x": X, "y": Y}}
    spec = {"layer": [bars(Y), rule, text]}
    chart, findings = chart_of(tmp_path, "a", spec, f"{HEAD}1\r\n")
    assert chart is None
    source = chart_text("a", spec)
    places = [Place("a.md", 2, source.index(value) + 1) for value in ('"5,637"', '"12,5"')]
    assert [(d.place, d.hint) for d in findings] == [*zip(places, ("write 5637", "write 12.5"), strict=True)]


def test_check_says_it_and_nothing_is_built(root: Path) -> None:
    (root / "paper" / "data" / "a.csv").write_bytes(f'{HEAD}"5,637"\r\nc,y,"12,5"\r\n'.encode())
    chapter, settings = root / "chapters" / "tunnels.md", root / "paper" / "paper.yaml"
    block = f"\n::: {{#fig-a .figure}}\n```{{.chart}}\n{chart_text('a', bars(Y))}\n```\n\nA caption.\n:::\n"
    appended(chapter, block)
    settings.write_text(re.sub("language: .*", "language: de", settings.read_text(encoding="utf-8")), encoding="utf-8")
    for command in (("check",), ("build", "--to", "html")):
        run = nioc(root, *command)
        output = run.stdout + run.stderr
        assert run.returncode == 1
        for place, value, plain in (("2:14", "5,637", "5.637"), ("3:5", "12,5", "12.5")):
            start = f"paper/data/a.csv:{place}: error[text-among-numbers] '{value}' is not a number"
            assert f"{start}, and a chart measures it\n  hint: write {plain}\n" in output
    assert not [*root.glob("dist/*.html")]


def test_a_row_without_a_name_is_a_warning_at_its_first_cell(tmp_path: Path) -> None:
    chart, [finding] = chart_of(tmp_path, "a", MEASURED["quantitative"], "kind,n\nx,1\n,2\n")
    assert chart is not None
    assert (finding.severity, finding.place) == (Severity.WARNING, Place("paper/data/a.csv", 3, 1))
