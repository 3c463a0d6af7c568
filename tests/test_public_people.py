"""A copy for the public tells of nobody who is not public: no name, no post of theirs alone, no id, in any format."""

from __future__ import annotations

import re
from pathlib import Path

import crowd_kit
import pytest
from command_kit import hide_office, nioc
from output_kit import words_of
from sample_history import commit, edit, git, start_history
from test_audience import held, unpacked
from test_papers import copy

from nioc_paper.render import DOCUMENT_WRITERS

SECRETS = (
    *("Zenobia", "Quillfeather", "Director of Studies", "0000-0002-1825-0097", "met at the op"),
    *("Otto Quincy", "otto-quincy", "Registrar", "Ida Quirke", "ida-quirke", "Ulf Quist", "ulf-quist", "Ada North"),
    *("ada-north", "Bridge Engineer", "Ben Lock", "ben-lock", "Xylander"),
)
INSIDE = {f"crossings.{form}" for form in DOCUMENT_WRITERS} | {"crossings-limited.html"}
"""Copies that the public does not get, beside those that it gets."""


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return crowd_kit.outputs(tmp_path_factory) / "dist"


def test_no_output_names_a_person_who_is_not_public(outputs: Path) -> None:
    files = [
        file
        for file in outputs.rglob("*")
        if file.is_file() and "pagefind" not in file.parts and file.name not in INSIDE
    ]
    names_by_file = {
        file.relative_to(outputs).as_posix(): secrets
        for file in files
        if (secrets := held(unpacked(file.name, file.read_bytes()), SECRETS))
    }
    assert names_by_file == {}


def page(outputs: Path, name: str) -> str:
    return " ".join(" ".join(words_of(outputs / name)).split())


def test_people_who_may_be_named_are_named(outputs: Path) -> None:
    paper = page(outputs, "crossings-public.html")
    assert "Nora Named Roads Surveyor, Roads Department of Ardale reviewer, Tunnels" in paper
    assert "Ferry Master, Ferry Board" in paper
    assert "Academy of Crossings lead, Bridges; researcher, Tunnels" in paper


def test_a_body_that_comments_is_named_and_a_stranger_is_not(outputs: Path) -> None:
    text = page(outputs, "crossings-comments-public.html")
    for name in ("Roads Department of Ardale", "Nora Named", "A reviewer"):
        assert f"{name} 10 January 2020" in text
    assert "Xylander" not in text


def test_public_progress_tells_of_no_debts(outputs: Path) -> None:
    text = page(outputs, "site/progress.html")
    assert "Chapters" in text
    for debt in ("Obligations", "Lead", "no owner yet", "9 January 2020"):
        assert debt not in text


def test_the_public_sees_progress_only_if_the_paper_says_so(tmp_path: Path) -> None:
    root = start_history(tmp_path)
    for audience, is_shown in (("public", False), ("limited", True)):
        run = nioc(root, "site", "--downloads", "none", "--audience", audience, "--today", "2020-02-20")
        assert run.returncode == 0, run.stderr
        pages = {file.name: file.read_text(encoding="utf-8") for file in (root / "dist/site").glob("*.html")}
        assert ("progress.html" in pages) is is_shown
        assert any("progress.html" in text for text in pages.values()) is is_shown
        assert any("late" in text.lower().split() for text in pages.values()) is is_shown


# --- versions and days, and no word of the tools ----------------------------------------------------------------------


TOOLS = re.compile(
    r"\b(git|گٹ|commit\w*|uncommitted|repositor\w+|cache\w*|pandoc|weasyprint|pydyf|libreoffice|chromium|python|hash)\b"
    # But the reference of a file, by which it is known when it comes back: crossings-3f8a9c21b0-2.
    r"|\b(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{7,64}\b(?!-\d)",
    re.IGNORECASE,
)


def tool_words(folder: Path) -> list[tuple[str, str]]:
    """Every word of a tool in a folder of outputs, with its file."""
    return [
        (file.relative_to(folder).as_posix(), text[max(match.start() - 40, 0) : match.end() + 20])
        for file in sorted(folder.rglob("*"))
        if file.is_file() and "pagefind" not in file.parts
        for text in words_of(file)
        for match in TOOLS.finditer(text)
    ]


COMMANDS = (
    ("build", "--to", "html"),
    ("build", "--chapter", "bridges", "--to", "docx", "--review-copy"),
    ("board", "--to", "html"),
    ("newsletter", "--month", "2020-02"),
    ("site", "--downloads", "none"),
    ("remind", "--to", "eml", "--out", "dist/letters"),
    ("calendar", "--out", "dist/plan.ics"),
)


def make(root: Path, *commands: tuple[str, ...]) -> None:
    for command in commands:
        run = nioc(root, *command, "--today", "2020-03-02")
        assert run.returncode == 0, run.stderr


