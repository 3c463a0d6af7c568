"""What authors write beside plain text, in every output: a table of constructs by format."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from command_kit import nioc
from lxml import etree
from test_papers import copy

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import find_element, get_attribute, iter_elements, text_content

CHAPTER = "chapters/bridges.md"
CONSTRUCTS = """
## Blocks

::: {.note}
Two people inspect *each* bridge.[^inbox]
:::

[^inbox]: A remark in a box.

::: {.tip title="Ask the warden"}
Wardens know every deck:

- those of wood
- those of stone
:::

::: {.warning}
Do not load a deck that bends.
:::

::: {#box-deck .box title="How a deck is laid"}
The deck is laid on its piers.

| Part of it | Year |
|---|---|
| Northern pier | 1872 |
:::

The [account of the deck](#box-deck) is short.
"""
PAGES = ("html", "site", "epub")
"""Formats that are read as HTML."""
FORMATS = ("pdf", "docx", *PAGES)


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The healthy paper with every construct, in every format, verified by the build itself."""
    paper = copy("healthy", tmp_path_factory.mktemp("constructs"))
    with (paper / CHAPTER).open("a", encoding="utf-8") as file:
        file.write(CONSTRUCTS)
    for command in (("build", "--today", "2020-01-30"), ("site", "--downloads", "none", "--today", "2020-01-30")):
        run = nioc(paper, *command)
        assert (run.returncode, re.findall(r"error\[.*|(?<!no )warning.*", run.stderr)) == (0, [])
    return paper / "dist"


def page(outputs: Path, form: str) -> Any:
    """The page that has the chapter, as a tree without namespaces."""
    if form == "epub":
        names = subprocess.run(["unzip", "-Z1", outputs / "crossings.epub"], capture_output=True, text=True, check=True)
        texts = [
            subprocess.run(["unzip", "-p", outputs / "crossings.epub", name], capture_output=True, check=True).stdout
            for name in names.stdout.split()
            if name.endswith(".xhtml")
        ]
    else:
        file = outputs / ("crossings.html" if form == "html" else "site/bridges.html")
        texts = [file.read_bytes()]
    text = next(text for text in texts if b"sec-bridges-blocks" in text and b"How a deck is laid</" in text)
    tree = etree.fromstring(text, etree.HTMLParser())
    assert tree is not None
    return tree


def words(node: Any) -> str:
    return " ".join("".join(node.itertext()).split())


def pdf_words(outputs: Path) -> str:
    run = subprocess.run(["pdftotext", outputs / "crossings.pdf", "-"], capture_output=True, text=True, check=True)
    return " ".join(run.stdout.split())


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
    "box": ("How a deck is laid", "The deck is laid on its piers. Part of it Year Northern pier 1872"),
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
        ("Box", "The deck is laid on its piers."),
    ]
    assert ("TableText", "Northern pier") in paragraphs
