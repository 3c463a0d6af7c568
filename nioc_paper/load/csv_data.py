"""Read CSV files into columns and rows, with each fault at its line and column."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext

from msgspec import Struct, field
from msgspec.structs import replace

from nioc_paper.domain.fact_values import fill_text, find_references, number_of_reference
from nioc_paper.load import assets, source_text
from nioc_paper.load.load_context import LoadContext
from nioc_paper.model import Align, Citation, Diagnostic, Fact, Place, Severity, format_count, report_all
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.wording import ENGLISH, Wording, format_number

MAX_ROWS = 5000
"""Maximum rows of a file; a chart with more shows nothing."""
_NUMBER = late_pattern(r"[+-]?\d{1,20}(\.\d{1,20})?")
_WHOLE = late_pattern(r"[+-]?(?:\d+|\d{1,3}(?:[.,]\d{2,3})+)")
_GROUP_SPACE = late_pattern(r"[\s'’٬_](?<=\d.)(?=\d{3}(?!\d))")
_WITH_UNIT = late_pattern(r"(?:[^\W\d]+\.? ?|[$€£₨])?(?P<number>[+−-]?\d[\d.,]*)(?: ?[^\W\d][^\d]*| ?[%°‰])?")
NUMBER_HINT = "write digits and one point, as in 9000 or 6.5; leave unknown cells empty"
NumberedRow = tuple[int, tuple[str, ...]]
"""Line number, and the values of the line."""
_CSV_HINT = "save it as CSV with commas: a line of column names, then lines with a value for each"


class CsvTable(Struct, frozen=True):
    """A valid CSV file."""

    path: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[tuple[int, str], ...]
    """Line number, from 1, and source line of each row."""
    head_number: int = 1
    """Line number of the column names."""
    head_line: str = ""
    fact_texts: Mapping[tuple[int, int], str] = field(default_factory=dict)
    """Printed form of each value that is the number of a fact, by row and column."""
    references: tuple[Citation, ...] = ()
    """Facts in its values."""
    words: Wording = ENGLISH
    """Words and signs in which numbers are printed, and written by the authors."""

    def column_values(self, name: str) -> tuple[str, ...]:
        """Return the values of a column; a fact's is its number."""
        index = self.columns.index(name)
        return tuple(row[index] for row in self.rows)

    def printed_facts(self, name: str) -> dict[int, str]:
        """Return the facts of a column as printed, by row."""
        index = self.columns.index(name)
        return {row: text for (row, column), text in self.fact_texts.items() if column == index}

    def row_places(self, order: Iterable[int]) -> tuple[Place, ...]:
        """Return the place of the column names, then those of rows in the given order."""
        return Place(self.path, self.head_number), *(Place(self.path, self.lines[row][0]) for row in order)

    def starts(self, order: Iterable[int], names: Sequence[str]) -> tuple[tuple[int, ...], ...]:
        """Return where the values of some columns start: in the line of names, then in rows in the given order."""
        indices = [self.columns.index(name) for name in names]
        lines = self.head_line, *(self.lines[row][1] for row in order)
        return tuple(tuple(_value_column(line, index) for index in indices) for line in lines)

    def cell_place(self, row: int, name: str) -> Place:
        """Return the place of a column's value in a row."""
        number, line = self.lines[row]
        return Place(self.path, number, _value_column(line, self.columns.index(name)))


def read_csv(context: LoadContext, chapter: str, url: str, kind: str, place: Place) -> CsvTable | None:
    """Read the CSV file that a block of a chapter names; `kind` is "chart" or "table".

    Returns None, and reports, if the file cannot be used.
    """
    path, data, problem = assets.read_asset(context.files, chapter, url, source_text.MAX_TEXT_BYTES)
    if problem:
        message, hint = f"the {kind}'s data '{url}' {problem}", "put the CSV file under paper/data"
        context.report(Diagnostic(place, f"broken-{kind}", message, hint=hint))
        return None
    diagnostics: list[Diagnostic] = []
    # Spreadsheets mark UTF-8 by a byte order mark, which is harmless in CSV.
    content = source_text.decode_text(data.removeprefix(b"\xef\xbb\xbf"), path, diagnostics.append)
    unusable = content is None or any(d.severity == Severity.ERROR for d in diagnostics)
    csv_table = None if content is None or unusable else _parse_csv(content, path, diagnostics)
    report_all(diagnostics, context.report)
    return csv_table and _with_facts(replace(csv_table, words=context.words), context.facts)


def _with_facts(csv_table: CsvTable, facts: Mapping[str, Fact]) -> CsvTable:
    """Return the file with the facts that its values refer to."""
    if not any("@fact-" in value for row in csv_table.rows for value in row):
        return csv_table
    references: list[Citation] = []
    fact_texts: dict[tuple[int, int], str] = {}
    rows = [list(row) for row in csv_table.rows]
    for row_index, row in enumerate(rows):
        for index, value in enumerate(row):
            place = csv_table.cell_place(row_index, csv_table.columns[index])
            references += (Citation(key, place) for key, _ in find_references(value))
            row[index] = filled = fill_text(value, facts)
            if number := number_of_reference(value, facts):
                row[index], fact_texts[row_index, index] = number, filled
    return replace(csv_table, rows=tuple(map(tuple, rows)), fact_texts=fact_texts, references=tuple(references))