def test_no_output_of_a_paper_with_a_history_speaks_of_tools(tmp_path_factory: pytest.TempPathFactory) -> None:
    root = crowd_kit.outputs(tmp_path_factory)
    folders = (root / "dist", crowd_kit.inside_outputs(tmp_path_factory))
    assert [word for folder in folders for word in tool_words(folder)] == []
    page = (root / "dist" / "crossings.html").read_text(encoding="utf-8")
    assert "13 January 2020 · with later changes" in page


def test_no_output_of_a_paper_without_git_speaks_of_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hide_office(monkeypatch)  # it counts pages
    root = copy("healthy", tmp_path)
    make(root, *COMMANDS)
    assert tool_words(root / "dist") == []


@pytest.mark.parametrize(
    ("version", "tag", "changed", "shown"),
    [
        ("", "", False, "6 January 2020</p>"),
        ("", "", True, "6 January 2020 · with later changes</p>"),
        ("", "v2", False, "6 January 2020 · v2</p>"),
        ("", "v2", True, "6 January 2020 · v2, with later changes</p>"),
        ("3", "v2", False, "6 January 2020 · Version 3</p>"),
    ],
)
def test_readers_see_the_version_and_the_manifest_the_commit(
    tmp_path: Path, version: str, tag: str, changed: bool, shown: str
) -> None:
    key = f"version: {version}\n" if version else ""
    root = start_history(tmp_path, changes={"paper/paper.yaml": ("id: crossings\n", f"id: crossings\n{key}")})
    if tag:
        git(root, "tag", tag)
    if changed:
        edit(root, "chapters/bridges.md", ("Inspect every", "Inspect each"))
    make(root, ("build", "--to", "html"))
    assert shown in (root / "dist" / "crossings.html").read_text(encoding="utf-8")
    hash_ = git(root, "rev-parse", "HEAD")[:10] + (" with changes" if changed else "")
    assert f'"commit": "{hash_}"' in (root / "dist" / "manifest.json").read_text(encoding="utf-8")


def test_two_versions_of_one_day_have_their_times(tmp_path: Path) -> None:
    root = start_history(tmp_path)
    edit(root, "chapters/bridges.md", ("Inspect every", "Inspect each"))
    commit(root, "2020-01-06T13:30:00Z")
    run = nioc(root, "redline", "HEAD~1..", "--to", "html")
    assert run.returncode == 0, run.stderr
    page = (root / "dist" / "crossings-redline.html").read_text(encoding="utf-8")
    assert "Changes from 6 January 2020, 17:00:00 to 6 January 2020, 18:30:00" in page


# --- the first newsletter ---------------------------------------------------------------------------------------------


def first_letter(root: Path) -> str:
    make(root, ("newsletter", "--month", "2020-02", "--to", "txt"))
    (file,) = (root / "dist").glob("*newsletter*.txt")
    return " ".join(file.read_text(encoding="utf-8").split())


def started(folder: Path, *, committed: tuple[str, ...]) -> Path:
    """The healthy paper in a repository of January, with these of its files in a first commit of February."""
    root = start_history(folder)
    git(root, "update-ref", "-d", "HEAD")
    git(root, "rm", "-rq", "--cached", ".")
    git(root, "commit", "-q", "--allow-empty", "-m", "an older repository", at="2020-01-06T12:00:00Z")
    git(root, "add", *committed)
    git(root, "commit", "-q", "-m", "words", at="2020-02-06T12:00:00Z")
    return root


@pytest.mark.parametrize("committed", [(".",), ("paper/paper.yaml",), ("paper", "contributors.yaml")])
def test_the_first_newsletter_does_not_list_a_paper_as_new(tmp_path: Path, committed: tuple[str, ...]) -> None:
    root = started(tmp_path, committed=committed)
    commit(root, "2020-02-07T12:00:00Z")
    letter = first_letter(root)
    assert "The record of the paper begins on 6 February 2020" in letter
    assert "Chapters by status: 2 Drafting, 1 Review." in letter
    for unwanted in ("not in the paper", "Recommendations", "New ", "Nothing changed", "Decision: The paper"):
        assert unwanted not in letter


def test_a_change_after_the_beginning_is_news_in_the_first_newsletter(tmp_path: Path) -> None:
    root = started(tmp_path, committed=(".",))
    rule = (
        "::: {#rec-br-sign .recommendation}\nPut up signs.\n\n- Owner: RDA\n- By: 2020-12-31\n- Indicator: signs\n:::"
    )
    edit(
        root,
        "chapters/bridges.md",
        ("status: drafting", "status: review"),
        ("## Recommendations", f"## Recommendations\n\n{rule}"),
    )
    commit(root, "2020-02-07T12:00:00Z")
    letter = first_letter(root)
    assert "Bridges Drafting Review" in letter
    assert "Put up signs." in letter


def test_a_meeting_before_the_record_begins_is_no_base_of_a_comparison(tmp_path: Path) -> None:
    root = started(tmp_path, committed=(".",))
    run = nioc(root, "board", "--today", "2020-02-10")
    assert run.returncode == 0, run.stderr
    assert "the record of the paper begins later" in " ".join(run.stdout.split())
