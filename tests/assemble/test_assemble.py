"""The assembled document: every number given once, every reference filled, nothing of a chapter lost."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rounds import few
from sample_paper import document, full
from test_papers import appended

from nioc_paper import tree
from nioc_paper.assemble import assemble, assemble_chapter, extract_chapter, lists
from nioc_paper.check import check
from nioc_paper.load import load
from nioc_paper.load.assets import read_asset
from nioc_paper.load.csv_data import print_number
from nioc_paper.load.load_context import PaperFiles
from nioc_paper.model import (
    LIST_NAMES,
    Chapter,
    Diagnostic,
    Document,
    FrontMatter,
    History,
    Node,
    OutputOptions,
    Paper,
    Part,
    Settings,
    Severity,
)
from nioc_paper.render.common.shared_passes import divide_link
from nioc_paper.system import pandoc
from nioc_paper.tree.locate import locate
from nioc_paper.wording import ENGLISH


def test_every_list_of_the_settings_has_a_builder() -> None:
    assert set(lists.LIST_BUILDERS) == set(LIST_NAMES)


def ids(blocks: object) -> list[str]:
    return [tree.identifier(n) for n in tree.walk(blocks) if tree.identifier(n)]


def test_every_recommendation_is_numbered_and_in_the_action_plan() -> None:
    paper = full()
    written = [b.id for c in paper.chapters for b in c.items_of_kind("recommendation")]
    plan = next(n for n in tree.walk(document().blocks) if n["t"] == "Table" and "action-plan" in tree.classes(n))
    linked = [n["c"][2][0] for n in tree.walk(plan) if n["t"] == "Link"]
    assert len(written) >= 12
    assert sorted(e.id for e in document().recommendations) == sorted(t[1:] for t in linked if "#rec-" in t)
    assert sorted(written) == sorted(e.id for e in document().recommendations)
    assert len({e.number for e in document().recommendations}) == len(written)


def test_ids_are_unique_and_links_have_targets() -> None:
    known = ids(document().blocks)
    assert [name for name, count in Counter(known).items() if count > 1] == []
    targets = {
        n["c"][2][0][1:] for n in tree.walk(document().blocks) if n["t"] == "Link" and n["c"][2][0].startswith("#")
    }
    assert targets - set(known) == set()


def test_every_reference_is_resolved() -> None:
    blocks, log = pandoc.run_citeproc(document().blocks, document().references, language="en-GB")
    text = tree.plain_text(blocks, with_notes=True)
    assert [e for e in log if e["verbosity"] == "WARNING"] == []
    assert re.findall(r"\?\?|@[a-z][\w-]+|\(\s*\)", text) == []


def test_no_space_precedes_a_full_stop() -> None:
    tables = [n for n in tree.walk(document().blocks) if n["t"] == "Table" and "generated" in tree.classes(n)]
    assert len(tables) >= 5
    assert re.findall(r"\w+ [.,;:](?: |$)", " ".join(map(tree.plain_text, tables))) == []


def test_no_word_and_no_note_of_a_chapter_is_lost() -> None:
    paper = full()
    for chapter in paper.chapters:
        printed = next(b for b in document().blocks if tree.identifier(b) == f"chapter-{chapter.id}")

        def count(kind: str, blocks: object) -> int:
            return sum(n["t"] == kind for n in tree.walk(blocks))

        assert count("Note", printed) >= count("Note", chapter.blocks)
        missing = Counter(words(chapter.blocks)) - Counter(words(printed))
        assert set(missing) <= set(rewritten(chapter)), (chapter.id, missing)


def words(blocks: object) -> list[str]:
    return re.findall(
        r"\w+",
        tree.plain_text(
            tree.rewrite(lambda n: None if n["t"] in ("Cite", "CodeBlock") else n, blocks), with_notes=True
        ),
    )


def rewritten(chapter: Chapter) -> list[str]:
    """Words of fields that print in another form: ids become references or titles, ISO dates are written out."""
    names = ("closes", "objective", "by", "priority")
    fields = [b.field_text(name) for b in chapter.items_of_kind("recommendation") for name in names]
    return re.findall(r"\w+", " ".join(fields))


def test_a_priority_is_printed_by_its_title() -> None:
    titles = {p.id: p.title for p in full().settings.priorities}
    boxes = [n for n in tree.walk(document().blocks) if tree.is_div(n, "recommendation")]
    printed = Counter(
        line.removeprefix("Priority: ")
        for box in boxes
        for line in (tree.plain_text(n) for n in tree.walk(box) if n["t"] == "Plain")
        if line.startswith("Priority: ")
    )
    named = Counter(
        titles[b.field_text("priority")] for c in full().chapters for b in c.items_of_kind("recommendation")
    )
    assert printed == named


def test_people_who_were_only_asked_are_listed_as_proposed_and_credited_with_nothing() -> None:
    paper = full()
    asked = {(c.front.title, k.role) for c in paper.chapters for k in c.front.contributors if k.proposed}
    table = next(n for n in tree.walk(document().blocks) if n["t"] == "Table" and "contributors" in tree.classes(n))
    printed = tree.plain_text(table)
    assert asked
    assert all(f"proposed as {role}, {title}" in printed for title, role in asked)
    agreed = {c.front.title for c in paper.chapters if any(not k.proposed for k in c.front.contributors)}
    assert {entry.title for entry, _ in document().credits} == agreed


def test_an_extracted_chapter_keeps_its_numbers_and_has_no_outside_links() -> None:
    paper = full()
    chapter = next(c for c in paper.chapters if c.front.category == "ferries")
    part = extract_chapter(document(), paper, chapter.id)
    known = set(ids(part.blocks))
    targets = {n["c"][2][0][1:] for n in tree.walk(part.blocks) if n["t"] == "Link" and n["c"][2][0].startswith("#")}
    assert targets <= known
    assert [e.number for e in part.contents if e.id == f"sec-{chapter.id}"] == ["3"]
    assert (part.title, part.subtitle, part.part_of) == ("Ferries", "Chapter 3", document().title)


@pytest.mark.parametrize("copy", [OutputOptions(), OutputOptions(audience="restricted", review=True)], ids=repr)
def test_a_chapter_assembled_alone_is_that_of_the_whole_paper(copy: OutputOptions) -> None:
    paper = full()
    ids = {"executive-summary": "e-s", "executive-summary-ur": "es"}  # with the same letters for their paragraphs
    renamed = (replace(c, front=c.front.replace(id=ids.get(c.id, c.id))) for c in paper.chapters)
    paper = replace(paper, chapters=tuple(renamed))
    whole = assemble(paper, History(), copy=copy)
    for name in (*ids.values(), "ferries", "none"):
        assert assemble_chapter(paper, History(), name, copy=copy) == extract_chapter(whole, paper, name), name


def test_an_extracted_chapter_has_only_the_lists_that_it_fills() -> None:
    paper = full()
    part, urdu = (extract_chapter(document(), paper, name) for name in ("ferries", "executive-summary-ur"))
    assert {e.number[:2] for e in (*part.figures, *part.tables)} == {"3."}
    assert {e.number[:3] for e in part.recommendations} == {"FE-"}
    assert [tree.classes(block) for block in urdu.blocks] == [["chapter"]]  # and no bibliography: it cites nothing
    assert (urdu.subtitle, [entry.level for entry in urdu.figures]) == ("", [])


HEADINGS = st.lists(
    st.sampled_from(["## Gaps", "## Gaps {#sec-a-gaps}", "### Gaps", "## 123", "## ¿?", "## sec a gaps"]), max_size=6
)


@few(25)
@given(st.lists(HEADINGS, min_size=1, max_size=3))
def test_assembled_ids_are_unique_for_any_headings(texts: list[list[str]]) -> None:
    chapters = []
    for index, headings in enumerate(texts):
        text = "\n\nWords.\n\n".join(
            h.replace("a-gaps", f"a{index}-gaps", 1) if headings.count(h) == 1 else h.split(" {")[0] for h in headings
        )
        blocks, _ = pandoc.parse_markdown(text)
        locate(blocks, text)
        front = FrontMatter(id=f"a{index}", title="A")
        chapters.append(Chapter(f"{index}.md", front, text, body=tree.as_tree(blocks)))
    paper = Paper(Settings(parts=(Part(chapters=tuple(c.path for c in chapters)),)), chapters=tuple(chapters))
    known = ids(assemble(paper, History()).blocks)
    assert len(known) == len(set(known))


# --- links to the file of a chapter -----------------------------------------------------------------------------------

HEALTHY = Path(__file__).parents[1] / "papers" / "healthy"
LINKS = {
    "bridges.md": "#sec-bridges",
    "./bridges.md": "#sec-bridges",
    "../chapters/bridges.md": "#sec-bridges",
    "chapters/bridges.md": "#sec-bridges",
    "bridges%2Emd": "#sec-bridges",
    "bridges.md?plain=1": "#sec-bridges",
    "tunnels.md": "#sec-tunnels",
    "bridges.md#sec-bridges": "#sec-bridges",
    "#sec-bridges": "#sec-bridges",
}
DEAD = (
    *("bridge.md", "bridges.md#sec-nowhere", "../README.md", "../paper/paper.yaml", "paper/data/closures.csv"),
    "#nowhere",
)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("*a* b", [("#out", "a b")]),
        ("a [b](#in) c", [("#out", "a"), ("#in", "b"), ("#out", "c")]),
        ("*a [b](#in)* c", [("#in", "b"), ("#out", "c")]),
        ("[a](#one) [b](#two)", [("#one", "a"), ("#two", "b")]),
    ],
    ids=["none", "between words", "in emphasis", "only links"],
)
def test_a_link_in_the_words_of_a_link_is_beside_it(words: str, expected: list[tuple[str, str]]) -> None:
    inner = pandoc.parse_markdown(words)[0][0]["c"]
    outer = tree.para([{"t": "Link", "c": [tree.attr("name"), inner, ["#out", ""]]}])
    divided = tree.rewrite(divide_link, [outer])
    links = [node for node in tree.walk(divided) if node["t"] == "Link"]
    assert [(link["c"][2][0], tree.plain_text(link["c"][1])) for link in links] == expected
    assert not any(inner["t"] == "Link" for link in links for inner in tree.walk(link["c"][1]))
    assert tree.plain_text(divided) == tree.plain_text([outer])
    outer_names = [tree.identifier(link) for link in links if link["c"][2][0] == "#out"]
    assert outer_names == ["name", ""][: len(outer_names)]


def read(folder: Path, targets: tuple[str, ...]) -> tuple[Paper, list[Diagnostic]]:
    """The healthy paper with a line for each link in a chapter, and the findings on them."""
    root = Path(shutil.copytree(HEALTHY, folder / "paper"))
    file = root / "chapters" / "tunnels.md"
    lines = "\n".join(f"See [link {number}]({target})." for number, target in enumerate(targets))
    file.write_text(f"{file.read_text(encoding='utf-8')}\n\n{lines}\n\nSee [](bridges.md).\n", encoding="utf-8")
    reading: list[Diagnostic] = []
    paper = load(root, reading.append)
    return paper, [d for d in check(paper, date(2020, 1, 30), reading) if d.rule == "dead-link"]


def test_the_file_of_a_chapter_is_a_link_into_the_paper(tmp_path: Path) -> None:
    paper, findings = read(tmp_path, tuple(LINKS))
    assert findings == []
    document = assemble(paper, History(), 0)
    links = [node for node in tree.walk(document.blocks) if node["t"] == "Link"]
    targets = {tree.plain_text(link["c"][1]): link["c"][2][0] for link in links}
    assert [targets[f"link {number}"] for number in range(len(LINKS))] == list(LINKS.values())
    assert [target for target in targets.values() if ".md" in target] == []
    assert targets["chapter 1"] == "#sec-bridges"  # a link without words
    ids = {tree.identifier(node) for node in tree.walk(document.blocks)}
    assert set(LINKS.values()) <= {f"#{name}" for name in ids}


def test_a_link_to_a_file_outside_the_outputs_is_reported(tmp_path: Path) -> None:
    _, findings = read(tmp_path, DEAD)
    assert [target for target in DEAD if not any(f"'{target}'" in d.message for d in findings)] == []
    assert len(findings) == len(DEAD)
    assert "did you mean 'bridges.md'?" in {d.hint for d in findings}


# --- tables made from files of data -----------------------------------------------------------------------------------

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


def table_of(folder: Path, block: str, csv: str = CSV, below: str = BELOW) -> tuple[Document, list[Diagnostic]]:
    """The healthy paper with a table in one of its chapters."""
    root, findings = Path(shutil.copytree(HEALTHY, folder / "paper")), list[Diagnostic]()
    (root / "paper" / "data" / "bridges.csv").write_bytes(csv.encode())
    appended(root / CHAPTER, f"\n::: {{#tbl-br-csv .table}}\n```{{.table}}\n{block}```\n\n{below}\n:::\n")
    return assemble(load(root, findings.append), History()), findings


def made(document: Document) -> Node:
    return next(n for n in tree.walk(document.blocks) if tree.identifier(n) == "tbl-br-csv")


def cells(table: Node) -> list[list[str]]:
    """The words of a table's rows, the head first."""
    _, _, _, head, bodies, foot = table["c"]
    rows = [*head[1], *(row for body in bodies for part in body[2:] for row in part), *foot[1]]
    return [[tree.plain_text(cell[4]) for cell in row[1]] for row in rows]


