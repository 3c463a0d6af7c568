"""Answers about a text: completions, the name at a place, the outline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lsprotocol import types
from msgspec import Struct, field

from nioc_paper.lsp import names
from nioc_paper.lsp.cursor import Target
from nioc_paper.lsp.names import Name, NameKind
from nioc_paper.model import Chapter, Paper, Place


def find_completions(paper: Paper, target: Target) -> list[types.CompletionItem]:
    """Return the names of the paper that fit a target."""
    names = target.kind(paper) if target.kind and target.cursor >= target.start else ()
    return [
        types.CompletionItem(
            name.id,
            kind=types.CompletionItemKind.Reference,
            detail=name.title,
            documentation=name.description,
            # An author who forgot the id may remember a word of the title.
            filter_text=f"{name.id} {name.title}",
            insert_text=f"{name.id}: " if target.is_key else name.id,
        )
        for name in names
    ]


def find_name(paper: Paper, target: Target) -> Name | None:
    """Return the name that a target refers to; None if the paper has no such name."""
    names = target.kind(paper) if target.kind else iter(())
    return next((name for name in names if name.id == target.word), None)


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
