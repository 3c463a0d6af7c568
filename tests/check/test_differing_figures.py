"""Numbers of the same source, noun, unit, year and place: another number is a warning, and nothing else is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from test_facts_in_data import messages, read
from test_papers import read_tables

FRONT = "---\nid: {0}\ntitle: {0}\ncategory: cross-cutting\nstatus: drafting\n---\n\n"
SETTINGS = """
id: rivers
title: Rivers
statuses: [{id: drafting, title: Drafting}, {id: final, title: Final, owes: nobody}]
kinds: {cross-cutting: {}}
parts: [{chapters: [chapters/one.md, chapters/two.md]}]
"""
TABLES = read_tables("differing_figures")
SAME = TABLES["same"]
OTHER = TABLES["other"]
CASES = {**SAME, **OTHER}


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The cases that a check of all of them warns of; each has a source of its own."""
    keys = {name: f"s{number}" for number, name in enumerate(CASES)}
    one, two = (
        FRONT.format(chapter) + "\n\n".join(CASES[name][part].replace("@s]", f"@{key}]") for name, key in keys.items())
        for part, chapter in enumerate(("one", "two"))
    )
    sources = "".join(f"  - {{id: {key}, type: report, title: Title}}\n" for key in (*keys.values(), "other"))
    facts = 'facts: [{id: s, value: "56,696", unit: complaints, as_of: "2019", source: s0}]\n'
    files = {
        "paper/paper.yaml": SETTINGS,
        "paper/references.yaml": f"references:\n{sources}",
        "paper/registers/facts.yaml": facts.replace("s0", keys["a fact beside it"]),
        "chapters/one.md": one,
        "chapters/two.md": two,
    }
    _, diagnostics = read(tmp_path_factory.mktemp("cases"), files)
    first = FRONT.count("\n") + 1
    lines = {d.place.line for d in diagnostics if d.rule == "differing-figure"}
    return {name for index, name in enumerate(CASES) if first + 2 * index in lines}


def test_the_same_thing_with_another_number_is_a_warning(reported: set[str]) -> None:
    assert [name for name in SAME if name not in reported] == []


def test_other_numbers_are_not_reported(reported: set[str]) -> None:
    assert [name for name in OTHER if name in reported] == []


PLACES = TABLES["places"]
CSV = "stage,number\nComplaints,56696\nCases,1086\n"
FACT = 'facts:\n  - {id: complaints, value: "VALUE", unit: complaints, as_of: "2019", source: survey}\n'


@pytest.mark.parametrize(
    ("value", "warned"),
    [
        (
            "56,969",
            [f"chapters/floods.md:{line}:{column}" for line, column in ((8, 4), (12, 15), (18, 36), (27, 1), (29, 17))]
            + ["paper/data/complaints.csv:2:12"],
        ),
        ("56,696", []),
        ("57,000", []),
        ("12,000", []),
    ],
)
def test_a_fact_is_compared_with_every_place_of_a_number(value: str, warned: list[str], tmp_path: Path) -> None:
    changes = {
        "paper/registers/facts.yaml": FACT.replace("VALUE", value),
        "paper/data/complaints.csv": CSV,
        "chapters/floods.md": FRONT.format("floods").strip() + "\n" + PLACES,
    }
    _, diagnostics = read(tmp_path, changes)
    assert [line.split()[0] for line in messages(diagnostics, "differing-figure")] == warned


VALUES = TABLES["values"]


def test_a_figure_beside_a_citation_is_one_of_the_facts_from_its_source(tmp_path: Path) -> None:
    facts = """facts:
  - {id: border, value: "2,611", unit: km, source: survey}
  - {id: posts, value: "416", unit: posts, source: survey}
  - {id: income, value: USD 927 million, unit: a year, as_of: "2013", source: survey}
"""
    texts = "\n\n".join(f"Page {'x' * n} has {value} [@survey]." for n, value in enumerate(VALUES, 3))
    changes = {
        "paper/registers/facts.yaml": facts,
        "chapters/floods.md": FRONT.format("floods").strip().replace("drafting", "final") + f"\n\n{texts}\n",
    }
    _, diagnostics = read(tmp_path, changes)
    lines = {d.place.line for d in diagnostics if d.rule in ("differing-figure", "conflicting-value")}
    first = FRONT.count("\n") + 1
    assert {value: first + 2 * n in lines for n, value in enumerate(VALUES)} == VALUES


# --- totals of tables -------------------------------------------------------------------------------------------------

FILES = {
    "paper/references.yaml": "references: [{id: s, type: report, title: Survey}]",
    "paper/registers/facts.yaml": 'facts: [{id: north, value: "12", unit: km, source: s}]',
    "chapters/two.md": FRONT.format("two") + "Text.\n",
}
WRONG = TABLES["wrong"]
RIGHT = TABLES["right"]


def table(title: str, cells: Sequence[str]) -> str:
    names = [*(f"Part {n}" for n in range(1, len(cells))), "Total"]
    rows = "\n".join(f"| {name} | {cell} |" for name, cell in zip(names, cells, strict=True))
    return f"| Place | {title} |\n|---|---|\n{rows}\n"


@pytest.fixture(scope="module")
def sum_messages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Messages about sums by case, from a chapter with a table for each."""
    cases = {**{f"wrong {k}": (title, cells) for k, (title, cells, _) in WRONG.items()}, **RIGHT}
    chapter, case_by_line = FRONT.format("one"), dict[int, str]()
    for name, case in cases.items():
        chapter += f"\n{table(*case)}"
        case_by_line[chapter.count("\n")] = name
    _, findings = read(
        tmp_path_factory.mktemp("sums"), {"paper/paper.yaml": SETTINGS, **FILES, "chapters/one.md": chapter}
    )
    sums = [(case_by_line[d.place.line], d.message) for d in findings if d.rule == "wrong-sum"]
    return {name: [message for case, message in sums if case == name] for name in cases}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_total_is_reported(case: str, sum_messages: dict[str, list[str]]) -> None:
    (message,) = sum_messages[f"wrong {case}"]
    assert message.endswith(f"the cells above give {WRONG[case][-1]}")


@pytest.mark.parametrize("case", RIGHT)
def test_a_right_total_and_what_is_no_sum_are_not_reported(case: str, sum_messages: dict[str, list[str]]) -> None:
    assert sum_messages[case] == []


@pytest.mark.parametrize(("total", "message"), [("26", []), ("27", ["the total is 27, but the cells above give 26"])])
def test_a_total_in_a_data_file_is_the_sum_of_its_column(total: str, message: list[str], tmp_path: Path) -> None:
    block = "::: {#tbl-x .table}\n```{.table}\ndata: {url: paper/data/x.csv}\n```\n\nCarts [@s].\n:::\n"
    files = {
        "paper/paper.yaml": SETTINGS,
        **FILES,
        "chapters/one.md": FRONT.format("one") + block,
        "paper/data/x.csv": f"place,carts\nFord,12\nMill,14\nTotal,{total}\n",
    }
    findings = [d for d in read(tmp_path, files)[1] if d.rule == "wrong-sum"]
    assert [d.message for d in findings] == message
    assert {(d.place.path, d.place.line) for d in findings} <= {("paper/data/x.csv", 4)}
