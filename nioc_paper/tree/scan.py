"""Scan Markdown for note definitions, words and atoms with their ranges, and fenced Divs. Pure.

Pandoc keeps no offsets: `locate` places its nodes by these words, and a merge edits their exact ranges.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

_MASK = "\0"
_NOTE_DEFINITION = re.compile(
    r"^ {0,3}\[\^(?P<label>[^\]\s]+)\]:[ \t]*(?P<text>[^\n]*\n?"
    r"(?:[^\n]*\S[^\n]*\n?)*(?:\n+(?: {4}|\t)[^\n]*\n?(?:[^\n]*\S[^\n]*\n?)*)*)",
    re.MULTILINE,
)
"""Definition of a note: to the blank line, and on while the next line is indented."""
_BLOCK_MARKUP = (
    r"<!--.*?-->",
    r"^[ \t>]*:{3,}[^\n]*$",
    r"^[ \t]*(`{3,}|~{3,})[^\n]*\{[^\n]*\.(?:chart|table|csv)[^\n]*\}[^\n]*\n.*?^[ \t]*\1[ \t]*$",
    r"^[ \t]*(?:`{3,}|~{3,})[^\n]*$",
)
_ATOM_PATTERNS: Mapping[str, str] = {
    "image": r"!\[(?:[^\[\]]|\[[^\]]*\])*\]\([^)\s]*(?:\s+\"[^\"]*\")?\)(?:\{[^}\n]*\})?",
    "xref": r"\[\]\(#[^)\s]*\)(?:\{[^}\n]*\})?",
    "math": r"\$\$.+?\$\$|(?<![\\$])\$(?!\s)[^$\n]+?(?<![\s\\])\$(?!\d)",
    "note": r"\[\^(?P<label>[^\]\s]+)\](?!:)",
    "cite": r"\[[^\[\]\0]*?(?<![\w\\])-?@[\w{][^\[\]]*\]|(?<![\w.\\])-?@(?:\{[^}\s]+\}|[A-Za-z_][\w:.#$%&+?~/-]*\w)"
    r"(?:[ \n]\[[^\]\n]*\])?",
}
"""In order: an image may contain something like a link."""
_INLINE_MARKUP = (
    r"(?<=\])\([^)\s]*(?:\s+\"[^\"]*\")?\)",
    r"\{[^{}\n]*[#.=][^{}\n]*\}",
    r"^[ \t]*\|?[ \t]*:?-{2,}:?[-:| \t]*$",
    r"^[ \t]*(?:Table)?:[ ]",
    r"^[ \t>]*#{1,6}[ ]",
    r"^[ \t]*>+",
    r"^[ \t>]*(?:\d+[.)]|[-*+]|#\.|\([a-z\d]+\)|[a-z][.)])[ \t]+",
    r"^[ \t]*\|[ ](?=[^\n|]*$)",
    r"(?<!\\)[|*_`\[\]~^]",
)
_FENCE = re.compile(r"^[ \t>]*(?:(?P<div>:{3,})|(?P<code>`{3,}|~{3,}))")
_WORD = r"\\?(?:---|--|\.\.\.|\w+(?:[’'\-\u2011](?!-)\w+)*|[^\w\s\0])"
_DASHES_AND_DOTS = {"---": "—", "--": "–", "...": "…"}
_TYPOGRAPHIC_VARIANTS = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "\u00a0": " ", "\u2011": "-"})
"""Word processors change these signs during typing; both spellings are one word."""
_NOT_LINE_END = re.compile(r"[^\n]")


class SourceWord(NamedTuple):
    """A word, sign or atom of the source."""

    key: str
    """Normalized word, or the kind of an atom: image, xref, math, note, cite."""
    span: tuple[int, int]
    """Offsets of its first character and behind its last."""
    label: str = ""
    """Label of the footnote that it calls; empty for other words."""


def normalize_word(word: str) -> str:
    """Return a word with straight quotation marks, plain hyphens and plain spaces."""
    return word.translate(_TYPOGRAPHIC_VARIANTS)


def blank_note_definitions(text: str) -> str:
    """Return the text with spaces for the definitions of notes; offsets and lines stay."""
    return _NOTE_DEFINITION.sub(lambda m: _NOT_LINE_END.sub(" ", m[0]), text)


def find_note_definitions(text: str) -> dict[str, re.Match[str]]:
    """Return the definition of each note by its label, the last one of a label."""
    return {m["label"]: m for m in _NOTE_DEFINITION.finditer(text)}


def scan_words(text: str, definitions: Mapping[str, re.Match[str]]) -> dict[str, list[SourceWord]]:
    """Return the words and atoms of each note by its label, and those of the body under an empty label."""
    bounds = sorted((m.start("text"), m.end("text"), label) for label, m in definitions.items())
    starts = [start for start, _, _ in bounds]
    streams: dict[str, list[SourceWord]] = {}
    for word in sorted(_find_words(text, definitions), key=lambda w: w.span):
        index = bisect_right(starts, word.span[0]) - 1
        label = bounds[index][2] if index >= 0 and word.span[0] < bounds[index][1] else ""
        streams.setdefault(label, []).append(word)
    return streams


class _MaskedText:
    """A text in which markup is masked step by step."""

    def __init__(self, text: str) -> None:
        self._characters = list(text)

    def mask(self, start: int, end: int) -> None:
        self._characters[start:end] = [c if c == "\n" else _MASK for c in self._characters[start:end]]

    def mask_all(self, patterns: Sequence[str]) -> None:
        for pattern in patterns:
            for match in self.find_all(pattern):
                self.mask(*match.span())

    def find_all(self, pattern: str) -> Iterator[re.Match[str]]:
        return re.finditer(pattern, "".join(self._characters), re.MULTILINE | re.DOTALL)


def _find_words(text: str, definitions: Mapping[str, re.Match[str]]) -> Iterator[SourceWord]:
    masked = _MaskedText(text)
    for definition in definitions.values():
        masked.mask(definition.start(), definition.start("text"))
    masked.mask_all(_BLOCK_MARKUP)
    for kind, pattern in _ATOM_PATTERNS.items():
        for match in masked.find_all(pattern):
            yield SourceWord(kind, match.span(), match["label"] if kind == "note" else "")
            masked.mask(*match.span())
    masked.mask_all(_INLINE_MARKUP)
    for match in masked.find_all(_WORD):
        word = match[0].removeprefix("\\") or "\\"
        yield SourceWord(normalize_word(_DASHES_AND_DOTS.get(word, word)), match.span())


def find_divs(text: str) -> dict[int, tuple[int, int]]:
    """Return the range of each fenced Div by its number in the text: from its first line to the end of its last."""
    div_ranges: dict[int, tuple[int, int]] = {}
    open_divs: list[tuple[int, int]] = []
    count, code = 0, ""
    for line in re.finditer(r"^[^\n]*$", text, re.MULTILINE):
        fence = _FENCE.match(line[0])
        if fence and fence["code"] and (not code or line[0].strip() == code):
            code = "" if code else fence["code"]
        elif fence and fence["div"] and not code:
            if line[0].strip(" \t>:"):
                count += 1
                open_divs.append((count, line.start()))
            elif open_divs:
                number, start = open_divs.pop()
                div_ranges[number] = (start, line.end())
    return div_ranges
