"""Action plan, indicators and owners: groups, bars of time to scale, and every recommendation once in each."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace
from sample_paper import document, full
from test_papers import absent, appended, read_tables

from nioc_paper import tree
from nioc_paper.app.new_paper import PaperRequest, start_paper
from nioc_paper.assemble import assemble
from nioc_paper.assemble.lists.item_lists import SCALE_LENGTH, TimeScale, without_same_values
from nioc_paper.assemble.lists.list_context import ListContext, cell
from nioc_paper.check import check
from nioc_paper.domain.fact_values import Cost, read_cost
from nioc_paper.export import ExportSource, build_tables
from nioc_paper.load import load
from nioc_paper.lsp.cursor import find_target
from nioc_paper.model import History, Node
from nioc_paper.render.pdf.print_passes import PrintContext
from nioc_paper.wording import wording_for

DAYS = st.dates(date(2019, 1, 1), date(2035, 1, 1))


def table(name: str) -> Node:
    """The one generated table of this class in this paper; monitoring is made of the plan's own paper."""
    return next(n for n in tree.walk(document().blocks) if n["t"] == "Table" and name in tree.classes(n))


def groups(name: str) -> list[tuple[str, list[Any]]]:
    """Headings of the groups of a table, with the cells of their rows."""
    return [
        (tree.plain_text([cell[4] for _, cells in heads for cell in cells]), [cells for _, cells in rows])
        for _, _, heads, rows in table(name)["c"][4]
    ]


def targets(cell: Any) -> list[str]:
    return [n["c"][2][0].removeprefix("#") for n in tree.walk(cell) if n["t"] == "Link"]


def test_a_generated_table_with_an_id_has_a_number_and_a_place_in_the_list_of_tables() -> None:
    def name_plan(node: Node) -> Node:
        is_plan = node["t"] == "Div" and tree.attributes(node).get("list") == "action-plan"
        return {**node, "c": [["tbl-plan", *node["c"][0][1:]], node["c"][1]]} if is_plan else node

    chapters = [replace(c, body=tree.as_tree(tuple(tree.rewrite(name_plan, [*c.blocks])))) for c in full().chapters]
    named = assemble(replace(full(), chapters=tuple(chapters)), History())
    (entry,) = (entry for entry in named.tables if entry.id == "tbl-plan")
    (plan,) = (n for n in tree.walk(named.blocks) if n["t"] == "Table" and tree.identifier(n) == "tbl-plan")
    assert entry.title == "Action plan: all recommendations"
    assert tree.plain_text(plan["c"][1][1]).startswith(f"{entry.label}. {entry.title}")


def test_in_print_each_group_of_the_plan_is_a_table_whose_head_repeats_its_name() -> None:
    context = PrintContext.for_document(document(), {})
    plan = table("action-plan")
    chapter = next(b for b in document().blocks if any(n is plan for n in tree.walk(b)))
    printed = [
        n for n in tree.walk(context.prepare_chapter(chapter)) if n["t"] == "Table" and "action-plan" in tree.classes(n)
    ]
    heads = [tree.plain_text(cells[0][4]) for each in printed for _, cells in each["c"][3][1][:1]]
    assert heads == [head for head, _ in groups("action-plan")]
    assert [bool(each["c"][1][1]) for each in printed] == [True, *[False] * (len(printed) - 1)]
    rows = [len(each["c"][4][0][3]) for each in printed]
    assert rows == [len(rows) for _, rows in groups("action-plan")]


