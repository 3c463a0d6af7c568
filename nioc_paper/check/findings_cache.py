"""Cache the findings in a chapter's words until the chapter, its data, a register or a rule changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import NamedTuple, Protocol, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from nioc_paper.check.finding import Finding, Gather, GatheredRow, PassageRule, TextRule, WordRule
from nioc_paper.check.text.chapter_text import ChapterText, RegisterText, Texts
from nioc_paper.check.text.english_words import Dictionary
from nioc_paper.model import Chapter, Paper, Record
from nioc_paper.model.characters import comparable

_Part = TypeVar("_Part", bound=Record)


def comparable_registers(paper: Paper) -> Paper:
    """Return a paper without chapters, with names, terms, abbreviations and figures as texts are compared with them."""
    return replace(
        paper,
        chapters=(),
        contributors=_comparable_record(paper.contributors),
        acronyms_file=_comparable_record(paper.acronyms_file),
        terms_file=_comparable_record(paper.terms_file),
        facts_file=_comparable_record(paper.facts_file),
    )


def _comparable_record(record: _Part) -> _Part:
    values = {name: getattr(record, name) for name in record.names}
    changed = {name: new for name, value in values.items() if (new := _comparable_value(value)) is not value}
    return record.replace(**changed) if changed else record


def _comparable_value(value: object) -> object:
    """Return a value with comparable texts; the same object if none changes."""
    if isinstance(value, str):
        return value if value.isascii() else comparable(value)
    if isinstance(value, Record):
        return _comparable_record(value)
    if isinstance(value, tuple):
        items = tuple(map(_comparable_value, value))
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value


_MAX_WORDS = 20_000
"""Number of words whose results are stored: reading them must not take longer than looking a few up."""


class FindingsCache(Protocol):
    """Interface of a cache of findings; `system.cache.Cache` implements it."""

    def get(self, key: str) -> bytes | None:
        """Return the entry of a key."""

    def put(self, key: str, data: bytes) -> None:
        """Store an entry."""


NamedFinding = tuple[str, Finding]


class WordRules(NamedTuple):
    """Rules about the words of all printed texts, by name."""

    rules: Mapping[str, WordRule]
    passage_rules: Mapping[str, PassageRule]

    def run(self, registers: Paper, text: Texts) -> Iterator[NamedFinding]:
        """Yield the findings of each rule in a list of texts."""
        for name, rule in self.rules.items():
            yield from ((name, finding) for finding in rule(registers, text))
        for passage in text.texts:
            for name, passage_rule in self.passage_rules.items():
                yield from ((name, finding) for finding in passage_rule(passage))


class _Results(Struct, array_like=True):
    """Findings in the texts of a chapter or of the registers, and the rows of each gather function."""

    findings: list[NamedFinding]
    rows: list[list[GatheredRow]]


class CachedTextRules(Struct, frozen=True, dict=True):
    """Text rules run chapter by chapter, and only for changed chapters.

    `rules_hash` is the version of the rules. Without a hash of its registers a paper is not cached.
    """

    paper: Paper
    cache: FindingsCache | None
    rules_hash: str

    def run(
        self, rules: Mapping[str, TextRule], word_rules: WordRules, gathers: Iterable[Gather]
    ) -> tuple[list[NamedFinding], Mapping[Gather, list[GatheredRow]]]:
        """Return the findings of the rules, and the rows that each gather function takes out of the chapters."""
        registers, dictionary = comparable_registers(self.paper), Dictionary(self._load_words)
        register_text = RegisterText(self.paper, dictionary=dictionary)
        findings = self._get_or_compute((), lambda: _Results([*word_rules.run(registers, register_text)], [])).findings
        gathered: dict[Gather, list[GatheredRow]] = {gather: [] for gather in gathers}

        def read_chapter(text: ChapterText) -> _Results:
            """Return the findings in a chapter, and the rows of each gather function."""
            in_chapter = ((name, finding) for name, rule in rules.items() for finding in rule(registers, text))
            rows = [[*gather(registers, text)] for gather in gathered]
            return _Results([*in_chapter, *word_rules.run(registers, text)], rows)

        for chapter in self.paper.chapters:
            # The text holds the chapter's tree: for a while.
            text = ChapterText(chapter, dictionary=dictionary)
            results = self._get_or_compute(_chapter_key(chapter), partial(read_chapter, text))
            findings += results.findings
            for gather, rows in zip(gathered, results.rows, strict=True):
                gathered[gather] += rows
        if self.cache and dictionary.has_grown and len(dictionary.results) <= _MAX_WORDS:
            self.cache.put(self._words_key, msgspec.json.encode(dictionary.results))
        return findings, gathered

    @property
    def _words_key(self) -> str:
        return _hash("words", self.rules_hash)

    def _load_words(self) -> dict[str, list[str]]:
        """Return the likely words for each word that an earlier check has looked up."""
        data = self.cache.get(self._words_key) if self.cache else None
        return msgspec.json.decode(data, type=dict[str, list[str]]) if data else {}

    def _get_or_compute(self, key: Iterable[str], compute: Callable[[], _Results]) -> _Results:
        """Return the cached results for a key, the registers and the rules, or compute and store them."""
        if self.cache is None or not self.paper.registers_hash:
            return compute()
        name = _hash(self.rules_hash, self.paper.registers_hash, *key)
        if (data := self.cache.get(name)) is None:
            data = msgspec.json.encode(compute())
            self.cache.put(name, data)
        return msgspec.json.decode(data, type=_Results)


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _chapter_key(chapter: Chapter) -> tuple[str, ...]:
    """Return the texts that findings in a chapter's words depend on, besides the registers."""
    data_text = repr([(table.heads, table.rows, table.places) for table in chapter.data_tables])
    return chapter.path, chapter.text, data_text
