"""Rules about facts, and about numbers that count the same thing in two places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from nioc_paper.check.finding import Finding, GatheredRow
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.check.text.passages import PLACEHOLDER
from nioc_paper.check.text.quantities import MEASURE, PER_CENT, last_digit, read_value, unit_of
from nioc_paper.check.text.stated_numbers import MIN_SURE_DIGITS, StatedNumber, find_chapter_numbers, stated_fact, stems
from nioc_paper.domain.fact_values import CURRENCY, HEDGE, NUMBER_WORDS, SCALES
from nioc_paper.model import Paper
from nioc_paper.model.lazy_regex import late_pattern

DISAGREEMENT = late_pattern(
    r"\b(?:differ(?!ent)\w*|conflict(?:s|ing|ed)?|disagree\w*|discrepan\w+|inconsisten\w+|contradict\w*"
    r"|diverge\w*|not agree|at odds|every version|(?:two|several) ways|respectively"
    r"|(?:another|other|earlier|one) (?:\w+ )?(?:sources?|reports?|figures?|pages?|papers?|articles?|estimates?|values?"
    r"|broadcasters?|newspapers?|counts?|surveys?|stud(?:y|ies)|summar(?:y|ies)))\b",
    re.IGNORECASE,
)
"""Words by which a text says that sources differ."""


def find_value(value: str, unit: str | None, text: str) -> range:
    """Return where a text has a value, an empty range if it has not: a common one, such as 6, only with its unit."""
    digits = re.search(r"\d[\d.,]*", value)
    if digits is None or digits[0] not in text:
        return range(0)
    core = re.sub(HEDGE, "", value, count=1)
    is_distinctive = re.search(rf"\d{{3}}|\d,\d{{3}}|\d\.\d|\d\s*[A-Za-z]|{CURRENCY}", core)
    words = [*core.split(), *(() if is_distinctive and unit != "per cent" else (unit or "").split())]
    if len(words) == 1 and not is_distinctive:
        return range(0)
    pattern = r"\s*".join(map(re.escape, words)).replace(r"per\s*cent", rf"(?:{PER_CENT})")
    match = re.search(rf"(?:{HEDGE})?(?<![\w.,]){pattern}(?!\w|[.,]\d)", text)
    return range(*match.span()) if match else range(0)


def conflicting_value(paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A fact has the value and the unit of the register; another known value appears only next to it."""
    cited_keys = {c.key for c in text.chapter.citations}
    facts = [f for f in paper.facts.values() if f.conflicts and {f.source, f"fact-{f.id}"} & cited_keys]
    for passage, sentence, quantities in text.quantities:
        for fact in facts if quantities and not passage.is_heading else ():
            spans = (find_value(conflict.value, fact.unit, sentence.text) for conflict in fact.conflicts)
            span = next(filter(None, spans), None)
            is_compared = f"fact-{fact.id}" in sentence.keys or find_value(fact.value, fact.unit, sentence.text)
            if span and not is_compared and not DISAGREEMENT.search(passage.text):
                written = sentence.text[span.start : span.stop]
                message = f"'{written}' differs from the value of the fact '{fact.id}', {fact.value}"
                hint = f"write @fact-{fact.id}, or say that sources differ"
                yield Finding(passage.place(sentence.start + span.start), message, hint)
    for passage in text.passages:
        for pos, key in passage.keys:
            own = paper.facts.get(key.removeprefix("fact-")) if passage.text.startswith(PLACEHOLDER, pos) else None
            measure = re.compile(rf"{MEASURE.pattern}|(?:{'|'.join(SCALES)})\b").match(passage.text, pos + 2)
            unit = read_value(own.value, own.unit or "")[1] if own else ""
            if own and own.unit and measure and unit_of(measure) != (unit or "none") and measure[0] not in own.unit:
                message = f"'{measure[0]}' is not the unit of the fact '{own.id}', {own.unit}"
                yield Finding(passage.place(measure.start()), message, f"write @fact-{own.id}, which prints its unit")


# --- two numbers ------------------------------------------------------------------------------------------------------


_MAX_DIFFERENCE = Decimal("0.05")
"""Maximum relative difference of two numbers that may be meant to be the same."""
_MAX_UNIT_DIFFERENCE = Decimal("0.25")
"""The same for a sum or a measure and a fact: a source gives few of them."""
_MAX_EXCHANGED = 4
"""Digits of a long number that a slip exchanges or doubles: 56,969 for 56,696."""
_MIN_DIGITS = 3
"""Digits of a number that is compared; shorter ones are the same by chance."""


