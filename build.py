#!/usr/bin/env python3
"""The one command: `python3 build.py` makes the paper, `python3 build.py ARGS…` runs a command of the toolchain.

The first run makes .venv, in the exact versions of constraints.txt, and so does the first after these have changed. It
installs missing system libraries with apt-get for root, or for anyone with `--install-system`; others are told how.
`python3 build.py test` checks the toolchain itself; `python3 build.py test --help` lists its options.

Needs Python 3.11 and nothing else. Older ones must be able to read this file, so that it can tell them.
"""

from __future__ import annotations

import contextlib
import ctypes
import difflib
import hashlib
import importlib.util
import itertools
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
PYTHON = BIN / "python"
STAMP = VENV / "set-up-for"

PAPER_NEEDS = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
    "/usr/share/fonts/truetype/noto/NotoNastaliqUrdu-Regular.ttf": "fonts-noto-core",
}
"""A library, a program or a file, and the Debian package that holds it: these make the PDF."""
TEST_NEEDS = {
    **PAPER_NEEDS,
    "git": "git",
    "java": "default-jre-headless",
    "/usr/share/java/jaxb-runtime.jar": "libjaxb-java",
    "pdftotext": "poppler-utils",
    "soffice": "libreoffice-writer-nogui",
    "chromium": "chromium",
}
SETTING_UP = "Setting up .venv once: 400 MB, 1 or 2 minutes; after Ctrl-C it starts again."
BY_HAND = "sudo apt-get install --no-install-recommends"
CONSTRAINTS = os.environ.get("NIOC_CONSTRAINTS", "constraints.txt")
"""File of the exact versions; empty for the newest ones."""
HELP = """\
Usage: {called} [COMMAND] [OPTIONS]…

  {description}
  Without a command, build makes the paper. COMMAND --help lists options.

{groups}
Of build.py itself:
  test              Check the toolchain; test --help lists its options.
  --install-system  Install missing system packages with apt-get; before or
                    after any command.
  --version         Show the version.
"""
COMMAND_TABLE = ROOT / "nioc_paper" / "cli" / "command_table.py"
NAME_WIDTH = len("newsletter  ")
"""Columns of the commands in `--help`: of the longest name and two blanks."""
TEST_HELP = """\
Usage: python3 build.py test [OPTIONS] [TESTS]…

Check the toolchain: run the linters and the tests, on all cores. Sets up .venv first, like every command.

TESTS are files or single tests: tests/check/test_rules.py, tests/system/test_git.py::test_a_damaged_repository. A
package or module of the toolchain, such as nioc_paper/check, stands for the tests that import it or have the name of
one of its modules.

  --quick           leave out the tests that need engines or are slow; under a minute
  --long            all tests; property tests use a random seed and many examples
  --examples N      examples of each property test under --long (2000, or NIOC_LONG_EXAMPLES)
  --last-failed     only the tests that failed in the last run
  --update          rewrite what the tests expect; then read the diff
  --install-system  install missing system packages with apt-get
  --help            show this text

All other options go to pytest, for example -k WORDS, -x, -n 0 (one process) or --durations=20.
The exit code is 0 only if all tests and all linters pass.
"""


def main(args: Sequence[str]) -> int:
    """Make ready what is missing, then run what was asked for. Returns the exit code."""
    if os.name == "nt":
        sys.exit("On Windows, build.py runs in WSL, the Windows Subsystem for Linux, or in a container.")
    if sys.version_info < (3, 11):  # noqa: UP036 - the very Pythons that are too old are told so here
        sys.exit(f"build.py needs Python 3.11 or newer, and this is {sys.version.split()[0]}. Try: python3.11 build.py")
    asked = "--install-system" in args
    args = [a for a in args if a != "--install-system"] or ["build"]
    if {"-h", "--help"} & {*args} and args[0] in ("test", "-h", "--help"):
        print(TEST_HELP if args[0] == "test" else help_text(), end="")
        return 0
    if args[0].startswith("-") and args[0] != "--version":
        args = ["build", *args]
    testing = args[0] == "test"
    if not is_set_up(testing):
        need_known(args[0])
    if asked or testing or not is_set_up(testing):
        install(TEST_NEEDS if testing else PAPER_NEEDS, allowed=asked or os.geteuid() == 0)
    set_up(testing)
    return test(args[1:]) if testing else nioc(args)


def command_table() -> Mapping[str, Any]:
    """The module of the toolchain's commands, run alone: its package needs what .venv holds."""
    return runpy.run_path(str(COMMAND_TABLE))


