"""Passages of a received file as they were sent, in place of changes that are not merged."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence

from nioc_paper.review.docx.docx_text import DocxPassage
from nioc_paper.review.merge.alignment import AlignedPassage
from nioc_paper.review.merge.pairing import Pair


def revert_pairs(
    reverted: Collection[Pair], pairs: Sequence[Pair], base: Sequence[AlignedPassage], edited: Sequence[DocxPassage]
) -> list[DocxPassage]:
    """Return the received passages with those of some pairs as they were sent."""
    restored = {i: find_place(i, pairs) for pair in reverted for i in pair.base}
    return restore_passages(restored, [j for pair in reverted for j in pair.edited], pairs, base, edited)


def restore_passages(
    restored: Mapping[int, int],
    dropped: Collection[int],
    pairs: Sequence[Pair],
    base: Sequence[AlignedPassage],
    edited: Sequence[DocxPassage],
) -> list[DocxPassage]:
    """Return the received passages without the dropped ones, with sent ones, and the notes of these.

    `restored` has the received passage after which each of them goes.
    """
    gone = {i for pair in pairs if not pair.edited for i in pair.base}
    by_place: dict[int, list[int]] = {}
    for i, place in sorted(restored.items()):
        called = {token.atom for token in base[i].passage.paragraph.tokens if token.atom}
        notes = (n for n in gone if base[n].passage.paragraph.note in called and n not in restored)
        by_place.setdefault(place, []).extend((i, *sorted(notes)))
    out = [base[i].passage for i in by_place.get(-1, ())]
    for j, passage in enumerate(edited):
        out += [passage] if j not in dropped else []
        out += [base[i].passage for i in by_place.get(j, ())]
    return out


def find_place(index: int, pairs: Sequence[Pair]) -> int:
    """Return the received passage that has the place of a sent one, or after which that was; -1 for the beginning."""
    anchors = sorted((max(p.base), p.edited) for p in pairs if p.base and p.edited and not p.moved)
    own = next((edited[0] for p in pairs if not p.moved and index in p.base for edited in [p.edited] if edited), None)
    before = bisect_left(anchors, (index, ()))
    return own if own is not None else max(anchors[before - 1][1]) if before else -1
