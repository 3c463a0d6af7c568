"""What lies on the pages of chapters that are laid out apart: running heads, numbers, the issue, the draft mark.

They are laid out as sheets of their own, each kind once for either hand, and put under the pages when these are joined.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from nioc_paper.model import Document
from nioc_paper.render.print.apart import LaidOut
from nioc_paper.render.print.job import Ready
from nioc_paper.wording import day

_FIRST, _BLOCK = 16, 64
"""Numbers that are laid out at once, at first few: even counts, so that each block begins with a right hand."""


class Sheet(NamedTuple):
    """A page of a job: what is laid under one page."""

    job: str
    page: int


@dataclass(frozen=True, slots=True)
class Under:
    """What is laid under a page of a chapter: the sheet with its head, and that with its number."""

    head: Sheet
    number: Sheet


def plan(laid: LaidOut, given: Ready, issue: str) -> tuple[dict[str, Any], dict[int, Under]]:
    """The jobs that make the sheets, and what is laid under which page, by its index from 0."""
    kinds: dict[tuple[str, bool], int] = {}
    numbers: dict[str, dict[str, Any]] = {}
    under: dict[int, Under] = {}
    for index, title, wide, is_front in _pages(laid):
        place = kinds.setdefault((title, wide), len(kinds))
        label = index if is_front else index - laid.pages.main
        block = block_of(label)
        name = f"numbers-{'front' if is_front else 'text'}-{'wide' if wide else 'tall'}-{block.start}"
        if name not in numbers:
            counter = given.words["front_counter" if is_front else "counter"]
            numbers[name] = _job(given, first=block.start + 1, counter=counter, sheets=[("", wide)] * len(block))
        under[index] = Under(Sheet("heads", 2 * place + index % 2), Sheet(name, label - block.start))
    both = [kind for kind in kinds for _ in range(2)]
    return {"heads": _job(given, first=0, issue=issue, sheets=both)} | numbers, under


def block_of(label: int) -> range:
    """Return the numbers that are laid out together with this one, counted from 0."""
    if label < _FIRST:
        return range(_FIRST)
    start = label // _BLOCK * _BLOCK
    return range(max(start, _FIRST), start + _BLOCK)


def _pages(laid: LaidOut) -> Iterable[tuple[int, str, bool, bool]]:
    """Each page of a chapter: its index, what stands over it, whether it is a wide one, whether it is of the front."""
    found = [told for told, _ in laid.printed]
    for piece, told, first in zip(laid.pieces, found, laid.firsts, strict=True):
        if not piece.lists:
            for number, (width, height) in enumerate(told["sizes"]):
                yield first + number, piece.title if number else "", width > height, piece.front


def _job(given: Ready, *, first: int, sheets: Sequence[tuple[str, bool]], counter: str = "", issue: str = "") -> Any:
    job = given.job(given.html("print/running.html", first=first, counter=counter, issue=issue, sheets=sheets))
    return job | {"piece": "running", "sheet": True, "lines": False, "bars": ""}


def issue(document: Document, given: Ready) -> str:
    """What stands at the foot of every page of a draft: which state of the paper it is."""
    words, date = given.words, day(document.date, given.words)
    review = words["review_copy"] if document.copy.review else ""
    parts = (review, document.edition, date, document.version) if document.draft else ()
    return " · ".join(filter(None, parts))


def inside_margins(values: Mapping[str, str]) -> float:
    """By how many points the inner margin is wider than the outer one."""
    return _points(values["margin-inner"]) - _points(values["margin-outer"])


def _points(length: str) -> float:
    return float(length.removesuffix("mm")) / 25.4 * 72
