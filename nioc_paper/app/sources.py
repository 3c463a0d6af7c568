"""Sources of a paper: their printed entries, and where they are cited."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from msgspec import Struct

from nioc_paper import tree
from nioc_paper.app.gates import validate_chapter_option
from nioc_paper.app.project import Project
from nioc_paper.domain.sources import authors_and_year, citing_chapters
from nioc_paper.model import Chapter, CitationStyle, Paper, Reference
from nioc_paper.render.common.citation_wording import explain_short_names, unaligned_entries
from nioc_paper.report.printable import printable_line
from nioc_paper.system import pandoc

_DEFAULT_STYLE = CitationStyle()
_ENTRY_NUMBER = re.compile(r"[\[(]?1[\]).]+\s*")
"""Number of an entry in a numbered list of one."""


class SourceFilter(Struct, frozen=True):
    """Filter of the list of sources."""

    is_uncited: bool = False
    is_unverified: bool = False
    chapter: str | None = None
    """Id of a chapter that cites them."""

    def select(self, paper: Paper) -> Iterator[tuple[Reference, Sequence[Chapter]]]:
        """Yield the sources that match, each with the chapters that cite it."""
        chapters = citing_chapters(paper)
        for reference in paper.references.values():
            citing = chapters.get(reference.id, [])
            is_selected = (
                not (self.is_uncited and citing)
                and (reference.verify or not self.is_unverified)
                and (self.chapter is None or self.chapter in {chapter.id for chapter in citing})
            )
            if is_selected:
                yield reference, citing


def list_sources(project: Project, filter: SourceFilter) -> list[str]:
    """Return a line for each source that matches: its place, its authors and the chapters that cite it."""
    paper = project.load().paper
    validate_chapter_option(paper, filter.chapter)
    return [_format_source(*row) for row in filter.select(paper)]


def _format_source(reference: Reference, chapters: Sequence[Chapter]) -> str:
    words = ": ".join(part for part in (authors_and_year(reference), reference.title) if part)
    citations = f"cited in {', '.join(chapter.id for chapter in chapters)}" if chapters else "not cited"
    state = "; not checked" if reference.verify else ""
    return printable_line(f"{reference.place('id')}: {reference.id}: {words} ({citations}{state})")


def format_reference(reference: Reference, language: str, style: CitationStyle = _DEFAULT_STYLE) -> str:
    """Return a source as the list of references has it; empty if it cannot be set."""
    return _format_entry(_Csl(reference), language, style)


class _Csl:
    """A source as a key of a cache: the same content is the same key."""

    def __init__(self, reference: Reference) -> None:
        self.values = reference.csl()
        self.text = repr(self.values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Csl) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


@lru_cache(maxsize=64)
def _format_entry(csl: _Csl, language: str, style: CitationStyle) -> str:
    try:
        blocks, _ = pandoc.run_citeproc(
            [], [csl.values], language=language, style=style, nocite=[tree.cite(csl.values["id"])]
        )
    except pandoc.PandocError:
        return ""
    if not blocks or blocks[-1]["t"] != "Div":
        return ""
    entry = explain_short_names(unaligned_entries(blocks[-1]), [csl.values])
    return _ENTRY_NUMBER.sub("", tree.plain_text(entry["c"][1]))
