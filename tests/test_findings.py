"""Findings in the forms for people and for machines."""

from __future__ import annotations

import json
from pathlib import Path

from command_kit import nioc
from hypothesis import given
from hypothesis import strategies as st
from sarif_pydantic import Sarif
from test_papers import copy

from nioc_paper.model import Diagnostic, Place, Severity
from nioc_paper.report.findings import FORMATS

ODD = Diagnostic(Place("a b,c:d%.md", 3, 7), "left-over", "100 % of\nthis", Severity.WARNING, "mend: it, now")
LINES = {"c.md": ["", "اردو 𝒳 a fault here"]}


def test_github_escapes_what_would_end_a_command() -> None:
    said = FORMATS["github"]([ODD], lambda _: ())
    assert said.splitlines() == [
        "::warning file=a b%2Cc%3Ad%25.md,line=3,col=7,title=left-over::100 %25 of%0Athis%0Ahint: mend: it, now",
        "1 warning in 1 file",
    ]


def test_sarif_is_what_the_standard_says() -> None:
    text = FORMATS["sarif"]([ODD, Diagnostic(Place("c.md"), "bad-yaml", "no")], lambda _: ())
    run = Sarif.model_validate_json(text).runs[0]
    assert [(r.rule_id, str(getattr(r.level, "value", r.level))) for r in run.results or []] == [
        ("left-over", "warning"),
        ("bad-yaml", "error"),
    ]
    assert "a%20b%2Cc%3Ad%25.md" in text


def test_sarif_of_nothing_has_a_run_with_no_results() -> None:
    assert json.loads(FORMATS["sarif"]([], lambda _: ()))["runs"][0]["results"] == []


def test_the_caret_stands_under_the_place() -> None:
    said = FORMATS["full"]([Diagnostic(Place("c.md", 2, 10), "left-over", "here")], lambda path: LINES[path])
    source, caret = said.splitlines()[3:5]
    assert source.index("fault") - source.index("|") == caret.index("^") - caret.index("|")


@given(
    st.lists(
        st.builds(
            Diagnostic,
            st.builds(Place, st.text(max_size=9), st.integers(1, 9), st.integers(1, 99)),
            st.just("bad-yaml"),
            st.text(max_size=30),
        )
    )
)
def test_no_form_fails_or_lets_a_terminal_be_steered(found: list[Diagnostic]) -> None:
    for name, form in FORMATS.items():
        said = form(found, lambda _: ("a line",))
        assert "\x1b" not in said
        if name in ("json", "sarif"):
            json.loads(said)


def test_data_behind_a_chapter_are_checked_with_it(tmp_path: Path) -> None:
    paper = copy("healthy", tmp_path)
    (paper / "paper" / "data" / "closures.csv").write_text("year,days\n2017\n", encoding="utf-8")
    for chapter, said in (("tunnels", True), ("bridges", False)):
        run = nioc(paper, "check", f"chapters/{chapter}.md", "--today", "2020-01-30")
        assert ("paper/data/closures.csv:2:1: error[broken-data]" in run.stdout) == said
