"""Words of the outputs: every language has them all, with its own digits and signs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
import yaml

from nioc_paper import wording
from nioc_paper.model import OwnWords
from nioc_paper.wording import (
    ENGLISH,
    LANGUAGES,
    blanks_in,
    format_date,
    format_number,
    localized_digits,
    numbered_label,
    shipped_words,
    text_direction,
    wording_for,
)

FOLDER = Path(wording.__file__).parent


def ill_formed(words: Mapping[str, str]) -> list[str]:
    """Keys of texts that lack what the English one has."""
    return [
        key for key, text in words.items() if blanks_in(text, ENGLISH[key]) != blanks_in(ENGLISH[key], ENGLISH[key])
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wording_table_has_exactly_the_used_keys_and_is_yaml(language: str) -> None:
    words = shipped_words(language)
    assert words.keys() ^ ENGLISH.keys() == set()
    assert {key for key, word in words.items() if not word.strip()} == set()
    assert ill_formed(words) == []
    assert len(words["digits"]) == 10
    assert yaml.safe_load((FOLDER / f"{language}.yaml").read_text(encoding="utf-8")) == words


def test_dates_numbers_and_marks_of_other_languages_come_from_cldr() -> None:
    table = json.loads((FOLDER / "cldr.json").read_text(encoding="utf-8"))
    for language, words in table.items():
        merged = wording_for(language) if language not in LANGUAGES else {**ENGLISH, **words}
        assert words.keys() <= ENGLISH.keys()
        assert ill_formed({key: merged[key] for key in words}) == [], language
    french, german = wording_for("fr-CA"), wording_for("de-AT")
    assert format_date(date(2028, 12, 31), french) == "31 décembre 2028"
    assert format_date(date(2028, 12, 31), german) == "31. Dezember 2028"
    assert (format_number("1,234.5", french), format_number("1,234.5", german)) == ("1\u202f234,5", "1.234,5")
    assert wording_for("tlh") == ENGLISH


def test_the_words_of_a_paper_come_before_those_of_the_tool() -> None:
    own = OwnWords("de", (), (("de", "figure", "Schaubild"), ("fr", "contents", "Sommaire")))
    assert wording_for("de-AT", own)["figure"] == "Schaubild"
    assert wording_for("de-AT", own)["table"] == "Tabelle"
    assert wording_for("fr", own)["contents"] == "Sommaire"
    assert wording_for("en-GB", own) is ENGLISH


def test_numbers_and_dates_are_in_the_language_s_own_digits() -> None:
    words = wording_for("ur")
    assert numbered_label("figure", "3.2", words) == "شکل ۳.۲"
    assert numbered_label("recommendation", "TF-1", words) == "سفارش TF-1"
    assert numbered_label("gap", "", words) == "خلا"
    assert localized_digits("12", ENGLISH) == "12"
    assert format_date(date(2020, 4, 22), words) == "۲۲ اپریل ۲۰۲۰"
    assert format_date(date(2020, 4, 22), ENGLISH) == "22 April 2020"
    assert format_date(None, words) == ""


def test_the_script_decides_the_text_direction() -> None:
    tags = ("en-GB", "ur", "ur-PK", "ur-Latn", "pa-Arab", "pa", "ps-AF")
    assert [text_direction(tag) for tag in tags] == ["ltr", "rtl", "rtl", "ltr", "rtl", "ltr", "rtl"]
