"""Answers to the requests of an editor."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from lsprotocol import types
from lsprotocol.types import SymbolKind
from pygls.workspace import PositionCodec

from nioc_paper.app.project import CheckedPaper
from nioc_paper.lsp.cursor import Target, find_target, split_lines, to_column
from nioc_paper.lsp.names import Name
from nioc_paper.lsp.occurrences import defined_names, find_occurrences, name_at, rename, require_renamable
from nioc_paper.lsp.server import PaperLanguageServer, empty_range, make_range, make_symbol
from nioc_paper.model import Chapter, Paper
from nioc_paper.model.grouping import group_pairs
from nioc_paper.model.register_files import RECORDS, main_path

TRIGGER_CHARACTERS = ("@", "-", "#", ":", " ", "{", "=")
RECORD_PATHS = {path for _, path in RECORDS.values()}
NameParams = (
    types.HoverParams | types.DefinitionParams | types.ReferenceParams | types.PrepareRenameParams | types.RenameParams
)


class LocatedName(NamedTuple):
    """The name at the cursor, with its paper as it is now."""

    root: Path
    checked: CheckedPaper
    name: Name
    word: str
    """The name as it is written there."""
    range: types.Range


class Requests:
    """Answers to requests about the open texts of a server."""

    def __init__(self, server: PaperLanguageServer) -> None:
        self.server = server

    def register(self) -> None:
        """Register the method of each request with the server."""
        completion = types.CompletionOptions(trigger_characters=TRIGGER_CHARACTERS)
        for name, answer, options in (
            (types.TEXT_DOCUMENT_COMPLETION, self.completion, completion),
            (types.TEXT_DOCUMENT_HOVER, self.hover, None),
            (types.TEXT_DOCUMENT_DEFINITION, self.definition, None),
            (types.TEXT_DOCUMENT_REFERENCES, self.references, None),
            (types.TEXT_DOCUMENT_PREPARE_RENAME, self.prepare_rename, None),
            (types.TEXT_DOCUMENT_RENAME, self.rename, types.RenameOptions(prepare_provider=True)),
            (types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, self.document_symbols, None),
        ):
            # pygls sets attributes on a handler; a bound method accepts none.
            self.server.feature(name, options)(partial(answer))

    async def completion(self, params: types.CompletionParams) -> list[types.CompletionItem]:
        """Return the completions at the cursor; none in a file that is not part of the paper."""
        uri, number, codec = params.text_document.uri, params.position.line, self.server.workspace.position_codec
        root, path = self.server.open_files.get(uri, (None, ""))
        checked = await self.server.sessions[root].latest_check() if root else None
        if checked is None or main_path(path) not in {*RECORD_PATHS, *(c.path for c in checked.paper.chapters)}:
            return []
        text = self.server.workspace.get_text_document(uri).source
        if number >= len(lines := split_lines(text)):
            return []
        column = to_column(lines[number], params.position.character, codec)
        target = find_target(path, text, number, column, checked.paper.settings.category_key)
        if target is None:
            return []
        completions = find_completions(checked.paper, target)
        for index, item in enumerate(completions):
            item.sort_text = f"{index:05}"
            text_range = make_range(lines[number], number, target.start, target.end, codec)
            item.text_edit = types.TextEdit(text_range, item.insert_text or "")
        return completions

    async def find_name(self, params: NameParams) -> LocatedName | None:
        """Return the name at the cursor; None if there is none."""
        current, number = await self.server.read_checked_text(params.text_document.uri), params.position.line
        if current is None or number >= len(lines := split_lines(current.text)):
            return None
        root, path, checked, text = current
        line, codec = lines[number], self.server.workspace.position_codec
        column = to_column(line, params.position.character, codec)
        located = await asyncio.to_thread(name_at, checked.paper, path, text, number, column)
        if located is None:
            return None
        name, (*_, start, end, _) = located
        return LocatedName(root, checked, name, line[start:end], make_range(line, number, start, end, codec))

    async def hover(self, params: types.HoverParams) -> types.Hover | None:
        """Return a description of the name at the cursor."""
        if (located := await self.find_name(params)) is None:
            return None
        return types.Hover(types.MarkupContent(types.MarkupKind.PlainText, located.name.description), located.range)

    async def definition(self, params: types.DefinitionParams) -> types.Location | None:
        """Return the place where the name at the cursor is defined."""
        located = await self.find_name(params)
        if located is None or (place := located.name.place) is None:
            return None
        uri = self.server.uri_of(located.root, place.path)
        lines = await asyncio.to_thread(lambda: split_lines(self.server.workspace.get_text_document(uri).source))
        return types.Location(uri, empty_range(place, lines, self.server.workspace.position_codec))

    async def references(self, params: types.ReferenceParams) -> list[types.Location]:
        """Return the places that refer to the name at the cursor, and its definition if it is asked for."""
        if (located := await self.find_name(params)) is None:
            return []
        root, checked, name, *_ = located
        texts = await asyncio.to_thread(self.server.read_texts, root, checked)
        occurrences = await asyncio.to_thread(lambda: list(find_occurrences(checked.paper, name, texts)))
        selected = [o for o in occurrences if params.context.include_declaration or not o.is_definition]
        return [types.Location(self.server.uri_of(root, o.path), self.server.range_of(o, texts)) for o in selected]

    async def prepare_rename(self, params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
        """Return the id at the cursor; None if there is none. A name that cannot be changed is an error."""
        if (located := await self.find_name(params)) is None:
            return None
        require_renamable(located.checked.paper, located.name)
        return types.PrepareRenamePlaceholder(located.range, located.word)

    async def rename(self, params: types.RenameParams) -> types.WorkspaceEdit | None:
        """Return the edits that give the name at the cursor another id, in all files of the paper."""
        if (located := await self.find_name(params)) is None:
            return None
        root, checked, name, *_ = located
        texts = await asyncio.to_thread(self.server.read_texts, root, checked)
        renamed = await asyncio.to_thread(rename, checked.paper, name, params.new_name, texts)
        changes = group_pairs(
            (self.server.uri_of(root, each.path), types.TextEdit(self.server.range_of(each, texts), new_text))
            for each, new_text in renamed
        )
        return types.WorkspaceEdit(changes)

    async def document_symbols(self, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        """Return the outline of a text."""
        current = await self.server.read_checked_text(params.text_document.uri)
        if current is None:
            return []
        lines, codec = split_lines(current.text), self.server.workspace.position_codec
        return await asyncio.to_thread(outline, current.checked.paper, current.path, lines, codec)


# --- answers ----------------------------------------------------------------------------------------------------------


def find_completions(paper: Paper, target: Target) -> list[types.CompletionItem]:
    """Return the names of the paper that fit a target."""
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
        for name in (target.kind(paper) if target.kind and target.cursor >= target.start else ())
    ]


def _chapter_outline(chapter: Chapter, lines: Sequence[str], codec: PositionCodec) -> list[types.DocumentSymbol]:
    named = {a.id: (a.place, 99, a.id, "", SymbolKind.Object) for a in chapter.anchors}
    named |= {h.id or str(h.place): (h.place, h.level, h.title, h.id, SymbolKind.String) for h in chapter.headings}
    roots: list[types.DocumentSymbol] = []
    above: list[tuple[int, types.DocumentSymbol, list[types.DocumentSymbol]]] = []  # level, symbol, children
    for place, level, title, detail, kind in sorted(named.values(), key=lambda each: (each[0].line, each[0].column)):
        symbol = make_symbol(title, detail, place, kind, lines, codec)
        symbol.children = children = list[types.DocumentSymbol]()
        while above and above[-1][0] >= level:
            above.pop()
        for _, parent, _ in above:  # it ends with the last one below it
            parent.range = types.Range(parent.range.start, symbol.range.end)
        (above[-1][2] if above else roots).append(symbol)
        above.append((level, symbol, children))
    return roots


def outline(paper: Paper, path: str, lines: Sequence[str], codec: PositionCodec) -> list[types.DocumentSymbol]:
    """Return the symbols of a file: headings with the items below them, or the entries of a register."""
    if chapter := next((c for c in paper.chapters if c.path == path), None):
        return _chapter_outline(chapter, lines, codec)
    listed = ((n.id, n.title, n.place) for n in defined_names(paper) if n.place and n.place.path == path)
    return [make_symbol(*entry, SymbolKind.Key, lines, codec) for entry in listed]
