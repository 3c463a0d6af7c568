"""The changes of a chapter in the making: what is compared, what is known of it, and what was found so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count

from nioc_paper.review.anchor import Anchored, atoms
from nioc_paper.review.compare import Conflict
from nioc_paper.review.edits import Edit
from nioc_paper.review.known import Entry, Known, entries, found
from nioc_paper.review.leaf import Leaf, Token
from nioc_paper.review.marks import Marked
from nioc_paper.review.notes import labels, named
from nioc_paper.review.pair import Pair, pairs
from nioc_paper.review.places import Places
from nioc_paper.review.reading import Passage, Reading
from nioc_paper.review.source import Source


@dataclass(frozen=True, slots=True)
class Reads:
    """What a paragraph of the new text must read."""

    unit: int
    kind: str
    """text, caption or note: each is compared in its own order."""
    entries: tuple[Entry, ...]


@dataclass(slots=True)
class Composed:
    """All changes of a chapter."""

    edits: list[Edit] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    reads: list[Reads] = field(default_factory=list)
    pairs: dict[int, Pair] = field(default_factory=dict)
    """The passages of each unit."""


class Work:
    """What the parts of a comparison share."""

    def __init__(self, sent: Sequence[Anchored], reading: Reading, source: Source, marked: Marked) -> None:
        self.sent = sent
        self.source = source
        self.text = source.text
        self.places = Places(source, marked.boxes)
        self.columns = reading.rows
        self.shifts_notes = reading.shifts_notes
        self.got, fresh = named(sent, reading.passages)
        self.labels = dict(zip(fresh, labels(source.text), strict=False))
        self.pairs = pairs(sent, self.got)
        self.known = Known(
            source,
            {**source.atoms, **{atom: f"[^{label}]" for atom, label in self.labels.items()}},
            marked.values,
            {name: keys for name, keys in atoms(sent).items() if name.startswith(("cite", "xref"))},
        )
        self.gone = {p.sent[0] for p in self.pairs if not p.got}
        self.numbers = count(1)
        self.pair = Pair()
        self.last: int | None = None
        """The passage that was sent after which what is new belongs."""
        self.cuts: set[tuple[int, int]] = set()
        self.out = Composed()

    def unit(self) -> int:
        """A number for changes of the passages in hand: they stand or fall together."""
        number = next(self.numbers)
        self.out.pairs[number] = self.pair
        return number

    def recognized(self, run: Sequence[Token]) -> list[Token]:
        """New words, with the citations and references of the paper in them known."""
        return found(run, self.known)

    def must_read(self, unit: int, kind: str, run: Sequence[Token]) -> None:
        """Note what a paragraph of the new text must read."""
        self.out.reads.append(Reads(unit, kind, entries(run, self.known)))

    def edit(self, start: int, end: int, text: str, unit: int, author: str) -> None:
        """Note a change."""
        self.out.edits.append(Edit(start, end, text, unit, author))

    def take_out(self, start: int, end: int, unit: int, author: str) -> None:
        """Note that lines go."""
        self.out.edits += self.cut(start, end, unit, author)

    def refuse(self, at: int, sent: str, got: str, reason: str, author: str) -> None:
        """Note a change that is not made."""
        self.out.conflicts.append(Conflict(at, sent, got, reason, author))

    def near(self) -> int:
        """About where the passages in hand are, in the source."""
        leaf = self.sent[self.last].leaf if self.last is not None else None
        return self.places.lines(leaf)[0] if leaf else 0

    def previous(self) -> Leaf | None:
        """The leaf after which what is new belongs."""
        return self.sent[self.last].leaf if self.last is not None else None

    def neighbour(self, i: int, step: int) -> int | None:
        """The next passage that was sent, in the direction of `step`, that the source has."""
        i += step
        while 0 <= i < len(self.sent):
            if self.sent[i].leaf is not None:
                return i
            i += step
        return None

    def all_gone(self, of: Callable[[Leaf], bool]) -> bool:
        """Whether every leaf of some kind is gone."""
        return all(i in self.gone for i, each in enumerate(self.sent) if each.leaf is not None and of(each.leaf))

    def cut(self, start: int, end: int, unit: int, author: str) -> list[Edit]:
        """Lines taken out, once."""
        if (start, end) in self.cuts:
            return []
        self.cuts.add((start, end))
        return [Edit(*self.places.cut(start, end), "", unit, author)]


def author_of(passage: Passage) -> str:
    """Who changed something in a passage, where the file tells."""
    return passage.author or next((t.author for t in passage.leaf.tokens if t.author), "")
