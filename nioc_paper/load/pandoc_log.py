"""Turn pandoc's JSON log, which has lines and columns, into findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Required, TypedDict

from nioc_paper.model import Diagnostic, Place, Severity

_RULES_BY_TYPE: Mapping[str, tuple[str, str, str]] = {
    "UnclosedDiv": ("unclosed-block", "a ':::' block is opened here and never closed", "close it with a line ':::'"),
    "NoteDefinedButNotUsed": ("unused-entry/note", "nothing refers to the footnote '{key}'", "refer to it: [^{key}]"),
    "bad-character/control": ("bad-character/control", "{pretty}", "delete it"),
    "bad-character/invisible": ("bad-character/invisible", "{pretty}", "delete it"),
    "unreadable-passage": ("unreadable-passage", "{pretty}", "write it in fewer levels"),
    "DuplicateNoteReference": ("duplicate/note", "the footnote '{key}' is defined twice", "give one another name"),
}


class LogEntry(TypedDict, total=False):
    """An entry of pandoc's log, or one of ours in its form. Lines and columns count from 1."""

    type: Required[str]
    verbosity: str
    pretty: str
    """The message."""
    key: str
    contents: str
    line: int
    column: int
    openpos: Mapping[str, int]
    """Line and column where an unclosed block is opened."""


def read_log(log: Iterable[LogEntry], path: str) -> Iterator[Diagnostic]:
    """Yield pandoc's warnings and errors; its informations are about its own work."""
    for entry in log:
        if entry.get("verbosity") not in ("WARNING", "ERROR"):
            continue
        place = _entry_place(entry, path)
        rule, message, hint = _RULES_BY_TYPE.get(
            entry["type"], ("pandoc-warning", str(entry.get("pretty", entry["type"])), "")
        )
        key = {"key": entry.get("key") or entry.get("contents", ""), "pretty": entry.get("pretty", "")}
        severity = Severity.WARNING if rule in ("pandoc-warning", "bad-character/invisible") else Severity.ERROR
        yield Diagnostic(place, rule, " ".join(message.format(**key).split()), severity, hint.format(**key))


def _entry_place(entry: LogEntry, path: str) -> Place:
    position = entry.get("openpos") or {"line": entry.get("line", 1), "column": entry.get("column", 1)}
    return Place(path, int(position.get("line") or 1), int(position.get("column") or 1))
