"""Match the notes of a received file with those of the text, and label new ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count

from msgspec.structs import replace

from nioc_paper.review.docx.docx_text import DocxPassage
from nioc_paper.review.merge.alignment import AlignedPassage


def match_notes(base: Sequence[AlignedPassage], edited: Sequence[DocxPassage]) -> tuple[list[DocxPassage], list[str]]:
    """Return the received passages with notes named as in the source, and the names of new notes.

    A note is recognized by the bookmark in its text, or by the similarity of its words.
    """
    received, sent = _group_by_note(edited), _group_by_note(each.passage for each in base)
    bookmarks = {bookmark: note for note, passages in sent.items() for p in passages for bookmark in p.bookmarks}
    names: dict[str, str] = {}
    for note, passages in received.items():
        name = next((bookmarks[b] for p in passages for b in p.bookmarks if b in bookmarks), "")
        if name and name not in names.values():  # the first note that has a name keeps it
            names[note] = name
    for note in (note for note in received if note not in names):
        overlaps = {n: _word_overlap(sent[n], received[note]) for n in sent if n not in names.values()}
        best = max(overlaps, key=overlaps.__getitem__, default="")
        if best and overlaps[best] > 0.5:
            names[note] = best
    return [_with_note_names(passage, names) for passage in edited], [note for note in received if note not in names]


def _group_by_note(passages: Iterable[DocxPassage]) -> dict[str, list[DocxPassage]]:
    groups: dict[str, list[DocxPassage]] = {}
    for passage in passages:
        if passage.paragraph.note:
            groups.setdefault(passage.paragraph.note, []).append(passage)
    return groups


def _word_overlap(*notes: Sequence[DocxPassage]) -> float:
    """Return the share of words that two notes have in common, from 0 to 1."""
    here, there = ({word for passage in note for word in passage.paragraph.normalized_words} for note in notes)
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
