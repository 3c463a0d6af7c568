"""Places of a name: where it is defined, and everywhere that a text refers to it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from pygls.exceptions import JsonRpcInvalidParams

from nioc_paper.lsp import names
from nioc_paper.lsp.cursor import find_name, find_target, split_lines
from nioc_paper.lsp.names import Name, NameKind
from nioc_paper.model import Paper, slugify

_KINDS: Final[tuple[NameKind, ...]] = (
    names.anchors,
    names.sources,
    names.facts,
    names.people,
    names.organizations,
    names.chapters,
    names.statuses,
    names.categories,
    names.priorities,
)
"""Kinds of names that a paper defines."""
_FACT: Final = "fact-"
_KEY: Final = re.compile(r"[A-Za-z0-9_][\w:.#$%&+?<>~/-]*")
Texts = Mapping[str, str]
"""Texts of the paper's files by path, with what is not saved."""


class Occurrence(NamedTuple):
    """A name in a text: path, line and columns from 0."""

    path: str
    line: int
    start: int
    end: int
    is_definition: bool = False


class RenameError(JsonRpcInvalidParams):
    """A name that cannot be changed so. The message gives the reason."""


def name_at(paper: Paper, path: str, text: str, line: int, column: int) -> tuple[Name, Occurrence] | None:
    """Return the name at a place of a file, one that is referred to or defined there, with its occurrence there."""
    target = find_target(path, text, line, column, paper.settings.category_key)
    name = find_name(paper, target) if target else None
    if target and name:
        return name, Occurrence(path, line, target.start, target.end)
    for defined in defined_names(paper):
        here = _definition(defined, {path: text}) if defined.place and defined.place.path == path else None
        if here and here.line == line and here.start <= column <= here.end:
            return defined, here
    return None


def find_occurrences(paper: Paper, name: Name, texts: Texts) -> Iterator[Occurrence]:
    """Yield the definition of a name and every reference to it, by file."""
    if definition := _definition(name, texts):
        yield definition
    prefix = f"(?:{_FACT})?" if name.id.startswith(_FACT) else ""
    pattern = re.compile(rf"(?<![\w-]){prefix}{re.escape(_written_id(name))}(?![\w-])")
    for path, number, start in _find_matches(pattern, texts):
        target = find_target(path, texts[path], number, start, paper.settings.category_key)
        match_name = find_name(paper, target) if target else None
        if target and match_name and match_name.place == name.place:
            occurrence = Occurrence(path, number, target.start, target.end)
            if definition is None or occurrence[:3] != definition[:3]:
                yield occurrence


def _find_matches(pattern: re.Pattern[str], texts: Texts) -> Iterator[tuple[str, int, int]]:
    """Yield the file, the line and the column of each match, by file; lines and columns are counted from 0."""
    for path, text in sorted(texts.items()):
        for number, line in enumerate(split_lines(text) if pattern.search(text) else ()):
            yield from ((path, number, match.start()) for match in pattern.finditer(line))


def rename(paper: Paper, name: Name, new_id: str, texts: Texts) -> list[tuple[Occurrence, str]]:
    """Return the edits that give a name another id. Raises RenameError."""
    new_text = new_id.removeprefix(_FACT) if name.id.startswith(_FACT) else new_id
    require_renamable(paper, name)
    _require_valid(paper, name, new_text)
    edits = []
    for occurrence in find_occurrences(paper, name, texts):
        old = split_lines(texts[occurrence.path])[occurrence.line][occurrence.start : occurrence.end]
        edits.append((occurrence, old.replace(_written_id(name), new_text)))
    if not any(occurrence.is_definition for occurrence, _ in edits):
        raise RenameError(f"'{name.id}' is defined in a file that is not edited here")
    return edits


def require_renamable(paper: Paper, name: Name) -> None:
    """Raise RenameError for names in files' names, in Word files that were sent, and in the history."""
    fixed_names = [*names.chapters(paper), *names.statuses(paper), *names.categories(paper), *names.priorities(paper)]
    if name.place is None or any(name.place == other.place for other in fixed_names):
        raise RenameError(f"'{name.id}' cannot be renamed here: files, approvals or the record of reviews have it too")


def _require_valid(paper: Paper, name: Name, new_text: str) -> None:
    is_key = any(name.place == source.place for source in names.sources(paper))
    is_anchor = any((name.place, name.id) == (anchor.place, anchor.id) for anchor in names.anchors(paper))
    prefix, dash, _ = name.id.partition("-") if is_anchor else ("", "", "")
    if is_key and not _KEY.fullmatch(new_text):
        raise RenameError(f"'{new_text}' is not a key of a source: write letters, digits and dashes")
    if not is_key and new_text != slugify(new_text):
        raise RenameError(f"'{new_text}' is not an id: write letters from a to z, digits and dashes")
    if dash and not new_text.startswith(f"{prefix}-"):
        raise RenameError(f"'{new_text}' begins with another kind: write '{prefix}-…'")
    new_id = f"{_FACT}{new_text}" if name.id.startswith(_FACT) else new_text
    if any(other.id == new_id and other.place != name.place for other in defined_names(paper)):
        raise RenameError(f"'{new_id}' is there already")


def defined_names(paper: Paper) -> Iterator[Name]:
    """Yield the names that a paper defines, with their places."""
    return (name for kind in _KINDS for name in kind(paper) if name.place)


def _written_id(name: Name) -> str:
    """Return a name as its definition has it: without the prefix of facts, and of chapters as targets."""
    return name.id.removeprefix(_FACT)


def _definition(name: Name, texts: Texts) -> Occurrence | None:
    """Return the id where a name is defined; None if its file is not there or has changed."""
    place = name.place
    lines = split_lines(texts[place.path]) if place and place.path in texts else []
    if place is None or place.line > len(lines):
        return None
    line, word = lines[place.line - 1], _written_id(name)
    # From the column of a value in YAML, from the line's first brace in a text.
    start = line.find("{") if "{#" in line and place.path.endswith(".md") else max(place.column - 1, 0)
    for candidate in (word, word.removeprefix("sec-")):
        match = re.compile(rf"(?<![\w-]){re.escape(candidate)}(?![\w-])").search(line, start)
        if match:
            return Occurrence(place.path, place.line - 1, match.start(), match.end(), is_definition=True)
    return None
