"""Rewrites of pandoc's Word XML: bookmarks, boxes, pictures, ids, languages, lists, numbers for reviewers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from nioc_paper.model import Document
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import (
    BOOKMARK_TAGS,
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
    tab_xml,
)
from nioc_paper.render.common.theme import Theme
from nioc_paper.render.word import rtl, tracked_changes
from nioc_paper.render.word.page_setup import text_width, to_twips
from nioc_paper.render.word.styles import BOX_LEFT, BOXES, EQUATION_NUMBER_STYLE
from nioc_paper.render.word.tables import style_tables
from nioc_paper.wording import text_direction

_TEXT_STYLES = {"BodyText", "FirstParagraph"}
_LIST_INDENT = 340
"""Indent of a list and of each of its levels, in twentieths of a point."""
_EQUATION_NUMBER_ID = EQUATION_NUMBER_STYLE.replace(" ", "")
_LIST_SPACE = "140"
"""Space after a list, in twentieths of a point."""
_BOX_SPACE = "120"
"""Space before and after a box, in twentieths of a point."""


def collapse_bookmarks(body: Element) -> None:
    """Move the end of bookmarks to their start: a reference to a section shows the page of the end."""
    ends = {get_attribute(node, "w:id"): node for node in iter_elements(body, "w:bookmarkEnd")}
    for start in list(iter_elements(body, "w:bookmarkStart")):
        stop = ends.get(get_attribute(start, "w:id"))
        parent = start.getparent()
        if stop is not None and stop.getparent() is parent and parent is not None and parent.tag == qn("w:p"):
            continue  # Around words: references show these, and `receive` finds them by it.
        if parent is not None and parent.tag != qn("w:p"):
            following = adjacent_sibling(start)
            paragraph = None if following is None else next(following.iter(qn("w:p")), None)
            if paragraph is None:
                continue
            paragraph.insert(1 if paragraph.find(qn("w:pPr")) is not None else 0, start)
        if stop is not None:
            start.addnext(stop)


def keep_boxes_whole(body: Element) -> None:
    """Keep boxes on one page, with space before and after. A style cannot: it does not know first and last lines."""
    for kind in BOXES:
        for group in _box_paragraphs(body, kind):
            for paragraph in group[:-1]:
                insert_property(paragraph, parse_element("<w:keepNext/>"))
            insert_property(group[0], parse_element("<w:spacing/>")).set(qn("w:before"), _BOX_SPACE)
            insert_property(group[-1], parse_element("<w:spacing/>")).set(qn("w:after"), _BOX_SPACE)


def _box_paragraphs(body: Element, kind: str) -> Iterator[list[Element]]:
    """Yield the paragraphs of each box of a kind; a box starts at its anchor, or at its title."""
    styles = {f"{kind}Title", kind, f"{kind}Fields"}
    group: list[Element] = []
    for node in body:
        style = paragraph_style(node) if node.tag == qn("w:p") else ""
        starts = style.endswith("Title") or _is_anchored(node)
        if group and (style not in styles or starts) and node.tag not in BOOKMARK_TAGS:
            yield group
            group = []
        if style in styles:
            group.append(node)
    if group:
        yield group


def _is_anchored(paragraph: Element) -> bool:
    """Whether a bookmark is before the words of a paragraph. Bookmarks after them are those of received files."""
    first = next((node for node in paragraph if node.tag != qn("w:pPr")), None)
    return first is not None and first.tag == BOOKMARK_TAGS[0]


def keep_captions_and_ends_whole(body: Element) -> None:
    """Keep the lines of a caption on one page, and the last two paragraphs of a section: a style cannot."""
    for paragraph in iter_elements(body, "w:p"):
        style, before = paragraph_style(paragraph), adjacent_sibling(paragraph, before=True)
        is_end = style in _TEXT_STYLES and find_element(paragraph, "w:pPr/w:sectPr") is not None
        if is_end:
            insert_property(paragraph, parse_element("<w:keepLines/>"))
        kept_styles = _TEXT_STYLES if is_end else {"ImageCaption"} & {style}
        if before is not None and paragraph_style(before) in kept_styles:
            insert_property(before, parse_element("<w:keepNext/>"))


def keep_lists_in_boxes(body: Element) -> None:
    """Indent the lists in boxes from the left edge of the box: Word draws its border beside the bullets."""
    edge = to_twips(f"{BOX_LEFT}mm")
    for paragraph in iter_elements(body, "w:p"):
        level = find_element(paragraph, "w:pPr/w:numPr/w:ilvl")
        if level is not None and paragraph_style(paragraph) in BOXES:
            depth = _LIST_INDENT * (int(get_attribute(level)) + 1)
            indent = insert_property(paragraph, parse_element("<w:ind/>"))
            indent.set(qn("w:left"), str(edge + depth))
            indent.set(qn("w:hanging"), str(depth))


def set_equation_tabs(body: Element, width: int) -> None:
    """Set the tabs of paragraphs with numbered equations: the formula in the middle, its number at the right edge."""
    for paragraph in iter_elements(body, "w:p"):
        styles = (get_attribute(find_element(run, "w:rPr/w:rStyle")) for run in iter_elements(paragraph, "w:r"))
        if _EQUATION_NUMBER_ID in styles:
            stops = (("center", width // 2), ("right", width))
            tabs = "".join(f'<w:tab w:val="{align}" w:pos="{place}"/>' for align, place in stops)
            insert_property(paragraph, parse_element(f"<w:tabs>{tabs}</w:tabs>"))
            insert_property(paragraph, parse_element("<w:jc/>")).set(qn("w:val"), "left")


def space_after_lists(body: Element) -> None:
    """Add space after the last line of a list; lines of a list have none between them."""
    for paragraph in iter_elements(body, "w:p"):
        following = adjacent_sibling(paragraph)
        is_numbered = find_element(paragraph, "w:pPr/w:numPr") is not None
        is_list_line = is_numbered and paragraph_style(paragraph) == "Compact"
        if is_list_line and following is not None and find_element(following, "w:pPr/w:numPr") is None:
            insert_property(paragraph, parse_element("<w:spacing/>")).set(qn("w:after"), _LIST_SPACE)


def label_pictures(body: Element) -> None:
    """Title drawings with their labels, and empty the description in each: pandoc writes a data URI there."""
    for node in iter_elements(body, "pic:cNvPr"):
        node.set("descr", "")
    for paragraph in iter_elements(body, "w:p"):
        for node in iter_elements(paragraph, "wp:docPr"):
            node.set("title", _caption_label(adjacent_sibling(paragraph)))


def _caption_label(caption: Element | None) -> str:
    """Return the label of a picture in the caption below it."""
    if caption is None or paragraph_style(caption) != "ImageCaption":
        return ""
    styles = ((run, get_attribute(find_element(run, "w:rPr/w:rStyle"))) for run in iter_elements(caption, "w:r"))
    runs = (run for run, style in styles if style == "CaptionLabel")
    return "".join(node.text or "" for run in runs for node in iter_elements(run, "w:t")).replace("\u00a0", " ")


def number_ids(*roots: Element) -> None:
    """Number bookmarks and drawings from 1, each id once: Word offers to repair a file with a doubled id."""
    bookmarks, drawings = count(1), count(1)
    new: dict[str, str] = {}
    marks = ("w:bookmarkStart", "w:bookmarkEnd", "wp:docPr", "pic:cNvPr")
    for node in (node for root in roots for node in iter_elements(root, *marks)):
        if node.tag in BOOKMARK_TAGS:
            old = get_attribute(node, "w:id")
            if node.tag == qn("w:bookmarkStart"):
                new[old] = str(next(bookmarks))
            node.set(qn("w:id"), new[old])
        else:
            node.set("id", str(next(drawings)))


def set_rtl_languages(root: Element) -> None:
    """Set the language of right-to-left text as Word reads it, and what pandoc omits.

    That is the style of its paragraphs, and the direction of numbers of notes: Word has their digits from its settings.
    """
    for properties in iter_elements(root, "w:rPr"):
        language = properties.find(qn("w:lang"))
        if language is not None and properties.find(qn("w:rtl")) is not None:
            language.set(qn("w:bidi"), get_attribute(language))
    for paragraph in iter_elements(root, "w:p"):
        properties = get_or_add_first(paragraph, "w:pPr")
        is_rtl = properties.find(qn("w:bidi")) is not None
        if is_rtl and properties.find(qn("w:pStyle")) is None:
            properties.insert(0, parse_element('<w:pStyle w:val="BodyText"/>'))
        for run in iter_elements(paragraph, "w:r") if is_rtl else ():
            if any(find_element(run, mark) is not None for mark in ("w:footnoteReference", "w:footnoteRef")):
                get_or_add_first(run, "w:rPr").append(parse_element("<w:rtl/>"))


def indent_lists(numbering: Element) -> None:
    """Halve pandoc's indent of lists."""
    for level in iter_elements(numbering, "w:lvl"):
        if (indent := find_element(level, "w:pPr/w:ind")) is not None:
            indent.set(qn("w:left"), str(_LIST_INDENT * (int(get_attribute(level, "w:ilvl")) + 1)))
            indent.set(qn("w:hanging"), str(_LIST_INDENT))


