"""A stranger's repository: no command runs, reads, writes or asks anything outside it, or waits for ever.

The repository holds everything at once that the page docs/security.md promises to be harmless. Canary files outside
tell what was written or run; an audit hook in the command's process tells what was opened, started and asked.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest
import shared
from command_kit import succeed
from sample_history import commit, edit, start_repository
from test_papers import appended, copy, written

ROOT = Path(__file__).parents[1]
CONFIDED = "the words of a file outside"
MODULES = (
    *(name for name in sorted(sys.stdlib_module_names) if not name.startswith("_")),
    *("jinja2", "msgspec", "nioc_paper", "pagefind", "pikepdf", "psutil", "vl_convert", "weasyprint", "sitecustomize"),
)
"""Modules that the command or its child processes may import, and that the folder has under the same names."""
STUBS = ("curl", "wget", "ssh", "gpg", "less", "vi", "editor", "xdg-open", "python3", "bash", "canary")
"""Programs that come first on PATH and say when they are run."""
PROGRAMS = ("env", "git", "oosplash", "pandoc", "sh", "soffice")
"""Programs that the tool starts, and that the folder has under the same names; a user may have "." on PATH."""
SETTINGS = """
[core]
  fsmonitor = canary
  hooksPath = hooks
  pager = canary
  editor = canary
  sshCommand = canary
[filter "canary"]
  clean = canary
  smudge = canary
  process = canary
  required = true
[diff "canary"]
  command = canary
  textconv = canary
[merge "canary"]
  driver = canary
[gpg]
  program = canary
[commit]
  gpgSign = true
[alias]
  log = !canary
[include]
  path = more
"""
HOOK = """
import atexit, json, os, sys
seen = []
def watch(event, arguments):
    if event in ("open", "subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "socket.connect",
                 "socket.getaddrinfo", "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.symlink", "import"):
        seen.append([event, [str(argument) for argument in arguments[:3]]])
    if event == "subprocess.Popen":
        program, command, folder, variables = arguments
        named = [*command, program][6 if len(command) > 6 and str(program) == "/bin/sh" else -1]  # our sh starts it
        started.append([str(named), str(folder), dict(variables)])
sys.addaudithook(watch)
atexit.register(lambda: open(os.environ["SEEN"], "w").write(json.dumps([seen, codes, started])))
codes, started = [], []
import runpy
if hasattr(os, "sched_setaffinity"):
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, [cores[os.getpid() % len(cores)]])
for command in sys.argv[1:]:
    sys.argv = ["nioc", *command.split()]
    try:
        runpy.run_module("nioc_paper", run_name="__main__", alter_sys=False)
    except SystemExit as stop:
        codes.append(stop.code)
"""
"""Runs one command after the other, and writes their actions and exit codes.

