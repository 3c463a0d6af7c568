"""Pytest plugin of `python3 build.py test`: the linters run beside the tests, and one that fails makes the run fail.

It runs in the process that the user started, never in a worker of xdist.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
STYLE = ("python", "tests/code_style.py")
LINTERS = (("ruff", "check"), ("ruff", "format", "--check"), ("mypy",), ("lint-imports", "--no-logo"), STYLE)


class Linters:
    """The linters, and the output of those that failed."""

    def __init__(self) -> None:
        self.failed: dict[str, str] = {}
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

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, None, None]:
        """Wait for the linters."""
        outputs = {name: process.communicate()[0] for name, process in self.running.items()}
        self.failed = {name: outputs[name] for name, process in self.running.items() if process.returncode}
        if self.failed and session.exitstatus in (0, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        yield

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> Generator[None, None, None]:
        """Print what the failed linters say; pytest's own last line follows."""
        yield
        for name, output in self.failed.items():
            terminalreporter.section(f"{name} failed", "-")
            terminalreporter.write_line(output.strip())

    def pytest_unconfigure(self) -> None:
        """End the linters of a run that was interrupted."""
        for process in self.running.values():
            if process.poll() is None:
                process.kill()
