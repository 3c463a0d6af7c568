"""Compose YAML into plain values with their positions. Each fault is a finding.

PyYAML scans and composes. On top of it: scalars stay text (no `NO` that becomes False); duplicate keys, aliases and
tags are refused; nesting is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import yaml
from msgspec import Struct, field
from msgspec.structs import replace

from nioc_paper.load.source_text import character_diagnostics, clean_characters
from nioc_paper.load.yaml_data import YamlData, number_or_text
from nioc_paper.load.yaml_messages import describe_fault
from nioc_paper.model import Diagnostic, KeyPath, Place, Reporter, Severity
from nioc_paper.model.characters import FORBIDDEN_CHARACTERS
from nioc_paper.model.late_pattern import late_pattern

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
            return _int_float_or_text(node.value)
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


def _int_float_or_text(text: str) -> int | float | str:
    try:
        return int(text)
    except ValueError:
        return number_or_text(text)
