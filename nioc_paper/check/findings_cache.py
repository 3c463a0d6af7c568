"""Cache the findings in a chapter's words until the chapter, its data, a register or a rule changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, Protocol

from nioc_paper.check.finding import Finding, Gather, GatheredRow, TextRule
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.check.text.comparable_registers import comparable_registers
from nioc_paper.model import Chapter, Fix, Paper, Place


class FindingsCache(Protocol):
    """Interface of a cache of findings; `system.cache.Cache` implements it."""

    def get(self, key: str) -> bytes | None:
        """Return the entry of a key."""

    def put(self, key: str, data: bytes) -> None:
        """Store an entry."""


class NoFindingsCache:
    """Cache that stores nothing."""

    def get(self, key: str) -> bytes | None:  # noqa: ARG002 - the interface
        """Return None."""
        return None

    def put(self, key: str, data: bytes) -> None:
        """Do nothing."""


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
    """Text rules run chapter by chapter, and only for changed chapters.

    `rules_hash` is the version of the rules. Without a hash of its registers a paper is not cached.
    """

    paper: Paper
    cache: FindingsCache
    rules_hash: str

    def run(
        self, rules: Mapping[str, TextRule], gathers: Iterable[Gather]
    ) -> tuple[list[NamedFinding], Mapping[Gather, list[GatheredRow]]]:
        """Return the findings of the rules, and the rows that each gather function takes out of the chapters."""
        findings: list[NamedFinding] = []
        gathered: dict[Gather, list[GatheredRow]] = {gather: [] for gather in gathers}
        registers = comparable_registers(self.paper)
        for chapter in self.paper.chapters:
            text = ChapterText(chapter)  # not to outlive this iteration: it holds the chapter's tree
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
        """Return the cached result for a chapter, or compute and store it."""
        data_tables = [*(chart.data for chart in chapter.charts), *chapter.tables]
        data_text = repr([(table.heads, table.rows) for table in data_tables]) if data_tables else ""
        parts = (name, self.rules_hash, self.paper.registers_hash, chapter.path, chapter.text, data_text)
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
