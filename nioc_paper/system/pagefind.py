"""Pagefind, started only here: builds the search index of a site, which browsers use."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from nioc_paper.system import processes

_CPU_SECONDS = 120
_REQUIRED_FILES = ("pagefind.js", "pagefind-worker.js", "pagefind-entry.json")
"""Files that the site needs besides the index: it has its own search form."""

_LEFT_OUT = ".standing, .margin, sup"
"""Parts of a chapter that no excerpt shows: its status, copies of its notes, and numbers of notes."""


def is_installed() -> bool:
    """Return whether pagefind is installed."""
    return find_spec("pagefind") is not None and find_spec("pagefind_bin") is not None


def build_index(folder: Path) -> bool:
    """Index the pages in a folder into its folder `pagefind`; returns whether it succeeded."""
    from pagefind_bin import get_executable  # late: imported for this only

    options = ("--output-subdir", "pagefind", "--exclude-selectors", _LEFT_OUT)
    command = [str(get_executable()), "--site", str(folder.absolute()), *options]
    try:
        completed = processes.run("plain", command, seconds=_CPU_SECONDS)
    except (OSError, processes.LimitError):
        return False
    output = folder / "pagefind"
    for file in output.glob("*.*"):
        if file.suffix in (".js", ".css") and file.name not in _REQUIRED_FILES:
            file.unlink()
    return not completed.returncode and (output / _REQUIRED_FILES[0]).is_file()