def test_the_plan_has_a_group_for_each_objective_with_its_recommendations_by_date() -> None:
    paper = full()
    items = {i.id: i for c in paper.chapters for i in c.items_of_kind("recommendation")}
    objectives = [i for c in paper.chapters for i in c.items_of_kind("objective")]
    printed = groups("action-plan")
    assert len(printed) == len(objectives)
    for (head, rows), objective in zip(printed, objectives, strict=True):
        assert objective.text.split()[:5] == head.partition(": ")[2].split()[:5]
        ids = [targets(cells[0])[0] for cells in rows]
        assert sorted(ids) == sorted(i.id for i in items.values() if i.field_parts("objective")[0] == objective.id)
        days = [items[name].field_text("by") for name in ids]
        assert days == sorted(days)
    assert Counter(targets(cells[0])[0] for _, rows in printed for cells in rows) == Counter(list(items))


PIECES = ("bar-filled", "bar-rest", "bar-gap")


def length(node: Any, *names: str) -> int:
    """Spaces of the parts of a bar that have one of these classes."""
    parts = [n for n in tree.walk(node) if n["t"] == "Span" and {*names} & {*tree.classes(n)}]
    return sum(len(n["c"]) for part in parts for n in tree.walk(part) if n["t"] == "Str")


def before(node: Any) -> int:
    """Spaces before the mark of a day."""
    names = [name for n in tree.walk(node) if n["t"] == "Span" for name in tree.classes(n)]
    pieces = [n for n in tree.walk(node) if n["t"] == "Span" and tree.classes(n) != ["time-bar"]]
    return sum(length(piece, *PIECES) for piece in pieces[: names.index("bar-filled") - 1])


def test_a_later_day_is_further_on_the_scale_and_all_have_one_scale() -> None:
    paper = full()
    by = {i.id: i.field_text("by") for c in paper.chapters for i in c.items_of_kind("recommendation")}
    bars = {targets(cells[0])[0]: cells[3] for _, rows in groups("action-plan") for cells in rows}
    places = sorted((by[name], before(bar)) for name, bar in bars.items())
    assert [units for _, units in places] == sorted(units for _, units in places)
    assert len({day for day, _ in places}) == len({units for _, units in places}) > 2
    mark = {length(bar, "bar-filled") for bar in bars.values()}.pop()
    assert places[-1][1] == SCALE_LENGTH - mark
    assert {length(bar, *PIECES) for bar in bars.values()} == {SCALE_LENGTH}


@example(date(2019, 1, 25), date(2022, 1, 18), date(2027, 1, 7))  # half a space
@given(DAYS, DAYS, DAYS)
def test_a_day_is_at_its_place_on_the_scale(start: date, day: date, end: date) -> None:
    start, day, end = sorted((start, day, end))
    if start == end:
        return
    scale = TimeScale(start, end)
    bar = scale.draw_day(day)
    assert length(bar, *PIECES) == SCALE_LENGTH
    middle, place = before(bar) + length(bar, "bar-filled") / 2, SCALE_LENGTH * (day - start) / (end - start)
    assert abs(middle - min(max(place, 3), SCALE_LENGTH - 3)) <= 1
    assert tree.plain_text(bar).strip() == "", "a scale has no words"
    years = tree.plain_text(scale.draw_years()).split()
    assert years == sorted({*years})
    assert years[:1] == [str(start.year)]
    assert length(scale.draw_years(), "bar-gap") + 17 * len(years) <= SCALE_LENGTH


def test_owners_have_what_they_own_and_what_they_support() -> None:
    paper = full()
    rows = [cells for _, body in groups("owners") for cells in body]
    owned = Counter(name for cells in rows for name in targets(cells[1]))
    items = [i for c in paper.chapters for i in c.items_of_kind("recommendation")]
    assert owned == Counter(i.id for i in items for _ in i.field_parts("owner"))
    names = [tree.plain_text(cells[0][4]) for cells in rows]
    assert names == sorted(set(names), key=str.casefold)
    office = next(cells for cells in rows if tree.plain_text(cells[0][4]) == "Harbour Office of Vellmar")
    assert targets(office[2]) == [
        i.id for i in items if {"HOV", "Harbour Office of Vellmar"} & {*i.field_parts("support")}
    ]


