"""Order of words in tables: pandoc reads cell by cell, then the caption; the source has lines, and captions above."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.tree.markdown_scan import SourceWord

_GRID = late_pattern(r"^[ \t>]*\+[-=:+]+\+[ \t]*\n(?:[ \t>]*[|+][^\n]*(?:\n|\Z))+", re.MULTILINE)
_GRID_START = late_pattern(
    r"^(?:[ \t>]|[-*+:~](?=[ \t])|\(?\w{1,5}[.)](?=[ \t]))*+(?P<border>\+[-=:+]+\+)[ \t]*"
    r"(?P<rows>(?:\n[ \t>]*[|+][^\n]*)+)",
    re.MULTILINE,
)
"""Grid table, also as the first block of an item of a list."""
_BORDER = late_pattern(r"[ \t>]*\+[-=:+]+\+[ \t]*$")
_COLUMN = late_pattern(r"-+")
_COLUMN_LINE = late_pattern(r"[ \t]*-+(?: +-+)+[ \t]*$")
_RULE_LINE = late_pattern(r"[ \t]*-{3,}[- \t]*$")
_PARAGRAPHS = late_pattern(r"(?:^[ \t>]*[^\s>][^\n]*(?:\n|\Z))+", re.MULTILINE)
_CAPTION = late_pattern(r"[ \t>]*(?:[Tt]able:|:(?!:))")
_TABLE_LINE = late_pattern(
    r"^[ \t>]*(?:\+[-=:+]+\+|-+(?: +-+)+|(?=[^\n]*\|)\|?[ \t]*:?-+:?[ \t]*(?:[|+][ \t]*:?-+:?[ \t]*)*\|?)[ \t]*$",
    re.MULTILINE,
)
"""Line below the head of a table: of a grid, of dashes, of a pipe table."""


class _CellLine(NamedTuple):
    """Line of a table: its start, the number of its row, and the starts of the columns in it."""

    start: int
    row: int
    columns: Sequence[int]


class _CaptionAbove(NamedTuple):
    """Start and end of a caption above a table, and the end of the table."""

    start: int
    end: int
    table_end: int


class CellOrder:
    """Order of the offsets of a text in which the cells of a table follow one another."""

    def __init__(self, text: str) -> None:
        tables = sorted([*_find_grids(text), *_find_multiline_tables(text)])
        self._starts = [start for start, _, _ in tables]
        self._tables = tables
        self._captions = [*_find_captions_above(text, [end for _, end, _ in tables])]

    def sort(self, words: Sequence[SourceWord]) -> Sequence[SourceWord]:
        """Return the words of a text cell by cell, and captions behind their tables."""
        if not self._tables and not self._captions:
            return words
        return sorted(words, key=lambda word: self._key(word.span[0]))

    def _key(self, offset: int) -> tuple[int, int, int, int]:
        above = bisect_right(self._captions, offset, key=lambda caption: caption.start) - 1
        if above >= 0 and offset < self._captions[above].end:
            return self._captions[above].table_end - 1, 1, 0, offset
        index = bisect_right(self._starts, offset) - 1
        if index < 0 or offset >= self._tables[index][1]:
            return offset, 0, 0, offset
        start, _, lines = self._tables[index]
        line = lines[bisect_right(lines, offset, key=lambda line: line.start) - 1]
        return start, line.row, bisect_right(line.columns, offset - line.start), offset


def _find_captions_above(text: str, table_ends: Collection[int]) -> Iterator[_CaptionAbove]:
    """Yield the captions above their tables. Pandoc gives one between two tables to the first if that has none yet."""
    has_own = is_after_table = False
    for paragraph, following in pairwise(_PARAGRAPHS.finditer(text)):
        if not _CAPTION.match(paragraph[0]):
            is_table = paragraph.end() in table_ends or _TABLE_LINE.search(paragraph[0]) is not None
            is_after_table, has_own = is_table and not has_own, False
        elif not is_after_table and _TABLE_LINE.search(following[0]):
            yield _CaptionAbove(paragraph.start(), paragraph.end(), following.end())
            has_own = True
        else:
            is_after_table = False


def _find_grids(text: str) -> Iterator[tuple[int, int, list[_CellLine]]]:
    for table in _GRID.finditer(text):
        lines, row, columns = [], 0, [0]
        for line in re.finditer(r"[^\n]+", table[0]):
            if _BORDER.match(line[0]):
                row, columns = row + 1, [m.start() + 1 for m in re.finditer(r"\+", line[0])]
            lines.append(_CellLine(table.start() + line.start(), row, columns))
        yield table.start(), table.end(), lines


def find_grid_overflow(text: str) -> Iterator[tuple[int, str]]:
    """Yield the words of grid tables outside of their right border, each run with its offset.

    Pandoc drops them. The width is that of the first border.
    """
    for table in _GRID_START.finditer(text):
        column, width = table.start("border") - table.start(), len(table["border"])
        for line in re.finditer(r"[^\n]+", table["rows"]):
            start = table.start("rows") + line.start()
            inside = _characters_in_columns(line[0][column:], width) + column
            if words := line[0][inside:].strip(" \t|+-=:"):
                yield start + line[0].index(words, inside), words


def _characters_in_columns(text: str, width: int) -> int:
    """Return how many characters fit into some columns: wide ones take two, combining ones none."""
    columns = accumulate(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in text)
    return bisect_right([*columns], width)


def _find_multiline_tables(text: str) -> Iterator[tuple[int, int, list[_CellLine]]]:
    lines = [(line.start(), line[0]) for line in re.finditer(r"[^\n]*\n|[^\n]+", text)]
    end = 0
    for index, (_, line) in enumerate(lines):
        if index < end or not _COLUMN_LINE.match(line):
            continue
        first = next((n + 1 for n in range(index - 1, -1, -1) if not lines[n][1].strip()), 0)
        end = next((i + 1 for i in range(index + 1, len(lines)) if _RULE_LINE.match(lines[i][1])), index)
        has_head = first < index and _RULE_LINE.match(lines[first][1])
        # In a simple table each line is a row.
        if has_head or (first == index and any(not line.strip() for _, line in lines[index + 1 : end])):
            yield _multiline_table(lines[first:end], line)


def _multiline_table(lines: Sequence[tuple[int, str]], column_line: str) -> tuple[int, int, list[_CellLine]]:
    columns = [column.start() for column in _COLUMN.finditer(column_line)]
    row, cell_lines = 0, []
    for start, line in lines:
        row += not line.strip() or bool(_RULE_LINE.match(line))
        cell_lines.append(_CellLine(start, row, columns))
    return lines[0][0], lines[-1][0] + len(lines[-1][1]), cell_lines
