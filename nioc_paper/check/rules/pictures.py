"""Rules about figures and callouts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nioc_paper import tree
from nioc_paper.check.finding import Finding
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.domain.diagrams import entry_date
from nioc_paper.domain.facts import SCALES
from nioc_paper.domain.links import linked_id
from nioc_paper.model import Asset, Chart, DataTable, Paper
from nioc_paper.model.late_pattern import late_pattern
from nioc_paper.tree.own_forms import callout_class, callout_title

_MIN_PIXELS = 600
"""Pixels across: on half the width of a page, a picture with fewer looks blurred in print."""
_NUMBER = late_pattern(r"[+−-]?\d[\d,]*(?:\.\d+)?")
_NUMBER_IN_TEXT = late_pattern(
    rf"(?<![\w.,–-])(\d{{1,3}}(?:,\d{{2,3}})+(?:\.\d+)?|\d+(?:\.\d+)?)(?:\s+({'|'.join(SCALES)})\b)?(?![\w–-]|[.,]\d)(?!\s*(?:%|per\s))"
)
_SIZE = late_pattern(r"(?:100|\d{1,2}(?:\.\d+)?)%|\d+(?:\.\d+)?(?:cm|mm|in|pt|px)?")
_MAX_DIGITS = 30
"""Digits of a number that are compared."""
_LONE_YEAR = late_pattern(r"(?<![\w.,–-])(?:1[5-9]|20)\d\d(?![\w]|[.,]\d)")
_YEAR = late_pattern(r"(?:1[5-9]|20)\d\d")


def unmentioned_figure(paper: Paper) -> Iterator[Finding]:
    """The text refers to every figure, table and numbered equation: otherwise readers cannot tell its purpose.

    Bad: a figure {#fig-br-span} that no text names
    Good: the same, and: @fig-br-span shows a bridge
    """
    mentioned = {citation.key for chapter in paper.chapters for citation in chapter.citations}
    for chapter in paper.chapters:
        mentioned |= {linked_id(paper.chapters, chapter.path, link.target) or "" for link in chapter.links}
    for chapter in paper.chapters:
        for anchor in chapter.anchors:
            if anchor.kind in _KINDS and anchor.id not in mentioned:
                message = f"no text refers to the {_KINDS[anchor.kind]} '{anchor.id}'"
                yield Finding(anchor.place, message, f"write @{anchor.id} where it is needed, or take it out")


_KINDS = {"fig": "figure", "tbl": "table", "eq": "equation"}


def coarse_picture(paper: Paper) -> Iterator[Finding]:
    """A photograph or a bitmap has enough pixels for print: at least 600 across.

    Bad: a picture of 120 by 80 pixels
    Good: a picture of 1,200 by 800 pixels, or a drawing as SVG
    """
    for chapter in paper.chapters:
        for image in chapter.images:
            width = _pixels_across(image.asset) if image.asset else 0
            if 0 < width < _MIN_PIXELS:
                message = f"the picture '{image.target[:80]}' is {width} pixels wide, and would look blurred in print"
                yield Finding(image.place, message, f"use one of {_MIN_PIXELS} pixels or more, or a drawing as SVG")


def _pixels_across(asset: Asset) -> int:
    """Return the width of a PNG or JPEG in pixels; 0 for other files."""
    data = asset.data
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return int.from_bytes(data[16:20])
    pos = 2
    while data[:2] == b"\xff\xd8" and pos + 9 < len(data) and data[pos] == 0xFF:
        if data[pos + 1] in (0xC0, 0xC1, 0xC2):
            return int.from_bytes(data[pos + 7 : pos + 9])
        pos += 2 + int.from_bytes(data[pos + 2 : pos + 4])
    return 0


def bad_width(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """The width of a figure is a share of the page's width or a length: other values have no effect.

    Units are %, cm, mm, in, pt and px.

    Bad: ![A bridge](span.svg){width=half}
    Good: ![A bridge](span.svg){width=50%}
    """
    for node in text.nodes("Image", "Div"):
        for key in ("width", "height"):
            value = tree.attributes(node).get(key)
            if value is not None and not _SIZE.fullmatch(value):
                place = text.chapter.place(node)
                yield Finding(place, f"'{value}' is not a {key}", f"write {key}=50%, or a length such as {key}=8cm")


def description_off_data(paper: Paper) -> Iterator[Finding]:
    """The numbers in the description and the titles of a chart are those of its data.

    They may be rounded, added up and subtracted. The years in the texts of a timeline are those of its entries.

    Bad: Closures rose from 4 to 25 days, when the data say 4 and 15
    Good: Closures rose from 4 to 15 days.
    """
    for chapter in paper.chapters:
        for chart in chapter.charts:
            yield from _diagram_findings(chart, paper)
            for name, text in (("description", chart.alt), ("title", chart.title), ("subtitle", chart.subtitle)):
                yield from _number_findings(chart, name, text)


def untitled_chart(paper: Paper) -> Iterator[Finding]:
    """A chart has its finding as title, and unit and period as subtitle, so that readers see its message at once.

    Bad: a chart with a caption alone
    Good: the same, with 'title: Closures rose each year' and 'subtitle: Hours, 2018 and 2019'
    """
    hints = {"title": "say what it shows: 'title: …'", "subtitle": "say unit and period: 'subtitle: …'"}
    for chapter in paper.chapters:
        for chart in chapter.charts:
            missing = [name for name in hints if not getattr(chart, name)]
            if missing:
                message = f"the chart '{chart.id}' has no {' and no '.join(missing)}"
                yield Finding(chart.place, message, "; ".join(hints[name] for name in missing))


def undated_entry(paper: Paper) -> Iterator[Finding]:
    """Every entry of a timeline has a date that exists: its own, or that of its source.

    Bad: an entry of a source without a year
    Good: the same, with 'date: 2019-10'
    """
    for chapter in paper.chapters:
        for diagram in (chart.diagram for chart in chapter.charts):
            for entry in diagram.entries if diagram else ():
                if not entry_date(entry, paper.references):
                    message = (
                        f"the date '{entry.date}' does not exist" if entry.date else f"'{entry.source}' has no date"
                    )
                    yield Finding(
                        entry.place("date" if entry.date else "source"), message, "write the date as YYYY-MM-DD"
                    )


def _diagram_findings(chart: Chart, paper: Paper) -> Iterator[Finding]:
    """Yield the years in the texts of a timeline that it does not have."""
    place_of = dict(chart.wording)
    if chart.diagram:
        years = {entry_date(entry, paper.references)[:4] for entry in chart.diagram.entries}
        for name, text in (("description", chart.alt), ("title", chart.title), ("subtitle", chart.subtitle)):
            off = next((year for year in _LONE_YEAR.findall(text) if year not in years), "")
            if off:
                message = f"the year {off} in the {name} is that of no entry"
                yield Finding(place_of.get(text, chart.place), message, "take the years from the entries")


def _number_findings(chart: Chart, name: str, text: str) -> Iterator[Finding]:
    """Yield the first number of a text that the data of its chart do not give."""
    place = next((place for words, place in chart.wording if words == text), chart.place)
    data = [n for row in chart.data.rows for value in row if (n := _parse_number(value)) is not None]
    known = {
        *data,
        *(sum(c) for c in _number_columns(chart.data)),
        *(n for a in data[:40] for b in data[:40] for n in (abs(a - b), a + b)),
    }
    labels = " ".join([*chart.data.heads, *(value for row in chart.data.rows for value in row)])
    stated = [(match, *_stated_value(match)) for match in _NUMBER_IN_TEXT.finditer(text)]
    stated = [s for s in stated if not _YEAR.fullmatch(s[0][0]) and not re.search(rf"\b{re.escape(s[0][1])}\b", labels)]
    off = [m for m, value, margin in stated if not any(abs(value - n) <= margin for n in known)]
    # A text that gives no value of the data at all is about another subject.
    if off and any(_is_stated(n, text) for n in data):
        hint = "take the numbers from the data"
        yield Finding(place, f"'{off[0][0]}' in the {name} is not in the chart's data", hint)


def _is_stated(number: float, text: str) -> bool:
    return not 1500 <= number <= 2100 and any(
        abs(value - number) <= margin for value, margin in map(_stated_value, _NUMBER_IN_TEXT.finditer(text))
    )


def _parse_number(cell: str) -> float | None:
    return float(cell.replace(",", "").replace("−", "-")) if _NUMBER.fullmatch(cell.strip()) else None


def _number_columns(table: DataTable) -> Iterator[list[float]]:
    for column in range(len(table.heads)):
        values = [n for row in table.rows if (n := _parse_number(row[column])) is not None]
        if values:
            yield values


def _stated_value(match: re.Match[str]) -> tuple[float, float]:
    """Return a number of a text and how far the data may be from it: half of its last digit."""
    digits, scale = match[1].replace(",", "")[:_MAX_DIGITS], SCALES.get((match[2] or "").lower(), 1)
    whole, _, decimals = digits.partition(".")
    zeros = 0 if decimals else len(whole) - len(whole.rstrip("0"))
    last_digit = 10.0 ** -len(decimals) if decimals else 10.0**zeros if zeros > 1 or scale > 1 else 1.0
    return float(digits) * scale, 0.5 * last_digit * scale


_TITLE_HINT = 'write ::: {.box title="…"}'


def untitled_box(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A box has a title that names its subject; notes, tips and warnings have a title by default.

    Bad: ::: {.box}
    Good: ::: {.box title="How a tunnel is lit"}
    """
    for node in text.nodes("Div"):
        if callout_class(node) == "box" and not callout_title(node):
            yield Finding(text.chapter.place(node), "the box has no title", _TITLE_HINT)


def heading_in_callout(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A callout has no headings: its title is in its first line, and no section begins in it.

    Bad: ::: {.note} and, below it, ### How a tunnel is lit
    Good: ::: {.note title="How a tunnel is lit"}
    """
    for node in text.nodes("Div"):
        if kind := callout_class(node):
            for header in (n for n in tree.walk_blocks(node["c"][1]) if n["t"] == "Header"):
                title = tree.plain_text(header["c"][2])
                hint = f'write ::: {{.{kind} title="{title}"}}, or the words as a paragraph'
                yield Finding(text.chapter.place(header), f"the heading '{title}' is in a {kind}", hint)
