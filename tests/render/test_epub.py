"""The e-book: valid, whole, and the same each time."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import java
import pytest
import test_urdu
from msgspec.structs import replace
from PIL import Image, ImageColor
from sample_document import document
from test_papers import absent

from nioc_paper import tree
from nioc_paper.model import Asset, Diagnostic, Document, Reporter
from nioc_paper.ooxml.xml import parse
from nioc_paper.render.common.theme import read_theme
from nioc_paper.render.context import RenderContext
from nioc_paper.render.epub import epub_writer
from nioc_paper.system import pandoc
from nioc_paper.system.cache import Cache
from nioc_paper.system.files import default_templates
from nioc_paper.wording import wording_for

_TYPE = "{http://www.idpf.org/2007/ops}type"
TEMPLATES = default_templates()


def written(paper: Document, report: Reporter) -> bytes:
    """The book, with the charts drawn for another."""
    return epub_writer.write(paper, RenderContext(TEMPLATES, report, Cache.for_paper(Path())))


@pytest.fixture(scope="module")
def book() -> bytes:
    findings: list[Diagnostic] = []
    data = written(document(), findings.append)
    assert findings == []
    return data


@pytest.fixture(scope="module")
def members(book: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return {name: archive.read(name).decode(errors="replace") for name in archive.namelist()}


@pytest.mark.skipif(bool(java.lacking()), reason=java.lacking() or "Java is there")
def test_e_books_of_both_directions_are_valid(
    book: bytes, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (tmp_path / "book.epub").write_bytes(book)
    assert java.epub_faults(tmp_path / "book.epub") == []
    if not test_urdu.pytestmark.args[0]:
        assert java.epub_faults(test_urdu.outputs(tmp_path_factory) / "crossings.epub") == []


@pytest.mark.usefixtures("own_conversions")
def test_same_document_gives_same_bytes(book: bytes) -> None:
    assert epub_writer.write(document(), RenderContext(TEMPLATES, list[Diagnostic]().append)) == book


def test_a_chapter_is_a_file_titled_by_its_heading(members: dict[str, str]) -> None:
    titles = [text.split("<title>")[1].split("</title>")[0] for name, text in members.items() if "text/ch" in name]
    assert titles == [
        "About this document",
        "Foreword",
        "1 Smuggling",
        "2 Fraud",
        "A Words",
        "References",
    ]


def test_links_lead_across_chapters_and_to_figures(members: dict[str, str]) -> None:
    smuggling = members["EPUB/text/ch004.xhtml"]
    assert absent(smuggling, 'href="ch007.xhtml#ref-doe2018"', 'id="fig-sm-crates"') == []
    paper = document()
    apart = tree.div([tree.header(1, tree.text_inlines("Apart"), id="sec-apart"), _see("#fig-sm-crates")], "chapter")
    data = written(replace(paper, blocks=(*paper.blocks, apart)), list[Diagnostic]().append)
    assert b'href="ch004.xhtml#fig-sm-crates"' in zipfile.ZipFile(io.BytesIO(data)).read("EPUB/text/ch008.xhtml")


def test_the_package_names_authors_date_and_draft(members: dict[str, str]) -> None:
    package = members["EPUB/content.opf"]
    assert '<dc:title id="epub-title-1">A Strategy against Crates (draft)</dc:title>' in package
    assert absent(package, "urn:uuid:", '<meta property="dcterms:modified">2020-04-22T00:00:00Z</meta>') == []
    assert "working draft" in members["EPUB/text/ch001.xhtml"]


def test_charts_are_drawings_with_words_for_them(members: dict[str, str]) -> None:
    assert 'alt="Bars: 3 crates in 2017, 9 in 2018."' in members["EPUB/text/ch004.xhtml"]
    assert any(name.endswith(".svg") for name in members)


def test_no_colour_variable_remains(members: dict[str, str]) -> None:
    assert "var(" not in members["EPUB/styles/stylesheet1.css"]


def _see(target: str) -> dict[str, object]:
    return tree.para([tree.link(tree.text_inlines("there"), target, "xref")])


def test_a_formula_is_no_lost_text() -> None:
    blocks, _ = pandoc.parse_markdown(
        "# One {#sec-one}\n\nWhere $a^2 + b^2 = c^2$ holds, the angle is right.\n\n$$x = 1$$\n"
    )
    findings: list[Diagnostic] = []
    data = written(replace(document(), blocks=tuple(blocks), contents=()), findings.append)
    assert findings == []
    assert b"<math" in zipfile.ZipFile(io.BytesIO(data)).read("EPUB/text/ch002.xhtml")


def test_a_cover_is_the_first_page_and_the_picture_on_the_shelf(members: dict[str, str], book: bytes) -> None:
    package = parse(members["EPUB/content.opf"].encode())
    items = {item.get("id"): item for item in package.iter("{*}item")}
    first = next(package.iter("{*}itemref")).get("idref")
    assert items[first].get("href") == "text/cover.xhtml"
    assert 'alt="Cover: A Strategy against Crates, What moves, and who is paid, ' in members["EPUB/text/cover.xhtml"]
    shelf = next(item for item in items.values() if item.get("properties") == "cover-image")
    with zipfile.ZipFile(io.BytesIO(book)).open(f"EPUB/{shelf.get('href')}") as file:
        cover = Image.open(file)
        assert cover.size == (1600, 2400)
        assert cover.convert("RGB").getpixel((800, 1300)) == ImageColor.getrgb(read_theme(TEMPLATES)["cover"])


def test_contents_have_sections_in_chapters_and_chapters_in_parts(members: dict[str, str]) -> None:
    def lines(item: Any) -> list[Any]:
        return [[" ".join("".join(li[0].itertext()).split()), *lines(li)] for ol in item[1:] for li in ol]

    contents = next(parse(members["EPUB/nav.xhtml"].encode()).iter("{*}nav"))
    assert lines(contents) == [
        ["About this document"],
        ["Foreword"],
        [
            "The crimes",
            ["1 Smuggling", ["1.1 Routes and the people who keep them open"]],
            ["2 Fraud"],
        ],
        ["A Words"],
        ["References"],
    ]


def test_readers_can_go_to_cover_contents_text_and_sources(members: dict[str, str]) -> None:
    marks = list(parse(members["EPUB/nav.xhtml"].encode()).iter("{*}nav"))[1]
    assert [(a.get(_TYPE), a.get("href"), a.text) for a in marks.iter("{*}a")] == [
        ("cover", "text/cover.xhtml", "Cover"),
        ("titlepage", "text/title_page.xhtml", "A Strategy against Crates"),
        ("toc", "#toc", "Contents"),
        ("bodymatter", "text/ch004.xhtml#sec-smuggling", "1 Smuggling"),
        ("bibliography", "text/ch007.xhtml#sec-references", "References"),
    ]


def test_files_have_types_and_roles(members: dict[str, str]) -> None:
    types, titles = {}, {}
    for name in sorted(members):
        if name.startswith("EPUB/text/ch"):
            body = next(parse(members[name].encode()).iter("{*}body"))
            chapter = next(section for section in body if section.get(_TYPE) != "part")
            types[name[-10:-6]] = (body.get(_TYPE), chapter.get(_TYPE), chapter.get("role"))
            titles[name[-10:-6]] = body[0] is not chapter
    assert types["h002"] == ("frontmatter", "preface", "doc-preface")
    assert "h003" not in types  # the title of the part is above its first chapter
    assert [page for page, has_title in titles.items() if has_title] == ["h004"]
    assert types["h004"] == ("bodymatter", "chapter", "doc-chapter")
    assert types["h006"] == ("backmatter", "appendix", "doc-appendix")
    assert types["h007"] == ("backmatter", "bibliography", "doc-bibliography")


def test_notes_can_pop_up(members: dict[str, str]) -> None:
    chapter = parse(members["EPUB/text/ch004.xhtml"].encode())
    calls = [a.get("href") for a in chapter.iter("{*}a") if a.get(_TYPE) == "noteref"]
    notes = [f"#{aside.get('id')}" for aside in chapter.iter("{*}aside") if aside.get(_TYPE) == "footnote"]
    assert len(calls) == 3
    assert calls == notes


def test_cells_of_wide_tables_know_their_column() -> None:
    row = [[tree.plain_block(tree.text_inlines(word))] for word in ("TF-1", "Count.", "CB", "2020")]
    table = tree.table([("No.", None), ("What", None), ("", None), ("By", None)], [row])
    paper = replace(document(), blocks=(tree.header(1, tree.text_inlines("T"), id="sec-t"), table), contents=())
    findings: list[Diagnostic] = []
    page = zipfile.ZipFile(io.BytesIO(written(paper, findings.append))).read("EPUB/text/ch002.xhtml")
    assert findings == []
    cells = [(cell.get("data-label"), cell.text) for cell in parse(page).iter("{*}td")]
    assert cells == [(None, None), ("No.", "TF-1"), ("What", "Count."), (None, "CB"), ("By", "2020")]
    assert [table.get("class") for table in parse(page).iter("{*}table")] == ["wide"]


def test_every_page_of_the_e_book_is_accessible(book: bytes, tmp_path: Path, browser: Any) -> None:
    from browser import Look, barriers, opened

    zipfile.ZipFile(io.BytesIO(book)).extractall(tmp_path)
    files = sorted(tmp_path.glob("EPUB/**/*.xhtml"))
    with opened(browser, files[0], Look(360, "light")) as (page, _):
        for file in files:
            page.goto(file.as_uri())
            assert barriers(page, "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa") == [], file.name


def test_the_package_has_accessibility_metadata(members: dict[str, str]) -> None:
    package = parse(members["EPUB/content.opf"].encode())
    properties = [(meta.get("property"), meta.text) for meta in package.iter("{*}meta")]
    assert ("schema:accessModeSufficient", "textual") in properties
    assert ("schema:accessibilityHazard", "none") in properties
    assert ("schema:accessibilitySummary", wording_for("en")["accessibility"]) in properties
    images = [image for text in members.values() if "<img" in text for image in re.findall(r"<img[^>]*>", text)]
    assert len(images) == 3
    assert all(re.search(r'alt="[^"]+"', image) for image in images)


def test_the_package_claims_no_descriptions_that_are_missing() -> None:
    asset = Asset("x.svg", "image/svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    blocks, _ = pandoc.parse_markdown("# One {#sec-one}\n\nHere ![](x.svg).")
    paper = replace(document(), blocks=tuple(blocks), contents=(), charts={}, assets={"x.svg": asset}, described=False)
    book = written(paper, lambda finding: pytest.fail(finding.message))
    package = zipfile.ZipFile(io.BytesIO(book)).read("EPUB/content.opf").decode()
    assert absent(package, ">textual,visual</meta>", ">readingOrder</meta>") == []
    assert "alternativeText" not in package
    assert "accessibilitySummary" not in package
