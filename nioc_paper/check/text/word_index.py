"""A chapter as one text with an index of its words, so that a rule looks only where its words stand."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files

from nioc_paper.check.text.passages import Passage, is_english
from nioc_paper.model import Chapter, Fix, Place

_WORD = re.compile(r"[^\W\d_]+")
_QUOTED = re.compile(r"“[^“”]*”")
_WORD_BEFORE = re.compile(r"(\S+)[^\S\n]+\Z")
_WORD_AFTER = re.compile(r"[^\S\n]+(\w)")
_SMALL_WORDS = re.compile(r"\b(?:of|the|and|for|on|in|to|against)[^\S\n]+")


@dataclass(frozen=True, eq=False)
class WordIndex:
    """All passages of a chapter that are in English, its title and its summary, a line each."""

    passages: tuple[Passage, ...]
    full_text: str
    words: frozenset[str] = field(repr=False)
    """Every word as written. Words are runs of letters."""
    spellings: Mapping[str, Sequence[str]] = field(repr=False)
    """Every word in small letters, and how it is written."""
    passage_starts: tuple[int, ...] = field(repr=False)

    def passage_at(self, offset: int) -> tuple[Passage, int]:
        """The passage that holds an offset of the text, and the offset in it."""
        index = bisect_right(self.passage_starts, offset) - 1
        return self.passages[index], offset - self.passage_starts[index]

    def place(self, offset: int) -> Place:
        """Where an offset stands in the file."""
        passage, at = self.passage_at(offset)
        return passage.place(at)

    def fix_at(self, start: int, old: str, new: str) -> Fix | None:
        """The change of some words that begin at an offset; None where no word has a place of its own."""
        passage, at = self.passage_at(start)
        return Fix(passage.place(at), old, new) if passage.offsets and new[:1].isalpha() else None

    def offsets_of(self, word: str) -> Iterator[int]:
        """Where a word stands that is written so."""
        return find_word(self.full_text, word)

    def offsets_any_case(self, word: str) -> Iterator[int]:
        """Where a word stands, however it is written; `word` is in small letters."""
        for spelling in self.spellings.get(word, ()):
            yield from self.offsets_of(spelling)

    def is_in_name(self, start: int, end: int) -> bool:
        """Whether some words look like a part of a name: they and a word beside them are capitalized."""
        if not self.full_text[start].isupper():
            return False
        after = _WORD_AFTER.match(self.full_text, end)
        if after and after[1].isupper():
            return True
        before = self.word_before(start)
        return before[:1].isupper() and not before.endswith((".", "!", "?", ":", ";"))

    def word_before(self, start: int) -> str:
        """The word before an offset, small words between parts of a name left out; empty at a passage's beginning."""
        begin = max(0, start - 60)
        window = self.full_text[begin:start].rpartition("\n")[2]
        words = _SMALL_WORDS.sub("", window) if self.full_text[start].isupper() else window
        match = _WORD_BEFORE.search(words)
        return match[1].lstrip("(“‘\"'[") if match else ""


def build_word_index(chapter: Chapter, passages: Iterable[Passage]) -> WordIndex:
    """Index the words of a chapter's title and summary, and of those of its passages that are in English."""
    front_passages = _front_passages(chapter) if is_english(chapter.language) else ()
    return _index_passages((*front_passages, *(p for p in passages if "foreign" not in p.within)))


def _front_passages(chapter: Chapter) -> Iterator[Passage]:
    """What is printed above the text."""
    for key, value in (("title", chapter.front.title), ("summary", chapter.front.summary)):
        place = chapter.front.place(key)
        yield Passage(place.path, value or "", int(key == "title"), (key,), positions=((place.line, place.column),))


def _index_passages(text_passages: tuple[Passage, ...]) -> WordIndex:
    starts, length = [], 0
    for passage in text_passages:
        starts.append(length)
        length += len(passage.text) + 1
    # Quotation marks that were typed as such are part of a passage; what they hold is not its author's.
    full_text = "\n".join(_QUOTED.sub(lambda quoted: " " * len(quoted[0]), passage.text) for passage in text_passages)
    words = frozenset(_WORD.findall(full_text))
    spellings: defaultdict[str, list[str]] = defaultdict(list)
    for word in words:
        spellings[word.lower()].append(word)
    return WordIndex(text_passages, full_text, words, spellings, tuple(starts))


def find_word(text: str, word: str) -> Iterator[int]:
    """Where a word stands in a text, not in the middle of another."""
    start, size = text.find(word), len(word)
    while start >= 0:
        if not (text[start - 1 : start].isalpha() or text[start + size : start + size + 1].isalpha()):
            yield start
        start = text.find(word, start + size)


def read_word_list(name: str) -> list[str]:
    """The lines of one of the lists in `data`, without its comments."""
    text = files("nioc_paper.check").joinpath("data", name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


class PhraseMatcher:
    """Phrases to look for. They are found by their longest words: most texts hold few of those."""

    def __init__(self, phrases: Iterable[str]) -> None:
        """Take phrases; one in small letters stands for any letters."""
        self._phrases = frozenset(phrases)

    @cached_property
    def _phrases_by_word(self) -> Mapping[tuple[str, int], Sequence[str]]:
        """The phrases by their longest words, and where in the phrase that stands."""
        grouped: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
        for phrase in sorted(self._phrases, key=lambda p: (-len(p), p)):
            key = max(_WORD.finditer(phrase), key=lambda word: len(word[0]))
            grouped[key[0].lower(), key.start()].append(phrase)
        return grouped

    def find(self, index: WordIndex) -> list[re.Match[str]]:
        """Where they stand in a text, in order; of two that overlap the one that begins first, or the longer."""
        matches = [
            match
            for (word, at), phrases in self._phrases_by_word.items()
            if word in index.spellings
            for start in index.offsets_any_case(word)
            if start >= at and (match := _alternatives(*phrases).match(index.full_text, start - at))
        ]
        matches.sort(key=lambda match: (match.start(), -match.end()))
        accepted: list[re.Match[str]] = []
        for match in matches:
            if not accepted or match.start() >= accepted[-1].end():
                accepted.append(match)
        return accepted


@cache
def _alternatives(*phrases: str) -> re.Pattern[str]:
    # Made when a text has their word: to make all of them takes longer than to read a chapter.
    return re.compile("|".join(map(_phrase_pattern, phrases)))


def _phrase_pattern(phrase: str) -> str:
    words = r"[^\S\n]".join(map(re.escape, phrase.split()))
    end = r"(?![^\W\d_])" if phrase[-1].isalpha() else ""
    return f"(?{'i' * phrase.islower()}:(?<!\\w){words}{end})"