def test_values_are_set_as_asked_for(tmp_path: Path) -> None:
    document, findings = table_of(tmp_path, f"data: {{url: paper/data/bridges.csv}}\n{COLUMNS}", "\ufeff" + CSV)
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
    document, _ = table_of(
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
    document, findings = table_of(tmp_path, f"data: {{url: paper/data/bridges.csv}}\n{COLUMNS}{more}")
    rows = cells(made(document))
    assert [f.severity for f in findings] == [Severity.INFO]
    assert [row[0] for row in rows] == ["Bridge", "Weir", "Park", "Mill", "All", rows[-1][0]]
    assert rows[4] == ["All", "", "20.3", ""]


def test_rows_with_one_value_are_below_it_and_sums_below_all_groups(tmp_path: Path) -> None:
    data = 'river,bridge,length\n"Ouse ",Mill,3\nCam,Weir,5\nOuse,Park,4\n@fact-bridges,Old,1\n'
    spec = "data: {url: paper/data/bridges.csv}\ngroup: river\nsort: {field: bridge}\n"
    document, findings = table_of(tmp_path, f"{spec}total: {{title: All, fields: [length]}}\n", data)
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
    _, findings = table_of(tmp_path, f"data: {{url: paper/data/bridges.csv}}\n{more}", data)
    assert [str(finding.message).partition(",")[0] for finding in findings] == messages


def test_without_columns_all_are_printed_as_they_are(tmp_path: Path) -> None:
    document, _ = table_of(
        tmp_path, "data: {url: paper/data/bridges.csv}\n", "year,people_sick\n2019,12000\n2018,n/a\n"
    )
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
    _, findings = table_of(tmp_path, f"data: {{url: paper/data/bridges.csv}}\n{line}\n")
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
    appended(
        root / CHAPTER, f"\n::: {{#tbl-br-csv .table}}\n```{{.table}}\ndata: {{url: {url}}}\n```\n\nA table.\n:::\n"
    )
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
    table_of(tmp_path, "data: {url: paper/data/bridges.csv}\n", "warden,bridges\nada@roads.ardale,1\n")
    findings = check(load(root, lambda _: None), date(2020, 1, 10))
    assert [(d.rule, d.place.path) for d in findings if d.rule == "personal-data"] == [("personal-data", CHAPTER)]


def test_too_many_rows_are_no_table(tmp_path: Path) -> None:
    _, findings = table_of(tmp_path, "data: {url: paper/data/bridges.csv}\n", "a,b\n" + "1,2\n" * 501)
    assert [d.message for d in findings] == ["the table has 501 rows; 500 are allowed"]