@pytest.mark.parametrize("name", ["action-plan", "owners"])
def test_generated_tables_have_a_caption_of_their_own(name: str) -> None:
    blocks = document().blocks
    headings = {tree.plain_text(n["c"][2]) for n in tree.walk(blocks) if n["t"] == "Header"}
    caption = tree.plain_text(table(name)["c"][1][1])
    assert caption
    assert not any(heading.endswith(caption) for heading in headings), "a heading has the same words"


def test_no_list_has_a_column_with_one_value_which_is_said_once_above() -> None:
    blocks = document().blocks
    tables = [n for n in tree.walk(blocks) if n["t"] == "Table" and "generated" in tree.classes(n)]
    for node in tables:
        columns = zip(*([c[4] for c in cells] for *_, body in node["c"][4] for _, cells in body), strict=True)
        assert not any(len(cells) > 2 and all(c == cells[0] for c in cells) for cells in columns), tree.classes(node)
        shares = [width["c"] for _, width in node["c"][2] if "c" in width]
        assert not shares or abs(sum(shares) - 1) < 0.01, "the rest has the width of the table"
    words = [tree.plain_text(n) for n in tree.walk(blocks) if tree.is_div(n, "same-values")]
    assert "On: 22 November 2019 · State: open (in all rows)" in words


@pytest.mark.parametrize(
    ("values", "printed", "sentences"),
    [
        ([("a", "x"), ("b", "x"), ("c", "x")], [("a",), ("b",), ("c",)], ["Two: x (in all rows)"]),
        ([("a", "x"), ("b", "x"), ("c", "y")], [("a", "x"), ("b", "x"), ("c", "y")], []),
        ([("a", "—"), ("b", "—"), ("c", "—")], [("a",), ("b",), ("c",)], []),
    ],
)
@pytest.mark.parametrize("is_grouped", [False, True])
def test_a_column_of_one_value_is_said_once(
    values: list[tuple[str, ...]], printed: list[tuple[str, ...]], sentences: list[str], *, is_grouped: bool
) -> None:
    rows = [[cell(tree.text_inlines(text)) for text in row] for row in values]
    head = cell(tree.text_inlines("Group"))
    groups = [(head, rows[:1]), (head, rows[1:])] if is_grouped else ()
    node = tree.table([("One", 0.5), ("Two", 0.5)], () if is_grouped else rows, "generated", groups=groups)
    paper = full()
    context = ListContext(paper, (), History(), wording_for("en"), {}, {})
    *notes, table = without_same_values(lambda _: [node])(context)
    if sentences and not is_grouped:
        names = ", ".join(name for name, _ in values)
        assert tree.plain_text(table) == f"One: {names} · Two: x", "a list of names is no table"
        return
    bodies = table["c"][4]
    assert [tuple(tree.plain_text(c[4]) for c in cells) for *_, body in bodies for _, cells in body] == printed
    assert [tree.plain_text(note) for note in notes] == sentences
    assert {c[3] for _, _, heads, _ in bodies for _, cells in heads for c in cells} <= {len(printed[0])}


# --- objectives, risks and costs: read, numbered, drawn and exported --------------------------------------------------


HEALTHY = Path(__file__).parents[1] / "papers" / "healthy"
TABLES = read_tables("plans")
STRATEGY = TABLES["strategy"]


def sheet(name: str) -> list[dict[str, Any]]:
    table = build_tables(ExportSource(full(), document(), History()), [name])[0]
    return [dict(zip(table.heads, row, strict=True)) for row in table.rows]


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("PKR 40 million (2019)", Cost("PKR", Decimal(40_000_000), False, 2019)),
        ("PKR 1.5 billion a year (2020)", Cost("PKR", Decimal(1_500_000_000), True, 2020)),
        ("USD 12,500 (2020)", Cost("USD", Decimal(12_500), False, 2020)),
        ("USD 0 (2020)", Cost("USD", Decimal(0), False, 2020)),
        ("Rs 40 million (2019)", None),
        ("PKR 40 million", None),
        ("40 million PKR (2019)", None),
        ("about PKR 40 million (2019)", None),
        ("PKR 40 lakh (2019)", None),
    ],
)
def test_a_cost_is_an_amount_with_its_currency_and_year(text: str, cost: Cost | None) -> None:
    assert read_cost(text) == cost


