"""Objectives, risks and costs: read, numbered, drawn and exported."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_paper import document, full

from nioc_paper import tree
from nioc_paper.app.new_paper import PaperRequest, start_paper
from nioc_paper.assemble import assemble
from nioc_paper.check import check
from nioc_paper.domain.facts import Cost, read_cost
from nioc_paper.export import ExportSource, build_tables
from nioc_paper.load import load
from nioc_paper.lsp.cursor import find_target
from nioc_paper.model import History

HEALTHY = Path(__file__).parent / "papers" / "healthy"
STRATEGY = """
::: {#obj-safety .objective}
Let everybody pass safely [@survey2019].

- Owner: RDA
- Indicator: accidents a year
- Target: none by 2023
:::

::: {#rsk-money .risk}
The lamps cost more than planned.

- Response: light one half first
:::

See @obj-safety and @rsk-money.
"""


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


def test_each_recommendation_leads_to_its_objective_in_the_picture_and_in_the_sheet() -> None:
    numbers = {entry.id: entry.number for entry in document().recommendations}
    asked: dict[str, list[str]] = {}
    for chapter in full().chapters:
        for item in chapter.items_of_kind("recommendation"):
            asked.setdefault(item.field_text("objective"), []).append(numbers[item.id])
    drawn = [row[0].split(", ") for row in document().charts["chart:theory-of-change"].data.rows]
    assert drawn == [asked[row["Id"]] for row in sheet("objectives")]
    assert [row["Served by"].split("; ") for row in sheet("objectives")] == drawn
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
    file = root / "chapters" / "tunnels.md"
    file.write_text(file.read_text(encoding="utf-8") + STRATEGY, encoding="utf-8")
    text = tree.plain_text(assemble(load(root, lambda _: None), History()).blocks)
    assert "See Objective 1 and Risk 1." in text
    assert "Target: none by 2023" in text
    assert "Response: light one half first" in text


@pytest.mark.parametrize("kind", ["recommendation", "gap", "objective", "risk"])
def test_no_finding_of_an_item_without_id_names_an_empty_id(kind: str, tmp_path: Path) -> None:
    root = tmp_path / "paper"
    shutil.copytree(HEALTHY, root)
    chapter = root / "chapters" / "tunnels.md"
    item = f"\n::: {{.{kind}}}\nLight the tunnel at night.\n\n- Cost: PKR 4 million (2019)\n:::\n"
    chapter.write_text(chapter.read_text(encoding="utf-8") + item, encoding="utf-8")
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
