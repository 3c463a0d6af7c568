"""Rules of style: information, never an error."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import product

from nioc_paper.check.finding import Finding
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.check.text.passages import Passage, is_english
from nioc_paper.check.text.word_index import PhraseMatcher, read_word_list
from nioc_paper.model import Paper
from nioc_paper.model.late_pattern import late_pattern
from nioc_paper.tree import count_words

_OPINION_PARTICIPLES = (
    "believed",
    "said",
    "thought",
    "felt",
    "alleged",
    "rumoured",
    "feared",
    "perceived",
    "assumed",
    "claimed",
    "argued",
)
_CONSENSUS_PARTICIPLES = (
    "known",
    "accepted",
    "recognized",
    "acknowledged",
    "agreed",
    "understood",
    "regarded",
    "considered",
    "seen",
)
_ADVERBS_OF_EXTENT = ("widely", "generally", "commonly", "often", "universally", "increasingly")
_ANONYMOUS_SOURCES = (
    "people",
    "experts",
    "observers",
    "analysts",
    "commentators",
    "scholars",
    "critics",
    "officials",
    "sources",
)
_SPEECH_VERBS = ("say", "believe", "argue", "claim", "think", "suggest", "maintain", "feel")
_HEDGES = PhraseMatcher(
    [
        *map(" ".join, product(("some", "many", "most", "several"), _ANONYMOUS_SOURCES, _SPEECH_VERBS)),
        *map(" ".join, product(("some", "many", "most"), ("say", "believe", "argue", "claim"))),
        *(f"{who} {verb}".capitalize() for who, verb in product(_ANONYMOUS_SOURCES, _SPEECH_VERBS)),
        *map(" ".join, product(("it is", "it has been"), _OPINION_PARTICIPLES)),
        *map(
            " ".join,
            product(("it is", "is", "are"), _ADVERBS_OF_EXTENT, (*_OPINION_PARTICIPLES, *_CONSENSUS_PARTICIPLES)),
        ),
        *("it goes without saying", "needless to say", "as everyone knows", "as is well known", "it is an open secret"),
        *("there is a perception", "there is a general perception", "there is a widespread belief", "it is no secret"),
        *("there is no doubt", "according to some", "according to experts", "according to sources"),
        *("studies show", "research shows", "evidence suggests", "statistics show", "reports suggest", "surveys show"),
    ]
)
"""Phrases without a speaker."""

_VAGUE_ADJECTIVES = ("relevant", "concerned", "competent", "appropriate")
_BODY_NOUNS = (
    "department",
    "authority",
    "agency",
    "ministry",
    "institution",
    "body",
    "organization",
    "stakeholder",
    "actor",
)
_BODY_PLURALS = (
    *("departments", "authorities", "agencies", "ministries", "institutions", "bodies", "organizations"),
    *("stakeholders", "actors", "quarters"),
)
_VAGUE_PARTIES = PhraseMatcher(
    [
        *map(" ".join, product((*_VAGUE_ADJECTIVES, "all", "all relevant", "all concerned", "key"), _BODY_PLURALS)),
        *map(" ".join, product(_VAGUE_ADJECTIVES, _BODY_NOUNS)),
        *(f"{body} concerned" for body in (*_BODY_PLURALS, *_BODY_NOUNS)),
        *("all concerned", "everyone concerned", "all the stakeholders"),
    ]
)
"""Phrases for parties that nobody can hold to account."""

_OPEN_ENDED_ACTION = late_pattern(
    r"(?:\A\W*(?:to\s+)?|\b(?:should|must|shall|will|needs?\s+to|(?:is|are)\s+to)\s+)(?:\w+ly\s+|further\s+|also\s+)?"
    r"(?P<verb>strengthen|improve|ensure|enhance|promote|support|encourage|address|foster|facilitate|boost|bolster|combat"
    r"|streamline|consider|explore|tackle|optimize|leverage|mainstream|raise\s+awareness|build\s+capacity"
    r"|take\s+(?:\w+\s+)?(?:steps|measures|action|initiatives)|make\s+(?:\w+\s+)?efforts|work\s+towards?|look\s+into)\b",
    re.IGNORECASE,
)
_WORD = late_pattern(r"\S*\w\S*")
MAX_SENTENCE_WORDS = 35
MAX_NOTE_WORDS = 900
"""Words. Measured: a page holds a note of 1,100 in English below a line of text, and loses the end of one of 1,300."""
MAX_RECOMMENDATION_WORDS = 40


def hedge(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A claim names who makes it, or cites a source.

    Bad: It is widely believed that the bridge is safe.
    Good: The survey found that the bridge is safe [@survey2019].
    """
    index = text.word_index
    for match in _HEDGES.find(index):
        passage, pos = index.passage_at(match.start())
        sentence = next(s for s in reversed(passage.sentences) if s.start <= pos)
        if _is_running_text(passage) and not sentence.keys:
            yield Finding(passage.place(pos), f"'{match[0]}': by whom?", "name the source, and cite it")


