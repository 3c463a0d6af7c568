"""A whole paper in Urdu, with a chapter in English: built by the command, and read back from every output."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docx_integrity
import pikepdf
import pytest
import sample_document
import shared
import verapdf
from browser import LOOKS, opened, served
from command_kit import hide_office, nioc, succeed
from lxml import etree
from msgspec.structs import replace
from office_kit import needs_office, printed
from size_kit import Size, write_paper
from test_papers import absent, appended, copy, read_tables

from nioc_paper.model import Diagnostic
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import Element, find_element, get_attribute, iter_elements, text_content
from nioc_paper.render.common import special_fonts
from nioc_paper.render.context import RenderContext
from nioc_paper.render.pdf import pdf_writer
from nioc_paper.system.cache import Cache
from nioc_paper.system.files import default_templates
from nioc_paper.system.requirements import install_command

if TYPE_CHECKING:
    from playwright.sync_api import Page


pytestmark = pytest.mark.skipif(
    not special_fonts.SCRIPT_FONTS["nastaliq"].font_files, reason="fonts-noto-core is not installed"
)
TEMPLATES = default_templates()
XML = {"x": "http://www.w3.org/1999/xhtml", "o": "http://www.idpf.org/2007/opf"}


def outputs(factory: pytest.TempPathFactory) -> Path:
    """The outputs of the paper, built once in a run."""

    def make(folder: Path) -> None:
        run = nioc(copy("urdu", folder), "build", "--today", "2020-01-30")
        assert (run.returncode, run.stderr.splitlines()[-1:]) == (0, ["no warnings"])

    return shared.once(factory, "urdu", make) / "urdu" / "dist"


@pytest.fixture(scope="module")
def urdu_outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return outputs(tmp_path_factory)


def test_the_page_is_right_to_left_except_the_english_chapter(urdu_outputs: Path) -> None:
    page = (urdu_outputs / "crossings.html").read_text(encoding="utf-8")
    assert '<html lang="ur" dir="rtl">' in page
    chapter = re.search(r'<section id="chapter-plan"[^>]*>', page)
    assert chapter
    assert 'lang="en-GB" dir="ltr"' in chapter[0]
    assert '<a href="#sec-plan"><span class="number">3</span> \u200eThe Plan in English\u200e</a>' in page
    assert '<span dir="ltr" lang="en-GB">Roads Department of Ardale (RDA)</span>' in page
    assert absent(page, '”<span dir="ltr" lang="en-GB">Follow the road</span>“', "own words: “A bridge") == []
    assert page.count('@font-face { font-family: "Noto Nastaliq Urdu"; ') == 2
    assert "--font-text: Source Serif Pro, Noto Nastaliq Urdu," in page


def test_references_are_in_the_language_of_the_citing_chapter(urdu_outputs: Path) -> None:
    page = (urdu_outputs / "crossings.html").read_text(encoding="utf-8")
    urdu, english = page.split('id="chapter-plan"')
    assert absent(urdu, 'class="xref">شکل\u00a0۱.۱</a>', 'class="xref">سفارش\u00a0BR-1</a>') == []
    assert absent(english, 'class="xref">Recommendation\u00a0BR-1</a>', 'class="xref">Table\u00a01.1</a>') == []
    assert "ذمہ دار ادارہ" in urdu
    assert "<th" in english.split("Owner")[0]


@needs_office
def test_the_lists_of_the_word_file_know_the_pages_of_urdu_headings(urdu_outputs: Path) -> None:
    package = Package((urdu_outputs / "crossings.docx").read_bytes())
    assert find_element(package.xml_root("word/settings.xml"), "w:updateFields") is None


def test_the_word_file_is_right_to_left_except_the_english_chapter(urdu_outputs: Path) -> None:
    file = urdu_outputs / "crossings.docx"
    # It is wrong about numId 0; the feet of turned pages are there for a paper that has some.
    assert [f for f in docx_integrity.check(file) if "numId=0 " not in str(f) and f.code != "REL003"] == []
    package = Package(file.read_bytes())
    turned: dict[tuple[str, str], bool] = {}
    for paragraph in iter_elements(package.body, "w:p"):
        mark = find_element(paragraph, "w:pPr/w:bidi")
        words = "".join(node.text or "" for node in iter_elements(paragraph, "w:t"))
        turned.setdefault(
            (get_attribute(find_element(paragraph, "w:pPr/w:pStyle")), words),
            mark is not None and get_attribute(mark) != "0",
        )
    assert turned["Title", "آرڈیل کے لیے محفوظ گزرگاہیں"]
    assert turned["CoverPublisher", "Ardale Town Council"]
    assert turned["TOCHeading", "فہرست"]
    assert turned["Heading1", "خلاصہ"]
    assert turned["Summary", "پلوں اور سرنگ کو ایک ہی معائنے کی ضرورت ہے۔"]
    assert not turned["Heading1", "3\u2002The Plan in English"]
    assert not turned["Summary", "What the council will do, for readers of English."]
    notes = [*iter_elements(package.body, "w:r"), *iter_elements(package.xml_root("word/footnotes.xml"), "w:r")]
    numbers = [
        run for run in notes if {"footnoteReference", "footnoteRef"} & {etree.QName(part).localname for part in run}
    ]
    assert [find_element(run, "w:rPr/w:rtl") is not None for run in numbers] == [True, True]
    tables = {"".join(map(str, t.itertext())).strip()[:3]: t for t in iter_elements(package.body, "w:tbl")}
    assert find_element(tables["باب"], "w:tblPr/w:bidiVisual") is not None
    assert find_element(tables["No."], "w:tblPr/w:bidiVisual") is None
    for kind in ("word/document", "word/header"):  # LibreOffice knows the direction of this name's titles alone
        roots = [package.xml_root(name) for name in package.part_names(kind)]
        codes = " ".join(code.text or "" for root in roots for code in iter_elements(root, "w:instrText"))
        assert ("heading 1" in codes, "Heading 1" in codes) == (True, False)


def test_the_e_book_is_right_to_left(urdu_outputs: Path) -> None:
    with zipfile.ZipFile(urdu_outputs / "crossings.epub") as book:
        package = etree.fromstring(book.read("EPUB/content.opf"))
        pages = {name: etree.fromstring(book.read(name)) for name in book.namelist() if name.endswith(".xhtml")}
    assert package.xpath("string(//o:spine/@page-progression-direction)", namespaces=XML) == "rtl"
    titles = {str(p.findtext("x:head/x:title", namespaces=XML)): (p.get("lang"), p.get("dir")) for p in pages.values()}
    assert titles["۱ پل"] == ("ur", "rtl")
    assert titles["3 The Plan in English"] == ("en-GB", None)
    lines = pages["EPUB/nav.xhtml"].iter("{*}a")
    line = next(node for node in lines if node.get("href", "").endswith("#sec-plan"))
    assert (line.get("lang"), line.get("dir")) == ("en-GB", "ltr")


def test_the_print_is_an_accessible_archive_in_the_typefaces_of_the_paper(urdu_outputs: Path) -> None:
    if lacking := verapdf.lacking():
        pytest.skip(lacking)
    assert verapdf.faults(urdu_outputs / "crossings.pdf") == []
    with pikepdf.open(urdu_outputs / "crossings.pdf") as file:
        assert file.Root.Lang == "ur"
        names = {str(o.BaseFont) for o in file.objects if isinstance(o, pikepdf.Dictionary) and "/BaseFont" in o}
    assert {name.split("+")[-1].split("-")[0] for name in names} == {"Source", "Noto"}


def test_the_settings_choose_another_script_style() -> None:
    document = replace(sample_document.document(), fonts={"ur": "naskh"})
    findings: list[Diagnostic] = []
    data = pdf_writer.write(document, RenderContext(TEMPLATES, findings.append, Cache.for_paper(Path())))
    with pikepdf.open(io.BytesIO(data)) as file:
        names = {str(o.BaseFont) for o in file.objects if isinstance(o, pikepdf.Dictionary) and "/BaseFont" in o}
    assert findings == []
    assert [name for name in names if "Noto" in name and "Naskh" not in name] == []
    assert [name for name in names if "Naskh" in name] != []


def test_a_missing_font_is_reported_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = replace(special_fonts.SCRIPT_FONTS["nastaliq"], stem="NotoNastaliqNowhere")
    monkeypatch.setitem(special_fonts.SCRIPT_FONTS, "nastaliq", lacking)
    document = sample_document.document()
    missing = [(d.rule, d.hint) for d in special_fonts.missing_font_diagnostics(document)]
    assert missing == [("missing-tool", install_command(["fonts-noto-core"]))]
    findings: list[Diagnostic] = []
    assert pdf_writer.write(document, RenderContext(TEMPLATES, findings.append, Cache.for_paper(Path()))).startswith(
        b"%PDF"
    )
    assert [d.rule for d in findings] == ["lost-content/text"]


# --- fonts of an English paper with a summary in Urdu -----------------------------------------------------------------


TABLES = read_tables("urdu")
URDU = TABLES["urdu"]


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An English paper with a summary in Urdu."""

    def make(folder: Path) -> None:
        kinds: dict[str, object] = {"category": {}, "cross-cutting": {}}
        parts = [{"matter": "front", "chapters": ["chapters/khulasa.md"]}, {"chapters": ["chapters/c0.md"]}]
        root = write_paper(folder / "paper", Size(lists=(), settings={"parts": parts, "kinds": kinds}))
        (root / "chapters/khulasa.md").write_text(URDU, encoding="utf-8")

    return shared.once(tmp_path_factory, "urdu-summary", make) / "paper"


