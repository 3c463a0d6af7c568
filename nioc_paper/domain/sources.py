"""Sources of a paper and where it uses them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from nioc_paper.model import Chapter, Paper, Reference, References

ALL_SOURCES = "*"
"""Name of all sources under `nocite`."""


def uncited_sources(paper: Paper) -> tuple[str, ...]:
    """Return the keys of the sources that the list of references has although nothing cites them."""
    keys = paper.settings.nocite
    return tuple(paper.references if ALL_SOURCES in keys else dict.fromkeys(k for k in keys if k in paper.references))


def cited_keys(paper: Paper) -> set[str]:
    """Return the keys of sources that chapters, facts, terms and other sources name."""
    keys = {citation.key for chapter in paper.chapters for citation in chapter.all_citations}
    keys |= {fact.source for fact in paper.facts.values()}
    keys |= {conflict.source for fact in paper.facts.values() for conflict in fact.conflicts if conflict.source}
    keys |= {term.source for term in paper.terms if term.source}
    keys |= {reference.primary for reference in paper.references.values() if reference.primary}
    keys.update(uncited_sources(paper))
    return keys | {reference.seen_through for reference in paper.references.values() if reference.seen_through}


def watched_references(paper: Paper) -> References:
    """Return the sources whose words the paper answers for: those that it cites, and those kept by hand."""
    cited = cited_keys(paper)
    return References(
        references=tuple(r for r in paper.references_file.references if r.id in cited or is_kept_by_hand(r))
    )


def is_kept_by_hand(reference: Reference) -> bool:
    """Whether an author wrote the entry: a file of another kind is an export, and may hold more than is needed."""
    return reference.path.endswith((".yaml", ".yml"))


def citing_chapters(paper: Paper) -> Mapping[str, list[Chapter]]:
    """Return the chapters that cite each source, by its key; a fact that a chapter prints cites its source."""
    chapters: dict[str, list[Chapter]] = {}
    for chapter in paper.chapters:
        keys = {citation.key for citation in chapter.citations}
        keys |= {paper.facts[key[5:]].source for key in keys if key.startswith("fact-") and key[5:] in paper.facts}
        cited = keys & paper.references.keys()
        cited |= {seen for key in cited if (seen := paper.references[key].seen_through) in paper.references and seen}
        for key in cited:
            chapters.setdefault(key, []).append(chapter)
    return chapters


def authors_and_year(reference: Reference) -> str:
    """Return all authors and the year of a source, as far as they are known."""
    return ", ".join(filter(None, (*reference.author_names, reference.year)))
