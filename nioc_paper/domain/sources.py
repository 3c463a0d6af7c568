"""Sources of a paper and where it uses them. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from nioc_paper.model import Chapter, Paper, Reference, References


def cited_keys(paper: Paper) -> set[str]:
    """Return the keys of sources that chapters, facts and other sources name."""
    keys = {citation.key for chapter in paper.chapters for citation in chapter.citations}
    keys |= {fact.source for fact in paper.facts.values()}
    keys |= {conflict.source for fact in paper.facts.values() for conflict in fact.conflicts if conflict.source}
    keys |= {reference.primary for reference in paper.references.values() if reference.primary}
    return keys | {reference.seen_through for reference in paper.references.values() if reference.seen_through}


def watched_references(paper: Paper) -> References:
    """Return the sources whose words the paper answers for: those that it cites, and those kept by hand."""
    cited = cited_keys(paper)
    return References(
        references=tuple(r for r in paper.references_file.references if r.id in cited or is_kept_by_hand(r))
    )


def repeated_sources(paper: Paper) -> list[Reference]:
    """Return the sources whose keys several entries have."""
    counts = Counter(reference.id for reference in paper.references_file.references)
    repeated = {key for key, count in counts.items() if count > 1}
    return [r for r in paper.references_file.references if r.id in repeated] if repeated else []


def is_kept_by_hand(reference: Reference) -> bool:
    """Whether an author wrote the entry: a file of another kind is an export, and may hold more than is needed."""
    return reference.path.endswith((".yaml", ".yml"))


def citing_chapters(paper: Paper) -> Mapping[str, list[Chapter]]:
    """Return the chapters that cite each source, by its key; a fact that a chapter prints cites its source."""
    chapters: dict[str, list[Chapter]] = {}
    for chapter in paper.chapters:
        keys = {citation.key for citation in chapter.citations}
        keys |= {paper.facts[key[5:]].source for key in keys if key.startswith("fact-") and key[5:] in paper.facts}
        for key in keys & paper.references.keys():
            chapters.setdefault(key, []).append(chapter)
    return chapters


def author_and_year(reference: Reference) -> str:
    """Return the authors and the year of a source, as far as they are known."""
    authors = reference.extra.get("author")
    names = [a.get("literal") or a.get("family") for a in authors if isinstance(a, dict)] if authors else []
    year = re.search(r"\d{4}", str(reference.extra.get("issued", "")))
    return ", ".join([*(str(name) for name in names if name), *([year[0]] if year else [])])
