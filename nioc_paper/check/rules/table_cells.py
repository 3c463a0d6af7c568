"""Rules about rows, cells and sums."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.check.finding import Finding
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.domain.fact_values import CURRENCY, SCALES, plain_text_with_facts
from nioc_paper.model import Node, Paper, Place
from nioc_paper.model.characters import comparable
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.tree.code_blocks import blank_code_blocks
from nioc_paper.tree.table_word_order import find_grid_overflow

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
    """Every row of a table has a cell for each column: a cell too many would not be printed."""
    for start, lost in find_grid_overflow(blank_code_blocks(text.body_source)):
        message = f"'{lost}' is outside of the borders of the table, and is not printed"
        yield Finding(text.place_at(start), message, "widen the borders, or put it into another cell")
    for start, row, columns in _rows(text):
        yield from _row_findings(text, start, row, columns)


def unread_break(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    r"""A line in a cell ends with `<br>`: other line breaks are printed as signs, or have no effect."""
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


_TOTAL = late_pattern(r"(?:grand\s+|sub-?)?totals?\b.*|sum|all|overall|altogether|together", re.IGNORECASE)
_TOTAL_OF_SOME = late_pattern(r"totals?\s+\w.*", re.IGNORECASE)
"""Maybe the total of some rows only: it is one if it is below a number above."""
_PART_OF_ROW = late_pattern(r"\b(?:of which|sub-?total|thereof|including)\b", re.IGNORECASE)
_NO_SUM = late_pattern(
    r"%|per cent|percent|\b(?:share|rate|average|mean|median|per|growth|change|rank|year|ratio|age)s?\b", re.IGNORECASE
)
_AMOUNT = late_pattern(
    rf"(?:(?P<currency>{CURRENCY})\s*|[^\d−-]{{0,4}}?)(?P<digits>[−-]?\d{{1,3}}(?:,\d{{2,3}})*(?:\.\d+)?|[−-]?\d+(?:\.\d+)?)"
    rf"(?:\s?(?P<scale>{'|'.join(SCALES)})\b)?\s?(?P<unit>[^\W\d][^\d,;:]*|%)?"
)
_EMPTY = frozenset(("", "–", "—", "-", "…", "n/a"))


def wrong_sum(paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A total in a table is the sum of the cells above it."""
    for node in text.nodes("Table"):
        yield from _table_sums(paper, text, node)
    for table in text.chapter.tables:
        if table.places and not table.total:
            places = [replace(table.places[-1], column=column) for column in table.starts[-1]]
            yield from _wrong_totals(table.heads, [[*map(comparable, row)] for row in table.rows], places)


class _Amount(NamedTuple):
    """Number of a cell, and its unit; a unit may be given in some cells only."""

    value: float
    rounding: float
    """How far the exact value may be; a whole number without a scale word is exact."""
    scale: int
    unit: str
    words: str
    """Scale word and unit as written."""


def _table_sums(paper: Paper, text: ChapterText, table: Node) -> Iterator[Finding]:
    cells = tree.table_rows(table)
    heads = len(tree.head_rows(table))
    texts = [[comparable(plain_text_with_facts(cell, paper.facts)) for cell in row] for row in cells]
    totals = cells[-1] if cells else ()
    nodes = (next((node for node in tree.walk(cell) if node.get("pos")), table) for cell in totals)
    yield from _wrong_totals(texts[heads - 1] if heads else [], texts[heads:], [*map(text.chapter.place, nodes)])


def _wrong_totals(head: Sequence[str], rows: Sequence[Sequence[str]], places: Sequence[Place]) -> Iterator[Finding]:
    """Yield the cells of the last row, at their places, that are not the sums of the cells above."""
    has_even_rows = len({len(row) for row in rows}) == 1
    if len(rows) < 3 or not has_even_rows or not rows[-1] or not _TOTAL.fullmatch(rows[-1][0]):
        return
    if any(_PART_OF_ROW.search(row[0]) for row in rows[:-1]):
        return
    may_be_of_some = bool(_TOTAL_OF_SOME.fullmatch(rows[-1][0]))
    for column in range(1, len(rows[-1])):
        filled = [row[column] for row in rows if row[column] not in _EMPTY]
        numbers = [number for cell in filled if (number := _read_amount(cell))]
        units = {number.unit for number in numbers if number.unit}
        if len(numbers) < max(3, len(filled)) or rows[-1][column] in _EMPTY or len(units) > 1:
            continue
        *parts, total = numbers
        if may_be_of_some and any(part.value > total.value for part in parts):
            continue
        heading = " ".join((head[column] if column < len(head) else "", *units))
        added = sum(part.value for part in parts)
        # Rounded values may miss the sum by half of their last digit each.
        tolerance = sum(number.rounding for number in numbers) + 10**-6
        if abs(added - total.value) > tolerance and not (_NO_SUM.search(heading) and total.value != 100):
            result = f"{added / total.scale:,.10g} {total.words}".strip()
            message = f"the total is {rows[-1][column]}, but the cells above give {result}"
            yield Finding(places[column], message, "correct the total, or a cell")


def _read_amount(cell: str) -> _Amount | None:
    """Return the amount that a cell consists of; None for any other text."""
    if (match := _AMOUNT.fullmatch(cell)) is None:
        return None
    digits = match["digits"].replace(",", "").replace("−", "-")
    word, unit = match["scale"] or "", (match["unit"] or "").strip()
    kind = f"{match['currency'] or ''} {unit.casefold().removesuffix('s')}".strip()
    decimals, scale = len(digits.partition(".")[2]), SCALES.get(word, 1)
    rounding = 0.5 * 10**-decimals * scale if decimals or scale > 1 else 0
    return _Amount(float(digits) * scale, rounding, scale, kind, f"{word} {unit}".strip())
