"""Match the notes of a received file with those of the text, and label new ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count

from msgspec.structs import replace

from nioc_paper.review.docx.docx_text import DocxPassage
from nioc_paper.review.merge.alignment import AlignedPassage


def match_notes(base: Sequence[AlignedPassage], edited: Sequence[DocxPassage]) -> tuple[list[DocxPassage], list[str]]:
    """Return the received passages with notes named as in the source, and the names of new notes.

    A note is recognized by the bookmark in its text, or by the similarity of its words.
    """
    received = _group_by_note(edited)
    names = _match_by_bookmark(received, _notes_by_bookmark(base))
    words_by_note = {note: _words_of(passages) for note, passages in _group_by_note(a.passage for a in base).items()}
    names = _match_by_words(received, words_by_note, names)
    return [_with_note_names(passage, names) for passage in edited], [note for note in received if note not in names]


def _group_by_note(passages: Iterable[DocxPassage]) -> dict[str, list[DocxPassage]]:
    groups: dict[str, list[DocxPassage]] = {}
    for passage in passages:
        if passage.paragraph.note:
            groups.setdefault(passage.paragraph.note, []).append(passage)
    return groups


def _notes_by_bookmark(base: Sequence[AlignedPassage]) -> dict[str, str]:
    notes = (each.passage for each in base if each.passage.paragraph.note)
    return {bookmark: passage.paragraph.note for passage in notes for bookmark in passage.bookmarks}


def _words_of(passages: Iterable[DocxPassage]) -> tuple[str, ...]:
    return tuple(word for passage in passages for word in passage.paragraph.normalized_words)


def _match_by_bookmark(
    received: Mapping[str, Sequence[DocxPassage]], notes_by_bookmark: Mapping[str, str]
) -> dict[str, str]:
    """Name notes by their first known bookmark; the first note that has a name keeps it."""
    names: dict[str, str] = {}
    for note, passages in received.items():
        bookmarks = (b for passage in passages for b in passage.bookmarks)
        name = next((notes_by_bookmark[b] for b in bookmarks if b in notes_by_bookmark), "")
        if name and name not in names.values():
            names[note] = name
    return names


def _match_by_words(
    received: Mapping[str, Sequence[DocxPassage]], words_by_note: Mapping[str, Sequence[str]], names: Mapping[str, str]
) -> dict[str, str]:
    """Name the remaining notes, in order, after the most similar source note that is still free."""
    names = dict(names)
    for note, passages in received.items():
        if note not in names:
            words = _words_of(passages)
            overlaps = {n: _word_overlap(w, words) for n, w in words_by_note.items() if n not in names.values()}
            best = max(overlaps, key=overlaps.__getitem__, default="")
            if best and overlaps[best] > 0.5:
                names[note] = best
    return names


def _word_overlap(one: Iterable[str], other: Iterable[str]) -> float:
    """Return the share of words that two texts have in common, from 0 to 1."""
    here, there = set(one), set(other)
    return len(here & there) / max(len(here | there), 1)


def _with_note_names(passage: DocxPassage, names: dict[str, str]) -> DocxPassage:
    paragraph = passage.paragraph
    if paragraph.note not in names and not any(token.atom in names for token in paragraph.tokens):
        return passage
    tokens = tuple(
        t._replace(text=f"\1{names[t.atom]}", atom=names[t.atom]) if t.atom in names else t for t in paragraph.tokens
    )
    return replace(passage, paragraph=replace(paragraph, note=names.get(paragraph.note, paragraph.note), tokens=tokens))


def new_note_labels(text: str) -> Iterator[str]:
    """Yield labels for new notes that the text does not have."""
    return (f"n{n}" for n in count(1) if f"[^n{n}]" not in text)
