"""A command that changes the paper commits its own files, and nothing that anybody else has not saved."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import shared
from command_kit import kept_word_files, nioc
from test_final_check import commit, git
from test_reviews import BACK, CHAPTER, FILE, edited, sent_once

from nioc_paper.system.files import default_templates

__all__ = ["sent_once"]

ELSEWHERE = "chapters/tunnels.md"
STAGED = "notes.txt"
BIB = "@book{wright2001, title = {Tunnels}, author = {Wright, Ann}, year = {2001}, publisher = {Quay}}\n"
COMMANDS = {
    "move": (("move", "bridges", "review"), {CHAPTER}, "Move 'bridges' to 'review'"),
    "new": (
        ("new", "chapter", "ferry-boats", "--category", "cross-cutting"),
        {"chapters/ferry-boats.md", "paper/paper.yaml"},
        "Start the chapter 'ferry-boats'",
    ),
    "source": (("source", "add", "new.bib"), {"paper/references.yaml"}, "Add the source 'wright2001'"),
    "send": (
        ("send", "bridges", "--to", "Cara Guest"),
        {"reviews/bridges.yaml"},
        "Send 'bridges' to Cara Guest",
    ),
    "receive": (("receive", "dist/back.docx"), {CHAPTER, "reviews/bridges.yaml"}, "Note what Ben Lock sent back"),
    "comments answer": (
        ("comments", "answer", "1", "reject", "--because", "no", "--by", "ada-north"),
        {"reviews/bridges.yaml"},
        "Answer comment 1 on 'bridges'",
    ),
    "comments set": (
        ("comments", "set", "1", "--kind", "administrative"),
        {"reviews/bridges.yaml"},
        "Call comment 1 on 'bridges' administrative",
    ),
    "check --fix": (("check", "--fix", "chapters"), {CHAPTER}, "Apply 1 fix of the check"),
    "theme eject": (
        ("theme", "eject"),
        {f"templates/{name}" for name in default_templates().files},
        "Copy the templates of the tool",
    ),
    "schema": (("schema", "chapter", "--write"), {"schemas/chapter.json"}, "Write the schemas for editors"),
}


@pytest.fixture(autouse=True)
def _kept_word_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with kept_word_files(shared.folder(tmp_path_factory) / "word-files"):
        yield


@pytest.fixture(scope="module")
def prepared(sent_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The paper with a chapter sent out, a comment in its ledger, and work of somebody that is not saved."""
    return shared.once(tmp_path_factory, "own-commits", lambda folder: _prepare(sent_once, folder / "paper")) / "paper"


@pytest.fixture
def paper(prepared: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(prepared, tmp_path / "paper"))


def _prepare(sent_once: Path, root: Path) -> None:
    shutil.copytree(sent_once, root)
    settings = root / "paper" / "paper.yaml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(
        text.replace("  front:\n", "  cross-cutting:\n    sections: []\n  front:\n", 1), encoding="utf-8"
    )
    file = edited(root)
    file.comment("two piers", "Are there not three?", by="Ben Lock")
    (root / "dist" / "first.docx").write_bytes(file.save())
    git(root, "add", "paper")
    git(root, "rm", "-rq", "templates")
    git(root, "commit", "-q", "-m", "Add a kind")
    assert nioc(root, "receive", "dist/first.docx", *BACK).returncode == 0
    (root / "dist" / "back.docx").write_bytes(edited(root).replace("two piers", "three piers").save())
    with (root / CHAPTER).open("a", encoding="utf-8") as chapter:
        chapter.write("\nAda Nord drew the bridge.\n")
    git(root, "commit", "-q", "-m", "Add a line", CHAPTER)
    (root / "new.bib").write_text(BIB, encoding="utf-8")
    with (root / ELSEWHERE).open("a", encoding="utf-8") as chapter:
        chapter.write("\nOne more line.\n")
    (root / STAGED).write_text("a note\n", encoding="utf-8")
    git(root, "add", STAGED)


def state(root: Path) -> tuple[str, str]:
    return (root / ELSEWHERE).read_text(encoding="utf-8"), git(root, "status", "--porcelain", ELSEWHERE, STAGED)


