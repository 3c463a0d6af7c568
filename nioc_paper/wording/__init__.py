"""The words that outputs say themselves: headings of lists, names of fields, what figures are called, the date.

A table a language, each in a file of its own. What a table lacks is said in English.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Literal

from nioc_paper.wording import english, urdu

Wording = Mapping[str, str]
"""Words by key."""

ENGLISH: Wording = MappingProxyType(english.WORDS)
WORDINGS: Mapping[str, Wording] = MappingProxyType(
    {"en": ENGLISH, "ur": MappingProxyType(english.WORDS | urdu.WORDS)},
)
_RTL_TAGS = frozenset(("ar", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi", "arab", "hebr", "thaa"))
"""Languages and scripts that are written from right to left."""


def wording_for(language: str) -> Wording:
    """The words for a language tag such as `en-GB`; English where there is no table."""
    return WORDINGS.get(primary_language(language), ENGLISH)


def primary_language(language: str) -> str:
    """The language of a tag, without its country and variant: that of `en-GB` is `en`."""
    return language.split("-", maxsplit=1)[0].lower()


def text_direction(language: str) -> Literal["ltr", "rtl"]:
    """From which side a language is written: its script decides where the tag names one, as in `ur-Latn`."""
    tags = language.lower().split("-")
    script = next((tag for tag in tags[1:] if len(tag) == 4 and tag.isalpha()), tags[0])
    return "rtl" if script in _RTL_TAGS else "ltr"


def column_head(words: Wording, key: str) -> str:
    """A word at the head of a column, where it begins with a capital."""
    return words[key][:1].upper() + words[key][1:]


def localized_digits(text: str, words: Wording) -> str:
    """A number in the digits of a language; one with letters in it, such as TF-1, is a name and stays as it is."""
    if any(map(str.isalpha, text)):
        return text
    return text.translate(str.maketrans("0123456789", words["digits"]))


def roman(number: int) -> str:
    """A number from 1 in small Roman letters."""
    signs = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
    out = ""
    for value, letters in signs:
        out += letters * (number // value)
        number %= value
    return out


def numbered_label(kind: str, number: str, words: Wording) -> str:
    """What a numbered thing is called: "Figure 3.2", "chapter 3"; its kind alone where it has no number."""
    return f"{words[kind]} {localized_digits(number, words)}".rstrip()


def format_date(on: date | None, words: Wording) -> str:
    """A date as it is printed, "22 April 2020"; empty when there is none."""
    return (
        localized_digits(f"{on.day} \0 {on.year}", words).replace("\0", words["months"].split()[on.month - 1])
        if on
        else ""
    )
