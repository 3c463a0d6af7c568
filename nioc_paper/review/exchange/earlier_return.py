"""Earlier file of a sending, as its ledger keeps it: a later file can take changes of it back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from difflib import SequenceMatcher
from itertools import accumulate

from msgspec import Struct

from nioc_paper.model import LineChange, Sending


class EarlierReturn(Struct, frozen=True):
    """The last received file of a sending."""

    text: str
    """The chapter as it was sent, with the changes of that file."""
    changes: tuple[LineChange, ...]
    authors: frozenset[str]
    """Names of those who made tracked changes."""

    def is_by_others(self, names: Collection[str]) -> bool:
        """Return whether none of these people made a change of it: two people then filled in one sending."""
        return bool(self.authors) and bool(names) and self.authors.isdisjoint(names)


def read_earlier_return(sending: Sending, base: str) -> EarlierReturn | None:
    """Return the earlier file of a sending; None if there is none, or its changes do not fit the text that was sent."""
    text = apply_changes(base, sending.changes)
    if text is None or not sending.files:
        return None
    return EarlierReturn(text, sending.changes, frozenset(sending.changed_by))


def apply_changes(base: str, changes: Iterable[LineChange]) -> str | None:
    """Return a text with changes of its lines; None if it does not have the lines that were sent."""
    lines = base.splitlines(keepends=True)
    for change in sorted(changes, key=lambda change: change.line, reverse=True):
        start, old = change.line - 1, change.sent.splitlines(keepends=True)
        if lines[start : start + len(old)] != old:
            return None
        lines[start : start + len(old)] = change.got.splitlines(keepends=True)
    return "".join(lines)


def find_unclear(
    base: str, earlier: Sequence[LineChange], later: Sequence[LineChange], conflicts: Iterable[int]
) -> list[LineChange]:
    """Return the earlier changes that a later file may still have: those in paragraphs with a conflict.

    `conflicts` are offsets in the text as it was sent; 0 means no place.
    """
    paragraphs = list(accumulate(not line.strip() for line in [*base.splitlines(), ""]))
    unclear = {paragraphs[base.count("\n", 0, offset)] for offset in conflicts if offset}
    touched = {line for change in later for line in _touched_lines(change)}
    return [c for c in earlier if paragraphs[c.line - 1] in unclear and touched.isdisjoint(_touched_lines(c))]


def list_changes(base: str, text: str) -> tuple[LineChange, ...]:
    """Return the changed lines of a text, in order."""
    old, new = base.splitlines(keepends=True), text.splitlines(keepends=True)
    ops = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return tuple(
        LineChange(line=i1 + 1, sent="".join(old[i1:i2]), got="".join(new[j1:j2]))
        for tag, i1, i2, j1, j2 in ops
        if tag != "equal"
    )


def count_taken_back(earlier: Sequence[LineChange], later: Sequence[LineChange]) -> int:
    """Return the number of earlier changes of lines that a later file leaves as they were sent."""
    touched = {line for change in later for line in _touched_lines(change)}
    return sum(touched.isdisjoint(_touched_lines(change)) for change in earlier)


def _touched_lines(change: LineChange) -> range:
    return range(change.line, change.line + max(len(change.sent.splitlines()), 1))
