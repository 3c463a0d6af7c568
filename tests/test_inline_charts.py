"""Charts in a web page: one of two drawings is shown, its words are legible, and its colours are those of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import Look, opened
from test_chart_formats import KINDS, write_paper
from test_chart_layout import contrast, luminance

from nioc_paper import BuildRequest, Project, build
from nioc_paper.render.common.inline_charts import replace_images

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LOOKS = [Look(1280, "light"), Look(700, "dark"), Look(390, "light"), Look(360, "dark")]
LEAST = 11
"""Pixels of the smallest words."""
MEASURE = """svg => {
  const box = svg.getBoundingClientRect();
  const scale = box.width / svg.viewBox.baseVal.width;
  return [...svg.querySelectorAll("text")].filter(t => t.textContent.trim()).map(t => {
    const own = t.getBoundingClientRect();
    return {
      words: t.textContent, size: parseFloat(getComputedStyle(t).fontSize) * scale,
      fill: getComputedStyle(t).fill, left: own.left - box.left, right: box.right - own.right,
    };
  });
}"""
RGB = re.compile(r"rgba?\((\d+), (\d+), (\d+)")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> str:
    root = write_paper(tmp_path_factory.mktemp("rivers"))
    build(Project(root), BuildRequest(), ["html"], root / "dist")
    return (root / "dist").as_uri() + "/"


@pytest.fixture(scope="module", params=LOOKS, ids=lambda look: f"{look.width}-{look.scheme}")
def page(request: pytest.FixtureRequest, browser: Browser, home: str) -> Iterator[Page]:
    with opened(browser, f"{home}rivers.html", request.param, under=home) as (page, _):
        yield page


def hexadecimal(colour: str) -> str:
    match = RGB.match(colour)
    assert match, colour
    return "#" + "".join(f"{int(part):02x}" for part in match.groups())


def test_one_drawing_of_each_chart_is_shown(page: Page) -> None:
    for kind in KINDS:
        shown = page.locator(f"#fig-{kind} svg.chart >> visible=true")
        assert shown.count() == 1
        assert (shown.get_attribute("aria-label") or "").startswith(f"Words of the {kind}.")


def test_words_are_large_enough_and_inside(page: Page) -> None:
    for kind in KINDS:
        words = page.locator(f"#fig-{kind} svg.chart >> visible=true").evaluate(MEASURE)
        assert words
        for each in words:
            assert each["size"] >= LEAST, each
            assert each["left"] >= -2, each
            assert each["right"] >= -2, each


def test_words_beside_marks_are_legible_on_the_ground(page: Page) -> None:
    ground = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    for kind in ("bars", "line"):
        words = page.locator(f"#fig-{kind} svg.chart >> visible=true").evaluate(MEASURE)
        for each in words:
            levels = luminance(hexadecimal(each["fill"])), luminance(hexadecimal(ground))
            assert contrast(*levels) >= 4.5, each


def test_a_page_with_charts_has_no_sideways_scroll(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_ids_of_drawings_are_unique(home: str) -> None:
    html = Path(home.removeprefix("file://"), "rivers.html").read_text(encoding="utf-8")
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert {*re.findall(r"url\(#([^)]+)\)", html)} <= set(ids)


def test_words_of_an_image_become_the_words_of_its_chart() -> None:
    html = '<p><img src="a.svg" alt="Bars &amp; {lines}" /> <img src="b.png" alt="x" /></p>'
    drawn = replace_images(html, {"a.svg": '<svg role="img" aria-label="{label}"></svg>'})
    assert drawn == ('<p><svg role="img" aria-label="Bars &amp; {lines}"></svg> <img src="b.png" alt="x" /></p>')
