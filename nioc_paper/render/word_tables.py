"""Tables in Word: styles, repeated heads, widths, and a title for a screen reader."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from nioc_paper.render.word_xml import BOOKMARKS, Element, child, element, find, get, insert_property, iterate, qn

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
        _share_out(table)
        _describe(table)
        _clear_below(table)


def _restyle(paragraph: Element, style: str) -> None:
    properties = child(paragraph, "w:pPr")
    old = find(properties, "w:pStyle")
    if get(old) not in _PLAIN:
        return
    if old is None:
        properties.insert(0, element(f'<w:pStyle w:val="{style}"/>'))
    else:
        old.set(qn("w:val"), style)


def _share_out(table: Element) -> None:
    """The width of the line, in the shares that pandoc gives; Word widens a column rather than break a word in it."""
    grid = find(table, "w:tblGrid")
    properties = find(table, "w:tblPr")
    if grid is None or properties is None:
        return
    width = properties.find(qn("w:tblW"))
    shared = width is not None and get(width, "w:type") == "pct"
    if width is not None:
        width.set(qn("w:type"), "pct")
        width.set(qn("w:w"), "5000")
    for layout in properties.findall(qn("w:tblLayout")):
        layout.set(qn("w:type"), "autofit")
    columns = [int(get(column, "w:w") or 1) for column in grid]
    if shared:
        _prefer(table, [round(5000 * column / sum(columns)) for column in columns])


def _prefer(table: Element, shares: list[int]) -> None:
    """The preferred width of each cell, in fiftieths of a per cent of the table."""
    for row in (node for node in table if node.tag == qn("w:tr")):
        column = 0
        for cell in (node for node in row if node.tag == qn("w:tc")):
            properties = child(cell, "w:tcPr")
            span = int(get(properties.find(qn("w:gridSpan"))) or 1)
            share = sum(shares[column : column + span])
            if properties.find(qn("w:tcW")) is None:
                properties.insert(0, element(f'<w:tcW w:w="{share}" w:type="pct"/>'))
            column += span


def _clear_below(table: Element) -> None:
    """Text after a table keeps its distance, which a table has no means to ask for."""
    following = table.getnext()
    while following is not None and following.tag in BOOKMARKS:
        following = following.getnext()
    if following is not None and get(find(following, "w:pPr/w:pStyle")) in _PLAIN and following.tag == qn("w:p"):
        insert_property(following, element("<w:spacing/>")).set(qn("w:before"), "240")


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
