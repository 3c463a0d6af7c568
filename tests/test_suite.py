"""The suite itself: marks, determinism, and the output of `python3 build.py test` while it runs."""

from __future__ import annotations

import ast
import importlib
import os
import pty
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import command_kit
import marks
import pytest
import rounds
import test_papers
from hypothesis import given, settings
from hypothesis import strategies as st
from progress_plugin import Estimate

from nioc_paper.load import load

TESTS = Path(__file__).parent
FILES = sorted(TESTS.glob("*.py"))
SLEEPERS = {"test_replay.py"}
"""Modules that may sleep: files must be older than a command by the clock of the file system."""
SAMPLE = """
import pytest

def test_good(): pass

@pytest.mark.parametrize("word", ["a b"])
def test_bad(word): assert word == "c"

@pytest.mark.skip
def test_left_out(): pass
"""


# --- marks and determinism --------------------------------------------------------------------------------------------


def test_marked_modules_exist() -> None:
    assert {file.stem for file in FILES} >= marks.ENGINE | marks.SLOW
    assert not marks.ENGINE & marks.SLOW


def test_no_engine_is_imported_before_the_first_test(pytestconfig: pytest.Config) -> None:
    assert pytestconfig.stash[marks.IMPORTED] == set()


def test_a_test_that_asks_the_network_fails() -> None:
    with pytest.raises(PermissionError, match="a test asks the network for example"):
        socket.create_connection(("example.org", 443))
    with socket.socket() as sock, pytest.raises(PermissionError):
        sock.connect(("192.0.2.1", 443))
    with socket.socket() as sock, pytest.raises(PermissionError):
        sock.connect_ex(("192.0.2.1", 443))


def test_tests_sleep_only_between_looks() -> None:
    """Waiting for a time fails on a busy machine, or takes too long: a loop looks for an event."""
    sleeping = [line for file in FILES for line in sleeps(file.name, file.read_text(encoding="utf-8"))]
    assert [line for line in sleeping if line.split(":")[0] not in SLEEPERS] == []


def test_a_sleep_outside_a_loop_is_found() -> None:
    assert list(sleeps("x", "import time\nwhile True:\n    time.sleep(0.1)\n")) == []
    assert list(sleeps("x", "import time\nwhile True:\n    time.sleep(3)\n")) == ["x:3"]
    assert list(sleeps("x", "import time\nfor _ in range(9):\n    time.sleep(0.1)\n")) == ["x:3"]
    assert list(sleeps("x", "from time import sleep\n")) == ["x:1"]


def sleeps(name: str, source: str) -> Iterator[str]:
    """The lines of a module that sleep, but for a short while in a loop that looks for an event."""
    module = ast.parse(source)
    looking = {id(n) for loop in ast.walk(module) if isinstance(loop, ast.While) for n in ast.walk(loop)}
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            yield from (f"{name}:{node.lineno}" for alias in node.names if alias.name == "sleep")
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "time.sleep":
            (seconds,) = node.args
            if id(node) not in looking or not (isinstance(seconds, ast.Constant) and float(str(seconds.value)) <= 0.2):
                yield f"{name}:{node.lineno}"


@pytest.mark.parametrize(
    "read",
    [
        lambda: (TESTS.parent / "paper" / "paper.yaml").read_text(encoding="utf-8"),
        lambda: [*TESTS.parent.glob("chapters/*.md")],
        lambda: load(TESTS.parent, print),
        lambda: command_kit.nioc(TESTS.parent, "check"),
        lambda: test_papers.nioc(TESTS.parent, "check"),
    ],
    ids=["a file", "a folder", "the paper", "a command", "a process"],
)
def test_a_test_that_reads_the_shipped_paper_fails(read: Callable[[], object]) -> None:
    with pytest.raises(AssertionError, match="reads the paper of this repository: take one of tests/papers"):
        read()


# --- examples of property tests ---------------------------------------------------------------------------------------


def test_slow_properties_try_as_many_examples_as_others_in_a_long_run(pytestconfig: pytest.Config) -> None:
    long, examples = pytestconfig.getoption("--long"), pytestconfig.getoption("--examples")
    try:
        rounds.load(long=False, examples=700)
        assert (rounds.few(25).max_examples, rounds.few(25).derandomize) == (25, True)
        rounds.load(long=True, examples=700)
        assert (rounds.few(25).max_examples, rounds.few(25).derandomize) == (700, False)
        assert (settings().max_examples, settings().print_blob, rounds.few(25).print_blob) == (700, True, True)
    finally:
        rounds.load(long=long, examples=examples)