def differing_figure(paper: Paper, rows: Iterable[GatheredRow]) -> Iterator[Finding]:
    """A value from a source is the same in all chapters, charts, data files, alternative texts and facts."""
    by_topic: dict[tuple[str, ...], list[StatedNumber]] = {}
    for index, record in enumerate(paper.facts_file.facts):
        if fact := stated_fact(record, paper.facts_file.place("facts", index, "value")):
            if record.passage and not _is_in(fact, record.passage):
                message = f"'{fact.text}' is not in the passage that is stored with it"
                yield Finding(fact.place, message, "look it up in the source, and correct one of them")
            for topic in ((record.source,), *_topics(fact)[1:]):  # a sentence may leave the year out
                by_topic.setdefault(topic, []).append(fact)
    for stated in (StatedNumber(place, *fields) for place, fields in rows):
        facts = [fact for key in stated.sources for fact in by_topic.get((key,), ())]
        if not stated.sources:
            facts = [other for topic in _topics(stated) for other in by_topic.get(topic, ()) if other.kind == "fact"]
        if any(_agree(stated, fact) for fact in facts) or _is_known_conflict(paper, stated, facts):
            facts = []
        topics = _topics(stated)
        others = (other for topic in topics for other in by_topic.get(topic, ()))
        other = next((fact for fact in facts if _contradicts_fact(stated, fact)), None) or next(
            (other for other in others if _is_other_value(stated, other)), None
        )
        if other is None:
            for topic in topics:
                by_topic.setdefault(topic, []).append(stated)
        else:  # reported once: the numbers that follow are compared with the first
            message = f"'{stated.text}' is '{other.text}' in {other.place.path}, line {other.place.line}"
            hint = "look it up in the source, and correct one of them"
            name = next((f.id for f in paper.facts.values() if other.kind == "fact" and f.value == other.text), "")
            yield Finding(stated.place, message, f"write -@fact-{name}, or correct the fact" if name else hint)


def _is_in(fact: StatedNumber, passage: str) -> bool:
    """Whether a text has the number of a fact, maybe with more digits, or in words; one without numbers may."""
    known = {**NUMBER_WORDS, "m": " million", "mn": " million", "bn": " billion"}
    words = re.sub(r"[a-z]+(?:-[a-z]+)?", lambda word: str(known.get(word[0], word[0])), passage)
    matches = re.finditer(rf"\d[\d,]*(?:\.\d+)?(?:\s+(?:{'|'.join(SCALES)})\b)?", words)
    numbers = [Decimal(read_value(number[0])[0]) for number in matches]
    return not numbers or any(abs(number - fact.number) <= last_digit(fact.number) / 2 for number in numbers)


def _topics(stated: StatedNumber) -> list[tuple[str, ...]]:
    """Return the keys of a number; two numbers that share a key are compared. Each source gives one.

    A long number has one of its noun and count of digits too; short ones of one unit are alike by chance.
    """
    kind = (stated.unit, *stated.years)
    digits = len(stated.value.replace(".", ""))
    is_long = len(stated.significant) >= MIN_SURE_DIGITS
    return [*((key, *kind) for key in stated.sources), *([("", str(digits), *kind, *stated.noun)] if is_long else [])]


def gather_numbers(paper: Paper, text: ChapterText) -> Iterator[GatheredRow]:
    """Numbers that a chapter takes from a source, but for those in passages that compare sources."""
    for stated in find_chapter_numbers(text, paper.facts):
        if not DISAGREEMENT.search(stated.context):
            yield stated.place, [*stated[1:]]


def _is_known_conflict(paper: Paper, stated: StatedNumber, facts: Sequence[StatedNumber]) -> bool:
    """Return whether a number is a value that the register lists as another source's."""
    values = (c.value for f in paper.facts.values() if any(f.value == fact.text for fact in facts) for c in f.conflicts)
    return any(re.search(rf"(?<![\d.,]){re.escape(stated.text)}(?!\d)", value) for value in values)


# --- the same thing ---------------------------------------------------------------------------------------------------


def _is_other_value(one: StatedNumber, other: StatedNumber) -> bool:
    """Return whether two numbers of one source, unit and year count the same thing, and one must be wrong."""
    if _agree(one, other) or other.text in one.context or one.text in other.context:
        return False  # both are named: they are compared
    if one.sources and other.sources and not {*one.sources} & {*other.sources}:
        return False
    if one.kind == other.kind == "text":
        return _are_same_sentence(one, other) or (_likeness(one, other) > 0 and _same_in_sentences(one, other))
    if not _likeness(one, other) or (one.scope and other.scope and one.scope != other.scope):
        return False
    if one.kind == other.kind:
        return one.place.path != other.place.path and (one.label, one.noun) == (other.label, other.noun)
    return _is_said_of(*(one, other) if other.kind == "cell" else (other, one))


def _are_same_sentence(one: StatedNumber, other: StatedNumber) -> bool:
    """Return whether two sentences differ in the number alone, and say something of it."""
    rest = one.context.split(one.text)
    return rest == other.context.split(other.text) and bool(stems(" ".join(rest)))


