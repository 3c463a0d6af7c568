"""The review copy: the same numbers on the same paragraphs in every format, and none in any other copy."""

from __future__ import annotations

import html
import io
import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import docx_integrity
import pikepdf
import pytest
from browser import COLOURS, LOOKS, barriers, opened
from command_kit import nioc, succeed, without_office
from lxml import etree
from msgspec.structs import replace
from sample_document import document
from sample_history import git
from shared import once
from test_papers import appended, copy, read_tables

from nioc_paper import tree
from nioc_paper.app.build_request import BuildRequest, assemble_document
from nioc_paper.app.project import Project
from nioc_paper.assemble import number_paragraphs
from nioc_paper.assemble.numbering import NumberedTarget
from nioc_paper.model import Diagnostic, Document, Node, OutputOptions, Severity
from nioc_paper.ooxml.package import Package, read_zip
from nioc_paper.ooxml.xml import find_element, get_attribute, iter_elements, remove_element
from nioc_paper.render.context import RenderContext
from nioc_paper.render.epub import epub_writer
from nioc_paper.render.pdf import chapter_layout, pdf_writer
from nioc_paper.render.verify import docx_reader
from nioc_paper.render.web import page_writer
from nioc_paper.render.word import docx_writer
from nioc_paper.render.word.postprocess import NUMBER_STYLE
from nioc_paper.system import pandoc
from nioc_paper.system.cache import Cache
from nioc_paper.system.files import default_templates
from nioc_paper.wording import ENGLISH

TEMPLATES = default_templates()

TABLES = read_tables("review_copy")
_TEXT = TABLES["text"]


def chapter(name: str, title: str, text: str = "Text.\n\nMore.") -> Node:
    heading = tree.header(1, tree.text_inlines(title), id=f"sec-{name}")
    return tree.div([heading, *pandoc.parse_markdown(text)[0]], "chapter", id=f"chapter-{name}")


def marks(blocks: object) -> list[str]:
    return [tree.plain_text(n) for n in tree.walk(blocks) if n["t"] == "Span" and "paragraph-number" in tree.classes(n)]


def test_numbered_paragraphs_are_units_for_reviewers_and_have_no_other_text() -> None:
    block = chapter("one", "One", _TEXT)
    (numbered,) = number_paragraphs([block], {"sec-one": NumberedTarget("chapter", "3")}, ENGLISH)
    words = [tree.plain_text(n) for n in tree.walk(numbered) if n["t"] in ("Para", "Plain") and marks(n)]
    assert words == [
        "¶3.1 One.",
        "¶3.2 A quotation",
        "¶3.3 a list",
        "¶3.4 A box",
        "¶3.5 a list after a box",
        "¶3.6 Two.",
    ]
    ids = [tree.identifier(n) for n in tree.walk(numbered) if marks([n]) and n["t"] == "Span"]
    assert ids == [f"para-3-{n}" for n in range(1, 7)]
    bare = tree.rewrite(lambda node: None if marks([node]) and node["t"] == "Span" else node, numbered)
    assert tree.plain_text(bare, with_notes=True) == tree.plain_text(block, with_notes=True)


def test_a_chapter_without_a_number_has_its_own_letters() -> None:
    names = ["executive-summary", "foreword", "forest", "fo", "e-s"]
    numbered = number_paragraphs(
        [chapter(name, name) for name in names], {"sec-fo": NumberedTarget("chapter", "", "Fo")}, ENGLISH
    )
    assert [marks(block)[0] for block in numbered] == ["¶ES.1", "¶FO.1", "¶FOR.1", "¶FO2.1", "¶ES2.1"]


def test_a_part_and_the_references_have_none() -> None:
    part = tree.div([tree.header(1, tree.text_inlines("Part"), "part", id="part-1")], "part")
    references = tree.div([tree.para(tree.text_inlines("Doe, J. 2018."))], "references")
    assert marks([*number_paragraphs([part, references], {}, ENGLISH)]) == []


# --- in every format --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def paper() -> Document:
    named = {"sec-smuggling": NumberedTarget("chapter", "1"), "sec-fraud": NumberedTarget("chapter", "2")}
    whole = document()
    return replace(
        whole, blocks=tuple(number_paragraphs(whole.blocks, named, ENGLISH)), copy=OutputOptions(review=True)
    )


def quiet(findings: list[Diagnostic]) -> bool:
    return not [d for d in findings if d.severity is Severity.ERROR]


def test_each_paragraph_of_the_web_page_has_an_address(paper: Document) -> None:
    findings: list[Diagnostic] = []
    page = page_writer.write(paper, RenderContext(TEMPLATES, findings.append, Cache.for_paper(Path()))).decode()
    assert quiet(findings)
    wanted = marks(paper.blocks)
    pattern = r'<span id="(para-[^"]+)" class="paragraph-number"><a\s+href="#\1">([^<]+)</a></span>'
    assert [shown for _, shown in re.findall(pattern, page)] == wanted
    assert "such as ¶3.14" in page