def test_examples_do_not_depend_on_what_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if settings().derandomize:  # a long run looks for the constants of the code
        monkeypatch.syspath_prepend(tmp_path)
        before = examples_of_text()
        (tmp_path / "many_constants.py").write_text(f"WORDS = {[f'constant {n}' for n in range(300)]}\n")
        importlib.import_module("many_constants")
        assert examples_of_text() == before


def examples_of_text() -> list[str]:
    """The examples that a property of any text tries."""
    tried: list[str] = []

    @settings(max_examples=100)
    @given(st.text())
    def note(text: str) -> None:
        tried.append(text)

    note()
    return tried


# --- progress ---------------------------------------------------------------------------------------------------------


def test_time_left_is_that_of_the_last_run_at_the_pace_of_this_one() -> None:
    estimate = Estimate(["a", "b", "c", "new"], {"a": 1, "b": 9, "c": 2, "gone": 100})
    assert estimate.seconds(5) is None
    estimate.finish("a")
    assert estimate.done == 1
    assert estimate.seconds(2) == pytest.approx(2 * (9 + 2 + 4), rel=0.01)  # twice as slow; a new test is as the others
    for test in ("b", "c", "new"):
        estimate.finish(test)
    assert (estimate.done, estimate.seconds(9)) == (4, None)


def test_without_a_last_run_tests_are_counted() -> None:
    estimate = Estimate(["a", "b", "c", "d"], {})
    estimate.finish("a")
    assert estimate.seconds(2) == pytest.approx(6)


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A folder with a test that passes, one that fails, and one that is skipped."""
    (tmp_path / "test_sample.py").write_text(SAMPLE, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    engine\n    slow\n", encoding="utf-8")
    return tmp_path


def command(*options: str) -> list[str]:
    """A run of pytest with a folder of its own: with the common one, it would remove those of earlier runs first."""
    return [sys.executable, "-m", "pytest", "-p", "conftest", "-p", "no:anyio", "--basetemp=made", *options]


def run(folder: Path, *options: str) -> tuple[int, str]:
    """Exit code and output of a run on a sample."""
    done = subprocess.run(
        command(*options), cwd=folder, env=environment(), capture_output=True, encoding="utf-8", check=False
    )
    return done.returncode, done.stdout


def environment() -> dict[str, str]:
    """A worker's variables are not for a run of its own, nor are those by which pytest knows CI and says more."""
    others = ("PYTEST_", "CI", "BUILD_NUMBER", "NO_COLOR", "FORCE_COLOR", "PY_COLORS")
    ours = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    return ours | {"PYTHONPATH": str(TESTS), "PYTHONUTF8": "1", "COLUMNS": "100"}


@pytest.mark.slow
def test_failed_tests_are_named_at_once_and_at_the_end(sample: Path) -> None:
    code, output = run(sample, "-n", "1")
    lines = [line for line in output.splitlines() if line]
    assert code == 1, output
    assert "failed: test_sample.py::test_bad[a b]" in lines
    assert any(re.fullmatch(r"3 of 3 tests, 1 failed, \d+:\d\d", line) for line in lines), output
    assert "\x1b" not in output
    assert lines[-3].startswith("FAILED test_sample.py::test_bad[a b] - ")
    assert lines[-2] == "Run again what failed: python3 build.py test 'test_sample.py::test_bad[a b]'"
    assert re.fullmatch(r"=+ 1 failed, 1 passed, 1 skipped in .*s( \(.*\))? =+", lines[-1])


@pytest.mark.slow
def test_a_terminal_keeps_one_line_and_a_long_run_names_its_seed(sample: Path) -> None:
    ours, theirs = pty.openpty()
    long = command("-n", "1", "--long", "--examples", "5")
    with subprocess.Popen(long, cwd=sample, env=environment() | {"TERM": "xterm"}, stdout=theirs) as process:
        os.close(theirs)
        output = b"".join(iter(lambda: read(ours), b"")).decode()
    os.close(ours)
    assert process.returncode == 1, output
    assert re.search(r"\r\x1b\[K3 of 3 tests, 1 failed, \d+:\d\d\r\n", output)
    (seed,) = set(re.findall(r"--hypothesis-seed (\d+)", output))
    assert f"--long --examples 5 --hypothesis-seed {seed} 'test_sample.py::test_bad[a b]'" in output
    assert "slowest 20 durations" in output


def read(terminal: int) -> bytes:
    """Output of a program to a terminal; empty when it has ended."""
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux's way to say that the other end is closed
        return b""


@pytest.mark.slow
def test_quiet_and_verbose_runs_look_as_pytest_has_them(sample: Path) -> None:
    for option, shown in (("-q", ".Fs"), ("-v", "test_sample.py::test_good PASSED")):
        _, output = run(sample, "-n", "0", option)
        assert shown in output
        assert "of 3 tests" not in output
        assert "Run again what failed: " in output