It has one core, so that no work is done in a copy of the process, whose actions nobody would write.
"""


def quiet(paper: Path, outside: Path) -> None:
    """Put faults into a paper, but none that stops a build."""
    for name, text in settings_of_pagefind({"logfile": str(outside / "canary"), "output_path": str(outside)}).items():
        (paper / name).write_text(text, encoding="utf-8")
    for name in PROGRAMS:
        (paper / name).write_text(f"#!/bin/sh\necho {name} >>{outside}/canary\n", encoding="utf-8")
        (paper / name).chmod(0o755)
    for name in MODULES:
        (paper / f"{name}.py").write_text(f"open({str(outside / 'canary')!r}, 'w').write('{name} was imported')")
    (paper / ".cache" / "nioc").mkdir(parents=True)
    for number in range(3):
        (paper / ".cache" / "nioc" / f"{number:064x}").symlink_to(outside / "secret.txt")
    appended(paper / "templates" / "web" / "title.html", "<p>A page of a stranger.</p>\n")
    disguised = paper / "paper" / "data" / "bare"
    for folder in ("objects", "refs"):
        (disguised / folder).mkdir(parents=True)
    (disguised / "HEAD").write_text("ref: refs/heads/main\n")
    (disguised / "config").write_text(SETTINGS)
    (paper / "good.bib").write_text("@book{good, title={Roads}, author={North, Ada}, date={2019}}")
    (paper / ".gitattributes").write_text("* filter=canary diff=canary merge=canary\n")


def loud(paper: Path, outside: Path) -> None:
    """Put faults for a check into a paper: links, pipes, devices, templates that load files."""
    (paper / "chapters" / "linked.md").symlink_to(outside / "secret.txt")
    os.mkfifo(paper / "chapters" / "pipe.md")
    os.mkfifo(paper / "paper" / "data" / "pipe.csv")
    (paper / "paper" / "data" / "zero.csv").symlink_to("/dev/zero")
    (paper / "templates" / "zero.css").symlink_to("/dev/zero")
    (paper / "templates" / "secret.html").symlink_to(outside / "secret.txt")
    (paper / "reviews").symlink_to(outside)
    (paper / "dist").symlink_to(outside)
    escape = "{{ cycler.__init__.__globals__.os.popen('canary').read() }}"
    for name in ("web.html", "print.html", "mail.html", "cover.svg", "pattern.svg", "site/base.html"):
        appended(paper / "templates" / name, escape)


@pytest.fixture(scope="module", params=[quiet, loud], ids=["quiet", "loud"])
def hostile(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stranger's repository, `healthy`, beside a folder `outside` and one with stub programs."""
    loud_too = request.param is loud

    def make(folder: Path) -> None:
        paper, outside, stubs = copy("healthy", folder, with_templates=True), folder / "outside", folder / "stubs"
        written(outside / "secret.txt", CONFIDED)
        stubs.mkdir()
        for name in STUBS:
            (stubs / name).write_text(f"#!/bin/sh\necho {name} >>{outside}/canary\n", encoding="utf-8")
            (stubs / name).chmod(0o755)
        start_repository(paper, "2020-01-10T12:00:00Z")
        quiet(paper, outside)
        edit(paper, "chapters/tunnels.md", ("Drivers learn", "All drivers learn"))
        commit(paper, "2020-01-20T12:00:00Z")
        if loud_too:
            loud(paper, outside)
        for name, text in {"config": SETTINGS, "more": SETTINGS, "info/attributes": "* filter=canary\n"}.items():
            appended(paper / ".git" / name, text)
        for hook in ("pre-commit", "post-commit", "reference-transaction", "post-index-change", "commit-msg"):
            (paper / ".git" / "hooks").mkdir(exist_ok=True)
            (paper / ".git" / "hooks" / hook).write_text(f"#!/bin/sh\necho hook >>{outside}/canary\n")
            (paper / ".git" / "hooks" / hook).chmod(0o755)

    return shared.once(tmp_path_factory, f"stranger-{request.param.__name__}", make)


COMMANDS = {
    "files": (
        "clean",  # first: all that the others keep is searched
        "check --format full",
        "status --who",
        "calendar --today 2020-01-30",
        "remind --today 2020-01-30",
        "comments",
        "export",
        "board --today 2020-01-30",
        "newsletter --month 2020-01 --today 2020-01-30",
        "lsp --stdio",
        "send bridges --to ben-lock --due 2020-02-20 --today 2020-01-30",
        "move bridges drafting --today 2020-01-30",
        "new chapter hawks --title Hawks --category front",
        "source add good.bib",
        "theme eject",
        "upgrade",
        "check --fix",
        "schema --write",
    ),
    "outputs": (
        "build --today 2020-01-30",
        "site --downloads none --today 2020-01-30",
        "redline HEAD~1..HEAD --to docx",
    ),
}
"""All commands that work in a paper, in two groups that share a process each: the cheap ones would mostly start Python.

What they say is for other tests; in the loud repository they may refuse.
"""


