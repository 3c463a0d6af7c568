"""Cells and rows of tables that are new or gone."""

from __future__ import annotations

from collections.abc import Sequence

from nioc_paper.review.anchor import Anchored
from nioc_paper.review.leaf import Cell, Leaf
from nioc_paper.review.markdown import inlines
from nioc_paper.review.reading import Passage
from nioc_paper.review.work import Work, author_of


class Cells:
    """Takes tables as far as rows go: a new column or a new table is left to people."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.rows: set[tuple[int, int]] = set()
        """New rows that are written already."""

    def new(self, passage: Passage, cell: Cell) -> None:
        """A passage in a cell that was not there: an empty cell was filled, or a row is new."""
        row = [j for j, p in enumerate(self.work.got) if p.leaf.cell and _row(p.leaf.cell) == _row(cell)]
        known = next((self.work.sent[i].leaf for p in self.work.pairs for i in p.sent if set(p.got) & set(row)), None)
        previous = self.work.previous()
        if (
            known is not None
            and (bounds := self.work.places.cell(known, cell.column))
            and self._columns_kept(cell, known)
        ):
            self._fill(passage, bounds)
        elif (
            known is None and previous is not None and previous.cell is not None and self._columns_kept(cell, previous)
        ):
            if _row(cell) not in self.rows:
                self.rows.add(_row(cell))
                self._new_row(cell, [self.work.got[j] for j in row], previous)
        else:
            reason = "a column or a table is new"
            self.work.refuse(self.work.near(), "", passage.leaf.text, reason, author_of(passage))

    def _columns_kept(self, cell: Cell, leaf: Leaf) -> bool:
        """Whether a row has as many cells as the table that a leaf is in."""
        places, columns = self.work.places, self.work.columns[_row(cell)]
        there = next(n for n in range(columns + 2) if places.cell(leaf, n) is None)
        return bool(places.row(leaf)) and there == columns

    def _fill(self, passage: Passage, bounds: tuple[int, int]) -> None:
        unit, tokens = self.work.unit(), self.work.recognized(passage.leaf.tokens)
        if self.work.text[slice(*bounds)].strip():
            reason = "a cell was filled anew"
            self.work.refuse(bounds[0], "", passage.leaf.text, reason, author_of(passage))
            return
        text = inlines(tokens, self.work.known.texts)
        self.work.edit(*bounds, f" {text} ", unit, author_of(passage))
        self.work.must_read(unit, "text", tokens)

    def _new_row(self, first: Cell, cells: Sequence[Passage], previous: Leaf) -> None:
        unit, at = self.work.unit(), self.work.places.lines(previous)[1]
        texts = dict.fromkeys(range(self.work.columns[_row(first)]), "")
        for passage in cells:
            assert passage.leaf.cell is not None
            tokens = self.work.recognized(passage.leaf.tokens)
            column = passage.leaf.cell.column
            texts[column] = " ".join(filter(None, (texts[column], inlines(tokens, self.work.known.texts))))
            self.work.must_read(unit, "text", tokens)
        line = " | ".join(texts.values())
        bars = self.work.places.row(previous).lstrip().startswith("|")
        self.work.edit(at, at, f"\n| {line} |" if bars else f"\n{line}", unit, author_of(cells[0]))

    def removed(self, sent: Anchored, leaf: Leaf, cell: Cell) -> None:
        """A passage of a cell is gone: with its table, with its row, or alone."""
        author = sent.passage.author
        if self.work.all_gone(lambda other: other.cell is not None and other.cell.table == cell.table):
            first = next(each for each in self.work.source.leaves if each.cell and each.cell.table == cell.table)
            start, end = self.work.places.lines(first)[0], self.work.places.tables[cell.table]
            self.work.take_out(start, end, self.work.unit(), author)
        elif self.work.all_gone(lambda other: other.cell is not None and _row(other.cell) == _row(cell)):
            start, end = self.work.places.lines(leaf)
            if (start, end) not in self.work.cuts:
                self.work.cuts.add((start, end))
                self.work.edit(start - 1, end, "", self.work.unit(), author)
        else:
            reason = "a cell or a column was taken out"
            self.work.refuse(self.work.places.lines(leaf)[0], leaf.text, "", reason, author)
            self.work.must_read(self.work.unit(), "text", leaf.tokens)


def _row(cell: Cell) -> tuple[int, int]:
    return cell.table, cell.row
