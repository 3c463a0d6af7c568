"""Figures of the register of facts: quoted from there, with one value, and with what speaks against it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from nioc_paper.check.finding import Finding, Gathered
from nioc_paper.check.prose import Passage, Sentence, passages
from nioc_paper.check.quantities import MONEY, quantities
from nioc_paper.model import Chapter, Fact, Paper, Place

_HEDGE = r"(?:about|approximately|around|almost|nearly|over|under|up to|at least|(?:more|fewer|less) than) "
_TELLING = re.compile(rf"\d{{3}}|\d,\d{{3}}|\d\.\d|\d.*\b(?:million|billion|trillion|crore|lakh)\b|{MONEY}")
_DIFFER = re.compile(
    r"\b(?:differ(?:s|ed|ences?|ently)?|conflict(?:s|ing|ed)?|disagree\w*|discrepan\w+|inconsisten\w+|contradict\w*"
    r"|diverge\w*|not agree|at odds|every version|(?:two|several) ways|respectively"
    r"|(?:another|other|earlier|one) (?:\w+ )?(?:sources?|reports?|figures?|pages?|papers?|articles?|estimates?|values?"
    r"|broadcasters?|newspapers?|counts?|surveys?|stud(?:y|ies)|summar(?:y|ies)))\b",
    re.IGNORECASE,
)


@cache
def _written(value: str, unit: str | None) -> tuple[str, re.Pattern[str]] | None:
    """How a value would stand in a text, and the digits to look for first; None for one as common as a bare '6'."""
    core = re.sub(_HEDGE, "", value, count=1)
    digits = re.search(r"\d[\d.,]*", core)
    words = [re.escape(w) for w in core.split()]
    if unit == "per cent":
        words += [r"per\s+cent|percent|%"] if "." in core else []
    elif unit and not _TELLING.search(core):
        words += [re.escape(w) for w in unit.split()]
    if not digits or (len(words) == 1 and not _TELLING.search(core)):
        return None
    hedge, joined = re.escape(value[: -len(core)]), r"\s*".join(f"(?:{w})" for w in words)
    return digits[0], re.compile(rf"(?:{hedge})?(?<![\w.,]){joined}(?!\w|[.,]\d)")


def _find(value: str, unit: str | None, text: str) -> re.Match[str] | None:
    digits, pattern = _written(value, unit) or ("", None)
    return pattern.search(text) if pattern and digits in text else None


def fact_in(fact: Fact, text: str) -> re.Match[str] | None:
    """Where a text gives the value of a fact, if it is one that cannot be another's."""
    return _find(fact.value, fact.unit, text)


def _conflict_in(fact: Fact, text: str) -> re.Match[str] | None:
    found = (_find(conflict.value, fact.unit, text) for conflict in fact.conflicts)
    return next(filter(None, found), None)


def _sentences(chapter: Chapter) -> Iterator[tuple[Passage, Sentence]]:
    return ((p, s) for p in passages(chapter) if not p.heading for s in p.sentences)


def retyped_fact(paper: Paper) -> Iterator[Finding]:
    """A figure of the register of facts is taken from there, so that it has one value everywhere.

    Bad: 12 bridges [@survey2019], when paper/registers/facts.yaml has the fact bridges
    Good: @fact-bridges
    """
    for chapter in paper.chapters:
        for passage, sentence in _sentences(chapter):
            for fact in _of_sources(paper, sentence):
                if found := fact_in(fact, sentence.text):
                    place = passage.place(sentence.start + found.start())
                    yield Finding(place, f"'{found[0]}' is the fact '{fact.id}'", f"write -@fact-{fact.id}")


def _of_sources(paper: Paper, sentence: Sentence) -> Iterator[Fact]:
    """The facts that a sentence does not name, of the sources that it cites."""
    if sentence.keys:
        for fact in paper.facts.values():
            if fact.source in sentence.keys and f"fact-{fact.id}" not in sentence.keys:
                yield fact


def conflicting_value(paper: Paper) -> Iterator[Finding]:
    """A fact has the value of the register; another that is known for it stands only beside it.

    Bad: 14 bridges [@survey2019], when the register has 12, and 14 under conflicts
    Good: @fact-bridges; an earlier count gave 14 [@survey2019]
    """
    for chapter in paper.chapters:
        cited = {c.key for c in chapter.citations}
        facts = [f for f in paper.facts.values() if f.conflicts and {f.source, f"fact-{f.id}"} & cited]
        for passage, sentence in _sentences(chapter) if facts else ():
            for fact in facts if re.search(r"\d", sentence.text) else ():
                known = _conflict_in(fact, sentence.text)
                if known and not _weighs(fact, passage, sentence):
                    place = passage.place(sentence.start + known.start())
                    message = f"'{known[0]}' is another value than that of the fact '{fact.id}', {fact.value}"
                    yield Finding(place, message, f"write @fact-{fact.id}, or say that sources differ")


