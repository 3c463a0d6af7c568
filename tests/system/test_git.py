"""History of a paper in git, with real repositories."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC, date
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sample_history import commit as commit_all
from sample_history import git as run_git
from test_papers import written

from nioc_paper.model import History, Version
from nioc_paper.system.cache import NO_CACHE, Cache
from nioc_paper.system.git import (
    commit_at_end_of_day,
    find_first_commit,
    git_answers,
    isolated_git,
    list_changed,
    list_uncommitted,
    read_history,
    read_versions,
)

Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """Runs git in an empty repository in `tmp_path`, as nobody in particular, at a given time."""
    run_git(tmp_path, "init", "-q", "-b", "main")
    return partial(run_git, tmp_path)


def commit(git: Git, root: Path, files: dict[str, str], at: str) -> str:
    for name, text in files.items():
        written(root / name, text)
    commit_all(root, at)
    return git("rev-parse", "HEAD")


def test_each_file_has_the_day_of_its_last_commit(git: Git, tmp_path: Path) -> None:
    commit(git, tmp_path, {"chapters/a.md": "1", "chapters/ü n.md": "1"}, "2020-01-01T12:00:00Z")
    last = commit(git, tmp_path, {"chapters/a.md": "2", "paper/paper.yaml": "1"}, "2020-02-01T12:00:00Z")
    assert [*read_history(tmp_path, folders=["paper"]).last_changes] == ["paper/paper.yaml"]
    assert read_history(tmp_path) == History(
        commit=last,
        committed_on=date(2020, 2, 1),
        timestamp=1580558400,
        last_changes={
            "chapters/a.md": date(2020, 2, 1),
            "chapters/ü n.md": date(2020, 1, 1),
            "paper/paper.yaml": date(2020, 2, 1),
        },
    )


def test_cached_history_equals_a_walk_through_it(git: Git, tmp_path: Path) -> None:
    cache = Cache(tmp_path / ".git" / "kept")
    for text, at in (("1", "2020-01-01T12:00:00Z"), ("2", "2020-02-01T12:00:00Z")):
        commit(git, tmp_path, {f"chapters/{text}.md": text, "chapters/a.md": text}, at)
        history = read_history(tmp_path)
        assert [read_history(tmp_path, cache=cache) for _ in range(2)] == [history, history]
        for entry in (tmp_path / ".git" / "kept").iterdir():
            entry.write_bytes(b"damaged")
        assert read_history(tmp_path, cache=cache) == history


def test_days_are_those_of_the_paper_not_of_the_machine(git: Git, tmp_path: Path) -> None:
    commit(git, tmp_path, {"a.md": "1"}, "2020-04-22T19:01:00Z")
    assert read_history(tmp_path, ZoneInfo("Asia/Karachi")).committed_on == date(2020, 4, 23)
    assert read_history(tmp_path, ZoneInfo("Asia/Karachi")).last_changes == {"a.md": date(2020, 4, 23)}
    assert read_history(tmp_path, UTC).committed_on == date(2020, 4, 22)


def test_versions_are_the_tags_that_led_here_newest_first(git: Git, tmp_path: Path) -> None:
    commit(git, tmp_path, {"a.md": "1"}, "2020-01-01T12:00:00Z")
    git("tag", "v0.1")
    git("checkout", "-q", "-b", "other")
    commit(git, tmp_path, {"a.md": "other"}, "2020-01-05T12:00:00Z")
    git("tag", "elsewhere")
    git("checkout", "-q", "main")
    git("tag", "-a", "v0.2", "-m", "Sent to\nthe reviewers\n\nWith thanks.", at="2020-03-05T12:00:00Z")
    assert read_history(tmp_path).versions == (
        Version("v0.2", date(2020, 3, 5), "Sent to the reviewers"),
        Version("v0.1", date(2020, 1, 1), ""),  # the words are those of its commit
    )


@pytest.mark.parametrize(
    ("change", "dirty"),
    [
        pytest.param(lambda root: None, False, id="nothing"),
        pytest.param(lambda root: (root / "a.md").write_text("2"), True, id="edited"),
        pytest.param(lambda root: (root / "a.md").unlink(), True, id="removed"),
        pytest.param(lambda root: (root / "new.md").write_text("2"), False, id="untracked"),
    ],
)
def test_only_changes_to_tracked_files_count(
    git: Git, tmp_path: Path, change: Callable[[Path], object], dirty: bool
) -> None:
    commit(git, tmp_path, {"a.md": "1"}, "2020-01-01T12:00:00Z")
    change(tmp_path)
    assert read_history(tmp_path).has_uncommitted is dirty


def test_a_merge_keeps_the_days_of_both_sides(git: Git, tmp_path: Path) -> None:
    commit(git, tmp_path, {"a.md": "1", "b.md": "1"}, "2020-01-01T12:00:00Z")
    git("checkout", "-q", "-b", "side")
    commit(git, tmp_path, {"b.md": "2"}, "2020-01-10T12:00:00Z")
    git("checkout", "-q", "main")
    commit(git, tmp_path, {"a.md": "2"}, "2020-01-20T12:00:00Z")
    git("merge", "-q", "side", "-m", "both", at="2020-03-01T12:00:00Z")
    assert read_history(tmp_path).last_changes == {"a.md": date(2020, 1, 20), "b.md": date(2020, 1, 10)}


def test_a_paper_in_a_folder_of_a_larger_repository(git: Git, tmp_path: Path) -> None:
    commit(git, tmp_path, {"paper one/chapters/a.md": "1", "else.md": "1"}, "2020-01-01T12:00:00Z")
    (tmp_path / "else.md").write_text("2")
    history = read_history(tmp_path / "paper one")
    assert history.last_changes == {"chapters/a.md": date(2020, 1, 1)}
    assert not history.has_uncommitted


def test_an_untracked_paper_has_no_history(git: Git, tmp_path: Path) -> None:
    commit(git, tmp_path, {"a.md": "1"}, "2020-01-01T12:00:00Z")
    (tmp_path / "new").mkdir()
    assert read_history(tmp_path / "new") == History()


def test_a_shallow_clone_dates_no_file(git: Git, tmp_path: Path) -> None:
    commit(git, tmp_path, {"a.md": "1"}, "2020-01-01T12:00:00Z")
    git("tag", "v0.1")
    last = commit(git, tmp_path, {"b.md": "1"}, "2020-02-01T12:00:00Z")
    git("clone", "-q", "--depth=1", tmp_path.as_uri(), "copy")
    assert read_history(tmp_path / "copy") == History(commit=last, committed_on=date(2020, 2, 1), timestamp=1580558400)


def test_no_git(git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(git, tmp_path, {"a.md": "1"}, "2020-01-01T12:00:00Z")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert read_history(tmp_path) == History()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_owner_is_not_trusted(git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(git, tmp_path, {"a.md": "1"}, "2020-01-01T12:00:00Z")
    for path in (tmp_path, tmp_path / ".git"):
        os.chown(path, 12345, 12345)
    monkeypatch.setenv("HOME", str(tmp_path))  # whatever this machine's own configuration says is safe
    assert read_history(tmp_path) == History()


def test_without_a_repository_commit_or_object_there_is_no_history(git: Git, tmp_path: Path) -> None:
    assert read_history(tmp_path / "nowhere") == read_history(tmp_path) == History()
    commit(git, tmp_path, {"a.md": "1"}, "2020-01-01T12:00:00Z")
    shutil.rmtree(tmp_path / ".git" / "objects")
    assert read_history(tmp_path) == History()


def test_the_variables_of_a_surrounding_hook_are_not_followed(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = commit(git, tmp_path, {"a.md": "1"}, "2020-01-01T12:00:00Z")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    assert read_history(tmp_path).commit == last


def test_reading_history_writes_nothing(git: Git, tmp_path: Path) -> None:
    commit(git, tmp_path, {"a.md": "1"}, "2020-01-01T12:00:00Z")
    os.utime(tmp_path / "a.md", (1, 1))  # git would like to refresh its index now
    index = (tmp_path / ".git" / "index").read_bytes()
    assert not read_history(tmp_path).has_uncommitted
    assert (tmp_path / ".git" / "index").read_bytes() == index


def test_the_commit_of_a_day_is_the_last_of_it_where_the_paper_is_due(git: Git, tmp_path: Path) -> None:
    first = commit(git, tmp_path, {"a.md": "1"}, "2020-04-22T18:59:00Z")
    second = commit(git, tmp_path, {"a.md": "2"}, "2020-04-22T19:01:00Z")
    there = ZoneInfo("Asia/Karachi")
    days = (date(2020, 4, 21), date(2020, 4, 22), date(2020, 4, 23))
    assert [commit_at_end_of_day(tmp_path, day, there) for day in days] == [None, first, second]
    assert commit_at_end_of_day(tmp_path, date(2020, 4, 22)) == second
    assert find_first_commit(tmp_path, "a.md", there) == (first, date(2020, 4, 22))
    assert find_first_commit(tmp_path, "b.md") is None


def test_the_next_command_asks_git_again_only_if_the_repository_has_changed(
    git: Git, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(git, tmp_path, {"paper/a.md": "1"}, "2020-01-01T12:00:00Z")
    asked: list[object] = []
    run_git = isolated_git.run_git

    def counted(folder: Path, args: Sequence[str], *others: Any) -> subprocess.CompletedProcess[bytes]:
        if not others[-1]:  # otherwise with an index of ours: files may change at any time
            asked.append(args)
        return run_git(folder, args, *others)

    monkeypatch.setattr(isolated_git, "run_git", counted)

    def next_command(cache: Cache) -> tuple[object, ...]:
        asked.clear()
        git_answers._answer.cache_clear()
        history, versions = read_history(tmp_path, cache=cache), read_versions(tmp_path, cache=cache)
        return history, versions, list_changed(tmp_path, cache=cache)

    cache = Cache(tmp_path_factory.mktemp("cache"))
    assert next_command(cache) == next_command(cache)
    assert asked  # just changed: the times of its files say nothing yet
    monkeypatch.setattr(git_answers, "_FRESH_NS", -1)
    changes: dict[str, Callable[[], object]] = {
        "none": lambda: None,
        "tag": lambda: git("tag", "v1"),
        "tag at the same commit with a message": lambda: git("tag", "-f", "-m", "as sent", "v1"),
        "branch": lambda: git("checkout", "-q", "-b", "draft"),
        "index": lambda: git("rm", "-q", "--cached", "paper/a.md"),
        "commit": lambda: commit(git, tmp_path, {"paper/a.md": "2"}, "2020-02-01T12:00:00Z"),
        "history cut": lambda: (tmp_path / ".git" / "shallow").write_text(git("rev-parse", "HEAD") + "\n"),
    }
    for name, change in changes.items():
        change()
        answers = next_command(cache)
        assert asked, name
        assert (next_command(cache), asked) == (answers, []), name
    assert next_command(cache) == next_command(NO_CACHE)
    monkeypatch.setattr(git_answers, "_git_program", lambda: "")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert next_command(cache)[:2] == (History(), ())  # without git nothing is known


def test_the_index_of_unchanged_files_is_kept_and_every_change_is_noticed(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(git, tmp_path, {"a.md": "one", "b.md": "two", "c.md": "six"}, "2020-01-01T12:00:00Z")
    cache = Cache(tmp_path / ".cache")
    stored: list[str] = []

    def put(key: str, data: bytes) -> None:
        stored.append(key)
        Cache.put(cache, key, data)

    monkeypatch.setattr(cache, "put", put)

    def next_run() -> tuple[list[str] | None, int]:
        stored.clear()
        return list_changed(tmp_path, cache=cache), len(stored)

    assert next_run() == next_run() == ([], 0)  # just written: their times say nothing yet
    monkeypatch.setattr(git_answers, "_FRESH_NS", -1)
    list_changed(tmp_path, cache=cache)
    assert next_run() == ([], 0)
    times = (tmp_path / "a.md").stat()
    (tmp_path / "a.md").write_text("ten", encoding="utf-8")
    os.utime(tmp_path / "a.md", ns=(times.st_atime_ns, times.st_mtime_ns))
    (tmp_path / "b.md").unlink()
    (tmp_path / "b.md").symlink_to("c.md")
    assert next_run()[0] == list_changed(tmp_path) == ["a.md", "b.md"]
    git("commit", "-qam", "words")
    assert next_run()[0] == list_changed(tmp_path) == []
    git("rm", "-q", "b.md")
    git("commit", "-qm", "fewer")
    assert next_run()[0] == list_changed(tmp_path) == []


def _claim_unchanged(index: Path, now: str, before: str) -> None:
    """Replace the hash of a file in an index, and keep its size and times."""
    data = index.read_bytes()[:-20]
    assert bytes.fromhex(now) in data
    data = data.replace(bytes.fromhex(now), bytes.fromhex(before))
    index.write_bytes(data + hashlib.sha1(data, usedforsecurity=False).digest())


def test_no_claim_of_the_index_hides_a_change(git: Git, tmp_path: Path) -> None:
    names = ("assumed.md", "claimed.md", "skipped.md")
    commit(git, tmp_path, dict.fromkeys(names, "one"), "2020-01-01T12:00:00Z")
    before = git("rev-parse", ":claimed.md")
    git("update-index", "--assume-unchanged", "assumed.md")
    git("update-index", "--skip-worktree", "skipped.md")
    for name in names:
        (tmp_path / name).write_text("ten", encoding="utf-8")
        os.utime(tmp_path / name, (1, 1))
    git("add", "claimed.md")
    _claim_unchanged(tmp_path / ".git" / "index", git("rev-parse", ":claimed.md"), before)
    assert git("status", "--porcelain") == ""
    assert list_changed(tmp_path) == list_uncommitted(tmp_path, names) == [*names]
