"""Dates and names in charts that are drawn from records, taken from their sources. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from nioc_paper.domain.citations_as_text import author_and_year, cited_names, shared_names, source_names
from nioc_paper.model import Reference, TimelineChart, TimelineEntry
from nioc_paper.model.lazy_regex import late_pattern

_DATE = late_pattern(r"\d{4}(-\d\d(-\d\d)?)?")


class DatedEntry(NamedTuple):
    """Entry of a timeline with its date, as precise as it is known, and its text."""

    on: str
    """YYYY, YYYY-MM or YYYY-MM-DD."""
    text: str
    group: str
    source: str
    """Name of the source in the diagram."""

    @property
    def first(self) -> date:
        """First day on which it may have been."""
        year, month, day = (*map(int, self.on.split("-")), 1, 1)[:3]
        return date(year, month, day)

    @property
    def last(self) -> date:
        """Last day on which it may have been."""
        if self.on.count("-") == 2:
            return self.first
        year, month = (self.first.year, self.first.month) if "-" in self.on else (self.first.year, 12)
        following = date(year + month // 12, month % 12 + 1, 1) if year < date.max.year else date.max
        return following - timedelta(days=1)


def entry_date(entry: TimelineEntry, references: Mapping[str, Reference]) -> str:
    """Return the date of an entry: its own, or that of its source; empty without one that exists."""
    text = entry.date or (_issue_date(references[entry.source]) if entry.source in references else "")
    try:
        return text if text and DatedEntry(text, "", "", "").first else ""
    except ValueError:
        return ""


def _issue_date(reference: Reference) -> str:
    """Return the date of issue of a source, as precise as it is given."""
    issued = reference.extra.get("issued", "")
    if isinstance(issued, Mapping):
        first = [*(issued.get("date-parts") or ()), []][0]
        issued = "-".join(f"{int(part):0{2 + 2 * (not n)}d}" for n, part in enumerate(first) if str(part).isdigit())
    match = _DATE.match(str(issued))
    return match[0] if match else ""


def dated_entries(timeline: TimelineChart, references: Mapping[str, Reference]) -> list[DatedEntry]:
    """Return the entries that have a date, group by group in the order in which they are named, then by date."""
    groups = [*dict.fromkeys(entry.group or "" for entry in timeline.entries)]
    names = name_sources((entry.source for entry in timeline.entries), references)
    out = [
        DatedEntry(on, _text_of(entry, references), entry.group or "", names[entry.source])
        for entry in timeline.entries
        if (on := entry_date(entry, references))
    ]
    return sorted(out, key=lambda entry: (groups.index(entry.group), entry.first, entry.last))


def name_sources(keys: Iterable[str], references: Mapping[str, Reference]) -> dict[str, str]:
    """Return the names of a diagram's sources by their keys.

    Of a source that shares authors and year with another, the authors are enough if the diagram has no other of them:
    the line of sources below has the year with its letter.
    """
    names, shared = source_names(keys, references), shared_names(references)
    known = {key: references[key] for key in names if key in references}
    authors = {key: cited_names(source, "and") for key, source in known.items()}
    counts = Counter(authors.values())
    return names | {
        key: authors[key]
        for key, source in known.items()
        if counts[authors[key]] == 1 and author_and_year(source) in shared
    }


def _text_of(entry: TimelineEntry, references: Mapping[str, Reference]) -> str:
    """Return the text of an entry, or the title of its source; of a law the short one."""
    source = references.get(entry.source)
    if entry.text or source is None:
        return entry.text or entry.source
    return cited_names(source, "and") if source.is_law else source.title
