"""Briefs: all recommendations on two pages, in the words of the chapter, and no number that is not the paper's."""

from __future__ import annotations

import io
import re
import zipfile
from functools import cache
from pathlib import Path

import pytest
from office_kit import needs_office, printed
from sample_paper import FULL, document
from test_board_page import faults, pages
from test_papers import copy

from nioc_paper import tree
from nioc_paper.assemble.documents.brief import WORD_LIMIT, build_brief, reason_for_no_brief
from nioc_paper.load import load
from nioc_paper.model import Chapter, Diagnostic, Document, History, Node, Paper, Severity
from nioc_paper.render.context import RenderContext
from nioc_paper.render.epub import epub_writer
from nioc_paper.render.pdf import pdf_writer
from nioc_paper.render.word import docx_writer
from nioc_paper.system.cache import Cache
from nioc_paper.system.files import default_templates
from nioc_paper.wording import ENGLISH

TEMPLATES = default_templates()
SUBJECTS = ("harbours", "channels")


@cache
def paper(root: Path = FULL) -> Paper:
    return load(root, list[Diagnostic]().append, Cache.for_paper(root))


def chapter(name: str, root: Path = FULL) -> Chapter:
    return next(c for c in paper(root).chapters if c.id == name)


def made(name: str, root: Path = FULL) -> Document:
    return build_brief(paper(root), History(), name)


def plan(document: Document) -> list[list[str]]:
    """The cells of the table of recommendations."""
    table = next(n for n in tree.walk(document.blocks) if n["t"] == "Table")
    return [[tree.plain_text(cell[-1]) for cell in row[1]] for row in table["c"][4][0][3]]


def headings(document: Document) -> list[str]:
    return [tree.plain_text(n) for n in tree.walk(document.blocks) if n["t"] == "Header"]


def lines(document: Document) -> list[str]:
    """The items of its lists."""
    return [tree.plain_text(i) for n in tree.walk(document.blocks) if n["t"] == "BulletList" for i in n["c"]]


def written(blocks: object) -> set[str]:
    """The words of a text, fields included, sources not."""

    def bare(node: Node) -> Node | None:
        return None if node["t"] == "Cite" else node

    return set(re.findall(r"\w+", tree.plain_text(tree.rewrite(bare, blocks), with_notes=True)))


# --- the full paper ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SUBJECTS)
def test_every_recommendation_is_there_under_the_number_of_the_paper(name: str) -> None:
    numbers = {e.id: e.number for e in document().recommendations}
    asked = chapter(name).items_of_kind("recommendation")
    assert [row[0] for row in plan(made(name))] == [numbers[block.id] for block in asked]
    assert all(all(row) for row in plan(made(name)))


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_brief_is_short_and_has_the_standard_sections(name: str) -> None:
    document = made(name)
    assert tree.count_words(document.blocks) <= WORD_LIMIT
    assert headings(document) == ["1 Findings", "2 Gaps", "3 Recommendations", "4 Linkages", "References"]
    assert (document.form, document.subtitle, document.part_of) == ("brief", "Policy brief", paper().settings.title)


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_brief_uses_only_words_of_the_chapter_and_registers(name: str) -> None:
    registers = [str(paper().settings), str(paper().contributors), " ".join(ENGLISH.values())]
    registers += [str(paper().facts_file), str(paper().acronyms_file), str(chapter(name).front)]
    registers += [entry.title for entry in document().contents]
    filled = next(b for b in document().blocks if tree.identifier(b) == f"chapter-{name}")
    known = written([filled]) | set(re.findall(r"\w+", " ".join(registers)))
    assert {word for word in written(made(name).blocks) - known if not word.isdigit()} == set()


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_brief_has_no_outside_links(name: str) -> None:
    document = made(name)
    there = {tree.identifier(n) for n in tree.walk(document.blocks)}
    targets = [n["c"][2][0] for n in tree.walk(document.blocks) if n["t"] == "Link"]
    assert [t for t in targets if t.startswith("#") and t[1:] not in there] == []


def test_every_gap_is_there_under_its_number() -> None:
    gaps = [line for line in lines(made("harbours")) if line.startswith("HB-")]
    assert len(gaps) == len(chapter("harbours").items_of_kind("gap"))
    assert gaps[1] == "HB-G2 Nobody publishes the state of the walls between two surveys."


def test_abbreviations_not_written_out_are_listed() -> None:
    text = tree.plain_text(made("channels").blocks)
    assert "Abbreviations: CSD, Coast Survey Department" in text
    assert "CSD, Coast" not in tree.plain_text(made("ferries").blocks)  # it says "Coast Survey Department (CSD)"