def _weighs(fact: Fact, passage: Passage, sentence: Sentence) -> bool:
    """Whether a sentence sets values against each other, itself or with its neighbours."""
    own = f"fact-{fact.id}" in sentence.keys or fact_in(fact, sentence.text) or _DIFFER.search(sentence.text)
    return bool(own) or bool(_DIFFER.search(passage.text))


def unmentioned_conflict(used: Iterable[Gathered]) -> Iterator[Finding]:
    """Where sources differ about a fact that the paper uses, one of its chapters says so.

    Bad: @fact-bridges, with conflicts in the register, and no word of them
    Good: the same, and: An earlier count gave 14 [@survey2019].
    """
    first: dict[str, tuple[Place, str]] = {}
    told: set[str] = set()
    for path, line, column, fact, other, said in used:
        first.setdefault(fact, (Place(path, line, column), other))
        told |= {fact} if said else set()
    for fact, (place, other) in first.items():
        if fact not in told:
            message = f"sources differ about the fact '{fact}' ({other}), and no chapter that uses it says so"
            yield Finding(place, message, "say in a sentence which value is used, and why")


def conflicts(paper: Paper) -> Iterator[Gathered]:
    """Where a chapter first uses each fact about which sources differ, the other values, and whether it says so."""
    (chapter,) = paper.chapters
    places = {c.key: c.place for c in reversed(chapter.citations)}
    for fact in paper.facts.values():
        if fact.conflicts and (place := places.get(f"fact-{fact.id}")):
            other = ", ".join(c.value for c in fact.conflicts)
            yield chapter.path, place.line, place.column, fact.id, other, _mentions(chapter, fact)


def _mentions(chapter: Chapter, fact: Fact) -> bool:
    """Whether a chapter gives another value, or says that sources differ where it uses the fact or cites its source."""
    keys = {f"fact-{fact.id}", fact.source}
    values = [re.search(r"\d[\d.,]*(?: [A-Za-z]+)?", c.value) for c in fact.conflicts]
    other = re.compile(rf"(?<![\w.,])(?:{'|'.join(re.escape(v[0]) for v in values if v) or '$^'})(?!\w|[.,]\d)")
    return any(
        other.search(p.text) or (_DIFFER.search(p.text) and keys & {key for _, key in p.keys})
        for p in passages(chapter)
    )


# --- figures that are in no register ----------------------------------------------------------------------------------

_NEAR = 0.05
"""Figures further apart than this are hardly meant to be the same."""


class _Figure(NamedTuple):
    path: str
    what: Sequence[str]
    """Source, unit, the word behind it, and the years beside it."""
    text: str
    sentence: str
    line: int
    column: int

    def value(self) -> float:
        return float(re.sub(r"[^\d.]", "", self.text).strip("."))

    def slips(self, other: _Figure) -> bool:
        """Whether it is the other with a slip of the pen: near, not rounded, and not set beside it."""
        one, two = self.value(), other.value()
        if one == two or abs(one - two) > _NEAR * max(one, two) or other.text in self.sentence:
            return False
        digits = min(len(f"{v:g}".replace(".", "").strip("0")) for v in (one, two))
        return digits >= 3 and f"{one:.{digits - 1}e}" != f"{two:.{digits - 1}e}" and self.text not in other.sentence


def differing_figure(figures: Iterable[Gathered]) -> Iterator[Finding]:
    """A figure that two chapters take from the same source is the same in both.

    Bad: 56,696 vehicles in 2019 [@survey2019]; in another chapter 56,969 vehicles in 2019 [@survey2019]
    Good: the same figure in both, or better a fact
    """
    seen: dict[tuple[str, ...], list[_Figure]] = {}
    for figure in (_Figure(*fields) for fields in figures):
        before = seen.setdefault(tuple(figure.what), [])
        other = next((o for o in before if o.path != figure.path and figure.slips(o)), None)
        if other:
            message = f"'{figure.text}' is '{other.text}' in {other.path}, line {other.line}"
            place = Place(figure.path, figure.line, figure.column)
            yield Finding(place, message, "look it up in the source, and correct one of them")
        before.append(figure)


def figures(paper: Paper) -> Iterator[Gathered]:
    """Figures with three digits or more that a chapter takes from a source."""
    (chapter,) = paper.chapters
    for passage, sentence in _sentences(chapter):
        for found in quantities(sentence.text) if sentence.keys else ():
            if len(re.findall(r"\d", found[0])) >= 3 and not re.search(r"[–-]", found[0]):
                word = re.match(r"\s+([a-z]{4,})", sentence.text[found.end() :])
                years = sorted(set(re.findall(r"(?:19|20)\d\d", sentence.text)))
                unit = re.sub(r"[\d.,]+", "", found[0])
                place = passage.place(sentence.start + found.start())
                for key in sentence.keys:
                    what = (key, unit, word[1] if word else "", *years)
                    yield _Figure(chapter.path, what, found[0], sentence.text, place.line, place.column)
