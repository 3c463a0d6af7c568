"""Characters of a text: forbidden, invisible, lookalike and printable ones."""

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


# Zero-width joiners stay if the script needs them: Urdu does. Bidirectional overrides can reorder a text; tags, the
# supplement of variation selectors and annotations can spell invisible words.
FORBIDDEN_CHARACTERS = late_pattern(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\u206a-\u206f\ufff9-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e0fff]"
)
_ZERO_WIDTH = (
    "\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u2065\ufe00-\ufe0f\ufeff\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
)
_INKLESS = "\u2800\u3164\uffa0"
"""As wide as a letter, and without ink."""
_MAYBE_INVISIBLE = late_pattern(f"[{_ZERO_WIDTH}{_INKLESS}]")
_RIGHT_TO_LEFT = late_pattern(
    "[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_JOINING = late_pattern("[\u0600-\u07ff\u0840-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefc]")
"""Letters of scripts in which joiners and variation selectors change how letters look."""
_SPACELESS = late_pattern("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
"""Letters of scripts without blanks between words."""
_JAMO = late_pattern("[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]")
_IDEOGRAPH = late_pattern("[\u3001-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_BLANKS = late_pattern("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_DIGIT_SEPARATOR = late_pattern(
    rf"(?<=\d)(?<!\d{{4}}){_BLANKS.pattern}(?=(?:\d\d{_BLANKS.pattern}){{0,4}}\d{{3}}(?!\d))"
)
"""Blank between groups of digits: narrow, thin or no-break."""
_UNSEEN_IN_WORDS = late_pattern(f"[\u00ad{_ZERO_WIDTH}]")
"""Characters that words are compared without: joiners and soft hyphens, which may stay in a text, too."""
_HYPHENS = late_pattern("[\u2010\u2011]")

_CP1252 = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ\u0080-\u00bf"
"""Characters of Windows-1252 in place of the bytes that follow the first of a character in UTF-8."""
_GARBLED = late_pattern(f"(?:[ÂÃ][{_CP1252}]|â[{_CP1252}]{{2}}|(?:[ØÙÚÛ][{_CP1252}]){{2,}})+|[\ufb00-\ufb06]|\u00ad")


def find_garbled(text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Yield ligatures, soft hyphens and letters read in a wrong encoding, each with the letters that are meant."""
    for match in _GARBLED.finditer(text):
        yield match, _mend_garbled(match[0])


def _mend_garbled(garbled: str) -> str:
    if garbled[0] in "\u00ad\ufb00\ufb01\ufb02\ufb03\ufb04\ufb05\ufb06":
        return unicodedata.normalize("NFKC", garbled).strip("\u00ad")
    try:
        return garbled.encode("cp1252").decode()
    except UnicodeError:
        return ""


def describe_character(character: str) -> str:
    """Return the code point of a character and its name: "U+200B ZERO WIDTH SPACE"."""
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()


def find_invisible(text: str) -> Iterator[re.Match[str]]:
    """Yield the invisible characters, except those that a script, an emoji or the direction of a line needs."""
    return (match for match in _MAYBE_INVISIBLE.finditer(text) if not _is_needed(match[0], text, match.start()))


def _is_needed(character: str, text: str, index: int) -> bool:
    before, after = text[index - 1 : index], text[index + 1 : index + 2]
    if character in "\u200e\u200f\u061c":
        start = text.rfind("\n", 0, index) + 1
        return _RIGHT_TO_LEFT.search(text[start:].split("\n", 1)[0]) is not None
    if character in "\u200c\u200d":
        return bool(_JOINING.match(before) and _JOINING.match(after)) or (
            character == "\u200d" and _is_pictograph(before) and _is_pictograph(after)
        )
    if character == "\u200b":
        return bool(_SPACELESS.match(before) and _SPACELESS.match(after))
    if character in "\u115f\u1160":
        return bool(_JAMO.match(before) or _JAMO.match(after))
    if "\ufe00" <= character <= "\ufe0f":
        return _is_pictograph(before) or after == "\u20e3" or bool(_IDEOGRAPH.match(before))
    return "\u180b" <= character <= "\u180f" and "\u1820" <= before <= "\u18aa"


def _is_pictograph(character: str) -> bool:
    return bool(character) and (
        unicodedata.category(character) in ("So", "Sm", "Sk") or character in "\ufe0f\u203c\u2049"
    )


def without_invisible(text: str) -> str:
    """Return a text without invisible characters; a character that looks like a blank becomes one."""
    if not _MAYBE_INVISIBLE.search(text):
        return text
    replacements = {match.start(): " " if match[0] in _INKLESS else "" for match in find_invisible(text)}
    return "".join(replacements.get(index, character) for index, character in enumerate(text))


def comparable(text: str) -> str:
    """Return a text as its words are compared: composed Latin letters, plain blanks and hyphens, nothing invisible.

    Pandoc puts a no-break space after "Mr."; an Urdu word may have a joiner or not; a Mac decomposes letters. Groups
    of digits have commas.
    """
    if text.isascii():
        return text
    visible = _UNSEEN_IN_WORDS.sub("", _with_plain_characters(text))
    return unicodedata.normalize("NFC", with_plain_letters(_BLANKS.sub(" ", visible)))


def _with_plain_characters(text: str) -> str:
    """Return a text of the same length with the plain characters that depend on the letters around."""
    return _HYPHENS.sub("-", _DIGIT_SEPARATOR.sub(",", with_latin_letters(text)))


def comparable_parts(text: str) -> Iterator[tuple[int, str]]:
    """Yield a text as its words are compared, in parts with their offsets in it; inside a part offsets agree."""
    whole = comparable(text)
    if len(whole) == len(text):
        yield 0, whole
        return
    text = _with_plain_characters(text)
    starts = [index for index, character in enumerate(text) if not index or not unicodedata.combining(character)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        if part := comparable(text[start:end]):
            yield start, part


def comparable_pattern(text: str) -> str:
    """Return a regular expression for the texts that compare equal to a comparable one."""
    return f"{_UNSEEN_IN_WORDS.pattern}*".join(map(_letter_pattern, text))


def _letter_pattern(character: str) -> str:
    if character == " ":
        return f"(?: |{_BLANKS.pattern})"
    forms = dict.fromkeys((character, unicodedata.normalize("NFD", character), *lookalikes_of(character)))
    return f"(?:{'|'.join(map(re.escape, forms))})"


def latin_skeleton(text: str) -> str:
    """Return a text in small Latin letters as far as its letters look like them, without invisible characters."""
    if text.isascii():
        return text.lower()
    # Small letters first: they show more of a letter's shape than capitals.
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    visible = "".join(c for c in decomposed if unicodedata.category(c) not in ("Mn", "Me", "Cf") and c != "\u2800")
    return without_invisible(FORBIDDEN_CHARACTERS.sub("", visible)).translate(SMALL_LOOKALIKES)


def strip_unprintable(text: str) -> str:
    """Return the printable signs of a text, and those that join or separate letters where a script needs them."""
    printable = "".join(c for c in text.replace("\u00a0", " ") if c.isprintable() or c in "\u200c\u200d")
    return without_invisible(FORBIDDEN_CHARACTERS.sub("", printable))
