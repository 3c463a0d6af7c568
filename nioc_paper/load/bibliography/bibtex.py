"""Scan BibTeX and BibLaTeX for entries, fields and their places. Pandoc gives none, and drops fields it does not know.

A broken entry is reported and left out: pandoc would read no entry of the file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from nioc_paper.load.bibliography.scanned import Field, Lines, Scan, ScannedEntry, ScanProblem
from nioc_paper.load.bibliography.vocabulary import PRIVATE_VARIABLES

_COMMENT_OR_ENTRY = re.compile(r"%[^\n]*|@")
_ENTRY_START = re.compile(r"@\s*([A-Za-z]+)\s*([{(])")
_NEXT_ENTRY = re.compile(r"^[ \t]*@[A-Za-z]+[ \t]*[{(][ \t]*[^\s,{}()=]+[ \t]*,", re.MULTILINE)
"""Start of an entry on a line of its own: a value that contains one was never closed."""
_LINE_WITH_ENTRY = re.compile(r"^[ \t]*@", re.MULTILINE)
_KEY = re.compile(r"\s*([^\s,{}]*)\s*")
_FIELD_NAME = re.compile(r"[^\s=,{}()\"#%]+")
_BARE_VALUE = re.compile(r"[^\s,{}()#\"=]+")
_GAP = re.compile(r"[\s,]*")
_SPACE = re.compile(r"\s*")
# As pandoc reads it: a brace after a backslash opens and closes nothing.
_BRACES = re.compile(r"\\[{}]|[{}]")
_BRACES_AND_QUOTES = re.compile(r"\\[{}]|[{}\"]")

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LAWS = frozenset(("legislation", "legal", "jurisdiction"))
_SHORT = "shortauthor"
_READABLE_NAME = re.compile(r"[\w:+-]+")
_VERBATIM = frozenset(("url", "urlraw", "doi", "eprint", "file", "howpublished"))
_BARE_SIGN = re.compile(r"(?<!\\)[%#]")
_ESCAPED_SIGN = re.compile(r"\\([_%#&$~])")
"""Sign of an address that some programs export as in a text of LaTeX."""
_DOLLAR = re.compile(r"(?<!\\)\$")
_MONEY = re.compile(r"(?<!\\)\$[\d.,]+(?=[\s;:)]|$)")
_FORMULA = re.compile(r"[\\^_=+{}<>]")
_UNPRINTED = PRIVATE_VARIABLES | {"annotation", "comment", "comments", "local-url", "owner", "timestamp"}


class _BrokenEntryError(Exception):
    """An entry that cannot be read. Its arguments are an index, a message and a hint."""


def scan_bibtex(text: str) -> Scan:
    """Return the entries of a BibTeX file."""
    return _BibtexScanner(text).scan()


def _plain(value: str) -> str:
    """Return a name without braces; empty if it has commands of LaTeX."""
    return "" if "\\" in value else " ".join(value.translate({ord("{"): None, ord("}"): None}).split())


def _for_pandoc(entry: ScannedEntry, fields: Sequence[Field]) -> str:
    """Return an entry without fields that nothing prints: abstracts take pandoc more than half of its time.

    Pandoc would refuse the whole entry for a name like `//doi`, by which some people comment a field out.
    """
    readable = (f for f in fields if _READABLE_NAME.fullmatch(f.name) and f.name.lower() not in _UNPRINTED)
    fields_text = [f"{f.name} = {{{_readable(f, entry.type)}}}" for f in readable]
    body = ",\n".join(fields_text)
    return f"@{entry.type}{{{entry.id},\n{body}}}\n"


def _readable(field: Field, entry_type: str) -> str:
    """Return the value of a field as pandoc is to read it.

    Pandoc knows no whole names of months, and writes titles small: the name of a law keeps its capitals in braces.
    """
    if entry_type in _LAWS and field.name.lower() in ("title", "shorttitle"):
        return f"{{{_with_plain_signs(field)}}}"
    month = field.value.strip().lower()[:3] if field.name.lower() == "month" else ""
    return str(_MONTHS.index(month) + 1) if month in _MONTHS else _with_plain_signs(field)


def _with_plain_signs(field: Field) -> str:
    """Return a value in which signs of a text mean themselves: LaTeX takes '%' for a comment, '$5' for mathematics."""
    text = str(field.value)
    if field.name.lower() in ("url", "doi"):
        return _ESCAPED_SIGN.sub(r"\1", text)
    if field.name.lower() in _VERBATIM or "://" in text:
        return text
    text = text.replace("&amp;", "&")  # some exports have HTML
    text = _BARE_SIGN.sub(r"\\\g<0>", text)
    is_money = len(_DOLLAR.findall(text)) % 2 or (_MONEY.search(text) and not _FORMULA.search(text))
    return _DOLLAR.sub(r"\\$", text) if is_money else text


class _BibtexScanner:
    def __init__(self, text: str) -> None:
        self.text, self.lines, self.result = text, Lines(text), Scan()
        self.macros: dict[str, str] = {}

    def scan(self) -> Scan:
        pos = 0
        while match := _COMMENT_OR_ENTRY.search(self.text, pos):
            start = _ENTRY_START.match(self.text, match.start())
            pos = self.read_block(start) if start else match.end()
        return self.result

    def read_block(self, start: re.Match[str]) -> int:
        """Read an entry, a macro or a comment; return the index after it. Reports one that is broken."""
        kind = start[1].lower()
        try:
            if kind in ("comment", "preamble"):
                return self.braced_end(start.end() - 1)
            return self.read_macro(start) if kind == "string" else self.read_entry(start)
        except _BrokenEntryError as error:
            index, message, hint = error.args
            if kind != "comment":
                self.result.problems.append(ScanProblem(self.lines.position(index), message, hint))
            following = _LINE_WITH_ENTRY.search(self.text, start.end())
            return following.start() if following else len(self.text)

    def read_macro(self, start: re.Match[str]) -> int:
        fields, end = self.read_fields(start.end())
        self.macros |= {field.name.lower(): str(field.value) for field in fields}
        return end

    def read_entry(self, start: re.Match[str]) -> int:
        key = _KEY.match(self.text, start.end())
        assert key is not None  # it matches the empty text too
        positions = self.lines.position(key.start(1)), self.lines.position(start.start(1))
        entry = ScannedEntry(key[1], start[1].lower(), *positions)
        if not key[1]:
            raise _BrokenEntryError(start.start(), "the entry has no key", f"write @{start[1]}{{key, …}}")
        try:
            fields, end = self.read_fields(self.after_key(key))
        except _BrokenEntryError:
            self.result.entries.append(entry)
            raise
        own = [
            Field("short", _plain(f.value), f.position, f.value_position) for f in fields if f.name.lower() == _SHORT
        ]
        self.result.entries.append(replace(entry, fields=tuple(fields), text=_for_pandoc(entry, fields), own=own[:1]))
        return end

    def after_key(self, key: re.Match[str]) -> int:
        if self.text[key.end() : key.end() + 1] not in (",", "}", ")"):
            hint = "the key has no spaces, and a comma after it"
            raise _BrokenEntryError(key.start(1), f"the key '{key[1][:40]}' does not end with a comma", hint)
        return key.end()

    def read_fields(self, pos: int) -> tuple[list[Field], int]:
        """Return the fields of an entry, and the index after its closing brace."""
        fields: list[Field] = []
        while True:
            pos = self.skip(_GAP, pos)
            if self.text[pos : pos + 1] in ("}", ")"):
                return fields, pos + 1
            name = _FIELD_NAME.match(self.text, pos)
            equals = self.skip(_SPACE, name.end()) if name else pos
            if name is None or self.text[equals : equals + 1] != "=":
                raise _BrokenEntryError(pos, *self.describe_missing_field(pos))
            value_start = self.skip(_SPACE, equals + 1)
            value, pos = self.read_value(value_start)
            positions = self.lines.position(name.start()), self.lines.position(value_start)
            fields.append(Field(name[0], value, *positions))
            self.require_separator(pos, value_start)

    def require_separator(self, pos: int, value_start: int) -> None:
        following = self.skip(_SPACE, pos)
        if self.text[following : following + 1] in ("@", ""):
            raise _BrokenEntryError(
                value_start, "the value is closed by the brace of its entry", "close it before that brace"
            )
        if self.text[following : following + 1] not in (",", "}", ")"):
            raise _BrokenEntryError(pos, "a comma is missing between two fields", "put a comma after the value")

    def describe_missing_field(self, pos: int) -> tuple[str, str]:
        if pos >= len(self.text) or self.text[pos] == "@":
            return "the entry above is never closed", "close it with a brace"
        return "this is not a field", "write name = {value}, with a comma after it"

    def read_value(self, pos: int) -> tuple[str, int]:
        """Return a value, its pieces joined by '#', and the index after it."""
        pieces: list[str] = []
        while True:
            piece, end = self.read_piece(pos)
            pieces.append(piece)
            following = self.skip(_SPACE, end)
            if self.text[following : following + 1] != "#":
                return "".join(pieces), end
            pos = self.skip(_SPACE, following + 1)

    def read_piece(self, pos: int) -> tuple[str, int]:
        match self.text[pos : pos + 1]:
            case "{":
                end = self.braced_end(pos)
                return self.text[pos + 1 : end - 1], end
            case '"':
                end = self.quoted_end(pos)
                return self.text[pos + 1 : end - 1], end
        bare = _BARE_VALUE.match(self.text, pos)
        if bare is None:
            raise _BrokenEntryError(pos, "a value is missing", "write name = {value}, or take the field out")
        return self.macros.get(bare[0].lower(), bare[0]), bare.end()

    def braced_end(self, pos: int) -> int:
        depth = 0
        for match in _BRACES.finditer(self.text, pos):
            depth += {"{": 1, "}": -1}.get(match[0], 0)
            if depth == 0:
                self.require_closed(pos, match.end())
                return match.end()
        raise _BrokenEntryError(pos, "the brace is never closed", "close it with '}'")

    def quoted_end(self, pos: int) -> int:
        depth = 0
        for match in _BRACES_AND_QUOTES.finditer(self.text, pos + 1):
            depth += {"{": 1, "}": -1}.get(match[0], 0)
            if match[0] == '"' and depth == 0:
                self.require_closed(pos, match.end())
                return match.end()
        raise _BrokenEntryError(pos, "the quotation mark is never closed", "close it with '\"'")

    def require_closed(self, pos: int, end: int) -> None:
        if _NEXT_ENTRY.search(self.text, pos, end):
            mark = "brace" if self.text[pos] in "{(" else "quotation mark"
            raise _BrokenEntryError(pos, f"the {mark} is not closed before the next entry", "close it")

    def skip(self, pattern: re.Pattern[str], pos: int) -> int:
        match = pattern.match(self.text, pos)
        return match.end() if match else pos
