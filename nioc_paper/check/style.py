"""Advice on style: information, never an error."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import product

from nioc_paper.check.finding import Finding
from nioc_paper.check.prose import Passage, is_english, nodes
from nioc_paper.check.terms import is_prose
from nioc_paper.check.words import Phrases, lines, texts
from nioc_paper.model import Paper
from nioc_paper.tree import words

_SAID = (
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
_HELD = ("known", "accepted", "recognized", "acknowledged", "agreed", "understood", "regarded", "considered", "seen")
_WIDELY = ("widely", "generally", "commonly", "often", "universally", "increasingly")
_CROWD = ("people", "experts", "observers", "analysts", "commentators", "scholars", "critics", "officials", "sources")
_SAY = ("say", "believe", "argue", "claim", "think", "suggest", "maintain", "feel")
_HEDGES = Phrases(
    [
        *map(" ".join, product(("some", "many", "most", "several"), _CROWD, _SAY)),
        *map(" ".join, product(("some", "many", "most"), ("say", "believe", "argue", "claim"))),
        *(f"{who} {say}".capitalize() for who, say in product(_CROWD, _SAY)),
        *map(" ".join, product(("it is", "it has been"), _SAID)),
        *map(" ".join, product(("it is", "is", "are"), _WIDELY, (*_SAID, *_HELD))),
        *("it goes without saying", "needless to say", "as everyone knows", "as is well known", "it is an open secret"),
        *("there is a perception", "there is a general perception", "there is a widespread belief", "it is no secret"),
        *("there is no doubt", "according to some", "according to experts", "according to sources"),
        *("studies show", "research shows", "evidence suggests", "statistics show", "reports suggest", "surveys show"),
    ]
)
"""Ways to say something without saying who says it."""

_VAGUE = ("relevant", "concerned", "competent", "appropriate")
_BODY = ("department", "authority", "agency", "ministry", "institution", "body", "organization", "stakeholder", "actor")
_BODIES = (
    *("departments", "authorities", "agencies", "ministries", "institutions", "bodies", "organizations"),
    *("stakeholders", "actors", "quarters"),
)
_PARTIES = Phrases(
    [
        *map(" ".join, product((*_VAGUE, "all", "all relevant", "all concerned", "key"), _BODIES)),
        *map(" ".join, product(_VAGUE, _BODY)),
        *(f"{body} concerned" for body in (*_BODIES, *_BODY)),
        *("all concerned", "everyone concerned", "all the stakeholders"),
    ]
)
"""Those whom nobody can ask whether they did it."""

_ACTION = re.compile(
    r"(?:\A\W*(?:to\s+)?|\b(?:should|must|shall|will|needs?\s+to|(?:is|are)\s+to)\s+)(?:\w+ly\s+|further\s+|also\s+)?"
    r"(?P<verb>strengthen|improve|ensure|enhance|promote|support|encourage|address|foster|facilitate|boost|bolster|combat"
    r"|streamline|consider|explore|tackle|optimize|leverage|mainstream|raise\s+awareness|build\s+capacity"
    r"|take\s+(?:\w+\s+)?(?:steps|measures|action|initiatives)|make\s+(?:\w+\s+)?efforts|work\s+towards?|look\s+into)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"\S*\w\S*")
LONGEST_SENTENCE = 35
LONGEST_NOTE = 900
"""Words. Measured: a page holds a note of 1,100 in English below a line of text, and loses the end of one of 1,300."""
LONGEST_RECOMMENDATION = 40


def hedge(paper: Paper) -> Iterator[Finding]:
    """A statement says who makes it, or cites a source.

    Bad: It is widely believed that the bridge is safe.
    Good: The survey found that the bridge is safe [@survey2019].
    """
    for text in texts(paper):
        for found in _HEDGES.find(text):
            passage, at = text.where(found.start())
            said = next(s for s in reversed(passage.sentences) if s.start <= at)
            if _is_text(passage) and not said.keys:
                yield Finding(passage.place(at), f"'{found[0]}': by whom?", "name the source, and cite it")


def vague_party(paper: Paper) -> Iterator[Finding]:
    """A recommendation is addressed to somebody who can be asked about it.

    Bad: - Support: relevant departments
    Good: - Support: Ardale Town Council
    """
    for text in texts(paper):
        for found in _PARTIES.find(text):
            passage, at = text.where(found.start())
            if "recommendation" in passage.within and passage.label in ("", "owner", "support"):
                yield Finding(passage.place(at), f"'{found[0]}' names nobody", "name the body, or the bodies")


def vague_verb(paper: Paper) -> Iterator[Finding]:
    """A recommendation asks for something of which one can say that it was done (OECD/SIGMA Paper No. 57, 2018).

    Bad: Strengthen the inspection of bridges.
    Good: Inspect every bridge once a year and publish the result.
    """
    for text in texts(paper):
        for passage in text.passages:
            if passage.within[-1:] == ("recommendation",) and (found := _ACTION.search(passage.text)):
                hint = "say what is done: publish, adopt, appoint, train, amend …"
                yield Finding(passage.place(found.start("verb")), f"'{found['verb']}' is no action that ends", hint)


def long_recommendation(paper: Paper) -> Iterator[Finding]:
    """A recommendation has at most 40 words.

    Bad: a paragraph of reasons within a recommendation
    Good: one sentence that says what is to be done, its reasons above it
    """
    for chapter in paper.chapters:
        for block in chapter.of("recommendation") if is_english(chapter.language) else ():
            if (count := words(block.blocks)) > LONGEST_RECOMMENDATION:
                message = f"the recommendation '{block.id}' has {count} words"
                hint = f"say in {LONGEST_RECOMMENDATION} what is to be done; its reasons belong above it"
                yield Finding(block.place, message, hint)


def long_sentence(paper: Paper) -> Iterator[Finding]:
    """A sentence has at most 35 words.

    Bad: a sentence of 50 words
    Good: two sentences
    """
    for text in texts(paper):
        for passage in text.passages:
            for sentence in passage.sentences if len(passage.text) > 4 * LONGEST_SENTENCE and _is_text(passage) else ():
                count = len(sentence.text) > 4 * LONGEST_SENTENCE and len(_WORD.findall(sentence.text))
                if count > LONGEST_SENTENCE:
                    place = passage.place(sentence.start + len(sentence.text) - len(sentence.text.lstrip()))
                    yield Finding(place, f"the sentence has {count} words", "make two of it")


def long_note(paper: Paper) -> Iterator[Finding]:
    """A note has at most 900 words: a longer one does not fit on a page, and print would cut it off.

    Bad: a note of three pages
    Good: a section or an annex, and a note that refers to it
    """
    for chapter in paper.chapters:
        for note in nodes(chapter, "Note"):
            if (count := words([note])) > LONGEST_NOTE:
                message = f"the note has {count} words, and a page has room for {LONGEST_NOTE}"
                yield Finding(chapter.place(note), message, "make a section or an annex of it, and refer to that")


def jargon(paper: Paper) -> Iterator[Finding]:
    """The text is free of words that say little; terms.yaml can keep those that the paper needs.

    Bad: leverage synergies
    Good: share one crane
    """
    phrases, instead = _jargon(frozenset(term.use.lower() for term in paper.terms))
    for text in texts(paper):
        for found in phrases.find(text):
            passage, at = text.where(found.start())
            better = instead.get(found[0].lower())
            if better and _is_text(passage) and not text.named(*found.span()):
                yield Finding(passage.place(at), f"'{found[0]}' says little", f"instead: {better}")


def _is_text(passage: Passage) -> bool:
    """Whether a passage is running text of the author, not a field of a recommendation or the summary above."""
    return is_prose(passage) and not passage.label and "summary" not in passage.within


@lru_cache(maxsize=4)
def _jargon(own: frozenset[str]) -> tuple[Phrases, Mapping[str, str]]:
    """The phrases to look for, and what to write instead; a paper's own terms are found, and say nothing."""
    entries = [line.partition(": ") for line in lines("jargon.txt")]
    instead = {word.strip(): better for listed, _, better in entries for word in listed.split(",")}
    right = {term for term in own if any(word in term for word in instead)}
    return Phrases({*instead, *right}), {word: better for word, better in instead.items() if word not in own}
