"""What lies on the pages of chapters that are laid out apart: running heads, numbers, the issue, the draft mark.

They are laid out as sheets of their own, each kind once for either hand, and put under the pages when these are joined.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from nioc_paper.model import Document
from nioc_paper.render.pdf.chapters import PaperLayout
from nioc_paper.render.pdf.job import PrintJob
from nioc_paper.render.pdf.results import PageJob
from nioc_paper.wording import format_date

_FIRST_BLOCK_SIZE, _BLOCK_SIZE = 16, 64
"""Numbers that are laid out at once, at first few: even counts, so that each block begins with a right hand."""


class SheetPage(NamedTuple):
    """A page of a job: what is laid under one page."""

    job: str
    page: int


@dataclass(frozen=True, slots=True)
class Background:
    """What is laid under a page of a chapter: the sheet with its head, and that with its number."""

    head: SheetPage
    number: SheetPage


def plan_backgrounds(
    layout: PaperLayout, print_job: PrintJob, issue: str
) -> tuple[dict[str, PageJob], dict[int, Background]]:
    """The jobs that make the sheets, and what is laid under which page, by its index from 0."""
    head_indices: dict[tuple[str, bool], int] = {}
    number_jobs: dict[str, PageJob] = {}
    backgrounds: dict[int, Background] = {}
    for index, title, is_wide, is_front in _chapter_pages(layout):
        head_index = head_indices.setdefault((title, is_wide), len(head_indices))
        label = index if is_front else index - layout.page_numbers.main_start
        block = block_of(label)
        name = f"numbers-{'front' if is_front else 'text'}-{'wide' if is_wide else 'tall'}-{block.start}"
        if name not in number_jobs:
            counter = print_job.words["front_counter" if is_front else "counter"]
            number_jobs[name] = _background_job(
                print_job, first=block.start + 1, counter=counter, sheets=[("", is_wide)] * len(block)
            )
        backgrounds[index] = Background(
            SheetPage("heads", 2 * head_index + index % 2), SheetPage(name, label - block.start)
        )
    heads = [kind for kind in head_indices for _ in range(2)]
    return {"heads": _background_job(print_job, first=0, issue=issue, sheets=heads)} | number_jobs, backgrounds


def block_of(label: int) -> range:
    """Return the numbers that are laid out together with this one, counted from 0."""
    if label < _FIRST_BLOCK_SIZE:
        return range(_FIRST_BLOCK_SIZE)
    start = label // _BLOCK_SIZE * _BLOCK_SIZE
    return range(max(start, _FIRST_BLOCK_SIZE), start + _BLOCK_SIZE)


def _chapter_pages(layout: PaperLayout) -> Iterable[tuple[int, str, bool, bool]]:
    """Each page of a chapter: its index, what stands over it, whether it is a wide one, whether it is of the front."""
    for piece, result, first in zip(layout.pieces, layout.printed_pieces, layout.first_pages, strict=True):
        if not piece.cites_all_pages:
            for number, (width, height) in enumerate(result.piece.sizes):
                yield first + number, piece.title if number else "", width > height, piece.is_front


def _background_job(
    print_job: PrintJob, *, first: int, sheets: Sequence[tuple[str, bool]], counter: str = "", issue: str = ""
) -> PageJob:
    job = print_job.page_job(
        print_job.render_html("print/running.html", first=first, counter=counter, issue=issue, sheets=sheets)
    )
    return {**job, "piece": "running", "sheet": True, "lines": False, "bars": ""}


def issue_line(document: Document, print_job: PrintJob) -> str:
    """What stands at the foot of every page of a draft: which state of the paper it is."""
    words, date = print_job.words, format_date(document.date, print_job.words)
    review = words["review_copy"] if document.copy.review else ""
    parts = (review, document.edition, date, document.version) if document.draft else ()
    return " · ".join(filter(None, parts))


def inner_margin_excess(values: Mapping[str, str]) -> float:
    """By how many points the inner margin is wider than the outer one."""
    return _to_points(values["margin-inner"]) - _to_points(values["margin-outer"])


def _to_points(length: str) -> float:
    return float(length.removesuffix("mm")) / 25.4 * 72
