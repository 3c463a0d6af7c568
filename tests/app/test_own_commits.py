"""A command that changes the paper commits its own files, and nothing that anybody else has not saved."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import shared
from command_kit import nioc, sample_names, succeed
from sample_history import commit as commit_all
from sample_history import edit, start_history
from test_final_check import commit, git
from test_papers import appended
from test_reviews import BACK, CHAPTER, _kept_word_files, edited, sent_file, sent_once

from nioc_paper.app.project import LoadedPaper, Project
from nioc_paper.cli.lazy_commands import nioc as commands
from nioc_paper.cli.options import turn_to_change
from nioc_paper.system.files import default_templates
from nioc_paper.system.processes import python_command

REPOSITORY = Path(__file__).parents[2]
__all__ = ["_kept_word_files", "sent_once"]

COMMENT = "ghutab"
"""Id of the comment, made from its words."""
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
    "add": (
        ("add", "fact", "id=oaks", "value=12", "source=survey2019"),
        {"paper/registers/facts.yaml"},
        "Add the fact 'oaks'",
    ),
    "new words": (
        ("new", "words", "--language", "fr"),
        {"paper/wording/fr.yaml"},
        "List the words to translate into 'fr'",
    ),
    "unify": (
        ("unify", "fact", "bridges", "spans"),
        {"paper/registers/facts.yaml"},
        "Unify the fact 'bridges'",
    ),
    "source": (("source", "add", "new.bib"), {"paper/references.yaml"}, "Add the source 'wright2001'"),
    "send": (
        ("send", "bridges", "--to", "Cara Guest"),
        {"reviews/bridges.yaml"},
        "Send 'bridges' to Cara Guest",
    ),
    "receive": (("receive", "dist/back.docx"), {CHAPTER, "reviews/bridges.yaml"}, "Note what Ben Lock sent back"),
    "comments add": (
        ("comments", "add", "bridges", "--by", "Ben Lock", "--text", "Which survey?"),
        {"reviews/bridges.yaml"},
        "Note a comment on 'bridges'",
    ),
    "comments answer": (
        ("comments", "answer", COMMENT, "reject", "--because", "no", "--by", "ada-north"),
        {"reviews/bridges.yaml"},
        "Answer comment",
    ),
    "comments set": (
        ("comments", "set", COMMENT, "--kind", "administrative"),
        {"reviews/bridges.yaml"},
        "Call comment",
    ),
    "check --fix": (("check", "--fix", "chapters"), {CHAPTER}, "Apply 1 fix of the check"),
    "upgrade": (("upgrade", "--write"), {"paper/paper.yaml", ".gitignore"}, "Name rules as this release does"),
    "theme eject": (
        ("theme", "eject"),
        {f"templates/{name}" for name in default_templates().files},
        "Copy the templates of the tool",
    ),
    "schema": (("schema", "chapter", "--write"), {"schemas/chapter.json"}, "Write the schemas for editors"),
}
CALLS = {name: arguments for name, (arguments, _, _) in COMMANDS.items()}
REFUSED = {
    "approve": ("approve", "bridges", "--by", "ada-north"),  # the chapter is a draft
    "consult ask": ("consult", "ask", "--all"),  # another chapter has changes
    "consult apply": ("consult", "apply", "k7fq2m"),  # there is no such answer
}
CALLS |= REFUSED
CALLS["merge"] = ("merge", "HEAD")  # its commits are those of test_team.py
READING_CALLS = {
    ("explain",): ("dead-link",),
    ("source", "list"): (),
    ("status",): (),
    ("board",): (),
    ("remind",): (),
    ("calendar",): (),
    ("comments",): (),
    ("consult",): (),
    ("redline",): ("HEAD~1..HEAD", "--to", "html"),
    ("build",): ("--to", "html"),
    ("site",): ("--downloads", "none", "--audience", "restricted"),
    ("newsletter",): ("--to", "txt", "--audience", "restricted"),
    ("export",): ("acronyms", "--to", "csv"),
    ("doctor",): (),
    ("theme", "list"): (),
    ("clean",): (),
}
"""Arguments for the commands without `--no-commit`."""
SERVERS = {("serve",), ("lsp",)}
"""Commands that run until somebody ends them."""
NEW_FOLDERS = {("new", "paper"), ("import",)}
"""Commands that change no paper: they make one, or refuse the folder."""


@pytest.fixture(scope="module")
def prepared(sent_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The paper with a chapter sent out, a comment in its ledger, and work of somebody that is not saved."""
    return shared.once(tmp_path_factory, "own-commits", lambda folder: _prepare(sent_once, folder / "paper")) / "paper"