NUMBER_STYLE = "ParagraphNumber"
_HANGING, _DISTANCE = to_twips("13mm"), to_twips("15mm")
"""Distance from the text to the start of a paragraph number, and to the end of a line number."""
_TEXT_START_STYLES = ("Heading1", "Part")
_LINE_NUMBERING = f'<w:lnNumType w:countBy="1" w:distance="{_DISTANCE}" w:restart="newPage"/>'
_AFTER_LINE_NUMBERING = tuple(map(qn, ("w:pgNumType", "w:cols", "w:formProt", "w:vAlign", "w:noEndnote", "w:titlePg")))
"""Elements after the line numbers in the properties of a section (ECMA-376 part 1, 17.6.17)."""


def add_review_numbers(package: Package) -> None:
    """Move paragraph numbers into the margin, and number the lines of each page."""
    for paragraph in iter_elements(package.body, "w:p"):
        styles = ((run, find_element(run, "w:rPr/w:rStyle")) for run in paragraph.iterchildren(qn("w:r")))
        number = next((run for run, style in styles if get_attribute(style) == NUMBER_STYLE), None)
        if number is not None:
            _move_to_margin(paragraph, number)
        if not any(node.text for node in iter_elements(paragraph, "w:t")):
            # Word would count the blank lines between boxes.
            insert_property(paragraph, parse_element("<w:suppressLineNumbers/>"))
    has_text_begun = False
    for node in iter_elements(package.body, "w:pStyle", "w:sectPr"):
        has_text_begun = has_text_begun or get_attribute(node) in _TEXT_START_STYLES
        if has_text_begun and node.tag == qn("w:sectPr"):
            place = next((n for n, each in enumerate(node) if each.tag in _AFTER_LINE_NUMBERING), len(node))
            node.insert(place, parse_element(_LINE_NUMBERING))


