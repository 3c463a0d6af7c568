"""Notes and sources in the margin of the website's pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browser import PLACES, Look, barriers, opened, served
from command_kit import succeed
from lxml import etree
from shared import once
from test_papers import copy

from nioc_paper import tree
from nioc_paper.tree.key_numbers import margin_copy

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NUMBERS = (
    ("[-@fact-bridges bridges *were* counted]{.key-number}", "12", "bridges were counted"),
    ("[about **-@fact-bridges** inches]{.key-number}", "12", "about inches"),
    (
        "[*all -@fact-bridges of [them](#tbl-tu-open) [@survey2019]* open^[At noon.]]{.key-number}",
        "12",
        "all of them open",
    ),
    ("[of [-@fact-bridges metres]{.key-number} each]{.key-number}", "12", "metres"),
    ("[-@fact-bridges m^2^ or [پل]{lang=ur}]{.key-number}", "12", "m 2 or پل"),
    ("[-@fact-bridges of -@fact-bridges]{.key-number}", "12", "of 12"),
    ("[[-@fact-bridges]{.restricted} bridges that nobody counted]{.key-number}", "", ""),
    ("[[-@fact-bridges bridges]{.restricted}]{.key-number}", "", ""),
    ("[a dozen]{.key-number}", "", ""),
)
"""Passages with key numbers, their numbers, and the words in the margin of the public site; none without a fact."""
KEY_NUMBERS = "\n\n".join(f"In 2019 {passage} in all." for passage, _, _ in NUMBERS)
TEXT = f"""
Bridges were counted twice.[^first] The second count was higher [@survey2019].[^second]

- A list calls a note.[^list]

| Bridge | Open[^head] |
|:--|--:|
| North[^cell] | 12 |

