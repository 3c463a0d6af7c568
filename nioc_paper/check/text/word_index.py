"""Index the words of a chapter, so that a rule looks only where its words are."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from msgspec import Struct

from nioc_paper.check.text.passages import Passage
from nioc_paper.model import Fix, Place
from nioc_paper.model.grouping import group_pairs
from nioc_paper.model.lazy_regex import late_pattern

_WORD = late_pattern(r"[^\W\d_]+")
_QUOTED = late_pattern(r"“[^“”]*”")
_WORD_BEFORE = late_pattern(r"(\S+)[^\S\n]+\Z")
_WORD_AFTER = late_pattern(r"[^\S\n]+(\w)")
_ADDRESS = late_pattern(r"[/@\\_]|www\.|\.(?:org|com|net|pk|md|txt|js|py)\b", re.IGNORECASE)
_ADDRESS_REACH = 80
"""Letters around a mark that may be of one address."""
_SMALL_WORDS = late_pattern(r"\b(?:of|the|and|for|on|in|to|against)[^\S\n]+")


class WordIndex(Struct, frozen=True, eq=False, dict=True):
    """English texts of a chapter or of the registers, one a line, with an index of their words."""

    passages: tuple[Passage, ...]
    full_text: str
    words: frozenset[str]
    """Every word as written. Words are runs of letters."""
    spellings: Mapping[str, Sequence[str]]
    """Spellings of every word, by the word in lower case."""
    passage_starts: tuple[int, ...]

    def passage_at(self, offset: int) -> tuple[Passage, int]:
        """Return the passage at an offset of the text, and the offset in it."""
        index = bisect_right(self.passage_starts, offset) - 1
        return self.passages[index], offset - self.passage_starts[index]

    def place(self, offset: int) -> Place:
        """Return the place of an offset."""
        passage, pos = self.passage_at(offset)
        return passage.place(pos)

    def fix_at(self, start: int, old: str, new: str) -> Fix | None:
        """Return the change of some words at an offset; None where the file may write them otherwise."""
        passage, pos = self.passage_at(start)
        is_located = passage.offsets and not passage.is_record
        return Fix(passage.place(pos), old, new) if is_located and new[:1].isalpha() else None

    def offsets_of(self, word: str) -> Iterator[int]:
        """Yield the offsets of a word in this spelling."""
        return find_word(self.full_text, word)

    def is_in_name(self, start: int, end: int) -> bool:
        """Whether some words seem to be part of a name: they and a neighbour are capitalized."""
        if not self.full_text[start].isupper():
            return False
        after = _WORD_AFTER.match(self.full_text, end)
        if after and after[1].isupper():
            return True
        before = self.word_before(start)
        return before[:1].isupper() and not before.endswith((".", "!", "?", ":", ";"))

    def word_before(self, start: int) -> str:
        """Return the word before an offset, without small words inside a name; empty at the start of a passage."""
        window = self.full_text[max(0, start - 60) : start].rpartition("\n")[2]
        words = _SMALL_WORDS.sub("", window) if self.full_text[start].isupper() else window
        match = _WORD_BEFORE.search(words)
        return match[1].lstrip("(“‘\"'[") if match else ""


def build_word_index(texts: Iterable[Passage]) -> WordIndex:
    """Index the English texts that are the authors' own."""
    text_passages = tuple(passage for passage in texts if passage.is_own and "foreign" not in passage.within)
    starts, length = [], 0
    for passage in text_passages:
        starts.append(length)
        length += len(passage.text) + 1
    # Typed quotation marks are part of a passage; the words between them are not the author's.
    full_text = "\n".join(_QUOTED.sub(lambda quoted: " " * len(quoted[0]), passage.text) for passage in text_passages)
    words = frozenset(_WORD.findall(full_text))
    spellings = group_pairs((word.lower(), word) for word in words)
    return WordIndex(text_passages, full_text, words, spellings, tuple(starts))


def find_word(text: str, word: str) -> Iterator[int]:
    """Yield the offsets of a whole word in a text."""
    start, size = text.find(word), len(word)
    while start >= 0:
        if not (text[start - 1 : start].isalpha() or text[start + size : start + size + 1].isalpha()):
            yield start
        start = text.find(word, start + size)


def is_in_address(text: str, start: int, end: int) -> bool:
    """Whether a part of a text is in an address of the web or in the name of a file."""
    before = re.search(r"\S*\Z", text[max(0, start - _ADDRESS_REACH) : start])
    after = re.match(r"\S+", text[start : end + _ADDRESS_REACH])
    return bool(before and after and _ADDRESS.search(before[0] + after[0]))


def read_word_list(name: str) -> list[str]:
    """Return the lines of a list in `data`, without comments."""
    text = (Path(__file__).parents[1] / "data" / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


def read_package_file(package: str, *path: str) -> bytes:
    """Return a file of a package without importing it. Raises ModuleNotFoundError if the package is missing."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"No module named '{package}'", name=package)
    return Path(spec.origin).with_name(path[0]).joinpath(*path[1:]).read_bytes()


def find_phrases(index: WordIndex, phrases: Iterable[str]) -> Iterator[re.Match[str]]:
    """Return the phrases in a text, in order, the longest of those that begin alike; in lower case it matches any case.

    Most texts lack a word of most phrases.
    """
    present = [phrase for phrase in phrases if phrase.strip() and _words_of(phrase) <= index.spellings.keys()]
    pattern = "|".join(map(_phrase_pattern, sorted(present, key=len, reverse=True)))
    return re.finditer(pattern, index.full_text) if present else iter(())


@cache
def _words_of(phrase: str) -> frozenset[str]:
    return frozenset(_WORD.findall(phrase.lower()))


@cache
def _phrase_pattern(phrase: str) -> str:
    words = r"[^\S\n]".join(map(re.escape, phrase.split()))
    end = r"(?![^\W\d_])" if phrase[-1].isalpha() else ""
    return f"(?{'i' * phrase.islower()}:(?<!\\w){words}{end})"
