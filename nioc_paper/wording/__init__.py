"""Words in outputs that the tool writes itself: headings of lists, names of fields, labels of figures, dates.

One table per language, in a file of its own. Missing words are English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from nioc_paper.wording import english, urdu

Wording = Mapping[str, str]
"""Words by key."""
BoxLabels = tuple[tuple[str, str, str], ...]
"""Renamed kinds of boxes, each with the word for one and for several."""

ENGLISH: Wording = MappingProxyType(english.WORDS)
WORDINGS: Mapping[str, Wording] = MappingProxyType(
    {"en": ENGLISH, "ur": MappingProxyType(english.WORDS | urdu.WORDS)},
)
_RTL_TAGS = frozenset(("ar", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi", "arab", "hebr", "thaa"))
"""Languages and scripts written from right to left."""


def wording_for(language: str, labels: BoxLabels = ()) -> Wording:
    """Return the words for a language tag such as `en-GB`, with renamed boxes; English if there is no table."""
    words = primary_language(language)
    return _with_labels(words, labels) if labels else WORDINGS.get(words, ENGLISH)


@lru_cache(maxsize=32)
def _with_labels(language: str, labels: BoxLabels) -> Wording:
    """Return the words of a language in which the names of some kinds of boxes are replaced, wherever they are."""
    words = WORDINGS.get(language, ENGLISH)
    names = {
        words[key]: new
        for kind, *both in labels
        for key, new in zip((kind, f"{kind}s"), both, strict=True)
        if key in words
    }
    new_words = names | {_uncapitalize(old): _uncapitalize(new) for old, new in names.items()}
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, new_words))})\b")
    return MappingProxyType({key: pattern.sub(lambda m: new_words[m[0]], text) for key, text in words.items()})


def _uncapitalize(word: str) -> str:
    return word[:1].lower() + word[1:]


def primary_language(language: str) -> str:
    """Return the language of a tag, without its country and variant: that of `en-GB` is `en`."""
    return language.split("-", maxsplit=1)[0].lower()


def text_direction(language: str) -> Literal["ltr", "rtl"]:
    """Return the writing direction of a language tag, by its script if it names one, as in `ur-Latn`."""
    tags = language.lower().split("-")
    script = next((tag for tag in tags[1:] if len(tag) == 4 and tag.isalpha()), tags[0])
    return "rtl" if script in _RTL_TAGS else "ltr"


def language_attributes(language: str) -> dict[str, str]:
    """Return the attributes of a text in a language: its tag and its direction."""
    return {"lang": language, "dir": text_direction(language)}


def column_head(words: Wording, key: str) -> str:
    """Return a word with a capital, for the head of a column."""
    return words[key][:1].upper() + words[key][1:]


def localized_digits(text: str, words: Wording) -> str:
    """Return a number in the digits of a language; with letters in it, such as TF-1, it is a name and stays."""
    if any(map(str.isalpha, text)):
        return text
    return text.translate(str.maketrans("0123456789", words["digits"]))


def roman(number: int) -> str:
    """Return a number from 1 in small Roman letters."""
    signs = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
    out = ""
    for value, letters in signs:
        out += letters * (number // value)
        number %= value
    return out


def numbered_label(kind: str, number: str, words: Wording) -> str:
    """Return the label of a numbered thing, "Figure 3.2", "chapter 3"; its kind alone without a number."""
    return f"{words[kind]} {localized_digits(number, words)}".rstrip()


def format_date(on: date | None, words: Wording) -> str:
    """Return a printed date, "22 April 2020"; empty without a date."""
    return (
        localized_digits(f"{on.day} \0 {on.year}", words).replace("\0", words["months"].split()[on.month - 1])
        if on
        else ""
    )
