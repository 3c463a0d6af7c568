"""Find quantities in English sentences: numbers that somebody counted or measured, and can be cited for.

A number in digits is a quantity unless its form says that it names or dates something: a date, a time, an age, the
number behind a name ("section 8", "Resolution 1373"), the basis of a rate ("per 100,000"), or a count of the paper's
own parts. A count in words ("three laws") is the author's own most of the time; a share ("two thirds of") is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from nioc_paper.domain.english_grammar import is_inflected_or_grammar
from nioc_paper.domain.fact_values import CURRENCY, NUMBER_WORDS, SCALES, plain_number
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.wording import ENGLISH

_N = r"(?!0\d)(?:\d{1,3}(?:,\d{2,3})+|\d+)(?:\.\d+)?"
YEAR = r"(?:1[5-9]|20)\d\d"
MONTHS = ENGLISH["months"].split()
_SHORT_MONTHS = [month for month in ENGLISH["months_short"].split() if month not in MONTHS]
MONTH = rf"(?:(?:{'|'.join(MONTHS)})\b|(?:{'|'.join(_SHORT_MONTHS)}|Sept)\b\.?)"
"""Month with its whole or short name."""
_ONE_WORD = {word: n for word, n in NUMBER_WORDS.items() if "-" not in word}
_SMALL_WORD = "|".join(word for word, n in _ONE_WORD.items() if n <= 10)
_TENS = "|".join(word for word, n in _ONE_WORD.items() if n > 19)
_LARGE_WORD = (
    rf"(?:(?:{_TENS})(?:-(?:{_SMALL_WORD}))?|{'|'.join(word for word, n in _ONE_WORD.items() if 10 < n < 20)})"
)
_WORD = rf"(?:{_LARGE_WORD}|{_SMALL_WORD})"
_SCALE = rf"(?:{'|'.join(SCALES)})"
_UNIT = rf"(?:per\s+cent\b|percent\b|%|{_SCALE}\b)"
_OWN_PARTS = (
    r"(?:(?:action|recommendation|gap|chapter|finding|section|pillar|objective|indicator|page|word|table"
    r"|figure)s?|annexes)"
)
TIMES = r"(?:seconds|minutes|hours|days|weeks|months|quarters|years|decades)"
_NO_AMOUNT = rf"(?![\w%]|[.,]\d|\s+{_UNIT})"
_RANGE = rf"{_N}(?:\s*(?:[–-]|to|and)\s*{_N})?"
_NOT_QUANTITIES = "|".join(
    (
        # Dates, years and times.
        rf"\d{{1,2}}(?:\s*(?:[–-]|,|to|and|or)\s*\d{{1,2}}){{0,8}}\s+{MONTH}(?:,?\s+\d{{4}}\b)?",
        rf"{MONTH}\s+\d{{1,2}}\b(?![,.]?\d)(?:\s*[–-]\s*\d{{1,2}})?(?:,\s+\d{{4}}\b)?",
        rf"{YEAR}(?:\s?[–/-]\s?(?:\d{{4}}|\d\d))?{_NO_AMOUNT}",
        rf"\d{{1,2}}(?:\.\d\d)?\s?[ap]\.?m\b|(?<=\bat\s)\d{{1,2}}\.[0-5]\d{_NO_AMOUNT}",
        rf"\b(?i:last|past|next|previous|preceding|coming|following|first|final|every)\s{_N}\s+(?:[a-z]+\s)?{TIMES}\b",
        rf"{_N}\s{TIMES}\s(?:prior|before|ending|ended|leading|later|earlier|ago)\b|\b24\s+hours",
        # Ages, the basis of a rate, a group that everybody knows.
        rf"\b(?:aged|ages?(?:\sof)?|[Pp]er)\s+{_RANGE}",
        rf"{_RANGE}\s+(?:year|month|week|day)s?\s(?:old|of\sage)\b|(?:(?<=s\s)|(?<=en\s)|(?<=\())\d\d?[–-]\d\d?\s+years\b|\d\d?(?:[–-]\d\d?)?-year-olds?\b|(?<=[a-z],\s)\d{{2}}(?=,\s)",
        rf"(?:(?<=s\s)|(?<=en\s)|(?<=people\s)|(?<=those\s))(?:over|under|above|below|(?:old|young)er\sthan)\s\d{{2}}\b{_NO_AMOUNT}",
        rf"(?:(?<=s\s)|(?<=en\s))(?:between|from)\s\d{{1,2}}\s(?:and|to)\s\d{{1,2}}\b{_NO_AMOUNT}(?!\s[a-z]+s\b)",
        r"(?<=ren\s)between\s\d{1,2}\sand\s\d{1,2}\s(?:month|year)s\b",
        # Telephone numbers, enumerations, numbers of references.
        r"(?<=[\[^])\d{1,3}(?:\s?[,–-]\s?\d{1,3})*(?=\])|\bnumber\s(?:is|was)\s\d+(?!,\d)",
        r"0\d{1,4}(?:[ -]\d{2,4}){2,}\b|0\d{2,4}[ -]\d{4,8}\b|\+\d{1,3}(?:[ -]\d{2,9})+\b",
        r"§+\s?\d+[\w.-]*|\A\d{1,2}\.(?=\s|\Z)|\d{1,2}\)\s|\d*[A-Z]?\(\d{1,2}(?:\.\d{1,2})?\)(?:\(\w{1,4}\))*|50\s?[-–/:]\s?50\b",
    )
)
_NUMBERS = late_pattern(
    rf"(?P<money>{CURRENCY}\.?\s*{_N}(?:\s+{_UNIT})?)|(?<![\w.,/:=@#–-])(?:(?P<none>{_NOT_QUANTITIES})"
    rf"|(?P<own>\d{{1,3}}(?=\s+(?:[a-z]+\s)?(?i:{_OWN_PARTS})\b))"
    rf"|(?P<number>{_N}(?:\s?[–-]\s?{_N})?(?:%|‰|(?:\s+{_UNIT})|(?:m|bn|km|kg|ha)\b)?(?![\w/%:(′-]|°\d|[.,]\d)))"
)
_ABOUT = (
    r"(?:(?:about|almost|around|nearly|over|some|up\sto|at\sleast|barely|hardly|only|roughly"
    r"|(?:more|fewer|less)\sthan)\s)"
)
_PART = r"(?:third|quarter|fourth|fifth|sixth|seventh|eighth|ninth|tenth)"
_FRACTION = rf"(?:an?|{_WORD})[\s-]{_PART}s?"
_WHOLE = rf"(?:(?!one\b){_WORD}|{_N}|(?:an?\s)?{_SCALE})"
_MORE = r"(?:as|more|less|fewer|higher|lower)\b"
_TIMES_MORE = r"\stimes\s(?:as|more|less|fewer|what|[a-z]{3,}er)\b"
_SHARES = late_pattern(
    rf"\b(?:{_N}(?:-?fold|\sto\s1)\b|{_WORD}(?:\s{_UNIT}|[\s-]{_PART}s?\s(?:of|{_MORE})|-?(?<!is\s\w{{3}})(?<!are\s\w{{3}})fold\b|\sper\s(?:{_N}|{_SCALE})\b|{_TIMES_MORE}"
    rf"|\s(?:(?!times\b)[a-z]+\s){{0,3}}(?:in|out\sof|for\severy)\s(?:every\s|each\s)?{_WHOLE}\b(?!\s{TIMES}|-)"
    rf"|\sof\s(?:the|its|their|these|those|all|every|each)\s(?:{_WORD}|{_N})\b(?!\s{_OWN_PARTS}\b)"
    rf"|\sto\sone\b|(?:\sand\sa\s(?:half|quarter))?\s{TIMES}\s(?:an?\s[a-z]+\s)?(?:on\saverage|longer|shorter)\b)"
    rf"|(?:half\sa|several|many)\s{_UNIT}|an?(?:\s{_SCALE}\s(?!and\b|times\b)[a-z]+s\b|[\s-]{_PART}\s(?:of|{_MORE}))"
    # Neither the first half of a year nor half of one.
    rf"|half(?<!(?:first|other)\shalf)(?<!(?:second|latter)\shalf)\s"
    rf"(?:of\s(?!the\s(?:year|month)\b|{YEAR})|(?:the|its|their)\s)"
    rf"|(?<=\bby\s){_ABOUT}?(?:half|{_FRACTION})\b|of\s(?:every|each)\s(?:{_WORD}|{_SCALE})\b"
    rf"|(?:fewer|less|more)\sthan\s(?!one\b|two\b){_WORD}\b(?=\s[a-z])"
    rf"(?!\s(?:[a-z]+\s)?(?:{_OWN_PARTS}|{TIMES}|{_UNIT})\b)"
    rf"|{_N}\syears\sold\son\saverage|(?:on\saverage|average\sof)\s{_WORD}\b|average\s(?:\w+\s){{1,3}}(?:is|was)\s{_N}\s+years?\s(?:old|of\sage)\b"
    rf"|(?<=\btook\s){_LARGE_WORD}\s{TIMES}\b|(?:doubled|trebled|tripled|quadrupled|halved)\b(?!\sdown)"
    rf"|(?:twice\s(?:the\s|{_MORE})|{_N}{_TIMES_MORE})|factor\sof\s(?:{_WORD}|{_N})|\d{{1,2}}\s(?:in|(?:[a-z]+\s)?out\sof)\s\d{{1,3}}\b"
    rf"|(?:an?|{_WORD})\s(?!times\b|{TIMES}\b)[a-z]+\s(?:an?|per|every)\s(?:second|minute|hour|day|week|month|year)\b"
    rf"|every\s(?:second|{_PART})\s(?!counts|day|week|month|year|time|hour|of\b)(?-i:[a-z])[a-z]+"
    rf"|{_ABOUT}(?:half\s)?(?:an?|several|{_WORD})\sdozen\b|(?:several|many)\sdozen\b"
    rf"|(?<!-){_LARGE_WORD}\b(?!\s(?:[a-z]+\s)?(?:{_OWN_PARTS}|{TIMES})\b|\sof\sthem\b|-)(?=\s[a-z])"
    rf"|(?<=\bfrom\s){_WORD}\s[a-z]+\sto\s{_WORD}\b|for\s(?:each|every)\s\w[^,.]{{1,30}},\s{_WORD}\s"
    r"|(?:dozens|scores|tens|hundreds)\sof\s(?:thousands|lakhs|millions)\b"
    r"|(?-i:\A(?:Dozens|Scores|Hundreds|Thousands|Millions|Billions)\sof\s[a-z]+))",
    re.IGNORECASE,
)
"""Shares, measures and vague counts in words."""
_WORDS_OF_SHARES = frozenset(
    (
        *_ONE_WORD,
        *(f"{word}fold" for word in _ONE_WORD),
        *(f"{word}{s}" for word in (*SCALES, *_PART[3:-1].split("|"), "dozen", "score") for s in ("", "s")),
        *("half", "several", "many", "average", "twice", "times", "factor"),
        *("doubled", "trebled", "tripled", "quadrupled", "halved"),
    )
)
"""Words, one of which is in every other share: to look for them takes a tenth of the time."""
_SIGN_OF_SHARE = late_pattern(
    r"\d(?:-?fold|\sto\s1\b)|\d\s(?:in|(?:[a-z]+\s)?out\sof)\s\d|(?:a|per|every)\s(?:second|minute|hour|day|week|month|year)\b"
)
_CURRENCY_NAMES: Mapping[str, str] = {"US$": "USD", "$": "USD", "Rs": "PKR", "Rs.": "PKR", "₨": "PKR"}
"""Codes of currencies by their other names: sources that are compared are of one country."""
PER_CENT = r"%|per\s?cent|percent"
_MEASURES: Mapping[str, str] = {
    "per cent": PER_CENT,
    "km": r"km|kilomet(?:re|er)s?",
    "mile": "miles?",
    "kg": r"kg|kilogram(?:me)?s?|kilos?",
    "tonne": r"tons?|tonnes?",
    "ha": "ha|hectares?",
    "acre": "acres?",
}
MEASURE = late_pattern("|".join(rf"(?<![A-Za-z])({forms})(?!\w)" for forms in _MEASURES.values()), re.IGNORECASE)
_UNIT_BEHIND = late_pattern(rf"[\s-]*(?:{MEASURE.pattern})", re.IGNORECASE)


class Quantity(NamedTuple):
    """A quantity of a text: where it begins, its words, its value and its unit."""

    start: int
    text: str
    value: str = ""
    """The number with its scale, without commas; empty for a share in words and a range."""
    unit: str = ""
    """Currency, `per cent` or measure; empty for a count."""
    is_of_parts: bool = False
    """Whether it counts pages, words or other parts of a text, which may be the paper's own."""

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.text)


