"""Rules about facts, and about numbers that count the same thing in two places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from nioc_paper.check.finding import Finding, GatheredRow
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.check.text.numbers import StatedNumber, find_chapter_numbers, stated_fact_number, stems
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


def conflicting_value(paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A fact has the value of the register; another known value appears only next to it.

    Bad: 14 bridges [@survey2019], when the register has 12, and 14 under conflicts
    Good: @fact-bridges; an earlier count gave 14 [@survey2019]
    """
    chapter = text.chapter
    cited_keys = {c.key for c in chapter.citations}
    facts = [f for f in paper.facts.values() if f.conflicts and {f.source, f"fact-{f.id}"} & cited_keys]
    passages = [p for p in text.passages if not p.is_heading] if facts else []
    for passage, sentence in ((p, s) for p in passages for s in p.sentences):
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


_MAX_DIFFERENCE = Decimal("0.05")
"""Maximum relative difference of two numbers that may be meant to be the same."""
_MIN_SURE_DIGITS = 5
"""Digits of two numbers that look alike by no chance."""
_MAX_EXCHANGED = 4
"""Digits of a long number that a slip exchanges or doubles: 56,969 for 56,696."""
_MIN_DIGITS = 3
"""Digits of a number that is compared; shorter ones are the same by chance."""


def differing_figure(paper: Paper, rows: Iterable[GatheredRow]) -> Iterator[Finding]:
    """A value from a source is the same in all chapters, charts, data files, alternative texts and facts.

    Bad: 56,696 vehicles in 2019 [@survey2019]; in another chapter 56,969 vehicles in 2019 [@survey2019]
    Good: the same figure in both, or better a fact
    """
    by_topic: dict[tuple[str, ...], list[StatedNumber]] = {}
    for fact in _fact_numbers(paper):
        for topic in {*_topics(fact), (*fact.sources, fact.unit)}:  # a sentence may leave the year out
            by_topic.setdefault(topic, []).append(fact)
    for stated in (StatedNumber(*fields) for fields in rows):
        others = (other for topic in _topics(stated) for other in by_topic.get(topic, ()))
        other = next((o for o in others if _are_same_thing(stated, o) and _differs(stated, o)), None)
        if other is None or _has_known_value(paper, stated, other):
            for topic in _topics(stated):
                by_topic.setdefault(topic, []).append(stated)
        else:  # reported once: the numbers that follow are compared with the first
            message = f"'{stated.text}' is '{other.text}' in {other.path}, line {other.line}"
            yield Finding(stated.place, message, _correction_hint(paper, other))


def _correction_hint(paper: Paper, other: StatedNumber) -> str:
    """Return how to correct a number that differs from another one."""
    facts = (fact.id for fact in paper.facts.values() if other.kind == "fact" and fact.value == other.text)
    name = next(facts, "")
    return f"write -@fact-{name}, or correct the fact" if name else "look it up in the source, and correct one of them"


def _topics(stated: StatedNumber) -> Iterator[tuple[str, ...]]:
    """Yield source, unit and years of a number for each of its sources: only numbers with the same are compared."""
    return ((key, stated.unit, *stated.years) for key in stated.sources)


def _fact_numbers(paper: Paper) -> Iterator[StatedNumber]:
    for index, fact in enumerate(paper.facts_file.facts):
        if stated := stated_fact_number(fact, paper.facts_file.place("facts", index, "value")):
            yield stated


def gather_numbers(paper: Paper, text: ChapterText) -> Iterator[GatheredRow]:
    """Numbers that a chapter takes from a source, but for those in passages that compare sources."""
    return (stated for stated in find_chapter_numbers(text, paper.facts) if not DISAGREEMENT.search(stated.context))


def _has_known_value(paper: Paper, stated: StatedNumber, other: StatedNumber) -> bool:
    """Return whether a number is a value that the register lists as another source's."""
    facts = (f for f in paper.facts.values() if other.kind == "fact" and f.value == other.text)
    return any(re.search(rf"(?<![\d.,]){re.escape(stated.text)}(?!\d)", c.value) for f in facts for c in f.conflicts)


