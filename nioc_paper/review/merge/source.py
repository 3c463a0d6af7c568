"""Where each word of a chapter's leaves stands in its Markdown.

Pandoc keeps no offsets, and a second parser would read another text than the one that is printed. But its tree holds
the words of the source in their order: with the markup masked, one comparison of both runs of words finds every word.
What cannot be found stays without a place, and is then never edited.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import NamedTuple

from nioc_paper.review.docx.paragraph import Paragraph, Token

_MASK = "\0"
_NOTE_DEFINITION = re.compile(
    r"^ {0,3}\[\^(?P<label>[^\]\s]+)\]:[ \t]*(?P<text>[^\n]*\n?"
    r"(?:[^\n]*\S[^\n]*\n?)*(?:\n+(?: {4}|\t)[^\n]*\n?(?:[^\n]*\S[^\n]*\n?)*)*)",
    re.MULTILINE,
)
"""A note's text: to the blank line, and on while what follows is indented."""
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
"""In this order: an image may hold what looks like a link."""
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
_FENCE = re.compile(r"^[ \t>]*(?:(?P<box>:{3,})|(?P<code>`{3,}|~{3,}))")
_WORD = re.compile(r"\\?(?:---|--|\.\.\.|\w+(?:[’'\-\u2011](?!-)\w+)*|[^\w\s\0])")
_TYPOGRAPHIC = {"---": "—", "--": "–", "...": "…"}


class _SourceWord(NamedTuple):
    key: str
    span: tuple[int, int]
    label: str = ""
    """Of a note's call: which note it calls."""


@dataclass(frozen=True, slots=True)
class MarkdownSource:
    """A chapter's text, and its leaves with every word's place in it as far as it was found."""

    text: str
    paragraphs: tuple[Paragraph, ...]
    note_ranges: Mapping[str, tuple[int, int]]
    """Where each note's definition stands, by the atom of its call."""
    atom_texts: Mapping[str, str]
    """Each atom as it is written."""
    div_ranges: Mapping[int, tuple[int, int]]
    """Where each division stands, with its fences, by its number in the text."""


def locate_words(text: str, paragraphs: Sequence[Paragraph]) -> MarkdownSource:
    """Find the words of the leaves in the text; what stands above the body must be blanked, not cut."""
    definitions = {m["label"]: m for m in _NOTE_DEFINITION.finditer(text)}
    streams = _group_by_note(text, definitions)
    body_paragraphs = [paragraph for paragraph in paragraphs if not paragraph.note]
    located = _assign_spans(body_paragraphs, streams.get("", []))
    labels_by_span = {word.span: word.label for word in streams.get("", []) if word.label}
    labels_by_atom = {
        t.atom: labels_by_span[t.span] for leaf in located for t in leaf.tokens if t.span in labels_by_span
    }
    note_paragraphs = [leaf for leaf in paragraphs if leaf.note]
    for atom, label in labels_by_atom.items():
        located += _assign_spans([leaf for leaf in note_paragraphs if leaf.note == atom], streams.get(label, []))
    by_bookmark = {leaf.bookmark: leaf for leaf in located}
    ordered = tuple(by_bookmark.get(leaf.bookmark, leaf) for leaf in paragraphs)
    atom_texts = {t.atom: text[slice(*t.span)] for leaf in ordered for t in leaf.tokens if t.atom and t.span}
    note_ranges = {atom: definitions[label].span() for atom, label in labels_by_atom.items() if label in definitions}
    return MarkdownSource(text, ordered, note_ranges, atom_texts, _find_divs(text))


def _find_divs(text: str) -> dict[int, tuple[int, int]]:
    """The fenced divisions by their number, each from the first character of its first line to the end of its last."""
    div_ranges: dict[int, tuple[int, int]] = {}
    open_divs: list[tuple[int, int]] = []
    count, code = 0, ""
    for line in re.finditer(r"^[^\n]*$", text, re.MULTILINE):
        fence = _FENCE.match(line[0])
        if fence and fence["code"] and (not code or line[0].strip() == code):
            code = "" if code else fence["code"]
        elif fence and fence["box"] and not code:
            if line[0].strip(" \t>:"):
                count += 1
                open_divs.append((count, line.start()))
            elif open_divs:
                number, start = open_divs.pop()
                div_ranges[number] = (start, line.end())
    return div_ranges


def _group_by_note(text: str, definitions: Mapping[str, re.Match[str]]) -> dict[str, list[_SourceWord]]:
    """The words and atoms of the text, and of each note by its label."""
    bounds = sorted((m.start("text"), m.end("text"), label) for label, m in definitions.items())
    starts = [start for start, _, _ in bounds]
    streams: dict[str, list[_SourceWord]] = {}
    for word in sorted(_find_words(text, definitions), key=lambda f: f.span):
        index = bisect_right(starts, word.span[0]) - 1
        label = bounds[index][2] if index >= 0 and word.span[0] < bounds[index][1] else ""
        streams.setdefault(label, []).append(word)
    return streams


def _find_words(text: str, definitions: Mapping[str, re.Match[str]]) -> Iterator[_SourceWord]:
    masked = list(text)

    def mask(start: int, end: int) -> None:
        masked[start:end] = [c if c == "\n" else _MASK for c in masked[start:end]]

    def find_all(pattern: str) -> Iterator[re.Match[str]]:
        return re.finditer(pattern, "".join(masked), re.MULTILINE | re.DOTALL)

    def mask_all(patterns: Sequence[str]) -> None:
        for pattern in patterns:
            for match in find_all(pattern):
                mask(*match.span())

    for definition in definitions.values():
        mask(definition.start(), definition.start("text"))
    mask_all(_BLOCK_MARKUP)
    for kind, pattern in _ATOM_PATTERNS.items():
        for found in find_all(pattern):
            yield _SourceWord(kind, found.span(), found["label"] if kind == "note" else "")
            mask(*found.span())
    mask_all(_INLINE_MARKUP)
    for found in _WORD.finditer("".join(masked)):
        word = found[0].removeprefix("\\") or "\\"
        yield _SourceWord(Token(_TYPOGRAPHIC.get(word, word)).normalized, found.span())


def _assign_spans(paragraphs: Sequence[Paragraph], words: Sequence[_SourceWord]) -> list[Paragraph]:
    """The leaves with the places of their words, by one comparison of both runs."""
    located = [token for paragraph in paragraphs for token in paragraph.tokens]
    keys = [t.atom.partition("-")[0] or t.normalized for t in located]
    matcher = SequenceMatcher(None, keys, [word.key for word in words], autojunk=False)
    for token_index, word_index, size in matcher.get_matching_blocks():
        for step in range(size):
            located[token_index + step] = replace(located[token_index + step], span=words[word_index + step].span)
    remaining = iter(located)
    return [replace(leaf, tokens=tuple(next(remaining) for _ in leaf.tokens)) for leaf in paragraphs]
