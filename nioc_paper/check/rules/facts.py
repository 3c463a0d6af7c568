"""Rules about facts: figures are taken from the register, have one value, and conflicts are mentioned."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from nioc_paper.check.finding import Finding, GatheredRow
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.check.text.passages import Passage, Sentence
from nioc_paper.domain.facts import CURRENCY, HEDGE
from nioc_paper.model import Fact, Paper, Place
from nioc_paper.model.late_pattern import late_pattern

_DISTINCTIVE = late_pattern(rf"\d{{3}}|\d,\d{{3}}|\d\.\d|\d.*\b(?:million|billion|trillion|crore|lakh)\b|{CURRENCY}")
DISAGREEMENT = late_pattern(
    r"\b(?:differ(?:s|ed|ences?|ently)?|conflict(?:s|ing|ed)?|disagree\w*|discrepan\w+|inconsisten\w+|contradict\w*"
    r"|diverge\w*|not agree|at odds|every version|(?:two|several) ways|respectively"
    r"|(?:another|other|earlier|one) (?:\w+ )?(?:sources?|reports?|figures?|pages?|papers?|articles?|estimates?|values?"
    r"|broadcasters?|newspapers?|counts?|surveys?|stud(?:y|ies)|summar(?:y|ies)))\b",
    re.IGNORECASE,
)
"""Words by which a text says that sources differ."""


@cache
def _value_pattern(value: str, unit: str | None) -> tuple[str, re.Pattern[str]] | None:
    """Return the digits of a value, for a quick search, and its pattern; None for a value as common as '6'."""
    core = re.sub(HEDGE, "", value, count=1)
    digits = re.search(r"\d[\d.,]*", core)
    words = [re.escape(w) for w in core.split()]
    if unit == "per cent":
        words += [r"per\s+cent|percent|%"] if "." in core else []
    elif unit and not _DISTINCTIVE.search(core):
        words += [re.escape(w) for w in unit.split()]
    if not digits or (len(words) == 1 and not _DISTINCTIVE.search(core)):
        return None
    hedge, joined = re.escape(value[: -len(core)]), r"\s*".join(f"(?:{w})" for w in words)
    return digits[0], late_pattern(rf"(?:{hedge})?(?<![\w.,]){joined}(?!\w|[.,]\d)")


def _find_value(value: str, unit: str | None, text: str) -> re.Match[str] | None:
    digits, pattern = _value_pattern(value, unit) or ("", None)
    return pattern.search(text) if pattern and digits in text else None


def find_fact(fact: Fact, text: str) -> re.Match[str] | None:
    """Return the match of a fact's value in a text. Returns None for values that may be another fact's."""
    return _find_value(fact.value, fact.unit, text)


def _find_conflict(fact: Fact, text: str) -> re.Match[str] | None:
    matches = (_find_value(conflict.value, fact.unit, text) for conflict in fact.conflicts)
    return next(filter(None, matches), None)


def _body_sentences(text: ChapterText) -> Iterator[tuple[Passage, Sentence]]:
    return ((p, s) for p in text.passages if not p.is_heading for s in p.sentences)


def conflicting_value(paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A fact has the value of the register; another known value appears only next to it.

    Bad: 14 bridges [@survey2019], when the register has 12, and 14 under conflicts
    Good: @fact-bridges; an earlier count gave 14 [@survey2019]
    """
    chapter = text.chapter
    cited_keys = {c.key for c in chapter.citations}
    facts = [f for f in paper.facts.values() if f.conflicts and {f.source, f"fact-{f.id}"} & cited_keys]
    for passage, sentence in _body_sentences(text) if facts else ():
        for fact in facts if re.search(r"\d", sentence.text) else ():
            match = _find_conflict(fact, sentence.text)
            if match and not _compares_values(fact, passage, sentence):
                place = passage.place(sentence.start + match.start())
                message = f"'{match[0]}' differs from the value of the fact '{fact.id}', {fact.value}"
                yield Finding(place, message, f"write @fact-{fact.id}, or say that sources differ")


def _compares_values(fact: Fact, passage: Passage, sentence: Sentence) -> bool:
    """Whether a sentence or its passage compares values."""
    in_sentence = (
        f"fact-{fact.id}" in sentence.keys or find_fact(fact, sentence.text) or DISAGREEMENT.search(sentence.text)
    )
    return bool(in_sentence) or bool(DISAGREEMENT.search(passage.text))


class _ConflictUse(NamedTuple):
    """First use of a fact about which sources differ, in a chapter."""

    path: str
    line: int
    column: int
    fact: str
    other_values: str
    is_mentioned: bool
    """The chapter says that sources differ."""


def unmentioned_conflict(_paper: Paper, rows: Iterable[GatheredRow]) -> Iterator[Finding]:
    """If sources differ on a fact that the paper uses, one of its chapters says so.

    Bad: @fact-bridges, with conflicts in the register, and no word of them
    Good: the same, and: An earlier count gave 14 [@survey2019].
    """
    first: dict[str, tuple[Place, str]] = {}
    mentioned: set[str] = set()
    for use in (_ConflictUse(*fields) for fields in rows):
        first.setdefault(use.fact, (Place(use.path, use.line, use.column), use.other_values))
        mentioned |= {use.fact} if use.is_mentioned else set()
    for fact, (place, other_values) in first.items():
        if fact not in mentioned:
            message = f"sources differ about the fact '{fact}' ({other_values}), and no chapter that uses it says so"
            yield Finding(place, message, "say in a sentence which value is used, and why")


def gather_conflicts(paper: Paper, text: ChapterText) -> Iterator[GatheredRow]:
    """Where a chapter first uses each fact about which sources differ, the other values, and whether it says so."""
    chapter = text.chapter
    places = {c.key: c.place for c in reversed(chapter.citations)}
    for fact in paper.facts.values():
        if fact.conflicts and (place := places.get(f"fact-{fact.id}")):
            other_values = ", ".join(c.value for c in fact.conflicts)
            is_mentioned = _mentions_conflict(text, fact)
            yield _ConflictUse(chapter.path, place.line, place.column, fact.id, other_values, is_mentioned)


def _mentions_conflict(text: ChapterText, fact: Fact) -> bool:
    """Whether a chapter gives another value, or says that sources differ where it uses the fact or its source."""
    keys = {f"fact-{fact.id}", fact.source}
    values = [re.search(r"\d[\d.,]*(?: [A-Za-z]+)?", c.value) for c in fact.conflicts]
    other_values = re.compile(rf"(?<![\w.,])(?:{'|'.join(re.escape(v[0]) for v in values if v) or '$^'})(?!\w|[.,]\d)")
    return any(
        other_values.search(p.text) or (DISAGREEMENT.search(p.text) and keys & {key for _, key in p.keys})
        for p in text.passages
    )
