"""Words of the outputs: every language has them all, with its own digits and signs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from sample_document import document

from nioc_paper import tree, wording
from nioc_paper.model import Asset, OwnWords
from nioc_paper.render.common import special_fonts
from nioc_paper.render.common.bidi import isolate_runs
from nioc_paper.render.common.special_fonts import packages_of, system_font_files
from nioc_paper.render.pdf import pdf_writer
from nioc_paper.system import pandoc
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
    heads = json.loads((FOLDER / "registers.json").read_text(encoding="utf-8"))
    table = yaml.safe_load((FOLDER / f"{language}.yaml").read_text(encoding="utf-8"))
    assert {**table, **{head: new.get(language, head) for head, new in heads.items()}} == words


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


# --- letters that our fonts lack --------------------------------------------------------------------------------------

SAMPLES = {
    "Devanagari": "हिन्दी",
    "Bengali": "বাংলা",
    "Thai": "ภาษาไทย",
    "CJK": "中文 ひらがな 한국어",
    "Symbols2": "↔ ☒ ✗ □",
}


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[Path, frozenset[int]]:
    """Fonts of a machine, each with the letters of a script; one has a bold face, one some letters of another."""
    letters = {tmp_path / f"NotoSans{name}-Regular.ttf": frozenset(map(ord, text)) for name, text in SAMPLES.items()}
    letters[tmp_path / "NotoSansFew-Regular.ttf"] = frozenset(map(ord, "↔中"))
    for file in (*letters, tmp_path / "NotoSansThai-Bold.ttf"):
        file.touch()
    monkeypatch.setattr(special_fonts, "_letters_of_noto", lambda: letters)
    return letters


def fonts_for(words: str) -> list[str]:
    blocks = ({"t": "Para", "c": [{"t": "Str", "c": word} for word in words.split()]},)
    return [file.name for file in system_font_files(replace(document(), title="", blocks=blocks))]


@pytest.mark.parametrize("script", SAMPLES)
def test_a_script_has_its_font(script: str, machine: dict[Path, frozenset[int]]) -> None:
    assert fonts_for(SAMPLES[script])[0] == f"NotoSans{script}-Regular.ttf"
    assert len(machine) == len(SAMPLES) + 1


@pytest.mark.usefixtures("machine")
def test_fonts_are_as_few_as_can_be_and_have_both_faces() -> None:
    assert fonts_for("Zürich, naïve, Ελλάδα, Россия: “12 ½” – 5 % → 3\u20112") == []
    assert fonts_for("ไทย") == ["NotoSansThai-Regular.ttf", "NotoSansThai-Bold.ttf"]
    assert fonts_for("中文 ↔ \u0378") == ["NotoSansCJK-Regular.ttf", "NotoSansSymbols2-Regular.ttf"]


@pytest.mark.usefixtures("machine")
def test_letters_in_drawings_have_fonts_and_places() -> None:
    drawing = Asset("paper/figures/a.svg", "image/svg+xml", "<svg><text>中 ↔</text></svg>".encode())
    drawn = replace(document(), title="", blocks=(), assets={"a": drawing}, charts={})
    assert [file.name for file in system_font_files(drawn)] == ["NotoSansFew-Regular.ttf"]
    assert [d.place.path for d in pdf_writer._letter_diagnostics("中", drawn)] == [drawing.path]


def test_a_missing_package_is_named_once(machine: dict[Path, frozenset[int]]) -> None:
    assert packages_of("中ह") == []
    machine.clear()
    assert packages_of("中文") == ["fonts-noto-cjk"]
    assert packages_of("中ह↔") == ["fonts-noto-cjk", "fonts-noto-core"]


# --- words of one direction inside a text of the other ----------------------------------------------------------------


def shown(markdown: str, language: str) -> str:
    """A paragraph as HTML, languages left out."""
    blocks, _ = pandoc.parse_markdown(markdown)
    html = pandoc.write(isolate_runs(blocks, language, ["en"]), "html5", args=["--wrap=none"]).decode().strip()
    return re.sub(' lang="[^"]*"', "", html.removeprefix("<p>").removesuffix("</p>"))


LATIN = '<span dir="ltr">{}</span>'.format
CASES = {
    "ایک FATF، دو": f"ایک {LATIN('FATF')}، دو",
    "ایک (FATF) دو": f"ایک ({LATIN('FATF')}) دو",
    "ایک Financial Action Task Force (FATF) دو": f"ایک {LATIN('Financial Action Task Force (FATF)')} دو",
    "Act 1997۔ اور 2018": f"{LATIN('Act 1997')}۔ اور 2018",
    "ایک FATF) (NACTA دو": f"ایک {LATIN('FATF')}) ({LATIN('NACTA')} دو",
    "*FATF plan* دو": f"<em>{LATIN('FATF plan')}</em> دو",
    "[FATF](https://example.org) دو": '<a href="https://example.org" dir="ltr">FATF</a> دو',
    "[FATF کا صفحہ](https://example.org)": '<a href="https://example.org">FATF کا صفحہ</a>',
}


@pytest.mark.parametrize("markdown", CASES)
def test_latin_words_in_urdu_are_isolated_with_their_punctuation(markdown: str) -> None:
    assert shown(markdown, "ur") == CASES[markdown]


def test_urdu_words_in_english_are_isolated_with_their_punctuation() -> None:
    assert shown("The word پل، سرنگ۔ is theirs.", "en-GB") == 'The word <span dir="rtl">پل، سرنگ۔</span> is theirs.'


def test_a_passage_in_another_language_has_its_direction_and_isolates_foreign_words() -> None:
    assert shown("ایک [word and لفظ too]{lang=en} دو", "ur") == (
        'ایک <span dir="ltr">word and <span dir="rtl">لفظ</span> too</span> دو'
    )


def test_an_isolated_run_has_the_language_of_the_paper_for_its_script() -> None:
    blocks, _ = pandoc.parse_markdown("::: {lang=ur}\nایک FATF\n:::\n\nThe word پل.\n")
    spans = [tree.attributes(node) for node in tree.walk(isolate_runs(blocks, "en-GB", ["ur"])) if node["t"] == "Span"]
    assert spans == [{"dir": "ltr", "lang": "en-GB"}, {"dir": "rtl", "lang": "ur"}]


WORDS = st.lists(st.text("ab1 2()[]،۔.,۳پلو", min_size=1, max_size=8), min_size=1, max_size=6).map(" ".join)


@given(WORDS, st.sampled_from(["ur", "en"]))
def test_no_letter_is_lost_or_moved(words: str, language: str) -> None:
    block = tree.para(tree.text_inlines(words))
    assert tree.plain_text(list(isolate_runs([block], language))) == tree.plain_text(block)


@given(WORDS)
def test_brackets_are_in_pairs_in_every_run(words: str) -> None:
    runs = [n for n in tree.walk(isolate_runs([tree.para(tree.text_inlines(words))], "ur")) if n["t"] == "Span"]
    assert [text for text in map(tree.plain_text, runs) if text.count("(") != text.count(")")] == []