def find_quantities(text: str) -> Iterator[Quantity]:
    """Yield the quantities of a text: numbers first, then shares in words, each in order."""
    if re.search(r"\d", text):
        for match in _NUMBERS.finditer(text):
            if match.lastgroup != "none" and not (match.lastgroup == "number" and _is_name(text, match)):
                is_range = re.search(r"\d\s?[–-]", match[0])
                value, unit = read_value(match[0], text[match.end() :])
                yield Quantity(match.start(), match[0], "" if is_range else value, unit, match.lastgroup == "own")
    small = text.lower()
    may_have_share = not _WORDS_OF_SHARES.isdisjoint(re.findall(r"[a-z]+", small))
    matches = _SHARES.finditer(text) if may_have_share or _SIGN_OF_SHARE.search(small) else ()
    yield from (Quantity(match.start(), match[0]) for match in matches)


def read_value(text: str, behind: str = "") -> tuple[str, str]:
    """Return the value of a number with its scale, and its currency or measure, which may be behind it."""
    measure = _UNIT_BEHIND.match(behind)
    if text.isdecimal():
        return text.lstrip("0") or "0", unit_of(measure)
    digits, currency, scale = re.search(_N, text), re.search(CURRENCY, text), re.search(rf"(?i)\b{_SCALE}\b", text)
    measure = MEASURE.search(text) or measure
    number = Decimal(digits[0].replace(",", "")) * (SCALES[scale[0].lower()] if scale else 1) if digits else Decimal(0)
    unit = _CURRENCY_NAMES.get(currency[0], currency[0]) if currency else unit_of(measure)
    return plain_number(number), unit


