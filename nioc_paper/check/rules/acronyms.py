"""Abbreviations: in the register, written out at their first use in a chapter, once, and as the register says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from nioc_paper.check.finding import Finding
from nioc_paper.check.rules.names import find_near_names
from nioc_paper.check.text.acronym_uses import AcronymUse, expansion_span, find_expansion, find_typos, long_forms
from nioc_paper.check.text.chapter_text import ChapterText, Texts
from nioc_paper.check.text.word_index import read_word_list
from nioc_paper.model import Acronym, Paper

_NOTES_TO_SELF = frozenset({"TODO", "TBA", "TBC", "TBD", "FIXME", "XXX"})
"""Notes to oneself: another rule reports them."""


@cache
def _well_known() -> frozenset[str]:
    """Return the abbreviations that readers know better than their long forms."""
    return frozenset(read_word_list("well-known.txt"))


def _first_uses(text: ChapterText) -> Iterator[AcronymUse]:
    """Yield the first use of each abbreviation: in running text, or otherwise in a table or a caption."""
    first: dict[str, AcronymUse] = {}
    for running in (True, False):
        for use in text.acronym_uses:
            passage, _ = text.word_index.passage_at(use.start)
            is_counted = not (passage.is_heading or passage.is_record or passage.label or "term" in passage.within)
            if is_counted and passage.is_prose == running:
                first.setdefault(use.short, use)
    yield from first.values()


def _expanded_uses(text: ChapterText, acronyms: Mapping[str, Acronym]) -> Iterator[AcronymUse]:
    """Return the uses with the long form beside them."""
    return (use for use in text.acronym_uses if find_expansion(text.word_index, use, acronyms.get(use.short)))


def unexpanded_acronym(paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """An abbreviation is written out at its first use in a chapter's text; headings and fields do not count.

    Bad: The RDA looks after the bridges.
    Good: The Roads Department of Ardale (RDA) looks after the bridges.
    """
    acronyms = {a.short: a for a in paper.acronyms if not a.exempt}
    index = text.word_index
    for use in _first_uses(text):
        if use.short in acronyms and not find_expansion(index, use, acronyms[use.short]):
            hint = f"write '{acronyms[use.short].long} ({use.short})' here"
            if later := next((u for u in _expanded_uses(text, acronyms) if u.short == use.short), None):
                hint += f"; it is written out in line {index.place(later.start).line}"
            yield Finding(index.place(use.start), f"'{use.short}' is not written out at its first use", hint)


def acronym_expanded_twice(paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """An abbreviation is written out once in a chapter, and is used alone from then on.

    Bad: the Roads Department of Ardale (RDA), again
    Good: the RDA
    """
    acronyms, index = {a.short: a for a in paper.acronyms}, text.word_index
    first: dict[str, AcronymUse] = {}
    for use in _expanded_uses(text, acronyms):
        if (first_use := first.setdefault(use.short, use)) is not use:
            start, end = expansion_span(index, use, find_expansion(index, use, acronyms.get(use.short)))
            hint = f"line {index.place(first_use.start).line} does; write '{use.short}'"
            yield Finding(index.place(start), f"'{index.full_text[start:end]}' is written out again", hint)


def other_expansion(paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """An abbreviation has the meaning that the register gives it.

    Bad: the Roads Division of Ardale (RDA)
    Good: the Roads Department of Ardale (RDA)
    """
    acronyms, index = {a.short: a for a in paper.acronyms}, text.word_index
    for use in text.acronym_uses:
        acronym = acronyms.get(use.short)
        stated = find_expansion(index, use, acronym)
        long_texts = [" ".join(long.lower().split()) for long in long_forms(acronym)]
        if stated and long_texts and " ".join(stated.lower().split()) not in long_texts:
            if any(stated == near for _, near, _ in find_near_names(index, paper)):
                continue  # another rule reports slips in names
            hint = f"the register says '{acronyms[use.short].long}'"
            yield Finding(index.place(use.start), f"'{use.short}' is said to mean '{stated}'", hint)


def unknown_acronym(paper: Paper, text: Texts) -> Iterator[Finding]:
    """Every abbreviation is in the register, from which the list of abbreviations is made.

    Bad: an abbreviation that is not in paper/registers/acronyms.yaml
    Good: - {short: RDA, long: Roads Department of Ardale}
    """
    bodies = {o.acronym: o.name for o in paper.contributors.organizations if o.acronym}
    aliases = {alias for o in paper.contributors.organizations for alias in o.aka}
    known_shorts = {a.short for a in paper.acronyms} | {w for t in paper.terms for w in (t.use, *t.avoid)}
    index = text.word_index
    first = {use.short: use for use in reversed(text.acronym_uses)}
    misspelled = {use.short for use, _ in find_typos(index, text.acronym_uses, {*known_shorts, *bodies})}
    for short in first.keys() - known_shorts - aliases - misspelled - _well_known() - _NOTES_TO_SELF:
        long = bodies.get(short) or find_expansion(index, first[short], None) or "…"
        hint = _register_hint(paper, short, long)
        yield Finding(index.place(first[short].start), f"'{short}' is not in paper/registers/acronyms.yaml", hint)


def _register_hint(paper: Paper, short: str, long: str) -> str:
    other = {a.long: a.short for a in paper.acronyms}.get(long)
    if other:
        return f"write '{other}', which the register has for it, or write it out"
    return f"add '{{short: {short}, long: {long}}}' to the register, or write it out"
