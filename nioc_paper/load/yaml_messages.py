"""Describe faults of YAML in words for authors: the place to look at, what is there, what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from nioc_paper.model.late_pattern import late_pattern

if TYPE_CHECKING:
    import yaml

_QUOTE_HINT = "put the text in quotation marks"
_EMPTY = late_pattern(r"[^#'\"]*:\s+(?P<sign>\[\s*\]|\{\s*\})\s*(?:#.*)?")
_PAIR = late_pattern(r"[\s-]*[\w-]+:\s+\S")


class YamlFault(NamedTuple):
    """Fault of a YAML text: line and column from 1, message and hint."""

    line: int
    column: int
    message: str
    hint: str


def describe_fault(error: yaml.MarkedYAMLError, lines: Sequence[str]) -> YamlFault:
    """Return the fault that PyYAML found in a text with these lines."""
    problem, context = str(error.problem or error).strip(), str(error.context or "")
    mark, start = error.problem_mark, error.context_mark
    here = (mark.line, mark.column) if mark else (0, 0)
    opened = (start.line, start.column) if start else here
    line = lines[here[0]] if here[0] < len(lines) else ""
    if fault := _describe_quote_or_bracket(problem, context, here, opened):
        return fault
    if problem.startswith("could not find expected ':'"):
        text = lines[opened[0]].strip() if opened[0] < len(lines) else ""
        return _fault(
            opened, f"'{text[:40]}' is not a key with a value", "write 'key: value', with a colon and a space"
        )
    if "cannot start any token" in problem:
        return _describe_sign(here, line)
    if "alias" in problem or "alias" in context or "anchor" in context:
        return _fault(
            opened, f"'{line[opened[1] : opened[1] + 1]}' has a meaning of its own at the start of a text", _QUOTE_HINT
        )
    if "block sequence entries" in problem:
        return _fault(here, "a list begins in the line of its key", "begin it in the next line, with '- '")
    if "another document" in problem:
        return _fault(here, "a line '---' is inside of the file", "delete it")
    return (
        _describe_empty(here, lines, line)
        or _describe_indentation(here, lines, line)
        or _describe_text(here, line, problem)
    )


def _fault(pos: tuple[int, int], message: str, hint: str) -> YamlFault:
    return YamlFault(pos[0] + 1, pos[1] + 1, message, hint)


def _describe_quote_or_bracket(
    problem: str, context: str, here: tuple[int, int], opened: tuple[int, int]
) -> YamlFault | None:
    """Return the fault in a text in quotation marks, or between brackets; None for others."""
    if "quoted scalar" in context and "escape" not in problem:
        return _fault(opened, "the quotation mark that opens here is never closed", "close it")
    if "escape" in problem:
        message = "a backslash in quotation marks begins a special sign"
        return _fault(here, message, "write \\\\, or use single quotation marks")
    if "flow" in context:
        return _describe_bracket(here, opened, "brace" if "mapping" in context else "bracket")
    return None


def _describe_bracket(here: tuple[int, int], opened: tuple[int, int], name: str) -> YamlFault:
    if here[0] > opened[0]:
        return _fault(opened, f"the {name} that opens here is never closed", f"close the {name}")
    return _fault(here, "a comma is missing between two entries", f"write one, or close the {name}")


def _describe_sign(here: tuple[int, int], line: str) -> YamlFault:
    sign = line[here[1] : here[1] + 1]
    if sign == "\t":
        return _fault(here, "the line is indented by a tab", "use spaces")
    return _fault(here, f"a text may not begin with '{sign}'", _QUOTE_HINT)


def _describe_empty(here: tuple[int, int], lines: Sequence[str], line: str) -> YamlFault | None:
    """Return the fault of entries below a key whose value is an empty list or record; None if there is none."""
    number = next((i for i in range(here[0] - 1, -1, -1) if _has_content(lines[i])), here[0])
    above = lines[number] if number < here[0] else ""
    is_entry = line.lstrip().startswith("- ") or _indent(line) > _indent(above)
    if not is_entry or not (empty := _EMPTY.fullmatch(above)):
        return None
    kind = "list" if empty["sign"].startswith("[") else "record"
    message = f"'{empty['sign']}' is an empty {kind}, and entries follow it"
    return _fault((number, empty.start("sign")), message, f"delete '{empty['sign']}'")


def _describe_indentation(here: tuple[int, int], lines: Sequence[str], line: str) -> YamlFault | None:
    """Return the fault of a line that is indented otherwise than the one above; None if it is not."""
    before = [text for text in lines[: here[0]] if _has_content(text)]
    if not before or not line.strip():
        return None
    indent, above = _indent(line), _indent(before[-1])
    is_item = re.match(r"\s*- ", before[-1]) is not None and not line.lstrip().startswith("- ")
    expected_indent = above + 2 if is_item else above
    levels = {_indent(text) for text in before} | ({expected_indent} if is_item else set())
    # A line may go back to a level above, and in by any number after a key without a value.
    is_deeper = indent > expected_indent and not before[-1].rstrip().endswith(":")
    if indent == expected_indent or (indent in levels and not is_deeper):
        return None
    return YamlFault(
        here[0] + 1,
        indent + 1,
        f"the line is indented by {_spaces(indent)}, the one above by {expected_indent}",
        "indent entries of one list or record by the same number of spaces",
    )


def _has_content(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _spaces(count: int) -> str:
    return f"{count} space{'s' * (count != 1)}"


def _describe_text(here: tuple[int, int], line: str, problem: str) -> YamlFault:
    if "mapping values" in problem:
        return _fault(here, "a colon and a space in the text begin another value", _QUOTE_HINT)
    if "block scalar" in problem or "comment or line break" in problem:
        return _fault(here, "text follows '|' or '>'", "begin it in the next line, indented")
    if re.search(r""":\s+(["']).*\1.+""", line) or "expected key" in problem:
        hint = "put the whole text in quotation marks; write '' for an apostrophe in single ones"
        return _fault(here, f"'{line[here[1] : here[1] + 30].strip()}' follows what is complete", hint)
    if "directive" in problem or "alphabetical" in problem:
        return _fault(here, "a line may not begin with '%'", _QUOTE_HINT)
    if _PAIR.match(line) or "indicator" in problem:
        return _fault(
            here, "the line is not an entry of the list above", "begin it with '- ', or indent it like its record"
        )
    return _fault(here, f"'{line.strip()[:40]}' does not fit here", "compare it with the lines above")
