"""Findings of rules that read one chapter's words, kept until the chapter, a register or a rule changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from nioc_paper.check.finding import Finding, Rule
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


def findings(
    rules: Sequence[Rule], name: Callable[[Rule], str], paper: Paper, memory: Memory, code: str
) -> Iterator[Named]:
    """What each rule finds in each chapter, looked at with the registers but without the other chapters.

    `code` stands for the rules as they are now. A paper without a digest of its registers is looked at anew.
    """
    for chapter in paper.chapters:
        key = hashlib.sha256(f"{code}\0{paper.digest}\0{chapter.path}\0{chapter.text}".encode()).hexdigest()
        kept = memory.get(key) if paper.digest else None
        if kept is None:
            alone = replace(paper, chapters=(chapter,))
            found = [(name(rule), finding) for rule in rules for finding in rule(alone)]
            memory.put(key, json.dumps([_plain(rule, finding) for rule, finding in found]).encode())
        else:
            found = [_named(chapter, *entry) for entry in json.loads(kept)]
        yield from found


def _plain(rule: str, finding: Finding) -> list[object]:
    place, message, hint, fix = finding
    return [rule, place.line, place.column, message, hint, [fix.old, fix.new] if fix else None]


def _named(
    chapter: Chapter, rule: str, line: int, column: int, message: str, hint: str, change: tuple[str, str] | None
) -> Named:
    place = Place(chapter.path, line, column)
    return rule, Finding(place, message, hint, Fix(place, *change) if change else None)