@pytest.fixture(scope="module", params=COMMANDS)
def ran(request: pytest.FixtureRequest, hostile: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the repository in which a group of commands has run, and what they said and did."""
    return shared.once(tmp_path_factory, f"{hostile.name}-{request.param}", partial(run_group, hostile, request.param))


def run_group(hostile: Path, group: str, folder: Path) -> None:
    """Run a group of commands in a process of their own, in a copy of the repository."""
    subprocess.run(["cp", "-a", hostile / "healthy", folder], check=True)  # with links and pipes as they are
    environment = {
        "PATH": os.pathsep.join((".", "", str(hostile / "stubs"), os.environ["PATH"])),
        "PAGEFIND_LOGFILE": str(hostile / "outside" / "canary"),
        "CANARY": "a variable of the user",
        "HOME": str(folder),
        "PYTHONPATH": str(ROOT),
        "SEEN": str(folder / "seen"),
        "TMPDIR": str(folder),
    }
    with (folder / "said").open("wb") as log:
        run = subprocess.run(
            [sys.executable, "-P", "-c", HOOK, *COMMANDS[group]],
            cwd=folder / "healthy",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
    # The process has outlived all its commands.
    assert run.returncode == 0, (folder / "said").read_text(encoding="utf-8")


def test_no_file_outside_the_folder_is_touched(hostile: Path, ran: Path) -> None:
    output = (ran / "said").read_text(encoding="utf-8")
    seen, codes, _ = json.loads((ran / "seen").read_text(encoding="utf-8"))
    assert len(codes) == len(COMMANDS[ran.name.rpartition("-")[2]]), output
    assert set(codes) <= ({0} if hostile.name.endswith("quiet") else {0, 1, 2}), (codes, output)
    assert "internal error" not in output
    assert CONFIDED not in output
    outside = hostile / "outside"
    assert {file.name: file.read_text(encoding="utf-8") for file in outside.iterdir()} == {"secret.txt": CONFIDED}
    assert [*reached(seen, outside)] == []
    assert not any(CONFIDED.encode() in file.read_bytes() for file in made_in(ran / "healthy"))


def test_every_program_starts_in_a_folder_of_ours_without_the_variables_of_the_user(ran: Path) -> None:
    paper = ran / "healthy"
    _, _, started = json.loads((ran / "seen").read_text(encoding="utf-8"))
    assert started
    for program, folder, variables in started:
        compares_files = Path(program).name == "git" and "GIT_INDEX_FILE" in variables  # an index of ours
        assert compares_files or not Path(folder).is_relative_to(paper), (program, folder)
        assert compares_files or not paper.is_relative_to(folder), (program, folder)
        assert not {"CANARY", "PAGEFIND_LOGFILE"} & variables.keys(), program
        assert all(Path(entry).is_absolute() for entry in variables["PATH"].split(os.pathsep)), program
        assert variables["HOME"] != str(ran) or Path(program).name == "git", program


def settings_of_pagefind(settings: Mapping[str, object]) -> dict[str, str]:
    """The same settings in each file that pagefind reads in its working folder."""
    data = json.dumps(settings)
    toml = "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())
    return {"pagefind.toml": toml, "pagefind.yml": data, "pagefind.yaml": data, "pagefind.json": data}


@pytest.mark.parametrize("hostile", [quiet], ids=["quiet"], indirect=True)
@pytest.mark.parametrize("ran", ["outputs"], indirect=True)
def test_outputs_do_not_depend_on_the_folder(hostile: Path, ran: Path, tmp_path: Path) -> None:
    """Two folders, two processes, one result. PDF, and Word without page numbers: test_chapter_cache.py."""
    paper = Path(shutil.copytree(hostile / "healthy", tmp_path / "a long way/from here", symlinks=True))
    succeed(paper, "build", "--to", "html,epub", "--today", "2020-01-30")
    names, here, there = {"crossings.html", "crossings.epub"}, paper / "dist", ran / "healthy" / "dist"
    assert {file.name for file in here.iterdir()} == {".lock", "manifest.json", *names}
    assert [name for name in sorted(names) if (here / name).read_bytes() != (there / name).read_bytes()] == []
    listed, listed_there = (json.loads((dist / "manifest.json").read_text(encoding="utf-8")) for dist in (here, there))
    assert listed_there == listed_there | listed  # a redline more


def made_in(paper: Path) -> Iterator[Path]:
    """The regular files of the paper, those of git aside."""
    for folder, names, files in os.walk(paper):
        names[:] = [name for name in names if name != ".git"]
        yield from (path for name in files if (path := Path(folder, name)).is_file() and not path.is_symlink())


def reached(seen: Iterable[tuple[str, list[str]]], outside: Path) -> Iterator[str]:
    """Files, programs and hosts that the command's own process used against the rules."""
    for event, arguments in seen:
        if event.startswith("socket.") or any(str(outside) in argument for argument in arguments):
            yield f"{event} {arguments}"
        if event in ("subprocess.Popen", "os.posix_spawn") and Path(arguments[0]).name in STUBS:
            yield f"{event} {arguments}"