def _same_in_sentences(one: StatedNumber, other: StatedNumber) -> bool:
    names, other_names = _names_besides(one, other), _names_besides(other, one)
    if names and other_names:
        return False  # each is about another person
    if _likeness(one, other) > 1:
        return bool(one.unit) or bool({*stems(one.context)} & {*stems(other.context)})
    shared = {*stems(one.context)} & {*stems(other.context)} - {*stems(" ".join((one.unit, *SCALES)))}
    if one.unit not in ("", "per cent") and len(shared) > 1 and not (one.scope and other.scope):
        return True  # a source gives few sums and measures
    if names or other_names or one.scope != other.scope or (one.verbs and other.verbs and one.verbs != other.verbs):
        return False  # one may be a part of the other
    return one.noun == other.noun and bool(one.scope if one.unit == "per cent" else one.noun or one.unit)


def _names_besides(one: StatedNumber, other: StatedNumber) -> set[str]:
    """Return the names in a number's sentence that are not in the sentence of another, as common words either."""
    return {name for name in one.names if not re.search(rf"(?i)\b{name}", other.context)}


_PLACE = late_pattern(r"\b(?:[Ii]n|[Aa]cross|[Ww]ithin|[Aa]t|[Ff]rom)\s+(?:the\s+)?((?:[A-Z]\w+[\s-]?)+)")


def _places(stated: StatedNumber) -> set[str]:
    """Return the names behind "in" and other words of place, not months, as stems."""
    return {
        stem for name in _PLACE.findall(stated.context) if {*name.split()} & {*stated.names} for stem in stems(name)
    }


def _contradicts_fact(stated: StatedNumber, fact: StatedNumber) -> bool:
    """Return whether a number is given for a fact of its source, and is not its value rounded."""
    is_other_year = stated.years and fact.years and [*stated.years] != [*fact.years]
    known = {*stems(fact.context)}
    if is_other_year or not _places(stated) <= known:
        return False
    if stated.unit != fact.unit:  # the same number in another unit
        is_long = len(fact.significant) >= _MIN_DIGITS
        return is_long and stated.significant == fact.significant and bool(stated.unit and fact.unit)
    if stated.text in fact.context or fact.text in stated.context:
        return False
    if len(fact.label) > 1 and {*fact.label} <= {*stems(stated.context)} and [*stated.years] == [*fact.years]:
        return True
    if stated.unit == "per cent":
        return _are_exchanged(_differing_digits(stated, fact))
    words = {*stated.noun, *stated.scope}
    is_about = bool(words & {*fact.noun}) or bool(stated.unit and not fact.noun)
    is_near = (stated.unit or words <= known) and _is_near(stated, fact, _MAX_UNIT_DIFFERENCE)
    return is_about and bool(is_near or _likeness(stated, fact))


def _is_said_of(prose: StatedNumber, cell: StatedNumber) -> bool:
    """Return whether a sentence has the words of a cell's row, and the noun of the row or of the column."""
    if not {*cell.label} <= {*stems(prose.context)} or not _places(prose) <= {*cell.noun}:
        return False
    return bool({*prose.noun, *prose.scope} & {*cell.noun}) or bool(
        prose.unit and prose.unit == cell.unit != "per cent"
    )


# --- another value ----------------------------------------------------------------------------------------------------


def _agree(one: StatedNumber, other: StatedNumber) -> bool:
    """Return whether two numbers are one value, or one is the other with fewer digits: rounded, or cut off."""
    exact, coarse = sorted((one.number, other.number), key=last_digit)
    is_rounded = abs(exact - coarse) <= last_digit(coarse) / 2 or coarse <= exact < coarse + last_digit(coarse)
    return one.unit == other.unit and is_rounded


def _likeness(one: StatedNumber, other: StatedNumber) -> int:
    """Return 2 if two numbers are surely one with a typing slip, 1 if they may be: digits changed, or near."""
    digits, pairs = len(one.value.replace(".", "")), _differing_digits(one, other)
    shortest = min(len(one.significant), len(other.significant))
    is_mixed = 2 <= len(pairs) <= _MAX_EXCHANGED and {a for a, _ in pairs} == {b for _, b in pairs}
    if shortest >= MIN_SURE_DIGITS and (is_mixed or len(pairs) == 1):
        return 2
    is_of_fact = "fact" in (one.kind, other.kind)
    is_scaled = is_of_fact and one.significant == other.significant and shortest > 1
    is_like = shortest >= _MIN_DIGITS and (len(pairs) == 1 or _is_near(one, other, _MAX_DIFFERENCE))
    return int((digits >= _MIN_DIGITS and _are_exchanged(pairs)) or is_scaled or is_like)


def _differing_digits(one: StatedNumber, other: StatedNumber) -> list[tuple[str, str]]:
    """Return the pairs of digits that differ in two numbers of one length; none if their lengths differ."""
    digits, other_digits = (each.value.replace(".", "") for each in (one, other))
    return [(a, b) for a, b in zip(digits, other_digits, strict=False) if a != b] * (len(digits) == len(other_digits))


def _are_exchanged(pairs: Sequence[tuple[str, str]]) -> bool:
    return len(pairs) == 2 and pairs[0] == pairs[1][::-1]


def _is_near(one: StatedNumber, other: StatedNumber, difference: Decimal) -> bool:
    return abs(one.number - other.number) <= difference * max(one.number, other.number)
