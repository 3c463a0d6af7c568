"""Answers to the requests of an editor."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import NamedTuple

from lsprotocol import types

from nioc_paper.app.project import CheckedPaper
from nioc_paper.lsp import protocol
from nioc_paper.lsp.answers import (
    find_completions,
    find_definition,
    hover_text,
    outline,
    suggested_fix,
)
from nioc_paper.lsp.cursor import Target, find_target, split_lines, to_column
from nioc_paper.lsp.occurrences import NameAt, find_occurrences, name_at, rename, require_renamable
from nioc_paper.lsp.server import PaperLanguageServer
from nioc_paper.model.register_files import RECORDS, main_path

TRIGGER_CHARACTERS = ("@", "-", "#", ":", " ", "{", "=")
RECORD_PATHS = {path for _, path in RECORDS.values()}
PositionParams = types.CompletionParams | types.HoverParams | types.DefinitionParams
NameParams = types.ReferenceParams | types.PrepareRenameParams | types.RenameParams


class CursorContext(NamedTuple):
    """The target at the cursor, the paper as last checked, and the line with its number from 0."""

    target: Target
    checked: CheckedPaper
    line: str
    number: int

    def range_in(self, unit: str) -> types.Range:
        """Return the range of the target, in an editor's unit."""
        return protocol.make_range(self.line, self.number, self.target.start, self.target.end, unit)


