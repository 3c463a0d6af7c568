"""Tables in Word: styles, repeated heads, widths, and a title for screen readers."""

from __future__ import annotations

from html import escape

from nioc_paper.ooxml.xml import (
    Element,
    adjacent_sibling,
    find_element,
    get_attribute,
    get_or_add_first,
    insert_property,
    iter_elements,
    parse_element,
    qn,
)
from nioc_paper.render.common.theme import Theme
from nioc_paper.render.word.column_widths import set_column_widths

_SHORT_TABLE_ROWS = 8
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
        set_column_widths(table, theme)
        _set_caption(table)
        _add_space_below(table)


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


def _add_space_below(table: Element) -> None:
    """Add space to the text after a table: a table has no spacing of its own.

    An empty paragraph ends a section: its space could go on to a page of its own.
    """
    following = adjacent_sibling(table)
    if (
        following is not None
        and get_attribute(find_element(following, "w:pPr/w:pStyle")) in _PLAIN_STYLES
        and following.tag == qn("w:p")
        and next(iter_elements(following, "w:r"), None) is not None
    ):
        insert_property(following, parse_element("<w:spacing/>")).set(qn("w:before"), "240")


def _set_caption(table: Element) -> None:
    """Set the caption as the table's title; pandoc's lacks the number."""
    before = adjacent_sibling(table, before=True)
    properties = find_element(table, "w:tblPr")
    if before is None or properties is None or get_attribute(find_element(before, "w:pPr/w:pStyle")) != "TableCaption":
        return
    for old in list(iter_elements(properties, "w:tblCaption")):
        properties.remove(old)
    words = " ".join("".join(node.text or "" for node in iter_elements(before, "w:t")).split())
    properties.append(parse_element(f'<w:tblCaption w:val="{escape(words)}"/>'))
