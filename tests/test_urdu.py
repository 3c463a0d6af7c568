"""A whole paper in Urdu, with a chapter in English: built by the command, and read back from every output."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import docx_integrity
import pikepdf
import pytest
import sample_document
import shared
import verapdf
from command_kit import nioc
from lxml import etree
from msgspec.structs import replace
from office_kit import needs_office
from test_papers import copy

from nioc_paper.model import Diagnostic
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import find_element, get_attribute, iter_elements
from nioc_paper.render.common import special_fonts
from nioc_paper.render.context import RenderContext
from nioc_paper.render.pdf import pdf_writer
from nioc_paper.system.cache import Cache
from nioc_paper.system.files import default_templates
from nioc_paper.system.requirements import install_command

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


def test_references_are_in_the_language_of_the_citing_chapter(urdu_outputs: Path) -> None:
    page = (urdu_outputs / "crossings.html").read_text(encoding="utf-8")
    urdu, english = page.split('id="chapter-plan"')
    assert 'class="xref">شکل\u00a0۱.۱</a>' in urdu
    assert 'class="xref">سفارش\u00a0BR-1</a>' in urdu
    assert 'class="xref">Recommendation\u00a0BR-1</a>' in english
    assert 'class="xref">Table\u00a01.1</a>' in english
    assert "ذمہ دار ادارہ" in urdu
    assert "<th" in english.split("Owner")[0]


def test_latin_words_are_isolated_and_quotations_have_their_own_marks(urdu_outputs: Path) -> None:
    page = (urdu_outputs / "crossings.html").read_text(encoding="utf-8")
    assert '<span dir="ltr" lang="en-GB">Roads Department of Ardale (RDA)</span>' in page
    assert '”<span dir="ltr" lang="en-GB">Follow the road</span>“' in page
    assert "own words: “A bridge" in page


def test_the_page_brings_the_typeface(urdu_outputs: Path) -> None:
    page = (urdu_outputs / "crossings.html").read_text(encoding="utf-8")
    assert page.count('@font-face { font-family: "Noto Nastaliq Urdu"; ') == 2
    assert "--font-text: Source Serif Pro, Noto Nastaliq Urdu," in page


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
