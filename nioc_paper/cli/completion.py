"""Completion in a shell: ids, statuses, people, rules and formats. A paper that cannot be read completes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    Completer = Callable[[click.Context, str], list[CompletionItem]]

_KINDS = {
    **dict.fromkeys(("chapter", "brief"), "chapter"),
    **{name: name for name in ("category", "status", "rule")},
    "PERSON": "person",
    "name": "schema",
    "registers": "register",
}
"""Kinds of candidates by metavar or name of a parameter."""
_FORMATS = ("formats", "downloads")


def find_completer(command: str, parameter: click.Parameter) -> Completer | None:
    """Return the completer of a command's parameter by what it is called; None if click knows better."""
    if parameter.name in _FORMATS or parameter.metavar == "FORMATS":
        return partial(_complete_formats, command)
    kind = _KINDS.get(parameter.metavar or "") or _KINDS.get(parameter.name or "")
    return partial(_complete, kind) if kind else None


def _complete(kind: str, _context: click.Context, typed: str) -> list[CompletionItem]:
    from nioc_paper.app.candidates import list_candidates  # late: only a shell needs them

    return _starting_with(typed, list_candidates(kind, Path.cwd()))


def _complete_formats(command: str, _context: click.Context, typed: str) -> list[CompletionItem]:
    """Complete a command's formats between commas; those that are given already are left out."""
    from nioc_paper.app.candidates import formats_of

    before, comma, _ = typed.rpartition(",")
    names = (name for name in formats_of(command) if name not in before.split(","))
    return _starting_with(typed, ((f"{before}{comma}{name}", "") for name in names))


def _starting_with(typed: str, candidates: Iterable[tuple[str, str]]) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(value, help=text) for value, text in candidates if value.startswith(typed)]
