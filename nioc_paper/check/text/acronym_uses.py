"""Find abbreviations and their long forms."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import NamedTuple

from nioc_paper.check.text.word_index import WordIndex
from nioc_paper.domain.english_grammar import ARTICLES_AND_PREPOSITIONS
from nioc_paper.domain.fact_values import CURRENCY, SCALES
from nioc_paper.model import Acronym
from nioc_paper.model.lazy_regex import late_pattern

_ACRONYM = late_pattern(r"([A-Z]{2,7})s?")
_ROMAN_NUMERAL = late_pattern(r"(?=[IVXLCDM])M*(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_NUMBERED = late_pattern(r"-?\d|\$|(?:/[A-Z]+)* \d++(?!,\d|\s?%|\s(?!was|is)[a-z]+s\b)")
_BRACKETED = late_pattern(r"[^\S\n]\(([^()\n]{3,120})\)")
_INITIAL = late_pattern(r"[^\W\d_][\w'’.]*|&")
_SMALL_WORDS = ARTICLES_AND_PREPOSITIONS | {"and", "&"}
_YEAR = r"(?:1[89]|20)\d\d"
_COURT_AND_PAGE = r"(?:\(?[A-Z][\w.]*\)?\s){1,3}\d{1,5}(?![\d,.]*\d|\s?%)(?:\s\([A-Z][\w. ]*\))?"
_CITATION = late_pattern(
    rf"\b[A-Z]{{2,}}\s{_YEAR}\s{_COURT_AND_PAGE}|(?:\b{_YEAR}|\[{_YEAR}\]|\({_YEAR}\))\s(?:\d{{1,3}}\s)?{_COURT_AND_PAGE}"
    r"|(?:\b[A-Z][\w'’-]+\s[A-Z]{1,3}(?:,\s|\.)){2,}"
)
"""Decision in a series of reports: PLD 2016 SC 570, 2019 SCMR 1254, [1995] 2 AC 1. Authors: North AB, South C."""


class AcronymUse(NamedTuple):
    """An abbreviation in a text, with its start and end."""

    short: str
    start: int
    end: int


def find_acronyms(index: WordIndex) -> tuple[AcronymUse, ...]:
    """Return the abbreviations of a text, in order."""
    uses = [
        AcronymUse(short[1], start, start + len(word))
        for word in index.words
        if (short := _ACRONYM.fullmatch(word)) and not _is_named_or_currency(index.full_text, word)
        for start in index.offsets_of(word)
        if not _is_no_acronym(index.full_text, start, word) and not _is_in_citation(index, start)
    ]
    return tuple(sorted(uses, key=lambda use: use.start))


def _is_named_or_currency(full_text: str, word: str) -> bool:
    """Whether a word is before a sum of money or part of a name somewhere in a text: MVR 5,000, COVID-19."""
    amount = rf"\b{word}\s(?:\d[\d.]*\s(?:{'|'.join(SCALES)})\b|\d{{1,3}}(?:,\d{{3}})+\b(?!\s[a-z]+s\b))"
    is_currency = len(word) == 3 and (re.fullmatch(CURRENCY, word) or re.search(amount, full_text))
    return bool(is_currency or re.search(rf"\b{word}-\d", full_text))


def _is_in_citation(index: WordIndex, start: int) -> bool:
    passage, offset = index.passage_at(start)
    first = start - offset
    citations = _CITATION.finditer(index.full_text, first, first + len(passage.text))
    return any(match.start() <= start < match.end() for match in citations)


def _is_no_acronym(full_text: str, start: int, word: str) -> bool:
    """Whether capitals are a number (XIX, 11EE), have one (AB-1, ISO 17025), or are part of a name or emphasis."""
    end = start + len(word)
    before, behind = full_text[max(0, start - 40) : start], full_text[end : end + 40]
    numbered = re.search(r"\d-?\Z", before) or _NUMBERED.match(behind)
    line = before.rpartition("\n")[2] + word + behind.partition("\n")[0]
    is_title = len(re.findall("[A-Z]{5,}", line)) > 1 and not re.search(r"[a-z](?![^(]*\))", line)
    token = re.split(r"\s", before)[-1] + word + re.split(r"\s", behind)[0]
    is_symbol = re.search(r"/.*/|[/-].*\d|[A-Z]-[A-Z]", token)  # A/RES/76/257, SARS-CoV-2, NORM-VET
    return bool(numbered or is_symbol or is_title or _ROMAN_NUMERAL.fullmatch(word))


# --- written out ------------------------------------------------------------------------------------------------------


def find_expansion(index: WordIndex, use: AcronymUse, acronym: Acronym | None) -> str:
    """Return the long form beside an abbreviation: `Long Form (LF)` or `LF (Long Form)`. Empty if there is none.

    The words must be nearly those of the register, or have initials that give the abbreviation.
    """
    full_text, start, end = index.full_text, use.start, use.end
    if full_text[max(0, start - 1) : start] == "(" and full_text[end : end + 1] in (")", ";", ","):
        before = full_text[max(0, start - 160) : start - 1].rpartition("\n")[2].rstrip()
        return _registered_ending(before, acronym) or _ending_with_initials(before, use.short)
    if not (bracketed := _BRACKETED.match(full_text, end)):
        return ""
    near = _registered_ending(bracketed[1], acronym)
    stated = near or _ending_with_initials(bracketed[1], use.short)
    return stated if len(stated) > len(bracketed[1]) - 5 else ""


def _registered_ending(words: str, acronym: Acronym | None) -> str:
    """Return the end of some words that is nearly the registered long form."""
    for long in long_forms(acronym):
        if words.lower().endswith(long.lower()):
            return words[-len(long) :]
        size = len(re.split(r"[\s-]+", long))
        for count in (size, size - 1, size + 1):
            match = re.search(rf"(?:[^\s-]+[\s-]+){{{count - 1}}}\S+\Z", words) if count > 1 else None
            if match and match[0][0] == long[0] and SequenceMatcher(None, match[0], long).ratio() > 0.85:
                return match[0]
    return ""


def long_forms(acronym: Acronym | None) -> list[str]:
    """Return the long forms of an abbreviation, singular and plural."""
    forms = (acronym.long, f"{acronym.long}s", acronym.plural) if acronym else ()
    return [form for form in forms if form and " " in form]


def _ending_with_initials(words: str, short: str) -> str:
    """Return the end of some words with the initials of an abbreviation; small words between them do not count."""
    initials = list(_INITIAL.finditer(words))
    end = initials[-1].end() if initials else 0
    for letter in reversed(short.upper()):
        while initials and initials[-1][0].lower() in _SMALL_WORDS and initials[-1][0][0].upper() != letter:
            initials.pop()
        if not initials or initials[-1][0][0].upper() != letter:
            return ""
        start = initials.pop().start()
    return words[start:end]
