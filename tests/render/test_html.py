"""The web page of a small document: one file, nothing asked of anybody, and every word there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sample_document
from browser import COLOURS, LOOKS, Look, barriers, opened
from msgspec.structs import replace

if TYPE_CHECKING:
    from playwright.sync_api import Browser

from nioc_paper import tree
from nioc_paper.model import Diagnostic
from nioc_paper.render.common import fonts
from nioc_paper.render.context import RenderContext
from nioc_paper.render.web import page_writer
from nioc_paper.system import pandoc
from nioc_paper.system.cache import Cache
from nioc_paper.system.files import default_templates

TEMPLATES = default_templates()


@pytest.fixture(scope="module")
def page() -> str:
    findings: list[Diagnostic] = []
    text = page_writer.write(
        sample_document.document(), RenderContext(TEMPLATES, findings.append, Cache.for_paper(Path()))
    ).decode()
    assert findings == []
    return text


def test_the_same_document_gives_the_same_bytes(page: str) -> None:
    assert page_writer.write(sample_document.document(), RenderContext(TEMPLATES, lambda _: None)).decode() == page


def test_the_page_requests_nothing_and_runs_nothing(page: str) -> None:
    assert all(source.startswith("data:image/") for source in re.findall(r'src="([^"]*)"', page))
    assert not re.search(r"<(script|link|iframe|object|embed)\b|@import|url\((?!data:)", page)


def test_the_page_has_landmarks_a_language_and_one_main_heading(page: str) -> None:
    assert page.startswith('<!DOCTYPE html>\n<html lang="en-GB">')
    for tag in ("<header", "<nav", '<main id="text"', "<footer", "<h1>"):
        assert page.count(tag) == 1, tag
    assert '<a class="skip" href="#text">' in page


def test_heading_cells_have_a_scope(page: str) -> None:
    heads = re.findall(r"<thead>.*?</thead>", page, re.DOTALL)
    cells = [cell for head in heads for cell in re.findall(r"<th\b[^>]*>", head)]
    assert cells
    assert all('scope="col"' in cell for cell in cells)


def test_pictures_are_described_and_charts_come_with_their_figures(page: str) -> None:
    assert all('alt="' in image for image in re.findall(r"<img[^>]*>", page))
    assert page.count('role="img" aria-label="Bars: 3 crates in 2017, 9 in 2018."') == 2  # wide and narrow
    assert page.count("<details class='data'>") == 1


def test_names_and_rights_are_text(page: str) -> None:
    assert "“Quote &amp; name” us." in page


def test_a_picture_that_is_not_there_is_reported() -> None:
    findings: list[Diagnostic] = []
    page_writer.write(
        replace(sample_document.document(), assets={}),
        RenderContext(TEMPLATES, findings.append, Cache.for_paper(Path())),
    )
    assert findings[0].rule == "foreign-resource"
    assert "figures/square.png" in findings[0].message


def test_fonts_are_embedded_in_the_page_and_its_charts(page: str) -> None:
    assert set(re.findall(r'font-family: "([^"]+)"; font-weight: (\d+)', page)) == {
        ("Noto Nastaliq Urdu", "400"),
        ("Noto Nastaliq Urdu", "700"),
        ("Source Serif Pro", "400"),
        ("Source Serif Pro", "600"),
        ("Source Sans Pro", "300"),
        ("Source Sans Pro", "400"),
        ("Source Sans Pro", "600"),
    }
    charts = re.findall(r"<svg class=\"chart.*?</svg>", page, re.DOTALL)
    assert charts
    assert all("font-family" not in chart for chart in charts)


def test_only_a_rare_letter_changes_the_fonts_of_a_page() -> None:
    faces = fonts.font_face_css("Some words.")
    assert fonts.font_face_css("“Quartz” – 50 % & more…") == faces
    assert fonts.font_face_css("Œuvre") != faces


def test_an_empty_corner_of_a_table_is_no_heading() -> None:
    row = [[tree.plain_block(tree.text_inlines("North"))], [tree.plain_block(tree.text_inlines("7"))]]
    table = tree.table([("", None), ("Crates", None)], [row])
    paper = replace(
        sample_document.document(), blocks=(tree.header(1, tree.text_inlines("T"), id="sec-t"), table), contents=()
    )
    text = page_writer.write(paper, RenderContext(TEMPLATES, lambda _: None, Cache.for_paper(Path()))).decode()
    assert "<td></td>" in text
    assert not re.search(r"<th[^>]*></th>", text)


# --- in a browser -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_page_is_accessible_and_requests_nothing(look: Look, browser: Browser, page: str, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(page, encoding="utf-8")
    with opened(browser, file, look) as (shown, trouble):
        assert barriers(shown, *(COLOURS if look.scheme == "dark" else ())) == []
        assert trouble == []
        assert shown.evaluate("document.documentElement.scrollWidth") == look.width
        fonts = shown.evaluate("[...document.fonts].filter(face => face.status === 'loaded').map(face => face.family)")
        assert {name.strip('"') for name in fonts} == {"Source Serif Pro", "Source Sans Pro", "Noto Nastaliq Urdu"}


@pytest.mark.parametrize("language", ["en-GB", "ur"])
def test_joined_chapters_equal_one_run_of_pandoc(language: str) -> None:
    blocks, _ = pandoc.parse_markdown(
        "One[^a] and two.[^b]\n\n- In a list.^[Short.]\n\nThe third.[^c]\n\nNone here.\n\n"
        "[^a]: A note.\n\n    With another paragraph.\n\n[^b]: A note with a list:\n\n    1. first\n    2. last\n\n"
        "[^c]: It *ends*.\n"
    )
    apart = page_writer.join_fragments([page_writer.blocks_to_fragment([block]) for block in blocks], language)
    assert apart == page_writer.join_fragments([page_writer.blocks_to_fragment(blocks)], language)
    assert apart.count("doc-noteref") == apart.count("doc-backlink") == 4
