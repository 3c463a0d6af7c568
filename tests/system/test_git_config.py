"""A stranger's repository runs no program and leads nowhere, whatever its configuration and its files say."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date
from pathlib import Path

import pytest
from sample_history import git as run_git
from sample_history import start_history
from test_papers import appended, written

from nioc_paper.cli.lazy_commands import run
from nioc_paper.system import git, processes
from nioc_paper.system.cache import Cache
from nioc_paper.system.git import git_answers
from nioc_paper.system.processes import LimitError

PROGRAMS = """
    core.fsmonitor core.sshCommand core.gitProxy core.editor core.pager core.askPass
    core.alternateRefsCommand pager.log pager.status pager.for-each-ref diff.external diff.trap.command
    diff.trap.textconv mergetool.trap.cmd difftool.trap.cmd filter.trap.clean filter.trap.smudge
    filter.trap.process gpg.program gpg.x509.program gpg.ssh.program gpg.ssh.defaultKeyCommand
    sequence.editor trailer.trap.command trailer.trap.cmd uploadpack.packObjectsHook remote.origin.uploadpack
    remote.origin.receivepack interactive.diffFilter browser.trap.cmd man.trap.cmd gc.recentObjectsHook
    sendemail.sendmailCmd instaweb.httpd
"""
COMMANDS_OF_A_SHELL = (
    "credential.helper credential.https://example.org.helper alias.log alias.rev-parse submodule.trap.update"
)
SWITCHES = """
    commit.gpgSign tag.gpgSign log.showSignature remote.origin.promisor submodule.recurse maintenance.auto
    maintenance.autoDetach transfer.bundleURI extensions.worktreeConfig core.bare
"""
FILES = """
    diff.orderFile fetch.bundleURI trace2.eventTarget core.excludesFile mailmap.file include.path
    includeIf.gitdir:/.path
