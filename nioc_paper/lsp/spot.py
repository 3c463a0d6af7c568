"""What stands at the cursor: the word, and what it would name there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from nioc_paper.load.text import split
from nioc_paper.lsp import names
from nioc_paper.lsp.names import Kind
from nioc_paper.lsp.positions import lines_of
from nioc_paper.lsp.yamlpath import path_behind


@dataclass(frozen=True, slots=True)
class Spot:
    """A word with its columns from 0, the kind of name that it is, and its path where it stands in YAML."""

    word: str
    start: int
    end: int
    cursor: int
    """The column of the cursor: in the word, on either side, or on the mark before it."""
    kind: Kind | None = None
    in_front: bool = False
    """Whether it stands in the front matter of a chapter."""
    path: tuple[str, ...] = ()
    is_key: bool = False
    given: tuple[str, ...] = ()


_KEY = r"(?P<word>(?:\w[\w:.#$%&+?<>~/-]*)?)"
_MARKS: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (re.compile(rf"(?<![\w@.])-?@\{{?{_KEY}"), names.targets),
    (re.compile(r"\]\(#(?P<word>[\w:.-]*)"), names.anchors),
    (re.compile(r"\{[^}]*\bto=\"?(?P<word>[\w-]*)"), names.chapters),
    (re.compile(r"\{[^}]*\blist=\"?(?P<word>[\w-]*)"), names.lists),
)
"""What in a line of text begins a name."""
_FIELD = re.compile(r"\s*[-*+] (Owner|Support|Closes):[ \t]*")
_FIELDS: Mapping[str, tuple[re.Pattern[str], Kind]] = {
    "Owner": (re.compile(r"(?P<word>\S.*\S|\S?)"), names.bodies),
    "Support": (re.compile(r"(?P<word>[^;,\s][^;,]*|)"), names.bodies),
    "Closes": (re.compile(r"(?P<word>[\w-]*)"), names.gaps),
}
"""Fields of a recommendation that name something."""
_YAML: Mapping[tuple[str, ...], Kind] = {
    ("status",): names.statuses,
    ("contributors", "id"): names.people,
    ("clearances", "body"): names.organizations,
    ("clearances", "contact"): names.people,
    ("links", "to"): names.chapters,
    ("allow", "rule"): names.rules,
    ("people", "org"): names.organizations,
    ("publisher",): names.organizations,
    ("editor",): names.people,
    ("parts", "chapters"): names.paths,
    ("gates", "leaves"): names.statuses,
    ("facts", "source"): names.sources,
    ("facts", "conflicts", "source"): names.sources,
    ("references", "primary"): names.sources,
    ("decisions", "who"): names.everybody,
    ("decisions", "owner"): names.everybody,
    ("decisions", "link"): names.links,
}
"""Values of YAML that name something, by the keys that lead to them."""
_YAML_KEYS: Mapping[tuple[str, ...], Kind] = {("due",): names.statuses, ("rules",): names.rules}
"""Keys that name something, by the keys that lead to their mapping."""
_BEFORE = re.compile(r"^\s*(?:- +)*|:\s+|[\[{,]\s*|[\"']")
_BEHIND = re.compile(r"[,\[\]{}\"'#]|:(?=\s|$)|$")
"""What ends a scalar on either side, near enough for the ids that matter."""


def spot(path: str, text: str, line: int, column: int, category_key: str) -> Spot | None:
    """What stands at a place of a file, line and column from 0; None where nothing is named."""
    lines = lines_of(text)
    if line >= len(lines):
        return None
    if path.endswith(".yaml"):
        return _in_yaml("\n".join(lines[:line]) + "\n" * bool(line), lines[line], column, category_key)
    head, _, body = split("\n".join(lines), path, lambda _: None)
    if not head or line + 1 >= body:
        return _in_text(lines[line], column)
    if line in (0, body - 2):
        return None  # the fences
    found = _in_yaml("\n".join(["", *lines[1:line], ""]), lines[line], column, category_key)
    return replace(found, in_front=True) if found else None


def _in_text(line: str, column: int) -> Spot | None:
    if found := _FIELD.match(line):
        pattern, kind = _FIELDS[found[1]]
        marks = [(match, kind) for match in pattern.finditer(line, found.end())]
    else:
        marks = [(match, kind) for pattern, kind in _MARKS for match in pattern.finditer(line)]
    for match, kind in marks:
        if match.start() <= column <= match.end("word"):
            return _trimmed(match, column, kind)
    return None


def _trimmed(match: re.Match[str], column: int, kind: Kind) -> Spot:
    """Without the full stop behind a key, unless the cursor is behind that."""
    start, end = match.span("word")
    word = match["word"]
    end = max(start + len(word.rstrip(" :.#$%&+?<>~/-")), min(column, end))
    return Spot(match.string[start:end], start, end, column, kind)


def _in_yaml(before: str, line: str, column: int, category_key: str) -> Spot | None:
    start, end = _scalar(line, column)
    found = path_behind(before + line[:start].rstrip("\"'"))
    if found is None or "#" in _unquoted(line[:column]):
        return None
    kinds = _YAML_KEYS if found.is_key else {**_YAML, (category_key,): names.categories}
    kind = kinds.get(found.keys)
    return Spot(line[start:end], start, end, column, kind, path=found.keys, is_key=found.is_key, given=found.given)


def _scalar(line: str, column: int) -> tuple[int, int]:
    """The columns of the YAML scalar around a column, without its quotes."""
    start = max(m.end() for m in _BEFORE.finditer(line[:column]))
    end = column + next(_BEHIND.finditer(line[column:])).start()
    return start, max(start + len(line[start:end].rstrip()), column)


def _unquoted(text: str) -> str:
    return re.sub(r"\"[^\"]*\"?|'[^']*'?|\S#", "", text)
