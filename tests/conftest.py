"""Options, marks and fixtures of all tests; none reaches the network, and few the paper of this repository."""

from __future__ import annotations

import functools
import gc
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import at_exit  # noqa: F401 - before all others
import marks
import pytest
import rounds
import shared

from nioc_paper.system import pandoc, processes
from nioc_paper.system.cache import FOLDER_VARIABLE, Cache

# A run starts hundreds of interpreters: without its bytecode, each would compile the package again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
_REPOSITORY = f"{Path(__file__).resolve().parents[1]}/"
gc.set_threshold(500_000)  # collect garbage as rarely as the command

# Repositories and caches of the tests wait for the disk at every commit, 30 s of a run: keep them in memory.
_MEMORY_DISK, _BYTES_OF_A_RUN = Path("/dev/shm"), 4 << 30  # noqa: S108 - a default, and a folder of this user is below
if "TMPDIR" not in os.environ and os.access(_MEMORY_DISK, os.W_OK):
    _disk = os.statvfs(_MEMORY_DISK)
    if _disk.f_bavail * _disk.f_frsize >= _BYTES_OF_A_RUN and not _disk.f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY_DISK)

# Under nohup, or in a background shell, we ignore these signals; processes of the tests must not.
processes.ignore_without_inheriting(signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM)
processes.POLICIES["tests"] = processes.Policy(".*", is_in_paper=True)


_EVENTS = {
    "open": 0,
    "os.scandir": 0,
    "os.listdir": 0,
    "subprocess.Popen": 2,
    "socket.getaddrinfo": 0,
    "socket.connect": 1,
}
"""Audited events, each with the number of the argument that names a file, a folder or a host."""


def _refuse(event: str, args: tuple[Any, ...]) -> None:
    """Refuse hosts other than this machine, and the paper of this repository to modules other than its own.

    An audit hook, for code that reads files in any way. What catches OSError does not catch the second.
    """
    if event not in _EVENTS:
        return
    what: Any = args[_EVENTS[event]]
    if event.startswith("socket."):
        host = what[0] if isinstance(what, tuple) else what if event == "socket.getaddrinfo" else None  # else a file
        if host not in ("127.0.0.1", "::1", "localhost", None):
            raise PermissionError(f"a test asks the network for {host}")
    elif isinstance(what, str | Path) and (path := f"{what}/").startswith(_REPOSITORY):
        name = path.removeprefix(_REPOSITORY).partition("/")[0]
        # The folder itself is opened to read below it, and commands run in it.
        is_read = event == "open" if not name else name in marks.SHIPPED
        is_run = event == "subprocess.Popen" and "nioc_paper" in args[1]
        test = os.environ.get("PYTEST_CURRENT_TEST", "a module")
        if (is_read or is_run) and not test.startswith("tests/test_shipped_"):
            raise AssertionError(f"{test} reads the paper of this repository: take one of tests/papers")


sys.addaudithook(_refuse)  # 0.3 % of a run


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that `python3 build.py test --help` lists."""
    group = parser.getgroup("nioc")
    group.addoption("--update", action="store_true", help="rewrite what the tests expect; then read the diff")
    group.addoption("--quick", action="store_true", help="without the tests marked engine or slow")
    group.addoption("--long", action="store_true", help="property tests with a random seed and many examples")
    group.addoption(
        "--examples",
        type=int,
        default=int(os.environ.get("NIOC_LONG_EXAMPLES", "2000")),
        help="examples of each property test under --long",
    )
    group.addoption("--lint", action="store_true", help="run the linters beside the tests, as build.py does")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Refuse cases without an order: the workers of a run must collect the same tests in the same order."""
    for mark in metafunc.definition.iter_markers("parametrize"):
        if isinstance(mark.args[1], (set, frozenset)):
            raise pytest.UsageError(f"{metafunc.definition.nodeid}: the cases are a set; sort them")