@given(st.text(max_size=40))
def test_any_text_is_a_cost_or_none(text: str) -> None:
    cost = read_cost(text)
    assert cost is None or (text.strip().startswith(cost.currency) and text.strip().endswith(f"({cost.year})"))


def test_each_recommendation_serves_its_objective_in_the_sheet() -> None:
    numbers = {entry.id: entry.number for entry in document().recommendations}
    asked: dict[str, list[str]] = {}
    for chapter in full().chapters:
        for item in chapter.items_of_kind("recommendation"):
            asked.setdefault(item.field_text("objective"), []).append(numbers[item.id])
    assert [row["Served by"].split("; ") for row in sheet("objectives")] == [
        asked[row["Id"]] for row in sheet("objectives")
    ]
    for name in ("objectives", "risks"):
        assert [row["Number"] for row in sheet(name)] == [str(n + 1) for n in range(len(sheet(name)))]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("- Objective: obj-", ["obj-safe", "obj-known"]),
        ("- Priority: ", ["first", "second", "third"]),
    ],
)
def test_editors_offer_objectives_and_priorities(line: str, offered: list[str]) -> None:
    target = find_target("chapters/x.md", line, 0, len(line), "subject")
    assert target is not None
    assert target.kind is not None
    assert [name.id for name in target.kind(full())] == offered


def test_they_are_printed_with_their_fields_and_can_be_referred_to(tmp_path: Path) -> None:
    root = Path(shutil.copytree(HEALTHY, tmp_path / "paper"))
    appended(root / "chapters" / "tunnels.md", STRATEGY)
    text = tree.plain_text(assemble(load(root, lambda _: None), History()).blocks)
    assert absent(text, "See Objective 1 and Risk 1.", "Target: none by 2023", "Response: light one half first") == []


@pytest.mark.parametrize("kind", ["recommendation", "gap", "objective", "risk"])
def test_no_finding_of_an_item_without_id_names_an_empty_id(kind: str, tmp_path: Path) -> None:
    root = tmp_path / "paper"
    shutil.copytree(HEALTHY, root)
    chapter = root / "chapters" / "tunnels.md"
    item = f"\n::: {{.{kind}}}\nLight the tunnel at night.\n\n- Cost: PKR 4 million (2019)\n:::\n"
    appended(chapter, item)
    paper = load(root, lambda _: None)
    findings = [d for d in check(paper, date(2020, 1, 10)) if d.place.path == "chapters/tunnels.md"]
    assert "incomplete-block/id" in {d.rule for d in findings}
    assert [d.message for d in findings if "''" in d.message] == []


def test_categories_that_do_not_touch_are_one_finding_each_however_many_there_are(tmp_path: Path) -> None:
    titles = [f"Subject {n}" for n in range(1, 61)]
    start_paper(tmp_path / "many", PaperRequest("Many", categories=titles), date(2020, 1, 6), wants_commit=False)
    for file in (tmp_path / "many").rglob("*.md"):
        file.write_text(file.read_text().replace("status: outline", "status: review"))
    findings = check(load(tmp_path / "many", lambda _: None), date(2020, 1, 6))
    messages = [d.message for d in findings if d.rule == "loose-end/linkage"]
    assert len(messages) == 59
    assert messages[0] == (
        "no chapter says how 'Subject 1' touches 'Subject 2', 'Subject 3', 'Subject 4', 'Subject 5' and 55 more"
    )
    assert messages[-1] == "no chapter says how 'Subject 59' touches 'Subject 60'"
