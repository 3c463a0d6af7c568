"""Values that commands take, with their descriptions: for completion in a shell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from nioc_paper import export, render
from nioc_paper.app.errors import AppError
from nioc_paper.app.explanations import all_explanations
from nioc_paper.app.project import Project
from nioc_paper.model import Paper
from nioc_paper.model.schema import RECORDS
from nioc_paper.report.reminders import LETTER_FORMATS

Candidates = Iterable[tuple[str, str]]
"""Values with their descriptions."""


def list_candidates(kind: str, folder: Path) -> Candidates:
    """Return the values of a kind for the paper of a folder; none if the paper cannot be read."""
    if kind not in _PAPER_CANDIDATES:
        return _TOOL_CANDIDATES[kind]()
    try:
        return _PAPER_CANDIDATES[kind](Project.find(folder).load().paper)
    except AppError:
        return ()


def complete_formats(command: str, typed: str) -> Iterator[str]:
    """Yield a list of formats with each that a command can make at its end, if it is not in the list already."""
    own = {"newsletter": render.MAIL_WRITERS, "export": export.WRITERS, "remind": LETTER_FORMATS}
    before, comma, _ = typed.rpartition(",")
    for name in own.get(command, render.DOCUMENT_WRITERS):
        text = f"{before}{comma}{name}"
        if text.startswith(typed) and name not in before.split(","):
            yield text


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
        "schema": lambda: ((name, where) for name, (_, where) in RECORDS.items()),
        "register": lambda: ((name, "") for name in export.REGISTERS),
    }
)
