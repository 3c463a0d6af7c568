"""Tables in Word: styles, repeated heads, widths, and a title for a screen reader."""

from __future__ import annotations

from html import escape

from nioc_paper.ooxml.xml import Element, beside, child, element, find, get, insert_property, iterate, qn
from nioc_paper.render.theme import Theme
from nioc_paper.render.word.columns import share_out

_FEW = 8
"""Rows of a table that is kept whole; templates/print.css has the same number."""

_PLAIN = ("", "Compact", "BodyText", "FirstParagraph")


def dress_tables(body: Element, theme: Theme) -> None:
    """Text and heads in their own styles; the full width; rows stay whole; heads repeat, as pandoc marks them."""
    for table in iterate(body, "w:tbl"):
        for row in (node for node in table if node.tag == qn("w:tr")):
            properties = child(row, "w:trPr")
            if properties.find(qn("w:cantSplit")) is None:
                properties.insert(0, element("<w:cantSplit/>"))
            head = properties.find(qn("w:tblHeader")) is not None
            for paragraph in iterate(row, "w:p"):
                _restyle(paragraph, "TableHeading" if head else "TableText")
        _keep_rows(table)
        share_out(table, theme)
        _describe(table)
        _clear_below(table)


def _keep_rows(table: Element) -> None:
    """A table of a few rows on one page; of a longer one no row alone, at the foot of a page or at its head."""
    rows = [row for row in table.iterchildren(qn("w:tr")) if find(row, "w:trPr/w:tblHeader") is None]
    for row in rows[:-1] if len(rows) <= _FEW else (rows[0], rows[-2]):
        for paragraph in iterate(row, "w:p"):
            insert_property(paragraph, element("<w:keepNext/>"))


def _restyle(paragraph: Element, style: str) -> None:
    properties = child(paragraph, "w:pPr")
    old = find(properties, "w:pStyle")
    if get(old) not in _PLAIN:
        return
    if old is None:
        properties.insert(0, element(f'<w:pStyle w:val="{style}"/>'))
    else:
        old.set(qn("w:val"), style)


def _clear_below(table: Element) -> None:
    """Text after a table keeps its distance, which a table has no means to ask for."""
    following = beside(table)
    if following is not None and get(find(following, "w:pPr/w:pStyle")) in _PLAIN and following.tag == qn("w:p"):
        insert_property(following, element("<w:spacing/>")).set(qn("w:before"), "240")


def _describe(table: Element) -> None:
    """The caption as the table's title; pandoc's lacks the number."""
    before = beside(table, before=True)
    properties = find(table, "w:tblPr")
    if before is None or properties is None or get(find(before, "w:pPr/w:pStyle")) != "TableCaption":
        return
    for old in list(iterate(properties, "w:tblCaption")):
        properties.remove(old)
    words = " ".join("".join(node.text or "" for node in iterate(before, "w:t")).split())
    properties.append(element(f'<w:tblCaption w:val="{escape(words)}"/>'))
