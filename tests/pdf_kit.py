"""Pages of a document as a reader sees them: lines of text, with their places and the elements around them."""

from __future__ import annotations

import os
import pkgutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from ctypes.util import find_library
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from unittest import mock
from xml.etree.ElementTree import Element

from nioc_paper.model import Document
from nioc_paper.render.common import charts, fonts, special_fonts
from nioc_paper.render.common.image_embedding import Picture
from nioc_paper.render.common.theme import read_theme
from nioc_paper.render.pdf.print_job import prepare_job
from nioc_paper.render.pdf.worker_messages import PageJob
from nioc_paper.system.files import default_templates

TEMPLATES = default_templates()
_BASE = "https://paper.invalid/"
_MM = 25.4 / 96
"""The engine's pixels in millimetres."""


@dataclass(frozen=True)
class Line:
    """A line of text; its edges are millimetres from the top and the left edge of the page."""

    text: str
    top: float
    bottom: float
    left: float
    right: float
    inside: tuple[Element, ...]
    """The element that it is in, and those around that, the innermost first."""
    calls: tuple[str, ...]
    """Ids of the notes that it calls."""

    def part_of(self, name: str) -> bool:
        """Whether it is in an element of this class or with this tag."""
        return self.element(name) is not None

    def element(self, name: str) -> Element | None:
        """The innermost element of this class, or with this tag, around it."""
        return next((e for e in self.inside if name == e.tag or name in (e.get("class") or "").split()), None)


@dataclass(frozen=True)
class Page:
    """A page; `top` and `foot` are where its text may begin and where it must end, above the notes."""

    wide: bool
    top: float
    foot: float
    lines: tuple[Line, ...]
    """Lines of the text, from top to bottom, without notes."""
    notes: tuple[Line, ...]
    """Lines of the notes, in the margin beside the text and at its foot."""
    margins: tuple[str, ...]
    """Text in the margins: running heads, the number of the page."""

    @cached_property
    def text(self) -> str:
        """All lines, a blank between them."""
        return " ".join(line.text for line in self.lines)

    @property
    def number(self) -> str:
        """The number of the page, arabic or roman; empty where none is printed."""
        return next((text for text in self.margins if text.isdigit() or not set(text) - set("ivxl")), "")

    @property
    def fill(self) -> float:
        """How much of the height is used, from 0 to 1."""
        lowest = max((line.bottom for line in self.lines), default=self.top)
        return (lowest - self.top) / (self.foot - self.top)


def whole_job(document: Document, pictures: Mapping[str, Picture]) -> PageJob:
    """Return the job of a document that is laid out in one piece."""
    look, script_font = read_theme(TEMPLATES), special_fonts.script_font_of(document)
    files = [*script_font.font_files.values()] if script_font else []
    return prepare_job(document, TEMPLATES, look, pictures, files).whole_job()


def pages(document: Document, scratch: Path) -> list[Page]:
    """The pages of a document, laid out as the PDF is."""
    look = read_theme(TEMPLATES)
    job = whole_job(document, charts.collect_pictures(document, look, print))
    html, laid_out = _lay_out(job, scratch)
    parents = {child: parent for parent in html.iter() for child in parent}
    return [_page(page, parents) for page in laid_out]


def _lay_out(job: Mapping[str, Any], scratch: Path) -> tuple[Any, list[Any]]:
    (scratch / "fonts.conf").write_text(fonts.fontconfig_xml(scratch / "cache"), encoding="utf-8")
    os.environ["FONTCONFIG_FILE"] = str(scratch / "fonts.conf")
    from nioc_paper.render.pdf.worker.patches import patch_table
    from nioc_paper.render.pdf.worker.patches.patch_state import PatchState

    state = PatchState()
    with mock.patch("ctypes.util.find_library", patch_table.skip_search(find_library, state)):
        import weasyprint

        from nioc_paper.render.pdf.worker.engine import ClosedFetcher, lay_out, render_with_twins
        from nioc_paper.render.pdf.worker.patches.tagging import wrap_builder, wrap_page

    files = {_BASE + name: asset for name, asset in job["assets"].items()}
    html = weasyprint.HTML(string=job["html"], base_url=_BASE, url_fetcher=ClosedFetcher(files))
    with ExitStack() as stack:
        for patch in [patch for patch in patch_table.PATCHES if patch.wrap in (wrap_builder, wrap_page)]:
            stack.enter_context(mock.patch(patch.target, patch.wrap(pkgutil.resolve_name(patch.target), state)))
        document = lay_out(html, lambda: render_with_twins(html, state, pdf_variant="pdf/a-3a"))
    return html.etree_element, document.pages


def _page(page: Any, parents: Mapping[Element, Element]) -> Page:
    box = page._page_box
    areas: dict[str, list[Line]] = {"BlockBox": [], "FootnoteAreaBox": [], "MarginBox": []}
    for child in box.children:
        areas.setdefault(type(child).__name__, []).extend(_lines(child, parents))
    text, at_foot = (sorted(areas[kind], key=lambda line: line.top) for kind in ("BlockBox", "FootnoteAreaBox"))
    foot = min((line.top for line in at_foot), default=(box.content_box_y() + box.height) * _MM)
    beside = [line for line in text if line.part_of("beside")]
    return Page(
        wide=page.width > page.height,
        top=box.content_box_y() * _MM,
        foot=foot,
        lines=tuple(line for line in text if line not in beside),
        notes=(*beside, *at_foot),
        margins=tuple(line.text for line in areas["MarginBox"]),
    )


def _lines(box: Any, parents: Mapping[Element, Element]) -> Iterator[Line]:
    for part in box.descendants(placeholders=True):
        kind = type(part).__name__
        if kind == "LineBox" or "Replaced" in kind:
            inner = [*part.descendants()] if kind == "LineBox" else [part]
            words = [b for b in inner if hasattr(b, "text") and b.text.strip()] if kind == "LineBox" else [part]
            text = "".join(b.text for b in inner if hasattr(b, "text")).strip() if kind == "LineBox" else "[picture]"
            if text:
                top, bottom = part.position_y * _MM, (part.position_y + part.height) * _MM
                left = min(b.position_x for b in words) * _MM
                right = max(b.position_x + b.width for b in words) * _MM
                yield Line(text, top, bottom, left, right, _around(part, parents), tuple(_calls(inner)))


def _calls(boxes: list[Any]) -> Iterator[str]:
    """Yield the ids of the notes whose numbers are among the boxes."""
    for box in boxes:
        if box.element_tag == "span::footnote-call" and not hasattr(box, "text"):
            yield box.element.get("id")
        elif box.element_tag == "span" and "note-call" in (box.element.get("class") or ""):
            yield box.element.get("id").removesuffix("-call")


def _around(box: Any, parents: Mapping[Element, Element]) -> tuple[Element, ...]:
    element, elements = box.element, []
    while element is not None:
        elements.append(element)
        element = parents.get(element)
    return tuple(elements)
