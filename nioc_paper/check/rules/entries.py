"""Rules about entries that are listed twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nioc_paper.check.finding import Finding, find_duplicates
from nioc_paper.domain.sources import repeated_sources, watched_references
from nioc_paper.model import Paper, Place, Record

_LABELS: Mapping[str, str] = {"on": "day", "acronym": "abbreviation"}


def duplicate_source(paper: Paper) -> Iterator[Finding]:
    """Every source, fact, decision and abbreviation is in its register once.

    Bad: two sources with the same id
    Good: one
    """
    watched = {reference.id for reference in watched_references(paper).references}
    registers = (
        [(r.id, r.place("id")) for r in repeated_sources(paper) if r.id in watched],
        [(f.id, paper.facts_file.place("facts", i, "id")) for i, f in enumerate(paper.facts_file.facts)],
        [(d.id, paper.decisions_file.place("decisions", i, "id")) for i, d in enumerate(paper.decisions)],
        [(a.short, paper.acronyms_file.place("acronyms", i, "short")) for i, a in enumerate(paper.acronyms)],
    )
    for register in registers:
        for name, place, first in find_duplicates(register):
            yield Finding(place, f"'{name}' is listed twice", f"the other is in {_line_of(first, place)}; keep one")


def _line_of(first: Place, place: Place) -> str:
    return f"line {first.line}" if first.path == place.path else f"{first.path}, line {first.line}"


def duplicate_entry(paper: Paper) -> Iterator[Finding]:
    """Every gate, event, status, category, comment or sending is listed once; no two share letters or an abbreviation.

    Bad: two gates with id: drafts, or two categories with letters: BR
    Good: ids drafts and revised, letters BR and TU
    """
    settings, timeline = paper.settings, paper.timeline
    lists: tuple[tuple[str, Sequence[Record], str], ...] = (
        ("gates", timeline.gates, "id"),
        ("events", timeline.events, "id"),
        ("holidays", timeline.holidays, "on"),
        ("statuses", settings.statuses, "id"),
        ("categories", settings.categories, "id"),
        ("categories", settings.categories, "letters"),
        ("organizations", paper.contributors.organizations, "acronym"),
        *(("clearances", c.front.clearances, "body") for c in paper.chapters),
        ("comments", [point for reviews in paper.reviews for point in reviews.points], "id"),
        *(("sendings", reviews.sendings, "id") for reviews in paper.reviews),
    )
    for key, entries, name in lists:
        for value, place, first in find_duplicates((str(getattr(e, name) or ""), e.place(name)) for e in entries):
            if value:
                hint = f"the other is in {_line_of(first, place)}; change one, or delete it"
                yield Finding(place, f"'{value}' is the {_LABELS.get(name, name)} of two {key}", hint)
