"""Find letters of other scripts that look like Latin ones, and replace them for comparisons of words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from nioc_paper.model.lazy_regex import late_pattern

SMALL_LOOKALIKES = str.maketrans(
    "авсԁеɡһіϳјкӏтгорԛѕυνѵԝхуᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢαετικρορϲւոօսıɩɾłđħŧɨʟⅼⅽⅾⅿⅰ",
    "abcdeghijjkltropqsuvvwxyabcdefghijklmnoprstuvwyzaetikpopcinouiirldhtillcdmi",
)
"""Small letters of other scripts, and small capitals, that look like Latin ones."""
_CAPITALS = str.maketrans(
    "АВЕЅІЈКМНОРСТУХԌԚԜҮΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "ABESIJKMHOPCTYXGQWYABEZHIKMNOPTYX",
)
_FOREIGN = late_pattern("[\u0370-\u03ff\u0400-\u052f\u0531-\u0587\u13a0-\u13ff\u2c80-\u2cff\ua4d0-\ua4ff]")
"""Greek, Cyrillic, Armenian, Cherokee, Coptic and Lisu."""
_GREEK = late_pattern("[\u0370-\u03ff]")
_LATIN = late_pattern("[A-Za-z\u00c0-\u024f]")
_STYLED = late_pattern("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u212a\U0001d400-\U0001d7ff]")
"""Full-width letters and digits, and those of mathematics."""
_LIGATURE = late_pattern("[\ufb00-\ufb06]")
_WORD = late_pattern("[^\\W_][^\\W_\u0300-\u036f]*(?:[\u0300-\u036f]+[^\\W_]*)*")
_PLAIN = {**SMALL_LOOKALIKES, **_CAPITALS}
_ALIKE = frozenset("аеорсухѕіјԛԝһԁӏѵονρ") | frozenset(map(chr, _CAPITALS))
"""Letters that look the same as Latin ones in print, also in a word of their own script."""


def find_lookalikes(line: str) -> Iterator[tuple[int, str, str, str]]:
    """Yield the offset, the word, its first foreign letter, and the word in Latin letters.

    A word of lookalikes only is yielded if its line has no other foreign letters and no mark of a language.
    """
    if line.isascii():
        return
    is_foreign = "lang=" in line or any(letter not in _ALIKE for letter in _FOREIGN.findall(line))
    is_latin_line = _LATIN.search(line) is not None and not is_foreign
    for match in _WORD.finditer(line):
        word = match[0]
        if _STYLED.search(word) or _is_mixed(word) or (is_latin_line and _is_disguised(word)):
            foreign = next(letter for letter in word if _STYLED.match(letter) or _FOREIGN.match(letter))
            yield match.start(), word, foreign, with_plain_letters(word.translate(_PLAIN))


def with_latin_letters(text: str) -> str:
    """Return a text of the same length whose Latin words have no letters of other scripts that look like Latin ones."""
    if text.isascii() or not _FOREIGN.search(text):
        return text
    return _WORD.sub(_in_latin, text)


def _in_latin(word: re.Match[str]) -> str:
    return word[0].translate(_PLAIN) if _is_mixed(word[0]) or _is_disguised(word[0]) else word[0]


def with_plain_letters(text: str) -> str:
    """Return a text with plain letters and digits for ligatures, full-width and mathematical ones."""
    return _STYLED.sub(_normalize, _LIGATURE.sub(_normalize, text))


def _normalize(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", match[0])


@cache
def lookalikes_of(letter: str) -> str:
    """Return the characters that compare equal to a letter or digit: lookalikes, full-width and mathematical forms."""
    styled = (chr(code) for code in (*range(0xFF10, 0xFF5B), *range(0x1D400, 0x1D800)))
    return "".join(
        (
            *(chr(c) for c, latin in _PLAIN.items() if chr(latin) == letter),
            *(c for c in styled if with_plain_letters(c) == letter),
        )
    )


def _is_mixed(word: str) -> bool:
    """Whether a word has Latin and other letters; Greek ones that are symbols do not count: "TNFα", "kΩ"."""
    foreign = _FOREIGN.findall(word)
    if not foreign or not _LATIN.search(word):
        return False
    if not all(map(_GREEK.match, foreign)):
        return True
    latin = _FOREIGN.sub("", word)
    are_symbols = all(letter.islower() for letter in foreign) and latin.isupper()
    return not are_symbols and any(ord(letter) in _PLAIN for letter in foreign)


def _is_disguised(word: str) -> bool:
    """Whether all letters of a word look like Latin ones; a Greek letter alone is a symbol."""
    return all(letter in _ALIKE for letter in word) and (len(word) > 1 or not _GREEK.match(word))