"""
SETTINGS = {
    **dict.fromkeys(PROGRAMS.split(), "{}"),
    **dict.fromkeys(COMMANDS_OF_A_SHELL.split(), "!{}"),
    **dict.fromkeys(SWITCHES.split(), "true"),
    **dict.fromkeys(FILES.split(), "{fifo}"),
    "core.hooksPath": "{hooks}",
    "core.attributesFile": "{attributes}",
    "merge.trap.driver": "{} %A",
    "merge.tool": "trap",
    "remote.origin.url": "ext::{}",
    "remote.origin.vcs": "trap",
    "remote.origin.partialclonefilter": "blob:none",
    "protocol.ext.allow": "always",
    "protocol.allow": "always",
    "url.ext::{}.insteadOf": "https://",
    "web.browser": "trap",
    "init.templateDir": "{hooks}",
    "gc.auto": "1",
    "receive.procReceiveRefs": "refs",
    "extensions.partialClone": "origin",
    "core.worktree": "{elsewhere}",
    "core.filesRefLockTimeout": "-1",
    "core.repositoryFormatVersion": "99",
    "safe.directory": "*",
    "safe.bareRepository": "all",
}
"""Keys that start a program, ask a host, read a file or change which repository is read; {} is a program."""
DRIVERS = "* filter=trap diff=trap merge=trap text eol=crlf\n"


@pytest.fixture(scope="module")
def paper_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return start_history(tmp_path_factory.mktemp("stranger"))


@pytest.fixture
def paper(paper_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    git.REFUSAL_REASONS.clear()
    monkeypatch.setenv("HOME", str(tmp_path))
    return Path(shutil.copytree(paper_once, tmp_path / "paper", symlinks=True))


@pytest.fixture
def trap(tmp_path: Path) -> Iterator[Path]:
    """A program that must never run."""
    file, sprung = tmp_path / "trap", tmp_path / "sprung"
    file.write_text(f'#!/bin/sh\necho "$0 $*" >> {sprung}\n', encoding="utf-8")
    file.chmod(0o755)
    yield file
    assert not sprung.exists(), sprung.read_text(encoding="utf-8")


def spring(root: Path, trap: Path) -> dict[str, str]:
    """Set every trap that a key can be: the settings, with the programs and files that they name."""
    beside = trap.parent
    (beside / "hooks").mkdir()
    hooks = "post-index-change reference-transaction pre-commit commit-msg prepare-commit-msg post-commit pre-auto-gc"
    for folder in (beside / "hooks", root / ".git" / "hooks"):
        folder.mkdir(exist_ok=True)
        for name in hooks.split():
            shutil.copy(trap, folder / name)
    (beside / "attributes").write_text(DRIVERS, encoding="utf-8")
    written(root / ".git" / "info" / "attributes", DRIVERS)
    (beside / "elsewhere").mkdir()
    os.mkfifo(beside / "fifo")
    names = {name: str(beside / name) for name in ("hooks", "attributes", "elsewhere", "fifo")}
    return {key.format(trap, **names): value.format(trap, **names) for key, value in SETTINGS.items()}


def lines(settings: dict[str, str]) -> str:
    """The text of a configuration."""
    text = ""
    for name, value in settings.items():
        section, _, key = name.rpartition(".")
        kind, dot, rest = section.partition(".")
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        text += f'[{kind}{f" {chr(34)}{rest}{chr(34)}" if dot else ""}]\n\t{key} = "{quoted}"\n'
    return text


def config(root: Path, settings: dict[str, str], *, included: bool = False) -> None:
    """Add settings to the repository of a paper, in a file of their own that it includes if so asked."""
    text = lines(settings)
    if included:
        (root / "more.inc").write_text(text, encoding="utf-8")
        text = "[include]\n\tpath = ../more.inc\n"
    appended(root / ".git" / "config", text)


def ask_everything(root: Path) -> str | None:
    """Call every function that asks git, on a paper of which some files were changed, and commit one of them."""
    for file in root.glob("chapters/*.md"):
        os.utime(file, (1, 1))
    appended(root / "chapters/bridges.md", "\nOne word more.\n")
    assert git.read_history(root, UTC).has_uncommitted
    head = git.resolve_commit(root)
    assert head
    assert git.find_tag(root, head) == ""
    assert git.commit_days(root)
    assert git.has_full_history(root)
    assert git.list_changed(root) == ["chapters/bridges.md"]
    assert "chapters/bridges.md" in (git.list_uncommitted(root, ["chapters"]) or ())
    assert git.commit_at_end_of_day(root, date(2021, 1, 1)) == head
    assert git.commit_timestamp(root, head)
    assert git.find_first_commit(root, "chapters/bridges.md")
    assert b"\r" not in (git.read_files_at(root, head) or {})["chapters/bridges.md"]
    commit = git.commit_files(root, ["chapters/bridges.md"], "More", "Ada North <ada@example.org>")
    assert git.list_changed(root) == []
    assert git.REFUSAL_REASONS == {}
    return commit


@pytest.mark.parametrize("included", [False, True], ids=["own", "included"])
def test_no_setting_is_heeded(paper: Path, trap: Path, *, included: bool) -> None:
    (paper / ".gitattributes").write_text(DRIVERS, encoding="utf-8")
    config(paper, spring(paper, trap), included=included)
    assert ask_everything(paper)


def test_a_folder_that_looks_like_a_bare_repository_is_none(paper: Path, trap: Path) -> None:
    inner = paper / "inner"
    shutil.copytree(paper / "chapters", inner / "chapters")
    for name in ("objects", "refs"):
        shutil.copytree(paper / ".git" / name, inner / name)
    shutil.copy(paper / ".git" / "HEAD", inner / "HEAD")
    run_git(paper, "add", "inner/chapters")
    run_git(paper, "commit", "-q", "-m", "more")
    (inner / "config").write_text(lines({**spring(paper, trap), "core.worktree": "."}), encoding="utf-8")
    assert git.resolve_commit(inner) == git.resolve_commit(paper)
    assert git.read_history(inner).has_uncommitted is False
    assert set(git.read_files_at(inner, "HEAD") or ()) == {f"chapters/{f.name}" for f in (paper / "chapters").iterdir()}
    assert git.REFUSAL_REASONS == {}


READ_BY_GIT = (".mailmap", ".gitattributes", ".gitignore", ".gitmodules", "chapters/.gitattributes", "paper/.gitignore")


STATES_OF_GIT = (".git/rebase-apply/head-name", ".git/rebase-merge/head-name", ".git/sequencer/todo")


def test_git_opens_no_file_of_its_own_in_the_work_tree(paper: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe in the place of one would make it wait for ever."""
    run_git(paper, "rm", "-q", ".gitignore")
    run_git(paper, "commit", "-q", "-m", "fewer")
    for name in ("objects", "refs"):
        (paper / "chapters/inner/.git" / name).mkdir(parents=True)
    for name in ("rebase-apply", "rebase-merge", "sequencer"):
        (paper / ".git" / name).mkdir()
    for name in (*READ_BY_GIT, *STATES_OF_GIT, "chapters/inner/.git/HEAD"):
        os.mkfifo(paper / name)
    monkeypatch.setattr(processes, "WALL_FACTOR", 0.25)  # five seconds
    assert ask_everything(paper)


