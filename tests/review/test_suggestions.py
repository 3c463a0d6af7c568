"""Suggestions in a chapter: read at their places, and shown in copies for review only."""

from __future__ import annotations

import re
from pathlib import Path

import docx_integrity
import pytest
from command_kit import hide_office, nioc, succeed
from hypothesis import given
from hypothesis import strategies as st
from rounds import few
from test_papers import appended, copy
from word_kit import element_text

from nioc_paper import tree
from nioc_paper.load.tree_extracts import extract_outline
from nioc_paper.model import Node
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import get_attribute, iter_elements
from nioc_paper.system import pandoc
from nioc_paper.tree import suggestions

CHAPTER = "chapters/bridges.md"


def read(text: str) -> list[Node]:
    return suggestions.parse_suggestions(pandoc.parse_markdown(suggestions.mask_marks(text))[0])


def suggestions_of(text: str) -> list[tuple[str, str]]:
    return [(s.kind, s.text) for s in extract_outline(read(text), "a.md").suggestions]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Two {++or three++} piers.", [("insertion", "or three")]),
        ("Two {--*old* stone--} piers.", [("deletion", "old stone")]),
        ("{~~Two~>Three~~} piers.", [("deletion", "Two"), ("insertion", "Three")]),
        ("{==Two==}{>>Why “two”?<<} piers.", [("remark", "Why “two”?")]),
        (
            "A [++ new] and [-- an old] pier [>> or two].",
            [("insertion", "new"), ("deletion", "an old"), ("remark", "or two")],
        ),
        ("[++ See [the survey](https://example.org) [1].]", [("insertion", "See the survey [1].")]),
        ("- {++an item++}\n- another", [("insertion", "an item")]),
        ("A [tall]{.new .insertion} [pier]{.old .deletion}.", [("insertion", "tall"), ("deletion", "pier")]),
        ("| A |\n|---|\n| {--1--}{++2++} |", [("deletion", "1"), ("insertion", "2")]),
        ("Not {++ closed, nor {-- this.", []),
        ("Not ++} opened, a~>b and {~~no second part~~}.", []),
        ("`{++code++}` and $x^{--}$ and <https://example.org/?a=[++>", []),
    ],
)
def test_marks_of_both_kinds_are_read_wherever_words_stand(text: str, kinds: list[tuple[str, str]]) -> None:
    assert suggestions_of(text) == kinds


@pytest.mark.parametrize("text", ["{++ a", "b ++}", "{~~ a ~~}", "[++ a", "`{++a++}`", "1--2 {- x -}", "a ~> b"])
def test_text_without_suggestions_is_unchanged(text: str) -> None:
    code = "".join(n["c"][1] for n in tree.walk(read(text)) if n["t"] == "Code")
    plain = re.sub(r"[\s–—-]+|~~", "", code or tree.plain_text(read(text)))
    assert plain == re.sub(r"[\s`–—-]+|~~", "", text)


@given(st.lists(st.sampled_from([*suggestions._MARKS, "word", " ", "*", "]", "[", "\n\n"]), max_size=25).map("".join))
@few(20)
def test_suggestions_lose_no_text_and_leave_no_marks(text: str) -> None:
    shown = tree.plain_text(read(text))
    assert not suggestions._MASK_PATTERN.search(shown)
    assert shown.count("word") == tree.plain_text(pandoc.parse_markdown(suggestions.mask_marks(text))[0]).count("word")


def test_without_suggestions_a_text_is_not_touched() -> None:
    text = "A range of 3--5, ~~struck~~, {.class} and [@key]."
    assert suggestions.mask_marks(text) is text


@pytest.fixture
def paper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    hide_office(monkeypatch)
    root = copy("healthy", tmp_path)
    appended(
        root / CHAPTER, "\nNobody {~~knows~>counted~~} the old ones{++ of the north++}. {>>Ask the Audit Office.<<}\n"
    )
    return root


def built(root: Path, name: str, *options: str) -> Package:
    succeed(root, "build", "--to", "docx,html", *options)
    return Package((root / "dist" / f"{name}.docx").read_bytes())


def test_other_copies_ignore_suggestions(paper: Path) -> None:
    package = built(paper, "crossings")
    texts = [element_text(p) for p in iter_elements(package.body, "w:p")]
    assert any(text.endswith("Nobody knows the old ones.") for text in texts)
    page = (paper / "dist" / "crossings.html").read_text(encoding="utf-8")
    assert "Nobody knows the old ones." in page
    assert "Audit Office." not in page
    assert "counted the old" not in page


def test_a_copy_for_review_shows_them_and_word_as_tracked_changes(paper: Path) -> None:
    package = built(paper, "crossings-review", "--review-copy")
    faults = docx_integrity.check(paper / "dist" / "crossings-review.docx")
    assert [f for f in faults if f.severity.value == "error"] == []
    put_in, taken_out = (
        [
            ("".join(t.text or "" for t in iter_elements(n, of)), get_attribute(n, "w:author"))
            for n in iter_elements(package.body, name)
        ]
        for name, of in (("w:ins", "w:t"), ("w:del", "w:delText"))
    )
    assert put_in == [("counted", "Suggestion"), (" of the north", "Suggestion")]
    assert taken_out == [("knows", "Suggestion")]
    page = (paper / "dist" / "crossings-review.html").read_text(encoding="utf-8")
    assert re.search(r'class="deletion"[^>]*>knows<', page)
    assert "(Remark: Ask the Audit Office.)" in " ".join(re.sub(r"<[^>]+>", "", page).split())


def test_a_chapter_with_suggestions_is_not_sent(paper: Path) -> None:
    run = nioc(paper, "send", "bridges", "--to", "ben-lock")
    assert run.returncode == 1
    assert "'bridges' has 4 suggestions in its text" in run.stderr


def test_withheld_suggestions_leave_no_trace(tmp_path: Path) -> None:
    root = copy("healthy", tmp_path)
    appended(root / CHAPTER, "\n::: restricted\nKept {++secret++} back.\n:::\n")
    succeed(root, "build", "--review-copy", "--public", "--to", "html")
    assert all("secret" not in p.read_text(encoding="utf-8") for p in (root / "dist").glob("*.html"))
