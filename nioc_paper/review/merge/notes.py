"""Which note of a file that came back is which note of the text, and what new ones are called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count

from nioc_paper.review.docx.docx_text import DocxPassage
from nioc_paper.review.merge.alignment import AlignedPassage


def match_notes(base: Sequence[AlignedPassage], edited: Sequence[DocxPassage]) -> tuple[list[DocxPassage], list[str]]:
    """What was received with its notes called as in the source, and the notes that are new.

    A note is known by the mark in its text; else by the likeness of its words.
    """
    notes_by_bookmark = {
        bookmark: each.passage.paragraph.note
        for each in base
        if each.passage.paragraph.note
        for bookmark in each.passage.bookmarks
    }
    words_by_note: dict[str, tuple[str, ...]] = {}
    for each in base:
        if note := each.passage.paragraph.note:
            words_by_note[note] = (*words_by_note.get(note, ()), *each.passage.paragraph.normalized_words)
    passages_by_note: dict[str, list[DocxPassage]] = {}
    for passage in edited:
        if passage.paragraph.note:
            passages_by_note.setdefault(passage.paragraph.note, []).append(passage)
    names: dict[str, str] = {}
    for note, passages in passages_by_note.items():
        note_name = next((notes_by_bookmark[m] for p in passages for m in p.bookmarks if m in notes_by_bookmark), "")
        if note_name and note_name not in names.values():
            names[note] = note_name
    for note, passages in passages_by_note.items():
        if note not in names:
            note_words = tuple(k for p in passages for k in p.paragraph.normalized_words)
            unmatched = {n: w for n, w in words_by_note.items() if n not in names.values()}
            best = max(unmatched, key=lambda n: _word_overlap(unmatched[n], note_words), default="")
            if best and _word_overlap(unmatched[best], note_words) > 0.5:
                names[note] = best
    new_notes = [note for note in passages_by_note if note not in names]
    return [_with_note_names(passage, names) for passage in edited], new_notes


def _word_overlap(one: Iterable[str], other: Iterable[str]) -> float:
    """The share of words that two texts have in common, from 0 to 1."""
    here, there = set(one), set(other)
    return len(here & there) / max(len(here | there), 1)


def _with_note_names(passage: DocxPassage, names: dict[str, str]) -> DocxPassage:
    paragraph = passage.paragraph
    tokens = tuple(
        replace(t, text=f"\1{names[t.atom]}", atom=names[t.atom]) if t.atom in names else t for t in paragraph.tokens
    )
    return replace(passage, paragraph=replace(paragraph, note=names.get(paragraph.note, paragraph.note), tokens=tokens))


def new_note_labels(text: str) -> Iterator[str]:
    """Labels for new notes that the text does not have."""
    return (f"n{n}" for n in count(1) if f"[^n{n}]" not in text)