def help_text() -> str:
    """Text of `--help`; it needs no set-up."""
    table = command_table()
    groups = "\n".join(
        f"{style(f'{heading}:', 1)}\n"
        + "".join(f"  {style(f'{name:{NAME_WIDTH}}', 36)}{e.short_help or e.help}\n" for name, e in group.items())
        for heading, group in table["COMMAND_GROUPS"].items()
    )
    return HELP.format(called=called(), description=table["DESCRIPTION"], groups=groups)


def style(text: str, code: int) -> str:
    """A text in bold (1) or cyan (36) at a terminal."""
    return f"\x1b[{code}m{text}\x1b[0m" if sys.stdout.isatty() and "NO_COLOR" not in os.environ else text


def need_known(command: str) -> None:
    """End the run for a command that does not exist, before anything is installed for it."""
    known = ["test", "--version", *itertools.chain.from_iterable(command_table()["COMMAND_GROUPS"].values())]
    if command not in known:
        near = difflib.get_close_matches(command, known, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        say(f"Error: No such command '{command}'.{hint}\nFor help: {called()} --help")
        sys.exit(2)


def say(words: str) -> None:
    """A line for the person at the terminal; standard output belongs to the command that was asked for."""
    print(words, file=sys.stderr, flush=True)


def run(*command: str) -> tuple[bool, str]:
    """Whether a command succeeds, and what it prints."""
    done = subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    return done.returncode == 0, done.stdout.decode(errors="replace").strip()


def fingerprint() -> str:
    """Fingerprint of .venv: requirements, Python, and place, as it cannot be moved."""
    import tomllib  # late: older Pythons have none, and have been told so by now

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    exact = (ROOT / CONSTRAINTS).read_text(encoding="utf-8") if CONSTRAINTS else ""
    needed = [project["build-system"], project["project"], exact]
    return hashlib.sha256(repr([needed, sys.version, str(ROOT)]).encode(errors="surrogateescape")).hexdigest()


def is_set_up(testing: bool) -> bool:
    """Whether .venv holds what is needed."""
    stamp = STAMP.read_text(encoding="utf-8").split() if STAMP.is_file() and PYTHON.exists() else []
    return stamp[:1] == [fingerprint()] and (not testing or "dev" in stamp)


def set_up(testing: bool) -> None:
    """Make .venv, or add what the tests need. The stamp is written last: a set-up that was killed is done again."""
    if is_set_up(testing):
        return
    with alone():
        if is_set_up(testing):
            return
        # If the tools of the tests are installed, they stay so when the requirements change.
        testing = testing or (STAMP.is_file() and "dev" in STAMP.read_text(encoding="utf-8").split())
        if is_set_up(testing=False):
            say("Adding to .venv what the tests need: 400 MB, one or two minutes, once.")
        else:
            need_venv()
            say(SETTING_UP)
            show("step 1 of 3: making .venv …")
            quietly(sys.executable, "-m", "venv", "--clear", str(VENV))
        pip = (str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "install")
        exact = ("--constraint", CONSTRAINTS) if CONSTRAINTS else ("--upgrade",)
        quietly(*pip, *exact, "--editable", ".[dev,lsp,serve,site]" if testing else ".[lsp,serve,site]")
        compile_package()
        fresh = STAMP.with_suffix(".new")
        fresh.write_text(f"{fingerprint()} {'dev' if testing else 'paper'}\n", encoding="utf-8")
        fresh.replace(STAMP)


def compile_package() -> None:
    """Write the bytecode of the toolchain, as pip does for packages that it copies.

    Images of containers often forbid Python to (`PYTHONDONTWRITEBYTECODE`): each command then takes 0.2 s longer.
    """
    run(str(PYTHON), "-P", "-m", "compileall", "-q", "nioc_paper")


def need_venv() -> None:
    """Debian keeps the part of Python that makes a .venv in a package of its own."""
    package = f"python3.{sys.version_info.minor}-venv"
    if not importlib.util.find_spec("ensurepip") and not (os.geteuid() == 0 and apt([package])):
        sys.exit(f"This Python cannot make a .venv. Run this, then build.py again:\n  {BY_HAND} {package}")


def quietly(*command: str) -> None:
    """A part of the set-up: a terminal shows how far it is, and its output only when it fails, which ends the run."""
    lines: list[str] = []
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        for line in process.stdout or ():
            lines.append(line.decode(errors="replace").rstrip())
            show(progress(lines))
    show("")
    if process.returncode:
        output = "\n".join(lines).strip()
        sys.exit(f"{output}\n\nSetting up .venv failed, for the reason above. Correct it and run {called()} again.")


def progress(lines: Sequence[str]) -> str:
    """How far pip is, from its output: packages it has found, those with their size, then that it installs them."""
    names = {line.split()[1] for line in lines if line.startswith("Collecting ")}
    if installing := next((line for line in lines if line.startswith("Installing collected packages")), ""):
        return f"step 3 of 3: installing {installing.count(',') + 1} packages, one or two minutes …"
    downloads = [re.search(r"^ *(?:Downloading|Using cached) .*\((\d+(?:\.\d+)?) ([kM])B\)", line) for line in lines]
    sizes = [float(size[1]) / (1000 if size[2] == "k" else 1) for size in downloads if size]
    loaded = f", {len(sizes)} of them loaded, {sum(sizes):.0f} of about 400 MB" if sizes else ""
    return f"step 2 of 3: {len(names)} packages found{loaded} …"


def show(words: str) -> None:
    """A line that the next one replaces; only a terminal gets it."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{words}", end="", file=sys.stderr, flush=True)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """One set-up at a time: a second run waits for the first."""
    import fcntl  # late: Windows has none, and has been told so by now

    (ROOT / ".cache").mkdir(exist_ok=True)
    with (ROOT / ".cache" / "set-up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another run that sets up .venv …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def install(needs: Mapping[str, str], *, allowed: bool) -> None:
    """Install what the system lacks, or say how to; the run goes on, for most outputs do without."""
    packages = [package for name, package in needs.items() if not present(name)]
    if packages and sys.platform == "linux" and not (allowed and apt(packages)):
        say(f"This machine lacks what some outputs need. To install it:\n  {BY_HAND} {' '.join(packages)}")


def present(name: str) -> bool:
    """Whether a library can be loaded, or a program or a file be found."""
    if name.startswith("/"):
        return Path(name).exists()
    if ".so" not in name:
        return shutil.which(name) is not None
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def apt(packages: Sequence[str]) -> bool:
    """Install Debian packages. False when that did not work."""
    sudo = ["sudo"] if os.geteuid() else []
    if not all(map(shutil.which, ["apt-get", *sudo])):
        return False
    say(f"Installing {', '.join(packages)} with apt-get …")
    apt_get = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
    run(*apt_get, "update")  # where it fails, the lists that are there may do
    return run(*apt_get, "install", "--yes", "--no-install-recommends", *packages)[0]


def nioc(args: Sequence[str]) -> NoReturn:
    """The toolchain's own command, in place of this process: its exit code and its signals are ours."""
    here = (Path.cwd(), *Path.cwd().parents)
    is_start = args[:2] == ["new", "paper"] or args[:1] == ["import"]
    if not is_start and not any((folder / "paper" / "paper.yaml").exists() for folder in here):
        os.chdir(ROOT)  # outside any paper, the one beside this file is meant; a new one starts where it is asked for
    os.execve(PYTHON, toolchain(args), environment())


def toolchain(args: Sequence[str]) -> list[str]:
    """The command line of the toolchain."""
    # -P: a file in the working folder called calendar.py must not pass for Python's own.
    return [str(PYTHON), "-P", "-m", "nioc_paper", *args]


def environment() -> dict[str, str]:
    """The environment, with the name by which messages call the toolchain: nioc_paper/program_name.py reads it."""
    return {**os.environ, "NIOC_COMMAND": called()}


def called() -> str:
    """How this file was called: `python3 build.py`, with the path that was typed."""
    version = f"python3.{sys.version_info.minor}"
    python = version if Path(sys.executable).name == version else "python3"
    return f"{python} {shlex.quote(sys.argv[0])}"


def test(args: Sequence[str]) -> int:
    """Run the tests, and the linters beside them. Pytest closes the output with its summary."""
    compile_package()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    pytest = (str(BIN / "pytest"), "-n", str(cores), "--dist", "worksteal", "--lint")
    return subprocess.call([*pytest, *itertools.chain.from_iterable(map(tests_of, args))], cwd=ROOT)


def tests_of(argument: str) -> list[str]:
    """Test modules of a module or package and those named like a package around it; other arguments as they are.

    If it has none, those of the next larger package.
    """
    path = ROOT / argument
    if path == ROOT / "nioc_paper":
        return ["tests"]
    if ROOT / "nioc_paper" not in path.parents or not path.exists():
        return [argument]
    *packages, last = path.relative_to(ROOT).with_suffix("").parts
    names = {file.stem for file in [path, *path.rglob("*.py")]} | {*packages}
    folder = re.escape(".".join(packages))
    imports = re.compile(rf"\b{folder}\.{last}\b|^ *from {folder} import (?:\([^)]*|.*)\b{last}\b", re.MULTILINE)
    tests = {
        file.relative_to(ROOT).as_posix()
        for file in ROOT.glob("tests/**/test_*.py")
        if file.stem[5:] in names or imports.search(file.read_text(encoding="utf-8"))
    }
    return sorted(tests) or tests_of(path.parent.relative_to(ROOT).as_posix())


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