# --- the same thing ---------------------------------------------------------------------------------------------------


def _are_same_thing(one: StatedNumber, other: StatedNumber) -> bool:
    """Return whether two numbers of one source, unit and year have the same noun, month and place."""
    if _conflict(one.months, other.months):
        return False
    if other.text in one.context or one.text in other.context:
        return False  # both are named: they are compared
    if one.kind == other.kind == "text":
        return _same_in_sentences(one, other)
    if one.kind == other.kind == "cell":
        return one.path != other.path and (one.label, one.words) == (other.label, other.words)
    cell, prose = (one, other) if one.kind == "cell" else (other, one)
    return _is_said_of(prose, cell) if cell.kind == "cell" else _is_fact(prose, cell)


def _conflict(one: Iterable[str], other: Iterable[str]) -> bool:
    """Return whether both have values, and not the same."""
    return bool(one) and bool(other) and one != other


def _same_in_sentences(one: StatedNumber, other: StatedNumber) -> bool:
    if one.places != other.places or _conflict(one.qualifier, other.qualifier) or _conflict(one.parts, other.parts):
        return False
    if _are_same_sentence(one, other):
        return True
    names, other_names = _names_besides(one, other), _names_besides(other, one)
    if names - other_names and other_names - names:
        return False  # each is about another person
    differs = one.qualifier != other.qualifier or names != other_names or one.parts != other.parts
    if (differs or _conflict(one.verb, other.verb)) and not _is_surely_slip(one, other):
        return False  # one may be a part of the other
    if one.unit == "per cent":
        return bool(one.qualifier) and one.qualifier == other.qualifier
    return _have_same_noun(one, other)


def _are_same_sentence(one: StatedNumber, other: StatedNumber) -> bool:
    """Return whether two sentences differ in the number alone, and say something of it."""
    rest = one.context.split(one.text)
    return rest == other.context.split(other.text) and bool(stems(" ".join(rest)))


def _names_besides(one: StatedNumber, other: StatedNumber) -> set[str]:
    """Return the names in a number's sentence that are not common words in the sentence of another."""
    return {name for name in one.names if not re.search(rf"\b{name.lower()}", other.context)}


def _have_same_noun(one: StatedNumber, other: StatedNumber) -> bool:
    """Return whether two numbers have the same noun: after the number, or otherwise before it."""
    noun, other_noun = _noun_words(one), _noun_words(other)
    if noun == other_noun:
        return bool(noun or one.unit) or _is_surely_same(one, other)
    if one.noun and other.noun:  # one may have an adjective
        return _is_surely_slip(one, other) and (one.noun in other.words or other.noun in one.words)
    is_sum_of_something = bool(one.unit) and not (noun and other_noun)
    return is_sum_of_something or _is_surely_same(one, other)


def _noun_words(stated: StatedNumber) -> list[str]:
    return [stated.noun] if stated.noun else [*stated.subject]


def _is_surely_same(one: StatedNumber, other: StatedNumber) -> bool:
    """Return whether two sentences share a word, and their numbers look alike by no chance: "Complaints: 56,969"."""
    return _is_surely_slip(one, other) and bool({*stems(one.context)} & {*stems(other.context)})


def _is_fact(stated: StatedNumber, fact: StatedNumber) -> bool:
    """Return whether a sentence gives a fact."""
    if stated.places or (stated.unit == "per cent" and not _has_exchanged_digits(stated, fact)):
        return False
    return stated.unit == "per cent" or bool({*stated.words} & {*fact.words}) or bool(stated.unit and not fact.words)


