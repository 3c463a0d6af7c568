"""Scan CSL-JSON for entries, fields and their places: an array, or an object that has it under `items`."""

from __future__ import annotations

import json
import re
from json.decoder import JSONDecoder
from typing import Never

from nioc_paper.load.bibliography.scanned import Field, Lines, Scan, ScannedEntry, ScanProblem
from nioc_paper.load.json_text import require_shallow

_SPACE = re.compile(r"[ \t\n\r]*")
_LIST_KEYS = ("items", "references")


def _refuse_constant(text: str) -> Never:
    raise ValueError(f"{text} is not a number")


_DECODER = JSONDecoder(parse_constant=_refuse_constant)


def scan_csl_json(text: str) -> Scan:
    """Return the entries of a CSL-JSON file. A text that is not JSON has none."""
    scanner = _CslScanner(text)
    try:
        require_shallow(text)
        scanner.scan_file()
    except json.JSONDecodeError as error:
        scanner.report(error.pos, f"this is not JSON: {error.msg}", "export the file again, or correct it here")
    except RecursionError:
        scanner.report(0, "the file is nested too deeply", "export it as CSL-JSON")
    except ValueError as error:
        scanner.report(0, f"this is not JSON: {error}", "export the file again")
    return scanner.result


class _CslScanner:
    def __init__(self, text: str) -> None:
        self.text, self.lines, self.result = text, Lines(text), Scan()

    def report(self, pos: int, message: str, hint: str) -> None:
        self.result.problems.append(ScanProblem(self.lines.position(pos), message, hint))

    def skip(self, pos: int) -> int:
        match = _SPACE.match(self.text, pos)
        return match.end() if match else pos

    def char(self, pos: int) -> str:
        return self.text[pos : pos + 1]

    def require(self, pos: int, expected: str) -> None:
        if self.char(pos) not in (*expected,):
            raise json.JSONDecodeError(f"expected {' or '.join(map(repr, expected))}", self.text, pos)

    def scan_file(self) -> None:
        pos = self.skip(0)
        self.require(pos, "[{")
        end = self.scan_array(pos) if self.char(pos) == "[" else self.scan_wrapper(pos)
        if (rest := self.skip(end)) < len(self.text):
            raise json.JSONDecodeError("extra text after the end", self.text, rest)

    def scan_wrapper(self, pos: int) -> int:
        """Read the list of entries in an object; the object itself may be the only entry."""
        names = [field.name for field in self.read_members(pos)[0]]
        wrapped = next((name for name in _LIST_KEYS if name in names), None)
        if wrapped is None:
            return self.scan_entry(pos)
        members, end = self.read_members(pos, keep_starts=True)
        start = next(field.value for field in members if field.name == wrapped)
        self.require(start, "[")
        self.scan_array(start)
        return end

    def scan_array(self, pos: int) -> int:
        pos = self.skip(pos + 1)
        while self.char(pos) != "]":
            pos = self.skip(self.scan_entry(pos))
            self.require(pos, ",]")
            pos = self.skip(pos + 1) if self.char(pos) == "," else pos
        return pos + 1

    def scan_entry(self, pos: int) -> int:
        if self.char(pos) != "{":
            _, end = _DECODER.raw_decode(self.text, pos)
            self.report(pos, "this is not a source", "write an object with id, type and title")
            return end
        fields, end = self.read_members(pos)
        values = {field.name: field for field in fields}
        start = self.lines.position(pos)
        id_field, type_field = values.get("id"), values.get("type")
        key = str(id_field.value) if id_field and isinstance(id_field.value, str | int) else ""
        if not key:
            self.report(pos, "the source has no id", 'add "id": "…", the key by which chapters cite it')
            return end
        self.result.entries.append(
            ScannedEntry(
                key,
                str(type_field.value) if type_field else "",
                id_field.value_position if id_field else start,
                type_field.value_position if type_field else start,
                tuple(field for field in fields if field.name not in ("id", "type")),
                self.text[pos:end],
            )
        )
        return end

    def read_members(self, pos: int, *, keep_starts: bool = False) -> tuple[list[Field], int]:
        """Return the members of an object, and the index after it; their values, or the indices where these start."""
        fields: list[Field] = []
        pos = self.skip(pos + 1)
        while self.char(pos) != "}":
            self.require(pos, '"')
            name, after = _DECODER.raw_decode(self.text, pos)
            colon = self.skip(after)
            self.require(colon, ":")
            start = self.skip(colon + 1)
            value, end = _DECODER.raw_decode(self.text, start)
            shown: object = start if keep_starts else value
            fields.append(Field(name, shown, self.lines.position(pos), self.lines.position(start)))
            pos = self.skip(end)
            self.require(pos, ",}")
            pos = self.skip(pos + 1) if self.char(pos) == "," else pos
        return fields, pos + 1
