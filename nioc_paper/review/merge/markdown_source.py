"""Places of a chapter's paragraphs and their words in its Markdown.

A word that cannot be found keeps no place, and is then never edited.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper.review.docx.paragraph import Paragraph
from nioc_paper.tree.locate import find_spans
from nioc_paper.tree.scan import ATTRIBUTES, SourceWord, find_divs, find_note_definitions, scan_words

_FIGURE = re.compile(rf"!\[(?P<caption>.*\S.*)\]\([^)]*\)(?:{ATTRIBUTES})?", re.DOTALL)
_FIGURE_START = re.compile(r"(?:\A|\n[ \t]*\n|^:{3,}[^\n]*\n)[ \t]*\Z", re.MULTILINE)
_FIGURE_END = re.compile(r"[ \t]*(?:\Z|\n[ \t]*(?:\Z|\n|:{3,}))")


class MarkdownSource(Struct, frozen=True):
    """Chapter's text, and its paragraphs with the place of every word that was found."""

    text: str
    paragraphs: tuple[Paragraph, ...]
    note_ranges: Mapping[str, tuple[int, int]]
    """Range of each note's definition by the atom of its call."""
    atom_texts: Mapping[str, str]
    """Source text of each atom."""
    div_ranges: Mapping[int, tuple[int, int]]
    """Range of each Div, with its fences, by its number in the text."""


def locate_words(text: str, paragraphs: Sequence[Paragraph]) -> MarkdownSource:
    """Find the words of the paragraphs in the text; front matter must be blanked, not cut."""
    definitions = find_note_definitions(text)
    words = {label: list(_open_captions(text, stream)) for label, stream in scan_words(text, definitions).items()}
    body = _assign_spans([p for p in paragraphs if not p.note], words.get("", []))
    labels = _find_note_labels(body, words.get("", []))
    notes = _locate_notes([p for p in paragraphs if p.note], labels, words)
    located = {p.bookmark: p for p in (*body, *notes)}
    ordered = tuple(located.get(p.bookmark, p) for p in paragraphs)
    note_ranges = {atom: definitions[label].span() for atom, label in labels.items() if label in definitions}
    return MarkdownSource(text, ordered, note_ranges, _atom_texts(text, ordered), find_divs(text))


def _open_captions(text: str, words: Sequence[SourceWord]) -> Iterator[SourceWord]:
    """Yield words, with the words of its caption for each picture that is a paragraph of its own."""
    for word in words:
        start, end = word.span
        figure = _FIGURE.fullmatch(text, start, end) if word.key == "image" else None
        if figure and _FIGURE_START.search(text[:start]) and _FIGURE_END.match(text, end):
            yield from scan_words(" " * figure.start("caption") + figure["caption"], {}).get("", [])
        else:
            yield word


def _find_note_labels(body: Sequence[Paragraph], words: Sequence[SourceWord]) -> dict[str, str]:
    """Return the label of each note by the atom of its call."""
    labels_by_span = {word.span: word.label for word in words if word.label}
    return {t.atom: labels_by_span[t.span] for p in body for t in p.tokens if t.span in labels_by_span}


def _locate_notes(
    paragraphs: Sequence[Paragraph], labels: Mapping[str, str], words: Mapping[str, Sequence[SourceWord]]
) -> Iterator[Paragraph]:
    for atom, label in labels.items():
        yield from _assign_spans([p for p in paragraphs if p.note == atom], words.get(label, []))


def _atom_texts(text: str, paragraphs: Sequence[Paragraph]) -> dict[str, str]:
    return {t.atom: text[slice(*t.span)] for p in paragraphs for t in p.tokens if t.atom and t.span}


def _assign_spans(paragraphs: Sequence[Paragraph], words: Sequence[SourceWord]) -> list[Paragraph]:
    tokens = [token for paragraph in paragraphs for token in paragraph.tokens]
    spans = find_spans([t.atom.partition("-")[0] or t.normalized for t in tokens], words)
    located = (token.with_span(span, token.atom) if span else token for token, span in zip(tokens, spans, strict=True))
    return [replace(p, tokens=tuple(next(located) for _ in p.tokens)) for p in paragraphs]
