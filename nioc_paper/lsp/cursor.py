"""The word at the cursor, and the kind of name that it is."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping

import yaml
from msgspec import Struct
from pygls.workspace import PositionCodec

from nioc_paper.load.source_text import split_front_matter
from nioc_paper.lsp import names
from nioc_paper.lsp.names import Name, NameKind
from nioc_paper.model import Paper


class Target(Struct, frozen=True):
    """A word with its columns from 0, and its kind of name."""

    word: str
    start: int
    end: int
    cursor: int
    """Column of the cursor: in the word, on either side, or on the mark before it."""
    kind: NameKind | None = None
    is_key: bool = False
    """Whether it is a key of a mapping in YAML."""


def find_name(paper: Paper, target: Target) -> Name | None:
    """Return the name that a target refers to; None if the paper has no such name."""
    known = target.kind(paper) if target.kind else iter(())
    return next((name for name in known if name.id == target.word), None)


_KEY = r"(?P<word>(?:\w[\w:.#$%&+?<>~/-]*)?)"
_TEXT_PATTERNS: tuple[tuple[re.Pattern[str], NameKind], ...] = (
    (re.compile(rf"(?<![\w@.])-?@\{{?{_KEY}"), names.targets),
    (re.compile(r"\]\(#(?P<word>[\w:.-]*)"), names.anchors),
    (re.compile(r"\{[^}]*\bto=\"?(?P<word>[\w-]*)"), names.chapters),
)
"""Patterns that start a name in a line of text."""
_FIELD_START = re.compile(r"\s*[-*+] (Owner|Support|Closes|Objective|Priority):[ \t]*")
_FIELD_PATTERNS: Mapping[str, tuple[re.Pattern[str], NameKind]] = {
    "Owner": (re.compile(r"(?P<word>\S.*\S|\S?)"), names.organization_names),
    "Support": (re.compile(r"(?P<word>[^;,\s][^;,]*|)"), names.organization_names),
    "Closes": (re.compile(r"(?P<word>[\w-]*)"), names.anchors_of("gap")),
    "Objective": (re.compile(r"(?P<word>[\w-]*)"), names.anchors_of("obj")),
    "Priority": (re.compile(r"(?P<word>[\w-]*)"), names.priorities),
}
"""Fields of a recommendation whose values are names."""
_YAML_PATHS: tuple[tuple[NameKind, str], ...] = (
    (names.people, "editor approvers contributors.id clearances.contact approvals.who sendings.to sendings.changed_by"),
    (names.people, "comments.by comments.answer.by comments.replies.by unmerged.by unmerged.answer.by"),
    (names.organizations, "publisher people.org clearances.body"),
    (names.people_and_organizations, "decisions.who decisions.owner"),
    (names.decision_links, "decisions.link"),
    (names.chapters, "chapter links.to approvals.chapter"),
    (names.chapter_paths, "parts.chapters"),
    (names.statuses, "status gates.leaves"),
    (names.rules, "allow.rule"),
    (names.sources, "nocite facts.source facts.conflicts.source references.primary references.seen-through"),
)
_YAML_KINDS = {tuple(path.split(".")): kind for kind, paths in _YAML_PATHS for path in paths.split()}
"""Values of YAML that are names, by their path of keys."""
_YAML_KEY_KINDS: Mapping[tuple[str, ...], NameKind] = {("due",): names.statuses, ("rules",): names.rules}
"""Keys of YAML that are names, by the path of their mapping."""
_SCALAR_START = re.compile(r"^\s*(?:- +)*|:\s+|[\[{,]\s*|[\"']")
_SCALAR_END = re.compile(r"[,\[\]{}\"'#]|:(?=\s|$)|$")
"""End of a scalar on either side; exact enough for ids."""


def find_target(path: str, text: str, line: int, column: int, category_key: str) -> Target | None:
    """Return the target at a place of a file, line and column from 0; None if nothing can be named there."""
    lines = split_lines(text)
    if line >= len(lines):
        return None
    if path.endswith(".yaml"):
        return _target_in_yaml("\n".join(lines[:line]) + "\n" * bool(line), lines[line], column, category_key)
    head, _, body = split_front_matter("\n".join(lines), path, lambda _: None)
    if not head or line + 1 >= body:
        return _target_in_text(lines[line], column)
    if line in (0, body - 2):
        return None  # the fences
    return _target_in_yaml("\n".join(["", *lines[1:line], ""]), lines[line], column, category_key)


def _target_in_text(line: str, column: int) -> Target | None:
    if field := _FIELD_START.match(line):
        pattern, kind = _FIELD_PATTERNS[field[1]]
        marks = [(match, kind) for match in pattern.finditer(line, field.end())]
    else:
        marks = [(match, kind) for pattern, kind in _TEXT_PATTERNS for match in pattern.finditer(line)]
    for match, kind in marks:
        if match.start() <= column <= match.end("word"):
            start, end = match.span("word")
            # Without the full stop after a key, unless the cursor is after it.
            end = max(start + len(match["word"].rstrip(" :.#$%&+?<>~/-")), min(column, end))
            return Target(match.string[start:end], start, end, column, kind)
    return None


def _target_in_yaml(before: str, line: str, column: int, category_key: str) -> Target | None:
    start, end = _scalar_span(line, column)
    yaml_path = find_yaml_path(before + line[:start].rstrip("\"'"))
    if yaml_path is None or "#" in re.sub(r"\"[^\"]*\"?|'[^']*'?|\S#", "", line[:column]):
        return None
    kinds = _YAML_KEY_KINDS if yaml_path.is_key else {**_YAML_KINDS, (category_key,): names.categories}
    return Target(line[start:end], start, end, column, kinds.get(yaml_path.keys), is_key=yaml_path.is_key)


def _scalar_span(line: str, column: int) -> tuple[int, int]:
    """Return the columns of the YAML scalar around a column, without its quotes."""
    start = max(m.end() for m in _SCALAR_START.finditer(line[:column]))
    end = column + next(_SCALAR_END.finditer(line[column:])).start()
    return start, max(start + len(line[start:end].rstrip()), column)


# --- path of keys at a place in YAML ----------------------------------------------------------------------------------
# PyYAML reads only the text before it, so the rest may be broken.


_PROBE, _LIST = "PROBE", "\0list"


class YamlPath(Struct, frozen=True):
    """The keys that lead to a place, without list indices, and whether the next word is a key."""

    keys: tuple[str, ...] = ()
    is_key: bool = True


def find_yaml_path(text: str) -> YamlPath | None:
    """Return the path of a word after this text; None if the text cannot be read."""
    # Probe with a value; if the parser asks for a colon, with a key.
    for probe in (_PROBE, f"{_PROBE}: x"):
        with contextlib.suppress(yaml.YAMLError, ValueError, OverflowError):  # "\UFFFFFFFF" is not a character
            open_: list[str | None] = []  # for a mapping the key of the next value, or None before a key
            for event in yaml.parse(text + probe, Loader=yaml.SafeLoader):
                if isinstance(event, yaml.ScalarEvent) and event.value == _PROBE:
                    keys = tuple(key for key in open_ if key not in (None, _LIST))
                    return YamlPath(keys, not open_ or open_[-1] is None)
                if isinstance(event, yaml.CollectionStartEvent):
                    open_.append(None if isinstance(event, yaml.MappingStartEvent) else _LIST)
                    continue
                if isinstance(event, yaml.CollectionEndEvent):
                    open_.pop()
                is_key = open_ and open_[-1] is None
                if open_ and open_[-1] != _LIST:
                    open_[-1] = event.value if is_key and isinstance(event, yaml.ScalarEvent) else None
            return None
    return None


# --- lines and columns as editors count them, in a unit agreed with each editor ---------------------------------------


_LINE_END = re.compile("\r\n|\r|\n")


def split_lines(text: str) -> list[str]:
    """Return the lines of a text without their ends; the last one may be empty."""
    return _LINE_END.split(text)


def to_column(line: str, units: int, codec: PositionCodec) -> int:
    """Return the number of characters before a position in the units of an editor.

    A position inside a character counts as before it, one after the line as its end.
    """
    column = 0
    while column < len(line) and (units := units - codec.client_num_units(line[column])) >= 0:
        column += 1
    return column