def _move_to_margin(paragraph: Element, number: Element) -> None:
    """Move the number of a paragraph into the margin, or keep it inside if a list, box or cell uses the margin."""
    text = next((t for run in number.itersiblings(qn("w:r")) for t in iter_elements(run, "w:t")), None)
    if text is None or not _has_free_margin(paragraph):
        return
    text.text = (text.text or "").lstrip(" ")
    gap = parse_element(tab_xml())
    gap.insert(0, parse_element(f'<w:rPr><w:rStyle w:val="{NUMBER_STYLE}"/></w:rPr>'))
    number.addnext(gap)
    insert_property(paragraph, parse_element("<w:ind/>")).set(qn("w:hanging"), str(_HANGING))


def _has_free_margin(paragraph: Element) -> bool:
    style = paragraph_style(paragraph)
    boxed = any(style in (kind, f"{kind}Title") for kind in BOXES) or style.startswith(("PullQuote", "Panel"))
    is_in_cell = next(paragraph.iterancestors(qn("w:tc")), None) is not None
    return not (boxed or is_in_cell) and find_element(paragraph, "w:pPr/w:numPr") is None


def postprocess(package: Package, document: Document, theme: Theme) -> None:
    """Rewrite a piece that pandoc has written and whose sections are set up."""
    body, direction = package.body, text_direction(document.language)
    if document.revision:
        tracked_changes.complete_changes(package, document.revision)
    collapse_bookmarks(body)
    for root in (body, package.xml_root("word/footnotes.xml")):
        set_rtl_languages(root)
    label_pictures(body)
    number_ids(body, package.xml_root("word/footnotes.xml"))
    style_tables(body, theme)
    keep_boxes_whole(body)
    keep_captions_and_ends_whole(body)
    keep_lists_in_boxes(body)
    set_equation_tabs(body, text_width(theme))
    space_after_lists(body)
    indent_lists(package.xml_root("word/numbering.xml"))
    rtl.set_directions(package, direction)
    if direction == "rtl":
        rtl.mirror_document(package)
    if document.copy.review:
        add_review_numbers(package)