def unit_of(measure: re.Match[str] | None) -> str:
    """Return the name of a measure; empty for none."""
    return [*_MEASURES][measure.lastindex - 1] if measure and measure.lastindex else ""


def last_digit(number: Decimal) -> Decimal:
    """Return the unit of the last digit of a number as it was rounded: hundreds of 4,200; a single zero is exact."""
    exponent = int(number.normalize().as_tuple().exponent)
    return Decimal(1).scaleb(0 if exponent == 1 else exponent)


# --- numbers that name something --------------------------------------------------------------------------------------


_WORD_BEFORE = late_pattern(r"(?:^|(?P<relation>\b\w+\s)|[\s(“‘])(?P<word>[A-Za-z][\w/.-]*)\s\(?\Z")
PROVISION = "(?:section|article|clause|rule|regulation|schedule|paragraph)"
PART_OF_A_TEXT = (
    rf"(?:{PROVISION}|ss?\.|art\.|chapter|part|para|annex|appendix|table|figure|fig\.|box|item|point|no\.|number|page|pp?\."
    r"|vol|volume|line|note|footnote|question|step|target|goal|objective|pillar|recommendation|tier|level|phase|stage|type"
    r"|class|grade|category)(?:e?s)?\.?"
)
_COUNTED = late_pattern(
    r"\s(?:[A-Za-z][a-z-]+\s)?(?!(?:is|was|has|as|its|this)\b)(?:[A-Z]?[a-z]+s|people|men|women|children|per\scent)\b"
    r"(?!\s(?:the|an?(?!\s(?:second|minute|hour|day|week|month|year)\b)|that|out)\b)"
)
_NAMED = late_pattern(r"\s[A-Z][\w.]*\s\d|\s(?:[A-Z][\w'’]+\s)*[A-Z][a-z'’]+(?<!s)\b(?!\s(?:[A-Z]|[a-z]+s\b))")
_LIST_NEXT = late_pattern(r",?\s(?:and|or|to)\s\d")
_LIST = late_pattern(r"(?:[A-Z]{0,3}\d[\w.()-]*(?:,|\s?[–-]|,?\s(?:and|or|to))\s?)+\(?\Z")


