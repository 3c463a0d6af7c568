"""Constructs beside plain text, in every output: a table of constructs by format."""

from __future__ import annotations

import re
import subprocess
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import shared
from command_kit import nioc, without_office
from lxml import etree
from test_papers import TESTS, appended, copy
from word_kit import send

from nioc_paper.domain.audience import for_audience
from nioc_paper.load import load
from nioc_paper.load.chapter_tree import parse_nodes
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import find_element, get_attribute, iter_elements, text_content
from nioc_paper.review.docx import docx_reader
from nioc_paper.review.exchange import today_merge

CHAPTER = "chapters/bridges.md"
CONSTRUCTS = "\n" + (TESTS / "tables/constructs.md").read_text(encoding="utf-8")
ANNEXES = """\
  - {title: Index of bodies, list: bodies}
  - {title: Glossary, list: glossary}
"""
TERMS = """\
terms:
  - {use: weight limit, avoid: [load limit]}
  - {use: warden, definition: A person who looks after a crossing.}
  - {use: pier, definition: A support of a bridge that stands in the water., source: survey2019}
  - {use: pier of wood, definition: A pier that is older than the others.}
"""
PAGES = ("html", "site", "epub")
"""Formats that are read as HTML."""


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The healthy paper with every construct, in every format, verified by the build itself."""
    return shared.once(tmp_path_factory, "constructs", _build) / "healthy" / "dist"


def _build(folder: Path) -> None:
    paper = copy("healthy", folder)
    appended(paper / CHAPTER, CONSTRUCTS)
    appended(paper / "paper" / "paper.yaml", ANNEXES)
    (paper / "paper" / "registers" / "terms.yaml").write_text(TERMS, encoding="utf-8")
    (paper / "paper" / "data" / "days.csv").write_text("year,days\n2018,9\n2019,15\n", encoding="utf-8")
    for command in (("build", "--today", "2020-01-30"), ("site", "--downloads", "none", "--today", "2020-01-30")):
        with without_office():
            run = nioc(paper, *command)
        assert (run.returncode, re.findall(r"error\[.*|(?<!no )warning.*", run.stderr)) == (0, [])


@cache
def page(outputs: Path, form: str, *, site_page: str = "bridges", mark: bytes = b"How a deck is laid</") -> Any:
    """The page that has a text, as a tree without namespaces."""
    if form == "epub":
        with zipfile.ZipFile(outputs / "crossings.epub") as book:
            texts = [book.read(name) for name in book.namelist() if name.endswith(".xhtml")]
    else:
        file = outputs / ("crossings.html" if form == "html" else f"site/{site_page}.html")
        texts = [file.read_bytes()]
    text = next(text for text in texts if mark in text)
    tree = etree.fromstring(text, etree.HTMLParser())
    assert tree is not None
    return tree


def words(node: Any) -> str:
    return " ".join("".join(node.itertext()).split())


@cache
def pdf_text(outputs: Path, *options: str) -> str:
    command = ["pdftotext", *options, str(outputs / "crossings.pdf"), "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def pdf_words(outputs: Path) -> str:
    return " ".join(pdf_text(outputs).split())


@cache
def word_paragraphs(outputs: Path) -> list[tuple[str, str]]:
    """Style and words of every paragraph of the Word file."""
    package = Package((outputs / "crossings.docx").read_bytes())
    return [
        (get_attribute(find_element(p, "w:pPr/w:pStyle")), text_content(p)) for p in iter_elements(package.body, "w:p")
    ]


CALLOUTS: Mapping[str, tuple[str, str]] = {
    "note": ("Note", "Two people inspect each bridge."),
    "tip": ("Ask the warden", "Wardens know every deck: those of wood those of stone"),
    "warning": ("Warning", "Do not load a deck that bends."),
    "box": (
        "How a deck is laid",
        "The deck is laid on its piers of wood, and never on a pier of wood alone. Part of it Year Northern pier 1872",
    ),
}
"""Titles and words by kind."""


@pytest.mark.parametrize("form", PAGES)
@pytest.mark.parametrize("kind", CALLOUTS)
def test_a_callout_has_its_title_and_its_content_on_a_page(kind: str, form: str, outputs: Path) -> None:
    title, text = CALLOUTS[kind]
    (callout,) = page(outputs, form).xpath(f"//div[contains(@class, 'callout') and contains(@class, '{kind}')]")
    assert words(callout.find("div[@class='title']")) == title
    # A web page shows a note beside its passage, behind its number.
    assert re.sub(r"(?<=bridge\.)[\d↩ ].*", "", words(callout)).replace(" ", "") == f"{title}{text}".replace(" ", "")


@pytest.mark.parametrize("kind", CALLOUTS)
def test_a_callout_has_its_title_and_its_content_in_print(kind: str, outputs: Path) -> None:
    text = re.sub(r"(?<=bridge\.)\d", "", pdf_words(outputs)).replace("•", "")
    assert " ".join(CALLOUTS[kind]) in " ".join(text.split())


def test_a_callout_has_styles_of_its_own_in_word(outputs: Path) -> None:
    paragraphs = word_paragraphs(outputs)
    styled = [(style, text) for style, text in paragraphs if re.match(r"(Note|Tip|Warning|Box)(Title)?$", style)]
    assert styled == [
        ("NoteTitle", "Note"),
        ("Note", "Two people inspect each bridge."),
        ("TipTitle", "Ask the warden"),
        ("Tip", "Wardens know every deck:"),
        ("Tip", "those of wood"),
        ("Tip", "those of stone"),
        ("WarningTitle", "Warning"),
        ("Warning", "Do not load a deck that bends."),
        ("BoxTitle", "How a deck is laid"),
        ("Box", "The deck is laid on its piers of wood, and never on a pier of wood alone."),
    ]
    assert ("TableText", "Northern pier") in paragraphs


DECK_TEXTS = (("A floor of planks.", "Its planks are of oak."), ("A set of cards.",))
"""Paragraphs of each definition; no blank line is between the term and the first."""


@pytest.mark.parametrize("form", PAGES)
def test_paragraphs_of_a_definition_are_apart_on_a_page(form: str, outputs: Path) -> None:
    (term,) = (term for term in page(outputs, form).iter("dt") if words(term) == "Deck")
    definitions = list(term.itersiblings())[: len(DECK_TEXTS)]
    assert tuple(tuple(map(words, d.iter("p"))) or (words(d),) for d in definitions) == DECK_TEXTS


def test_paragraphs_of_a_definition_are_apart_in_print_and_in_word(outputs: Path) -> None:
    texts = [text for definition in DECK_TEXTS for text in definition]
    assert {*texts} <= {*pdf_text(outputs).splitlines()}
    assert [text for _, text in word_paragraphs(outputs) if text in texts] == texts


LINES = ("Roads Department", "and the railway", "- by turns")


@pytest.mark.parametrize("form", PAGES)
def test_lines_of_a_cell_are_lines_of_a_page(form: str, outputs: Path) -> None:
    (cell,) = (td for td in page(outputs, form).iter("td") if "and the railway" in words(td))
    assert len(list(cell.iter("br"))) == len(LINES) - 1
    assert tuple(text.strip() for text in cell.itertext() if text.strip() and "Kept" not in text) == LINES


def test_lines_of_a_cell_are_lines_in_print_and_in_word(outputs: Path) -> None:
    text = pdf_text(outputs, "-layout")
    at = text.index("Roads Department", text.index("Station Road"))
    assert tuple(line.strip() for line in text[at:].splitlines()[: len(LINES)]) == LINES
    package = Package((outputs / "crossings.docx").read_bytes())
    (cell,) = (p for p in iter_elements(package.body, "w:p") if "and the railway" in text_content(p))
    assert len(list(iter_elements(cell, "w:br"))) == len(LINES) - 1


WIDTHS: Mapping[str, tuple[str, float]] = {
    "fig-br-half": ("width:50.0%", 0.5),
    "fig-br-four": ("width:4cm", 40 / 158),
    "fig-br-days": ("width:40.0%", 0.4),
}
"""Styles of pictures on a page, and their share of a page's width in print."""