def test_the_e_book_has_paragraph_numbers_before_paragraphs(paper: Document) -> None:
    findings: list[Diagnostic] = []
    book = epub_writer.write(paper, RenderContext(TEMPLATES, findings.append, Cache.for_paper(Path())))
    assert quiet(findings)
    assert b"(review copy)" in read_zip(book)["EPUB/content.opf"]


def test_the_pdf_has_paragraph_numbers_in_the_margin_and_line_numbers(
    paper: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chapter_layout, "SHORT_PAPER", 0)
    findings: list[Diagnostic] = []
    data = pdf_writer.write(paper, RenderContext(TEMPLATES, findings.append, Cache.for_paper(Path())))
    assert quiet(findings)
    with pikepdf.open(io.BytesIO(data)) as file:
        names = {str(name) for name in file.Root.Names.Dests.Names if isinstance(name, pikepdf.String)}
        assert {f"para-{mark[1:].lower().replace('.', '-')}" for mark in marks(paper.blocks)} <= names
        contents = [_content(page) for page in file.pages]
        drawn = [re.search(_LINES, content) for content in contents]
        counted = [lines is not None for lines in drawn]
        # Below the text.
        assert all(
            lines.start() < content.index(b"/MCID") for lines, content in zip(drawn, contents, strict=True) if lines
        )
        text = next(n for n, page in enumerate(file.pages) if page.label == "1")
        assert counted[text:-1] == [True] * (len(counted) - text - 1)
        assert [*counted[:2], counted[-1]] == [False] * 3  # cover, contents, and the lists at the back


def word_file(document: Document) -> bytes:
    findings: list[Diagnostic] = []
    with without_office():
        data = docx_writer.write(document, RenderContext(TEMPLATES, findings.append, Cache.for_paper(Path())))
    assert quiet(findings)
    return data


def test_numbers_of_paragraphs_and_lines_are_the_only_change_of_the_word_file(paper: Document, tmp_path: Path) -> None:
    data = word_file(paper)
    (tmp_path / "paper.docx").write_bytes(data)
    assert [f for f in docx_integrity.check(tmp_path / "paper.docx") if "numId=0 " not in str(f)] == []
    own, plain = Package(data), Package(word_file(document()))
    numbers = [
        run
        for run in iter_elements(own.body, "w:r")
        if get_attribute(find_element(run, "w:rPr/w:rStyle")) == NUMBER_STYLE
    ]
    assert [text for run in numbers for t in iter_elements(run, "w:t") if (text := t.text)] == marks(paper.blocks)
    counted = [find_element(section, "w:lnNumType") is not None for section in iter_elements(own.body, "w:sectPr")]
    # Not on the cover and the contents, and not on the lists and the imprint at the back.
    assert counted == [*[False] * 2, *[True] * (len(counted) - 3), False]
    for run in numbers:
        remove_element(run)
    there, others = ([*held["text"], *held["cell"]] for held in map(docx_reader.read_package, (own, plain)))
    assert [words for words in others if words not in there and not words.startswith("draft")] == []


_LINES = rb"(?s)/Artifact\s*<<\s*/Type\s*/Pagination\s*>>\s*BDC(?:(?!\bEMC\b).)*?\s8\.5 Tf\b"


def _content(page: pikepdf.Page) -> bytes:
    page.contents_coalesce()
    return bytes(page.Contents.read_bytes())


# --- links that suggest a change by mail ------------------------------------------------------------------------------

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CONTACT = "paper+site@example.org"
TITLE = """Roads & "bridges" <b>?subject=x#y%0A"""
DAY = ("--today", "2020-01-30")


def make_site(suggesting: Path, *settings: str) -> dict[str, str]:
    """The pages of a paper's site by name, with a title and a summary full of signs, and more settings of the site."""
    file = suggesting / "paper" / "paper.yaml"
    text = re.sub(r"^title: .*$", f"title: '{TITLE}'", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    file.write_text(text + "\n".join(("site:", "  summary: Crossings.", *settings)) + "\n", encoding="utf-8")
    for command in ("init -q -b main", "add -A", "commit -q -m Begin", "tag v1"):
        git(suggesting, *command.split())
    succeed(suggesting, "site", "--downloads", "none", *DAY)
    return {page.stem: page.read_text(encoding="utf-8") for page in (suggesting / "dist" / "site").glob("*.html")}


def make_with_contact(outer: Path) -> None:
    """Make the site of the fixture `paper`."""
    make_site(copy("healthy", outer), f"  contact: {CONTACT}", "  url: https://example.org/paper")


@pytest.fixture(scope="module")
def suggesting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, "suggest", make_with_contact) / "healthy"


