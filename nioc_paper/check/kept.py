"""What was read out of a chapter's words, kept until the chapter, a register or a rule changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

from nioc_paper.check.finding import Finding, Gather, Gathered, Rule
from nioc_paper.model import Chapter, Fix, Paper, Place


class Memory(Protocol):
    """Where findings are kept; a cache is one."""

    def get(self, key: str) -> bytes | None:
        """What was kept under a key."""

    def put(self, key: str, data: bytes) -> None:
        """Keep something under a key."""


class NoMemory:
    """Keeps nothing."""

    def get(self, key: str) -> bytes | None:  # noqa: ARG002 - the shape of a memory
        """Nothing."""
        return None

    def put(self, key: str, data: bytes) -> None:
        """Forget it."""


Named = tuple[str, Finding]


@dataclass(frozen=True)
class Reader:
    """Reads chapters one by one, with the registers but without the other chapters, and only those that changed.

    `code` stands for the rules as they are now. A paper without a digest of its registers is always read anew.
    """

    paper: Paper
    memory: Memory
    code: str

    def findings(self, rules: Sequence[Rule], name: Callable[[Rule], str]) -> Iterator[Named]:
        """What each rule finds in each chapter."""
        for chapter in self.paper.chapters:
            alone = replace(self.paper, chapters=(chapter,))

            def found(alone: Paper = alone) -> Iterator[list[object]]:
                return (_plain(name(rule), finding) for rule in rules for finding in rule(alone))

            yield from (_named(chapter, *entry) for entry in self.kept("", chapter, found))

    def gathered(self, gather: Gather) -> Iterator[Gathered]:
        """What is taken out of each chapter to be compared."""
        for chapter in self.paper.chapters:
            yield from map(tuple, self.kept(gather.__name__, chapter, partial(gather, chapter)))

    def kept(self, what: str, chapter: Chapter, make: Callable[[], Iterable[Sequence[object]]]) -> list[Any]:
        """What was kept of a chapter, or is made and kept now."""
        parts = (what, self.code, self.paper.digest, chapter.path, chapter.text)
        key = hashlib.sha256("\0".join(parts).encode()).hexdigest()
        data = self.memory.get(key) if self.paper.digest else None
        if data is None:
            data = json.dumps(list(make())).encode()
            self.memory.put(key, data)
        return list(json.loads(data))


def _plain(rule: str, finding: Finding) -> list[object]:
    place, message, hint, fix = finding
    return [rule, place.line, place.column, message, hint, [fix.old, fix.new] if fix else None]


def _named(
    chapter: Chapter, rule: str, line: int, column: int, message: str, hint: str, change: tuple[str, str] | None
) -> Named:
    place = Place(chapter.path, line, column)
    return rule, Finding(place, message, hint, Fix(place, *change) if change else None)
