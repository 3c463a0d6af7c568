"""Completion in a shell: ids, statuses, people, rules and formats. A paper that cannot be read completes nothing."""

from __future__ import annotations

from collections.abc import Callable
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
    "FORMATS": "format",
    "PERSON": "person",
    "name": "schema",
    "registers": "register",
}
"""Kinds of candidates by metavar or name of a parameter."""


def find_completer(command: str, parameter: click.Parameter) -> Completer | None:
    """Return the completer of a command's parameter by what it is called; None if click completes it."""
    kind = _KINDS.get(parameter.metavar or "") or _KINDS.get(parameter.name or "")
    return partial(_complete, command, kind) if kind else None


def _complete(command: str, kind: str, _context: click.Context, typed: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from nioc_paper.app.candidates import list_candidates  # late: only a shell needs them

    return [CompletionItem(value, help=text) for value, text in list_candidates(kind, command, Path.cwd(), typed)]
