"""Tables made from files of data: set as asked for, numbered like any other, and every fault where it was made."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from nioc_paper import tree
from nioc_paper.assemble import assemble
from nioc_paper.check import check
from nioc_paper.load import load
from nioc_paper.load.assets import read_asset
from nioc_paper.load.csv_data import print_number
from nioc_paper.load.paper_files import PaperFiles
from nioc_paper.model import Diagnostic, Document, History, Node, Severity
from nioc_paper.wording import ENGLISH

HEALTHY = Path(__file__).parent / "papers" / "healthy"
CHAPTER = "chapters/bridges.md"
CSV = "bridge,built,length,cost\nMill,1890,12.5,90000\nPark,1931,8,1234567\nWeir,2004,-0.25,\n"
COLUMNS = """\
columns:
  - {field: bridge, title: Bridge}
  - {field: built}
  - {field: length, title: Length, unit: m, decimals: 1}
  - {field: cost, unit: EUR, decimals: 0}
"""
BELOW = "Bridges of the town.\n\nSource: survey of the council [@survey2019]."


def read(folder: Path, block: str, csv: str = CSV, below: str = BELOW) -> tuple[Document, list[Diagnostic]]:
    """The healthy paper with a table in one of its chapters."""
    root, findings = Path(shutil.copytree(HEALTHY, folder / "paper")), list[Diagnostic]()
    (root / "paper" / "data" / "bridges.csv").write_bytes(csv.encode())
    with (root / CHAPTER).open("a", encoding="utf-8") as file:
        file.write(f"\n::: {{#tbl-br-csv .table}}\n```{{.table}}\n{block}```\n\n{below}\n:::\n")
    return assemble(load(root, findings.append), History()), findings


def made(document: Document) -> Node:
    return next(n for n in tree.walk(document.blocks) if tree.identifier(n) == "tbl-br-csv")


def cells(table: Node) -> list[list[str]]:
    """The words of a table's rows, the head first."""
    _, _, _, head, bodies, foot = table["c"]
    rows = [*head[1], *(row for body in bodies for part in body[2:] for row in part), *foot[1]]
    return [[tree.plain_text(cell[4]) for cell in row[1]] for row in rows]


def test_values_are_set_as_asked_for(tmp_path: Path) -> None:
    document, findings = read(tmp_path, f"data: {{url: paper/data/bridges.csv}}\n{COLUMNS}", "\ufeff" + CSV)
    table = made(document)
    assert [f.rule for f in findings] == ["text-among-numbers"]  # a note on the cell that is empty
    assert cells(table) == [
        ["Bridge", "Built", "Length (m)", "Cost (EUR)"],
        ["Mill", "1890", "12.5", "90,000"],
        ["Park", "1931", "8.0", "1,234,567"],
        ["Weir", "2004", "−0.3", "—"],
        ["Source: survey of the council [@survey2019]."],
    ]
    assert [spec[0]["t"] for spec in table["c"][2]] == ["AlignLeft", "AlignRight", "AlignRight", "AlignRight"]


def test_it_is_numbered_listed_and_referred_to_like_any_table(tmp_path: Path) -> None:
    document, _ = read(
        tmp_path,
        f"data: {{url: paper/data/bridges.csv}}\n{COLUMNS}",
        below=f"{BELOW}\n:::\n\n::: {{.finding}}\nAs @tbl-br-csv shows.",
    )
    entry = document.tables[-1]
    assert entry.title == "Bridges of the town."
    assert tree.plain_text(made(document)["c"][1]) == f"{entry.label}. {entry.title}"
    assert any(n["t"] == "Link" and n["c"][2][0] == "#tbl-br-csv" for n in tree.walk(document.blocks))


def test_rows_are_sorted_and_added_up(tmp_path: Path) -> None:
    more = "sort: {field: built, order: descending}\ntotal: {title: All, fields: [length]}\n"
    document, findings = read(tmp_path, f"data: {{url: paper/data/bridges.csv}}\n{COLUMNS}{more}")
    rows = cells(made(document))
    assert [f.severity for f in findings] == [Severity.INFO]
    assert [row[0] for row in rows] == ["Bridge", "Weir", "Park", "Mill", "All", rows[-1][0]]
    assert rows[4] == ["All", "", "20.3", ""]


def test_rows_with_one_value_are_below_it_and_sums_below_all_groups(tmp_path: Path) -> None:
    data = 'river,bridge,length\n"Ouse ",Mill,3\nCam,Weir,5\nOuse,Park,4\n@fact-bridges,Old,1\n'
    spec = "data: {url: paper/data/bridges.csv}\ngroup: river\nsort: {field: bridge}\n"
    document, findings = read(tmp_path, f"{spec}total: {{title: All, fields: [length]}}\n", data)
    assert not findings
    groups = [["Ouse"], ["Mill", "3"], ["Park", "4"], ["Cam"], ["Weir", "5"], ["12 bridges"], ["Old", "1"]]
    assert cells(made(document))[:9] == [["Bridge", "Length"], *groups, ["All", "13"]]


@pytest.mark.parametrize(
    ("more", "data", "messages"),
    [
        (f"{COLUMNS}group: river\n", CSV, ["the table's data have no column 'river'"]),
        (f"{COLUMNS}group: bridge\n", CSV, ["the column 'bridge' is printed as well"]),
        ("group: river\n", "river\nOuse\n", ["the data have no column besides 'river'"]),
        ("group: river\n", "river,bridge\n,Mill\nCam,Weir\n ,Park\n", ["the column 'river' is empty here"] * 2),
    ],
)
def test_groups_that_cannot_be_printed_are_findings(more: str, data: str, messages: list[str], tmp_path: Path) -> None:
    _, findings = read(tmp_path, f"data: {{url: paper/data/bridges.csv}}\n{more}", data)
    assert [str(finding.message).partition(",")[0] for finding in findings] == messages


