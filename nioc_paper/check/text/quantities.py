"""Find quantities in English sentences: numbers that somebody counted or measured, and can be cited for.

A number in digits is a quantity unless its form says that it names or dates something: a date, a time, an age, the
number behind a name ("section 8", "Resolution 1373"), the basis of a rate ("per 100,000"), or a count of the paper's
own parts. A count in words ("three laws") is the author's own most of the time; a share ("two thirds of") is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nioc_paper.domain.facts import CURRENCY
from nioc_paper.model.late_pattern import late_pattern
from nioc_paper.wording import ENGLISH

_N = r"(?!0\d)(?:\d{1,3}(?:,\d{2,3})+|\d+)(?:\.\d+)?"
_YEAR = r"(?:1[5-9]|20)\d\d"
MONTHS = ENGLISH["months"].split()
_SHORT_MONTHS = [month for month in ENGLISH["months_short"].split() if month not in MONTHS]
MONTH = rf"(?:(?:{'|'.join(MONTHS)})\b|(?:{'|'.join(_SHORT_MONTHS)}|Sept)\b\.?)"
"""Month with its whole or short name."""
SMALL_NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_SMALL_WORD = rf"(?:{'|'.join(SMALL_NUMBERS)})"
_LARGE_WORD = (
    r"(?:eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty"
    r"(?:-(?:one|two|three|four|five|six|seven|eight|nine))?)"
)
_NUMBER_WORD = rf"(?:{_LARGE_WORD}|{_SMALL_WORD})"
_UNIT = r"(?:per\s+cent\b|percent\b|%|(?:million|billion|trillion|crore|lakh|hundred|thousand)\b)"
_AMOUNT = rf"{CURRENCY}\s*{_N}(?:\s+{_UNIT})?"
_OWN_PARTS = r"(?:(?:recommendation|gap|chapter|finding|section|pillar|objective|page|word|table|figure)s?|annexes)"
_TIMES = r"(?:seconds|minutes|hours|days|weeks|months|quarters|years|decades)"
_NO_AMOUNT = rf"(?![\w%]|[.,]\d|\s+{_UNIT})"
_NOT_QUANTITIES = "|".join(
    (
        # Dates, years and times.
        rf"\d{{1,2}}(?:\s*(?:[–-]|,|to|and|or)\s*\d{{1,2}}){{0,8}}\s+{MONTH}(?:,?\s+\d{{4}}\b)?",
        rf"{MONTH}\s+\d{{1,2}}\b(?![,.]?\d)(?:\s*[–-]\s*\d{{1,2}})?(?:,\s+\d{{4}}\b)?",
        r"\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./](?:19|20)\d\d",
        rf"{_YEAR}(?:\s?[–/-]\s?(?:\d{{4}}|\d\d))?{_NO_AMOUNT}",
        rf"\d{{1,2}}(?:\.\d\d)?\s?[ap]\.?m\b|(?<=\bat\s)\d{{1,2}}\.[0-5]\d{_NO_AMOUNT}",
        rf"\b(?i:last|past|next|previous|preceding|coming|following|first|final|every)\s{_N}\s+(?:[a-z]+\s)?{_TIMES}\b",
        rf"{_N}\s{_TIMES}\s(?:prior|before|ending|ended|leading)\b|\b24\s+hours",
        # Ages, and the basis of a rate.
        rf"\b(?:aged|ages?|age\sof|per)\s+{_N}(?:\s*(?:[–-]|to|and)\s*{_N})?",
        rf"{_N}(?:\s*(?:[–-]|to|and)\s*{_N})?\s+years?\s(?:old|of\sage)\b|(?<=[a-z],\s)\d{{2}}(?=,\s)",
        rf"(?:(?<=s\s)|(?<=en\s)|(?<=people\s)|(?<=those\s))(?:over|under|above|below)\s\d{{2}}\b{_NO_AMOUNT}(?=\W|\s(?:and|or)\b)",
        # Telephone numbers, enumerations, numbers of references.
        r"(?<=\[)\d{1,3}(?:\s?[,–-]\s?\d{1,3})*(?=\])",
        r"0\d{1,4}(?:[ -]\d{2,4}){2,}\b|0\d{2,4}[ -]\d{4,8}\b|\+\d{1,3}(?:[ -]\d{2,9})+\b",
        r"§+\s?\d+[\w.-]*|\d{1,2}\)\s|\d*[A-Z]?\(\d{1,2}\)(?:\(\w{1,4}\))*|50\s?[-–/:]\s?50\b",
    )
)
_PART = r"(?:third|quarter|fifth|sixth|eighth|tenth)s?"
_ABOUT = (
    r"(?:(?:about|almost|around|nearly|over|some|up\sto|at\sleast|barely|hardly|only|roughly"
    r"|(?:more|fewer|less)\sthan)\s)"
)


class _Share(NamedTuple):
    """A form of shares in words: texts in small letters, one of which is in each of them, and its pattern."""

    signs: Sequence[str]
    """Searched for first: many times as fast."""
    pattern: re.Pattern[str]


def _share(signs: str, pattern: str) -> _Share:
    return _Share(signs.split(","), late_pattern(rf"\b(?:{pattern})", re.IGNORECASE))


_SHARES: tuple[_Share, ...] = (
    _share(
        "cent,illion,crore,lakh,hundred,thousand,%",
        rf"(?:{_NUMBER_WORD}|half\sa|a)\s{_UNIT}(?<!\ba\shundred)(?<!\ba\sthousand)(?<!\ba\smillion)"
        r"|a\s(?:hundred|thousand|million)\s(?!and\b)[a-z]+s\b",
    ),
    # Neither the first half of a year nor half of one.
    _share(
        "half",
        rf"(?<!first\s|other\s)(?<!second\s|latter\s)half\s(?:of\s(?!the\s(?:year|month)\b|{_YEAR})|(?:the|its|their)\s)"
        rf"|(?<=\bby\s){_ABOUT}?half\b",
    ),
    _share(
        "third,quarter,fifth,sixth,eighth,tenth",
        rf"(?:an?|one|two|three|four|five|seven|nine)[\s-]{_PART}\s(?:of|more|fewer|less)\b"
        rf"|(?<=\bby\s){_ABOUT}?(?:an?|one|two|three|four)[\s-]{_PART}\b",
    ),
    _share(
        " in , out of , of ",
        rf"{_NUMBER_WORD}\s(?:(?!times\b)[a-z]+\s)?(?:in|out\sof)\s(?:every\s|each\s)?(?:{_NUMBER_WORD}|(?:a\s)?(?:hundred|thousand))"
        rf"\b(?!\s{_TIMES}|-)|{_NUMBER_WORD}\sof\s(?:the|its|their|these|those|all|every|each)\s{_NUMBER_WORD}\b"
        rf"(?!\s{_OWN_PARTS}\b)",
    ),
    _share(
        " than ,average,took,longer,shorter",
        rf"(?:fewer|less|more)\sthan\s(?!one\b|two\b){_NUMBER_WORD}\b(?!\s(?:[a-z]+\s)?(?:{_OWN_PARTS}|{_TIMES}|{_UNIT})\b)(?=\s[a-z])"
        rf"|{_NUMBER_WORD}(?:\sand\sa\s(?:half|quarter))?\s{_TIMES}\s(?:on\saverage|longer|shorter)\b"
        rf"|(?:on\saverage|average\sof)\s{_NUMBER_WORD}\b|average\s(?:\w+\s){{1,3}}(?:is|was)\s{_N}\s+years?\s(?:old|of\sage)\b"
        rf"|(?<=\btook\s){_LARGE_WORD}\s{_TIMES}\b",
    ),
    _share(
        "doubled,trebled,tripled,quadrupled,halved,twice, times ,fold, per ",
        r"(?:doubled|trebled|tripled|quadrupled|halved)\b(?!\sdown)"
        rf"|(?:twice|(?:{_NUMBER_WORD}|{_N})\stimes)\s(?:as|more|higher)\b|{_NUMBER_WORD}fold\b"
        rf"|{_NUMBER_WORD}\sper\s(?:{_N}|hundred|thousand|lakh|million)\b(?!\scent)",
    ),
    _share(
        "every ,each ",
        r"of\s(?:every|each)\s(?:ten|twenty|hundred|thousand|lakh|million)\b"
        r"|every\s(?:second|third|fourth|fifth|sixth|tenth)\s(?!counts|day|week|month|year|time|hour|of\b)(?-i:[a-z])[a-z]+",
    ),
    _share(
        "dozen,hundreds,thousands,millions,billions,lakhs,crores,scores",
        rf"{_ABOUT}(?:half\s)?(?:a|one|two|three|four|five|several)\sdozen\b|(?:several|many)\sdozen\b"
        r"|(?:dozens|scores|hundreds|thousands|millions|billions|lakhs|crores)\sof\s(?!years\b)(?:\w+\sof\s)?\w+",
    ),
)
"""Shares, measures and vague counts in words."""
_FIRST_WORD = late_pattern(
    rf"[\s\W]*{_LARGE_WORD}\b(?!\s(?:[a-z]+\s)?(?:{_OWN_PARTS}|{_TIMES})\b|\sof\sthem\b)(?=\s[a-z])", re.IGNORECASE
)
"""A count at the start of a sentence, which would be in digits elsewhere."""
_NUMBERS = late_pattern(
    rf"(?P<money>{_AMOUNT})|(?<![\w.,/:@#–-])(?:(?P<none>{_NOT_QUANTITIES})"
    rf"|(?P<own>\d{{1,3}}(?=\s+(?:[a-z]+\s)?(?i:{_OWN_PARTS})\b))"
    rf"|(?P<number>{_N}(?:\s?[–-]\s?{_N})?(?:%|‰|(?:\s+{_UNIT})|(?:m|bn|km|kg|ha)\b)?(?![\w/%:(-]|[.,]\d)))"
)
_WORD_BEFORE = late_pattern(r"(?:^|[\s(“‘])(?P<word>[A-Za-z][\w/.]*)\s\(?\Z")
_PART_OF_A_TEXT = late_pattern(
    r"(?:section|ss?\.|article|art\.|clause|rule|regulation|schedule|chapter|part|paragraph|para|annex|appendix|table|figure"
    r"|fig\.|box|item|point|no\.|number|page|pp?\.|vol|volume|line|note|footnote|question|step|target|goal|tier|level|phase)"
    r"(?:s|e?s)?\.?",
    re.IGNORECASE,
)
_NO_LABEL = late_pattern(
    r"about|above|across|after|against|all|almost|an?|and|another|are|around|as|at|be|been|before|below|between|but|by|even"
    r"|fewer|for|from|had|has|have|if|in|into|is|its|just|least|less|more|most|nearly|not|of|on|only|or|other|out|over|per|some"
    r"|than|that|the|their|then|these|those|to|under|until|up|was|were|when|which|while|who|with|within|(?-i:[a-z]\w*(?:ed|ing|[^p]ly|s))|[A-Z]\w*[^p]ly",
    re.IGNORECASE,
)
"""Words before a number that it does not belong to: of grammar, participles, adverbs, plurals."""
_COUNTED = late_pattern(
    r"\s(?:[a-z-]+\s)?(?!(?:is|was|has|as|its|this)\b)(?:[a-z]+s|people|men|women|children|per\scent)\b(?!\s(?:the|an?|that|out)\b)"
)
_NAMED = late_pattern(r"\s[A-Z][\w.]*\s\d|\s(?:[A-Z][\w'’]+\s)*[A-Z][\w'’]+(?<!s)\b(?!\s[a-z]+s\b)")
_LIST_NEXT = late_pattern(r",?\s(?:and|or|to)\s\d")
_LIST = late_pattern(r"(?:[A-Z]{0,3}\d[\w.()-]*(?:,|\s?[–-]|,?\s(?:and|or|to))\s?)+\(?\Z")


def _is_name(text: str, match: re.Match[str]) -> bool:
    """Whether a number without a unit names something: it is behind a label, or before the rest of a name."""
    if not re.fullmatch(r"\d{1,5}(?:\.\d{1,3})?(?:\s?[–-]\s?\d{1,5})?", match[0]):
        return False
    window = text[max(0, match.start() - 60) : match.start()]
    listed = _LIST.search(window)
    before = _WORD_BEFORE.search(window[: listed.start()] if listed else window)
    if before and _PART_OF_A_TEXT.fullmatch(before["word"]):
        return True
    if _NAMED.match(text, match.end()):
        return True
    if before is None:
        return False
    if before["word"][0].isupper() and not is_word_of_grammar(before["word"]):
        return True
    if _COUNTED.match(text, match.end()):
        return False
    # Several numbers behind a plural: ports 443 and 8080.
    word = before["word"]
    return not is_word_of_grammar(word) or (
        word[-1] == "s" and (bool(listed) or bool(_LIST_NEXT.match(text, match.end())))
    )


def is_word_of_grammar(word: str) -> bool:
    """Whether a word is one of grammar, a participle, an adverb or a plural."""
    return _NO_LABEL.fullmatch(word) is not None


def find_quantities(text: str, *, with_own_parts: bool = False) -> Iterator[re.Match[str]]:
    """Yield the quantities of a text: numbers first, then shares in words, each in order.

    Numbers of pages, words and the like are counts of the paper's own parts; they are yielded on request.
    """
    if re.search(r"\d", text):
        none = ("none",) if with_own_parts else ("none", "own")
        numbers = (match for match in _NUMBERS.finditer(text) if match.lastgroup not in none)
        yield from (match for match in numbers if match.lastgroup != "number" or not _is_name(text, match))
    lowered = text.lower()
    likely = (share for share in _SHARES if any(sign in lowered for sign in share.signs))
    shares = [match for share in likely for match in share.pattern.finditer(text)]
    # Counts up to ten are in words everywhere, and most of them are the author's own.
    first = _FIRST_WORD.match(text)
    yield from sorted([*shares, *([first] if first else [])], key=re.Match.start)
