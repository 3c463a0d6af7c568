"""Rule about words to avoid."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from nioc_paper.check.finding import Finding
from nioc_paper.check.text.chapter_text import Texts
from nioc_paper.check.text.word_index import PhraseMatcher, WordIndex
from nioc_paper.model import Paper, Term


def avoided_word(paper: Paper, text: Texts) -> Iterator[Finding]:
    """The text uses the words that terms.yaml prefers; quotations and names keep their own.

    Bad: the load limit of a bridge
    Good: the weight limit of a bridge
    """
    if not any(term.avoid for term in paper.terms):
        return
    forms, index = _avoided_forms(paper), text.word_index
    for match in forms.matcher.find(index):
        word = " ".join(match[0].lower().split())
        term = forms.find_term(word)
        if term and _applies_to(term, index, match):
            hint = _hint(term, is_plural=word not in forms.singulars)
            yield Finding(index.place(match.start()), f"the paper avoids '{match[0]}'", hint)


class _AvoidedForms(NamedTuple):
    """Words to avoid, in lower case, and right words that contain one of them."""

    singulars: Mapping[str, Term]
    plurals: Mapping[str, Term]
    protected: frozenset[str]
    matcher: PhraseMatcher

    def find_term(self, word: str) -> Term | None:
        """Return the term that avoids a word."""
        return None if word in self.protected else self.singulars.get(word) or self.plurals.get(word)


def _avoided_forms(paper: Paper) -> _AvoidedForms:
    singulars = {word.lower(): term for term in paper.terms for word in term.avoid}
    plurals = {_plural_of(word): term for word, term in singulars.items()}
    # A word inside a preferred term or a name is not a fault; inside a longer one to avoid it is the same fault.
    preferred = (word for word in _preferred_forms(paper) if word not in singulars)
    protected = frozenset(word for word in preferred if any(avoid in word for avoid in singulars))
    written = (form for term in paper.terms for word in term.avoid for form in (word, _plural_of(word)))
    return _AvoidedForms(singulars, plurals, protected, _phrase_matcher(frozenset([*written, *protected])))


def _hint(term: Term, *, is_plural: bool) -> str:
    note = f". {term.note}" if term.note else ""
    return f"write '{term.use}'" + ", in the plural" * is_plural + note


@lru_cache(maxsize=4)
def _phrase_matcher(words: frozenset[str]) -> PhraseMatcher:
    return PhraseMatcher(words)


def _preferred_forms(paper: Paper) -> Iterator[str]:
    for words in (*(t.use for t in paper.terms), *proper_names(paper)):
        yield words.lower()
        yield _plural_of(words.lower())


def proper_names(paper: Paper) -> Iterator[str]:
    """Yield names with a spelling of their own: people, organizations, long forms of abbreviations."""
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
    """Whether a term applies: the scope `prose` excludes headings, tables and captions."""
    passage, _ = index.passage_at(match.start())
    if term.scope == "prose" and not passage.is_prose:
        return False
    return not index.is_in_name(match.start(), match.end())
