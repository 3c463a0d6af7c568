"""Scan Markdown for note definitions, words and atoms with their ranges, and fenced Divs. Pure.

Pandoc keeps no offsets: `locate` places its nodes by these words, and a merge edits their exact ranges.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.tree.code_blocks import COMMENT, FORMULA, blank_code_blocks, blank_verbatim, find_code_blocks

_MASK = "\0"
_NOTE_LINE = r"(?:(?! {0,3}\[\^[^\]\s]+\]:)[^\n]*\S[^\n]*\n?)*"
_NOTE_DEFINITION = late_pattern(
    r"^ {0,3}\[\^(?P<label>[^\]\s]+)\]:[ \t]*(?P<text>[^\n]*\n?"
    rf"{_NOTE_LINE}(?:\n+(?: {{4}}|\t)[^\n]*\n?{_NOTE_LINE})*)",
    re.MULTILINE,
)
"""Definition of a note: to the blank line or the next definition, and on while the next line is indented."""
_INLINE_NOTE = late_pattern(
    r"(?<!\\)\^\[(?P<text>(?:[^\[\]\\\n]|\n(?![ \t]*\n)|\\.|\[(?:[^\[\]\\\n]|\n(?![ \t]*\n)|\\.|\[[^\[\]\n]*\])*\])*)\]"
)
_BLOCK_MARKUP = (
    COMMENT,
    r"^[ \t>]*:{3,}[^\n]*$",
    r"^[ \t]*(?:`{3,}|~{3,})[^\n]*$",
)
_DATA_CLASS = late_pattern(r"\{[^\n]*\.(?:chart|table|csv)")
"""Class of a block of code that is data: its words are not those of the text."""
_SPACE = r"[ \t]*(?:\n(?![ \t]*\n)[ \t]*)?"
_QUOTED = r"\"(?:[^\"\\\n]|\\.|\n(?![ \t]*\n))*\"|'(?:[^'\\\n]|\\.|\n(?![ \t]*\n))*'"
ATTRIBUTES = rf"\{{{_SPACE}(?:(?:[#.][^\s{{}}#.=]+|[\w:-]+=(?:{_QUOTED}|[^\s{{}}\"'“”]+)|-){_SPACE})+\}}"
"""Attributes in braces: ids, classes and values, which may go on in the next line."""
_TARGET = r"\((?:<[^<>\n]*>|[^)\s]*(?: [^)\s\"]+)*)(?:\s+\"[^\"]*\")?\)"
"""Target of a link or picture in round brackets, which may have spaces and a title."""
_ATOM_PATTERNS: Mapping[str, str] = {
    "image": rf"!\[(?:[^\[\]]|\[[^\]]*\])*\]{_TARGET}(?:{ATTRIBUTES})?",
    "xref": rf"\[\]{_TARGET}(?:{ATTRIBUTES})?",
    "math": FORMULA,
    "note": r"\[\^(?P<label>[^\]\s]+)\](?!:)",
    # A passage with attributes, or a link, may begin like a citation.
    "cite": rf"\[[^\[\]\0]*?(?<![\w\\])-?@[\w{{][^\[\]]*\](?!{ATTRIBUTES}|{_TARGET})"
    r"|(?<![\w.\\])-?@(?:\{[^}\s]+\}|[A-Za-z_][\w:.#$%&+?~/-]*\w)"
    r"(?:[ \n]\[[^\]\n]*\])?",
}
"""In order: an image may contain something like a link."""
_INLINE_MARKUP = (
    rf"(?<=\]){_TARGET}",
    ATTRIBUTES,
    r"^ {0,3}\[[^\]^\n][^\]\n]*\]:[ \t]+\S+(?:[ \t]+[\"'(][^\n]*[\"')])?[ \t]*$",
    r"^[ \t]*+\|?[ \t]*+:?-{2,}:?[-:| \t]*$",
    r"^[ \t]*(?:Table)?:[ ]",
    r"^[ \t>]*#{1,6}[ ]",
    r"^[ \t]*>+",
    r"^[ \t>]*(?:\d+[.)]|[-*+]|#\.|\([a-z\d]+\)|[a-z][.)])[ \t]+",
    r"^[ \t]*\|[ ](?=[^\n|]*$)",
    r"(?<!\\)[|*_`\[\]~^]",
)
_DIV_FENCE = late_pattern(r"^[ \t>]*:{3,}[^\n]*$", re.MULTILINE)
_INDENTED_END = late_pattern(r"^[ \t>]*[ \t]:{3,}[ \t]*$", re.MULTILINE)
_FENCE_IN_LIST = late_pattern(
    r"^(?P<lead>(?:[ \t>]|[-*+:~][ \t]|\d+[.)][ \t])*)(?P<colons>:{3,})[ \t]*(?P<name>[^\n]*)$", re.MULTILINE
)
_WORD = r"\\?(?:---|--|\.\.\.|\w+(?:[’'\-\u2011](?!-)\w+)*|[^\w\s\0])"
_DASHES_AND_DOTS = {"---": "—", "--": "–", "...": "…"}
_TYPOGRAPHIC_VARIANTS = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "\u00a0": " ", "\u2011": "-"})
"""Word processors change these signs during typing; both spellings are one word."""
_NOT_LINE_END = late_pattern(r"[^\n]")


class SourceWord(NamedTuple):
    """A word, sign or atom of the source."""

    key: str
    """Normalized word, or the kind of an atom: image, xref, math, note, cite."""
    span: tuple[int, int]
    """Offsets of its first character and after its last."""
    label: str = ""
    """Label of the footnote that it calls; empty for other words."""


def normalize_word(word: str) -> str:
    """Return a word with straight quotation marks, plain hyphens and plain spaces."""
    return word if word.isascii() else word.translate(_TYPOGRAPHIC_VARIANTS)


def find_note_definitions(text: str) -> dict[str, re.Match[str]]:
    """Return the definition of each note by its label, the last one of a label."""
    return {m["label"]: m for m in _NOTE_DEFINITION.finditer(text)}


def find_inline_notes(text: str) -> dict[str, re.Match[str]]:
    """Return the notes that are written where they are called, with labels that no other note has."""
    return {f"^{m.start()}": m for m in _INLINE_NOTE.finditer(text)}


def scan_words(text: str, definitions: Mapping[str, re.Match[str]]) -> dict[str, list[SourceWord]]:
    """Return the words and atoms of each note by its label, and those of the body under an empty label."""
    bounds = sorted((m.start("text"), m.end("text"), label) for label, m in definitions.items())
    starts, around = [start for start, _, _ in bounds], _indices_around(bounds)
    streams: dict[str, list[SourceWord]] = {}
    for word in sorted(_find_words(text, definitions), key=lambda w: w.span):
        index = bisect_right(starts, word.span[0]) - 1
        while index >= 0 and word.span[0] >= bounds[index][1]:
            index = around[index]
        streams.setdefault(bounds[index][2] if index >= 0 else "", []).append(word)
    return streams


def _indices_around(bounds: Sequence[tuple[int, int, str]]) -> list[int]:
    """Return the index of the note around each note, -1 for none: one may be written inside of another."""
    around, open_notes = [], [-1]
    for index, (start, _, _) in enumerate(bounds):
        while open_notes[-1] >= 0 and bounds[open_notes[-1]][1] <= start:
            open_notes.pop()
        around.append(open_notes[-1])
        open_notes.append(index)
    return around


class _MaskedText:
    """A text in which markup is masked step by step."""

    def __init__(self, text: str, ranges: Iterable[tuple[int, int]]) -> None:
        characters = list(text)
        for start, end in ranges:
            characters[start:end] = _mask(text[start:end])
        self._text = "".join(characters)

    def find_all(self, pattern: str) -> Iterator[re.Match[str]]:
        return re.finditer(pattern, self._text, re.MULTILINE | re.DOTALL)

    def mask_all(self, pattern: str) -> list[re.Match[str]]:
        """Mask all matches of a pattern, and return them."""
        matches: list[re.Match[str]] = []

        def mask(match: re.Match[str]) -> str:
            matches.append(match)
            return _mask(match[0])

        self._text = re.sub(pattern, mask, self._text, flags=re.MULTILINE | re.DOTALL)
        return matches


def _mask(text: str) -> str:
    return _NOT_LINE_END.sub(_MASK, text) if "\n" in text else _MASK * len(text)


def _find_words(text: str, definitions: Mapping[str, re.Match[str]]) -> Iterator[SourceWord]:
    data = (block.span for block in find_code_blocks(text) if _DATA_CLASS.search(block.info))
    masked = _MaskedText(text, (*((note.start(), note.start("text")) for note in definitions.values()), *data))
    for label, note in definitions.items():
        if label.startswith("^"):
            yield SourceWord("note", (note.start(), note.start("text")), label)
    for pattern in _BLOCK_MARKUP:
        masked.mask_all(pattern)
    for kind, pattern in _ATOM_PATTERNS.items():
        for match in masked.mask_all(pattern):
            yield SourceWord(kind, match.span(), match["label"] if kind == "note" else "")
    for pattern in _INLINE_MARKUP:
        masked.mask_all(pattern)
    for match in masked.find_all(_WORD):
        word = match[0].removeprefix("\\") or "\\"
        yield SourceWord(normalize_word(_DASHES_AND_DOTS.get(word, word)), match.span())


def find_div_lines(text: str) -> list[tuple[int, str]]:
    """Return the first line of each fenced Div with its start, whether the Div is closed or not."""
    return [(line.start(), line[0]) for line in _DIV_FENCE.finditer(blank_code_blocks(text)) if line[0].strip(" \t>:")]


def find_divs(text: str) -> dict[int, tuple[int, int]]:
    """Return the range of each fenced Div by its number in the text: from its first line to the end of its last."""
    div_ranges: dict[int, tuple[int, int]] = {}
    open_divs: list[tuple[int, int]] = []
    count = 0
    for line in _DIV_FENCE.finditer(blank_code_blocks(text)):
        if line[0].strip(" \t>:"):
            count += 1
            open_divs.append((count, line.start()))
        elif open_divs:
            number, start = open_divs.pop()
            div_ranges[number] = (start, line.end())
    return div_ranges


def align_closing_fences(text: str) -> str:
    """Return a text whose Divs end in the column where they begin: formatters indent an end below a list.

    The length of each line stays.
    """
    if not _INDENTED_END.search(text):
        return text
    parts: list[str] = []
    open_leads: list[str] = []
    end = 0
    for fence in _FENCE_IN_LIST.finditer(blank_verbatim(text)):
        lead = fence["lead"]
        if fence["name"].strip(" \t:"):
            open_leads.append(re.sub(r"[^ \t>]", " ", lead))
        elif open_leads and lead.startswith(own := open_leads.pop()) and lead != own:
            parts += (text[end : fence.start()], own, fence["colons"], lead.removeprefix(own))
            end = fence.end("colons")
    return "".join([*parts, text[end:]])