class Requests:
    """Answers to requests about the open texts of a server."""

    def __init__(self, server: PaperLanguageServer) -> None:
        self.server = server

    def register(self) -> None:
        """Register the method of each request with the server."""
        for name, answer, options in (
            (
                types.TEXT_DOCUMENT_COMPLETION,
                self.completion,
                types.CompletionOptions(trigger_characters=TRIGGER_CHARACTERS),
            ),
            (types.TEXT_DOCUMENT_HOVER, self.hover, None),
            (types.TEXT_DOCUMENT_DEFINITION, self.definition, None),
            (types.TEXT_DOCUMENT_REFERENCES, self.references, None),
            (types.TEXT_DOCUMENT_PREPARE_RENAME, self.prepare_rename, None),
            (types.TEXT_DOCUMENT_RENAME, self.rename, types.RenameOptions(prepare_provider=True)),
            (types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, self.document_symbols, None),
            (
                types.TEXT_DOCUMENT_CODE_ACTION,
                self.code_actions,
                types.CodeActionOptions([types.CodeActionKind.QuickFix]),
            ),
        ):
            # pygls sets attributes on a handler; a bound method accepts none.
            self.server.feature(name, options)(partial(answer))

    async def find_context(self, params: PositionParams) -> CursorContext | None:
        """Return the target of a request; None if nothing can be located there, or the file is not part of a paper."""
        uri, number = params.text_document.uri, params.position.line
        root, path = self.server.open_files.get(uri, (None, ""))
        checked = await self.server.sessions[root].latest_check() if root else None
        if checked is None or main_path(path) not in {*RECORD_PATHS, *(c.path for c in checked.paper.chapters)}:
            return None
        text = self.server.workspace.get_text_document(uri).source
        lines = split_lines(text)
        if number >= len(lines):
            return None
        column = to_column(lines[number], params.position.character, self.server.position_unit)
        target = find_target(path, text, number, column, checked.paper.settings.category_key)
        return CursorContext(target, checked, lines[number], number) if target else None

    async def completion(self, params: types.CompletionParams) -> list[types.CompletionItem]:
        """Return the completions at the cursor."""
        context = await self.find_context(params)
        if context is None:
            return []
        text_range = context.range_in(self.server.position_unit)
        completions = find_completions(context.checked.paper, context.target)
        for index, item in enumerate(completions):
            item.sort_text, item.text_edit = f"{index:05}", types.TextEdit(text_range, item.insert_text or "")
        return completions

    async def hover(self, params: types.HoverParams) -> types.Hover | None:
        """Return a description of the target at the cursor."""
        context = await self.find_context(params)
        text = hover_text(context.checked.paper, context.target) if context else ""
        if context is None or not text:
            return None
        content = types.MarkupContent(types.MarkupKind.PlainText, text)
        return types.Hover(content, context.range_in(self.server.position_unit))

    async def definition(self, params: types.DefinitionParams) -> types.Location | None:
        """Return the place where the target at the cursor is defined."""
        context = await self.find_context(params)
        place = find_definition(context.checked.paper, context.target) if context else None
        root, _ = self.server.open_files.get(params.text_document.uri, (None, ""))
        if place is None or root is None:
            return None
        uri = self.server.uri_of(root, place.path)
        lines = await asyncio.to_thread(lambda: split_lines(self.server.workspace.get_text_document(uri).source))
        return types.Location(uri, protocol.empty_range(place, lines, self.server.position_unit))

    async def find_name(self, params: NameParams) -> tuple[Path, CheckedPaper, NameAt] | None:
        """Return the name at the cursor, with its paper as it is now; None if there is none."""
        current, number = await self.server.read_checked_text(params.text_document.uri), params.position.line
        if current is None or number >= len(lines := split_lines(current.text)):
            return None
        root, path, checked, text = current
        column = to_column(lines[number], params.position.character, self.server.position_unit)
        name = await asyncio.to_thread(name_at, checked.paper, path, text, number, column)
        return (root, checked, name) if name else None

    async def references(self, params: types.ReferenceParams) -> list[types.Location]:
        """Return the places that refer to the name at the cursor, and its definition if it is asked for."""
        located = await self.find_name(params)
        if located is None:
            return []
        root, checked, (name, _) = located
        texts = await asyncio.to_thread(self.server.read_texts, root, checked)
        occurrences = await asyncio.to_thread(lambda: list(find_occurrences(checked.paper, name, texts)))
        selected = [o for o in occurrences if params.context.include_declaration or not o.is_definition]
        return [types.Location(self.server.uri_of(root, o.path), self.server.range_of(o, texts)) for o in selected]

    async def prepare_rename(self, params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
        """Return the id at the cursor; None if there is none. A name that cannot be changed is an error."""
        located = await self.find_name(params)
        if located is None:
            return None
        root, checked, (name, here) = located
        require_renamable(checked.paper, name)
        texts = {here.path: self.server.workspace.get_text_document(self.server.uri_of(root, here.path)).source}
        word = split_lines(texts[here.path])[here.line][here.start : here.end]
        return types.PrepareRenamePlaceholder(self.server.range_of(here, texts), word)

    async def rename(self, params: types.RenameParams) -> types.WorkspaceEdit | None:
        """Return the edits that give the name at the cursor another id, in all files of the paper."""
        located = await self.find_name(params)
        if located is None:
            return None
        root, checked, (name, _) = located
        texts = await asyncio.to_thread(self.server.read_texts, root, checked)
        edits = await asyncio.to_thread(rename, checked.paper, name, params.new_name, texts)
        changes = defaultdict[str, list[types.TextEdit]](list)
        for occurrence, new_text in edits:
            uri = self.server.uri_of(root, occurrence.path)
            changes[uri].append(types.TextEdit(self.server.range_of(occurrence, texts), new_text))
        return types.WorkspaceEdit(dict(changes))

    async def document_symbols(self, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        """Return the outline of a text."""
        current = await self.server.read_checked_text(params.text_document.uri)
        if current is None:
            return []
        lines = split_lines(current.text)
        symbols = await asyncio.to_thread(outline, current.checked.paper, current.path)
        return [protocol.to_document_symbol(symbol, lines, self.server.position_unit) for symbol in symbols]

    async def code_actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """Return the fixes of findings in the requested range, each with its own finding."""
        uri = params.text_document.uri
        current = await self.server.read_checked_text(uri)
        if current is None:
            return []
        _, path, checked, text = current
        lines = split_lines(text)
        actions = []
        for finding in (d for d in checked.findings if d.place.path == path):
            diagnostic = protocol.to_diagnostic(finding, lines, self.server.position_unit)
            if not _is_asked_for(diagnostic, params):
                continue
            line = lines[finding.place.line - 1] if finding.place.line <= len(lines) else ""
            fix = finding.fix or suggested_fix(finding, line)
            edit = protocol.make_edit(fix, text, self.server.position_unit) if fix and fix.place.path == path else None
            if fix and edit:
                title = f"Write '{fix.new}'" if fix.new else f"Take out '{fix.old.strip()[:40]}'"
                action = types.CodeAction(title, types.CodeActionKind.QuickFix, [diagnostic])
                action.edit, action.is_preferred = types.WorkspaceEdit({uri: [edit]}), finding.fix is not None
                actions.append(action)
        return actions


def _is_asked_for(diagnostic: types.Diagnostic, params: types.CodeActionParams) -> bool:
    """Return whether a finding is in the requested range, and among the editor's own if it sends any."""
    sent = params.context.diagnostics
    is_sent = not sent or any((d.code, d.range) == (diagnostic.code, diagnostic.range) for d in sent)
    return is_sent and protocol.overlap(diagnostic.range, params.range)
