"""What was read out of a chapter's words, kept until the chapter, a register or a rule changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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

    def read(
        self, rules: Mapping[str, Rule], gathers: Iterable[Gather]
    ) -> tuple[list[Named], Mapping[Gather, list[Gathered]]]:
        """What each rule finds in each chapter, and what is taken out of each to be compared."""
        found: list[Named] = []
        taken: dict[Gather, list[Gathered]] = {gather: [] for gather in gathers}
        for each in self.paper.chapters:
            # What is made of a chapter's tree goes with the chapter: of a copy it goes before the next is read.
            chapter = replace(each)
            alone = replace(self.paper, chapters=(chapter,))
            found += (_named(chapter, *entry) for entry in self.kept("", chapter, partial(_found, rules, alone)))
            for gather in taken:
                taken[gather] += map(tuple, self.kept(gather.__name__, chapter, partial(gather, alone)))
        return found, taken

    def kept(self, what: str, chapter: Chapter, make: Callable[[], Iterable[Sequence[object]]]) -> list[Any]:
        """What was kept of a chapter, or is made and kept now."""
        parts = (what, self.code, self.paper.digest, chapter.path, chapter.text)
        key = hashlib.sha256("\0".join(parts).encode()).hexdigest()
        data = self.memory.get(key) if self.paper.digest else None
        if data is None:
            data = json.dumps(list(make())).encode()
            self.memory.put(key, data)
        return list(json.loads(data))


def _found(rules: Mapping[str, Rule], alone: Paper) -> Iterator[list[object]]:
    """What each rule finds in a paper of one chapter."""
    return (_plain(name, finding) for name, rule in rules.items() for finding in rule(alone))


def _plain(rule: str, finding: Finding) -> list[object]:
    place, message, hint, fix = finding
    return [rule, place.line, place.column, message, hint, [fix.old, fix.new] if fix else None]


def _named(
    chapter: Chapter, rule: str, line: int, column: int, message: str, hint: str, change: tuple[str, str] | None
) -> Named:
    place = Place(chapter.path, line, column)
    return rule, Finding(place, message, hint, Fix(place, *change) if change else None)
