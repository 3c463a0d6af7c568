"""The web page of a small document: one file, nothing asked of anybody, and every word there."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
import sample_document

from nioc_paper import tree
from nioc_paper.model import Diagnostic
from nioc_paper.render import body, html
from nioc_paper.render.theme import resolve, theme

TEMPLATES = Path(__file__).parents[1] / "templates"


@pytest.fixture(scope="module")
def page() -> str:
    findings: list[Diagnostic] = []
    text = html.write(sample_document.document(), TEMPLATES, findings.append).decode()
    assert findings == []
    return text


def test_the_same_document_gives_the_same_bytes(page: str) -> None:
    assert html.write(sample_document.document(), TEMPLATES, lambda _: None).decode() == page


def test_it_asks_for_nothing_and_runs_nothing(page: str) -> None:
    assert all(source.startswith("data:image/") for source in re.findall(r'src="([^"]*)"', page))
    assert not re.search(r"<(script|link|iframe|object|embed)\b|@import|url\(", page)


def test_it_has_landmarks_a_language_and_one_main_heading(page: str) -> None:
    assert page.startswith('<!DOCTYPE html>\n<html lang="en-GB">')
    for tag in ("<header", "<nav", '<main id="text"', "<footer", "<h1>"):
        assert page.count(tag) == 1, tag
    assert '<a class="skip" href="#text">' in page


def test_heading_cells_say_what_they_head(page: str) -> None:
    heads = re.findall(r"<thead>.*?</thead>", page, re.DOTALL)
    cells = [cell for head in heads for cell in re.findall(r"<th\b[^>]*>", head)]
    assert cells
    assert all('scope="col"' in cell for cell in cells)


def test_pictures_are_described_and_charts_come_with_their_figures(page: str) -> None:
    assert all('alt="' in image for image in re.findall(r"<img[^>]*>", page))
    assert "Bars: 3 crates in 2017, 9 in 2018." in page
    assert page.count("<details class='data'>") == 1


def test_every_link_inside_has_its_target(page: str) -> None:
    ids = re.findall(r'id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


def test_notes_lead_back(page: str) -> None:
    assert page.count('class="footnote-ref"') == page.count('class="footnote-back"') == 3


def test_names_and_rights_are_text(page: str) -> None:
    assert "“Quote &amp; name” us." in page


def test_a_picture_that_is_not_there_is_reported() -> None:
    findings: list[Diagnostic] = []
    html.write(replace(sample_document.document(), assets={}), TEMPLATES, findings.append)
    assert findings[0].rule == "foreign-resource"
    assert "figures/square.png" in findings[0].message


def test_a_passage_that_went_missing_is_named() -> None:
    blocks = [tree.para(tree.text("One two.")), tree.para(tree.text("Three four."))]
    assert body.first_missing(blocks, "One two. Three four.", notes=True) == ""
    assert body.first_missing(blocks, "One two. Three", notes=True) == "Three four."


def test_the_theme_is_plain_values() -> None:
    values = theme(TEMPLATES)
    assert not [name for name, value in values.items() if "(" in value]
    assert resolve("a { color: var(--ink) }", values) == f"a {{ color: {values['ink']} }}"