def test_a_file_of_a_commit_that_no_paper_can_have_is_left_out(paper: Path) -> None:
    """A terabyte of zeros is an object of some megabytes, and would be held in memory."""
    huge = paper / "chapters" / "huge.md"
    huge.touch()
    os.truncate(huge, 2**24 + 1)
    run_git(paper, "add", "chapters/huge.md")
    run_git(paper, "commit", "-q", "-m", "huge")
    files = git.read_files_at(paper, "HEAD") or {}
    assert "chapters/bridges.md" in files
    assert "chapters/huge.md" not in files


# --- repositories that lead elsewhere ---------------------------------------------------------------------------------


def linked(name: str) -> Callable[[Path, Path], object]:
    """Put a link to the same part of another repository in the place of a part."""

    def change(folder: Path, other: Path) -> None:
        part = folder / name
        shutil.rmtree(part) if part.is_dir() else part.unlink(missing_ok=True)
        part.symlink_to(other / name)

    return change


def replaced(text: str) -> Callable[[Path, Path], object]:
    """Put a file, with the path of another repository in it, in the place of the repository."""

    def change(folder: Path, other: Path) -> None:
        shutil.rmtree(folder)
        folder.write_text(text.format(other), encoding="utf-8")

    return change


def lent(folder: Path, other: Path) -> None:
    (folder / "objects" / "info").mkdir(exist_ok=True)
    (folder / "objects" / "info" / "alternates").write_text(f"{other}/objects\n", encoding="utf-8")


def shared(folder: Path, other: Path) -> None:
    """Another repository, as one that this is a second work tree of; it knows nothing of that."""
    own = folder.parent / "own"
    folder.rename(own)
    (own / "commondir").write_text(str(other), encoding="utf-8")
    (own / "gitdir").write_text(str(folder), encoding="utf-8")
    folder.write_text(f"gitdir: {own}\n", encoding="utf-8")


