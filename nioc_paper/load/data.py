"""Files of data: CSV to columns and rows, and everything that is wrong with it at its line and column."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path

from nioc_paper.load import assets, text
from nioc_paper.model import Align, Diagnostic, Place, Report, Severity

ROWS = 5000
"""Of a file; a chart that shows more shows nothing."""
_NUMBER = re.compile(r"[+-]?\d{1,20}(\.\d{1,20})?")
Line = tuple[int, tuple[str, ...]]
"""Number of a line, and its values."""
_BOM = b"\xef\xbb\xbf"
_SEPARATED = "save it as CSV with commas: a line of column names, then lines with a value for each"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file of data that can be printed."""

    path: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[tuple[int, str], ...]
    """The line of each row: its number from 1, and the line itself."""
    head: int = 1
    """The number of the line that holds the names of the columns."""
    head_line: str = ""

    def column(self, name: str) -> tuple[str, ...]:
        """The values of a column."""
        at = self.columns.index(name)
        return tuple(row[at] for row in self.rows)

    def places(self, order: Iterable[int]) -> tuple[Place, ...]:
        """Where the names of the columns stand, and the rows in some order."""
        return Place(self.path, self.head), *(Place(self.path, self.lines[row][0]) for row in order)

    def starts(self, order: Iterable[int], names: Sequence[str]) -> tuple[tuple[int, ...], ...]:
        """Return where values begin in the line of the names and in the rows in some order, for some columns."""
        at = [self.columns.index(name) for name in names]
        lines = self.head_line, *(self.lines[row][1] for row in order)
        return tuple(tuple(_start(line, index) for index in at) for line in lines)

    def place(self, row: int, name: str) -> Place:
        """Where the value of a column stands in a row."""
        number, line = self.lines[row]
        return Place(self.path, number, _start(line, self.columns.index(name)))


def read(root: Path, chapter: str, url: str, asked: tuple[str, Place], report: Report) -> Sheet | None:
    """The data that a block of a chapter names; `asked` is what the block is, a chart or a table, and where it is."""
    what, place = asked
    path, data, problem = assets.read(root, chapter, url, text.LIMIT)
    if problem:
        message, hint = f"the {what}'s data '{url}' {problem}", "put the CSV file under paper/data"
        report(Diagnostic(place, f"broken-{what}", message, hint=hint))
        return None
    found: list[Diagnostic] = []
    # Spreadsheets mark UTF-8 by a byte order mark: there it harms nobody.
    content = text.decode(data.removeprefix(_BOM), path, found.append)
    unusable = content is None or any(d.severity == Severity.ERROR for d in found)
    sheet = None if content is None or unusable else _sheet(content, path, found)
    for diagnostic in found:
        report(diagnostic)
    return sheet


def unnamed(id: str, what: str, prefix: str, around: str) -> tuple[str, str] | None:
    """What is wrong with the id of the block that a chart or a table stands in, and what to do."""
    hint = f"put it between '::: {{#{prefix}-… .{around}}}' and ':::'"
    return None if id.startswith(f"{prefix}-") else (f"the {what} stands in no block with an id '{prefix}-…'", hint)


def _sheet(content: str, path: str, found: list[Diagnostic]) -> Sheet | None:
    def say(line: int, message: str, hint: str = _SEPARATED, column: int = 1) -> None:
        found.append(Diagnostic(Place(path, line, column), "broken-data", message, hint=hint))

    lines = content.split("\n")
    reader = csv.reader(io.StringIO(content, newline=""), strict=True)
    try:
        numbered = [(reader.line_num, tuple(row)) for row in reader if row]
    except csv.Error as error:
        say(min(reader.line_num, len(lines)), f"this is no CSV: {error}")
        return None
    if len(numbered) < 2:
        say(1, "there are no rows")
    elif len(numbered) > ROWS + 1:
        say(numbered[ROWS + 1][0], f"there are {len(numbered) - 1} rows; {ROWS} are allowed", "sum them up")
    else:
        for complaint in _faults(numbered, lines):
            say(*complaint)
    if any(d.severity == Severity.ERROR for d in found):
        return None
    (head, columns), *rows = numbered
    return Sheet(
        path, columns, tuple(row for _, row in rows), tuple((n, lines[n - 1]) for n, _ in rows), head, lines[head - 1]
    )


def _faults(numbered: Sequence[Line], lines: Sequence[str]) -> Iterator[tuple[int, str, str, int]]:
    """What is wrong with the names of columns and with the rows: line, message, hint, column."""
    (first, columns), *rows = numbered
    if len(columns) == 1 and (sign := next((s for s in ";\t" if s in columns[0]), "")):
        yield first, f"the values are separated by '{sign}'".replace("\t", "a tab"), _SEPARATED, 1
        return
    for at, name in enumerate(columns):
        here = _start(lines[first - 1], at)
        if not name.strip():
            yield first, "a column has no name", "give it one, or delete the column", here
        elif name in columns[:at]:
            yield first, f"there are two columns '{name}'", "give them two names", here
    for line, row in rows:
        if len(row) != len(columns):
            yield line, f"there are {len(row)} values in this line for {len(columns)} columns", _SEPARATED, 1
        elif any("\n" in value or "\t" in value for value in row):
            yield line, "a value holds a tab or the end of a line", "write it in one line, with spaces", 1


def _start(line: str, index: int) -> int:
    """Where the value at an index of a line begins, from 1."""
    quoted = False
    for at, sign in enumerate(line):
        if index == 0:
            return at + 1
        quoted ^= sign == '"'
        index -= sign == "," and not quoted
    return len(line) + 1


# --- values as they are printed ---------------------------------------------------------------------------------------


def is_number(value: str) -> bool:
    """Whether a value is a number that can be printed as one."""
    return _NUMBER.fullmatch(value.strip()) is not None


def printed(value: str, decimals: int | None = None) -> str:
    """A number with commas between thousands, and as many decimals as asked for or as it has."""
    with localcontext(prec=60):
        number = Decimal(value.strip())
        if decimals is not None:
            number = number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        return f"{number:,f}".replace("-", "−")


def titled(name: str) -> str:
    """The name of a column as a head, where its author gives no other."""
    return name[:1].upper() + name[1:].replace("_", " ")


def are_numbers(values: Sequence[str]) -> bool:
    """Whether all values that are given are numbers."""
    given = [value for value in values if value.strip()]
    return bool(given) and all(map(is_number, given))


def alignment(columns: Sequence[Sequence[str]]) -> tuple[Align, ...]:
    """Numbers stand at the right, digit below digit; the first column, which names the rows, at the left."""
    return tuple("right" if index and are_numbers(values) else "left" for index, values in enumerate(columns))
