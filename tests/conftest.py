"""What all tests share: expected texts that can be rewritten, sample papers to change, and no way to the network."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import shared

from nioc_paper.cache import FOLDER_VARIABLE
from nioc_paper.system import processes

# The suite must not fail by chance, and a loaded machine is no fault of the code.
hypothesis.settings.register_profile("suite", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("suite")

# Under nohup, or in a background shell, we ignore these signals; what the tests start must not.
processes.ignore_softly(signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM)


def _offline(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse every connection but those to this machine (canaries that wait for one)."""
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if host not in ("127.0.0.1", "::1", "localhost", None):
        raise PermissionError(f"a test asks the network for {host}")


sys.addaudithook(_offline)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite what the tests expect; then read the diff")


@pytest.fixture(scope="session", autouse=True)
def _one_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """All tests of a run share a cache, so that what several build is made once."""
    os.environ[FOLDER_VARIABLE] = str(shared.folder(tmp_path_factory) / "cache")


@pytest.fixture
def own_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of the cache itself: it is in the paper's folder, and empty."""
    monkeypatch.delenv(FOLDER_VARIABLE)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, a new one for each module."""
    import browser  # late: most modules need none

    if not browser.CHROMIUM:
        pytest.skip("Chromium is not installed")
    with browser.started() as running:
        yield running


@pytest.fixture
def agree(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Asserts that a file says this; with --update it is made to."""

    def check(file: Path, text: str) -> None:
        if request.config.getoption("--update"):
            file.write_text(text, encoding="utf-8")
        assert (file.read_text(encoding="utf-8") if file.exists() else "") == text

    return check
