"""Generated lists hold all paragraphs and lists of the blocks that they repeat."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_repeated_words import table_rows, words, write_paper

from nioc_paper import tree
from nioc_paper.assemble import assemble, decision_summary
from nioc_paper.load import load
from nioc_paper.model import AUDIENCES, Diagnostic, Document, History, OutputOptions, Paper

BLOCKS = {
    "two paragraphs": ("Alpha one.\n\nBeta two @fact-dams.", "Alpha one. Beta two 4,200 small dams."),
    "bullets below": ("Alpha one:\n\n- first\n- second *bit*\n\nOmega.", "Alpha one: first second bit Omega."),
    "a numbered list": ("Alpha one:\n\n1. first\n2. second\n\nOmega.", "Alpha one: first second Omega."),
    "nested lists": ("Alpha:\n\n1. first\n    - inner\n    - inmost\n\nOmega.", "Alpha: first inner inmost Omega."),
    "a list of paragraphs": ("Alpha:\n\n- first\n\n    more\n\n- second\n\nOmega.", "Alpha: first more second Omega."),
    "a list before": ("1. first\n2. second\n\nOmega.", "first second Omega."),
    "only a list": ("1. first\n2. second", "first second"),
    "a quotation": ("Alpha.\n\n> The board wrote.\n>\n> More.\n\nOmega.", "Alpha. The board wrote. More. Omega."),
    "a poem": ("| Alpha\n| Beta\n\nOmega.", "Alpha Beta Omega."),
    "definitions": ("Alpha.\n\nDam\n:   A wall.\n\nOmega.", "Alpha. Dam A wall. Omega."),
    "code": ("Alpha.\n\n```\nBeta two\n```\n\nOmega.", "Alpha. Beta two Omega."),
    "a heading": ("Alpha.\n\n### Beta\n\nOmega.", "Alpha. Beta Omega."),
    "a table": ("Alpha.\n\n| a | b |\n|---|---|\n| c | d |\n\nOmega.", "Alpha. a; b c; d Omega."),
    "a numbered table": (
        "Alpha.\n\n| a | b |\n|---|---|\n| c | d |\n\n: Levels {#tbl-HERE}\n\nOmega.",
        "Alpha. Table 1.NUMBER Omega.",
    ),
    "a figure": ("Alpha.\n\n![Level](level.svg){#fig-HERE}\n\nOmega.", "Alpha. Figure 1.NUMBER Omega."),
    "a division": ("Alpha.\n\n::: {lang=ur}\nپانی\n:::\n\nOmega.", "Alpha. پانی Omega."),
    "a rule": ("Alpha.\n\n* * *\n\nOmega.", "Alpha. Omega."),
    "a note and a source": ("Alpha.[^n]\n\nBeta [@survey].", "Alpha. Beta."),
    "a limited paragraph": ("Alpha.\n\n::: {.limited}\nHidden.\n:::\n\nOmega.", "Alpha. Limited Hidden. Omega."),
}
"""Markdown of every kind of block, with its words as a list has them."""
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


def paper_folder(root: Path) -> Path:
    """A paper in which every kind of block is in every kind of box."""
    boxes = [box(prefix, n, text) for n, (text, _) in enumerate(BLOCKS.values(), 1) for prefix in CLASSES]
    return write_paper(root, "\n".join(["## Law {#sec-law}\n\nText.\n", *boxes, "[^n]: A note.\n"]))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return paper_folder(tmp_path_factory.mktemp("rivers"))


@pytest.fixture(scope="module")
def paper(folder: Path) -> Paper:
    findings: list[Diagnostic] = []
    loaded = load(folder, findings.append)
    assert findings == []
    return loaded


@pytest.fixture(scope="module")
def document(paper: Paper) -> Document:
    return assemble(paper, History(), copy=FULL)


def missing(prefix: str, held: dict[str, str]) -> dict[str, str]:
    """The kinds of blocks whose words are not held, with the text that should hold them."""
    place = str([*CLASSES].index(prefix) + 1)
    expected = {name: text.replace("NUMBER", place) for name, (_, text) in BLOCKS.items()}
    return {name: held[name] for name, text in expected.items() if text not in held[name]}


def by_kind(prefix: str, texts: dict[str, str]) -> dict[str, str]:
    """Texts by kinds of blocks, from texts by the ids of boxes."""
    return {name: texts[f"{prefix}-fl-{n}"] for n, name in enumerate(BLOCKS, 1)}


@pytest.mark.parametrize(("prefix", "name"), [("gap", "gaps"), ("rec", "action-plan")])
def test_tables_hold_all_blocks(prefix: str, name: str, document: Document) -> None:
    assert missing(prefix, by_kind(prefix, table_rows(document, name))) == {}


@pytest.mark.parametrize(("prefix", "name"), [("fnd", "findings"), ("rec", "recommendations")])
def test_lists_hold_all_blocks(prefix: str, name: str, document: Document) -> None:
    division = next(n for n in tree.walk(document.blocks) if tree.is_div(n, name))
    items = map(words, division["c"][1][0]["c"])
    assert missing(prefix, dict(zip(BLOCKS, items, strict=True))) == {}


def test_a_cut_text_of_the_summary_has_a_sign_of_omission(paper: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decision_summary, "_MAX_FIRST", len(BLOCKS))
    monkeypatch.setattr(decision_summary, "_MIN_FIRST", len(BLOCKS))
    (summary,) = [b for b in assemble(paper, History(), copy=FULL).blocks if tree.is_div(b, "decision-summary")]
    asks = [words(n["c"][1][0]) for n in tree.walk(summary) if tree.is_div(n, "ask")]
    texts = dict(zip(BLOCKS, asks, strict=True))
    cut = {name for name, text in texts.items() if text.endswith("[…]")}
    assert set(missing("rec", texts)) == cut == set(BLOCKS)