def vague_party(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A recommendation is addressed to a body that can be held to it.

    Bad: - Support: relevant departments
    Good: - Support: Ardale Town Council
    """
    index = text.word_index
    for match in _VAGUE_PARTIES.find(index):
        passage, pos = index.passage_at(match.start())
        if "recommendation" in passage.within and passage.label in ("", "owner", "support"):
            yield Finding(passage.place(pos), f"'{match[0]}' names no one", "name the body, or the bodies")


def vague_verb(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A recommendation asks for an action that can be seen to be done (OECD/SIGMA Paper No. 57, 2018).

    Bad: Strengthen the inspection of bridges.
    Good: Inspect every bridge once a year and publish the result.
    """
    index = text.word_index
    for passage in index.passages:
        if passage.within[-1:] == ("recommendation",) and (match := _OPEN_ENDED_ACTION.search(passage.text)):
            hint = "name the action: publish, adopt, appoint, train, amend …"
            yield Finding(passage.place(match.start("verb")), f"'{match['verb']}' is not an action that ends", hint)


def long_recommendation(paper: Paper) -> Iterator[Finding]:
    """A recommendation has at most 40 words.

    Bad: a paragraph of reasons within a recommendation
    Good: one sentence that says what is to be done, its reasons above it
    """
    for chapter in paper.chapters:
        for item in chapter.items_of_kind("recommendation") if is_english(chapter.language) else ():
            if (count := count_words(item.blocks)) > MAX_RECOMMENDATION_WORDS:
                message = f"the {item.kind_and_id} has {count} words"
                hint = f"say in {MAX_RECOMMENDATION_WORDS} what is to be done; its reasons belong above it"
                yield Finding(item.place, message, hint)


def long_sentence(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A sentence has at most 35 words.

    Bad: a sentence of 50 words
    Good: two sentences
    """
    index = text.word_index
    for passage in index.passages:
        for sentence in (
            passage.sentences if len(passage.text) > 4 * MAX_SENTENCE_WORDS and _is_running_text(passage) else ()
        ):
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


def jargon(paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """The text is free of empty phrases; terms.yaml can keep those that the paper needs.

    Bad: leverage synergies
    Good: share one crane
    """
    phrases, instead = _jargon_phrases(frozenset(term.use.lower() for term in paper.terms))
    index = text.word_index
    for match in phrases.find(index):
        passage, pos = index.passage_at(match.start())
        better = instead.get(match[0].lower())
        if better and _is_running_text(passage) and not index.is_in_name(*match.span()):
            yield Finding(passage.place(pos), f"'{match[0]}' says little", f"instead: {better}")


def _is_running_text(passage: Passage) -> bool:
    """Whether a passage is running text of the author: no field of a recommendation, no summary."""
    return passage.is_prose and not passage.label and "summary" not in passage.within


@lru_cache(maxsize=4)
def _jargon_phrases(own_terms: frozenset[str]) -> tuple[PhraseMatcher, Mapping[str, str]]:
    """Return the matcher of jargon, and the alternatives. The paper's own terms match, and have no alternative."""
    entries = [line.partition(": ") for line in read_word_list("jargon.txt")]
    instead = {word.strip(): better for listed, _, better in entries for word in listed.split(",")}
    protected = {term for term in own_terms if any(word in term for word in instead)}
    return PhraseMatcher({*instead, *protected}), {
        word: better for word, better in instead.items() if word not in own_terms
    }
