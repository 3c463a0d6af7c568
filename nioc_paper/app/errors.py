"""Errors of a use case. The command line turns them into messages and exit codes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from nioc_paper.model import Diagnostic, spelling_hint


class AppError(Exception):
    """A use case that cannot be carried out. Its text is a message for the user."""


class RequestError(AppError):
    """A request that contradicts itself, or names something that does not exist."""


class NoPaperError(RequestError):
    """A folder without a paper: no way to call the command would help."""


class BlockedError(AppError):
    """A use case that findings block."""

    def __init__(self, findings: Sequence[Diagnostic], message: str) -> None:
        super().__init__(message)
        self.findings = findings


def require_known(name: str, known: Collection[str], noun: str, otherwise: str = "") -> str:
    """Return a name. Raises RequestError with the nearest one if it is not known; `otherwise` is what to do then."""
    if name not in known:
        raise RequestError(f"no {noun} is called '{name}'; {spelling_hint(name, known) or otherwise}")
    return name


def require_none(
    errors: Sequence[Diagnostic], message: str = "nothing was changed: correct the errors above first"
) -> None:
    """Raise BlockedError with this message if there are errors."""
    if errors:
        raise BlockedError(errors, message)
