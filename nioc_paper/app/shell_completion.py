"""Values that commands take, with their descriptions: for completion in a shell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from nioc_paper import export, render
from nioc_paper.app.errors import AppError
from nioc_paper.app.project import Project
from nioc_paper.app.rule_explanations import all_explanations
from nioc_paper.model import Paper
from nioc_paper.model.register_files import SCHEMAS
from nioc_paper.report.reminders import LETTER_FORMATS

Candidates = Iterable[tuple[str, str]]
"""Values with their descriptions."""


def list_candidates(kind: str, command: str, folder: Path, typed: str) -> Candidates:
    """Return the values of a kind that a command takes and that begin as typed, for the paper of a folder."""
    values = _complete_formats(command, typed) if kind == "format" else _list_values(kind, folder)
    return ((value, text) for value, text in values if value.startswith(typed))


def _list_values(kind: str, folder: Path) -> Candidates:
    """Return the values of a kind; none if the paper cannot be read."""
    if kind not in _PAPER_CANDIDATES:
        return _TOOL_CANDIDATES[kind]()
    try:
        return _PAPER_CANDIDATES[kind](Project.find(folder).load().paper)
    except AppError:
        return ()


def _complete_formats(command: str, typed: str) -> Candidates:
    """Return a typed list of formats with each that a command can make at its end, if it is not in the list already."""
    own = {"newsletter": render.MAIL_WRITERS, "export": export.WRITERS, "remind": LETTER_FORMATS}
    before, comma, _ = typed.rpartition(",")
    names = (name for name in own.get(command, render.DOCUMENT_WRITERS) if name not in before.split(","))
    return ((f"{before}{comma}{name}", "") for name in names)


_PAPER_CANDIDATES: Final[Mapping[str, Callable[[Paper], Candidates]]] = MappingProxyType(
    {
        "chapter": lambda paper: ((c.id, c.front.title or "") for c in paper.chapters),
        "category": lambda paper: ((c.id, c.title) for c in paper.settings.categories),
        "status": lambda paper: ((s.id, s.title) for s in paper.settings.statuses),
        "person": lambda paper: ((person, paper.display_name(person)) for person in paper.people),
    }
)
_TOOL_CANDIDATES: Final[Mapping[str, Callable[[], Candidates]]] = MappingProxyType(
    {
        "rule": lambda: ((rule, text.partition("\n")[0]) for rule, text in sorted(all_explanations().items())),
        "schema": lambda: ((name, where) for name, (_, where) in SCHEMAS.items()),
        "register": lambda: ((name, "") for name in export.REGISTERS),
    }
)
