"""Answers about a text: completions, the name at a place, the outline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lsprotocol import types
from pygls.workspace import PositionCodec

from nioc_paper.lsp import names
from nioc_paper.lsp.cursor import Target
from nioc_paper.lsp.names import Name, NameKind
from nioc_paper.lsp.protocol import make_symbol
from nioc_paper.model import Chapter, Paper


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


_REGISTER_KINDS: Final[Sequence[NameKind]] = (
    names.people,
    names.organizations,
    names.sources,
    names.facts,
    names.statuses,
    names.categories,
)


def outline(paper: Paper, path: str, lines: Sequence[str], codec: PositionCodec) -> list[types.DocumentSymbol]:
    """Return the symbols of a file: headings with the items below them, or the entries of a register."""
    chapter = next((c for c in paper.chapters if c.path == path), None)
    if chapter:
        return _chapter_outline(chapter, lines, codec)
    entries = (name for kind in _REGISTER_KINDS for name in kind(paper))
    listed = ((n.id, n.title, n.place) for n in entries if n.place and n.place.path == path)
    return [make_symbol(*entry, types.SymbolKind.Key, lines, codec) for entry in listed]


def _chapter_outline(chapter: Chapter, lines: Sequence[str], codec: PositionCodec) -> list[types.DocumentSymbol]:
    """Return a chapter's headings and items in the order of its text, as a tree by the levels of headings."""
    heading_ids = {heading.id for heading in chapter.headings}
    named = [(h.place, h.level, h.title, h.id, types.SymbolKind.String) for h in chapter.headings]
    named += [(a.place, 99, a.id, "", types.SymbolKind.Object) for a in chapter.anchors if a.id not in heading_ids]
    roots: list[types.DocumentSymbol] = []
    above: list[tuple[int, types.DocumentSymbol, list[types.DocumentSymbol]]] = []  # level, symbol, children
    for place, level, title, detail, kind in sorted(named, key=lambda entry: (entry[0].line, entry[0].column)):
        symbol = make_symbol(title, detail, place, kind, lines, codec)
        symbol.children = children = list[types.DocumentSymbol]()
        while above and above[-1][0] >= level:
            above.pop()
        for _, parent, _ in above:  # it ends with the last one below it
            parent.range = types.Range(parent.range.start, symbol.range.end)
        (above[-1][2] if above else roots).append(symbol)
        above.append((level, symbol, children))
    return roots