@pytest.mark.parametrize("form", PAGES)
@pytest.mark.parametrize("name", WIDTHS)
def test_a_figure_has_its_width_on_a_page(name: str, form: str, outputs: Path) -> None:
    drawn = "self::img or (self::svg and contains(@class, 'wide'))"
    (image,) = page(outputs, form).xpath(f"//*[@id='{name}']/descendant-or-self::figure//*[{drawn}]")
    assert (image.get("style") or image.get("data-style")).replace(" ", "").rstrip(";") == WIDTHS[name][0]
    if form == "site":
        assert f'[data-style="{image.get("data-style")}"][data-style]' in (outputs / "site" / "site.css").read_text()


def test_a_figure_has_its_width_in_word(outputs: Path) -> None:
    package = Package((outputs / "crossings.docx").read_bytes())
    sizes = {
        next(iter_elements(drawing, "wp:docPr")).get("descr"): int(
            next(iter_elements(drawing, "wp:extent")).get("cx", "")
        )
        for drawing in iter_elements(package.body, "wp:inline")
    }
    whole = sizes["A horizontal deck rests on two upright piers."]
    assert sizes["Half a page."] / whole == pytest.approx(0.5, abs=0.01)
    assert sizes["A small deck."] == pytest.approx(4 * 360_000, rel=0.01)
    assert sizes["Bar chart of two years."] / whole == pytest.approx(0.4, abs=0.01)


