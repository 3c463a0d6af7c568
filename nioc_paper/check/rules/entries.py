"""Rules about entries that are listed twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nioc_paper.check.finding import Finding, find_duplicates
from nioc_paper.domain.sources import repeated_sources, watched_references
from nioc_paper.model import Paper, Record

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
            line = f"line {first.line}" if first.path == place.path else f"{first.path}, line {first.line}"
            yield Finding(place, f"'{name}' is listed twice", f"the other is in {line}; keep one")


def duplicate_entry(paper: Paper) -> Iterator[Finding]:
    """Every gate, event, holiday, status and category is listed once, and no two share letters or an abbreviation.

    Bad: two gates with id: drafts, or two categories with letters: BR
    Good: ids drafts and revised, letters BR and TU
    """
    settings, timeline, contributors = paper.settings, paper.timeline, paper.contributors
    lists: tuple[tuple[Record, str, tuple[Record, ...], str], ...] = (
        (timeline, "gates", timeline.gates, "id"),
        (timeline, "events", timeline.events, "id"),
        (timeline, "holidays", timeline.holidays, "on"),
        (settings, "statuses", settings.statuses, "id"),
        (settings, "categories", settings.categories, "id"),
        (settings, "categories", settings.categories, "letters"),
        (contributors, "organizations", contributors.organizations, "acronym"),
        *((c.front, "clearances", c.front.clearances, "body") for c in paper.chapters),
    )
    for record, key, entries, name in lists:
        values = ((str(getattr(e, name) or ""), record.place(key, i, name)) for i, e in enumerate(entries))
        for value, place, first in find_duplicates(values):
            if value:
                hint = f"the other is in line {first.line}; change one, or delete it"
                yield Finding(place, f"'{value}' is the {_LABELS.get(name, name)} of two {key}", hint)
