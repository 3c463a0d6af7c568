"""Words that the paper prefers, and words that it avoids."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from nioc_paper.check.finding import Finding
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.check.text.passages import Passage
from nioc_paper.check.text.word_index import PhraseMatcher, WordIndex
from nioc_paper.model import Paper, Term


def avoided_word(paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """The text uses the words that terms.yaml prefers; quotations and names keep their own.

    Bad: the load limit of a bridge
    Good: the weight limit of a bridge
    """
    single = {word.lower(): term for term in paper.terms for word in term.avoid}
    avoided = {_plural_of(word): term for word, term in single.items()} | single
    # A word inside a preferred term or a name is no fault, and inside a longer one to avoid it is the same fault.
    protected = {word for word in _preferred_forms(paper) if any(avoid in word for avoid in single)} - {*single}
    phrases = _phrase_matcher(
        frozenset([*(w for t in paper.terms for a in t.avoid for w in (a, _plural_of(a))), *protected])
    )
    index = text.word_index
    for match in phrases.find(index) if single else ():
        word = " ".join(match[0].lower().split())
        term = avoided.get(word)
        if term and word not in protected and _applies_to(term, index, match):
            note = f". {term.note}" if term.note else ""
            hint = f"write '{term.use}'" + (", in the plural" * (word not in single)) + note
            yield Finding(index.place(match.start()), f"the paper avoids '{match[0]}'", hint)


@lru_cache(maxsize=4)
def _phrase_matcher(words: frozenset[str]) -> PhraseMatcher:
    return PhraseMatcher(words)


def _preferred_forms(paper: Paper) -> Iterator[str]:
    for words in (*(t.use for t in paper.terms), *proper_names(paper)):
        yield words.lower()
        yield _plural_of(words.lower())


def proper_names(paper: Paper) -> Iterator[str]:
    """What is spelled in its own way: people, organizations, and abbreviations in full."""
    yield from (person.name for person in paper.contributors.people)
    yield from (body.name for body in paper.contributors.organizations)
    for acronym in paper.acronyms:
        yield acronym.long


def _plural_of(word: str) -> str:
    if re.search("[^aeiou]y$", word):
        return word[:-1] + "ies"
    if not word[-1:].isalpha() or word.endswith("s"):
        return word
    return word + ("es" if word.endswith(("x", "ch", "sh")) else "s")


def _applies_to(term: Term, index: WordIndex, match: re.Match[str]) -> bool:
    """Whether a term is asked for here: the scope `prose` leaves out headings, tables and captions."""
    passage, _ = index.passage_at(match.start())
    if term.scope == "prose" and not is_prose(passage):
        return False
    return not index.is_in_name(match.start(), match.end())


def is_prose(passage: Passage) -> bool:
    """Whether a passage is running text: no heading, cell or caption."""
    return not passage.is_heading and not {"cell", "caption"} & {*passage.within}
