"""Words that the paper prefers, and words that it avoids."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from nioc_paper.check.finding import Finding
from nioc_paper.check.prose import Passage
from nioc_paper.check.words import Phrases, Text, texts
from nioc_paper.model import Paper, Term


def avoided_word(paper: Paper) -> Iterator[Finding]:
    """The text uses the words that terms.yaml prefers; quotations and names keep their own.

    Bad: the load limit of a bridge
    Good: the weight limit of a bridge
    """
    single = {word.lower(): term for term in paper.terms for word in term.avoid}
    avoided = {_plural(word): term for word, term in single.items()} | single
    # A word inside a preferred term or a name is no fault, and inside a longer one to avoid it is the same fault.
    right = {word for word in _right(paper) if any(avoid in word for avoid in single)} - {*single}
    phrases = _phrases(frozenset([*(w for t in paper.terms for a in t.avoid for w in (a, _plural(a))), *right]))
    for text in texts(paper) if single else ():
        for found in phrases.find(text):
            word = " ".join(found[0].lower().split())
            term = avoided.get(word)
            if term and word not in right and _holds(term, text, found):
                note = f". {term.note}" if term.note else ""
                hint = f"write '{term.use}'" + (", in the plural" * (word not in single)) + note
                yield Finding(text.place(found.start()), f"the paper avoids '{found[0]}'", hint)


@lru_cache(maxsize=4)
def _phrases(words: frozenset[str]) -> Phrases:
    return Phrases(words)


def _right(paper: Paper) -> Iterator[str]:
    for words in (*(t.use for t in paper.terms), *names(paper)):
        yield words.lower()
        yield _plural(words.lower())


def names(paper: Paper) -> Iterator[str]:
    """What is spelled in its own way: people, organizations, and abbreviations in full."""
    yield from (person.name for person in paper.contributors.people)
    yield from (body.name for body in paper.contributors.organizations)
    for acronym in paper.acronyms:
        yield acronym.long


def _plural(word: str) -> str:
    if re.search("[^aeiou]y$", word):
        return word[:-1] + "ies"
    if not word[-1:].isalpha() or word.endswith("s"):
        return word
    return word + ("es" if word.endswith(("x", "ch", "sh")) else "s")


def _holds(term: Term, text: Text, found: re.Match[str]) -> bool:
    """Whether a term is asked for here: the scope `prose` leaves out headings, tables and captions."""
    passage, _ = text.where(found.start())
    if term.scope == "prose" and not is_prose(passage):
        return False
    return not text.named(found.start(), found.end())


def is_prose(passage: Passage) -> bool:
    """Whether a passage is running text: no heading, cell or caption."""
    return not passage.heading and not {"cell", "caption"} & {*passage.within}
