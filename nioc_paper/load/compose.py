"""YAML to plain values with the place of each, and every fault as a finding.

PyYAML's scanner and composer do the reading; what they leave open is closed here: scalars stay text (no `NO` that
becomes False), duplicate keys, anchors' aliases and tags are refused, nesting is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from nioc_paper.load.text import cleaned, odd
from nioc_paper.load.yaml import Data, number
from nioc_paper.model import Diagnostic, Loc, Place, Report, Severity
from nioc_paper.signs import FORBIDDEN

# libyaml is ten times as fast, but is not in every wheel.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEPTH = 12
_CORE_TAG = "tag:yaml.org,2002:"
_KNOWN_TAGS = {_CORE_TAG + name for name in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge")}
_SALVAGE = re.compile(r"^([A-Za-z_]\w*):[ \t]+([^\s\"'\[\]{}&*!|>%@`#][^#\n]*?)[ \t]*$", re.MULTILINE)
_HINTS: Mapping[str, str] = {
    "while scanning a quoted scalar": "close the quotation mark that opens here",
    "while scanning for the next token": "use spaces, not tabs, and put special characters in quotes",
    "while scanning a simple key": "write 'key: value', with a colon and a space",
    "while parsing a block mapping": "check the indentation of this line and the one above",
    "while parsing a flow mapping": "close the brace, and put a comma between the entries",
    "while parsing a flow sequence": "close the bracket, and put a comma between the entries",
}


def compose(text: str, path: str, report: Report, *, typed: bool) -> Data:
    """A YAML text; `typed` gives numbers and booleans instead of text."""
    data = Data()
    try:
        loader = _LOADER(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        report(_syntax(error, path))
        data.value, data.broken = dict(_SALVAGE.findall(text)) or None, True
        return data
    if node is not None:
        data.value = _Builder(data, path, report, typed, text.split("\n")).build(node, ())
    return data


def _syntax(error: yaml.YAMLError, path: str) -> Diagnostic:
    context = getattr(error, "context", None) or ""
    mark = getattr(error, "problem_mark", None)
    if mark is None or "quoted scalar" in context:
        # The end of the file is where a quote was missed, its opening is where it can be mended.
        mark = getattr(error, "context_mark", None) or mark
    place = Place(path, mark.line + 1, mark.column + 1) if mark else Place(path)
    problem = str(getattr(error, "problem", None) or error).strip()
    return Diagnostic(
        place, "bad-yaml", problem, hint=_HINTS.get(context, "put texts with : # or quotes in quotation marks")
    )


@dataclass(slots=True)
class _Builder:
    data: Data
    path: str
    report: Report
    typed: bool
    lines: Sequence[str]
    seen: set[int] = field(default_factory=set)

    def say(self, node: yaml.Node, rule: str, message: str, hint: str) -> None:
        mark = node.start_mark
        self.report(Diagnostic(Place(self.path, mark.line + 1, mark.column + 1), rule, message, hint=hint))

    def build(self, node: yaml.Node, loc: Loc) -> Any:
        self.data.marks[loc] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if id(node) in self.seen:
            self.say(node, "yaml-feature", "an alias repeats another value", "write the value out")
            return None
        if len(loc) > _DEPTH:
            self.say(node, "yaml-feature", f"nested more than {_DEPTH} deep", "flatten it")
            return None
        if node.tag not in _KNOWN_TAGS:
            self.say(node, "yaml-feature", f"the tag {node.tag!r} is not used here", "put the text in quotes")
            return None
        self.seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, loc)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*loc, index)) for index, item in enumerate(node.value)]
        return self.scalar(node)

    def scalar(self, node: Any) -> Any:
        self.cut(node)
        if not node.style and node.value in ("", "~", "null"):
            return None
        if not node.value.isascii() or FORBIDDEN.search(node.value):
            # The file's own characters are clean by now: these were written as escapes.
            mark = node.start_mark
            for diagnostic in odd(node.value, Place(self.path, mark.line + 1, mark.column + 1)):
                self.report(replace(diagnostic, place=Place(self.path, mark.line + 1, mark.column + 1)))
            node.value = cleaned(node.value)
        if not self.typed or node.style:
            return str(node.value)
        if node.tag in (_CORE_TAG + "int", _CORE_TAG + "float"):
            return _number(node.value)
        return node.value == "true" if node.value in ("true", "false") else str(node.value)

    def cut(self, node: Any) -> None:
        """Say where a comment may be a part of a text: in one without quotation marks ' #' begins it."""
        end = node.end_mark
        line = self.lines[end.line] if not node.style and end.line < len(self.lines) else ""
        if found := re.match(r"[ \t]+#(?=\S|\s+\d)", line[end.column :]):
            place = Place(self.path, end.line + 1, end.column + found.end())
            message = f"what follows ' #' is a comment: the text is '{str(node.value)[-30:]}'"
            hint = "put the text in quotation marks, or write '# ' before a comment"
            self.report(Diagnostic(place, "cut-text", message, Severity.WARNING, hint))

    def mapping(self, node: yaml.MappingNode, loc: Loc) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.say(key, "bad-yaml", "a key must be plain text", "put texts that begin with [ or { in quotes")
            elif key.value in out:
                self.say(key, "duplicate-key", f"the key '{key.value}' is given twice", "delete one of the two")
            else:
                where = (*loc, key.value)
                self.data.keys[where] = (key.start_mark.line + 1, key.start_mark.column + 1)
                out[key.value] = self.build(value, where)
        return out


def _number(text: str) -> int | float | str:
    try:
        return int(text)
    except ValueError:
        return number(text)