def _is_name(text: str, match: re.Match[str]) -> bool:
    """Whether a number without a unit names something: it is behind a label, or before the rest of a name."""
    if not re.fullmatch(r"\d{1,5}(?:\.\d{1,3})?(?:\s?[–-]\s?\d{1,5})?", match[0]):
        return False
    window = text[max(0, match.start() - 60) : match.start()]
    listed = _LIST.search(window)
    before = _WORD_BEFORE.search(window[: listed.start()] if listed else window)
    is_counted = bool(_COUNTED.match(text, match.end()) or _UNIT_BEHIND.match(text, match.end()))
    if re.fullmatch(r"\d{4}", match[0]) and not is_counted:
        return True
    named = "." not in match[0] and _NAMED.match(text, match.end())
    if before is None or named:
        return bool(named)
    word = before["word"]
    if re.fullmatch(PART_OF_A_TEXT, word, re.IGNORECASE):
        return True
    if word[0].isupper() and not is_inflected_or_grammar(word):
        # "In Sindh 45 cases", but "Fedora 38"
        return not (is_counted and re.fullmatch(r"(?i)(?:in|across|within|from)\s", before["relation"] or ""))
    # Several numbers behind a plural: ports 443 and 8080.
    is_listed = bool(listed) or bool(_LIST_NEXT.match(text, match.end()))
    return not is_counted and (not is_inflected_or_grammar(word) or (word[-1] == "s" and is_listed))
