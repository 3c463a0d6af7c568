"""Fonts of Urdu letters, as Chromium reports them for the site, and as the runs of the Word file ask for them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import shared
from browser import LOOKS, opened, served
from command_kit import hide_office, nioc
from office_kit import needs_office, printed
from size_kit import Size, write_paper

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import Element, find_element, get_attribute, iter_elements
from nioc_paper.render.common import special_fonts

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.skipif(
    not special_fonts.SCRIPT_FONTS["nastaliq"].font_files, reason="fonts-noto-core is not installed"
)
URDU = """---
id: khulasa
title: خلاصہ
category: cross-cutting
language: ur
status: drafting
contributors: [{id: p0, role: lead}]
summary: مختصر۔
---

## پہلا حصہ

پل مضبوط ہیں۔
"""


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
        with (root / f"chapters/{name}.md").open("a", encoding="utf-8") as file:
            file.write(f"\n{text}\n")
    run = nioc(root, "site", "--audience", "limited", "--downloads", "none", "--out", str(tmp_path / "site"))
    assert run.returncode == 0, run.stdout + run.stderr
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
    with (root / "chapters/khulasa.md").open("a", encoding="utf-8") as file:
        file.write(f"\n| الف | ب |\n|---|---|\n| {SENTENCE} | ب |\n")
    run = nioc(root, "build", "--to", "docx", "--out", str(tmp_path))
    assert run.returncode == 0, run.stderr
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
        (find_element(p, "w:pPr/w:bidi") is not None, "خلاصہ" in "".join(map(str, p.itertext())))
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
    with (root / "chapters/khulasa.md").open("a", encoding="utf-8") as chapter:
        chapter.write(HEADINGS)
    english = root / "chapters/c0.md"
    front = english.read_text(encoding="utf-8").replace('"category"', '"language": "en-GB", "category"')
    english.write_text(f"{front}\n## Second level\n\n### Xylem level\n\nText.\n", encoding="utf-8")
    run = nioc(root, "build", "--to", "docx", "--out", str(tmp_path))
    assert run.returncode == 0, run.stderr
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
