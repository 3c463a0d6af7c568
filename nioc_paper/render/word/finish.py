"""What pandoc's Word writer leaves to be done: bookmarks, boxes, pictures, ids, languages."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import (
    BOOKMARKS,
    Element,
    beside,
    child,
    element,
    find,
    get,
    insert_property,
    iterate,
    qn,
)
from nioc_paper.render.theme import Theme
from nioc_paper.render.word.crossref import MARK
from nioc_paper.render.word.styles import BOXES
from nioc_paper.render.word.tables import dress_tables

_GAP = '<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="60" w:lineRule="exact"/></w:pPr></w:p>'
_PADDING = 5
"""Points between a box's edge and its text."""


def finish(package: Package, theme: Theme) -> None:
    """Mend what is said below; the file must have its sections by then."""
    body = package.body
    collapse_bookmarks(body)
    mark_languages(body)
    describe_pictures(body)
    number_ids(body)
    head_parts(body, theme)
    dress_tables(body, theme)
    close_boxes(body, theme)
    _bring_lists_in(package.xml("word/numbering.xml"))


def collapse_bookmarks(body: Element) -> None:
    """A bookmark marks the start of its section, not the whole: else Word gives the page where the section ends."""
    ends = {get(node, "w:id"): node for node in iterate(body, "w:bookmarkEnd")}
    for start in list(iterate(body, "w:bookmarkStart")):
        if get(start, "w:name").startswith(MARK):
            continue
        stop = ends.get(get(start, "w:id"))
        parent = start.getparent()
        if parent is not None and parent.tag != qn("w:p"):
            paragraph = _next_paragraph(start)
            if paragraph is None:
                continue
            paragraph.insert(1 if paragraph.find(qn("w:pPr")) is not None else 0, start)
        if stop is not None:
            start.addnext(stop)


def _next_paragraph(node: Element) -> Element | None:
    following = beside(node)
    if following is None or following.tag == qn("w:p"):
        return following
    return next(iterate(following, "w:p"), None)


def head_parts(body: Element, theme: Theme) -> None:
    """Room above a part's title, in the colour of its band."""
    for paragraph in iterate(body, "w:p"):
        if get(find(paragraph, "w:pPr/w:pStyle")) == "Part":
            _pad(paragraph, "top", theme["cover"].lstrip("#").upper())


def close_boxes(body: Element, theme: Theme) -> None:
    """Room above and below a box, and its lines on one page: a style cannot know which line is the last."""
    for kind, colour in BOXES.items():
        soft = theme.get(f"{colour}-soft", theme["paper"])
        for group in _runs(body, kind):
            for paragraph in group[:-1]:
                insert_property(paragraph, element("<w:keepNext/>"))
            for paragraph, side in ((group[0], "top"), (group[-1], "bottom")):
                _pad(paragraph, side, soft.lstrip("#").upper())
            _part(group[-1])


def _runs(body: Element, kind: str) -> Iterator[list[Element]]:
    """The paragraphs of each box of a kind: a box starts at its anchor, or at its title."""
    styles = {f"{kind}Title", kind, f"{kind}Fields"}
    group: list[Element] = []
    for node in body:
        style = get(find(node, "w:pPr/w:pStyle")) if node.tag == qn("w:p") else ""
        starts = style.endswith("Title") or node.find(BOOKMARKS[0]) is not None
        if group and (style not in styles or starts) and node.tag not in BOOKMARKS:
            yield group
            group = []
        if style in styles:
            group.append(node)
    if group:
        yield group


def _pad(paragraph: Element, side: str, colour: str) -> None:
    """A rule in the box's own colour makes room inside it, spacing room outside."""
    rule = element(f'<w:{side} w:val="single" w:sz="4" w:space="{_PADDING}" w:color="{colour}"/>')
    borders = insert_property(paragraph, element("<w:pBdr/>"))
    borders.insert(0 if side == "top" else len(borders), rule)
    spacing = insert_property(paragraph, element("<w:spacing/>"))
    spacing.set(qn("w:before" if side == "top" else "w:after"), "120" if side == "top" else "180")


def _part(last: Element) -> None:
    """A thin line of white between neighbouring boxes, whose grounds would else run together."""
    following = last.getnext()
    style = get(find(following, "w:pPr/w:pStyle")) if following is not None else ""
    if any(style in (kind, f"{kind}Title") for kind in BOXES):
        last.addnext(element(_GAP))


def describe_pictures(body: Element) -> None:
    """Alternative text once, at the drawing; pandoc also writes the picture's whole data URI as a description."""
    for node in iterate(body, "pic:cNvPr"):
        node.set("descr", "")
    for node in iterate(body, "wp:docPr"):
        node.set("title", "")


def number_ids(body: Element) -> None:
    """Ids of bookmarks and drawings, each from 1 and each once: a doubled id makes Word offer to repair the file."""
    bookmarks, drawings = count(1), count(1)
    new: dict[str, str] = {}
    for node in iterate(body, "w:bookmarkStart", "w:bookmarkEnd", "wp:docPr", "pic:cNvPr"):
        if node.tag in BOOKMARKS:
            old = get(node, "w:id")
            if node.tag == qn("w:bookmarkStart"):
                new[old] = str(next(bookmarks))
            node.set(qn("w:id"), new[old])
        else:
            node.set("id", str(next(drawings)))


def mark_languages(body: Element) -> None:
    """Text that runs from right to left keeps its style, and its language stands in another attribute than pandoc's."""
    for properties in iterate(body, "w:rPr"):
        language = properties.find(qn("w:lang"))
        if language is not None and properties.find(qn("w:rtl")) is not None:
            language.set(qn("w:bidi"), get(language))
    for paragraph in iterate(body, "w:p"):
        properties = child(paragraph, "w:pPr")
        if properties.find(qn("w:bidi")) is not None and properties.find(qn("w:pStyle")) is None:
            properties.insert(0, element('<w:pStyle w:val="BodyText"/>'))


def _bring_lists_in(numbering: Element) -> None:
    """Lists stand half as far in as pandoc sets them."""
    for level in iterate(numbering, "w:lvl"):
        indent = find(level, "w:pPr/w:ind")
        if indent is not None:
            indent.set(qn("w:left"), str(340 * (int(get(level, "w:ilvl")) + 1)))
            indent.set(qn("w:hanging"), "340")
