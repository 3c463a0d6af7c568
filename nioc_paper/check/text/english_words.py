"""English words, each with its frequency, from the word list of pyspellchecker; common misspellings from codespell's.

Only the lists are read: their lines are sorted, so that a few words are found without making a table of all of them.
"""

from __future__ import annotations

import gzip
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import cache, cached_property

from nioc_paper.check.text.word_index import read_package_file
from nioc_paper.model.lazy_regex import late_pattern

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_PREFIX = late_pattern(
    r"anti|bio|counter|cross|cyber|co|de|dis|eco|electro|extra|geo|hydro|hyper|infra|inter|intra|macro|mega|meta|micro|mid"
    r"|mini|mis|mono|multi|nano|non|out|over|para|photo|poly|post|pre|pseudo|re|semi|sub|super|tele|thermo|trans|ultra|under"
    r"|uni|un"
)
_ENDINGS = (
    # Endings, and the ends of the words that take them.
    (("s",), r"[^syx]|[aeiou]y"),
    (("es",), r"[sxzo]|ch|sh"),
    (("ed", "ing", "able"), r"[^ce]"),
    (("d", "r", "rs"), r"e"),
    (("ly", "ness", "ism", "ist", "ists", "less", "like", "wise"), r"."),
    (("er", "ers"), r"[^cet]"),
)
COMMON, _LONG_WORD = 300, 8
"""Frequency of a common word; a rarer one must have as many letters to be meant by a misspelling."""


class Dictionary:
    """Words that others may be meant for. The lists are read for words that no earlier check has looked up.

    `load` returns the results of earlier checks.
    """

    def __init__(self, load: Callable[[], dict[str, list[str]]] = dict) -> None:
        self._load = load
        self.has_grown = False

    @cached_property
    def results(self) -> dict[str, list[str]]:
        """Likely words by word, and corrections by word with an arrow, all in lower case."""
        return self._load()

    def likely_words(self, word: str) -> list[str]:
        """Return the common words near a word in lower case that is in no dictionary; empty for any other word."""
        return self._look_up(word, lambda: [] if is_word(word) else likely_words(word))

    def corrections(self, word: str) -> list[str]:
        """Return the corrections of a common misspelling in lower case; empty for any other word."""
        return self._look_up(f"{word}->", lambda: corrections(word))

    def _look_up(self, key: str, find: Callable[[], list[str]]) -> list[str]:
        if key not in self.results:
            self.results[key] = find()
            self.has_grown = True
        return self.results[key]


def is_word(word: str) -> bool:
    """Whether a word in lower case is in the list, or made of such words: with a prefix or an ending, or of two."""
    if frequency(word) or any(frequency(stem) for stem in _stems(word)):
        return True
    prefix = _PREFIX.match(word)
    if prefix and len(word) > prefix.end() + 2 and frequency(word[prefix.end() :]):
        return True
    return any(frequency(word[:cut]) >= COMMON and frequency(word[cut:]) >= COMMON for cut in range(4, len(word) - 3))


def _stems(word: str) -> Iterator[str]:
    for endings, before in _ENDINGS:
        for ending in endings:
            stem = word.removesuffix(ending)
            is_or = ending in ("er", "ers") and frequency(f"{stem}or")  # inspector, and no inspecter
            if stem != word and not is_or and re.search(rf"(?:{before})\Z", stem):
                yield stem


def likely_words(word: str) -> list[str]:
    """Return the words of the list, by frequency, with a letter more, another vowel or two letters exchanged."""
    least = 1 if len(word) >= _LONG_WORD else COMMON
    counts = {near: count for near in _one_edit_away(word) if (count := frequency(near)) >= least}
    return sorted(counts, key=lambda near: (-counts[near], near))


def _one_edit_away(word: str) -> Iterator[str]:
    # Few slips change the first letter. Another consonant, a letter less or one behind the last makes another word.
    for pos in range(1, len(word)):
        before, after = word[:pos], word[pos:]
        yield from (before + letter + after for letter in _LETTERS)
        yield from (before + letter + after[1:] for letter in "aeiou" if after[0] in "aeiou")
        yield before + after[1:2] + after[0] + after[2:]


def frequency(word: str) -> int:
    """Return how often a word in lower case was counted; 0 if it is not in the list."""
    return int(_rest_of_line(_lines(), f'"{word}": ').rstrip(",\r}") or 0)


@cache
def _lines() -> Sequence[str]:
    return gzip.decompress(read_package_file("spellchecker", "resources", "en.json.gz")).decode().split("\n")


def corrections(word: str) -> list[str]:
    """Return the corrections of a misspelling in codespell's list; empty for any other word."""
    rights = _rest_of_line(_misspelling_lines(), f"{word}->").split(",")
    return [right.strip() for right in rights if right.strip()]


def _rest_of_line(lines: Sequence[str], start: str) -> str:
    """Return what follows a beginning in sorted lines; empty if no line begins like that."""
    index = bisect_left(lines, start)
    return lines[index].removeprefix(start) if lines[index : index + 1] and lines[index].startswith(start) else ""


@cache
def _misspelling_lines() -> Sequence[str]:
    """Return codespell's lines, sorted: a misspelling, an arrow, and its corrections, separated by commas."""
    # Only the list is needed: importing the package would run a whole program.
    return sorted(read_package_file("codespell_lib", "data", "dictionary.txt").decode().split("\n"))
