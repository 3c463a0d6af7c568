"""Compose YAML into plain values with their positions. Each fault is a finding.

PyYAML scans and composes. On top of it: scalars stay text (no `NO` that becomes False); duplicate keys, aliases and
tags are refused; nesting is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import yaml
from msgspec import Struct, field
from msgspec.structs import replace

from nioc_paper.load.source_text import character_diagnostics, clean_characters
from nioc_paper.load.yaml_positions import YamlData, number_or_text
from nioc_paper.model import Diagnostic, KeyPath, Place, Reporter, Severity, format_count
from nioc_paper.model.characters import FORBIDDEN_CHARACTERS
from nioc_paper.model.lazy_regex import late_pattern

if TYPE_CHECKING:
    import yaml


# libyaml is ten times as fast, but is not in every wheel.
YAML_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
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
        loader = YAML_LOADER(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        line, column, message, hint = 1, 1, str(error), "write plain text"
        if isinstance(error, yaml.MarkedYAMLError):
            line, column, message, hint = describe_fault(error, text.split("\n"))
        report(Diagnostic(Place(path, line, column), "bad-yaml", message, hint=hint))
        data.value, data.broken = dict(_PLAIN_PAIR.findall(text)) or None, True
        return data
    if node is not None:
        data.value = _ValueBuilder(data, path, report, typed, text.split("\n")).build(node, ())
    return data


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
        if refusal := self.find_refusal(node, loc):
            self.report_fault(node, "yaml-feature", *refusal)
            return None
        self.seen_ids.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self.build_mapping(node, loc)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*loc, index)) for index, item in enumerate(node.value)]
        return self.build_scalar(node) if isinstance(node, yaml.ScalarNode) else None

    def find_refusal(self, node: yaml.Node, loc: KeyPath) -> tuple[str, str] | None:
        """Return why a node is not read here, though it is YAML, and what to do; None if it is read."""
        if id(node) in self.seen_ids:
            return "an alias repeats another value", "write the value out"
        if len(loc) > _MAX_DEPTH:
            return f"nested more than {_MAX_DEPTH} deep", "flatten it"
        return None if node.tag in _KNOWN_TAGS else (f"the tag {node.tag!r} is not used here", "put the text in quotes")

    def build_scalar(self, node: yaml.ScalarNode) -> object:
        self.report_cut_text(node)
        if not node.style and node.value in ("", "~", "null"):
            return None
        if not node.value.isascii() or FORBIDDEN_CHARACTERS.search(node.value):
            # The characters of the file are clean already: these were written as escapes.
            mark = node.start_mark
            for diagnostic in character_diagnostics(node.value, Place(self.path, mark.line + 1, mark.column + 1)):
                self.report(replace(diagnostic, place=Place(self.path, mark.line + 1, mark.column + 1)))
            # Without libyaml an escape can spell half of a character, which no text may hold.
            node.value = clean_characters(node.value).encode(errors="replace").decode()
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
_WHOLE_HINT = "put the whole text in quotation marks; write '' for an apostrophe in single ones"
_Faults = Sequence[tuple[str, str, str]]
"""Faults by a pattern of "context; problem" of PyYAML, with signs of the line behind them: message and hint."""
_OPENED_FAULTS: _Faults = (
    ("quoted scalar.*;(?!.*escape)", "the quotation mark that opens here is never closed", "close it"),
    ("flow mapping, above;", "the brace that opens here is never closed", "close the brace"),
    ("flow.*, above;", "the bracket that opens here is never closed", "close the bracket"),
    (
        "; could not find expected ':'",
        "'{text}' is not a key with a value",
        "write 'key: value', with a colon and a space",
    ),
    ("alias|anchor.*;", "'{sign}' has a meaning of its own at the start of a text", _QUOTE_HINT),
)
"""Faults at the place where something was opened."""
_SIGN_FAULTS: _Faults = (
    (";.*escape", "a backslash in quotation marks begins a special sign", "write \\\\, or use single quotation marks"),
    ("flow mapping.*;", "a comma is missing between two entries", "write one, or close the brace"),
    ("flow.*;", "a comma is missing between two entries", "write one, or close the bracket"),
    ("cannot start any token.*, a tab", "the line is indented by a tab", "use spaces"),
    ("cannot start any token", "a text may not begin with '{sign}'", _QUOTE_HINT),
    ("block sequence entries", "a list begins in the line of its key", "begin it in the next line, with '- '"),
    ("another document", "a line '---' is inside of the file", "delete it"),
)
_TEXT_FAULTS: _Faults = (
    ("mapping values", "a colon and a space in the text begin another value", _QUOTE_HINT),
    ("block scalar|comment or line break", "text follows '|' or '>'", "begin it in the next line, indented"),
    ("expected key|, quoted", "'{rest}' follows what is complete", _WHOLE_HINT),
    ("directive|alphabetical", "a line may not begin with '%'", _QUOTE_HINT),
    (
        "indicator|, a pair",
        "the line is not an entry of the list above",
        "begin it with '- ', or indent it like its record",
    ),
)
_EMPTY = late_pattern(r"[^#'\"]*:\s+(?P<sign>\[\s*\]|\{\s*\})\s*(?:#.*)?")


YamlFault = tuple[int, int, str, str]
"""Fault of a YAML text: line and column from 1, message and hint."""


def describe_fault(error: yaml.MarkedYAMLError, lines: Sequence[str]) -> YamlFault:
    """Return the fault that PyYAML found in a text with these lines."""
    marks = error.problem_mark, error.context_mark or error.problem_mark
    here, opened = ((mark.line, mark.column) if mark else (0, 0) for mark in marks)
    line = lines[here[0]] if here[0] < len(lines) else ""
    words = f"{error.context or ''}{', above' * (here[0] > opened[0])}; {str(error.problem or error).strip()}"
    words += ", a tab" * (line[here[1] : here[1] + 1] == "\t")
    words += ", quoted" * bool(re.search(r""":\s+(["']).*\1.+""", line))
    words += ", a pair" * bool(re.match(r"[\s-]*[\w-]+:\s+\S", line))
    return (
        _find_fault(_OPENED_FAULTS, words, opened, lines)
        or _find_fault(_SIGN_FAULTS, words, here, lines)
        or _describe_empty(here, lines, line)
        or _describe_indentation(here, lines, line)
        or _find_fault(_TEXT_FAULTS, words, here, lines)
        or (here[0] + 1, here[1] + 1, f"'{line.strip()[:40]}' does not fit here", "compare it with the lines above")
    )


