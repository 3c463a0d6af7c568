"""Rules about figures and callouts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import chain

from nioc_paper import tree
from nioc_paper.check.finding import Finding
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.check.text.quantities import Quantity, find_quantities, last_digit
from nioc_paper.domain.link_targets import linked_id
from nioc_paper.domain.timeline_entries import entry_date
from nioc_paper.model import Chapter, Chart, Paper
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.tree.own_markdown import callout_class

_MIN_PIXELS = 600
"""Pixels across: on half the width of a page, a picture with fewer looks blurred in print."""
_NUMBER = late_pattern(r"[+−-]?\d[\d,]*(?:\.\d+)?")


def unmentioned_figure(paper: Paper) -> Iterator[Finding]:
    """The text refers to every figure, table and numbered equation: otherwise readers cannot tell its purpose."""
    mentioned = {citation.key for chapter in paper.chapters for citation in chapter.citations}
    for chapter in paper.chapters:
        mentioned |= {linked_id(paper.chapters, chapter.path, link.target) or "" for link in chapter.links}
    for chapter in paper.chapters:
        for anchor in chapter.anchors:
            if anchor.kind in _KINDS and anchor.id not in mentioned:
                message = f"no text refers to the {_KINDS[anchor.kind]} '{anchor.id}'"
                yield Finding(anchor.place, message, f"write @{anchor.id} where it is needed, or take it out")


_KINDS = {"fig": "figure", "tbl": "table", "eq": "equation"}


def coarse_picture(_paper: Paper, chapter: Chapter) -> Iterator[Finding]:
    """A photograph or a bitmap has enough pixels for print: at least 600 across."""
    for image in chapter.images:
        width = image.asset.pixels_across if image.asset else 0
        if 0 < width < _MIN_PIXELS:
            message = f"the picture '{image.target[:80]}' is {width} pixels wide, and would look blurred in print"
            yield Finding(image.place, message, f"use one of {_MIN_PIXELS} pixels or more, or a drawing as SVG")


def description_off_data(_paper: Paper, chapter: Chapter) -> Iterator[Finding]:
    """The numbers in the description and the titles of a chart are those of its data.

    They may be rounded, added up and subtracted.
    """
    for chart in chapter.charts:
        place_of = dict(chart.wording)
        for name, text in (("description", chart.alt), ("title", chart.title), ("subtitle", chart.subtitle)):
            place = place_of.get(text, chart.place)
            for number in _off_numbers(chart, text):
                message = f"'{number}' in the {name} is not in the chart's data"
                yield Finding(place, message, "take the numbers from the data")


def untitled_chart(_paper: Paper, chapter: Chapter) -> Iterator[Finding]:
    """A chart has its finding as title, and unit and period as subtitle, so that readers see its message at once."""
    hints = {"title": "say what it shows: 'title: …'", "subtitle": "say unit and period: 'subtitle: …'"}
    for chart in chapter.charts:
        missing = [name for name in hints if not getattr(chart, name)]
        if missing:
            message = f"the chart '{chart.id}' has no {' and no '.join(missing)}"
            yield Finding(chart.place, message, "; ".join(hints[name] for name in missing))


def undated_entry(paper: Paper, chapter: Chapter) -> Iterator[Finding]:
    """Every entry of a timeline has a date that exists: its own, or that of its source."""
    for diagram in (chart.diagram for chart in chapter.charts):
        for entry in diagram.entries if diagram else ():
            if not entry_date(entry, paper.references):
                key, message = "source", f"'{entry.source}' has no date"
                if entry.date:
                    key, message = "date", f"the date '{entry.date}' does not exist"
                yield Finding(entry.place(key), message, "write the date as YYYY-MM-DD")


def _off_numbers(chart: Chart, text: str) -> Iterator[str]:
    """Yield the first number of a text that the data of its chart do not give, rounded, added up or subtracted."""
    table = chart.data
    columns = [[n for row in table.rows if (n := _parse_number(row[i])) is not None] for i in range(len(table.heads))]
    data = [*chain.from_iterable(columns)]
    known = {
        *data,
        *(sum(c, Decimal(0)) for c in columns),
        *(n for a in data[:40] for b in data[:40] for n in (abs(a - b), a + b)),
    }
    labels = " ".join(chain(table.heads, *table.rows))
    stated = [q for q in find_quantities(text) if q.value and not q.unit and "per" not in text[q.end :][:5]]
    off = [q for q in stated if not re.search(rf"\b{re.escape(q.text)}\b", labels) and not _is_among(known, q)]
    # A text that gives no value of the data at all is about another subject.
    if any(_is_among([n for n in data if not 1500 <= n <= 2100], q) for q in stated):
        yield from [q.text.strip() for q in off][:1]


def _is_among(numbers: Iterable[Decimal], quantity: Quantity) -> bool:
    """Return whether a quantity is one of some numbers, rounded."""
    value = Decimal(quantity.value)
    return any(abs(value - number) <= last_digit(value) / 2 for number in numbers)


def _parse_number(cell: str) -> Decimal | None:
    return Decimal(cell.replace(",", "").replace("−", "-")) if _NUMBER.fullmatch(cell.strip()) else None


def heading_in_callout(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A callout has no headings: its title is in its first line, and no section begins in it."""
    for node in text.nodes("Div"):
        if kind := callout_class(node):
            for header in (n for n in tree.walk_blocks(tree.content(node)) if n["t"] == "Header"):
                title = tree.plain_text(header)
                hint = f'write ::: {{.{kind} title="{title}"}}, or the words as a paragraph'
                yield Finding(text.chapter.place(header), f"the heading '{title}' is in a {kind}", hint)