def links(suggesting: Path, page: str) -> list[str]:
    """The addresses of the links of a page that suggest a change."""
    text = (suggesting / "dist" / "site" / f"{page}.html").read_text(encoding="utf-8")
    return [link.get("href", "") for link in etree.HTML(text).iter("a") if link.get("class") == "suggest"]


def test_a_mail_names_chapter_paragraph_and_version(suggesting: Path) -> None:
    address = urlsplit(links(suggesting, "tunnels")[0])
    assert (address.scheme, address.path, address.fragment) == ("mailto", CONTACT, "")
    fields = parse_qs(address.query, strict_parsing=True)
    assert fields.keys() == {"subject", "body"}
    assert fields["subject"] == [f"{TITLE}: 2 Tunnels, paragraph 2.1"]
    home = (suggesting / "dist" / "site" / "index.html").read_text(encoding="utf-8")
    (issue,) = re.findall(r"<footer>\s*<p>.*? · (.*?)</p>", home)
    assert issue.endswith("v1")
    assert fields["body"][0].split("\r\n") == [
        "chapter: 2 Tunnels",
        "paragraph: 2.1 (The tunnel is closed more often each year, and nobody is told …)",
        f"Version: {issue}",
        "https://example.org/paper/tunnels.html",
        "",
        "Your suggestion:",
        "",
    ]


@pytest.mark.parametrize("page", ["summary", "bridges", "tunnels", "annex-contributors"])
def test_paragraphs_have_the_numbers_of_a_review_copy(suggesting: Path, page: str) -> None:
    project = Project(suggesting, today=date(2020, 1, 30))
    options = OutputOptions(audience="public", review=True)
    review = assemble_document(project, project.load().paper, BuildRequest(options=options))
    heading = page if page.startswith("annex") else f"sec-{page}"
    block = next(b for b in review.blocks if heading in {tree.identifier(node) for node in b["c"][1][:1]})
    marks = [tree.plain_text(n["c"][1]) for n in tree.walk(block) if "paragraph-number" in tree.classes(n)]
    numbers = [mark.removeprefix("\u00b6").rpartition(".")[2] for mark in marks]
    subjects = [parse_qs(urlsplit(link).query)["subject"][0] for link in links(suggesting, page)]
    assert [subject.rpartition(" ")[2].rpartition(".")[2] for subject in subjects] == numbers


def test_without_a_contact_no_page_has_an_address_for_mail(tmp_path: Path) -> None:
    for name, text in make_site(copy("healthy", tmp_path)).items():
        assert "mailto:" not in text, name
        assert not re.findall(r"[\w.+-]+@[\w-]+\.\w+", html.unescape(text)), name


def test_the_contact_is_only_in_links_that_suggest(suggesting: Path) -> None:
    for page in (suggesting / "dist" / "site").glob("*.html"):
        text = re.sub(r'<a class="suggest"[^>]*>', "", page.read_text(encoding="utf-8"))
        assert "example.org" not in text.replace("https://example.org/paper", ""), page.name


@pytest.mark.parametrize(
    "contact",
    ["nobody", "a@b", "a b@example.org", "a@example.org?cc=b@example.org", "a@example.org,b@example.org", "<a@b.org>",
     "a%40b@example.org", "mailto:a@example.org", "a@example.org\\n", "a@-", "@example.org"],
)  # fmt: skip
def test_only_an_address_is_a_contact(tmp_path: Path, contact: str) -> None:
    suggesting = copy("healthy", tmp_path)
    appended(suggesting / "paper" / "paper.yaml", f'site:\n  contact: "{contact}"\n')
    run = nioc(suggesting, "check", *DAY)
    assert run.returncode == 1
    assert re.search(r"paper/paper\.yaml:\d+:12: error\[", run.stdout + run.stderr), run.stdout
    assert "paper@example.org" in run.stdout + run.stderr


def test_links_that_suggest_are_reachable_and_named(suggesting: Path, browser: Browser) -> None:
    with opened(browser, suggesting / "dist" / "site" / "tunnels.html", LOOKS[0]) as (page, _):
        link = page.get_by_role("link", name="Suggest a change to paragraph 2.1", exact=True)
        for look in LOOKS:
            page.set_viewport_size({"width": look.width, "height": 900})
            page.emulate_media(color_scheme=look.scheme)
            link.focus()
            box = link.bounding_box()
            assert box
            assert box["x"] >= 0
            assert min(box["width"], box["height"]) >= 24
            assert link.evaluate("element => getComputedStyle(element).opacity") == "1"
            assert barriers(page, *(COLOURS if look.scheme == "dark" else ())) == []
            assert page.evaluate("document.documentElement.scrollWidth") == look.width