def _find_fault(faults: _Faults, words: str, pos: tuple[int, int], lines: Sequence[str]) -> YamlFault | None:
    """Return the first of some faults that PyYAML's words describe, at a place."""
    text = lines[pos[0]] if pos[0] < len(lines) else ""
    shown = {"text": text.strip()[:40], "sign": text[pos[1] : pos[1] + 1], "rest": text[pos[1] :][:30].strip()}
    fault = next(((message, hint) for pattern, message, hint in faults if re.search(pattern, words)), None)
    return (pos[0] + 1, pos[1] + 1, fault[0].format(**shown), fault[1]) if fault else None


def _describe_empty(here: tuple[int, int], lines: Sequence[str], line: str) -> YamlFault | None:
    """Return the fault of entries below a key whose value is an empty list or record; None if there is none."""
    number = next((i for i in range(here[0] - 1, -1, -1) if _has_content(lines[i])), here[0])
    above = lines[number] if number < here[0] else ""
    is_entry = line.lstrip().startswith("- ") or _indent(line) > _indent(above)
    if not is_entry or not (empty := _EMPTY.fullmatch(above)):
        return None
    kind = "list" if empty["sign"].startswith("[") else "record"
    message = f"'{empty['sign']}' is an empty {kind}, and entries follow it"
    return number + 1, empty.start("sign") + 1, message, f"delete '{empty['sign']}'"


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
    message = f"the line is indented by {format_count(indent, 'space')}, the one above by {expected_indent}"
    return here[0] + 1, indent + 1, message, "indent entries of one list or record by the same number of spaces"


def _has_content(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
