"""Symbols: the outline of a file, and the names of a whole paper. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct, field

from nioc_paper.lsp import names
from nioc_paper.lsp.names import Name, NameKind
from nioc_paper.model import Chapter, Paper, Place


class Symbol(Struct):
    """A heading or a name with those below it."""

    title: str
    detail: str
    place: Place
    kind: str
    """"chapter", "heading", "item" or "entry"."""
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
    return _chapter_outline(chapter) if chapter else [s for s in _entries(paper) if s.place.path == path]


def search(paper: Paper, query: str) -> list[Symbol]:
    """Return the symbols of a paper that have all words of a query in their id or title; all for an empty one."""
    query_words = query.casefold().split()
    symbols = [*(symbol for c in paper.chapters for symbol in _chapter_symbols(c)), *_entries(paper)]
    return [s for s in symbols if all(word in f"{s.title} {s.detail}".casefold() for word in query_words)]


def _entries(paper: Paper) -> Iterator[Symbol]:
    for kind in _REGISTER_KINDS:
        for name in kind(paper):
            if name.place:
                yield _entry(name, name.place)


def _entry(name: Name, place: Place) -> Symbol:
    return Symbol(name.id, name.title, place, "entry")


def _chapter_symbols(chapter: Chapter) -> list[Symbol]:
    """Return a chapter's headings and items in the order of its text, after the chapter itself."""
    top = Symbol(chapter.front.title or chapter.id, chapter.id, Place(chapter.path), "chapter")
    headings = [Symbol(h.title, h.id, h.place, "heading", h.level) for h in chapter.headings]
    heading_ids = {heading.id for heading in chapter.headings}
    items = [Symbol(a.id, "", a.place, "item", 99) for a in chapter.anchors if a.id not in heading_ids]
    return [top, *sorted([*headings, *items], key=lambda symbol: (symbol.place.line, symbol.place.column))]


def _chapter_outline(chapter: Chapter) -> list[Symbol]:
    """Return the same as a tree by the levels of headings."""
    roots: list[Symbol] = []
    open_symbols: list[Symbol] = []
    for symbol in _chapter_symbols(chapter)[1:]:
        while open_symbols and open_symbols[-1].level >= symbol.level:
            open_symbols.pop()
        (open_symbols[-1].children if open_symbols else roots).append(symbol)
        open_symbols.append(symbol)
    return roots
