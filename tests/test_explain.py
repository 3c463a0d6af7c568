"""`nioc explain`: the page of every rule, read in a terminal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from nioc_paper import load, render
from nioc_paper.app.explanations import format_rule_list, format_rule_page
from nioc_paper.check.rule_names import NAMES
from nioc_paper.check.rule_tables import rule_explanations, rule_severities
from nioc_paper.cli.commands import nioc
from nioc_paper.model import Severity

PAGES = sorted((Path(__file__).parent / "rules").glob("*.md"))


def explain(*args: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(nioc, ["explain", *args])
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.stem)
def test_no_word_of_a_page_is_lost(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    shown = format_rule_page(text)
    assert shown.partition("\n")[0] == file.stem
    assert not re.search(r"^ {0,2}(```|#)", shown, re.MULTILINE)
    assert [w for w in words(text) if w not in shown.split()] == []
    rest = iter(shown.split())
    assert all(word in rest for word in words(text)), "the words stand in another order"


def words(text: str) -> list[str]:
    """The words of a page, without the marks of headings and fences."""
    return [word for word in text.split() if not re.fullmatch(r"#+|`{3,}\w*", word)]


def test_fences_in_fences() -> None:
    assert format_rule_page("# a\n\n````markdown x.md\n```{.chart}\nmark: bar\n```\n````\n") == (
        "a\n\n  x.md\n\n    ```{.chart}\n    mark: bar\n    ```"
    )


@pytest.mark.parametrize(
    ("levels", "sentence"),
    [
        ([Severity.ERROR] * 5, "Always: error."),
        ([None, Severity.INFO, Severity.WARNING], "From outline to final text: off, info, warning."),
    ],
)
def test_how_much_a_rule_weighs(levels: list[Severity | None], sentence: str) -> None:
    assert format_rule_page("# a", levels) == f"a\n\n{sentence}"


def test_every_rule_is_listed_and_explained() -> None:
    code, out, _ = explain()
    assert code == 0
    listed = [line.split("  ")[0] for line in out.splitlines()]
    kinds = {*load.READING_EXPLANATIONS, *rule_explanations(), *render.OUTPUT_EXPLANATIONS}
    assert listed == sorted({rule.partition("/")[0] for rule in kinds})
    assert set(rule_severities()) <= kinds
    for rule in {*listed, *kinds, *(name for name, new in NAMES.items() if new)}:
        assert explain(rule)[0] == 0


def test_a_former_name_shows_the_kind() -> None:
    assert explain("unknown-list")[1] == explain("dead-name/list")[1]
    assert explain("dead-name")[1].startswith("dead-name\n\n")
    assert explain("unread-mark/likely")[1] in explain("unread-mark")[1]


def test_a_kind_without_a_page_shows_the_examples_of_its_rule() -> None:
    status = explain("dead-name/status")[1]
    assert status.startswith("dead-name/status\n\nEvery name")
    assert "draftng" in status
    assert status.split("\n\n", 2)[2].split("\n\nAlways")[0] in explain("dead-name")[1]


def test_a_rule_that_is_not_known() -> None:
    code, _, errors = explain("dead-refrence")
    assert code == 2
    assert "no rule is called 'dead-refrence'; did you mean 'dead-reference'?" in errors


def test_the_list_of_rules_fits_the_terminal() -> None:
    lines = format_rule_list(
        {"dark-tunnel": "Every tunnel has a light at its end, and one at its beginning."}, 50
    ).split("\n")
    assert lines == ["dark-tunnel  Every tunnel has a light at its end,", "             and one at its beginning."]
