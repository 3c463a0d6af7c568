"""The review copy: the same numbers on the same paragraphs in every format, and none in any other copy."""

from __future__ import annotations

import io
import re
from pathlib import Path

import docx_integrity
import pikepdf
import pytest
from command_kit import without_office
from msgspec.structs import replace
from sample_document import document

from nioc_paper import tree
from nioc_paper.assemble import number_paragraphs
from nioc_paper.assemble.numbers import NumberedTarget
from nioc_paper.model import Diagnostic, Document, Node, OutputOptions, Severity
from nioc_paper.ooxml.package import Package, read_zip
from nioc_paper.ooxml.xml import find_element, get_attribute, iter_elements, remove_element
from nioc_paper.render.context import RenderContext
from nioc_paper.render.epub import epub_writer
from nioc_paper.render.pdf import pdf_writer
from nioc_paper.render.verify import docx_reader
from nioc_paper.render.web import page_writer
from nioc_paper.render.word import docx_writer
from nioc_paper.render.word.postprocess import NUMBER_STYLE
from nioc_paper.system import pandoc
from nioc_paper.system.cache import Cache
from nioc_paper.system.files import default_templates
from nioc_paper.wording import ENGLISH

TEMPLATES = default_templates()

_TEXT = """
# Title

One.

- a list
- of that paragraph

> A quotation
>
> of two paragraphs.

## Section

1. a list
2. of its own

::: finding
A box

with two paragraphs and

- a list.
:::

- a list after a box

| A cell |
|--------|
| is not counted[^1] |

: Nor is a caption.

[^1]: Nor is a note.

![](picture.png)

::: landscape
Two.
:::
"""


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


def test_the_pdf_has_paragraph_numbers_in_the_margin_and_line_numbers(paper: Document) -> None:
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
