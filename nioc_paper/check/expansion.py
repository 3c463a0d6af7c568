"""Abbreviations in a text, and what the text says beside them that they stand for."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from difflib import SequenceMatcher
from typing import NamedTuple
from weakref import WeakKeyDictionary

from nioc_paper.check.words import Text
from nioc_paper.model import Acronym

_SHORT = re.compile(r"([A-Z]{2,})s?")
_ROMAN = re.compile(r"(?=[IVXLCDM])M*(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_CAPITALS_BEFORE = re.compile(r"\b[A-Z]{2,}[^\S\n]\Z")
_CAPITALS_AFTER = re.compile(r"[^\S\n][A-Z]{2,}\b")
_BRACKETED = re.compile(r"[^\S\n]\(([^()\n]{3,120})\)")
_INITIAL = re.compile(r"[^\W\d_][\w'’.]*|&")
_SMALL = frozenset({"of", "the", "and", "for", "on", "in", "to", "against", "with", "by", "at", "from", "under", "&"})


class Use(NamedTuple):
    """An abbreviation in a text, and where it begins and ends."""

    short: str
    start: int
    end: int


_KEPT: WeakKeyDictionary[Text, tuple[Use, ...]] = WeakKeyDictionary()


def uses(text: Text) -> tuple[Use, ...]:
    """The abbreviations of a text, in order."""
    if text not in _KEPT:
        found = [
            Use(short[1], start, start + len(word))
            for word in text.words
            if (short := _SHORT.fullmatch(word))
            for start in text.at(word)
            if not _is_number(text.whole, start, word)
        ]
        _KEPT[text] = tuple(sorted(found, key=lambda use: use.start))
    return _KEPT[text]


def _is_number(whole: str, start: int, word: str) -> bool:
    """Whether capitals are a number (XIX, 11EE, AB-1), or shouted among others."""
    end = start + len(word)
    numbered = re.search(r"\d\Z", whole[max(0, start - 1) : start]) or re.match(r"-?\d", whole[end : end + 2])
    shouted = _CAPITALS_BEFORE.search(whole, max(0, start - 20), start) and _CAPITALS_AFTER.match(whole, end)
    return bool(numbered or shouted or _ROMAN.fullmatch(word))


# --- written out ------------------------------------------------------------------------------------------------------


def expansion(text: Text, use: Use, known: Acronym | None) -> str:
    """What a text says beside an abbreviation that it stands for: `Long Form (LF)` or `LF (Long Form)`.

    The words must be those of the register, or nearly; or else their initials must give the abbreviation.
    """
    whole, start, end = text.whole, use.start, use.end
    if whole[max(0, start - 1) : start] == "(" and whole[end : end + 1] in (")", ";", ","):
        before = whole[max(0, start - 160) : start - 1].rpartition("\n")[2].rstrip()
        return _at_end(before, known) or _initialled(before, use.short)
    bracketed = _BRACKETED.match(whole, end)
    if not bracketed:
        return ""
    near = _at_end(bracketed[1], known)
    said = near or _initialled(bracketed[1], use.short)
    return said if len(said) > len(bracketed[1]) - 5 else ""


def _at_end(words: str, known: Acronym | None) -> str:
    """The end of some words that is an abbreviation's long form, or nearly."""
    for long in longs(known):
        if words.lower().endswith(long.lower()):
            return words[-len(long) :]
        size = len(re.split(r"[\s-]+", long))
        for count in (size, size - 1, size + 1):
            found = re.search(rf"(?:[^\s-]+[\s-]+){{{count - 1}}}\S+\Z", words) if count > 1 else None
            if found and found[0][0] == long[0] and SequenceMatcher(None, found[0], long).ratio() > 0.85:
                return found[0]
    return ""


def longs(known: Acronym | None) -> list[str]:
    """What an abbreviation stands for, in the singular and the plural."""
    return [long for long in (known.long, known.plural) if long and " " in long] if known else []


def _initialled(words: str, short: str) -> str:
    """The end of some words whose initials are those of an abbreviation; small words between them do not count."""
    found = list(_INITIAL.finditer(words))
    end = found[-1].end() if found else 0
    for letter in reversed(short.upper()):
        while found and found[-1][0].lower() in _SMALL and found[-1][0][0].upper() != letter:
            found.pop()
        if not found or found[-1][0][0].upper() != letter:
            return ""
        start = found.pop().start()
    return words[start:end]


def slips(text: Text, known: Collection[str]) -> Iterator[tuple[Use, str]]:
    """Uses that are slips of a known abbreviation: two letters changed places, or the wrong one doubled.

    The right one stands more often in the same text, which does not write out the other.
    """
    for use in uses(text):
        for right in known if use.short not in known and len(use.short) > 2 else ():
            near = len(right) == len(use.short) and (_swapped(right, use.short) or _doubled(right, use.short))
            if near and _count(text, right) > _count(text, use.short) and not expansion(text, use, None):
                yield use, right


def _count(text: Text, word: str) -> int:
    return sum(1 for _ in text.at(word))


def _swapped(right: str, word: str) -> bool:
    at = [i for i, (a, b) in enumerate(zip(right, word, strict=True)) if a != b]
    return len(at) == 2 and at[1] == at[0] + 1 and right[at[0]] + right[at[1]] == word[at[1]] + word[at[0]]


def _doubled(right: str, word: str) -> bool:
    once, said = (re.sub(r"(.)\1+", r"\1", letters) for letters in (right, word))
    return once == said != word