@pytest.mark.parametrize("name", COMMANDS)
def test_own_files_are_committed_and_nothing_else(paper: Path, name: str) -> None:
    arguments, files, subject = COMMANDS[name]
    before, head = state(paper), git(paper, "rev-parse", "HEAD").strip()
    run = nioc(paper, *arguments)
    assert run.returncode == 0, run.stderr
    assert state(paper) == before
    assert set(git(paper, "diff", "--name-only", head, "HEAD").split()) == files
    assert git(paper, "status", "--porcelain", *files) == ""
    assert subject in git(paper, "log", "-1", "--format=%s")
    named = re.findall(r"^([0-9a-f]{10}) (.*)$", run.stderr, flags=re.MULTILINE)
    made = git(paper, "log", "--reverse", "--format=%H %s", f"{head}..HEAD").splitlines()
    assert [f"{commit} {words}" for commit, words in named] == [f"{line[:10]} {line[41:]}" for line in made]


@pytest.mark.parametrize("name", COMMANDS)
def test_on_request_nothing_is_committed(paper: Path, name: str) -> None:
    arguments, files, _ = COMMANDS[name]
    before, head = state(paper), git(paper, "rev-parse", "HEAD")
    run = nioc(paper, *arguments, "--no-commit")
    assert run.returncode == 0, run.stderr
    assert git(paper, "rev-parse", "HEAD") == head
    assert state(paper) == before
    changed = git(paper, "status", "--porcelain", "-uall", *files).splitlines()
    assert {line.split()[-1] for line in changed} == files


@pytest.mark.parametrize("name", ["move", "source", "comments set", "new"])
def test_a_file_with_other_changes_stays_uncommitted(paper: Path, name: str) -> None:
    arguments, files, _ = COMMANDS[name]
    for path in files:
        if (paper / path).exists():
            with (paper / path).open("a", encoding="utf-8") as file:
                file.write("\n# mine\n" if path.endswith(".yaml") else "\nMine.\n")
    head = git(paper, "rev-parse", "HEAD")
    run = nioc(paper, *arguments)
    assert run.returncode == 0, run.stderr
    assert git(paper, "rev-parse", "HEAD") == head
    assert "not committed, for there were other changes in it" in run.stderr


def test_nothing_is_committed_inside_a_hook_of_git(paper: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    head = git(paper, "rev-parse", "HEAD")
    run = nioc(paper, "check", "--fix", "chapters")
    assert "Ada Nord drew" not in (paper / CHAPTER).read_text(encoding="utf-8")
    assert "1 fix applied" in run.stderr
    assert git(paper, "rev-parse", "HEAD") == head


def test_a_second_call_that_changes_nothing_commits_nothing(paper: Path) -> None:
    for arguments in (("theme", "eject"), ("schema", "--write")):
        assert nioc(paper, *arguments).returncode == 0
        head = git(paper, "rev-parse", "HEAD")
        run = nioc(paper, *arguments)
        assert (run.returncode, run.stderr) == (0, "")
        assert git(paper, "rev-parse", "HEAD") == head


def test_a_paper_without_git_is_changed_all_the_same(paper: Path) -> None:
    shutil.rmtree(paper / ".git")
    run = nioc(paper, "move", "bridges", "review")
    assert (run.returncode, run.stderr) == (0, "")
    assert "status: review" in (paper / CHAPTER).read_text(encoding="utf-8")


def test_a_dry_run_shows_what_would_change(paper: Path) -> None:
    head, before = git(paper, "rev-parse", "HEAD"), git(paper, "status", "--porcelain")
    shown = nioc(paper, "receive", "dist/back.docx", "--dry-run").stdout
    assert "-" in shown
    assert re.search(r"^\+.*three piers", shown, flags=re.MULTILINE)
    assert (git(paper, "rev-parse", "HEAD"), git(paper, "status", "--porcelain")) == (head, before)


def test_unsaved_lines_of_other_chapters_stop_no_sending(paper: Path) -> None:
    assert (paper / FILE).is_file()
    commit_before = git(paper, "rev-parse", "HEAD")
    assert nioc(paper, "send", "tunnels", "--to", "Cara Guest").returncode == 1
    assert git(paper, "rev-parse", "HEAD") == commit_before
    commit(paper)
    assert nioc(paper, "send", "tunnels", "--to", "Cara Guest").returncode == 0