def missing_id_problem(id: str, kind: str, prefix: str, block_class: str) -> tuple[str, str] | None:
    """Return the problem, with a hint, if the block around a chart or a table has no id with its prefix."""
    hint = f"put it between '::: {{#{prefix}-… .{block_class}}}' and ':::'"
    return None if id.startswith(f"{prefix}-") else (f"the {kind} is in no block with an id '{prefix}-…'", hint)


def _parse_csv(content: str, path: str, diagnostics: list[Diagnostic]) -> CsvTable | None:
    lines = content.split("\n")
    # Spreadsheets write semicolons where the comma is in numbers.
    sign = next((s for s in ";\t" if s in lines[0] and "," not in lines[0]), ",")
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=sign, strict=True)
    lines = [line.translate({ord(","): ".", ord(sign): ","}) for line in lines]
    try:
        numbered = [(reader.line_num, tuple(row)) for row in reader if row]
    except csv.Error as error:
        diagnostics.append(_fault(Place(path, min(reader.line_num, len(lines))), f"this is not CSV: {error}"))
        return None
    if len(numbered) < 2:
        diagnostics.append(_fault(Place(path), "there are no rows"))
    elif len(numbered) > MAX_ROWS + 1:
        message = f"there are {len(numbered) - 1} rows; {MAX_ROWS} are allowed"
        diagnostics.append(_fault(Place(path, numbered[MAX_ROWS + 1][0]), message, "sum them up"))
    else:
        diagnostics += _find_faults(numbered, lines, path)
    if any(d.severity == Severity.ERROR for d in diagnostics):
        return None
    (head, columns), *rows = numbered
    return CsvTable(
        path, columns, tuple(row for _, row in rows), tuple((n, lines[n - 1]) for n, _ in rows), head, lines[head - 1]
    )


def _fault(place: Place, message: str, hint: str = _CSV_HINT) -> Diagnostic:
    return Diagnostic(place, "broken-data", message, hint=hint)


def _find_faults(numbered: Sequence[NumberedRow], lines: Sequence[str], path: str) -> Iterator[Diagnostic]:
    """Yield the faults in the names of columns and in the rows."""
    (head_line, columns), *rows = numbered
    for index, name in enumerate(columns):
        place = Place(path, head_line, _value_column(lines[head_line - 1], index))
        if not name.strip():
            yield _fault(place, "a column has no name", "give it one, or delete the column")
        elif name in columns[:index]:
            yield _fault(place, f"there are two columns '{name}'", "give them two names")
    for place, row in ((Place(path, line), row) for line, row in rows):
        if len(row) != len(columns):
            values, heads = format_count(len(row), "value"), format_count(len(columns), "column")
            yield _fault(place, f"this line has {values} for {heads}")
        elif any("\n" in value or "\t" in value for value in row):
            yield _fault(place, "a value holds a tab or the end of a line", "write it in one line, with spaces")


def _value_column(line: str, index: int) -> int:
    """Return the column, from 1, where the value at an index of a line starts."""
    quoted = False
    for pos, sign in enumerate(line):
        if index == 0:
            return pos + 1
        quoted ^= sign == '"'
        index -= sign == "," and not quoted
    return len(line) + 1


# --- values as they are printed ---------------------------------------------------------------------------------------


def plain_form(value: str, words: Wording) -> str:
    """Return a number with digits and a point, as data files hold it; empty for any other text.

    A lone sign before three digits separates decimals in some languages, and thousands in others.
    """
    text = _GROUP_SPACE.sub("", value.strip(" %").replace("−", "-").replace("٫", "."))
    sign = next((sign for sign in reversed(text) if sign in ".,"), "")
    whole, _, last = text.rpartition(sign) if sign else (text, "", "")
    is_decimal_sign = sign == ("," if words["decimal"] == "," else ".")
    is_group = sign in whole if {".", ","} & {*whole} else len(last) == 3 and not is_decimal_sign
    if not _WHOLE.fullmatch(whole) or not f"{last}0".isdigit() or (is_group and len(last) != 3):
        return ""
    point = "." if last and not is_group else ""
    return f"{re.sub('[.,]', '', whole)}{point}{last}"


def number_hint(value: str, words: Wording) -> str:
    """Return what to write in place of a value that is no number."""
    if plain := plain_form(value, words):
        return f"write {plain}"
    with_unit = _WITH_UNIT.fullmatch(value.strip())
    plain = plain_form(with_unit["number"], words) if with_unit else ""
    return f"write {plain}; the unit belongs in the title of the axis or column" if plain else NUMBER_HINT


def is_number(value: str) -> bool:
    """Whether a value is a number that can be printed as one."""
    return _NUMBER.fullmatch(value.strip()) is not None


def print_number(value: str, words: Wording, decimals: int | None = None) -> str:
    """Return a number with the signs of a language, and with the given decimals or its own."""
    with localcontext(prec=60):
        number = Decimal(value.strip())
        if decimals is not None:
            number = number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        return format_number(f"{number:,f}".replace("-", "−"), words)


def column_title(name: str) -> str:
    """Return the title of a column that has no title of its own."""
    return name[:1].upper() + name[1:].replace("_", " ")


def are_all_numbers(values: Sequence[str]) -> bool:
    """Whether all values that are not empty are numbers."""
    filled = [value for value in values if value.strip()]
    return bool(filled) and all(map(is_number, filled))


def column_alignments(columns: Sequence[Sequence[str]]) -> tuple[Align, ...]:
    """Return the alignment of columns: numbers right, digit below digit; the first column, which names rows, left."""
    return tuple("right" if index and are_all_numbers(values) else "left" for index, values in enumerate(columns))