: Bridges that are open.[^caption] {{#tbl-tu-open}}

Nobody wrote more [@survey2019].

{KEY_NUMBERS}

[^first]: In *2018* and [2019](https://example.org/count).
[^second]: By the same people, with the same forms, in the same weeks, and with the same questions.
[^list]: A note of a list.
[^head]: A note of a heading.
[^cell]: A note of a cell.
[^caption]: A note of a caption.

    It has a second paragraph.
"""


def make_site(outer: Path) -> None:
    """Make the site of the fixture `site`: the healthy paper with notes at every kind of place."""
    paper = copy("healthy", outer)
    chapter = paper / "chapters" / "tunnels.md"
    text = chapter.read_text(encoding="utf-8").replace("## Gaps", f"{TEXT}\n## Gaps", 1)
    chapter.write_text(text.replace("max: 120", "max: 400"), encoding="utf-8")
    succeed(paper, "site", "--downloads", "none", "--today", "2020-01-30")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, "margin", make_site) / "healthy" / "dist" / "site"


@pytest.fixture(scope="module")
def home(site: Path) -> Iterator[str]:
    with served(site) as address:
        yield address


def parsed(file: Path) -> Any:
    """A page as a tree."""
    return etree.HTML(file.read_text(encoding="utf-8"))


def boxes(page: Page, selector: str) -> list[Any]:
    """The frames of the elements that are shown."""
    rectangles = (element.bounding_box() for element in page.locator(selector).all() if element.is_visible())
    return [box for box in rectangles if box]


def overlap(one: Any, other: Any) -> bool:
    """Whether two frames have a common area."""
    return all(
        one[start] < other[start] + other[size] and other[start] < one[start] + one[size]
        for start, size in (("x", "width"), ("y", "height"))
    )


def test_notes_are_shown_once_at_every_width_and_in_print(browser: Browser, home: str) -> None:
    with opened(browser, f"{home}tunnels.html", Look(390, "light"), under=home) as (page, trouble):
        for width, is_wide in ((390, False), (1279, False), (1280, True)):
            page.set_viewport_size({"width": width, "height": 900})
            copies = boxes(page, ".margin")
            assert bool(copies) is is_wide
            assert (page.locator(".footnotes").evaluate("element => element.offsetHeight") > 1) is not is_wide
            text = boxes(page, "main > section > :not(.margin)")
            assert not [pair for pair in ((a, b) for a in copies for b in text) if overlap(*pair)]
            assert not [1 for n, a in enumerate(copies) for b in copies[:n] if overlap(a, b)]
            assert all(box["x"] + box["width"] <= width for box in copies)
            assert page.evaluate("document.documentElement.scrollWidth") == width
            assert barriers(page, *(() if width in (390, 1280) else PLACES)) == []  # the others show the same elements
            assert trouble == []
        page.emulate_media(media="print")
        assert boxes(page, ".margin") == []
        assert page.locator(".footnotes").evaluate("element => element.offsetHeight") > 50


def test_a_reader_who_follows_a_number_finds_the_note(browser: Browser, home: str) -> None:
    with opened(browser, f"{home}tunnels.html", Look(1280, "light"), under=home) as (page, _):
        page.locator(".footnote-ref").nth(1).click()
        note = page.locator(".footnotes li").nth(1)
        assert note.bounding_box()
        assert note.evaluate("element => element.getBoundingClientRect().top < innerHeight")


def test_copies_have_the_words_and_numbers_of_the_notes(site: Path) -> None:
    page = parsed(site / "tunnels.html")
    for link in page.xpath("//a[@role='doc-backlink']"):
        link.getparent().remove(link)
    notes = {item.get("id")[2:]: _words(item) for item in page.xpath("//li[starts-with(@id, 'fn')]")}
    copies = [_words(copy) for copy in page.xpath("//div[@class='note-copy']")]
    assert len(notes) == 7
    assert sorted(copies) == sorted(f"{number} {words}" for number, words in notes.items())


def test_a_key_number_is_large_in_the_margin(site: Path) -> None:
    copies = parsed(site / "tunnels.html").xpath("//div[@class='number-copy']")
    parts = [tuple(_words(copy.xpath(f".//span[@class='{name}']")[0]) for name in ("value", "para")) for copy in copies]
    assert parts == [(number, words) for _, number, words in NUMBERS if number]
    (foreign,) = (copy for copy in copies if "m 2" in _words(copy))
    assert (foreign.xpath("string(.//sup)"), foreign.xpath(".//*[@lang='ur']/@dir")) == ("2", ["rtl"])
    assert not [link for copy in copies for link in copy.xpath(".//@href | .//@id")]


@pytest.mark.parametrize(
    ("number", "parts"),
    [("more than 1,000", ["more than", "1,000"]), ("6.7 million", ["6.7 million"]), ("nine", ["nine"])],
)
def test_words_before_the_digits_are_not_in_the_large_type(number: str, parts: list[str]) -> None:
    passage = tree.span([tree.span(tree.text_inlines(number), "value"), *tree.text_inlines(" were seen")], "key-number")
    *large, words = (tree.plain_text(part) for part in margin_copy(passage))
    assert [*large, words.strip()] == [*parts, "were seen"]


def test_each_source_is_in_the_margin_once(site: Path) -> None:
    for file in site.glob("*.html"):
        page = parsed(file)
        copies = [_words(copy) for copy in page.xpath("//div[@class='source-copy']")]
        cited = [_words(entry) for entry in page.xpath("//div[@class='sources']//div[@class='csl-entry']")]
        if file.stem != "index":
            assert sorted(copies) == sorted(cited), file.stem


def test_copies_are_hidden_from_screen_readers_and_lead_nowhere(site: Path) -> None:
    page = parsed(site / "tunnels.html")
    margins = page.xpath("//div[@class='margin']")
    assert margins
    assert all(margin.get("aria-hidden") == "true" for margin in margins)
    assert not page.xpath("//div[@class='margin']//*[@id or @href or @tabindex]")


def _words(element: Any) -> str:
    return re.sub(r"\s+", " ", " ".join(element.itertext())).strip()
