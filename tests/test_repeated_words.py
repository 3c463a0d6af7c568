"""Generated lists hold the words of the blocks that they repeat, whatever their inlines."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from test_papers import read_tables, written

from nioc_paper import tree
from nioc_paper.assemble import assemble, decision_summary
from nioc_paper.check.rules.entries import unreadable_cost
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
INLINES = TABLES["inlines"]
PLAN = ("{} indicator", "Board {} owner", "in May {}")
"""Words of the fields in the action plan."""
LEVEL = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><title>Level</title></svg>'


def paper_folder(root: Path) -> Path:
    """A paper in which every kind of inline is in every kind of block and field."""
    body = ["## Law {#sec-law}\n\nText.\n"]
    for number, (name, (markdown, _)) in enumerate({"plain": ("plain", ""), **INLINES}.items()):
        inline = markdown.replace("NUMBER", str(number))
        ids = "plain" if name == "plain" else number
        text = f"Start {inline} end [@survey]."
        body.append(f"::: {{#gap-fl-{ids} .gap}}\n{text}\n\n- Type: {inline} type\n- Evidence: none\n:::\n")
        fields = (
            "Owner: Board {} owner",
            "Support: help {}; Other",
            "By: in May {}",
            "Indicator: {} indicator",
            "Baseline: base {}",
            "Target: {} target",
            "Source of data: data {}",
        )
        lines = [
            f"- {field.format(inline.replace('here', f'here{place}'))}"
            for place, field in enumerate((*fields, "Frequency: often {}"))
        ]
        body.append(
            f"::: {{#rec-fl-{ids} .recommendation}}\n{text.replace('here-', 'hier-')}\n\n"
            f"{chr(10).join(lines)}\n- Closes: gap-fl-{ids}\n:::\n"
        )
        body.append(f"::: {{#fnd-fl-{ids} .finding}}\n{text.replace('here-', 'found-')}\n:::\n")
        caption = inline.replace("here", "cap").replace("one\\\ntwo", "one two")
        head = inline.replace("here", "head").replace("one\\\ntwo", "one two")
        body.append(f"## Head {head} end\n\nText.\n")
        body.append(f"| a | b |\n|---|---|\n| 1 | 2 |\n\n: Start {caption} end [@survey] {{#tbl-{ids}}}\n")
    body.append("![Start caption](level.svg){#fig-level}\n\n[^n]: A note.\n")
    return write_paper(root, "\n".join(body))


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


def loaded(folder: Path) -> Paper:
    """A paper without findings of reading."""
    return load(folder, lambda finding: pytest.fail(str(finding)))


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Paper:
    return loaded(paper_folder(tmp_path_factory.mktemp("rivers")))


@pytest.fixture(scope="module")
def document(paper: Paper) -> Document:
    return assemble(paper, History())


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


def sentence(text: str) -> str:
    return f"Start {flat(text)} end."


def flat(text: str) -> str:
    return " ".join(text.split())


def lost(expected: Callable[[str], list[str]], held: Callable[[int], str]) -> dict[str, str]:
    """The kinds of inlines whose words are not held, with the text that should hold them."""
    held_texts = {name: held(number).replace("\u00a0", " ") for number, name in enumerate(INLINES, 1)}
    return {
        name: text
        for name, text in held_texts.items()
        if any(part not in text for part in expected(flat(INLINES[name][1])))
    }


def test_gaps_hold_text_and_type(document: Document) -> None:
    rows = table_rows(document, "gaps")
    assert lost(lambda text: [sentence(text), f"{text} type"], lambda n: rows[f"gap-fl-{n}"]) == {}


def test_the_action_plan_holds_text_and_indicator(document: Document) -> None:
    rows = table_rows(document, "action-plan")
    assert (
        lost(lambda text: [sentence(text), *(part.format(text) for part in PLAN)], lambda n: rows[f"rec-fl-{n}"]) == {}
    )


def test_contents_hold_titles_headings_and_captions(document: Document) -> None:
    titles = {e.id: e.title for e in (*document.recommendations, *document.tables)}
    heads = [e.title for e in document.contents if e.title.startswith("Head ")]
    assert lost(lambda text: [sentence(text)], lambda n: titles[f"rec-fl-{n}"]) == {}
    assert lost(lambda text: [sentence(text).removesuffix(".")], lambda n: titles[f"tbl-{n}"]) == {}
    assert lost(lambda text: [f"Head {text} end"], heads.__getitem__) == {}


def test_a_cost_with_a_fact_is_read_and_exported_as_a_number(tmp_path: Path) -> None:
    box = "::: {#rec-fl-dear .recommendation}\nRepair.\n\n- Owner: Board\n- Cost: PKR -@fact-dams million (2019)\n:::\n"
    findings: list[Diagnostic] = []
    paper = load(write_paper(tmp_path, f"## Law {{#sec-law}}\n\nText.\n\n{box}"), findings.append)
    (table,) = build_tables(ExportSource(paper, assemble(paper, History()), History()), ["recommendations"])
    amounts = dict(zip(table.heads, table.rows[0], strict=True))
    assert [amounts[f"Cost {name}"] for name in ("amount", "currency", "year")] == [4_200_000_000, "PKR", 2019]
    assert not [f for f in unreadable_cost(paper) if "no amount" in f.message]


# --- blocks -----------------------------------------------------------------------------------------------------------


BLOCKS = TABLES["blocks"]
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


def folder_of_blocks(root: Path) -> Path:
    """A paper in which every kind of block is in every kind of box."""
    boxes = [box(prefix, n, text) for n, (text, _) in enumerate(BLOCKS.values(), 1) for prefix in CLASSES]
    return write_paper(root, "\n".join(["## Law {#sec-law}\n\nText.\n", *boxes, "[^n]: A note.\n"]))


@pytest.fixture(scope="module")
def blocks_paper(tmp_path_factory: pytest.TempPathFactory) -> Paper:
    return loaded(folder_of_blocks(tmp_path_factory.mktemp("blocks")))


@pytest.fixture(scope="module")
def blocks(blocks_paper: Paper) -> Document:
    return assemble(blocks_paper, History(), copy=FULL)


def missing(prefix: str, held: dict[str, str]) -> dict[str, str]:
    """The kinds of blocks whose words are not held, with the text that should hold them."""
    place = str([*CLASSES].index(prefix) + 1)
    expected = {name: text.replace("NUMBER", place) for name, (_, text) in BLOCKS.items()}
    return {name: held[name] for name, text in expected.items() if text not in held[name]}


def by_kind(prefix: str, texts: dict[str, str]) -> dict[str, str]:
    """Texts by kinds of blocks, from texts by the ids of boxes."""
    return {name: texts[f"{prefix}-fl-{n}"] for n, name in enumerate(BLOCKS, 1)}


@pytest.mark.parametrize(("prefix", "name"), [("gap", "gaps"), ("rec", "action-plan")])
def test_tables_hold_all_blocks(prefix: str, name: str, blocks: Document) -> None:
    assert missing(prefix, by_kind(prefix, table_rows(blocks, name))) == {}


@pytest.mark.parametrize(("prefix", "name"), [("fnd", "findings"), ("rec", "recommendations")])
def test_lists_hold_all_blocks(prefix: str, name: str, blocks: Document) -> None:
    division = next(n for n in tree.walk(blocks.blocks) if tree.is_div(n, name))
    items = map(words, division["c"][1][0]["c"])
    assert missing(prefix, dict(zip(BLOCKS, items, strict=True))) == {}


def test_a_cut_text_of_the_summary_has_a_sign_of_omission(blocks_paper: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decision_summary, "_MAX_FIRST", len(BLOCKS))
    monkeypatch.setattr(decision_summary, "_MIN_FIRST", len(BLOCKS))
    (summary,) = [b for b in assemble(blocks_paper, History(), copy=FULL).blocks if tree.is_div(b, "decision-summary")]
    asks = [words(n["c"][1][0]) for n in tree.walk(summary) if tree.is_div(n, "ask")]
    texts = dict(zip(BLOCKS, asks, strict=True))
    cut = {name for name, text in texts.items() if text.endswith("[…]")}
    assert set(missing("rec", texts)) == cut == set(BLOCKS)
