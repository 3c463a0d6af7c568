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
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
STYLE = ("python", "tests/code_style.py")
LINTERS = (("ruff", "check"), ("ruff", "format", "--check"), ("mypy",), ("lint-imports", "--no-logo"), STYLE)
FEW = 5
"""Failed tests that the closing command names; more are repeated with --last-failed."""


def clock(seconds: float) -> str:
    """Return a duration as minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


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
    """Progress of a run with workers, and the end of any run."""

    def __init__(self, config: pytest.Config, repeat: str) -> None:
        self.config, self.repeat = config, repeat
        self.linters: Linters | None = None
        self.is_shown = False
        self.terminal = sys.stdout.isatty()
        self.failed: dict[str, None] = {}
        self.done = self.total = 0
        self.since = time.monotonic()

    def pytest_sessionstart(self) -> None:
        """Start the linters, and find out who reports: -v, -q and runs without workers look as pytest has them."""
        self.linters = Linters() if self.config.getoption("--lint") else None
        reporter = self.config.pluginmanager.getplugin("terminalreporter")
        has_workers = bool(self.config.getoption("numprocesses", default=None))
        self.is_shown = has_workers and type(reporter) is pytest.TerminalReporter and not self.config.get_verbosity()
        if self.is_shown:
            reporter._show_progress_info = reporter._showfspath = False

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Count the tests as a worker has collected them."""
        self.total, self.since = len(ids), time.monotonic()

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Print no letter for each test where we print the progress."""
        if not self.is_shown or hasattr(report, "wasxfail"):
            return None
        if report.failed:
            return ("failed", "", "FAILED") if report.when == "call" else ("error", "", "ERROR")
        return (report.outcome if report.skipped or report.when == "call" else "", "", report.outcome.upper())

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a test that has ended, and name one that failed at once."""
        if report.failed and report.nodeid not in self.failed:
            self.failed[report.nodeid] = None
            self._write(f"failed: {report.nodeid}\n")
        if report.when == "teardown":
            self.done += 1
            if self.terminal and self.done < self.total:  # the last line is that of the end
                self._write(self.line()[: shutil.get_terminal_size().columns - 1])

    def line(self) -> str:
        """Return the progress in one line; the time left is that of as many tests at the pace of the run so far."""
        seconds = time.monotonic() - self.since
        words = [f"{self.done} of {self.total} tests", f"{len(self.failed)} failed", clock(seconds)]
        if 0 < self.done < self.total:
            words.append(f"about {clock(seconds * (self.total - self.done) / self.done)} left")
        return ", ".join([*words, *(f"{name} failed" for name in (self.linters.failed() if self.linters else []))])

    def _write(self, text: str) -> None:
        if self.is_shown:
            sys.stdout.write(f"\r\x1b[K{text}" if self.terminal else text)
            sys.stdout.flush()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, None, None]:
        """End the line, and wait for the linters."""
        self._write(f"{self.line()}\n")
        if self.linters and self.linters.wait() and session.exitstatus in (0, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
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