def _is_said_of(prose: StatedNumber, cell: StatedNumber) -> bool:
    """Return whether a sentence, or a fact, has the words of a cell's row, and the noun of the row or of the column."""
    context_stems = {*stems(prose.context)}
    if not {*cell.label} <= context_stems or not {*stems(" ".join(prose.places))} <= {*cell.words}:
        return False
    return bool({*prose.words} & {*cell.words}) or bool(prose.unit and prose.unit == cell.unit != "per cent")


# --- another value ----------------------------------------------------------------------------------------------------


def _differs(stated: StatedNumber, other: StatedNumber) -> bool:
    """Return whether a number is another one with a slip, or not the value of the fact that its sentence names."""
    return _is_slip(stated, other) or (
        other.kind == "fact" and [*stated.years] == [*other.years] and _names_fact(stated, other)
    )


def _names_fact(stated: StatedNumber, fact: StatedNumber) -> bool:
    """Return whether a sentence has all words of a fact's id, and another value that is not that value rounded."""
    if len(fact.label) < 2 or not {*fact.label} <= {*stems(stated.context)} or _is_bound(stated, fact):
        return False
    digits = min(len(stated.significant), len(fact.significant))
    return stated.value != fact.value and bool(digits) and not _is_rounded(stated, fact, digits)


def _is_slip(one: StatedNumber, other: StatedNumber) -> bool:
    """Return whether a number is the other with a typing slip: digits changed or left out, or near and not rounded."""
    if one.value == other.value:
        return False
    if _is_bound(one, other) or _is_bound(other, one):
        return False
    shortest = min(len(one.significant), len(other.significant))
    is_of_fact = "fact" in (one.kind, other.kind)
    if _has_exchanged_digits(one, other) or (is_of_fact and one.significant == other.significant and shortest > 1):
        return True
    is_like = len(_differing_digits(one, other)) == 1 or _is_near(one, other)
    return is_like and shortest >= _MIN_DIGITS and not _is_rounded(one, other, shortest)


def _is_surely_slip(one: StatedNumber, other: StatedNumber) -> bool:
    """Return whether two numbers look alike by no chance: both are long, and but for a slip the same."""
    if min(len(one.significant), len(other.significant)) < _MIN_SURE_DIGITS:
        return False
    pairs = _differing_digits(one, other)
    are_exchanged = 2 <= len(pairs) <= _MAX_EXCHANGED and {a for a, _ in pairs} == {b for _, b in pairs}
    return are_exchanged or len(pairs) == 1


def _differing_digits(one: StatedNumber, other: StatedNumber) -> list[tuple[str, str]]:
    """Return the pairs of digits that differ in two numbers of one length; none if their lengths differ."""
    digits, other_digits = (each.value.replace(".", "") for each in (one, other))
    return [(a, b) for a, b in zip(digits, other_digits, strict=False) if a != b] * (len(digits) == len(other_digits))


def _has_exchanged_digits(one: StatedNumber, other: StatedNumber) -> bool:
    pairs = _differing_digits(one, other)
    return len(pairs) == 2 and pairs[0] == pairs[1][::-1] and len(one.value.replace(".", "")) >= _MIN_DIGITS


def _is_bound(one: StatedNumber, other: StatedNumber) -> bool:
    """Return whether a number is said to be exceeded, and the other begins with its digits: "over 56,900"."""
    is_lower = re.search(
        rf"(?i:over|more than|at least|above|exceed\w*)\W+(?:\w+\W+)?{re.escape(one.text)}", one.context
    )
    return bool(is_lower) and other.value.startswith(one.significant) and Decimal(one.value) < Decimal(other.value)


def _is_near(one: StatedNumber, other: StatedNumber) -> bool:
    a, b = Decimal(one.value), Decimal(other.value)
    return abs(a - b) <= _MAX_DIFFERENCE * max(a, b)


def _is_rounded(one: StatedNumber, other: StatedNumber, digits: int) -> bool:
    """Return whether one number is the other with fewer digits."""
    a, b = Decimal(one.value), Decimal(other.value)
    return f"{a:.{digits - 1}e}" == f"{b:.{digits - 1}e}"