@pytest.fixture
def paper(prepared: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(prepared, tmp_path / "paper"))


def _prepare(sent_once: Path, root: Path) -> None:
    shutil.copytree(sent_once, root)
    appended(root / "paper/registers/facts.yaml", '  - {id: spans, value: "12", unit: bridges, source: survey2019}\n')
    settings = root / "paper" / "paper.yaml"
    text = settings.read_text(encoding="utf-8")
    text = text.replace("  front:\n", "  cross-cutting:\n    sections: []\n  front:\n", 1)
    settings.write_text(f"{text}\nrules: {{open-gap: warning}}\n", encoding="utf-8")
    file = edited(root)
    file.comment("two piers", "Are there not three?", by="Ben Lock")
    (root / "dist" / "first.docx").write_bytes(file.save())
    git(root, "add", "paper")
    git(root, "commit", "-q", "-m", "Add a kind")
    assert nioc(root, "receive", "dist/first.docx", *BACK).returncode == 0
    (root / "dist" / "back.docx").write_bytes(edited(root).replace("two piers", "three piers").save())
    appended(root / CHAPTER, "\nAda Nord drew the bridge.\n")
    git(root, "commit", "-q", "-m", "Add a line", CHAPTER)
    (root / "new.bib").write_text(BIB, encoding="utf-8")
    appended(root / ELSEWHERE, "\nOne more line.\n")
    (root / STAGED).write_text("a note\n", encoding="utf-8")
    git(root, "add", STAGED)


def state(root: Path) -> tuple[str, str]:
    return (root / ELSEWHERE).read_text(encoding="utf-8"), git(root, "status", "--porcelain", ELSEWHERE, STAGED)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    turns = {"test_on_request_nothing_is_committed": 2, "test_a_command_waits_for_its_turn_and_reads_the_paper_then": 0}
    if (turn := turns.get(metafunc.function.__name__)) is not None:
        sample_names(metafunc, COMMANDS if turn else CALLS, turn)


@pytest.mark.parametrize("name", COMMANDS)
def test_own_files_are_committed_and_nothing_else_and_nothing_is_changed_while_git_is_locked(
    paper: Path, name: str, request: pytest.FixtureRequest
) -> None:
    """Locked for every third command; for all under --long."""
    arguments, files, subject = COMMANDS[name]
    before, head, held = state(paper), git(paper, "rev-parse", "HEAD").strip(), contents(paper)
    if request.config.getoption("--long") or name in [*COMMANDS][1::3]:
        lock = paper / ".git" / "index.lock"
        lock.touch()
        run = nioc(paper, *arguments)
        assert (run.returncode, "index.lock" in run.stderr, contents(paper)) == (1, True, held)
        lock.unlink()
        assert (state(paper), git(paper, "rev-parse", "HEAD").strip()) == (before, head)
    run = succeed(paper, *arguments, "--branch", "plan")
    assert state(paper) == before
    assert git(paper, "branch", "--show-current").strip() == "plan"
    assert git(paper, "rev-parse", "main").strip() == head
    assert set(git(paper, "diff", "--name-only", head, "HEAD").split()) == files
    assert git(paper, "status", "--porcelain", *files) == ""
    assert subject in git(paper, "log", "-1", "--format=%s")
    named = re.findall(r"^([0-9a-f]{10}) (.*)$", run.stderr, flags=re.MULTILINE)
    made = git(paper, "log", "--reverse", "--format=%H %s", f"{head}..HEAD").splitlines()
    shared = " (to share it: git push -u origin plan)"
    assert [f"{commit} {words}" for commit, words in named] == [f"{line[:10]} {line[41:]}{shared}" for line in made]


def test_on_request_nothing_is_committed(paper: Path, name: str) -> None:
    arguments, files, _ = COMMANDS[name]
    before, head = state(paper), git(paper, "rev-parse", "HEAD")
    succeed(paper, *arguments, "--no-commit")
    assert git(paper, "rev-parse", "HEAD") == head
    assert state(paper) == before
    changed = git(paper, "status", "--porcelain", "-uall", *files).splitlines()
    assert {line.split()[-1] for line in changed} == files


