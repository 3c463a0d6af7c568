"""Tables in Word: styles, repeated heads, widths of columns, and a title for screen readers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from nioc_paper.ooxml.xml import (
    Element,
    adjacent_sibling,
    find_element,
    get_attribute,
    get_or_add_first,
    insert_property,
    iter_elements,
    paragraph_style,
    parse_element,
    qn,
)
from nioc_paper.render.common.theme import Theme
from nioc_paper.render.word.page_setup import text_width

_SHORT_TABLE_ROWS = 4
"""Maximum rows of a table that is kept whole."""

_PLAIN_STYLES = ("", "Compact", "BodyText", "FirstParagraph")


def style_tables(body: Element, theme: Theme) -> None:
    """Style text and heads, set the full width, keep rows whole, and repeat heads as pandoc marks them."""
    for table in iter_elements(body, "w:tbl"):
        for row in (node for node in table if node.tag == qn("w:tr")):
            properties = get_or_add_first(row, "w:trPr")
            if properties.find(qn("w:cantSplit")) is None:
                properties.insert(0, parse_element("<w:cantSplit/>"))
            head = properties.find(qn("w:tblHeader")) is not None or _is_group_head(row)
            for paragraph in iter_elements(row, "w:p"):
                _set_style(paragraph, "TableHeading" if head else "TableText")
        _keep_rows_together(table)
        # A line between a heading and a table stays with the table, as the heading is kept with the line.
        line = adjacent_sibling(table, before=True)
        heading = adjacent_sibling(line, before=True) if line is not None else None
        if line is not None and paragraph_style(heading).startswith("Heading"):
            insert_property(line, parse_element("<w:keepNext/>"))
        set_column_widths(table, theme)
        _set_caption(table)
        # A table has no spacing of its own. An empty paragraph ends a section: its space could go on to the next page.
        following = adjacent_sibling(table)
        if (
            following is not None
            and paragraph_style(following) in _PLAIN_STYLES
            and following.tag == qn("w:p")
            and next(iter_elements(following, "w:r"), None) is not None
        ):
            insert_property(following, parse_element("<w:spacing/>")).set(qn("w:before"), "240")


def _keep_rows_together(table: Element) -> None:
    """Keep a short table on one page; of a longer one no row is alone at the foot or head of a page."""
    rows = [row for row in table.iterchildren(qn("w:tr")) if find_element(row, "w:trPr/w:tblHeader") is None]
    kept_rows = rows[:-1] if len(rows) <= _SHORT_TABLE_ROWS else (rows[0], rows[-2], *filter(_is_group_head, rows))
    for row in kept_rows:
        for paragraph in iter_elements(row, "w:p"):
            insert_property(paragraph, parse_element("<w:keepNext/>"))


def _is_group_head(row: Element) -> bool:
    """Whether a row is the heading of a group: one cell across several columns."""
    spans = [find_element(cell, "w:tcPr/w:gridSpan") for cell in row.iterchildren(qn("w:tc"))]
    return len(spans) == 1 and spans[0] is not None


def _set_style(paragraph: Element, style: str) -> None:
    properties = get_or_add_first(paragraph, "w:pPr")
    old = find_element(properties, "w:pStyle")
    if get_attribute(old) not in _PLAIN_STYLES:
        return
    if old is None:
        properties.insert(0, parse_element(f'<w:pStyle w:val="{style}"/>'))
    else:
        old.set(qn("w:val"), style)


def _set_caption(table: Element) -> None:
    """Set the caption as the table's title; pandoc's lacks the number."""
    before = adjacent_sibling(table, before=True)
    properties = find_element(table, "w:tblPr")
    if before is None or properties is None or paragraph_style(before) != "TableCaption":
        return
    for old in list(iter_elements(properties, "w:tblCaption")):
        properties.remove(old)
    words = " ".join("".join(node.text or "" for node in iter_elements(before, "w:t")).split())
    properties.append(parse_element(f'<w:tblCaption w:val="{escape(words)}"/>'))


_BREAK_OPPORTUNITY = re.compile(r"[ \t\r\n]+|(?<=[-/–])(?!\d)")
"""Places where a line may break; a no-break space is none, and a number such as TF-1 is one word."""

MEAN_LETTER_WIDTH = 0.53
"""Mean width of a letter of the head font in ems; rather too wide than too narrow."""

_WIDE_LETTERS = re.compile("[MWmw%@]")
_WIDE_LETTER, _CAPITAL = 1.5, 1.25
"""Widths of these letters and of the other capitals, in mean letters."""

_SPACE_WIDTH = 0.25
"""Width of a no-break space of a bar of time, in mean letters."""

_CELL_PADDING = 9.0
"""Padding at the left and right of a cell together, in points."""

_MAX_SHARE_OF_WORD = 0.3
"""Maximum share of the line for one word: a web address breaks after all."""


def set_column_widths(table: Element, theme: Theme) -> None:
    """Make a table as wide as the text. Word itself widens a column rather than break a word; other readers do not."""
    grid, properties = find_element(table, "w:tblGrid"), find_element(table, "w:tblPr")
    if grid is None or properties is None or not len(grid):
        return
    width = properties.find(qn("w:tblW"))
    has_given_widths = width is not None and get_attribute(width, "w:type") == "pct"
    if width is not None:
        width.set(qn("w:type"), "pct")
        width.set(qn("w:w"), "5000")
    for layout in properties.findall(qn("w:tblLayout")):
        layout.set(qn("w:type"), "autofit")
    if has_given_widths:
        section = next((s for node in table.itersiblings() for s in iter_elements(node, "w:sectPr")), None)
        page = None if section is None else find_element(section, "w:pgSz")
        line_width = text_width(theme, landscape=get_attribute(page, "w:orient") == "landscape")
        letter = float(theme["size-table"].removesuffix("pt")) * MEAN_LETTER_WIDTH
        points = (letters * letter + _CELL_PADDING for letters in longest_words(table, len(grid)))
        min_shares = [min(need * 20 / line_width, _MAX_SHARE_OF_WORD) for need in points]
        shares = fit_shares([float(get_attribute(column, "w:w") or 1) for column in grid], min_shares)
        for column, share in zip(grid, shares, strict=True):
            column.set(qn("w:w"), str(round(share * line_width)))
        _set_cell_widths(table, shares)


def fit_shares(proportions: Sequence[float], min_shares: Sequence[float]) -> list[float]:
    """Return shares of one line in these proportions, none below its need. Needs that exceed the line are scaled."""
    if sum(min_shares) >= 1:
        return [need / sum(min_shares) for need in min_shares]
    fixed: set[int] = set()
    while True:
        free = 1 - sum(min_shares[i] for i in fixed)
        rest = sum(proportion for i, proportion in enumerate(proportions) if i not in fixed)
        shares = [min_shares[i] if i in fixed else proportion * free / rest for i, proportion in enumerate(proportions)]
        short = {i for i, share in enumerate(shares) if i not in fixed and share < min_shares[i]}
        if not short:
            return shares
        fixed |= short


def longest_words(table: Element, count: int) -> list[float]:
    """Return the width of each column's longest word in mean letters."""
    longest = [0.0] * count
    for row in table.iterchildren(qn("w:tr")):
        cells = list(row.iterchildren(qn("w:tc")))
        if len(cells) == count:
            for i, cell in enumerate(cells):
                for paragraph in iter_elements(cell, "w:p"):
                    texts = (node.text or "\n" for node in iter_elements(paragraph, "w:t", "w:br"))
                    longest[i] = max(longest[i], *map(_letter_count, _BREAK_OPPORTUNITY.split("".join(texts))))
    return longest


def _letter_count(word: str) -> float:
    """Return the width of a word in mean letters; bars of time are small no-break spaces."""
    wide = len(_WIDE_LETTERS.findall(word))
    capitals = sum(map(str.isupper, _WIDE_LETTERS.sub("", word)))
    spaces = word.count("\u00a0")
    return len(word) + (_WIDE_LETTER - 1) * wide + (_CAPITAL - 1) * capitals - (1 - _SPACE_WIDTH) * spaces


def _set_cell_widths(table: Element, shares: Sequence[float]) -> None:
    """Set the preferred width of each cell, in fiftieths of a per cent of the table."""
    for row in table.iterchildren(qn("w:tr")):
        column = 0
        for cell in row.iterchildren(qn("w:tc")):
            properties = get_or_add_first(cell, "w:tcPr")
            span = int(get_attribute(properties.find(qn("w:gridSpan"))) or 1)
            share = round(5000 * sum(shares[column : column + span]))
            if properties.find(qn("w:tcW")) is None:
                properties.insert(0, parse_element(f'<w:tcW w:w="{share}" w:type="pct"/>'))
            column += span
