"""Words in outputs that the tool writes itself: headings of lists, names of fields, labels of figures, dates.

One table per language, `LANGUAGE.yaml`. Missing words are English.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from nioc_paper.model import OwnWords

Wording = Mapping[str, str]
"""Words by key."""
NO_OWN_WORDS = OwnWords()


def _read_table(file: Path) -> Wording:
    """Return the words of a table: a line has a key, and a text as JSON has it, which is YAML too."""
    lines = filter(None, file.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition(": ") for line in lines if not line.startswith("#"))
    return MappingProxyType({key.strip('"'): json.loads(text) for key, _, text in pairs})


def _read_json(name: str) -> Mapping[str, Wording]:
    texts: Mapping[str, Wording] = json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))
    return texts


_HEADS = _read_json("registers")
"""Heads of columns of exported registers that are words nowhere else: in other languages, by the English ones."""
ENGLISH = MappingProxyType(
    {**_read_table(Path(__file__).with_name("en.yaml")), **dict(zip(_HEADS, _HEADS, strict=True))}
)
_KEYS_BY_HEAD = {ENGLISH[key][:1].upper() + ENGLISH[key][1:]: key for key in reversed([*ENGLISH])}
_LISTS = {ENGLISH[key] for key in ("months", "months_short", "weekdays")}
_SHARED_WITH_STARTER = ("abbreviations", "chapters", "contributors", "gaps", "recommendations")
LANGUAGES = tuple(sorted(file.stem for file in Path(__file__).parent.glob("*.yaml")))
"""Languages with a table."""


@cache
def shipped_words(language: str) -> Wording:
    """Return the words that the tool has in a language without region: those of its table, otherwise of `cldr.json`."""
    if language in LANGUAGES:
        heads = {head: new.get(language, head) for head, new in _HEADS.items()}
        return MappingProxyType({**_read_table(Path(__file__).with_name(f"{language}.yaml")), **heads})
    return _read_json("cldr").get(language, {})


@cache
def starter_words(language: str) -> Mapping[str, str]:
    """Return the titles and headings of a new paper in a language, by the English ones; empty if there are none."""
    name = primary_language(language)
    own = {english: new[name] for english, new in _read_json("starter").items() if name in new}
    keys = (key for key in ENGLISH if key in _SHARED_WITH_STARTER or key.startswith("stage_"))
    return {ENGLISH[key]: shipped_words(name)[key] for key in keys} | own if own else {}


_RTL_TAGS = frozenset(("ar", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi", "arab", "hebr", "thaa"))
"""Languages and scripts written from right to left."""


@lru_cache(maxsize=64)
def wording_for(language: str, own: OwnWords = NO_OWN_WORDS) -> Wording:
    """Return the words for a language tag such as `en-GB`: the paper's own, the tool's, or English ones."""
    name = primary_language(language)
    own_texts = {key: text for tag, key, text in own.texts if primary_language(tag) == name}
    words = {**ENGLISH, **shipped_words(name), **own_texts} if name != "en" or own_texts else ENGLISH
    return _with_boxes(words, boxes) if (boxes := own.boxes_in(language)) else words


def _with_boxes(words: Wording, boxes: Iterable[tuple[str, str, str]]) -> Wording:
    """Return words in which the names of some kinds of boxes are replaced, wherever they are."""
    names = {
        words[key]: new
        for kind, *both in boxes
        for key, new in zip((kind, f"{kind}s"), both, strict=True)
        if key in words
    }
    new_words = names | {_uncapitalize(old): _uncapitalize(new) for old, new in names.items()}
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, new_words))})\b")
    return {key: pattern.sub(lambda m: new_words[m[0]], text) for key, text in words.items()}


def _uncapitalize(word: str) -> str:
    return word[:1].lower() + word[1:]


def blanks_in(text: str, model: str) -> Sequence[object]:
    """Return what is filled into a text, or the number of names in a list of several, as in the English text."""
    blanks = sorted(re.findall(r"\{\w*\}", text))
    return [*blanks, text.count(" ")] if model in _LISTS else blanks


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


def translated_head(words: Wording, head: str) -> str:
    """Return the English head of a column in a language; as it is if the tool has no such word."""
    key = head if head in words else _KEYS_BY_HEAD.get(head)
    return column_head(words, key) if key else head


def localized_digits(text: str, words: Wording) -> str:
    """Return a number in the digits of a language; with letters in it, such as TF-1, it is a name and stays."""
    return text if any(map(str.isalpha, text)) else text.translate(str.maketrans("0123456789", words["digits"]))


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


def format_number(number: str | int, words: Wording) -> str:
    """Return a number such as 1,234.5, or an integer, with the digits and signs of a language."""
    text = f"{number:,}" if isinstance(number, int) else number
    signs = {",": words["thousands"], ".": words["decimal"]}
    return localized_digits("".join(signs.get(sign, sign) for sign in text), words)


def latin_form(text: str, language: str) -> str:
    """Return a text in small letters from a to z as far as its language writes them so: `gebaeude`."""
    letters = wording_for(language)["letters"].split(" ")
    for letter, form in zip(letters[::2], letters[1::2], strict=True):
        text = text.lower().replace(letter, form)
    return text


def name_in(words: Wording, key: str, index: int) -> str:
    """Return a name in a list with blanks between the names, such as the months."""
    return words[key].split(" ")[index]


def format_date(on: date | None, words: Wording, *, months: str = "months", form: str = "date_form") -> str:
    """Return a printed date, "22 April 2020"; empty without a date. `day_form` has no year."""
    if not on:
        return ""
    day, year = (localized_digits(str(number), words) for number in (on.day, on.year))
    return words[form].format(day=day, month=name_in(words, months, on.month - 1), year=year)
