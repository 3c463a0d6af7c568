"""Backgrounds of chapter pages: running heads, page numbers, the issue, the draft mark.

They are laid out as sheets, each kind once for left and once for right pages, and merged below the pages. Of the page
numbers from 17 on few are laid out: the merge puts other digits in the place of theirs.
All are laid out if a paper's own templates print them in a way that this does not work with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from nioc_paper.model import Document
from nioc_paper.render.common.imprint import format_issue
from nioc_paper.render.common.theme import to_points
from nioc_paper.render.pdf.chapter_layout import PaperLayout
from nioc_paper.render.pdf.print_job import PrintJob
from nioc_paper.render.pdf.worker_messages import PageJob

_BLOCK_SIZE = 16
"""Page numbers of one job: an even count, so that each block starts with a right page."""


class SheetPage(NamedTuple):
    """Page of a job, to be merged below another page."""

    job: str
    page: int
    printed: str = ""
    """Number on the page that another one replaces; empty if it stays."""
    number: str = ""
    """Number in its place."""


class Background(NamedTuple):
    """Backgrounds of a page: one with the running head, one with the page number."""

    head: SheetPage
    number: SheetPage


def plan_backgrounds(
    layout: PaperLayout, print_job: PrintJob, issue: str, *, all_numbers: bool = False
) -> tuple[dict[str, PageJob], dict[int, Background]]:
    """Return the jobs of the sheets, and the background of each page by its index.

    With `all_numbers`, each page number is laid out itself.
    """
    head_indices: dict[tuple[str, bool], int] = {}
    number_jobs: dict[str, PageJob] = {}
    backgrounds: dict[int, Background] = {}
    for index, title, is_wide, is_front in _chapter_pages(layout):
        head_index = head_indices.setdefault((title, is_wide), len(head_indices))
        label = index if is_front else index - layout.page_numbers.main_start
        printed_label = label if is_front or all_numbers else similar_label(label)
        first = printed_label // _BLOCK_SIZE * _BLOCK_SIZE
        name = f"numbers-{'front' if is_front else 'text'}-{'wide' if is_wide else 'tall'}-{first}"
        if name not in number_jobs:
            counter = print_job.words["front_counter" if is_front else "counter"]
            number_jobs[name] = _background_job(
                print_job, first=first + 1, counter=counter, sheets=[("", is_wide)] * _BLOCK_SIZE
            )
        numbers = () if printed_label == label else (str(printed_label + 1), str(label + 1))
        backgrounds[index] = Background(
            SheetPage("heads", 2 * head_index + index % 2),
            SheetPage(name, printed_label - first, *numbers),
        )
    heads = [kind for kind in head_indices for _ in range(2)]
    return {"heads": _background_job(print_job, first=None, issue=issue, sheets=heads)} | number_jobs, backgrounds


def similar_label(label: int) -> int:
    """Return the label of the page number whose digits this one replaces: as many, and on the same side of a sheet.

    Labels count from 0, page numbers from 1. Those of the first block are laid out themselves.
    """
    if label < _BLOCK_SIZE:
        return label
    return int(10 ** (len(str(label + 1)) - 1)) + label % 2  # numbers 11 or 12, 101 or 102


def _chapter_pages(layout: PaperLayout) -> Iterable[tuple[int, str, bool, bool]]:
    """Yield each page of a chapter: index, running title, whether it is wide, whether it is of the front."""
    for piece, result, first in zip(layout.pieces, layout.printed_pieces, layout.first_pages, strict=True):
        if not piece.has_own_heads:
            for number, (width, height) in enumerate(result.piece.sizes):
                yield first + number, piece.title if number else "", width > height, piece.is_front


def _background_job(
    print_job: PrintJob, *, first: int | None, sheets: Sequence[tuple[str, bool]], counter: str = "", issue: str = ""
) -> PageJob:
    page = print_job.renderer.render("print/running.html", first=first, counter=counter, issue=issue, sheets=sheets)
    return {**print_job.page_job(page), "piece": "running", "sheet": True, "lines": False, "bars": ""}


def issue_line(document: Document, print_job: PrintJob) -> str:
    """Return the line at the foot of every page of a draft: edition, date and version."""
    words = print_job.words
    review = words["review_copy"] if document.copy.review else ""
    return " · ".join(filter(None, (review, format_issue(document, words)))) if document.draft else ""


def inner_margin_excess(values: Mapping[str, str]) -> float:
    """Return the difference of the inner and the outer margin in points."""
    return to_points(values["margin-inner"]) - to_points(values["margin-outer"])