def waiting(name: str) -> Callable[[Path, Path], object]:
    def change(folder: Path, _: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        os.mkfifo(folder / name)

    return change


def endless(name: str) -> Callable[[Path, Path], object]:
    def change(folder: Path, _: Path) -> None:
        (folder / name).touch()
        os.truncate(folder / name, 2**33)  # a hole: no room is taken

    return change


def replace_by_link(folder: Path, other: Path) -> None:
    shutil.rmtree(folder)
    folder.symlink_to(other)


ELSEWHERE: dict[str, Callable[[Path, Path], object]] = {
    "a link": replace_by_link,
    "a file": replaced("gitdir: {}\n"),
    "a file with nonsense": replaced("nonsense {}\n"),
    "a second work tree": shared,
    "lent objects": lent,
    "no objects": lambda folder, _: shutil.rmtree(folder / "objects"),
    **{f"linked {name}": linked(name) for name in ("objects", "objects/pack", "refs", "refs/heads", "HEAD", "config")},
    **{f"linked {name}": linked(name) for name in ("packed-refs", "index", "logs")},
    **{f"waiting {name}": waiting(name) for name in ("HEAD", "config", "index", "packed-refs", "refs/heads/more")},
    **{f"waiting {name}": waiting(name) for name in ("commondir", "MERGE_MSG", "0" * 40)},
    **{f"endless {name}": endless(name) for name in ("commondir", "0" * 40)},
    **{f"{kind} shared index": case("sharedindex.0") for kind, case in (("linked", linked), ("waiting", waiting))},
    **{f"endless {name}": endless(name) for name in ("HEAD", "packed-refs", "index", "refs/heads/more")},
}


@pytest.mark.parametrize("change", ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_repository_that_leads_elsewhere_is_not_read(
    paper: Path, paper_once: Path, tmp_path: Path, change: Callable[[Path, Path], object]
) -> None:
    other = Path(shutil.copytree(paper_once, tmp_path / "other"))
    head = git.resolve_commit(other)
    change(paper / ".git", other / ".git")
    assert git.resolve_commit(paper) is None
    assert git.read_history(paper).commit is None
    assert git.list_uncommitted(paper, ["chapters"]) is None
    assert git.commit_files(paper, ["chapters/bridges.md"], "More", "Ada North <ada@example.org>") is None
    assert git.start_repository(paper, ["chapters/bridges.md"], "More") is None
    assert list(git.REFUSAL_REASONS) == [paper]
    assert git.resolve_commit(other) == head


@pytest.mark.parametrize("name", ["logs", "refs", "refs/bisect", "refs/worktree"])
def test_a_second_work_tree_that_leads_elsewhere_is_not_read(paper: Path, tmp_path: Path, name: str) -> None:
    """It has folders of its own in the repository; a commit would write a log into one of them."""
    run_git(paper, "worktree", "add", "-q", str(tmp_path / "second"))
    second, own, elsewhere = tmp_path / "second", paper / ".git" / "worktrees" / "second", tmp_path / "elsewhere"
    written(elsewhere / "word", "the words of a file outside")
    shutil.rmtree(own / "logs")
    (own / name).parent.mkdir(exist_ok=True)
    if (own / name).is_dir():
        (own / name).rmdir()
    (own / name).symlink_to(elsewhere)
    assert not git.read_history(second).commit
    assert git.commit_files(second, ["chapters/bridges.md"], "More", "Ada North <ada@example.org>") is None
    assert "is neither a file nor a folder" in git.REFUSAL_REASONS[second]
    assert [file.name for file in elsewhere.iterdir()] == ["word"]


def test_a_command_says_once_why_git_did_not_answer(
    paper: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lent(paper / ".git", paper)
    monkeypatch.chdir(paper)
    monkeypatch.setattr("sys.argv", ["nioc", "status"])
    assert run() == 0
    output = capsys.readouterr().err
    assert output.count("warning[git-refused]") == 1
    assert "objects/info/alternates leads to objects outside of the repository" in output
    (paper / ".git" / "objects" / "info" / "alternates").unlink()
    git.REFUSAL_REASONS.clear()
    assert run() == 0
    assert capsys.readouterr().err == ""


def damage(root: Path) -> None:
    """Take the bytes of all objects away."""
    for file in root.glob(".git/objects/??/*"):
        file.chmod(0o644)
        file.write_bytes(b"")


def begun_anew(root: Path) -> None:
    shutil.rmtree(root / ".git")
    run_git(root, "init", "-q")


def emptied(root: Path) -> None:
    shutil.rmtree(root / ".git")
    (root / ".git").mkdir()


ANSWERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "no repository": (lambda root: shutil.rmtree(root / ".git"), ""),
    "no commit": (begun_anew, ""),
    "an empty folder": (emptied, ""),
    "damaged objects": (damage, "git says: "),
    "damaged HEAD": (lambda root: (root / ".git/HEAD").write_text("nonsense"), "git says: not a git repository"),
    "damaged index": (lambda root: (root / ".git/index").write_bytes(b"DIRC"), "git says: "),
}


@pytest.mark.parametrize(("change", "reason"), ANSWERS.values(), ids=ANSWERS)
def test_a_missing_history_differs_from_an_unreadable_one(
    paper: Path, change: Callable[[Path], object], reason: str
) -> None:
    change(paper)
    git.read_history(paper)
    git.commit_days(paper)
    git.find_first_commit(paper, "chapters/bridges.md")
    git.commit_at_end_of_day(paper, date(2021, 1, 1))
    assert [d.message[: len(reason)] for d in git.refusal_findings(paper)] == ([reason] if reason else [])


def test_git_is_not_asked_again_after_a_limit(paper: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def never(*args: object, **_: object) -> None:
        calls.append(args)
        raise LimitError("no result within 200 s")

    monkeypatch.setattr("nioc_paper.system.processes.run", never)
    git.read_history(paper)
    git.read_versions(paper)
    assert len(calls) == 1
    assert [d.message for d in git.refusal_findings(paper)] == ["git took no result within 200 s"]


# --- repositories of other forms --------------------------------------------------------------------------------------


def test_a_second_work_tree_and_a_submodule_are_known(paper: Path, tmp_path: Path) -> None:
    run_git(paper, "worktree", "add", "-q", str(tmp_path / "second"))
    second = tmp_path / "second"
    assert ask_everything(second)
    assert git.resolve_commit(second) != git.resolve_commit(paper)
    assert run_git(second, "status", "--porcelain") == ""
    around = tmp_path / "around"
    around.mkdir()
    run_git(around, "init", "-q")
    run_git(around, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(paper), "inner")
    run_git(around, "commit", "-q", "-m", "with a paper")
    assert ask_everything(around / "inner")
    assert git.list_changed(around) == []  # a repository of its own, which has moved on


@pytest.mark.parametrize("option", ["--object-format=sha256", "--ref-format=reftable"])
def test_other_forms_of_a_repository_are_read_and_written(paper: Path, option: str) -> None:
    shutil.rmtree(paper / ".git")
    run_git(paper, "init", "-q", option)
    run_git(paper, "add", "-A")
    run_git(paper, "commit", "-q", "-m", "words", at="2020-01-06T12:00:00Z")
    assert ask_everything(paper)
    assert run_git(paper, "status", "--porcelain") == ""


# --- files that git would convert -------------------------------------------------------------------------------------

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n"


def test_converted_files_are_compared_by_their_stored_form(
    paper: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_answers, "_FRESH_NS", -1)
    cache = Cache(tmp_path / "cache")
    data = b"\x89PNG\0\r\nbytes"
    pointer = POINTER.format(hashlib.sha256(data).hexdigest(), len(data)).encode()
    (paper / "large.png").write_bytes(pointer)
    run_git(paper, "add", "-A")
    run_git(paper, "commit", "-q", "-m", "words")
    for content, changed in ((data, []), (data, []), (pointer, []), (data + b".", ["large.png"]), (data, [])):
        (paper / "large.png").write_bytes(content)
        assert git.list_changed(paper) == git.list_changed(paper, cache=cache) == changed
    assert len(list(paper.glob(".git/objects/*/*"))) == len(
        run_git(paper, "rev-list", "--objects", "--all").split("\n")
    )
    chapter = paper / "chapters/bridges.md"
    chapter.write_bytes(chapter.read_bytes().replace(b"\n", b"\r\n") + b"More.\r\n")
    commit = git.commit_files(paper, ["chapters/bridges.md"], "More", "Ada North <ada@example.org>")
    stored = (git.read_files_at(paper, commit or "") or {})["chapters/bridges.md"]
    assert (stored[-7:], b"\r" in stored) == (b"\nMore.\n", False)
    assert git.list_uncommitted(paper, ["chapters"]) == []


CONVERSIONS = {
    "a clone with other line ends": ("", b"a\nb\n", b"a\r\nb\r\n", False),
    "line ends as in the commit": ("* text", b"a\r\nb\r\n", b"a\r\nb\r\n", False),
    "fewer line ends": ("* text", b"a\r\nb\r\n", b"a\nb\n", True),
    "no text": ("* text", b"\0\nb\n", b"\0\r\nb\r\n", True),
    "line ends of attributes": ("* text eol=crlf", b"a\n", b"a\r\n", False),
    "line ends that attributes keep": ("* -text", b"a\n", b"a\r\n", False),
    "words in a keyword": ("* ident", b"$Id$\n", b"$Id: hidden words $\n", True),
    "another encoding": ("* working-tree-encoding=UTF-16LE", b"a\n", "a\n".encode("utf-16-le"), True),
    "a filter": ("* filter=trap", b"a\n", b"A\n", True),
}


@pytest.mark.parametrize(("attributes", "before", "after", "is_changed"), CONVERSIONS.values(), ids=CONVERSIONS)
def test_no_attribute_hides_a_change(
    paper: Path, trap: Path, attributes: str, before: bytes, after: bytes, *, is_changed: bool
) -> None:
    (paper / "a.md").write_bytes(before)
    run_git(paper, "add", "a.md")
    run_git(paper, "commit", "-q", "-m", "words")
    config(paper, {"filter.trap.clean": f"sh -c 'tr A a; {trap}'"})
    (paper / ".gitattributes").write_text(f"{attributes}\n", encoding="utf-8")
    (paper / "a.md").write_bytes(after)
    assert git.list_changed(paper) == (["a.md"] if is_changed else [])


# --- a commit ---------------------------------------------------------------------------------------------------------


def test_a_commit_holds_only_the_named_files(paper: Path) -> None:
    (paper / "staged.txt").write_text("1", encoding="utf-8")
    run_git(paper, "add", "staged.txt")
    (paper / "*.md").write_text("1", encoding="utf-8")
    (paper / "chapters/tunnels.md").unlink()
    (paper / "chapters/bridges.md").write_text("changed", encoding="utf-8")
    names = ["*.md", "chapters/tunnels.md"]
    commit = git.commit_files(paper, names, "Two\n\nwords", "Müller, Anna <anna@example.org>")
    assert run_git(paper, "rev-parse", "HEAD") == commit
    assert run_git(paper, "show", "--name-status", "--format=%an <%ae> %cn %s|%b").split("\n") == [
        "Müller, Anna <anna@example.org> nioc Two|words",
        "",
        "",
        "A\t*.md",
        "D\tchapters/tunnels.md",
    ]
    assert run_git(paper, "status", "--porcelain").split("\n") == ["M chapters/bridges.md", "A  staged.txt"]
    assert "commit: Two" in run_git(paper, "reflog")
    assert git.commit_files(paper, ["*.md"], "Again", "Ada North <ada@example.org>") is None  # nothing to commit
    assert git.REFUSAL_REASONS == {}


def test_nothing_is_committed_or_compared_through_a_link(paper: Path, tmp_path: Path) -> None:
    (paper / "chapters").rename(tmp_path / "away")
    (paper / "chapters").symlink_to(tmp_path / "away")
    assert "chapters/bridges.md" in (git.list_changed(paper) or ())
    assert git.commit_files(paper, ["chapters/bridges.md"], "More", "Ada North <ada@example.org>") is None


def test_a_pipe_is_neither_compared_nor_committed(paper: Path) -> None:
    (paper / "chapters/bridges.md").unlink()
    os.mkfifo(paper / "chapters/bridges.md")
    assert git.list_changed(paper) == git.list_uncommitted(paper, ["chapters"]) == ["chapters/bridges.md"]
    assert git.commit_files(paper, ["chapters/bridges.md"], "More", "Ada North <ada@example.org>") is None


def test_a_submodule_is_not_opened(paper: Path, tmp_path: Path) -> None:
    other = start_history(tmp_path / "other")
    run_git(paper, "update-index", "--add", "--cacheinfo", f"160000,{git.resolve_commit(other)},inner")
    run_git(paper, "commit", "-q", "-m", "with a submodule")
    (paper / "inner").mkdir()
    (paper / "inner/.git").write_text(f"gitdir: {other}/.git\n")
    assert git.list_changed(paper) == []
    assert not git.REFUSAL_REASONS