LINES = """() => [...document.querySelectorAll("body *")].filter(element =>
    element.getClientRects().length && !element.closest("svg, sup")
    && /[\\u0600-\\u06ff]/.test([...element.childNodes].filter(n => n.nodeType == 3).map(n => n.data).join("")))
  .map(element => { const style = getComputedStyle(element);
    return [`${element.tagName} ${element.className} ${element.textContent.slice(0, 20)}`,
            parseFloat(style.lineHeight) / parseFloat(style.fontSize)] })"""
"""Elements with Urdu letters of their own, and their line heights in ems."""
SENTENCE = "پاکستان میں پل مضبوط ہیں اور ان کی مرمت ہوتی ہے۔"


def test_the_site_shows_urdu_in_nastaliq_and_no_lines_overlap(paper: Path, tmp_path: Path, browser: Any) -> None:
    root = shutil.copytree(paper, tmp_path / "paper")
    blocks = [
        f"- {SENTENCE}[^n]",
        f"> {SENTENCE}",
        f"| الف |\n|---|\n| {SENTENCE} |\n\n: {SENTENCE}",
        f"[^n]: {SENTENCE}",
    ]
    *inside, note = blocks
    division = "\n\n".join((f"[{SENTENCE}]{{lang=ur}}", "::: {lang=ur}", *inside, ":::", note))
    for name, text in (("khulasa", "\n\n".join(blocks)), ("c0", division)):
        appended(root / f"chapters/{name}.md", f"\n{text}\n")
    succeed(root, "site", "--audience", "limited", "--downloads", "none", "--out", str(tmp_path / "site"))
    seen = []
    with served(tmp_path / "site") as home, opened(browser, home, LOOKS[0]) as (page, _):
        for name in ("index.html", "khulasa.html", "c0.html", "lists.html", "progress.html"):
            page.goto(home + name)
            lines = page.evaluate(LINES)
            seen += [name] * bool(lines)
            assert [line for line, height in lines if height < 2.2] == [], name
            if name == "khulasa.html":
                page.evaluate("document.fonts.ready")
                for selector in ("main h1", "main h2", "main p:last-of-type"):
                    assert "Noto Nastaliq Urdu" in _fonts_of(page, selector), selector
    assert seen == ["index.html", "khulasa.html", "c0.html", "lists.html", "progress.html"]