def test_a_command_begins_a_branch_and_leaves_a_protected_one(tmp_path: Path) -> None:
    root = start_history(tmp_path)
    appended(root / "paper/paper.yaml", "protected_branch: main\n")
    commit_all(root, "2020-01-07T12:00:00Z")
    head, branch = git(root, "rev-parse", "main").strip(), ("--branch", "plan")
    add = ("comments", "add", "bridges", "--by", "ben-lock", "--text")
    refused = nioc(root, *add, "One")
    assert (refused.returncode, "add: --branch NAME" in refused.stderr) == (1, True)
    assert not git(root, "status", "--porcelain")
    for number, text in enumerate(("One", "Two"), 1):
        run = nioc(root, *add, text, *branch)
        assert (run.returncode, "git push -u origin plan" in run.stderr) == (0, True), run.stderr
        assert git(root, "branch", "--show-current").strip() == "plan"
        assert git(root, "rev-list", "--count", f"{head}..plan").strip() == str(number)
    assert git(root, "rev-parse", "main").strip() == head
    assert "git switch main" in nioc(root, *add, "Three", "--branch", "main").stderr
    assert nioc(root, *add, "Three", "--branch", "a..b").returncode == 1
    assert not git(root, "status", "--porcelain")
    git(root, "switch", "-q", "-c", "other", "main")
    assert nioc(root, *add, "Four").returncode == 0
    git(root, "switch", "-q", "main")
    assert nioc(root, "merge", "other").returncode == 0  # main follows, as after a pull
    assert "'main' takes changes from other branches only; go to another one" in nioc(root, "merge", "plan").stderr
    git(root, "switch", "-q", "plan")
    assert nioc(root, "merge", "main").returncode == 0


def test_leads_own_their_chapters_on_a_code_host(tmp_path: Path) -> None:
    root = start_history(tmp_path)
    edit(root, "contributors.yaml", ("id: ada-north", "id: ada-north\n    handle: '@ada'"))
    commit_all(root, "2020-01-07T12:00:00Z")
    assert nioc(root, "schema", "--write").returncode == 0
    owners = (root / "CODEOWNERS").read_text(encoding="utf-8")
    assert "\n/chapters/bridges.md @ada\n/reviews/bridges.yaml @ada\n/reviews/bridges/ @ada\n" in owners
    assert "tunnels" not in owners
    assert not git(root, "status", "--porcelain")
    workflow = (REPOSITORY / "nioc_paper/starter/.github/workflows/paper.yml").read_text(encoding="utf-8")
    step = textwrap.dedent(workflow.partition("- name: Owners")[2].partition("run: |\n")[2])
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for lead, code in (("ada-north", 0), ("ben-lock", 1)):
        edit(root, "chapters/bridges.md", ("id: ada-north", f"id: {lead}"))
        commit_all(root, "2020-01-08T12:00:00Z")
        run = subprocess.run(["bash", "-e", "-c", step], cwd=root, env=environment, capture_output=True, check=False)
        assert (run.returncode, b"leads have changed" in run.stdout) == (code, bool(code)), run.stderr


def test_the_table_has_every_command_that_changes_a_paper() -> None:
    known = {arguments[:n] for arguments in CALLS.values() for n in (1, 2)}
    options = {path: {option.name for option in command.params} for path, command in all_commands()}
    changing = {path for path, names in options.items() if "no_commit" in names}
    assert {path for path, names in options.items() if "own_branch" in names} == changing - NEW_FOLDERS - {("merge",)}
    assert changing - known == NEW_FOLDERS
    assert {path for path, _ in all_commands()} - changing == READING_CALLS.keys() | SERVERS


