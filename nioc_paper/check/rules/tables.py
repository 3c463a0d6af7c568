"""Rules about the rows and cells of pipe tables and grid tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from nioc_paper.check.finding import Finding
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.model import Paper
from nioc_paper.model.late_pattern import late_pattern
from nioc_paper.tree.cell_order import find_grid_overflow
from nioc_paper.tree.code import blank_code_blocks

_TABLE = late_pattern(
    r"^(?P<head>[ \t>]*\S[^\n]*)\n"
    r"(?P<dashes>[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:[|+][ \t]*:?-+:?[ \t]*)*\|?[ \t]*)$"
    r"(?P<rows>(?:\n[ \t>]*[^\s>][^\n]*)*)",
    re.MULTILINE,
)
_ROW_LEAD = late_pattern(r"(?:[ \t>]|[-*+:~][ \t]|\(?(?:\d+|[A-Za-z]|[ivxIVX]{2,5}|#)[.)][ \t])*")
"""Marks of quotations and lists before the first row of a table."""
_UNREAD_BREAK = late_pattern(r"(?<!\\)\\\\(?=[ \t|])|(?<=[ \t])\\(?=[ \t])|\\n(?![a-z])|&#(?:10|[xX]0?[aA]);|</br>")
"""Marks of a new line in LaTeX, paragraphs of pandoc, JSON and HTML."""
_CELL_END = late_pattern(r"(?<!\\)\|")


def uneven_row(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """Every row of a table has a cell for each column: a cell too many would not be printed.

    Bad: | North | 4 | closed | below a head of two cells
    Good: | North | 4, closed |
    """
    for start, lost in find_grid_overflow(blank_code_blocks(text.body_source)):
        message = f"'{lost}' is outside of the borders of the table, and is not printed"
        yield Finding(text.place_at(start), message, "widen the borders, or put it into another cell")
    for start, row, columns in _rows(text):
        yield from _row_findings(text, start, row, columns)


def unread_break(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    r"""A line in a cell ends with `<br>`: other line breaks are printed as signs, or have no effect.

    Bad: | Roads Office \\ north |
    Good: | Roads Office<br>north |
    """
    for start, row, _ in _rows(text):
        for match in _UNREAD_BREAK.finditer(row):
            message = f"'{match[0].strip()}' does not begin a line in a cell"
            yield Finding(text.place_at(start + match.start()), message, "write <br>")


def _rows(text: ChapterText) -> Iterator[tuple[int, str, int]]:
    """Yield the rows of pipe tables: offset, text, and number of columns of the table."""
    for table in _TABLE.finditer(text.verbatim_free_source):
        columns = len(_cells(table["dashes"].replace("+", "|")))
        rows = [(table.start("head"), table["head"]), *_lines(table.start("rows"), table["rows"])]
        for start, row in rows if "|" in table["dashes"] and "|" in table["head"] else ():
            if _CELL_END.search(row):
                yield start, row, columns


def _row_findings(text: ChapterText, start: int, row: str, columns: int) -> Iterator[Finding]:
    cells = _cells(row)
    message = f"the row has {len(cells)} cell{'s' * (len(cells) != 1)}, the table has {columns} columns"
    if any(cell.strip() for _, cell in cells[columns:]):
        offset, lost = next((pos, cell.strip()) for pos, cell in cells[columns:] if cell.strip())
        hint = f"put '{lost}' into another cell, or add a column; write \\| for a bar within the text"
        yield Finding(text.place_at(start + offset), message, hint)
    elif len(cells) < columns:
        yield Finding(text.place_at(start + _lead_length(row)), message, "write a bar for each cell, empty ones too")


def _lines(start: int, text: str) -> Iterator[tuple[int, str]]:
    return ((start + line.start(), line[0]) for line in re.finditer(r"[^\n]+", text))


def _lead_length(row: str) -> int:
    lead = _ROW_LEAD.match(row)
    return lead.end() if lead else 0


def _cells(row: str) -> list[tuple[int, str]]:
    """Return the cells of a row, each with the offset of its first word. The outer bars are optional."""
    start = _lead_length(row)
    start += row.startswith("|", start)
    end = len(row.rstrip())
    end -= end > start and row[end - 1] == "|" and row[end - 2 : end - 1] != "\\"
    bounds = [start - 1, *(bar.start() for bar in _CELL_END.finditer(row, start, end)), end]
    cells = [(a + 1, row[a + 1 : b]) for a, b in pairwise(bounds)]
    return [(pos + len(cell) - len(cell.lstrip()), cell) for pos, cell in cells]
