"""Describe an exception that ends the program, in one line for its user."""

from __future__ import annotations

import errno
import shutil
import tempfile
from pathlib import Path

from nioc_paper.extensions import ExtensionError
from nioc_paper.system.requirements import missing_packages, pip_command

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FEW_BYTES = 2**20


def describe_failure(error: Exception) -> str:
    """Return the cause if it is the machine, a missing package or pandoc; empty for a fault of the tool.

    What the system reports is of the machine: a full or read-only disk, a file of another user.
    """
    if isinstance(error, ModuleNotFoundError) and not (error.name or "nioc_paper").startswith("nioc_paper"):
        command = pip_command(missing_packages() or [error.name or ""])
        return f"the Python package '{error.name or ''}' is missing; to install what is missing: {command}"
    if isinstance(error, OSError) and error.errno:
        if error.errno in _FULL and (disk := _full_disk(error.filename)):
            return f"the disk of {disk} is full: {error.strerror}"
        return f"the system reports an error: {error.strerror}: {error.filename or 'standard output'}"
    if isinstance(error, ExtensionError):
        return str(error)
    if isinstance(error, EOFError):
        package = Path(__file__).parents[1]
        return f"a compiled module of the tool is damaged; delete the folders __pycache__ below {package}"
    from nioc_paper.system.pandoc import PandocError  # late: a package of it may be the one that is missing

    if isinstance(error, PandocError):
        lines = error.detail.splitlines() or ["no reason given"]
        return f"pandoc gives no result ({error.reason}): {lines[0][:200]}"
    return ""


def _full_disk(name: str | None) -> str:
    """Return the file that could not be written; without a name the folder for temporary files, or the working folder.

    Empty if neither is on a full disk.
    """
    if name:
        return str(name)
    return next((f for f in (tempfile.gettempdir(), str(Path.cwd())) if shutil.disk_usage(f).free < _FEW_BYTES), "")
