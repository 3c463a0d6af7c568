"""The one module that starts pagefind, which makes of the pages of a site an index that browsers search in."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from nioc_paper.system import processes

_SECONDS = 120
_KEPT = ("PATH", "LANG", "PYTHONPATH", "SYSTEMROOT")
_NEEDED = ("pagefind.js", "pagefind-worker.js", "pagefind-entry.json")
"""What the site asks for, besides the index itself: it has an own face for the search."""
INSTALL = ".venv/bin/pip install --constraint constraints.txt --editable '.[site]'"


def is_there() -> bool:
    """Whether pagefind is installed."""
    return find_spec("pagefind") is not None and find_spec("pagefind_bin") is not None


def index(folder: Path) -> bool:
    """Put the index of the pages in a folder into its folder `pagefind`; whether that went well."""
    command = processes.python("pagefind", "--site", str(folder), "--output-subdir", "pagefind")
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    try:
        done = processes.run(command, seconds=_SECONDS, env=environment)
    except (OSError, processes.LimitError):
        return False
    made = folder / "pagefind"
    for file in made.glob("*.*"):
        if file.suffix in (".js", ".css") and file.name not in _NEEDED:
            file.unlink()
    return not done.returncode and (made / _NEEDED[0]).is_file()
