"""Outputs for an audience: every command with one refuses what is not for it, and writes nothing then."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import pytest
import shared
from command_kit import nioc
from sample_history import commit, edit, git
from test_papers import copy

from nioc_paper.cli.commands import nioc as commands

CHAPTER = "chapters/bridges.md"
CALLS: Mapping[str, tuple[str, ...]] = {
    "build": ("build", "--to", "html"),
    "build --chapter": ("build", "--to", "html", "--chapter", "tunnels"),
    "build --brief": ("build", "--to", "html", "--brief", "tunnels"),
    "build --comments": ("build", "--to", "html", "--comments"),
    "site": ("site", "--downloads", "none"),
    "newsletter": ("newsletter", "--month", "2020-01", "--today", "2020-01-30", "--to", "txt"),
    "redline": ("redline", "HEAD~1..HEAD", "--to", "html"),
    "export": ("export", "acronyms", "--to", "csv"),
    "calendar": ("calendar", "--today", "2020-01-30"),
}
"""Calls of each command that takes an audience."""
ADDRESS = "comment.person@mail-host.pk"
LEDGER = 'chapter: bridges\ncomments:\n  - {{id: a1, by: ben-lock, text: "{}"{}}}\n'
COMMENTS = {
    "comment": (ADDRESS, ""),
    "reply": ("Yes.", f', replies: [{{by: ben-lock, text: "Ask {ADDRESS}"}}]'),
    "answer": ("Yes.", f', answer: {{disposition: reject, by: ada-north, reason: "Ask {ADDRESS}"}}'),
}
PLACES = ("chapter", "item", "register", *COMMENTS)
PAIRS = [(PLACES[number % len(PLACES)], call) for number, call in enumerate(CALLS)]
"""Each call with a place; every place has a call."""


def put(root: Path, place: str) -> None:
    """Put the address of a person into a paper."""
    if place in COMMENTS:
        (root / "reviews").mkdir()
        (root / "reviews" / "bridges.yaml").write_text(LEDGER.format(*COMMENTS[place]), encoding="utf-8")
        return
    path, before, after = {
        "chapter": (CHAPTER, "## Gaps\n", f"Ask {ADDRESS}.\n\n## Gaps\n"),
        "item": (CHAPTER, ".gap}\n", f".gap}}\nAsk {ADDRESS}.\n"),
        "register": ("paper/registers/acronyms.yaml", "long: ", f"long: {ADDRESS} "),
    }[place]
    text = (root / path).read_text(encoding="utf-8")
    assert before in text
    (root / path).write_text(text.replace(before, after, 1), encoding="utf-8")


@pytest.fixture(scope="module")
def planted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The paper with an address at a place, since its last commit."""

    def make(folder: Path) -> None:
        root = copy("healthy", folder)
        git(root, "init", "-q")
        commit(root, "2020-01-06T12:00:00Z")
        put(root, request.param)
        commit(root, "2020-01-20T12:00:00Z")

    folder = shared.once(tmp_path_factory, f"gates-{request.param}", make)
    return Path(shutil.copytree(folder / "healthy", tmp_path_factory.mktemp("gates") / "paper"))


@pytest.mark.parametrize(("planted", "call"), PAIRS, indirect=["planted"])
def test_nothing_is_written_for_the_public_with_personal_data(planted: Path, call: str) -> None:
    shutil.rmtree(planted / "dist", ignore_errors=True)
    public = ("--audience", "public") if call in ("site", "newsletter") else ("--public",)
    run = nioc(planted, *CALLS[call], *public)
    assert (run.returncode, "error[personal-data]" in run.stderr) == (1, True), run.stderr
    assert "nothing was written" in run.stderr
    assert [file for file in (planted / "dist").rglob("*") if file.is_file() and file.name != ".lock"] == []
    assert ADDRESS not in run.stdout + run.stderr


def test_the_table_has_every_command_with_an_audience() -> None:
    assert {call.split()[0] for call in CALLS} == {*commands_with_audience()}


def commands_with_audience(group: click.Group = commands) -> Iterator[str]:
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if command and any(parameter.name in ("audience", "public") for parameter in command.params):
            yield name


def test_what_a_comment_quotes_from_its_chapter_is_allowed_there(root: Path) -> None:
    put(root, "comment")
    put(root, "chapter")
    chapter = root / CHAPTER
    allowed = "<!-- allow: personal-data because it is public -->\n\nAsk "
    chapter.write_text(chapter.read_text(encoding="utf-8").replace("Ask ", allowed, 1), encoding="utf-8")
    assert nioc(root, "export", "acronyms", "--public").returncode == 0
    ledger = root / "reviews" / "bridges.yaml"
    ledger.write_text(ledger.read_text(encoding="utf-8").replace("comment.", "other."), encoding="utf-8")
    assert nioc(root, "export", "acronyms", "--public").returncode == 1


def test_a_file_with_personal_data_in_the_past_is_no_news_of_a_newsletter(root: Path) -> None:
    decisions = root / "paper" / "registers" / "decisions.yaml"
    text = decisions.read_text(encoding="utf-8")
    git(root, "init", "-q")
    commit(root, "2020-01-06T12:00:00Z")
    decisions.write_text(text.replace("text: ", f"text: Ask {ADDRESS}, ", 1), encoding="utf-8")
    edit(root, CHAPTER, ("status: drafting", "status: review"))
    commit(root, "2020-02-10T12:00:00Z")
    decisions.write_text(text, encoding="utf-8")
    commit(root, "2020-03-10T12:00:00Z")
    run = nioc(root, "newsletter", "--month", "2020-02", "--today", "2020-03-12", "--to", "txt")
    assert run.returncode == 0, run.stderr
    (letter,) = (root / "dist").glob("*.txt")
    text = letter.read_text(encoding="utf-8")
    assert (ADDRESS in text, "Review" in text) == (False, True)
