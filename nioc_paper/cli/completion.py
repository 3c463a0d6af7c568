"""Completion in a shell: ids, statuses, people, rules and formats. A paper that cannot be read completes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import click

from nioc_paper.app.errors import AppError
from nioc_paper.app.project import Project
from nioc_paper.model import Paper

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    Completer = Callable[[click.Context, str], list[CompletionItem]]

Candidates = Iterable[tuple[str, str]]
"""Values with their descriptions."""


def find_completer(command: str, parameter: click.Parameter) -> Completer | None:
    """Return the completer of a command's parameter by what it is called; None if click knows better."""
    if parameter.name in _FORMATS or parameter.metavar == "FORMATS":
        return _formats_completer(command)
    candidates = _CANDIDATES.get(parameter.metavar or "") or _CANDIDATES.get(parameter.name or "")
    return candidates and _completer(candidates)


def _completer(candidates: Callable[[], Candidates]) -> Completer:
    def complete(_context: click.Context, typed: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem  # late: only a shell needs it

        return [CompletionItem(value, help=text) for value, text in candidates() if value.startswith(typed)]

    return complete


def _formats_completer(command: str) -> Completer:
    """Return a completer of a command's formats between commas; those that are given already are left out."""

    def complete(context: click.Context, typed: str) -> list[CompletionItem]:
        from nioc_paper import export, render  # late: only a shell needs them
        from nioc_paper.report.reminders import LETTER_FORMATS

        own = {"newsletter": render.MAIL_WRITERS, "export": export.WRITERS, "remind": LETTER_FORMATS}
        before, comma, _ = typed.rpartition(",")
        names = [name for name in own.get(command, render.DOCUMENT_WRITERS) if name not in before.split(",")]
        return _completer(lambda: [(f"{before}{comma}{name}", "") for name in names])(context, typed)

    return complete


def _from_paper(candidates: Callable[[Paper], Candidates]) -> Callable[[], Candidates]:
    def read() -> Candidates:
        try:
            return candidates(Project.find(Path.cwd()).load().paper)
        except AppError:
            return []

    return read


def _rules() -> Candidates:
    from nioc_paper.app.explanations import all_explanations

    return ((rule, text.partition("\n")[0]) for rule, text in sorted(all_explanations().items()))


def _schemas() -> Candidates:
    from nioc_paper.model.schema import RECORDS

    return ((name, where) for name, (_, where) in RECORDS.items())


def _registers() -> Iterator[tuple[str, str]]:
    from nioc_paper.export import REGISTERS

    return ((name, "") for name in REGISTERS)


_chapters = _from_paper(lambda paper: ((c.id, c.front.title or "") for c in paper.chapters))
_CANDIDATES: Final[Mapping[str, Callable[[], Candidates]]] = MappingProxyType(
    {
        "chapter": _chapters,
        "brief": _chapters,
        "category": _from_paper(lambda paper: ((c.id, c.title) for c in paper.settings.categories)),
        "status": _from_paper(lambda paper: ((s.id, s.title) for s in paper.settings.statuses)),
        "PERSON": _from_paper(lambda paper: ((person, paper.display_name(person)) for person in paper.people)),
        "rule": _rules,
        "name": _schemas,
        "registers": _registers,
    }
)
"""Candidates by metavar or name of a parameter."""
_FORMATS: Final = ("formats", "downloads")
