"""What was read out of a chapter's words, kept until the chapter, a register or a rule changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple, Protocol

from nioc_paper.check.finding import Finding, Gather, GatheredRow, TextRule
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.model import Chapter, Fix, Paper, Place


class FindingsCache(Protocol):
    """Where findings are kept; a cache is one."""

    def get(self, key: str) -> bytes | None:
        """What was kept under a key."""

    def put(self, key: str, data: bytes) -> None:
        """Keep something under a key."""


class NoFindingsCache:
    """Keeps nothing."""

    def get(self, key: str) -> bytes | None:  # noqa: ARG002 - the shape of a memory
        """Nothing."""
        return None

    def put(self, key: str, data: bytes) -> None:
        """Forget it."""


class CachedFinding(NamedTuple):
    """A finding as JSON holds it: its path is that of the chapter."""

    rule: str
    line: int
    column: int
    message: str
    hint: str
    replacement: tuple[str, str] | None
    """Old and new words of the fix."""


NamedFinding = tuple[str, Finding]


@dataclass(frozen=True)
class CachedTextRules:
    """Reads chapters one by one, with the registers but without the other chapters, and only those that changed.

    `code` stands for the rules as they are now. A paper without a digest of its registers is always read anew.
    """

    paper: Paper
    cache: FindingsCache
    rules_hash: str

    def run(
        self, rules: Mapping[str, TextRule], gathers: Iterable[Gather]
    ) -> tuple[list[NamedFinding], Mapping[Gather, list[GatheredRow]]]:
        """What each rule finds in each chapter, and what is taken out of each to be compared."""
        findings: list[NamedFinding] = []
        gathered: dict[Gather, list[GatheredRow]] = {gather: [] for gather in gathers}
        registers = replace(self.paper, chapters=())
        for chapter in self.paper.chapters:
            text = ChapterText(chapter)  # never kept beyond its turn: it holds the chapter's tree
            findings += (
                _from_cached(chapter.path, CachedFinding(*entry))
                for entry in self.get_or_compute("", chapter, partial(_run_rules, rules, registers, text))
            )
            for gather in gathered:
                gathered[gather] += map(
                    tuple, self.get_or_compute(gather.__name__, chapter, partial(gather, registers, text))
                )
        return findings, gathered

    def get_or_compute(
        self, name: str, chapter: Chapter, compute: Callable[[], Iterable[Sequence[object]]]
    ) -> list[Any]:
        """What was kept of a chapter, or is made and kept now."""
        parts = (name, self.rules_hash, self.paper.registers_hash, chapter.path, chapter.text)
        key = hashlib.sha256("\0".join(parts).encode()).hexdigest()
        data = self.cache.get(key) if self.paper.registers_hash else None
        if data is None:
            data = json.dumps(list(compute())).encode()
            self.cache.put(key, data)
        return list(json.loads(data))


def _run_rules(rules: Mapping[str, TextRule], registers: Paper, text: ChapterText) -> Iterator[CachedFinding]:
    """Yield what each rule finds in the text of a chapter."""
    return (_to_cached(name, finding) for name, rule in rules.items() for finding in rule(registers, text))


def _to_cached(rule: str, finding: Finding) -> CachedFinding:
    place, message, hint, fix = finding
    return CachedFinding(rule, place.line, place.column, message, hint, (fix.old, fix.new) if fix else None)


def _from_cached(path: str, cached: CachedFinding) -> NamedFinding:
    place = Place(path, cached.line, cached.column)
    fix = Fix(place, *cached.replacement) if cached.replacement else None
    return cached.rule, Finding(place, cached.message, cached.hint, fix)
