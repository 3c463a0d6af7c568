"""Describe an exception that ends the program, in one line for its user."""

from __future__ import annotations

import errno

from nioc_paper.system.pandoc import PandocError
from nioc_paper.system.requirements import missing_packages, pip_command

_MACHINE_ERRNOS = frozenset(
    (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EMFILE, errno.ENOMEM)
)
"""Errors of the machine, not of the tool or the paper: a full or read-only disk, a file of another user."""


def describe_failure(error: Exception) -> str:
    """Return the cause if it is the machine, a missing package or pandoc; empty for a fault of the tool."""
    if isinstance(error, ModuleNotFoundError) and not (error.name or "nioc_paper").startswith("nioc_paper"):
        command = pip_command(missing_packages() or [error.name or ""])
        return f"the Python package '{error.name or ''}' is missing; to install what is missing: {command}"
    if isinstance(error, OSError) and error.errno in _MACHINE_ERRNOS:
        return f"the system reports an error: {error.strerror}: {error.filename or 'standard output'}"
    if isinstance(error, PandocError):
        lines = error.detail.splitlines() or ["no reason given"]
        return f"pandoc gives no result ({error.reason}): {lines[0][:200]}"
    return ""