def _fonts_of(page: Page, selector: str) -> set[str]:
    """The families that Chromium has drawn an element with."""
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
    fonts = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    session.detach()
    return {font["familyName"] for font in fonts}


def test_the_word_file_asks_for_nastaliq_and_begins_at_the_right(
    paper: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide_office(monkeypatch)
    root = shutil.copytree(paper, tmp_path / "paper")
    appended(root / "chapters/khulasa.md", f"\n| الف | ب |\n|---|---|\n| {SENTENCE} | ب |\n")
    succeed(root, "build", "--to", "docx", "--out", str(tmp_path))
    package = Package((tmp_path / "sizes.docx").read_bytes())
    styles = package.xml_root("word/styles.xml")
    families = {node.get(node.tag.partition("}")[0] + "}cs") for node in iter_elements(styles, "w:rFonts")}
    assert families - {None} == {"Noto Nastaliq Urdu"}
    headings = [
        p
        for p in iter_elements(package.body, "w:p")
        if get_attribute(find_element(p, "w:pPr/w:pStyle")).startswith("Heading")
        and "ہ" in "".join(map(str, p.itertext()))
    ]
    assert len(headings) == 2
    for heading in headings:
        assert find_element(heading, "w:pPr/w:bidi") is not None
        assert get_attribute(find_element(heading, "w:pPr/w:jc")) == "start"
        assert any(find_element(run, "w:rPr/w:rtl") is not None for run in iter_elements(heading, "w:r"))
    entries = [
        (find_element(p, "w:pPr/w:bidi") is not None, any("\u0600" < letter < "\u06ff" for letter in text_content(p)))
        for p in iter_elements(package.body, "w:p")
        if _style(p).startswith("TOC") and _style(p) != "TOCHeading"
    ]
    assert {True, False} == {is_urdu for _, is_urdu in entries}
    assert all(is_rtl == is_urdu for is_rtl, is_urdu in entries)
    tables = [
        (find_element(table, "w:tblPr/w:bidiVisual") is not None, "ب" in "".join(map(str, table.itertext())))
        for table in iter_elements(package.body, "w:tbl")
    ]
    assert (True, True) in tables
    assert all(is_rtl == is_urdu for is_rtl, is_urdu in tables)


HEADINGS = "\n## دوسری سطح\n\n### تیسری Zephyr سطح\n\nپل مضبوط ہیں۔\n"
URDU_IN_ENGLISH = ("en-GB", ["chapters/khulasa.md", "chapters/c0.md"], "khulasa")
ENGLISH_IN_URDU = ("ur", ["chapters/khulasa.md", "chapters/c0.md"], "c0")


@needs_office
@pytest.mark.parametrize(("language", "chapters", "other"), [URDU_IN_ENGLISH, ENGLISH_IN_URDU])
def test_libreoffice_sets_the_title_of_a_chapter_from_the_side_of_its_script(
    language: str, chapters: list[str], other: str, paper: Path, tmp_path: Path
) -> None:
    root = shutil.copytree(paper, tmp_path / "paper")
    settings = json.loads((root / "paper/paper.yaml").read_text(encoding="utf-8"))
    settings |= {"language": language, "parts": [{"chapters": chapters}]}
    (root / "paper/paper.yaml").write_text(json.dumps(settings), encoding="utf-8")
    appended(root / "chapters/khulasa.md", HEADINGS)
    english = root / "chapters/c0.md"
    front = english.read_text(encoding="utf-8").replace('"category"', '"language": "en-GB", "category"')
    english.write_text(f"{front}\n## Second level\n\n### Xylem level\n\nText.\n", encoding="utf-8")
    succeed(root, "build", "--to", "docx", "--out", str(tmp_path))
    (file,) = printed(tmp_path)
    is_urdu = other == "khulasa"
    sides = line_ends(file, *((r">[^<]*[\u0600-\u06ff]", "Zephyr") if is_urdu else (r">[^<]*[A-Za-z]", "Xylem")))
    title, *others = [right if is_urdu else -left for left, right in sides]
    assert len(others) >= 3
    assert max(others) - title < 1, sides


def line_ends(file: Path, letters: str, word: str) -> list[tuple[float, float]]:
    """Left and right ends of the lines of such letters on the page of a chapter with a word, without running heads."""
    boxes = subprocess.run(["pdftotext", "-bbox-layout", file, "-"], capture_output=True, text=True, check=True).stdout
    page = [page for page in boxes.split("<page ") if f">{word}<" in page][-1]  # the first are those of the contents
    line = re.compile(r'<line xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="[\d.]+">(.*?)</line>', re.DOTALL)
    matches = [match for match in line.findall(page) if 60 < float(match[1]) < 770]
    return [(float(left), float(right)) for left, _, right, words in matches if re.search(letters, words)]


def _style(paragraph: Element) -> str:
    return get_attribute(find_element(paragraph, "w:pPr/w:pStyle"))