NUMBERS = {"sec-br-thanks": "", "sec-br-wardens": "", "sec-br-hidden": "", "sec-br-next": "1.5"}
"""Numbers of headings: the section before them is 1.4."""
TITLES = {
    "sec-br-thanks": "A word of thanks",
    "sec-br-wardens": "To the wardens",
    "sec-br-hidden": "Left out of the contents",
    "sec-br-next": "The next section",
}


@pytest.mark.parametrize("form", PAGES)
@pytest.mark.parametrize("name", NUMBERS)
def test_headings_without_number_leave_other_numbers_as_they_are(name: str, form: str, outputs: Path) -> None:
    own = "self::h2 or self::h3 or self::h4"
    heading = page(outputs, form).xpath(f"//*[@id='{name}']/descendant-or-self::*[{own}]")[0]
    assert words(heading).rstrip("#¶ ") == f"{NUMBERS[name]} {TITLES[name]}".strip()


def test_headings_without_number_in_print_and_in_word(outputs: Path) -> None:
    text = pdf_words(outputs)
    headings = [(style, words) for style, words in word_paragraphs(outputs) if style.startswith("Heading")]
    assert "After “A word of thanks” and “To the wardens” comes section 1.5." in text
    assert [words.replace("\u2002", " ") for _, words in headings if words.endswith(tuple(TITLES.values()))] == [
        f"{NUMBERS[name]} {TITLES[name]}".strip() for name in NUMBERS
    ]


def test_contents_have_headings_without_number_but_no_unlisted_ones(outputs: Path) -> None:
    (contents,) = page(outputs, "html").xpath("//nav[.//a[@href='#sec-br-next']]")
    targets = [a.get("href") for a in contents.iter("a")]
    assert "#sec-br-thanks" in targets
    assert "#sec-br-hidden" not in targets
    entries = [text for style, text in word_paragraphs(outputs) if style.startswith("TOC")]
    assert not [text for text in entries if "Left out" in text]


TASKS = {
    "Ardale Town Council": [
        ("TU-1", "TU-1: Announce every closure of the tunnel a week ahead."),
        ("BR-1", "Supports BR-1: Inspect every bridge once a year and publish the result."),
    ],
    "Roads Department of Ardale (RDA)": [("BR-1", "BR-1: Inspect every bridge once a year and publish the result.")],
}
"""Bodies by name, with the numbers and the lines of their tasks."""


@pytest.mark.parametrize("form", PAGES)
def test_an_index_of_bodies_says_who_is_asked_to_do_what(form: str, outputs: Path) -> None:
    (index,) = page(outputs, form, site_page="annex-bodies", mark=b"Ardale Town Council</dt>").xpath(
        "//div[contains(@class, 'bodies')]//dl"
    )
    terms = [words(term) for term in index.iter("dt")]
    lines = [[(words(item.find(".//a")), words(item)) for item in each.iter("li")] for each in index.iter("dd")]
    assert dict(zip(terms, lines, strict=True)) == TASKS
    assert {a.get("href").rpartition("#")[2] for a in index.iter("a")} == {"rec-br-inspect", "rec-tu-notice"}


def test_an_index_of_bodies_has_pages_in_print(outputs: Path) -> None:
    whole = pdf_text(outputs)
    numbered: dict[str, str] = {}
    for text in whole.split("\f"):
        numbers = re.findall(r"^\d+$", text, re.MULTILINE)
        numbered |= {
            name: numbers[-1]
            for name in ("BR-1", "TU-1")
            if numbers and re.search(rf"(?i)recommendation\s+{name}", text)
        }
    index = " ".join(whole[whole.rindex("Index of bodies") :].split())
    for lines in TASKS.values():
        for name, line in lines:
            assert line.replace(name, f"{name} (page {numbered[name]})") in index


def test_an_index_of_bodies_in_word_has_the_same_lines(outputs: Path) -> None:
    texts = [text for _, text in word_paragraphs(outputs)]
    at = texts.index("Ardale Town Council", texts.index("Index of bodies") + 1) if "Index of bodies" in texts else 0
    assert [*TASKS] == [text for style, text in word_paragraphs(outputs) if style == "DefinitionTerm" and text in TASKS]
    assert [line for lines in TASKS.values() for _, line in lines] == [
        t for t in texts[at:] if re.match(r"(Supports )?(BR|TU)-1:", t)
    ]


DEFINITIONS = {
    "pier": "A support of a bridge that stands in the water (Ardale Town Council 2019).",
    "pier of wood": "A pier that is older than the others.",
    "warden": "A person who looks after a crossing.",
}
FIRST_USES = [("term-pier", "piers"), ("term-warden", "Wardens"), ("term-pier-of-wood", "pier of wood")]
"""Ids of terms and the words that are linked to them, in the order of the chapter."""


