"""A chapter with what came back in Word put into its Markdown: proven word by word, or not done and said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import pairwise

from nioc_paper.model import Node
from nioc_paper.review.anchor import Anchored, anchored
from nioc_paper.review.compare import Conflict
from nioc_paper.review.compose import compose
from nioc_paper.review.edits import Edit, apply
from nioc_paper.review.known import Entry, entry
from nioc_paper.review.marks import mark
from nioc_paper.review.reading import Passage, Reading
from nioc_paper.review.source import place
from nioc_paper.review.work import Composed

KINDS = ("text", "caption", "note")
"""Captions and notes stand elsewhere in Word than in Markdown: each kind is compared in its own order."""
_ROUNDS = 8
_UNPROVEN = "the change would not read as it does in Word"
Parse = Callable[[str], Sequence[Node]]
"""Markdown to pandoc's tree."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of a chapter."""

    edits: tuple[Edit, ...]
    """Changes of the text as it was sent, each proven."""
    conflicts: tuple[Conflict, ...]
    """Changes that were not made."""

    def text(self, source: str, authors: Iterable[str] | None = None) -> str:
        """The text with the changes made, those of some authors alone when they are named."""
        wanted = None if authors is None else set(authors)
        return apply(source, [e for e in self.edits if wanted is None or e.author in wanted])


def merge(text: str, sent: Reading, got: Reading, parse: Parse) -> Merged:
    """The changes of a chapter's text, front matter blanked, that make it read what came back.

    `sent` is the file as it went out, `got` as it came back. The new text is parsed again and compared with what was
    received; a change that does not read as it should is taken back, reported, and the rest tried again.
    """
    marked = mark(parse(text))
    source = place(text, marked.leaves)
    known = anchored(sent, source)
    conflicts: dict[Conflict, None] = {}
    for _ in range(_ROUNDS):
        composed = compose(known, got, source, marked)
        conflicts |= dict.fromkeys(composed.conflicts)
        failed = _failed(composed, text, parse)
        if not failed:
            return Merged(tuple(composed.edits), tuple(conflicts))
        conflicts |= dict.fromkeys(_unproven(composed, failed, known, got))
        got = replace(got, passages=_reverted(composed, failed, known, got.passages))
    return Merged((), tuple(conflicts | dict.fromkeys(_unproven(composed, set(composed.pairs), known, got))))


def _failed(composed: Composed, text: str, parse: Parse) -> set[int]:
    """The units whose changes do not make the text read what it must; all, where that cannot be told apart."""
    changed = {e.unit for e in composed.edits}
    if not changed:
        return set()
    try:
        reading = _readings(apply(text, composed.edits), parse)
    except ValueError:
        return _overlapping(composed.edits)
    failed: set[int] = set()
    for kind in KINDS:
        wanted = [read for read in composed.reads if read.kind == kind]
        there = reading.get(kind, [])
        ops = SequenceMatcher(None, [read.entries for read in wanted], there, autojunk=False).get_opcodes()
        for what, i1, i2, *_ in ops:
            if what != "equal":
                # Of those that stand side by side the ones to blame are not there at all.
                near = [read for read in wanted[i1:i2] if read.entries not in there]
                near = near or wanted[i1:i2] or wanted[max(i1 - 1, 0) : i1 + 1]
                failed |= {read.unit for read in near} or changed
    # A change shows where it is read, and that can be the passage beside it.
    return failed if failed & changed or not failed else changed


def _readings(text: str, parse: Parse) -> dict[str, list[tuple[Entry, ...]]]:
    """What each leaf of a text reads, by kind, in the order of the text."""
    marked = mark(parse(text))
    found: dict[str, list[tuple[Entry, ...]]] = {}
    for leaf in marked.leaves:
        if leaf.tokens:
            kind = "note" if leaf.note else "caption" if leaf.kind == "caption" else "text"
            found.setdefault(kind, []).append(tuple(entry(t, t.marks, marked.values) for t in leaf.tokens))
    return found


def _overlapping(edits: Iterable[Edit]) -> set[int]:
    """The units of changes that are about the same characters."""
    found: set[int] = set()
    ordered = sorted(edits, key=lambda e: (e.start, e.end))
    for before, after in pairwise(ordered):
        if after.start < before.end:
            found |= {before.unit, after.unit}
    return found


def _unproven(composed: Composed, failed: set[int], sent: Sequence[Anchored], got: Reading) -> Iterator[Conflict]:
    for unit in sorted(failed & {e.unit for e in composed.edits}):
        pair = composed.pairs[unit]
        before = " ¶ ".join(sent[i].passage.leaf.text for i in pair.sent)
        after = " ¶ ".join(got.passages[j].leaf.text for j in pair.got)
        first = min((e for e in composed.edits if e.unit == unit), key=lambda e: e.start)
        yield Conflict(first.start, before, after, _UNPROVEN, first.author)


def _reverted(composed: Composed, failed: set[int], sent: Sequence[Anchored], got: Sequence[Passage]) -> list[Passage]:
    """What was received, but with some passages as they were sent."""
    back: dict[int, list[Passage]] = {}
    lost: list[int] = []
    for unit in failed:
        if pair := composed.pairs.get(unit):
            back |= {j: [] for j in pair.got}
            if pair.got and pair.sent:
                back[pair.got[0]] = [sent[i].passage for i in pair.sent]
            elif pair.sent:
                lost += pair.sent
    out = [passage for j, old in enumerate(got) for passage in back.get(j, [old])]
    for i in sorted(lost):
        # Behind the passage that stood before it and is still there.
        before = {mark for each in sent[:i] for mark in each.passage.marks}
        at = max((n for n, passage in enumerate(out) if before & set(passage.marks)), default=-1)
        out.insert(at + 1, sent[i].passage)
    return out
