"""Tables in Word: styles, repeated heads, widths, and a title for a screen reader."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from nioc_paper.render.word_xml import BOOKMARKS, Element, child, element, find, get, iterate, qn

_PLAIN = ("", "Compact", "BodyText", "FirstParagraph")


def dress_tables(body: Element) -> None:
    """Text and heads in their own styles; the full width; rows stay whole; heads repeat, as pandoc marks them."""
    for table in iterate(body, "w:tbl"):
        for row in (node for node in table if node.tag == qn("w:tr")):
            properties = child(row, "w:trPr")
            if properties.find(qn("w:cantSplit")) is None:
                properties.insert(0, element("<w:cantSplit/>"))
            head = properties.find(qn("w:tblHeader")) is not None
            for paragraph in iterate(row, "w:p"):
                _restyle(paragraph, "TableHeading" if head else "TableText")
        _widen(table)
        _describe(table)


def _restyle(paragraph: Element, style: str) -> None:
    properties = child(paragraph, "w:pPr")
    old = find(properties, "w:pStyle")
    if get(old) not in _PLAIN:
        return
    if old is None:
        properties.insert(0, element(f'<w:pStyle w:val="{style}"/>'))
    else:
        old.set(qn("w:val"), style)


def _widen(table: Element) -> None:
    """A table without widths of its own takes the whole line, and Word shares it out by what the columns hold."""
    width = find(table, "w:tblPr/w:tblW")
    if width is not None and get(width, "w:type") == "auto":
        width.set(qn("w:type"), "pct")
        width.set(qn("w:w"), "5000")


def _describe(table: Element) -> None:
    """The caption as the table's title; pandoc's lacks the number."""
    before = table.getprevious()
    while before is not None and before.tag in BOOKMARKS:
        before = before.getprevious()
    properties = find(table, "w:tblPr")
    if before is None or properties is None or get(find(before, "w:pPr/w:pStyle")) != "TableCaption":
        return
    for old in list(iterate(properties, "w:tblCaption")):
        properties.remove(old)
    words = " ".join("".join(node.text or "" for node in iterate(before, "w:t")).split())
    properties.append(element(f"<w:tblCaption w:val={quoteattr(words)}/>"))
