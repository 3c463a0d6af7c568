"""Quantities, words that only look like them, and personal data."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from test_papers import appended, read_tables

from nioc_paper.check.rules.evidence import uncited_number
from nioc_paper.check.rules.privacy import PERSONAL_DATA_PATTERNS
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.check.text.passages import Passage
from nioc_paper.check.text.quantities import find_quantities
from nioc_paper.check.text.stated_numbers import find_chapter_numbers
from nioc_paper.load import load
from nioc_paper.model import Chapter, FrontMatter, Paper

HEALTHY = Path(__file__).parents[1] / "papers" / "healthy"

TABLES = read_tables("evidence")
QUANTITIES = TABLES["quantities"]
NONE = TABLES["none"]
PEOPLE = TABLES["people"]
NOBODY = TABLES["nobody"]


@pytest.mark.parametrize("text", QUANTITIES)
def test_a_quantity_is_found(text: str) -> None:
    assert [quantity.text for quantity in find_quantities(text) if not quantity.is_of_parts] == QUANTITIES[text]


UNSOURCED = TABLES["unsourced"]


def test_what_the_paper_or_a_law_sets_needs_no_source() -> None:
    assert [sentence for sentence in UNSOURCED if _is_uncited(sentence)] == []


def test_numbers_without_a_source_are_found_and_hardly_others() -> None:
    text = (Path(__file__).parents[1] / "stated_numbers.txt").read_text(encoding="utf-8")
    sentences = [(line[0] == "+", line[2:]) for line in text.splitlines()[1:]]
    answers = [(needs_source, _is_uncited(sentence)) for needs_source, sentence in sentences]
    right = answers.count((True, True))
    assert right / (right + answers.count((False, True))) >= 0.95
    assert right / (right + answers.count((True, False))) >= 0.95


def _is_uncited(sentence: str) -> bool:
    text = ChapterText(Chapter("a.md", FrontMatter(title="A", status="", category=""), ""))
    vars(text)["passages"] = (Passage("a.md", sentence),)
    return any(True for _ in uncited_number(Paper(), text))


@pytest.mark.parametrize("mark", ["^", "~"])
@pytest.mark.parametrize("form", ["Since {} they fall.\n", "*Since {}* they fall.\n", "| Year |\n|---|\n| {} [@a] |\n"])
def test_a_raised_or_lowered_digit_is_not_part_of_the_number_before_it(mark: str, form: str, tmp_path: Path) -> None:
    shutil.copytree(HEALTHY, tmp_path / "paper")
    appended(tmp_path / "paper/chapters/bridges.md", f"\n{form.format(f'2017{mark}3{mark}')}\n{form.format('20174')}")
    paper = load(tmp_path / "paper", lambda _: None)
    (chapter,) = (chapter for chapter in paper.chapters if chapter.id == "bridges")
    values = {number.value for number in find_chapter_numbers(ChapterText(chapter), {})}
    assert values & {"20173", "20174"} == {"20174"}


@pytest.mark.parametrize("text", NONE)
def test_another_number_is_no_quantity(text: str) -> None:
    assert [quantity.text for quantity in find_quantities(text) if not quantity.is_of_parts] == []


@pytest.mark.parametrize(("what", "text"), [(what, text) for what, texts in PEOPLE.items() for text in texts])
def test_personal_data_is_found(what: str, text: str) -> None:
    assert [name for name, pattern in PERSONAL_DATA_PATTERNS.items() if pattern.search(f"Ask {text} today.")] == [what]


@pytest.mark.parametrize("text", NOBODY)
def test_other_data_is_not_personal(text: str) -> None:
    assert [name for name, pattern in PERSONAL_DATA_PATTERNS.items() if pattern.search(text)] == []
