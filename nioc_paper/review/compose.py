"""From pairs of passages to the changes of a whole chapter: passages changed, new, gone and moved."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from nioc_paper.review.anchor import Anchored
from nioc_paper.review.cells import Cells
from nioc_paper.review.compare import Compared, Conflict, compared
from nioc_paper.review.edits import Edit, apply
from nioc_paper.review.known import entries
from nioc_paper.review.leaf import Leaf
from nioc_paper.review.markdown import block, inlines
from nioc_paper.review.marks import Marked
from nioc_paper.review.pair import Pair
from nioc_paper.review.reading import Passage, Reading
from nioc_paper.review.source import Source
from nioc_paper.review.work import Composed, Reads, Work, author_of

_MADE = "this is made by the tool, from the front matter or a register"
_BODY = re.compile(r"^(body text|first paragraph|normal|standard|compact|default.*|)$", re.IGNORECASE)
"""Paragraph styles of running text: what has another belongs to the box that it stands in."""


def compose(sent: Sequence[Anchored], reading: Reading, source: Source, marked: Marked) -> Composed:
    """The changes that make the source read what was received."""
    return _Composer(Work(sent, reading, source, marked)).run()


class _Composer:
    def __init__(self, work: Work) -> None:
        self.work = work
        self.cells = Cells(work)
        self.note_units: dict[str, int] = {}
        """By the name of a new note the unit of the passage that calls it."""

    def run(self) -> Composed:
        for pair in self.work.pairs:
            self.work.pair = pair
            if pair.sent and pair.got:
                self.changed(pair, [self.work.sent[i] for i in pair.sent], [self.work.got[j] for j in pair.got])
            elif pair.got:
                self.new(self.work.got[pair.got[0]])
            else:
                self.removed(pair.sent[0])
        self.notes_gone()
        return self.work.out

    # --- changed ---

    def changed(self, pair: Pair, sent: Sequence[Anchored], got: Sequence[Passage]) -> None:
        if sent[0].made:
            self.made(sent[0], " ".join(p.leaf.text for p in got), got[0])
            return
        unit = self.work.unit()
        result = self.shifted(sent, got) or compared(sent, got, self.work.known, unit)
        edits = [*result.edits, *self.kind(sent[0], got[0], unit)]
        leaf = sent[-1].leaf
        assert leaf is not None
        if pair.moved:
            edits = self.moved(leaf, edits, unit, got[0])
        elif not leaf.note:
            self.work.last = pair.sent[-1]
        self.work.out.edits += edits
        self.work.out.conflicts += result.conflicts
        self.must_read(unit, sent[0], result)
        at = self.work.places.apart(leaf)
        self.work.out.edits += (Edit(at, at, text, unit) for text in self.notes_of(got, unit))

    def shifted(self, sent: Sequence[Anchored], got: Sequence[Passage]) -> Compared | None:
        """Tracked changes in a note that may stand beside where they were made: said, and not put in."""
        words, leaf = " ¶ ".join(p.leaf.text for p in got), sent[0].leaf
        if not (self.work.shifts_notes and leaf and leaf.note and any(map(author_of, got))):
            return None
        reason = "LibreOffice may have shifted a tracked change in a note by some letters"
        conflict = Conflict(
            self.work.places.lines(leaf)[0], sent[0].passage.leaf.text, words, reason, author_of(got[0])
        )
        return Compared(conflicts=[conflict])

    def must_read(self, unit: int, sent: Anchored, result: Compared) -> None:
        leaf = sent.leaf
        assert leaf is not None
        kind = "note" if leaf.note else "caption" if leaf.kind == "caption" else "text"
        # What was not changed reads what it read, whatever of it could be found in Word.
        reads = result.reads if result.edits else [entries(leaf.tokens, self.work.known)]
        self.work.out.reads += [Reads(unit, kind, tuple(read)) for read in reads if read]

    def made(self, sent: Anchored, words: str, got: Passage | None) -> None:
        """Something that the tool makes was changed: a title, a summary, a list."""
        before = sent.passage.leaf.text
        if before.split() != words.split():
            author = author_of(got) if got else sent.passage.author
            self.work.refuse(self.work.near(), before, words, _MADE, author)

    def kind(self, sent: Anchored, got: Passage, unit: int) -> Iterator[Edit]:
        """A heading of another level, a paragraph that became a heading or an item, a heading that became text."""
        before, after, leaf = sent.passage.leaf, got.leaf, sent.leaf
        if leaf is None or (before.kind, before.level) == (after.kind, after.level):
            return
        start, _ = self.work.places.lines(leaf)
        marks = re.match(r"#+[ \t]+", self.work.text[start:])
        author = author_of(got)
        if marks and after.kind == "heading":
            yield Edit(start, start + marks[0].count("#"), "#" * max(after.level, 2), unit, author)
        elif marks and after.kind == "para":
            yield Edit(start, start + len(marks[0]), "", unit, author)
        elif leaf.kind == "para" and before.kind == "para" and after.kind in ("heading", "item"):
            yield Edit(start, start, block(after, "", self.work.places.marker(None, after)), unit, author)

    def moved(self, leaf: Leaf, edits: list[Edit], unit: int, got: Passage) -> list[Edit]:
        """A passage that stands elsewhere: taken out with its changes, and put in there."""
        start, end = self.work.places.lines(leaf)
        if leaf.cell is not None or leaf.note or self.work.places.box(leaf) or leaf.kind == "caption":
            reason = "a part of a table, a note or a box was moved"
            self.work.refuse(start, leaf.text, leaf.text, reason, author_of(got))
            return edits
        inner = [replace(e, start=e.start - start, end=e.end - start) for e in edits]
        at, before, after = self.work.places.gap(self.work.previous(), leaf)
        passage = before + apply(self.work.text[start:end], inner) + after
        return [*self.work.cut(start, end, unit, author_of(got)), Edit(at, at, passage, unit, author_of(got))]

    # --- new ---

    def new(self, passage: Passage) -> None:
        leaf = passage.leaf
        if not leaf.tokens:
            return
        if leaf.note:
            self.new_note(passage)
        elif leaf.cell is not None:
            self.cells.new(passage, leaf.cell)
        else:
            unit = self.work.unit()
            tokens = self.work.recognized(leaf.tokens)
            text = inlines(tokens, self.work.known.texts, lines=leaf.kind == "para")
            previous = self.work.previous()
            inside = self.inside(previous, passage)
            at, before, after = self.work.places.gap(previous, leaf, inside=inside)
            written = before + block(leaf, text, self.work.places.marker(previous, leaf))
            notes = "".join(self.notes_of([passage], unit))
            self.work.edit(at, at, written + notes + after, unit, author_of(passage))
            self.work.must_read(unit, "text", tokens)

    def inside(self, previous: Leaf | None, passage: Passage) -> bool:
        """Whether a new passage belongs to the box that the one before it is in: by its style, or by what follows."""
        box = self.work.places.box(previous) if previous is not None else 0
        if not box or self.work.last is None:
            return False
        following = self.work.neighbour(self.work.last, 1)
        leaf = self.work.sent[following].leaf if following is not None else None
        return not _BODY.match(passage.style) or (leaf is not None and self.work.places.box(leaf) == box)

    def new_note(self, passage: Passage) -> None:
        """A note's text was written with its call; a further paragraph of an old note has no place of its own."""
        leaf = passage.leaf
        if leaf.note in self.note_units:
            self.work.must_read(self.note_units[leaf.note], "note", self.work.recognized(leaf.tokens))
        else:
            reason = "a paragraph was added to a note"
            self.work.refuse(self.work.near(), "", leaf.text, reason, author_of(passage))

    def notes_of(self, got: Sequence[Passage], unit: int) -> Iterator[str]:
        """The texts of the new notes that passages call, as definitions behind the paragraph."""
        called = dict.fromkeys(t.atom for p in got for t in p.leaf.tokens if t.atom in self.work.labels)
        for atom in called:
            self.note_units[atom] = unit
            paragraphs = [p.leaf for p in self.work.got if p.leaf.note == atom and p.leaf.tokens]
            texts = [inlines(self.work.recognized(leaf.tokens), self.work.known.texts) for leaf in paragraphs]
            yield f"\n\n[^{self.work.labels[atom]}]: " + "\n\n    ".join(texts)

    # --- gone ---

    def removed(self, i: int) -> None:
        sent, leaf = self.work.sent[i], self.work.sent[i].leaf
        if leaf is None:
            around = [n for n in (self.work.neighbour(i, -1), self.work.neighbour(i, 1)) if n is not None]
            if not any(n in self.work.gone for n in around):
                self.made(sent, "", None)
        elif leaf.note:
            if self.called(leaf.note):
                self.work.take_out(*self.work.places.lines(leaf), self.work.unit(), sent.passage.author)
        elif (box := self.work.places.box(leaf)) and self.work.all_gone(lambda other: box in other.boxes):
            self.work.take_out(*self.work.source.boxes[box], self.work.unit(), sent.passage.author)
        elif leaf.cell is not None:
            self.cells.removed(sent, leaf, leaf.cell)
        elif leaf.kind == "code" or not any(t.span for t in leaf.tokens):
            reason = "code was taken out"
            self.work.refuse(self.work.near(), leaf.text, "", reason, sent.passage.author)
        else:
            self.work.take_out(*self.work.places.lines(leaf), self.work.unit(), sent.passage.author)

    def called(self, note: str) -> bool:
        return any(t.atom == note for p in self.work.got for t in p.leaf.tokens)

    def notes_gone(self) -> None:
        """The texts of notes that nothing calls any more go with the call."""
        source, text, edits = self.work.source, self.work.text, self.work.out.edits
        for atom, (start, end) in source.notes.items():
            call = next((t.span for leaf in source.leaves for t in leaf.tokens if t.atom == atom), None)
            others = text.count(source.atoms[atom]) - text[start:end].count(source.atoms[atom])
            if call is None or self.called(atom) or others > 1:
                continue
            unit = next((e.unit for e in edits if e.start <= call[0] and call[1] <= e.end), self.work.unit())
            self.work.take_out(start, len(text[:end].rstrip("\n")), unit, "")
