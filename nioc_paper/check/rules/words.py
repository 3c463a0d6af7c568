"""Rules about words of the paper's own lists, and about lengths."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from nioc_paper.check.finding import Finding
from nioc_paper.check.text.chapter_text import ChapterText, Texts
from nioc_paper.check.text.word_index import PhraseMatcher, WordIndex
from nioc_paper.model import Paper, Term
from nioc_paper.model.late_pattern import late_pattern
from nioc_paper.tree import count_words


def avoided_word(paper: Paper, text: Texts) -> Iterator[Finding]:
    """The text uses the words that terms.yaml prefers; quotations and names keep their own.

    Bad: the load limit of a bridge
    Good: the weight limit of a bridge
    """
    forms, index = _avoided_forms(paper), text.word_index
    for match in forms.matcher.find(index):
        word = " ".join(match[0].lower().split())
        term = forms.find_term(word)
        if term and _applies_to(term, index, match):
            plural, note = ", in the plural" * (word not in forms.singulars), f". {term.note}" if term.note else ""
            hint = f"write '{term.use}'{plural}{note}"
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
    names = [words.lower() for words in (*(term.use for term in paper.terms), *proper_names(paper))]
    preferred = (word for name in names for word in (name, _plural_of(name)) if word not in singulars)
    protected = frozenset(word for word in preferred if any(avoid in word for avoid in singulars))
    written = (form for term in paper.terms for word in term.avoid for form in (word, _plural_of(word)))
    return _AvoidedForms(singulars, plurals, protected, _phrase_matcher(frozenset([*written, *protected])))


@lru_cache(maxsize=4)
def _phrase_matcher(words: frozenset[str]) -> PhraseMatcher:
    return PhraseMatcher(words)


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


_WORD = late_pattern(r"\S*\w\S*")
MAX_SENTENCE_WORDS = 35
MAX_NOTE_WORDS = 900
"""Words. Measured: a page holds a note of 1,100 in English below a line of text, and loses the end of one of 1,300."""


def weak_word(paper: Paper, text: Texts) -> Iterator[Finding]:
    """The text is free of the words that `weak` in terms.yaml lists; without the list nothing is found.

    Bad: The tunnel leverages synergies, with weak: [leverages, synergies]
    Good: The tunnel shares its lamps with the bridge.
    """
    index = text.word_index
    for match in _phrase_matcher(frozenset(paper.terms_file.weak)).find(index) if paper.terms_file.weak else ():
        if not index.is_in_name(*match.span()):
            hint = "write what is meant, or who says it; the list is in paper/registers/terms.yaml"
            yield Finding(index.place(match.start()), f"'{match[0]}' says little", hint)


def long_sentence(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A sentence has at most 35 words.

    Bad: a sentence of 50 words
    Good: two sentences
    """
    for passage in text.word_index.passages:
        is_long = len(passage.text) > 4 * MAX_SENTENCE_WORDS
        for sentence in passage.sentences if is_long and passage.is_prose and not passage.label else ():
            count = len(sentence.text) > 4 * MAX_SENTENCE_WORDS and len(_WORD.findall(sentence.text))
            if count > MAX_SENTENCE_WORDS:
                place = passage.place(sentence.start + len(sentence.text) - len(sentence.text.lstrip()))
                yield Finding(place, f"the sentence has {count} words", "make two of it")


def long_note(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A note has at most 900 words: a longer one does not fit on a page, and print would cut it off.

    Bad: a note of three pages
    Good: a section or an annex, and a note that refers to it
    """
    chapter = text.chapter
    for note in text.nodes("Note"):
        if (count := count_words([note])) > MAX_NOTE_WORDS:
            message = f"the note has {count} words, and a page has room for {MAX_NOTE_WORDS}"
            yield Finding(chapter.place(note), message, "make a section or an annex of it, and refer to that")