def all_commands(
    group: click.Group = commands, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """The commands that do something, with their names."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from all_commands(command, (*path, name))
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield (*path, name), command


@pytest.mark.parametrize("path", READING_CALLS, ids=" ".join)
def test_a_command_that_takes_no_turn_writes_nothing_into_the_paper(paper: Path, path: tuple[str, ...]) -> None:
    before = contents(paper)
    held = os.open(paper, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    run = nioc(paper, *path, *READING_CALLS[path])
    os.close(held)
    assert (run.returncode, contents(paper)) == (0, before), run.stderr


def contents(root: Path) -> dict[str, bytes]:
    """The files of a paper by path, without outputs, caches and git's."""
    files = (file for file in root.rglob("*") if file.is_file())
    paths = {file.relative_to(root).as_posix(): file for file in files}
    return {
        path: file.read_bytes() for path, file in paths.items() if not path.startswith(("dist/", ".cache/", ".git/"))
    }


@pytest.mark.parametrize("changed", [CHAPTER, "paper/registers/facts.yaml", ELSEWHERE])
def test_a_sign_off_is_of_the_commit_that_was_last_when_it_was_given(
    paper: Path, changed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path, old, new in ((CHAPTER, "status: drafting", "status: final"), (CHAPTER, "\nAda Nord drew", "\nAda drew")):
        text = (paper / path).read_text(encoding="utf-8")
        (paper / path).write_text(text.replace(old, new), encoding="utf-8")
    commit(paper)
    read = git(paper, "rev-parse", "HEAD").strip()

    @contextlib.contextmanager
    def wait(*_: object) -> Iterator[None]:
        text = (paper / changed).read_text(encoding="utf-8")
        more = text.replace('"12"', '"13"') if changed.endswith("facts.yaml") else f"{text}\nOne more line.\n"
        (paper / changed).write_text(more, encoding="utf-8")
        commit(paper)
        yield

    monkeypatch.setattr("nioc_paper.cli.options.lock_paper", wait)
    run = nioc(paper, "approve", "bridges", "--by", "ada-north")
    if changed == ELSEWHERE:
        assert run.returncode == 0, run.stderr
        assert f"commit: {read}" in (paper / "paper" / "registers" / "approvals.yaml").read_text(encoding="utf-8")
    else:
        assert (run.returncode, "was changed while the command waited" in run.stderr) == (1, True), run.stderr
        assert not (paper / "paper" / "registers" / "approvals.yaml").exists()


def test_a_command_waits_for_its_turn_and_reads_the_paper_then(
    paper: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, tries, loads = os.open(paper, os.O_RDONLY), list[float](), list[int]()
    fcntl.flock(held, fcntl.LOCK_EX)

    def wait(seconds: float) -> None:
        tries.append(seconds)
        if len(tries) == 3:
            os.close(held)

    def load(*args: Any, **options: Any) -> LoadedPaper:
        loads.append(len(tries))
        return load_paper(*args, **options)

    load_paper = Project.load
    monkeypatch.setattr("nioc_paper.system.files.time.sleep", wait)
    monkeypatch.setattr(Project, "load", load)
    run = nioc(paper, *CALLS[name])
    assert (run.returncode != 0) == (name in REFUSED), run.stderr
    assert len(tries) >= 3
    assert [count for count in loads if count < 3] == []


def test_only_somebody_at_a_terminal_is_told_of_a_long_wait(
    paper: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for is_terminal in (True, False):
        held, tries = os.open(paper, os.O_RDONLY), list[float]()
        fcntl.flock(held, fcntl.LOCK_EX)

        def wait(seconds: float, tries: list[float] = tries, held: int = held) -> None:
            tries.append(seconds)
            if sum(tries) > 2:
                os.close(held)

        monkeypatch.setattr("nioc_paper.system.files.time.sleep", wait)
        monkeypatch.setattr("sys.stderr.isatty", lambda is_terminal=is_terminal: is_terminal)
        with turn_to_change(paper):
            message = "waiting for another command that changes the paper\n" if is_terminal else ""
            assert capsys.readouterr().err == message


@pytest.mark.parametrize(
    "arguments", [("move", "--help"), ("comments",), ("check",), ("receive", "dist/back.docx", "--dry-run")]
)
def test_what_changes_nothing_waits_for_nobody(paper: Path, arguments: tuple[str, ...]) -> None:
    held = os.open(paper, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    assert nioc(paper, *arguments).returncode == 0
    os.close(held)


def test_commands_at_once_lose_nothing(paper: Path) -> None:
    names = ("one", "two", "three")
    command = python_command("nioc_paper", "new", "chapter")
    runs = [subprocess.Popen([*command, name, "--category", "cross-cutting"], cwd=paper) for name in names]
    assert [run.wait() for run in runs] == [0, 0, 0]
    listed = (paper / "paper" / "paper.yaml").read_text(encoding="utf-8")
    assert [name for name in names if f"chapters/{name}.md" not in listed] == []
    assert git(paper, "log", "--format=%s").count("Start the chapter") == 3


@pytest.mark.parametrize("name", ["move", "source", "comments set", "new"])
def test_a_file_with_other_changes_stays_uncommitted(paper: Path, name: str) -> None:
    arguments, files, _ = COMMANDS[name]
    for path in files:
        if (paper / path).exists():
            appended(paper / path, "\n# mine\n" if path.endswith(".yaml") else "\nMine.\n")
    head = git(paper, "rev-parse", "HEAD")
    run = succeed(paper, *arguments)
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


def test_unsaved_lines_of_other_chapters_stop_no_sending(paper: Path) -> None:
    assert sent_file(paper).is_file()
    commit_before = git(paper, "rev-parse", "HEAD")
    assert nioc(paper, "send", "tunnels", "--to", "Cara Guest").returncode == 1
    assert git(paper, "rev-parse", "HEAD") == commit_before
    commit(paper)
    assert nioc(paper, "send", "tunnels", "--to", "Cara Guest").returncode == 0
