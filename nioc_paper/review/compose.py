"""From pairs of passages to the changes of a whole chapter: passages changed, new, gone and moved."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, count

from nioc_paper.review.anchor import Anchored, atoms
from nioc_paper.review.changes import Changes, Conflict, Entry, Known, changes, entries, found
from nioc_paper.review.edits import Edit, apply
from nioc_paper.review.leaf import Cell, Leaf
from nioc_paper.review.markdown import block, inlines
from nioc_paper.review.marks import Marked
from nioc_paper.review.notes import labels, named
from nioc_paper.review.pair import Pair, pairs
from nioc_paper.review.places import Places
from nioc_paper.review.source import Source
from nioc_paper.review.word import Passage, Reading

_MADE = "this is made by the tool, from the front matter or a register"
_BODY = re.compile(r"^(body text|first paragraph|normal|standard|compact|default.*|)$", re.IGNORECASE)
"""Paragraph styles of running text: what has another belongs to the box that it stands in."""


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


def compose(sent: Sequence[Anchored], reading: Reading, source: Source, marked: Marked) -> Composed:
    """The changes that make the source read what was received."""
    return _Composer(sent, reading, source, marked).run()


class _Composer:
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
        self.taken = {j for p in self.pairs if p.sent for j in p.got}
        self.numbers = count(1)
        self.pair = Pair()
        self.note_units: dict[str, int] = {}
        self.last: int | None = None
        """The passage that was sent after which what is new belongs."""
        self.cuts: set[tuple[int, int]] = set()
        self.rows: set[tuple[int, int]] = set()
        self.out = Composed()

    def run(self) -> Composed:
        for pair in self.pairs:
            self.pair = pair
            if pair.sent and pair.got:
                self.changed(pair, [self.sent[i] for i in pair.sent], [self.got[j] for j in pair.got])
            elif pair.got:
                self.new(self.got[pair.got[0]])
            else:
                self.removed(pair.sent[0])
        self.notes_gone()
        return self.out

    def unit(self) -> int:
        """A number for changes of the passages in hand: they stand or fall together."""
        number = next(self.numbers)
        self.out.pairs[number] = self.pair
        return number

    # --- changed ---

    def changed(self, pair: Pair, sent: Sequence[Anchored], got: Sequence[Passage]) -> None:
        if sent[0].made:
            self.made(sent[0], " ".join(p.leaf.text for p in got), got[0])
            return
        unit = self.unit()
        compared = self.shifted(sent, got) or changes(sent, got, self.known, unit)
        edits = [*compared.edits, *self.kind(sent[0], got[0], unit)]
        leaf = sent[-1].leaf
        assert leaf is not None
        if pair.moved:
            edits = self.moved(leaf, edits, unit, got[0])
        elif not leaf.note:
            self.last = pair.sent[-1]
        self.out.edits += edits
        self.out.conflicts += compared.conflicts
        self.must_read(unit, sent[0], compared)
        at = self.places.apart(leaf)
        self.out.edits += (Edit(at, at, text, unit) for text in self.notes_of(got, unit))

    def shifted(self, sent: Sequence[Anchored], got: Sequence[Passage]) -> Changes | None:
        """Tracked changes in a note that may stand beside where they were made: said, and not put in."""
        words, leaf = " ¶ ".join(p.leaf.text for p in got), sent[0].leaf
        if not (self.shifts_notes and leaf and leaf.note and any(map(_author, got))):
            return None
        reason = "LibreOffice may have shifted a tracked change in a note by some letters"
        conflict = Conflict(self.places.lines(leaf)[0], sent[0].passage.leaf.text, words, reason, _author(got[0]))
        return Changes(conflicts=[conflict])

    def must_read(self, unit: int, sent: Anchored, compared: Changes) -> None:
        leaf = sent.leaf
        assert leaf is not None
        kind = "note" if leaf.note else "caption" if leaf.kind == "caption" else "text"
        # What was not changed reads what it read, whatever of it could be found in Word.
        reads = compared.reads if compared.edits else [entries(leaf.tokens, self.known)]
        self.out.reads += [Reads(unit, kind, tuple(read)) for read in reads if read]

    def made(self, sent: Anchored, words: str, got: Passage | None) -> None:
        """Something that the tool makes was changed: a title, a summary, a list."""
        before = sent.passage.leaf.text
        if before.split() != words.split():
            author = _author(got) if got else sent.passage.author
            self.out.conflicts.append(Conflict(self.near(), before, words, _MADE, author))

    def near(self) -> int:
        leaf = self.sent[self.last].leaf if self.last is not None else None
        return self.places.lines(leaf)[0] if leaf else 0

    def kind(self, sent: Anchored, got: Passage, unit: int) -> Iterator[Edit]:
        """A heading of another level, a paragraph that became a heading or an item, a heading that became text."""
        before, after, leaf = sent.passage.leaf, got.leaf, sent.leaf
        if leaf is None or (before.kind, before.level) == (after.kind, after.level):
            return
        start, _ = self.places.lines(leaf)
        marks = re.match(r"#+[ \t]+", self.text[start:])
        author = _author(got)
        if marks and after.kind == "heading":
            yield Edit(start, start + marks[0].count("#"), "#" * max(after.level, 2), unit, author)
        elif marks and after.kind == "para":
            yield Edit(start, start + len(marks[0]), "", unit, author)
        elif leaf.kind == "para" and before.kind == "para" and after.kind in ("heading", "item"):
            yield Edit(start, start, block(after, "", self.places.marker(None, after)), unit, author)

    def moved(self, leaf: Leaf, edits: list[Edit], unit: int, got: Passage) -> list[Edit]:
        """A passage that stands elsewhere: taken out with its changes, and put in there."""
        start, end = self.places.lines(leaf)
        if leaf.cell is not None or leaf.note or self.places.box(leaf) or leaf.kind == "caption":
            reason = "a part of a table, a note or a box was moved"
            self.out.conflicts.append(Conflict(start, leaf.text, leaf.text, reason, _author(got)))
            return edits
        inner = [replace(e, start=e.start - start, end=e.end - start) for e in edits]
        at, before, after = self.places.gap(self.previous(), leaf)
        passage = before + apply(self.text[start:end], inner) + after
        return [*self.cut(start, end, unit, _author(got)), Edit(at, at, passage, unit, _author(got))]

    def previous(self) -> Leaf | None:
        return self.sent[self.last].leaf if self.last is not None else None

    # --- new ---

    def new(self, passage: Passage) -> None:
        leaf = passage.leaf
        if not leaf.tokens:
            return
        if leaf.note:
            self.new_note(passage)
        elif leaf.cell is not None:
            self.new_cell(passage, leaf.cell)
        else:
            unit = self.unit()
            tokens = found(leaf.tokens, self.known)
            text = inlines(tokens, self.known.texts, lines=leaf.kind == "para")
            previous = self.previous()
            inside = self.inside(previous, passage)
            at, before, after = self.places.gap(previous, leaf, inside=inside)
            written = before + block(leaf, text, self.places.marker(previous, leaf))
            notes = "".join(self.notes_of([passage], unit))
            self.out.edits.append(Edit(at, at, written + notes + after, unit, _author(passage)))
            self.out.reads.append(Reads(unit, "text", entries(tokens, self.known)))

    def inside(self, previous: Leaf | None, passage: Passage) -> bool:
        """Whether a new passage belongs to the box that the one before it is in: by its style, or by what follows."""
        box = self.places.box(previous) if previous is not None else 0
        if not box or self.last is None:
            return False
        following = self.neighbour(self.last, 1)
        leaf = self.sent[following].leaf if following is not None else None
        return not _BODY.match(passage.style) or (leaf is not None and self.places.box(leaf) == box)

    def new_note(self, passage: Passage) -> None:
        """A note's text was written with its call; a further paragraph of an old note has no place of its own."""
        leaf = passage.leaf
        if leaf.note in self.note_units:
            read = entries(found(leaf.tokens, self.known), self.known)
            self.out.reads.append(Reads(self.note_units[leaf.note], "note", read))
        else:
            reason = "a paragraph was added to a note"
            self.out.conflicts.append(Conflict(self.near(), "", leaf.text, reason, _author(passage)))

    def notes_of(self, got: Sequence[Passage], unit: int) -> Iterator[str]:
        """The texts of the new notes that passages call, as definitions behind the paragraph."""
        called = dict.fromkeys(t.atom for p in got for t in p.leaf.tokens if t.atom in self.labels)
        for atom in called:
            self.note_units[atom] = unit
            paragraphs = [p.leaf for p in self.got if p.leaf.note == atom and p.leaf.tokens]
            texts = [inlines(found(leaf.tokens, self.known), self.known.texts) for leaf in paragraphs]
            yield f"\n\n[^{self.labels[atom]}]: " + "\n\n    ".join(texts)

    def new_cell(self, passage: Passage, cell: Cell) -> None:
        row = [j for j, p in enumerate(self.got) if p.leaf.cell and _row(p.leaf.cell) == _row(cell)]
        known = next((self.sent[i].leaf for p in self.pairs for i in p.sent if set(p.got) & set(row)), None)
        previous = self.previous()
        if known is not None and (bounds := self.places.cell(known, cell.column)) and self.columns_kept(cell, known):
            self.write_cell(passage, bounds)
        elif known is None and previous is not None and previous.cell is not None and self.columns_kept(cell, previous):
            if _row(cell) not in self.rows:
                self.rows.add(_row(cell))
                self.new_row([self.got[j] for j in row], previous)
        else:
            reason = "a column or a table is new"
            self.out.conflicts.append(Conflict(self.near(), "", passage.leaf.text, reason, _author(passage)))

    def columns_kept(self, cell: Cell, leaf: Leaf) -> bool:
        """Whether a row has as many cells as the table that a leaf is in."""
        line = self.places.row(leaf)
        count_ = next(n for n in chain(range(self.columns[_row(cell)] + 2)) if self.places.cell(leaf, n) is None)
        return bool(line) and count_ == self.columns[_row(cell)]

    def write_cell(self, passage: Passage, bounds: tuple[int, int]) -> None:
        unit, tokens = self.unit(), found(passage.leaf.tokens, self.known)
        if self.text[slice(*bounds)].strip():
            reason = "a cell was filled anew"
            self.out.conflicts.append(Conflict(bounds[0], "", passage.leaf.text, reason, _author(passage)))
            return
        text = inlines(tokens, self.known.texts)
        self.out.edits.append(Edit(*bounds, f" {text} ", unit, _author(passage)))
        self.out.reads.append(Reads(unit, "text", entries(tokens, self.known)))

    def new_row(self, cells: Sequence[Passage], previous: Leaf) -> None:
        unit, at = self.unit(), self.places.lines(previous)[1]
        texts = dict.fromkeys(range(self.columns[_row(cells[0].leaf.cell)]), "")  # type: ignore[arg-type]
        for passage in cells:
            assert passage.leaf.cell is not None
            tokens = found(passage.leaf.tokens, self.known)
            column = passage.leaf.cell.column
            texts[column] = " ".join(filter(None, (texts[column], inlines(tokens, self.known.texts))))
            self.out.reads.append(Reads(unit, "text", entries(tokens, self.known)))
        line = " | ".join(texts.values())
        bars = self.places.row(previous).lstrip().startswith("|")
        self.out.edits.append(Edit(at, at, f"\n| {line} |" if bars else f"\n{line}", unit, _author(cells[0])))

    # --- gone ---

    def removed(self, i: int) -> None:
        sent, leaf = self.sent[i], self.sent[i].leaf
        if leaf is None:
            around = [n for n in (self.neighbour(i, -1), self.neighbour(i, 1)) if n is not None]
            if not any(n in self.gone for n in around):
                self.made(sent, "", None)
        elif leaf.note:
            if self.called(leaf.note):
                self.out.edits += self.cut(*self.places.lines(leaf), self.unit(), sent.passage.author)
        elif (box := self.places.box(leaf)) and self.all_gone(lambda other: box in other.boxes):
            self.out.edits += self.cut(*self.source.boxes[box], self.unit(), sent.passage.author)
        elif leaf.cell is not None:
            self.removed_cell(sent, leaf, leaf.cell)
        elif leaf.kind == "code" or not any(t.span for t in leaf.tokens):
            reason = "code was taken out"
            self.out.conflicts.append(Conflict(self.near(), leaf.text, "", reason, sent.passage.author))
        else:
            self.out.edits += self.cut(*self.places.lines(leaf), self.unit(), sent.passage.author)

    def removed_cell(self, sent: Anchored, leaf: Leaf, cell: Cell) -> None:
        author = sent.passage.author
        if self.all_gone(lambda other: other.cell is not None and other.cell.table == cell.table):
            first = next(each for each in self.source.leaves if each.cell and each.cell.table == cell.table)
            start, end = self.places.lines(first)[0], self.places.tables[cell.table]
            self.out.edits += self.cut(start, end, self.unit(), author)
        elif self.all_gone(lambda other: other.cell is not None and _row(other.cell) == _row(cell)):
            start, end = self.places.lines(leaf)
            if (start, end) not in self.cuts:
                self.cuts.add((start, end))
                self.out.edits.append(Edit(start - 1, end, "", self.unit(), author))
        else:
            reason = "a cell or a column was taken out"
            self.out.conflicts.append(Conflict(self.places.lines(leaf)[0], leaf.text, "", reason, author))
            self.out.reads.append(Reads(self.unit(), "text", entries(leaf.tokens, self.known)))

    def all_gone(self, of: object) -> bool:
        """Whether every leaf of some kind is gone."""
        assert callable(of)
        return all(i in self.gone for i, each in enumerate(self.sent) if each.leaf is not None and of(each.leaf))

    def neighbour(self, i: int, step: int) -> int | None:
        i += step
        while 0 <= i < len(self.sent):
            if self.sent[i].leaf is not None:
                return i
            i += step
        return None

    def called(self, note: str) -> bool:
        return any(t.atom == note for p in self.got for t in p.leaf.tokens)

    def notes_gone(self) -> None:
        """The texts of notes that nothing calls any more go with the call."""
        for atom, (start, end) in self.source.notes.items():
            call = next((t.span for leaf in self.source.leaves for t in leaf.tokens if t.atom == atom), None)
            others = self.text.count(self.source.atoms[atom]) - self.text[start:end].count(self.source.atoms[atom])
            if call is None or self.called(atom) or others > 1:
                continue
            unit = next((e.unit for e in self.out.edits if e.start <= call[0] and call[1] <= e.end), self.unit())
            self.out.edits += self.cut(start, len(self.text[:end].rstrip("\n")), unit, "")

    def cut(self, start: int, end: int, unit: int, author: str) -> list[Edit]:
        """Lines taken out, once."""
        if (start, end) in self.cuts:
            return []
        self.cuts.add((start, end))
        return [Edit(*self.places.cut(start, end), "", unit, author)]


def _row(cell: Cell) -> tuple[int, int]:
    return cell.table, cell.row


def _author(passage: Passage) -> str:
    return passage.author or next((t.author for t in passage.leaf.tokens if t.author), "")
