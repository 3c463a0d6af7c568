"""Pytest plugin of `python3 build.py test`: linters, progress of the run, and the command that repeats failures.

It runs in the process that the user started, never in a worker of xdist.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
LINTERS = (("ruff", "check"), ("ruff", "format", "--check"), ("mypy",), ("lint-imports", "--no-logo"))
DURATIONS = "nioc/durations"
"""Key of pytest's cache: seconds of each test in its last run."""
LINE_SECONDS = 30
"""Seconds between two lines where the output is not a terminal."""
FEW = 5
"""Failed tests that the closing command names; more are repeated with --last-failed."""


def clock(seconds: float) -> str:
    """Return a duration as minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


class Estimate:
    """Time left of a run: the remaining tests, at the pace of the run so far.

    A test counts as much as its last run took; a test without one as much as the average.
    """

    def __init__(self, tests: Sequence[str], durations: Mapping[str, float]) -> None:
        known = [durations[test] for test in tests if test in durations]
        usual = sum(known) / len(known) if known else 1.0
        self.left = {test: max(durations.get(test, usual), 0.05) for test in tests}
        self.total, self.whole = len(tests), sum(self.left.values())

    def finish(self, test: str) -> None:
        """Note that a test has ended."""
        self.left.pop(test, None)

    @property
    def done(self) -> int:
        """Number of tests that have ended."""
        return self.total - len(self.left)

    def seconds(self, gone: float) -> float | None:
        """Return the seconds left after `gone` seconds. Returns None before the first test has ended, and after all."""
        left = sum(self.left.values())
        return gone * left / (self.whole - left) if self.done and self.left else None


class Linters:
    """The linters, which run beside the tests."""

    def __init__(self) -> None:
        self.running = {
            " ".join(command): subprocess.Popen(
                [Path(sys.executable).with_name(command[0]), *command[1:]],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
            )
            for command in LINTERS
        }
        self.said: dict[str, str] = {}
        self.readers = [
            threading.Thread(target=self._read, args=item, daemon=True) for item in self.running.items()
        ]  # a linter with much to say must not wait for the end of the tests
        for reader in self.readers:
            reader.start()

    def _read(self, name: str, process: subprocess.Popen[str]) -> None:
        self.said[name] = process.communicate()[0].strip()

    def failed(self) -> list[str]:
        """Return the names of the linters that have failed so far."""
        return [name for name, process in self.running.items() if process.poll()]

    def wait(self) -> dict[str, str]:
        """Wait for all, and return the output of those that failed."""
        for reader in self.readers:
            reader.join()
        return {name: self.said[name] for name in self.failed()}

    def kill(self) -> None:
        """End those that still run."""
        for process in self.running.values():
            if process.poll() is None:
                process.kill()


class Progress:
    """Progress of a run, and its end."""

    def __init__(self, config: pytest.Config, repeat: str) -> None:
        self.config, self.repeat = config, repeat
        self.linters: Linters | None = None
        self.speaks = self.workers = False
        self.terminal = sys.stdout.isatty()
        self.took: defaultdict[str, float] = defaultdict(float)
        self.failed: dict[str, None] = {}
        self.estimate: Estimate | None = None
        self.writing, self.over = threading.RLock(), threading.Event()

    # --- events of the run ---------

    def pytest_sessionstart(self) -> None:
        """Start the linters, and find out who reports."""
        self.linters = Linters() if self.config.getoption("--lint") else None
        self.workers = bool(self.config.getoption("numprocesses", default=None))
        # Pytest's own reporters keep their form: -v and -q choose one, and other plugins bring some.
        reporter = self.config.pluginmanager.getplugin("terminalreporter")
        self.speaks = type(reporter) is pytest.TerminalReporter and self.config.get_verbosity() == 0
        if self.speaks:
            reporter._show_progress_info = reporter._showfspath = False

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Count the tests of a run without workers."""
        if not self.workers:
            self._begin([item.nodeid for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Count the tests as a worker has collected them."""
        if self.estimate is None:
            self._begin(ids)

    def _begin(self, tests: list[str]) -> None:
        self.estimate = Estimate(tests, self._durations())
        self.since = self.shown = time.monotonic()
        # Without workers, pytest captures what we would print while a test runs.
        if self.speaks and self.workers:
            threading.Thread(target=self._watch, daemon=True).start()

    def _durations(self) -> dict[str, float]:
        cache = getattr(self.config, "cache", None)  # `-p no:cacheprovider` takes it away
        return dict(cache.get(DURATIONS, {})) if cache else {}

    def _watch(self) -> None:
        while not self.over.wait(1):
            self._show()

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Print no letter for each test where we print the progress."""
        if not self.speaks or hasattr(report, "wasxfail"):
            return None
        if report.failed:
            return ("failed", "", "FAILED") if report.when == "call" else ("error", "", "ERROR")
        return (report.outcome if report.skipped or report.when == "call" else "", "", report.outcome.upper())

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a phase of a test, and name a test that failed at once."""
        self.took[report.nodeid] += report.duration
        if report.failed and report.nodeid not in self.failed:
            self.failed[report.nodeid] = None
            if self.speaks:
                self._write(f"failed: {report.nodeid}\n")
        if report.when == "teardown" and self.estimate:
            self.estimate.finish(report.nodeid)
            if self.speaks and self.estimate.left:  # the last line is that of the end
                self._show()

    # --- printed cells -----

    def line(self, now: float) -> str:
        """Return the progress in one line."""
        assert self.estimate
        gone = now - self.since
        left = self.estimate.seconds(gone)
        words = [f"{self.estimate.done} of {self.estimate.total} tests", f"{len(self.failed)} failed", clock(gone)]
        words += [f"about {clock(left)} left"] if left else []
        words += [f"{name} failed" for name in (self.linters.failed() if self.linters else [])]
        return ", ".join(words)

    def _show(self) -> None:
        now = time.monotonic()
        with self.writing:
            if now - self.shown < (0.2 if self.terminal else LINE_SECONDS) or self.over.is_set():
                return
            self.shown = now
            if self.terminal:
                self._write(self.line(now)[: shutil.get_terminal_size().columns - 1])
            else:
                self._write(f"{self.line(now)}\n")

    def _write(self, text: str) -> None:
        with self.writing:
            sys.stdout.write(f"\r\x1b[K{text}" if self.terminal else text)
            sys.stdout.flush()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, None, None]:
        """End the line, wait for the linters, and keep how long the tests took."""
        if self.speaks and not self.over.is_set() and self.estimate:
            self._write(f"{self.line(time.monotonic())}\n")
        self.over.set()
        if self.linters and self.linters.wait() and session.exitstatus in (0, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if (cache := getattr(self.config, "cache", None)) and self.took:
            took = {test: round(seconds, 2) for test, seconds in self.took.items()}
            cache.set(DURATIONS, self._durations() | took)
        yield

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> Generator[None, None, None]:
        """Print the failed linters, and the command that repeats failed tests; pytest's own last line follows."""
        yield
        for name, output in (self.linters.wait() if self.linters else {}).items():
            terminalreporter.section(f"{name} failed", "-")
            terminalreporter.write_line(output)
        for name in self.linters.failed() if self.linters else []:
            terminalreporter.write_line(f"FAILED {name}")
        if self.failed:
            these = ["--last-failed"] if len(self.failed) > FEW else list(self.failed)
            terminalreporter.write_line(f"Run again what failed: {shlex.join([*shlex.split(self.repeat), *these])}")

    def pytest_unconfigure(self) -> None:
        """End the linters of a run that was interrupted."""
        if self.linters:
            self.linters.kill()
