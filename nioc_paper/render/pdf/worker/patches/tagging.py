"""What the HTML knows and WeasyPrint leaves out of the structure of a PDF, written into it as it is built.

A function of WeasyPrint's is replaced for this: nowhere else are a box and the structure element that stands for it at
hand together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any
from xml.etree.ElementTree import Element

from nioc_paper.render.pdf.markers import BLANK_ATTRIBUTE, NOTE_KEY, SOURCE_KEY
from nioc_paper.render.pdf.results import BlankNumber
from nioc_paper.render.pdf.worker.patches.state import PatchState

_SOFT_HYPHEN = "\u00ad"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ROLE_BY_TAG: Mapping[str, str] = MappingProxyType(
    {
        "figure": "Div",
        "pre": "P",
        "dt": "Lbl",
        "span::footnote-call": "Reference",
        "span::footnote-marker": "Lbl",
    }
)
"""What stands for an element, or for a part of it that the style sheet adds, where WeasyPrint says something vaguer."""
_NOTE_ID_SUFFIXES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"span::footnote-call": ("", "-call"), "span::footnote-marker": ("-call", "")}
)
"""Where the number of a note leads, and what is its own place, after the id of the note."""
_GENERIC_ROLES = ("NonStruct", "LBody", "Span")


def install(state: PatchState) -> None:
    """Replace `_build_box_tree`: each structure element gets what its HTML element says of it.

    `state.blanks` takes the blank page numbers.
    """
    import pydyf
    from weasyprint.pdf import tags

    original = tags._build_box_tree  # noqa: SLF001 - see above

    def build_described_tree(
        box: Any, parent: Any, pdf: Any, page: int, nums: dict[int, Any], *rest: Any
    ) -> Iterator[Any]:
        box = getattr(box, "_box", box)  # what is placed absolutely comes wrapped
        broken_words = _broken_words(box, rest[-1])
        state.blanks.extend(_blank_numbers(box, page, rest[-1]))
        for element in original(box, parent, pdf, page, nums, *rest):
            if SOURCE_KEY not in element and box.element is not None:
                key = (box.element, box.element_tag)
                element[SOURCE_KEY] = state.source_numbers.setdefault(key, len(state.source_numbers) + 1)
                _describe_element(element, box, pydyf.String)
            yield element
        for mark, text in broken_words.items():
            holder = pdf.objects[int(nums[mark].split()[0])]
            if holder["S"] != "/Link":  # one stands for all of its lines
                holder["ActualText"] = pydyf.String(text)

    tags._build_box_tree = build_described_tree  # noqa: SLF001


def link_notes(pages: Iterable[Any]) -> None:
    """Link the call of every note with the note, and the number of the note with its call."""
    for page in pages:
        for box in page._page_box.descendants(placeholders=True):  # noqa: SLF001 - there is no public way to the boxes
            if box.element_tag in _NOTE_ID_SUFFIXES and not hasattr(box, "text"):
                target_suffix, own_suffix = _NOTE_ID_SUFFIXES[box.element_tag]
                x, y, width, height = box.hit_area()
                name = box.element.get("id", "")
                page.links.append(("internal", name + target_suffix, (x, y, x + width, y + height), box))
                page.anchors.setdefault(name + own_suffix, (x, y, x + width, y + height))


def _describe_element(element: Any, box: Any, to_pdf_string: Callable[[str], Any]) -> None:
    """Role, language, scope, identity and the words of a link."""
    html: Element = box.element
    tag: str = box.element_tag
    if type(box.style).__name__ == "AnonymousStyle":  # a box around others that the layout needs
        return
    if element["S"].lstrip("/") in _GENERIC_ROLES and tag in _ROLE_BY_TAG:
        element["S"] = f"/{_ROLE_BY_TAG[tag]}"
    if "footnote" in (html.get("class") or "").split():
        element[NOTE_KEY] = to_pdf_string(html.get("id", ""))
        element["S"] = "/Note" if tag == html.tag else element["S"]
    if (language := html.get("lang") or html.get(_XML_LANG)) and tag == html.tag:
        element["Lang"] = to_pdf_string(language)
    if tag == "section" and "list" in (html.get("class") or "").split():
        element["S"] = "/TOC"
    if element["S"] == "/TH":
        element["A"]["Scope"] = "/Row" if html.get("scope") == "row" else "/Column"
    if box.link_annotation:
        is_own_text = html.tag in (tag, "a")  # not the page that the style sheet adds: it may change
        words = html.itertext() if is_own_text else (getattr(part, "text", "") for part in box.descendants())
        box.link_annotation["Contents"] = to_pdf_string(" ".join("".join(words).split()) or html.get("href", ""))


def _broken_words(box: Any, marks: Mapping[Any, Mapping[str, Any]]) -> dict[int, str]:
    """Lines of a box that end in a word which the engine broke, by their mark: without a hyphen that nobody wrote."""
    return {
        marks[line]["mcid"]: line.text[:-1] + _SOFT_HYPHEN
        for line in _line_boxes(box)
        if line in marks and getattr(line, "text", "").endswith("-") and not _is_authors_hyphen(line)
    }


def _blank_numbers(box: Any, page: int, marks: Mapping[Any, Mapping[str, Any]]) -> Iterator[BlankNumber]:
    """The number of a page after a link, where the HTML leaves it blank."""
    if box.element_tag == "a::after" and (target := box.element.get(BLANK_ATTRIBUTE)):
        yield from (BlankNumber(page, marks[line]["mcid"], target) for line in _line_boxes(box) if line in marks)


def _line_boxes(box: Any) -> Iterator[Any]:
    return (line for child in getattr(box, "children", ()) for line in (child, *getattr(child, "children", ())))


def _is_authors_hyphen(line: Any) -> bool:
    """Whether the hyphen at the end of a line is the author's."""
    return line.text.split()[-1].casefold() in "".join(line.element.itertext()).casefold()