@pytest.mark.parametrize("form", PAGES)
def test_a_glossary_has_the_definitions_and_first_uses_lead_to_it(form: str, outputs: Path) -> None:
    glossary = page(outputs, form, site_page="annex-glossary", mark=b"A person who looks after")
    (entries,) = glossary.xpath("//div[contains(@class, 'glossary')]//dl")
    assert [words(term) for term in entries.iter("dt")] == [*DEFINITIONS]
    assert [words(text) for text in entries.iter("dd")] == [*DEFINITIONS.values()]
    assert {span.get("id") for span in entries.iter("span")} >= {name for name, _ in FIRST_USES}
    whole = page(outputs, form)
    chapter = next(iter(whole.xpath("//*[@id='chapter-bridges']")), whole)  # a file of its own in an e-book
    links = [
        (a.get("href").rpartition("#")[2], words(a)) for a in chapter.iter("a") if "#term-" in (a.get("href") or "")
    ]
    assert links == FIRST_USES


def test_a_glossary_in_word_and_in_print(outputs: Path) -> None:
    package = Package((outputs / "crossings.docx").read_bytes())
    linked = [
        text_content(node)
        for node in iter_elements(package.body, "w:hyperlink")
        if "term" in get_attribute(node, "w:anchor")
    ]
    assert linked[: len(FIRST_USES)] == [text for _, text in FIRST_USES]
    terms = [text for style, text in word_paragraphs(outputs) if style == "DefinitionTerm" and text in DEFINITIONS]
    assert terms == [*DEFINITIONS]
    text = pdf_words(outputs)
    assert (
        "pier A support of a bridge that stands in the water (Ardale Town Council 2019)"
        in text[text.rindex("Glossary") :]
    )


EQUATIONS = {"eq-br-cost": "(1.1)", "eq-br-sum": "(1.2)"}


@pytest.mark.parametrize("form", PAGES)
@pytest.mark.parametrize("name", EQUATIONS)
def test_an_equation_has_its_number_and_references_on_a_page(name: str, form: str, outputs: Path) -> None:
    whole = page(outputs, form)
    (equation,) = whole.xpath(f"//*[@id='{name}']")
    assert equation.xpath(".//*[local-name()='math']")
    assert words(equation.xpath("./*[@class='equation-number']")[0]) == EQUATIONS[name]
    links = [words(a) for a in whole.iter("a") if (a.get("href") or "").endswith(f"#{name}")]
    assert links == [f"equation {EQUATIONS[name].strip('()')}"]


def test_an_equation_is_set_with_its_number_in_print(outputs: Path) -> None:
    text = pdf_words(outputs)
    assert "Compare equation 1.1 with equation 1.2." in text
    assert {*EQUATIONS.values()} <= {*text.split()}
    between = text[text.index("has the cost") : text.index("of each year")]
    assert {"a", "n", "+", "∑", "i", "1"} <= {*between}
    assert "frac" not in text


def test_an_equation_is_a_formula_with_its_number_in_word(outputs: Path) -> None:
    package = Package((outputs / "crossings.docx").read_bytes())
    paragraphs = [*iter_elements(package.body, "w:p")]
    numbered = [p for p in paragraphs if any(number in text_content(p) for number in EQUATIONS.values())]
    assert [len(list(p.iter("{*}oMath"))) for p in numbered] == [1, 1]
    assert len(list(numbered[0].iter("{*}f"))) == 1  # a fraction
    starts = {get_attribute(mark, "w:name") for p in numbered for mark in iter_elements(p, "w:bookmarkStart")}
    targets = [get_attribute(link, "w:anchor") for link in iter_elements(package.body, "w:hyperlink")]
    assert {*EQUATIONS} <= starts & {*targets}


def test_a_public_copy_keeps_the_source_of_a_definition(paper: Path) -> None:
    appended(
        paper / "paper" / "references.yaml",
        '  - {id: lexicon, type: book, title: A lexicon of piers, issued: "2018"}\n',
    )
    terms = "terms:\n  - {use: pier, definition: It carries a deck., source: lexicon}\n"
    (paper / "paper" / "registers" / "terms.yaml").write_text(terms, encoding="utf-8")
    public, _ = for_audience(load(paper, lambda _: None), "public")
    assert "lexicon" in public.references


def test_a_chapter_with_all_constructs_comes_back_from_word_unchanged(outputs: Path) -> None:
    paper = load(outputs.parent, lambda _: None)
    chapter = next(c for c in paper.chapters if c.id == "bridges")
    data = send(paper)
    sent = docx_reader.read_docx(Package(data))
    assert not any(
        "term-" in get_attribute(link, "w:anchor") for link in iter_elements(Package(data).body, "w:hyperlink")
    )
    merged = today_merge.merge_received(chapter, sent, docx_reader.read_docx(Package(data)), parse_nodes)
    assert merged.apply_to(chapter.text) == chapter.text
    assert not merged.conflicts
