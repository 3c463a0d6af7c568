"""Words for recommendations, gaps and findings that a paper chooses: in all outputs, in `check`, and back from Word."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from nioc_paper import tree
from nioc_paper.assemble import assemble
from nioc_paper.check import check
from nioc_paper.load import load
from nioc_paper.model import Diagnostic, Document, History, OwnWords, Paper
from nioc_paper.wording import ENGLISH, wording_for

HEALTHY = Path(__file__).parent / "papers" / "healthy"
LABELS = """
labels:
  recommendation: {one: Measure, many: Measures}
  gap: {one: Weakness, many: Weaknesses}
  finding: {one: Result, many: Results}
"""
RENAMED = (
    ("recommendation", "Measure", "Measures"),
    ("gap", "Weakness", "Weaknesses"),
    ("finding", "Result", "Results"),
)
OLD = re.compile(r"\b(recommendations?|gaps?|findings)\b", re.IGNORECASE)
LISTS = ("action-plan", "monitoring", "owners", "gaps", "findings", "recommendations")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The healthy paper with labels of its own and an annex for each list of boxes."""
    root = Path(shutil.copytree(HEALTHY, tmp_path / "paper"))
    with (root / "paper" / "paper.yaml").open("a", encoding="utf-8") as file:
        file.writelines(f"  - {{title: Annex, list: {name}}}\n" for name in LISTS)
        file.write(LABELS)
    return root


def read(root: Path) -> tuple[Paper, Document]:
    findings: list[Diagnostic] = []
    paper = load(root, findings.append)
    assert findings == []
    return paper, assemble(paper, History())


def generated(document: Document) -> str:
    """Words that the tool adds to the authors' own: titles of boxes, references, captions and heads of lists."""
    labels = [
        n for n in tree.walk(document.blocks) if n["t"] in ("Span", "Link") and {"label", "xref"} & {*tree.classes(n)}
    ]
    tables = [
        n["c"][part]
        for n in tree.walk(document.blocks)
        if n["t"] == "Table" and "generated" in tree.classes(n)
        for part in (1, 3)
    ]
    return " ".join(tree.plain_text(part) for part in [*labels, *tables])


def test_every_word_of_the_tool_is_renamed() -> None:
    words = wording_for("en-GB", OwnWords("en", RENAMED))
    assert {key: text for key, text in words.items() if OLD.search(text)} == {}
    assert (words["recommendation"], words["gaps"]) == ("Measure", "Weaknesses")
    assert words["all_recommendations"] == "The paper has {} measures in all."
    untouched = {key for key, text in ENGLISH.items() if not OLD.search(text)}
    assert all(words[key] == ENGLISH[key] for key in untouched)


def test_words_that_trade_places_are_renamed_once() -> None:
    words = wording_for(
        "en", OwnWords("en", (("gap", "Recommendation", "Recommendations"), ("recommendation", "Gap", "Gaps")))
    )
    assert (words["gap"], words["recommendations"]) == ("Recommendation", "Gaps")


def test_another_language_keeps_its_words(root: Path) -> None:
    settings = read(root)[0].settings
    assert wording_for("ur", settings.own_words) == wording_for("ur")
    assert settings.own_words.boxes_in("en-US") == RENAMED


def test_labels_references_and_lists_have_the_words_of_the_paper(root: Path) -> None:
    text = generated(read(root)[1])
    assert OLD.findall(text) == []
    assert {"Measure", "Weakness", "Measures"} <= set(re.findall(r"\w+", text))


def test_check_finds_numbers_typed_behind_the_words_of_the_paper(root: Path) -> None:
    chapter = root / "chapters" / "bridges.md"
    text = chapter.read_text(encoding="utf-8")
    chapter.write_text(text.replace("## Gaps", "As measure BR-1 and Weakness BR-G1 say.\n\n## Gaps"), encoding="utf-8")
    findings = [d.message for d in check(read(root)[0], date(2020, 3, 1)) if d.rule == "typed/number"]
    assert sorted(findings) == ["'Weakness BR-G1' is typed by hand", "'measure BR-1' is typed by hand"]


def test_messages_use_the_words_that_a_writer_types(root: Path) -> None:
    """A block is typed as `.recommendation` and `.gap` whatever the paper calls it; findings name it so."""
    chapter = root / "chapters" / "bridges.md"
    text = chapter.read_text(encoding="utf-8")
    chapter.write_text(text.replace("- Closes: gap-br-inspect\n", ""), encoding="utf-8")
    findings = check(read(root)[0], date(2020, 3, 1))
    messages = " ".join(f"{finding.message} {finding.hint or ''}" for finding in findings)
    assert {"loose-end/recommendation", "loose-end/gap"} <= {finding.rule for finding in findings}
    assert re.findall(r"(?i)\b(?:measures?|weakness(?:es)?|results?)\b", messages) == []
