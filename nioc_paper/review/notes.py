"""Which note of a file that came back is which note of the text, and what new ones are called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count

from nioc_paper.review.anchor import Anchored
from nioc_paper.review.reading import Passage


def named(sent: Sequence[Anchored], got: Sequence[Passage]) -> tuple[list[Passage], list[str]]:
    """What was received with its notes called as in the source, and the notes that are new.

    A note is known by the mark in its text; else by the likeness of its words.
    """
    marks = {m: each.passage.leaf.note for each in sent if each.passage.leaf.note for m in each.passage.marks}
    words: dict[str, tuple[str, ...]] = {}
    for each in sent:
        if note := each.passage.leaf.note:
            words[note] = (*words.get(note, ()), *each.passage.leaf.keys)
    received: dict[str, list[Passage]] = {}
    for passage in got:
        if passage.leaf.note:
            received.setdefault(passage.leaf.note, []).append(passage)
    names: dict[str, str] = {}
    for note, passages in received.items():
        known = next((marks[m] for p in passages for m in p.marks if m in marks), "")
        if known and known not in names.values():
            names[note] = known
    for note, passages in received.items():
        if note not in names:
            keys = tuple(k for p in passages for k in p.leaf.keys)
            left = {n: w for n, w in words.items() if n not in names.values()}
            best = max(left, key=lambda n: _shared(left[n], keys), default="")
            if best and _shared(left[best], keys) > 0.5:
                names[note] = best
    fresh = [note for note in received if note not in names]
    return [_called(passage, names) for passage in got], fresh


def _shared(one: Iterable[str], other: Iterable[str]) -> float:
    """The share of words that two texts have in common, from 0 to 1."""
    here, there = set(one), set(other)
    return len(here & there) / max(len(here | there), 1)


def _called(passage: Passage, names: dict[str, str]) -> Passage:
    leaf = passage.leaf
    tokens = tuple(
        replace(t, text=f"\1{names[t.atom]}", atom=names[t.atom]) if t.atom in names else t for t in leaf.tokens
    )
    return replace(passage, leaf=replace(leaf, note=names.get(leaf.note, leaf.note), tokens=tokens))


def labels(text: str) -> Iterator[str]:
    """Labels for new notes that the text does not have."""
    return (f"n{n}" for n in count(1) if f"[^n{n}]" not in text)
