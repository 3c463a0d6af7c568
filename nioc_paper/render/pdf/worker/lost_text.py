"""Text that WeasyPrint 70 loses without a message: a few notes in a thousand.

Boxes have a reference to their element, so the text of each element is compared with that of its boxes. The module
uses attributes of boxes only, and imports nothing of WeasyPrint at run time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, cast
from xml.etree.ElementTree import Element

from nioc_paper.render.pdf.worker.margin_notes import classes, is_margin_note
from nioc_paper.render.pdf.worker_messages import OffPageText
from nioc_paper.render.verify.normalized_text import normalize

if TYPE_CHECKING:
    from weasyprint.document import Page
    from weasyprint.formatting_structure.boxes import TextBox

_PARAGRAPH_TAGS = {"p", "li", "td", "th", "dd", "figcaption", "caption", "h1", "h2", "h3", "h4", "h5", "h6"}


def _text_boxes(page: Page) -> Iterator[TextBox]:
    """Yield the text boxes of a page, without running heads and page numbers."""
    for child in page._page_box.children:  # noqa: SLF001 - there is no public way to the boxes
        if type(child).__name__ != "MarginBox":
            yield from (cast("TextBox", box) for box in child.descendants(placeholders=True) if hasattr(box, "text"))


def find_lost_notes(root: Element, pages: Sequence[Page]) -> list[Element]:
    """Return the footnotes that no page has at its foot."""
    boxes = (child for page in pages for child in page._page_box.children)  # noqa: SLF001
    feet = (area for area in boxes if type(area).__name__ == "FootnoteAreaBox")
    printed = {box.element for area in feet for box in area.descendants()}
    return [
        note
        for note in root.iter("span")
        if "footnote" in classes(note) and note not in printed and not is_margin_note(note)
    ]


def keep_note_paragraphs_whole(root: Element, notes: Iterable[Element]) -> None:
    """Keep the paragraph of each note whole; the second time, start a new page before it."""
    parents = {child: parent for parent in root.iter() for child in parent}
    for note in notes:
        paragraph = note
        while paragraph.tag not in _PARAGRAPH_TAGS and paragraph in parents:
            paragraph = parents[paragraph]
        style = paragraph.get("style") or ""
        rule = "break-before:page" if "break-inside" in style else "break-inside:avoid"
        paragraph.set("style", f"{style};{rule}".lstrip(";"))


def find_lost_text(root: Element, pages: Sequence[Page]) -> list[str]:
    """Return the text that no box prints, in order, each from its first missing word."""
    printed: dict[Element, list[str]] = defaultdict(list)
    for page in pages:
        for box in _text_boxes(page):
            if box.element is not None and "::" not in box.element_tag:
                printed[box.element].append(box.text)
    body = root.find("body")
    return [
        text[printed_length:].strip()
        for element in (body.iter() if body is not None else ())
        if (text := " ".join(filter(None, (element.text, *(child.tail for child in element))))).strip()
        and (printed_length := _printed_length(text, normalize("".join(printed[element])))) < len(text.rstrip())
    ]


def _printed_length(text: str, printed_letters: str) -> int:
    """Return the number of printed characters. Heads of tables may be printed twice: they are repeated on each page."""
    if printed_letters.startswith(normalize(text)):
        return len(text)
    remaining = iter(printed_letters)
    for index, character in enumerate(text):
        for letter in normalize(character):
            if next(remaining, "") != letter:
                return text.rfind(" ", 0, index) + 1
    return len(text)


def find_text_off_page(pages: Sequence[Page]) -> list[OffPageText]:
    """Return the texts beyond the edge of their page; one pixel more is forgiven."""
    return [
        OffPageText(number, box.text.strip()[:60])
        for number, page in enumerate(pages, start=1)
        for box in _text_boxes(page)
        if box.text.strip()
        and not (
            box.position_x >= -1
            and box.position_y >= -1
            and box.position_x + box.width <= page.width + 1
            and box.position_y + box.height <= page.height + 1
        )
    ]
