"""Add facts of the HTML to WeasyPrint's structure elements: source element, role, language, links, notes.

`_build_box_tree` is replaced: it is the only function that knows a box and its structure element together.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import compress
from typing import TYPE_CHECKING, cast
from xml.etree.ElementTree import Element

import pydyf

from nioc_paper.render.pdf.worker.margin_notes import classes
from nioc_paper.render.pdf.worker.patches.patch_state import PatchState
from nioc_paper.render.pdf.worker_messages import (
    BLANK_ATTRIBUTE,
    FOOT_NOTE,
    MARGIN_COPY,
    NOTE_CALL,
    NOTE_KEY,
    SOURCE_KEY,
    BlankNumber,
)

if TYPE_CHECKING:
    from weasyprint.document import Page
    from weasyprint.formatting_structure.boxes import Box, TextBox
    from weasyprint.layout.absolute import AbsolutePlaceholder
    from weasyprint.pdf.tags import Tag

    _TreeBuilder = Callable[
        [
            Box | AbsolutePlaceholder,
            pydyf.Dictionary,
            pydyf.PDF,
            int,
            dict[int, bytes],
            pydyf.Array,
            Mapping[Box, Tag],
        ],
        Iterator[pydyf.Dictionary],
    ]
    from weasyprint import HTML
    from weasyprint.formatting_structure.boxes import Box, PageBox
    from weasyprint.layout import LayoutContext

    _BoxBuilder = Callable[..., Box]
    _PageMaker = Callable[[int, LayoutContext, Box, HTML], tuple[PageBox, object]]


_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ROLE_BY_TAG: Mapping[str, str] = {"figure": "Div", "pre": "P", "dt": "Lbl"}
"""Roles of elements that are more precise than WeasyPrint's."""
_CALL_SUFFIX = "-call"
"""Ending of the id of the place that calls a note."""


def wrap(original: _TreeBuilder, state: PatchState) -> _TreeBuilder:
    """Return the replacement of `_build_box_tree`: each structure element gets what its HTML element says of it.

    `state.blanks` takes the blank page numbers.
    """

    def build_described_tree(
        placed_box: Box | AbsolutePlaceholder,
        parent: pydyf.Dictionary,
        pdf: pydyf.PDF,
        page_number: int,
        nums: dict[int, bytes],
        annotations: pydyf.Array,
        tags: Mapping[Box, Tag],
    ) -> Iterator[pydyf.Dictionary]:
        box = cast("Box", getattr(placed_box, "_box", placed_box))  # an absolute position wraps its box
        broken_words = _broken_words(box, tags)
        state.blanks.extend(_blank_numbers(box, page_number, tags))
        elements = original(box, parent, pdf, page_number, nums, annotations, tags)
        if box.element is not None and MARGIN_COPY in classes(box.element):
            # Not in the tree, so that screen readers do not read the number twice: its text becomes an artifact.
            deque(elements, maxlen=0)
            return
        for element in elements:
            if SOURCE_KEY not in element and box.element is not None:
                key = (box.element, box.element_tag)
                element[SOURCE_KEY] = state.source_numbers.setdefault(key, len(state.source_numbers) + 1)
                _describe_element(element, box, box.element)
                if element["S"] == "/Figure" and "Alt" not in element and box.element.tag != "img":
                    logging.getLogger("weasyprint").error('Image "svg" has no required alt description')
            yield element
        _set_actual_texts(broken_words, pdf, nums)

    return build_described_tree


def _set_actual_texts(broken_words: Mapping[int, str], pdf: pydyf.PDF, nums: Mapping[int, bytes]) -> None:
    """Give the elements of words that are broken at the end of a line their text in one piece."""
    for mark, text in broken_words.items():
        holder = pdf.objects[int(nums[mark].split()[0])]
        if holder["S"] != "/Link":  # the first line has it for all lines
            holder["ActualText"] = pydyf.String(text)


def link_notes(pages: Iterable[Page]) -> None:
    """Link the call of every note to the note, and the number of the note to its call."""
    for page in pages:
        for box in page._page_box.descendants(placeholders=True):  # noqa: SLF001 - there is no public way to the boxes
            if box.element is not None and not hasattr(box, "text") and (role := _note_number_role(box)):
                x, y, width, height = box.hit_area()
                name = _note_id(box.element)
                target, own = (name, name + _CALL_SUFFIX) if role == "Reference" else (name + _CALL_SUFFIX, name)
                page.links.append(("internal", target, (x, y, x + width, y + height), box))
                page.anchors.setdefault(own, (x, y, x + width, y + height))


def unlink_repeated_heads(root: Element, pages: Iterable[Page]) -> None:
    """Take the links out of the heads that a table repeats: artifacts have none."""
    heads = {element for head in root.iter("thead") for element in head.iter()}
    pages_of_heads: dict[object, Page] = {}
    for page in pages:
        elements = [link[-1].element for link in page.links]
        is_kept = [each not in heads or pages_of_heads.setdefault(each, page) is page for each in elements]
        page.links[:] = compress(page.links, is_kept)


