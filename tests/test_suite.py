"""The suite itself: marks, determinism, and the output of `python3 build.py test` while it runs."""

from __future__ import annotations

import os
import pty
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import command_kit
import marks
import pytest
import test_papers

from nioc_paper.load import load

TESTS = Path(__file__).parent
FILES = sorted(TESTS.glob("*.py"))
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


# --- progress ---------------------------------------------------------------------------------------------------------


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
def test_a_quiet_run_looks_as_pytest_has_it(sample: Path) -> None:
    _, output = run(sample, "-n", "0", "-q")
    assert ".Fs" in output
    assert "of 3 tests" not in output
    assert "Run again what failed: " in output
