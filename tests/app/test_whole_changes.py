"""A command changes a paper wholly or not at all: killed at any step, stopped by git, or while git does something."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
from collections.abc import Callable, Iterator
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from command_kit import nioc, sample_names, seeds
from hypothesis import given
from hypothesis import strategies as st
from rounds import few
from test_final_check import git
from test_own_commits import COMMANDS, _kept_word_files, contents, prepared, sent_once
from test_papers import appended

from nioc_paper.app.command_commits import OwnCommits
from nioc_paper.app.errors import AppError
from nioc_paper.app.project import Project
from nioc_paper.app.safe_write import find_reading_errors, write_source
from nioc_paper.app.sendings.ledger_commits import read_reviews, save_ledger
from nioc_paper.cli.options import turn_to_change
from nioc_paper.model import Answer, Comment, LineChange, Reply, Reviews, Sending, Unmerged
from nioc_paper.model.characters import strip_unprintable
from nioc_paper.review.exchange import ledger
from nioc_paper.review.exchange.ledger import dump_reviews
from nioc_paper.system import processes
from nioc_paper.system.cache import Cache

__all__ = ["_kept_word_files", "prepared", "sent_once"]

_FEW, _MANY = 1, 7
"""Kills of each command."""


@pytest.fixture
def paper(prepared: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(prepared, tmp_path / "paper"))


def run_until(paper: Path, arguments: tuple[str, ...], last_step: int) -> int:
    """Run a command in a copy of this process, which is killed at a step; return the number of steps."""
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        steps = 0

        def counted(function: Callable[..., Any]) -> Callable[..., Any]:
            def step(*args: Any, **options: Any) -> Any:
                count()
                result = function(*args, **options)
                count()
                return result

            return step

        def count() -> None:
            nonlocal steps
            steps += 1
            os.write(writing, b".")
            if steps == last_step:
                os.kill(os.getpid(), signal.SIGKILL)

        for owner, name in ((Path, "replace"), (Path, "unlink"), (os, "link"), (processes, "run")):
            setattr(owner, name, counted(getattr(owner, name)))
        try:
            nioc(paper, *arguments)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as steps_made:
        number = len(steps_made.read())
    os.waitpid(child, 0)
    return number


def state(paper: Path) -> tuple[dict[str, bytes], str, str]:
    files = {name: data for name, data in contents(paper).items() if not name.startswith("new.bib")}
    return files, git(paper, "rev-parse", "HEAD^{tree}"), git(paper, "status", "--porcelain", "--", ":!dist")


def leftovers(paper: Path) -> list[str]:
    names = (path.relative_to(paper).as_posix() for path in paper.rglob("*"))
    return [n for n in names if n.endswith((".lock", ".tmp")) or ".unfinished" in n]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "name" in metafunc.fixturenames:
        sample_names(metafunc, COMMANDS, "killed" in metafunc.function.__name__)


def test_a_killed_command_has_changed_all_or_nothing(
    paper: Path, name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    arguments, before = COMMANDS[name][0], state(paper)
    whole = Path(shutil.copytree(paper, tmp_path / "whole"))
    steps = run_until(whole, arguments, -1)
    after = state(whole)
    assert after != before
    for seed in seeds(request.config, _FEW, _MANY):
        root = Path(shutil.copytree(paper, tmp_path / "killed" / str(seed)))
        at = random.Random(f"{name}{seed}").randrange(1, steps + 1)
        run_until(root, arguments, at)
        with turn_to_change(root):
            pass
        assert leftovers(root) == [], at
        assert state(root) in (before, after), at
        if state(root) == before:
            run = nioc(root, *arguments)
            assert (run.returncode, state(root)) == (0, after), (at, run.stderr)


def test_a_full_disk_is_named_and_changes_nothing(paper: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = state(paper)
    for step in (1, 2):
        writes = count(1)

        def fail(_: int, step: int = step, writes: Iterator[int] = writes) -> None:
            if next(writes) >= step:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", fail)
        run = nioc(paper, *COMMANDS[name][0])
        if next(writes) > step:
            assert (run.returncode, f"the disk of {paper}" in run.stderr, state(paper)) == (1, True, before), run.stderr
        assert leftovers(paper) == []


@pytest.mark.parametrize("file", ["MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "BISECT_LOG", "rebase-merge"])
def test_no_command_commits_while_git_does_something(paper: Path, file: str) -> None:
    (paper / ".git" / file).write_text(git(paper, "rev-parse", "HEAD"))
    before = contents(paper)
    run = nioc(paper, *COMMANDS["receive"][0])
    assert (run.returncode, "in the middle of a" in run.stderr, contents(paper)) == (1, True, before)


def test_a_commit_on_no_branch_is_made_and_said(paper: Path) -> None:
    git(paper, "checkout", "-q", "--detach")
    run = nioc(paper, "move", "bridges", "review")
    assert (run.returncode, "on no branch" in run.stderr) == (0, True), run.stderr


def test_a_note_of_somebody_else_undoes_nothing(paper: Path, tmp_path: Path) -> None:
    run_until(paper, COMMANDS["move"][0], 4)
    before = contents(paper)
    cache = Cache.for_paper(paper).directory
    assert cache
    moved = tmp_path / "moved"
    shutil.copytree(paper, moved)
    with turn_to_change(moved):
        pass
    assert contents(moved) == before


def test_a_change_is_undone_after_the_cache_was_removed(paper: Path) -> None:
    before = state(paper)
    steps = run_until(Path(shutil.copytree(paper, paper.parent / "other")), COMMANDS["move"][0], -1)
    run_until(paper, COMMANDS["move"][0], steps // 2)
    assert state(paper) != before
    assert nioc(paper, "clean").returncode == 0
    with turn_to_change(paper):
        pass
    assert state(paper) == before


def test_what_somebody_has_changed_since_stays(paper: Path) -> None:
    steps = run_until(Path(shutil.copytree(paper, paper.parent / "other")), COMMANDS["move"][0], -1)
    run_until(paper, COMMANDS["move"][0], steps - 2)
    file = paper / "chapters" / "bridges.md"
    appended(file, "\nMine.\n")
    with turn_to_change(paper):
        pass
    assert file.read_text(encoding="utf-8").endswith("\nMine.\n")


def test_a_change_keeps_the_line_ends_of_a_file(paper: Path) -> None:
    file = paper / "paper" / "references.yaml"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert nioc(paper, *COMMANDS["source"][0], "--no-commit").returncode == 0
    data = file.read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n") > 1
    assert b"wright2001" in data


# --- YAML that the tool writes is read back before it is committed ----------------------------------------------------

# Few values: the same object is in several records, as a day that is worked out once is.
DAYS = st.sampled_from([date(2020, 2, 18), date(2021, 1, 1)])
TEXTS = st.one_of(
    st.sampled_from(
        ["yes", "null", "~", "12", "2020-02-18", "*a", "&a b", "<<", "a: b", "a #b", " a\nb ", "---\n", "|"]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=12),
).map(strip_unprintable)
IDS = st.sampled_from(["12", "a5ng3k", "e2", "n"])
NAMES = TEXTS.filter(bool)
REPLIES = st.builds(Reply, by=NAMES, on=DAYS, text=TEXTS)
ANSWERS = st.builds(Answer, disposition=st.just("reject"), reason=TEXTS.filter(bool), by=NAMES, on=DAYS)
SENDINGS = st.builds(
    Sending,
    id=IDS,
    to=NAMES,
    on=DAYS,
    due=DAYS,
    commit=st.just("0" * 40),
    returned=DAYS,
    files=st.lists(st.sampled_from(["0a", "1b"])).map(tuple),
    changes=st.lists(st.builds(LineChange, line=st.integers(1, 99), sent=TEXTS, got=TEXTS)).map(tuple),
    changed_by=st.lists(NAMES).map(tuple),
)
COMMENTS = st.builds(
    Comment,
    id=IDS,
    by=NAMES,
    on=DAYS,
    quote=TEXTS,
    text=TEXTS,
    replies=st.lists(REPLIES, max_size=2).map(tuple),
    answer=ANSWERS,
)
UNMERGED = st.builds(Unmerged, id=IDS, by=NAMES, on=DAYS, sent=TEXTS, got=TEXTS, why=NAMES)


def several(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(strategy, max_size=3).map(tuple)


@few(12)
@given(
    st.builds(
        Reviews,
        chapter=st.just("bridges"),
        sendings=several(SENDINGS),
        comments=several(COMMENTS),
        unmerged=several(UNMERGED),
    )
)
def test_a_ledger_is_read_back_as_it_was_written(reviews: Reviews) -> None:
    text = dump_reviews(reviews)
    assert not find_reading_errors("reviews/bridges.yaml", text.encode())
    assert dump_reviews(read_reviews(text, "reviews/bridges.yaml")) == text


def test_a_day_of_several_sendings_is_written_out_each_time() -> None:
    on = date(2020, 2, 18)
    sendings = tuple(Sending(id=str(n), to=f"r{n}", on=on, due=on, commit="0" * 40) for n in (1, 2, 3))
    reviews = Reviews(chapter="bridges", sendings=sendings)
    assert read_reviews(dump_reviews(reviews), "reviews/bridges.yaml") == reviews


def test_a_file_that_cannot_be_read_back_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project(tmp_path)
    (tmp_path / "chapters").mkdir()
    chapter = tmp_path / "chapters/a.md"
    chapter.write_text("---\nid: a\n---\nText.\n", encoding="utf-8")
    for path, text in (
        ("chapters/a.md", "---\nid: &a x\ntitle: *a\n---\nText.\n"),
        ("paper/registers/approvals.yaml", "approvals: [\n"),
        ("paper/registers/approvals.yaml", "approvals: []\napprovals: []\n"),
        ("paper/registers/approvals.yaml", "<<<<<<< ours\n"),
    ):
        with pytest.raises(AppError, match="nothing was written"):
            write_source(project, path, text)
    assert [p.name for p in tmp_path.rglob("*")] == ["chapters", "a.md"]
    assert chapter.read_text(encoding="utf-8") == "---\nid: a\n---\nText.\n"
    monkeypatch.setattr(ledger, "dump_reviews", lambda reviews: f"chapter: a{id(reviews)}\n")
    with pytest.raises(AppError, match="could not be read back"):
        save_ledger(OwnCommits(project), Reviews(chapter="a"), "Note it")
    assert not (tmp_path / "reviews").exists()


def test_an_error_that_was_there_does_not_stop_an_edit_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: &x 1\nb: *x\nc: 1\n", encoding="utf-8")
    write_source(Project(tmp_path), "a.yaml", "a: &x 1\nb: *x\nc: 2\n")
    assert (tmp_path / "a.yaml").read_text(encoding="utf-8") == "a: &x 1\nb: *x\nc: 2\n"
