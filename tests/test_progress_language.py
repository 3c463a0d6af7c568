"""Outputs about progress speak the paper's language, in its digits; only its own words are in another script."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import fields, replace
from sample_plan import chapter, paper
from test_dates_agree import strings

from nioc_paper import tree
from nioc_paper.assemble.documents.board import build_board_page
from nioc_paper.assemble.numbered_paper import number_paper
from nioc_paper.model import History, OutputOptions, Paper, SiteProgress
from nioc_paper.progress import measure_progress
from nioc_paper.render.site.pages import plan_pages
from nioc_paper.render.site.progress_context import progress_context
from nioc_paper.report.reminders import INSTRUCTION_KINDS, build_letters
from nioc_paper.wording import wording_for

DECISION = {"id": "D", "meeting": "First", "on": "2019-11-22", "kind": "decision", "text": "Do it", "due": "2020-01-20"}
REVIEWS = {
    "chapter": "four",
    "sendings": [{"number": 1, "to": "amna", "on": "2020-01-03", "commit": "0" * 40}],
    "comments": [{"number": n, "by": "bilal", "kind": "major", "text": "Why?"} for n in (1, 2)],
}
CHAPTERS = (
    chapter("one", "drafting", target=4000, words=900),
    chapter("two", "outline", lead="bilal", due={"outline": "2020-01-13"}),
    chapter("three", "drafting", lead="", due={"drafting": "2020-01-06"}),
    chapter("four", "internal-review", contributors=[{"id": "bilal", "role": "reviewer"}]),
    chapter("five", "clearance", clearances=[{"body": "bureau"}, {"body": "Customs", "state": "requested"}]),
    chapter("six", "peer-review", words=12345),
    chapter("seven", "final"),
)
DAYS = ("2019-10-01", "2019-12-05", "2020-02-07", "2020-04-22", "2020-08-30")


@cache
def urdu_paper() -> Paper:
    made = paper(*CHAPTERS, decisions=[DECISION, {**DECISION, "id": "E", "kind": "scope"}], reviews=REVIEWS)
    return replace(made, settings=made.settings.replace(language="ur"))


@cache
def own_words() -> frozenset[str]:
    """Every word in the data of the paper."""
    # The program is called so in every language.
    return frozenset({"Word"}) | frozenset(
        word for text in texts_in(urdu_paper()) for word in re.findall(r"[A-Za-z]+", text)
    )


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Struct):
        for field in fields(value):
            yield from texts_in(getattr(value, field.name))
    elif hasattr(value, "__slots__") or hasattr(value, "__dict__"):
        for name in getattr(type(value), "__annotations__", ()):
            yield from texts_in(getattr(value, name, None))
    elif isinstance(value, Mapping):
        for inner in (*value.keys(), *value.values()):
            yield from texts_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts_in(inner)


def outputs(day: str) -> dict[str, str]:
    made, words = urdu_paper(), wording_for("ur")
    progress = measure_progress(made, History(), date.fromisoformat(day), words)
    document = number_paper(made, History(), OutputOptions()).document(None)
    site = progress_context(document, plan_pages(document), SiteProgress(made, progress))
    return {
        "board": tree.plain_text(build_board_page(made, History(), progress).blocks),
        "letters": "\n".join(letter.as_text for letter in build_letters(made, progress)),
        "site": "\n".join(strings({key: value for key, value in site.items() if key != "progress"})),
    }


@pytest.mark.parametrize("day", DAYS)
def test_digits_are_those_of_the_language_and_words_too_or_the_papers_own(day: str) -> None:
    for output, text in outputs(day).items():
        assert re.findall(r".{9}[0-9]+.{9}", text) == [], output
        assert set(re.findall(r"[A-Za-z]+", text)) - own_words() == set(), output


def test_letters_say_how_to_do_every_kind_of_task() -> None:
    progress = measure_progress(urdu_paper(), History(), date(2020, 2, 7))
    assert {o.kind for o in progress.obligations} <= set(INSTRUCTION_KINDS)
    assert {"comments", "review", "clearance", "permission", "decision"} <= {o.kind for o in progress.obligations}
