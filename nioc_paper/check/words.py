"""A chapter as one text with an index of its words, so that a rule looks only where its words stand."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from weakref import WeakKeyDictionary

from nioc_paper.check.prose import Passage, is_english, passages
from nioc_paper.model import Chapter, Fix, Paper, Place

_WORD = re.compile(r"[^\W\d_]+")
_QUOTED = re.compile(r"“[^“”]*”")
_BEFORE = re.compile(r"(\S+)[^\S\n]+\Z")
_AFTER = re.compile(r"[^\S\n]+(\w)")
_SMALL = re.compile(r"\b(?:of|the|and|for|on|in|to|against)[^\S\n]+")


@dataclass(frozen=True, eq=False)
class Text:
    """All passages of a chapter that are in English, its title and its summary, a line each."""

    passages: tuple[Passage, ...]
    whole: str
    words: frozenset[str] = field(repr=False)
    """Every word as written. Words are runs of letters."""
    spellings: Mapping[str, Sequence[str]] = field(repr=False)
    """Every word in small letters, and how it is written."""
    starts: tuple[int, ...] = field(repr=False)

    def where(self, offset: int) -> tuple[Passage, int]:
        """The passage that holds an offset of the text, and the offset in it."""
        index = bisect_right(self.starts, offset) - 1
        return self.passages[index], offset - self.starts[index]

    def place(self, offset: int) -> Place:
        """Where an offset stands in the file."""
        passage, at = self.where(offset)
        return passage.place(at)

    def fix(self, start: int, old: str, new: str) -> Fix | None:
        """The change of some words that begin at an offset; None where no word has a place of its own."""
        passage, at = self.where(start)
        return Fix(passage.place(at), old, new) if passage.offsets and new[:1].isalpha() else None

    def at(self, word: str) -> Iterator[int]:
        """Where a word stands that is written so."""
        return standing(self.whole, word)

    def offsets(self, word: str) -> Iterator[int]:
        """Where a word stands, however it is written; `word` is in small letters."""
        for spelling in self.spellings.get(word, ()):
            yield from self.at(spelling)

    def named(self, start: int, end: int) -> bool:
        """Whether some words look like a part of a name: they and a word beside them are capitalized."""
        if not self.whole[start].isupper():
            return False
        after = _AFTER.match(self.whole, end)
        if after and after[1].isupper():
            return True
        before = self.before(start)
        return before[:1].isupper() and not before.endswith((".", "!", "?", ":", ";"))

    def before(self, start: int) -> str:
        """The word before an offset, small words between parts of a name left out; empty at a passage's beginning."""
        begin = max(0, start - 60)
        window = self.whole[begin:start].rpartition("\n")[2]
        words = _SMALL.sub("", window) if self.whole[start].isupper() else window
        found = _BEFORE.search(words)
        return found[1].lstrip("(“‘\"'[") if found else ""


_KEPT: WeakKeyDictionary[Chapter, Text] = WeakKeyDictionary()


def text(chapter: Chapter) -> Text:
    """The chapter's text. It is made once for all rules, and goes when the chapter goes."""
    if chapter not in _KEPT:
        above = _above(chapter) if is_english(chapter.language) else ()
        _KEPT[chapter] = _index((*above, *(p for p in passages(chapter) if "foreign" not in p.within)))
    return _KEPT[chapter]


def texts(paper: Paper) -> Iterator[Text]:
    """The texts of all chapters."""
    return map(text, paper.chapters)


def _above(chapter: Chapter) -> Iterator[Passage]:
    """What is printed above the text."""
    for key, value in (("title", chapter.front.title), ("summary", chapter.front.summary)):
        place = chapter.front.place(key)
        yield Passage(place.path, value or "", int(key == "title"), (key,), points=((place.line, place.column),))


def _index(found: tuple[Passage, ...]) -> Text:
    starts, length = [], 0
    for passage in found:
        starts.append(length)
        length += len(passage.text) + 1
    # Quotation marks that were typed as such are part of a passage; what they hold is not its author's.
    whole = "\n".join(_QUOTED.sub(lambda quoted: " " * len(quoted[0]), passage.text) for passage in found)
    words = frozenset(_WORD.findall(whole))
    spellings: defaultdict[str, list[str]] = defaultdict(list)
    for word in words:
        spellings[word.lower()].append(word)
    return Text(found, whole, words, spellings, tuple(starts))


def standing(whole: str, word: str) -> Iterator[int]:
    """Where a word stands in a text, not in the middle of another."""
    start, size = whole.find(word), len(word)
    while start >= 0:
        if not (whole[start - 1 : start].isalpha() or whole[start + size : start + size + 1].isalpha()):
            yield start
        start = whole.find(word, start + size)


def lines(name: str) -> list[str]:
    """The lines of one of the lists in `data`, without its comments."""
    text = files("nioc_paper.check").joinpath("data", name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


class Phrases:
    """Phrases to look for. They are found by their longest words: most texts hold few of those."""

    def __init__(self, phrases: Iterable[str]) -> None:
        """Take phrases; one in small letters stands for any letters."""
        self._phrases = frozenset(phrases)

    @cached_property
    def _held(self) -> Mapping[tuple[str, int], Sequence[str]]:
        """The phrases by their longest words, and where in the phrase that stands."""
        grouped: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
        for phrase in sorted(self._phrases, key=lambda p: (-len(p), p)):
            key = max(_WORD.finditer(phrase), key=lambda word: len(word[0]))
            grouped[key[0].lower(), key.start()].append(phrase)
        return grouped

    def find(self, text: Text) -> list[re.Match[str]]:
        """Where they stand in a text, in order; of two that overlap the one that begins first, or the longer."""
        found = [
            match
            for (word, at), phrases in self._held.items()
            if word in text.spellings
            for start in text.offsets(word)
            if start >= at and (match := _one_of(*phrases).match(text.whole, start - at))
        ]
        found.sort(key=lambda match: (match.start(), -match.end()))
        kept: list[re.Match[str]] = []
        for match in found:
            if not kept or match.start() >= kept[-1].end():
                kept.append(match)
        return kept


@cache
def _one_of(*phrases: str) -> re.Pattern[str]:
    # Made when a text has their word: to make all of them takes longer than to read a chapter.
    return re.compile("|".join(map(_pattern, phrases)))


def _pattern(phrase: str) -> str:
    words = r"[^\S\n]".join(map(re.escape, phrase.split()))
    end = r"(?![^\W\d_])" if phrase[-1].isalpha() else ""
    return f"(?{'i' * phrase.islower()}:(?<!\\w){words}{end})"