def test_a_brief_has_two_pages(tmp_path: Path) -> None:
    findings: list[Diagnostic] = []
    file = tmp_path / "brief.pdf"
    context = RenderContext(TEMPLATES, findings.append, Cache.for_paper(FULL))
    file.write_bytes(pdf_writer.write(made("harbours"), context))
    assert [d for d in findings if d.severity == Severity.ERROR or d.rule == "too-many-pages"] == []
    assert pages(file) == 2


@needs_office
def test_a_brief_has_two_pages_in_word(tmp_path: Path) -> None:
    file = tmp_path / "brief.docx"
    file.write_bytes(
        docx_writer.write(made("harbours"), RenderContext(TEMPLATES, list[Diagnostic]().append, Cache.for_paper(FULL)))
    )
    assert faults(file) == []
    assert [pages(made) for made in printed(tmp_path)] == [2]


def test_a_brief_as_an_e_book_is_one_chapter() -> None:
    findings: list[Diagnostic] = []
    data = epub_writer.write(made("harbours"), RenderContext(TEMPLATES, findings.append, Cache.for_paper(FULL)))
    assert findings == []
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        assert len([name for name in book.namelist() if name.startswith("EPUB/text/ch")]) == 2  # and the imprint


# --- small papers -----------------------------------------------------------------------------------------------------


def edited(folder: Path, *edits: tuple[str, str]) -> Path:
    """The healthy paper with replacements in its chapter on bridges."""
    root = copy("healthy", folder)
    file = root / "chapters" / "bridges.md"
    text = file.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    return root


def block(text: str, kind: str) -> str:
    """The source of the chapter's first block of a kind."""
    match = re.search(rf"^::: \{{[^}}]*\.{kind}\b.*?^:::\n", text, re.MULTILINE | re.DOTALL)
    assert match
    return match[0]


BRIDGES = (FULL.parent / "healthy" / "chapters" / "bridges.md").read_text(encoding="utf-8")


def test_an_empty_section_is_left_out(tmp_path: Path) -> None:
    finding, gap = block(BRIDGES, "finding"), block(BRIDGES, "gap")
    root = edited(tmp_path, (finding, ""), (gap, ""), ("- Closes: gap-br-inspect\n", ""))
    assert headings(made("bridges", root)) == ["1 Recommendations", "2 Linkages"]


def test_a_linkage_without_text_comes_from_the_front_matter(tmp_path: Path) -> None:
    root = edited(tmp_path, (block(BRIDGES, "linkage"), ""))
    assert lines(made("bridges", root))[-1] == "Tunnels: one road leads through both"


def test_a_full_brief_keeps_recommendations_and_counts_gaps(tmp_path: Path) -> None:
    gap, recommendation = block(BRIDGES, "gap"), block(BRIDGES, "recommendation")
    gaps = "\n".join(gap.replace("inspect", f"inspect-{n}") for n in range(5))
    asked = "\n".join(recommendation.replace("br-inspect", f"br-inspect-{n}", 1) for n in range(30))
    root = edited(tmp_path, (gap, gaps), (recommendation, asked))
    document, findings = made("bridges", root), list[Diagnostic]()
    assert len(plan(document)) == 30
    assert [line[:5] for line in lines(document) if line.startswith("BR-G")] == ["BR-G1"]
    assert "and 4 more in the paper" in tree.plain_text(document.blocks)
    pdf_writer.write(document, RenderContext(TEMPLATES, findings.append, Cache.for_paper(FULL)))
    assert [d.rule for d in findings] == ["too-many-pages"]


def test_a_brief_in_urdu(tmp_path: Path) -> None:
    root = edited(tmp_path, ("title: Bridges\n", "title: پل\nlanguage: ur\n"))
    document = made("bridges", root)
    assert (document.id, document.title, document.language) == ("crossings-bridges-brief", "پل", "ur")
    assert headings(document) == ["۱ نتائج", "۲ خلا", "۳ سفارشات", "۴ باہمی تعلق", "حوالہ جات"]


def test_only_a_category_chapter_with_recommendations_has_a_brief(tmp_path: Path) -> None:
    root = edited(tmp_path, (block(BRIDGES, "recommendation"), ""))
    assert reason_for_no_brief(paper(root), "summary") == "'summary' has no brief: it is not a chapter of a category"
    assert reason_for_no_brief(paper(root), "bridges") == "'bridges' has no brief: it has no recommendation"
    assert reason_for_no_brief(paper(root), "tunnels") == ""
