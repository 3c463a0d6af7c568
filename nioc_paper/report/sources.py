"""Format sources: each with its place, its authors and the chapters that cite it."""

from __future__ import annotations

from collections.abc import Sequence

from nioc_paper.domain.sources import author_and_year
from nioc_paper.model import Chapter, Reference
from nioc_paper.report.printable import printable_line


def format_source(reference: Reference, chapters: Sequence[Chapter]) -> str:
    """Return the line of a source that some chapters cite."""
    words = ": ".join(part for part in (author_and_year(reference), reference.title) if part)
    citations = f"cited in {', '.join(chapter.id for chapter in chapters)}" if chapters else "not cited"
    state = "; not checked" if reference.verify else ""
    return printable_line(f"{reference.place('id')}: {reference.id}: {words} ({citations}{state})")
