"""Values of facts, by reference in text that is not Markdown: charts, data files, alternative texts. Pure.

`@fact-x` is replaced by value and unit, `-@fact-x` by the value alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from nioc_paper import tree
from nioc_paper.model import Fact, Node
from nioc_paper.model.characters import comparable
from nioc_paper.model.lazy_regex import late_pattern

HEDGE = r"(?:about|approximately|around|almost|nearly|over|under|up to|at least|(?:more|fewer|less) than) "
"""Words before a number that is not exact."""
CURRENCY = r"(?:USD|US\$|EUR|GBP|CHF|JPY|CNY|INR|PKR|BDT|AED|SAR|Rs\.?|[$€£₨])"
"""Currencies before a sum."""
SCALES: Mapping[str, int] = MappingProxyType(
    {
        "hundred": 10**2,
        "thousand": 10**3,
        "lakh": 10**5,
        "million": 10**6,
        "crore": 10**7,
        "billion": 10**9,
        "trillion": 10**12,
    }
)
"""Words after a number and their values."""
_UP_TO_NINETEEN = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ONES = dict(zip(_UP_TO_NINETEEN.split(), range(1, 20), strict=True))
NUMBER_WORDS: Mapping[str, int] = MappingProxyType(
    _ONES
    | {ten: number for number, ten in zip(range(20, 100, 10), _TENS.split(), strict=True)}
    | {f"{ten}-{one}": 10 * n + _ONES[one] for n, ten in enumerate(_TENS.split(), 2) for one in list(_ONES)[:9]}
)
"""Numbers in words and their values."""
_REFERENCE = late_pattern(r"(?<![\w@.-])(?P<alone>-?)@(?P<key>fact-\w+(?:[.-]\w+)*)")
_NUMBER_VALUE = late_pattern(
    rf"(?:{HEDGE})?(?:{CURRENCY}\s*)?(?P<digits>\d[\d,]*(?:\.\d+)?)(?:\s+(?P<scale>{'|'.join(SCALES)}))?(?:\s?%)?"
)


def find_references(text: str) -> Iterator[tuple[str, int]]:
    """Yield the keys of the facts that a text refers to, `fact-x`, with their offsets."""
    if "@fact-" in text:
        yield from ((match["key"], match.start()) for match in _REFERENCE.finditer(text))


def fill_text(text: str, facts: Mapping[str, Fact]) -> str:
    """Return a text with the facts that it refers to; references to unknown facts stay."""
    return _REFERENCE.sub(lambda match: _printed_fact(match, facts), text) if "@fact-" in text else text


def plain_text_with_facts(part: object, facts: Mapping[str, Fact]) -> str:
    """Return the words of a part of a tree with its facts, without notes and sources."""

    def fill_fact(node: Node) -> Node | None:
        if node["t"] != "Cite":
            return node
        citation = tree.citations(node)[0]
        sign = "-" if citation["citationMode"]["t"] == "SuppressAuthor" else ""
        words = fill_text(f"{sign}@{citation['citationId']}", facts)
        return None if "@" in words else {"t": "Str", "c": words}

    return tree.plain_text(tree.rewrite(fill_fact, part))


def fill_fact_numbers(text: str, facts: Mapping[str, Fact]) -> str:
    """Return a formula with the numbers of the facts that it refers to; references to facts without one stay."""
    return text if "@fact-" not in text else _REFERENCE.sub(lambda m: fact_number(m["key"], facts) or m[0], text)


def number_of_reference(text: str, facts: Mapping[str, Fact]) -> str:
    """Return the number of the fact that is all of a text; empty if it is not such a reference."""
    match = _REFERENCE.fullmatch(text.strip()) if "@fact-" in text else None
    return fact_number(match["key"], facts) if match else ""


def fact_number(key: str, facts: Mapping[str, Fact]) -> str:
    """Return the number of a fact as data files write it: 6700000 for 6.7 million. Empty for a value with words."""
    fact = facts.get(key.removeprefix("fact-"))
    match = _NUMBER_VALUE.fullmatch(comparable(fact.value)) if fact else None
    if match is None:
        return ""
    number = Decimal(match["digits"].replace(",", "")) * SCALES.get(match["scale"] or "", 1)
    return plain_number(number)


def plain_number(number: Decimal) -> str:
    """Return a number without an exponent, and without zeros at the end of its decimals."""
    digits = f"{number:f}"  # arithmetic would fail for more digits than its context has
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def split_value(value: str) -> tuple[str, str, str]:
    """Return the words before the digits of a value, the digits, and the words after them: USD, 927, million.

    A value of words, such as "nine" or "June 2018", is all digits.
    """
    if (match := _NUMBER_VALUE.fullmatch(value)) is None:
        return "", value, ""
    return value[: match.start("digits")].strip(), match["digits"], value[match.end("digits") :].strip()


def _printed_fact(match: re.Match[str], facts: Mapping[str, Fact]) -> str:
    if (fact := facts.get(match["key"].removeprefix("fact-"))) is None:
        return match[0]
    return fact.value if match["alone"] else f"{fact.value} {fact.unit or ''}".strip()


# --- costs of recommendations -----------------------------------------------------------------------------------------


_COST = late_pattern(
    r"([A-Z]{3}) (\d[\d,]{0,30}(?:\.\d{1,9})?)(?: (thousand|million|billion|trillion))?( a year)? \((\d{4})\)", re.ASCII
)


class Cost(NamedTuple):
    """Amount of money in the prices of a year."""

    currency: str
    amount: Decimal
    is_yearly: bool
    year: int


def read_cost(text: str) -> Cost | None:
    """Return a cost written as `PKR 40 million a year (2019)`; None for any other text."""
    if not (match := _COST.fullmatch(text.strip())):
        return None
    currency, number, scale, yearly, year = match.groups()
    return Cost(currency, Decimal(number.replace(",", "")) * SCALES.get(scale, 1), bool(yearly), int(year))