def _note_number_role(box: Box) -> str:
    """Return the role of a note's number: at its call, before its text, or empty for anything else."""
    tag, names = box.element_tag, classes(box.element) if box.element is not None else []
    if tag == "span::footnote-call" or (tag == "span::before" and NOTE_CALL in names):
        return "Reference"
    return "Lbl" if tag == "span::footnote-marker" or (tag == "span::before" and FOOT_NOTE in names) else ""


def _note_id(html: Element) -> str:
    """Return the id of the note that an element is or calls."""
    name = html.get("id", "")
    return name.removesuffix(_CALL_SUFFIX) if NOTE_CALL in classes(html) else name


def _describe_element(element: pydyf.Dictionary, box: Box, html: Element) -> None:
    """Set role, note id, language and scope of an element, and the words of its link."""
    if type(box.style).__name__ == "AnonymousStyle":  # anonymous box of the layout
        return
    _set_role(element, box, html)
    if not {FOOT_NOTE, NOTE_CALL}.isdisjoint(classes(html)):
        element[NOTE_KEY] = pydyf.String(_note_id(html))
    if (language := html.get("lang") or html.get(_XML_LANG)) and box.element_tag == html.tag:
        element["Lang"] = pydyf.String(language)
    if element["S"] == "/TH":
        element["A"]["Scope"] = "/Row" if html.get("scope") == "row" else "/Column"
    if box.link_annotation:
        is_own_text = html.tag in (box.element_tag, "a")  # not the page number that the style sheet adds: it may change
        words = html.itertext() if is_own_text else (getattr(part, "text", "") for part in box.descendants())
        box.link_annotation["Contents"] = pydyf.String(" ".join("".join(words).split()) or html.get("href", ""))


def _set_role(element: pydyf.Dictionary, box: Box, html: Element) -> None:
    tag = box.element_tag
    role = _note_number_role(box) or _ROLE_BY_TAG.get(tag, "")
    if role and element["S"].lstrip("/") in ("NonStruct", "LBody", "Span"):
        element["S"] = f"/{role}"
    if tag == html.tag and FOOT_NOTE in classes(html):
        element["S"] = "/Note"
    if tag == "section" and "list" in classes(html):
        element["S"] = "/TOC"


def _broken_words(box: Box, tags: Mapping[Box, Tag]) -> dict[int, str]:
    """Return the text of lines that end in a hyphenated word, by mcid, with a soft hyphen for the engine's hyphen."""
    return {
        tags[line]["mcid"]: cast("TextBox", line).text[:-1] + "\u00ad"
        for line in _line_boxes(box)
        if line in tags and getattr(line, "text", "").endswith("-") and not _is_authors_hyphen(cast("TextBox", line))
    }


def _blank_numbers(box: Box, page: int, tags: Mapping[Box, Tag]) -> Iterator[BlankNumber]:
    """Yield the page number after a link, if the HTML leaves it blank; a comma before it may end another line."""
    if box.element is not None and box.element_tag == "a::after" and (target := box.element.get(BLANK_ATTRIBUTE)):
        lines = (line for line in _line_boxes(box) if line in tags and "0" in getattr(line, "text", ""))
        yield from (BlankNumber(page, tags[line]["mcid"], target) for line in lines)


def _line_boxes(box: Box) -> Iterator[Box]:
    return (line for child in getattr(box, "children", ()) for line in (child, *getattr(child, "children", ())))


def _is_authors_hyphen(line: TextBox) -> bool:
    """Whether the author wrote the hyphen at the end of a line."""
    return (
        line.text.split()[-1].casefold()
        in "".join(line.element.itertext() if line.element is not None else ()).casefold()
    )


def wrap_builder(original: _BoxBuilder, state: PatchState) -> _BoxBuilder:
    """Return the replacement of `build_formatting_structure`: boxes of the twins are kept, not printed."""

    def build_boxes(element_tree: Element, *arguments: object) -> Box:
        root_box = original(element_tree, *arguments)
        state.twins.take_calls(root_box)
        return root_box

    return build_boxes


def wrap_page(original: _PageMaker, state: PatchState) -> _PageMaker:
    """Return the replacement of `remake_page`: a page is made until every note in its margin has room there."""

    def make_page(index: int, context: LayoutContext, root_box: Box, html: HTML) -> tuple[PageBox, object]:
        while True:
            footnotes, reported = [*context.footnotes], [*context.reported_footnotes]
            broken, made = dict(context.broken_out_of_flow), context.page_maker[index][-1]
            page = original(index, context, root_box, html)
            if not (misplaced := state.twins.find_misplaced(page[0], context)):
                return page
            state.twins.move(misplaced)
            context.footnotes, context.reported_footnotes = footnotes, reported
            context.broken_out_of_flow = broken
            made |= {"anchors": [], "content_lookups": []}

    return make_page
