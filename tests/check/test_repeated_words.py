"""Generated lists hold the words of the blocks that they repeat, whatever their inlines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_papers import read_tables, written

from nioc_paper import tree
from nioc_paper.assemble import assemble, decision_summary
from nioc_paper.check.rules.unused_and_incomplete import unreadable_cost
from nioc_paper.export import ExportSource, build_tables
from nioc_paper.load import load
from nioc_paper.model import AUDIENCES, Diagnostic, Document, History, Node, OutputOptions, Paper

SETTINGS = """
id: rivers
title: Rivers
statuses: [{id: drafting, title: Drafting}, {id: final, title: Final, owes: nobody}]
category_key: category
categories: [{id: floods, title: Floods, letters: FL, headings: []}]
kinds: {category: {}, cross-cutting: {}}
parts:
  - {matter: main, chapters: [chapters/floods.md, chapters/lists.md]}
annexes: [{list: gaps, title: Gaps}, {list: data, title: Data}]
"""
FACTS = """
facts:
  - {id: dams, value: "4,200", unit: small dams, source: survey}
  - {id: share, value: fewer than 30, unit: per cent, source: survey}
"""
SOURCES = """
references:
  - {id: survey, type: report, title: Survey, author: [{literal: River Board}], issued: "2019"}
"""
TABLES = read_tables("repeated_words")
INLINES = {
    name: (f"Start {inline} end [@survey].", f"Start {' '.join(text.split())} end.")
    for name, (inline, text) in TABLES["inlines"].items()
}
TEXTS = {**INLINES, **TABLES["blocks"]}
"""Texts of a box by what is in them, each with its words as a list has them."""
LEVEL = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><title>Level</title></svg>'


def write_paper(root: Path, body: str) -> Path:
    """A paper of a chapter with this text, and one with all lists that repeat its boxes."""
    names = ("action-plan", "monitoring", "findings", "recommendations")
    lists = "\n".join(f"::: {{.generated list={name}}}\n:::\n" for name in names)
    front = "---\nid: {2}\ntitle: {0}\ncategory: {1}\nstatus: drafting\n---\n\n"
    files = {
        "paper/paper.yaml": SETTINGS,
        "paper/registers/facts.yaml": FACTS,
        "paper/references.yaml": SOURCES,
        "chapters/level.svg": LEVEL,
        "chapters/floods.md": front.format("Floods", "floods", "floods") + body,
        "chapters/lists.md": front.format("Lists", "cross-cutting", "lists") + lists,
    }
    for path, text in files.items():
        file = root / path
        written(file, text)
    return root


def words(part: object) -> str:
    """Words of a part, with the citations in the text as citeproc sets them, without those in brackets."""

    def set_citation(node: Node) -> Node | None:
        if node["t"] != "Cite":
            return {"t": "Str", "c": tree.plain_text(node)} if node["t"] in ("Code", "Math") else node
        in_text = node["c"][0][0]["citationMode"]["t"] == "AuthorInText"
        return {"t": "Str", "c": "River Board (2019)"} if in_text else None

    text = tree.plain_text(tree.rewrite(set_citation, part)).replace("\u00a0", " ")
    return re.sub(r" +([.)])", r"\1", " ".join(text.split()))


def table_rows(document: Document, name: str) -> dict[str, str]:
    """Words of the rows of a generated table by the id that their first link leads to."""
    table = next(n for n in tree.walk(document.blocks) if n["t"] == "Table" and name in tree.classes(n))
    rows = [cells for body in table["c"][4] for _, cells in body[3]]
    return {link_target(cells): words([cell[4] for cell in cells]) for cells in rows}


def link_target(part: object) -> str:
    return str(next(n["c"][2][0] for n in tree.walk(part) if n["t"] == "Link")).removeprefix("#")


def test_a_cost_with_a_fact_is_read_and_exported_as_a_number(tmp_path: Path) -> None:
    box = "::: {#rec-fl-dear .recommendation}\nRepair.\n\n- Owner: Board\n- Cost: PKR -@fact-dams million (2019)\n:::\n"
    findings: list[Diagnostic] = []
    paper = load(write_paper(tmp_path, f"## Law {{#sec-law}}\n\nText.\n\n{box}"), findings.append)
    (table,) = build_tables(ExportSource(paper, assemble(paper, History()), History()), ["recommendations"])
    amounts = dict(zip(table.heads, table.rows[0], strict=True))
    assert [amounts[f"Cost {name}"] for name in ("amount", "currency", "year")] == [4_200_000_000, "PKR", 2019]
    assert not [f for f in unreadable_cost(paper) if "no amount" in f.message]


FIELDS = {
    "gap": "- Type: legal\n- Evidence: none",
    "rec": "- Owner: Board\n- By: 2020-01-31\n- Indicator: dams\n- Closes: gap-fl-NUMBER",
    "fnd": "",
}
CLASSES = {"gap": "gap", "rec": "recommendation", "fnd": "finding"}
FULL = OutputOptions(audience=AUDIENCES[-1])


def box(prefix: str, number: int, text: str) -> str:
    fields = FIELDS[prefix].replace("NUMBER", str(number))
    inside = text.replace("HERE", f"{prefix}-{number}")
    return f"::: {{#{prefix}-fl-{number} .{CLASSES[prefix]}}}\n{inside}\n\n{fields}\n:::\n"


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Paper:
    """A paper in which every kind of inline and of block is in every kind of box."""
    boxes = [box(prefix, n, text) for n, (text, _) in enumerate(TEXTS.values(), 1) for prefix in CLASSES]
    body = ["## Law {#sec-law}\n\nText.\n", *boxes, "![Start caption](level.svg){#fig-level}\n", "[^n]: A note.\n"]
    folder = write_paper(tmp_path_factory.mktemp("rivers"), "\n".join(body))
    return load(folder, lambda finding: pytest.fail(str(finding)))


@pytest.fixture(scope="module")
def document(paper: Paper) -> Document:
    return assemble(paper, History(), copy=FULL)


def missing(prefix: str, held: dict[str, str]) -> dict[str, str]:
    """The texts whose words are not held, with the text that should hold them."""
    place = str([*CLASSES].index(prefix) + 1)
    expected = {name: text.replace("NUMBER", place) for name, (_, text) in TEXTS.items()}
    return {name: held[name] for name, text in expected.items() if text not in held[name]}


def by_kind(prefix: str, texts: dict[str, str]) -> dict[str, str]:
    """Texts by kinds of texts, from texts by the ids of boxes."""
    return {name: texts[f"{prefix}-fl-{n}"] for n, name in enumerate(TEXTS, 1)}


@pytest.mark.parametrize(("prefix", "name"), [("gap", "gaps"), ("rec", "action-plan")])
def test_tables_hold_all_words(prefix: str, name: str, document: Document) -> None:
    assert missing(prefix, by_kind(prefix, table_rows(document, name))) == {}


@pytest.mark.parametrize(("prefix", "name"), [("fnd", "findings"), ("rec", "recommendations")])
def test_lists_hold_all_words(prefix: str, name: str, document: Document) -> None:
    division = next(n for n in tree.walk(document.blocks) if tree.is_div(n, name))
    items = map(words, division["c"][1][0]["c"])
    assert missing(prefix, dict(zip(TEXTS, items, strict=True))) == {}


def test_a_cut_text_of_the_summary_has_a_sign_of_omission(paper: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decision_summary, "_MAX_FIRST", len(TEXTS))
    monkeypatch.setattr(decision_summary, "_MIN_FIRST", len(TEXTS))
    (summary,) = [b for b in assemble(paper, History(), copy=FULL).blocks if tree.is_div(b, "decision-summary")]
    asks = [words(n["c"][1][0]) for n in tree.walk(summary) if tree.is_div(n, "ask")]
    texts = dict(zip(TEXTS, asks, strict=True))
    cut = {name for name, text in texts.items() if text.endswith("[…]")}
    assert set(missing("rec", texts)) == cut >= set(TABLES["blocks"])