def test_without_columns_all_are_printed_as_they_are(tmp_path: Path) -> None:
    document, _ = read(tmp_path, "data: {url: paper/data/bridges.csv}\n", "year,people_sick\n2019,12000\n2018,n/a\n")
    assert cells(made(document))[:3] == [["Year", "People sick"], ["2019", "12000"], ["2018", "n/a"]]


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        ("0.125", 2, "0.13"),
        ("-1234.5", 0, "−1,235"),
        ("6.70", None, "6.70"),
        ("9" * 20, 10, "99,999,999,999,999,999,999.0000000000"),
    ],
)
def test_numbers_are_rounded_as_people_do(value: str, decimals: int | None, text: str) -> None:
    assert print_number(value, ENGLISH, decimals) == text


FAULTS: Mapping[str, tuple[str, str]] = {
    "columns: [{field: bridges}]": ("19", "broken-table the table's data have no column 'bridges'"),
    "columns: [{field: bridge, decimals: 1}]": ("2:1", "broken-data 'Mill' in the column 'bridge' is not a number"),
    "columns: [{field: bridge, decimal: 1}]": ("27", "unknown-key the key 'decimal' is not known here"),
    "columns: [{title: A}]": ("11", "missing-key the key 'field' is missing"),
    "sort: {field: bult}": ("15", "broken-table the table's data have no column 'bult'"),
    "total: {title: All, fields: [cost]}": ("4:17", "broken-data '' in the column 'cost' is not a number"),
    "total: {title: All, fields: [bridge]}": ("30", "broken-table the table's data have no column 'bridge'"),
}


@pytest.mark.parametrize("line", FAULTS)
def test_a_fault_is_where_it_was_made(tmp_path: Path, line: str) -> None:
    _, findings = read(tmp_path, f"data: {{url: paper/data/bridges.csv}}\n{line}\n")
    where, message = FAULTS[line]
    first = findings[0]
    here = f"{first.place.line}:{first.place.column}" if first.place.path.endswith(".csv") else f"{first.place.column}"
    assert (here, f"{first.rule} {first.message}"[: len(message)]) == (where, message)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("paper/data/none.csv", "does not exist"),
        ("../../secret.csv", "is outside the paper"),
        ("/etc/passwd", "is not a file of this paper"),
        ("https://example.org/a.csv", "is not a file of this paper"),
        ("paper/data/link.csv", "is reached through a symbolic link"),
    ],
)
def test_no_other_file_is_read(tmp_path: Path, url: str, message: str) -> None:
    (tmp_path / "secret.csv").write_text("a,b\ncanary,1\n", encoding="utf-8")
    root, findings = Path(shutil.copytree(HEALTHY, tmp_path / "paper")), list[Diagnostic]()
    (root / "paper" / "data" / "link.csv").symlink_to(tmp_path / "secret.csv")
    with (root / CHAPTER).open("a", encoding="utf-8") as file:
        file.write(f"\n::: {{#tbl-br-csv .table}}\n```{{.table}}\ndata: {{url: {url}}}\n```\n\nA table.\n:::\n")
    paper = load(root, findings.append)
    assert [(d.rule, d.message) for d in findings] == [("broken-table", f"the table's data '{url}' {message}")]
    assert "canary" not in str(assemble(paper, History()))


@pytest.mark.parametrize(
    ("chapter", "target", "problem"),
    [
        ("a.md", "../x.png", "is outside the paper"),
        ("chapters/a.md", "../x.png", "does not exist"),
        ("chapters/a.md", "../../x.png", "is outside the paper"),
        ("a.md", "x.png", "does not exist"),
    ],
)
def test_a_file_is_outside_the_paper_as_its_chapter_sees_it(
    tmp_path: Path, chapter: str, target: str, problem: str
) -> None:
    assert read_asset(PaperFiles(tmp_path), chapter, target)[2] == problem


def test_a_block_of_data_without_an_id_is_not_printed_as_code(tmp_path: Path) -> None:
    root, findings = Path(shutil.copytree(HEALTHY, tmp_path / "paper")), list[Diagnostic]()
    with (root / CHAPTER).open("a", encoding="utf-8") as file:
        for kind in ("table", "chart"):
            file.write(f"\n```{{.{kind}}}\ndata: {{url: paper/data/closures.csv}}\n```\n")
    load(root, findings.append)
    assert [d.message for d in findings] == [
        "the chart is in no block with an id 'fig-…'",
        "the table is in no block with an id 'tbl-…'",
    ]


def test_personal_data_in_a_file_of_data_are_found(tmp_path: Path) -> None:
    root = tmp_path / "paper"
    read(tmp_path, "data: {url: paper/data/bridges.csv}\n", "warden,bridges\nada@roads.ardale,1\n")
    findings = check(load(root, lambda _: None), date(2020, 1, 10))
    assert [(d.rule, d.place.path) for d in findings if d.rule == "personal-data"] == [("personal-data", CHAPTER)]


def test_too_many_rows_are_no_table(tmp_path: Path) -> None:
    _, findings = read(tmp_path, "data: {url: paper/data/bridges.csv}\n", "a,b\n" + "1,2\n" * 501)
    assert [d.message for d in findings] == ["the table has 501 rows; 500 are allowed"]
