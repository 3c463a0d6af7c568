"""Answers about a place in a text: completions, hover text, definition."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from lsprotocol import types
from msgspec import Struct, field

from nioc_paper.lsp import names
from nioc_paper.lsp.cursor import Target
from nioc_paper.lsp.names import Name, NameKind
from nioc_paper.model import Chapter, Diagnostic, Fix, Paper, Place
from nioc_paper.model.schema import Schema, build_schema

_SUGGESTION = re.compile(r"did you mean '([^']+)'\?")
_QUOTED = re.compile(r"'([^']+)'")


def find_completions(paper: Paper, target: Target) -> list[types.CompletionItem]:
    """Return the completions at a target: names of the paper, or keys and values of the front matter."""
    if target.cursor < target.start:
        return []
    if target.kind:
        colon = ": " if target.is_key else ""
        return [_completion(n.id, n.title, n.description, f"{n.id}{colon}") for n in target.kind(paper)]
    return list(_schema_completions(paper, target)) if target.in_front_matter else []


def _completion(label: str, detail: str, description: str, insert_text: str) -> types.CompletionItem:
    kind = types.CompletionItemKind.Property if insert_text.endswith(": ") else types.CompletionItemKind.Reference
    # An author who forgot the id may remember a word of the title.
    words = f"{label} {detail}"
    return types.CompletionItem(
        label, kind=kind, detail=detail, documentation=description, filter_text=words, insert_text=insert_text
    )


def hover_text(paper: Paper, target: Target) -> str:
    """Return a description of a target in plain text; empty if it has no name."""
    if name := find_name(paper, target):
        return name.description
    if not target.in_front_matter or not target.is_key:
        return ""
    return str(
        _find_subschema(build_schema("chapter", paper.settings), (*target.path, target.word)).get("description", "")
    )


def suggested_fix(diagnostic: Diagnostic, line: str) -> Fix | None:
    """Return the correction that a hint asks about, in the line of the finding; None if it asks about none."""
    right = _SUGGESTION.search(diagnostic.hint)
    for wrong in _QUOTED.findall(diagnostic.message) if right else ():
        pos = line.find(wrong, diagnostic.place.column - 1)
        if right and pos >= 0 and wrong != right[1]:
            place = Place(diagnostic.place.path, diagnostic.place.line, pos + 1)
            return Fix(place, wrong, right[1])
    return None


def find_definition(paper: Paper, target: Target) -> Place | None:
    """Return the place where a target is defined; None if it has no name or no place."""
    name = find_name(paper, target)
    return name.place if name else None


def find_name(paper: Paper, target: Target) -> Name | None:
    """Return the name that a target refers to; None if the paper has no such name."""
    names = target.kind(paper) if target.kind else iter(())
    return next((name for name in names if name.id == target.word), None)


# --- front matter -----------------------------------------------------------------------------------------------------


def _schema_completions(paper: Paper, target: Target) -> Iterator[types.CompletionItem]:
    """Yield the keys of a mapping, or the values of an enumeration."""
    subschema = _find_subschema(build_schema("chapter", paper.settings), target.path)
    for key, value in subschema.get("properties", {}).items():
        if key not in target.sibling_keys:
            text = str(value.get("description", ""))
            yield _completion(key, text, text, f"{key}: ")
    if not target.is_key:
        for word in subschema.get("enum", ()):
            if word is not None:
                yield _completion(str(word), str(subschema.get("description", "")), "", str(word))


def _find_subschema(root_schema: Schema, path: tuple[str, ...]) -> Schema:
    """Return the part of a schema at a path of keys; empty if the schema has no such path."""
    definitions: Mapping[str, Schema] = root_schema.get("$defs", {})
    subschema = root_schema
    for key in path:
        subschema = _resolve_reference(
            subschema.get("properties", {}).get(key) or subschema.get("additionalProperties"), definitions
        )
    return subschema


def _resolve_reference(value: object, definitions: Mapping[str, Schema]) -> Schema:
    """Return the schema of a value, or of the items of a list, with references resolved."""
    if not isinstance(value, dict):
        return {}
    for inner in (value, *value.get("anyOf", ()), *([value["items"]] if "items" in value else [])):
        if "$ref" in inner:
            described = {"description": value["description"]} if "description" in value else {}
            return {**definitions[inner["$ref"].rpartition("/")[2]], **described}
    return value


# --- symbols ----------------------------------------------------------------------------------------------------------


class Symbol(Struct):
    """A heading or a name with those below it."""

    title: str
    detail: str
    place: Place
    kind: str
    """"heading", "item" or "entry"."""
    level: int = 0
    children: list[Symbol] = field(default_factory=list)


_REGISTER_KINDS: Final[Sequence[NameKind]] = (
    names.people,
    names.organizations,
    names.sources,
    names.facts,
    names.statuses,
    names.categories,
)


def outline(paper: Paper, path: str) -> list[Symbol]:
    """Return the symbols of a file: headings with the items below them, or the entries of a register."""
    chapter = next((c for c in paper.chapters if c.path == path), None)
    if chapter:
        return _chapter_outline(chapter)
    entries = (name for kind in _REGISTER_KINDS for name in kind(paper))
    return [Symbol(n.id, n.title, n.place, "entry") for n in entries if n.place and n.place.path == path]


def _chapter_outline(chapter: Chapter) -> list[Symbol]:
    """Return a chapter's headings and items in the order of its text, as a tree by the levels of headings."""
    headings = [Symbol(h.title, h.id, h.place, "heading", h.level) for h in chapter.headings]
    heading_ids = {heading.id for heading in chapter.headings}
    items = [Symbol(a.id, "", a.place, "item", 99) for a in chapter.anchors if a.id not in heading_ids]
    roots: list[Symbol] = []
    open_symbols: list[Symbol] = []
    for symbol in sorted([*headings, *items], key=lambda symbol: (symbol.place.line, symbol.place.column)):
        while open_symbols and open_symbols[-1].level >= symbol.level:
            open_symbols.pop()
        (open_symbols[-1].children if open_symbols else roots).append(symbol)
        open_symbols.append(symbol)
    return roots