@pytest.hookimpl(tryfirst=True)  # before Hypothesis reads the seed
def pytest_configure(config: pytest.Config) -> None:
    """Choose the examples of property tests, and start the linters in the process that the user started."""
    long, seed = config.getoption("--long"), config.getoption("--hypothesis-seed")
    if long and seed is None:
        config.option.hypothesis_seed = seed = str(secrets.randbelow(2**32))
    rounds.load(long=long, examples=config.getoption("--examples"))
    if long and config.option.durations is None:
        config.option.durations = 20
    if config.getoption("--lint") and not hasattr(config, "workerinput") and not config.option.collectonly:
        import linter_plugin  # late: workers need none

        config.pluginmanager.register(linter_plugin.Linters(), "nioc-linters")


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Print how much is run, and the seed of a long run."""
    if config.getoption("--quick"):
        return [f"quick run: without {len(marks.ENGINE | marks.SLOW)} modules that need engines or are slow"]
    if config.getoption("--long"):
        examples, seed = config.getoption("--examples"), config.option.hypothesis_seed
        return [f"long run: {examples} examples of each property, --hypothesis-seed {seed}"]
    return []


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Skip the import of modules that --quick leaves out, unless they are named."""
    left_out = config.getoption("--quick") and collection_path.stem in marks.ENGINE | marks.SLOW
    return True if left_out and not any(collection_path.name in arg for arg in config.args) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests that need engines or are slow; --quick leaves them out. The longest come first."""
    items.sort(key=lambda item: item.path.stem not in marks.FIRST)
    for item in items:
        if item.path.stem in marks.ENGINE:
            item.add_marker("engine")
        if item.path.stem in marks.SLOW:
            item.add_marker("slow")
    if config.getoption("--quick"):
        left_out = {item: item.get_closest_marker("engine") or item.get_closest_marker("slow") for item in items}
        items[:] = [item for item in items if not left_out[item]]
        config.hook.pytest_deselected(items=[item for item, mark in left_out.items() if mark])


def pytest_collection_finish(session: pytest.Session) -> None:
    """Note the engines that are imported before the first test; what was collected is no garbage until the end."""
    session.config.stash[marks.IMPORTED] = sys.modules.keys() & set(marks.ENGINE_PACKAGES)
    gc.freeze()


@pytest.hookimpl(trylast=True)  # after the fixtures of the session
def pytest_sessionfinish() -> None:
    """Collect garbage once: pytest does so twice more, which took a second."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _one_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """All tests of a run share a cache: an output that several of them build is made once."""
    os.environ[FOLDER_VARIABLE] = str(shared.folder(tmp_path_factory) / "cache")


@pytest.fixture(scope="session", autouse=True)
def _one_conversion() -> Iterator[None]:
    """Pandoc converts the same input once in each worker."""
    with mock.patch.object(pandoc, "run", shared.remembered(pandoc.run)):
        yield


@pytest.fixture(scope="session", autouse=True)
def _one_engine() -> Iterator[None]:
    """Each worker of a run has one engine for PDFs and one LibreOffice, and makes no copies of itself."""
    with shared.no_copies(), shared.one_pdf_engine(), shared.one_office():
        yield


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    """Cache of tests of the check: pandoc reads each unchanged chapter once in each worker."""
    return Cache(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def own_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of the cache itself: it is in the paper's folder, and empty."""
    monkeypatch.delenv(FOLDER_VARIABLE)


@pytest.fixture
def own_conversions(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of equal bytes: pandoc converts again what it has converted."""
    monkeypatch.setattr(processes, "run", functools.partial(processes.run))


@pytest.fixture(scope="session")
def _chromium() -> Iterator[Any]:
    """Chromium, one in each worker."""
    import browser  # late: most modules need none

    if not browser.CHROMIUM:
        pytest.skip("Chromium is not installed")
    with browser.started() as lend:
        yield lend


@pytest.fixture(scope="module")
def browser(_chromium: Any) -> Iterator[Any]:
    """Chromium. No other event loop runs in a module's tests once they have asked for it."""
    with _chromium() as running:
        yield running


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The healthy paper in a folder of its own."""
    from test_papers import copy  # late: it reads the package

    return copy("healthy", tmp_path)


@pytest.fixture
def paper(root: Path) -> Path:
    return root


@pytest.fixture
def agree(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Asserts that a file says this; with --update it is made to."""

    def check(file: Path, text: str) -> None:
        if request.config.getoption("--update"):
            file.write_text(text, encoding="utf-8")
        assert (file.read_text(encoding="utf-8") if file.exists() else "") == text

    return check
