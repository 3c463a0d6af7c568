"""Compose YAML into plain values with their positions. Each fault is a finding.

PyYAML scans and composes. On top of it: scalars stay text (no `NO` that becomes False); duplicate keys, aliases and
tags are refused; nesting is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml
from msgspec import Struct, field
from msgspec.structs import replace

from nioc_paper.load.source_text import character_diagnostics, clean_characters
from nioc_paper.load.yaml_data import YamlData, number_or_text
from nioc_paper.model import Diagnostic, KeyPath, Place, Reporter, Severity
from nioc_paper.model.characters import FORBIDDEN_CHARACTERS
from nioc_paper.model.late_pattern import late_pattern

if TYPE_CHECKING:
    import yaml


# libyaml is ten times as fast, but is not in every wheel.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_DEPTH = 12
_LINE_ENDS_OF_YAML = late_pattern(r"\r(?!\n)|[\x85\u2028\u2029]")
"""Characters that end a line in YAML, but not in an editor: lines after them would have other numbers."""
_CORE_TAG = "tag:yaml.org,2002:"
_KNOWN_TAGS = {_CORE_TAG + name for name in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge")}
_PLAIN_PAIR = late_pattern(r"^([A-Za-z_]\w*):[ \t]+([^\s\"'\[\]{}&*!|>%@`#][^#\n]*?)[ \t]*$", re.MULTILINE)


def compose_yaml(text: str, path: str, report: Reporter, *, typed: bool) -> YamlData:
    """Return the values of a YAML text. Numbers and booleans are texts unless `typed`."""
    data, text = YamlData(), _LINE_ENDS_OF_YAML.sub(" ", text)
    try:
        loader = _LOADER(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        report(_syntax_error(error, path, text.split("\n")))
        data.value, data.broken = dict(_PLAIN_PAIR.findall(text)) or None, True
        return data
    if node is not None:
        data.value = _ValueBuilder(data, path, report, typed, text.split("\n")).build(node, ())
    return data


def _syntax_error(error: yaml.YAMLError, path: str, lines: Sequence[str]) -> Diagnostic:
    if not isinstance(error, yaml.MarkedYAMLError):
        return Diagnostic(Place(path), "bad-yaml", str(error), hint="write plain text")
    line, column, message, hint = describe_fault(error, lines)
    return Diagnostic(Place(path, line, column), "bad-yaml", message, hint=hint)


class _ValueBuilder(Struct):
    data: YamlData
    path: str
    report: Reporter
    typed: bool
    lines: Sequence[str]
    seen_ids: set[int] = field(default_factory=set)

    def report_fault(self, node: yaml.Node, rule: str, message: str, hint: str) -> None:
        mark = node.start_mark
        self.report(Diagnostic(Place(self.path, mark.line + 1, mark.column + 1), rule, message, hint=hint))

    def build(self, node: yaml.Node, loc: KeyPath) -> object:
        self.data.value_positions[loc] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if id(node) in self.seen_ids:
            self.report_fault(node, "yaml-feature", "an alias repeats another value", "write the value out")
            return None
        if len(loc) > _MAX_DEPTH:
            self.report_fault(node, "yaml-feature", f"nested more than {_MAX_DEPTH} deep", "flatten it")
            return None
        if node.tag not in _KNOWN_TAGS:
            self.report_fault(node, "yaml-feature", f"the tag {node.tag!r} is not used here", "put the text in quotes")
            return None
        self.seen_ids.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self.build_mapping(node, loc)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*loc, index)) for index, item in enumerate(node.value)]
        return self.build_scalar(node) if isinstance(node, yaml.ScalarNode) else None

    def build_scalar(self, node: yaml.ScalarNode) -> object:
        self.report_cut_text(node)
        if not node.style and node.value in ("", "~", "null"):
            return None
        if not node.value.isascii() or FORBIDDEN_CHARACTERS.search(node.value):
            # The characters of the file are clean already: these were written as escapes.
            mark = node.start_mark
            for diagnostic in character_diagnostics(node.value, Place(self.path, mark.line + 1, mark.column + 1)):
                self.report(replace(diagnostic, place=Place(self.path, mark.line + 1, mark.column + 1)))
            node.value = clean_characters(node.value)
        if not self.typed or node.style:
            return str(node.value)
        if node.tag in (_CORE_TAG + "int", _CORE_TAG + "float"):
            try:
                return int(node.value)
            except ValueError:
                return number_or_text(node.value)
        return node.value == "true" if node.value in ("true", "false") else str(node.value)

    def report_cut_text(self, node: yaml.ScalarNode) -> None:
        """Report a comment that may be part of a text: ' #' begins one unless the text is quoted."""
        end = node.end_mark
        line = self.lines[end.line] if not node.style and end.line < len(self.lines) else ""
        if comment := re.match(r"[ \t]+#(?=\S|\s+\d)", line[end.column :]):
            place = Place(self.path, end.line + 1, end.column + comment.end())
            message = f"the text after ' #' is a comment: the value is '{str(node.value)[-30:]}'"
            hint = "put the text in quotation marks, or write '# ' before a comment"
            self.report(Diagnostic(place, "cut-text", message, Severity.WARNING, hint))

    def build_mapping(self, node: yaml.MappingNode, loc: KeyPath) -> dict[str, object]:
        values: dict[str, object] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.report_fault(
                    key, "bad-yaml", "a key must be plain text", "put texts that begin with [ or { in quotes"
                )
            elif key.value in values:
                self.report_fault(
                    key, "duplicate/key", f"the key '{key.value}' is given twice", "delete one of the two"
                )
            else:
                key_loc = (*loc, key.value)
                self.data.key_positions[key_loc] = (key.start_mark.line + 1, key.start_mark.column + 1)
                values[key.value] = self.build(value, key_loc)
        return values


# --- faults of YAML in words for authors ------------------------------------------------------------------------------


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
