"""The thin skin: what an editor says to what the other modules know, and back. pygls speaks the protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from nioc_paper import __version__
from nioc_paper.lsp import say
from nioc_paper.lsp.answers import Item, about, complete, written
from nioc_paper.lsp.desk import Desk
from nioc_paper.lsp.positions import lines_of, to_column
from nioc_paper.lsp.reading import Reading, Today, root_of
from nioc_paper.lsp.spot import Spot, spot
from nioc_paper.model import Fix
from nioc_paper.schema import RECORDS

TRIGGERS = ("@", "-", "#", ":", " ", "{", "=")
FILES = {path for _, path in RECORDS.values()}
WATCHED = "**/*.{md,yaml,csv,png,jpg,jpeg,svg}"
Question = types.CompletionParams | types.HoverParams | types.DefinitionParams
At = tuple[Spot, Reading, str, int]
"""What stands at the cursor, the paper, and the line with its number."""


class Server(LanguageServer):
    """A language server for papers. Each paper with an open text has a desk."""

    def __init__(self, today: Today) -> None:
        # Whole texts: a change by lines would go wrong where Python and the protocol disagree on what ends a line.
        super().__init__("nioc", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full)
        self.today = today
        self.desks: dict[Path, Desk] = {}
        self.files: dict[str, tuple[Path, str]] = {}
        """Root and path of every open text of a paper, by its address."""
        for name, answer, options in (
            (types.INITIALIZED, self.watch, None),
            (types.TEXT_DOCUMENT_DID_OPEN, self.opened, None),
            (types.TEXT_DOCUMENT_DID_CHANGE, self.changed, None),
            (types.TEXT_DOCUMENT_DID_SAVE, self.changed, None),
            (types.TEXT_DOCUMENT_DID_CLOSE, self.closed, None),
            (types.WORKSPACE_DID_CHANGE_WATCHED_FILES, self.moved, None),
            (types.TEXT_DOCUMENT_COMPLETION, self.completion, types.CompletionOptions(trigger_characters=TRIGGERS)),
            (types.TEXT_DOCUMENT_HOVER, self.hover, None),
            (types.TEXT_DOCUMENT_DEFINITION, self.definition, None),
            (types.TEXT_DOCUMENT_CODE_ACTION, self.actions, types.CodeActionOptions([types.CodeActionKind.QuickFix])),
        ):
            # pygls writes on what it registers, and a bound method cannot be written on.
            self.feature(name, options)(partial(answer))

    @property
    def unit(self) -> str:
        """The unit in which this editor counts columns."""
        return str(getattr(self.workspace.position_encoding, "value", self.workspace.position_encoding))

    # --- texts that come, change and go -------------------------------------------------------------------------------

    async def watch(self, params: types.InitializedParams) -> None:  # noqa: ARG002 - the protocol's signature
        """Ask to be told of files that others change: git, another program."""
        workspace = self.client_capabilities.workspace
        watched = workspace.did_change_watched_files if workspace else None
        if watched and watched.dynamic_registration:
            options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(WATCHED)])
            asked = types.Registration("watch", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            await self.client_register_capability_async(types.RegistrationParams([asked]))

    def opened(self, params: types.DidOpenTextDocumentParams) -> None:
        """A text is open: its paper comes on a desk."""
        uri = params.text_document.uri
        file = _file(uri)
        root = root_of(file) if file else None
        if file and root:
            self.files[uri] = (root, file.relative_to(root).as_posix())
            if root not in self.desks:
                self.desks[root] = Desk(root, self.today, lambda: self.texts(root), lambda r: self.publish(root, r))
            self.desks[root].touch()

    def changed(self, params: types.DidChangeTextDocumentParams | types.DidSaveTextDocumentParams) -> None:
        """A text has changed, or the file has."""
        if params.text_document.uri in self.files:
            self.desks[self.files[params.text_document.uri][0]].touch()

    def closed(self, params: types.DidCloseTextDocumentParams) -> None:
        """A text is closed: its findings go, and the file holds again."""
        uri = params.text_document.uri
        if uri in self.files:
            root, _ = self.files.pop(uri)
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))
            self.desks[root].touch()

    def moved(self, params: types.DidChangeWatchedFilesParams) -> None:  # noqa: ARG002 - the protocol's signature
        """Files have changed."""
        for desk in self.desks.values():
            desk.touch()

    def texts(self, root: Path) -> Mapping[str, str]:
        """The open texts of a paper by their paths."""
        documents = self.workspace.text_documents
        return {path: documents[uri].source for uri, (of, path) in self.files.items() if of == root}

    def publish(self, root: Path, reading: Reading) -> None:
        """Show the findings of every text that was open when the paper was read."""
        for uri, (of, path) in self.files.items():
            if of == root and path in reading.texts:
                lines = lines_of(reading.texts[path])
                found = [say.diagnostic(d, lines, self.unit) for d in reading.findings if d.place.path == path]
                self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found))

    # --- questions ----------------------------------------------------------------------------------------------------

    async def at(self, params: Question) -> At | None:
        """What stands at the place that is asked about; None in a file that is no part of a paper."""
        uri, number = params.text_document.uri, params.position.line
        root, path = self.files.get(uri, (None, ""))
        reading = await self.desks[root].reading() if root else None
        if reading is None or path not in {*FILES, *(c.path for c in reading.paper.chapters)}:
            return None
        text = self.workspace.get_text_document(uri).source
        lines = lines_of(text)
        if number >= len(lines):
            return None
        column = to_column(lines[number], params.position.character, self.unit)
        found = spot(path, text, number, column, reading.paper.settings.category_key)
        return (found, reading, lines[number], number) if found else None

    async def completion(self, params: types.CompletionParams) -> list[types.CompletionItem]:
        """What could stand at the cursor."""
        at = await self.at(params)
        if at is None:
            return []
        found, reading, line, number = at
        place = say.columns(line, number, found.start, found.end, self.unit)
        return [_item(index, item, place) for index, item in enumerate(complete(reading.paper, found))]

    async def hover(self, params: types.HoverParams) -> types.Hover | None:
        """What stands at the cursor."""
        at = await self.at(params)
        text = about(at[1].paper, at[0]) if at else ""
        if at is None or not text:
            return None
        place = say.columns(at[2], at[3], at[0].start, at[0].end, self.unit)
        return types.Hover(types.MarkupContent(types.MarkupKind.PlainText, text), place)

    async def definition(self, params: types.DefinitionParams) -> types.Location | None:
        """Where that which stands at the cursor is written."""
        at = await self.at(params)
        place = written(at[1].paper, at[0]) if at else None
        root, _ = self.files.get(params.text_document.uri, (None, ""))
        if place is None or root is None:
            return None
        uri = next((u for u, f in self.files.items() if f == (root, place.path)), (root / place.path).as_uri())
        lines = await asyncio.to_thread(lambda: lines_of(self.workspace.get_text_document(uri).source))
        return types.Location(uri, say.point(place, lines, self.unit))

    async def actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """Changes that are certain to be right, for findings on the lines that are asked about."""
        uri = params.text_document.uri
        root, path = self.files.get(uri, (None, ""))
        reading = await self.desks[root].reading() if root else None
        if reading is None:
            return []
        text = self.workspace.get_text_document(uri).source
        lines = range(params.range.start.line + 1, params.range.end.line + 2)
        fixes = [d.fix for d in reading.findings if d.fix and d.place.path == path and d.place.line in lines]
        made = [(fix, say.edit(fix, text, self.unit)) for fix in dict.fromkeys(fixes) if fix.place.path == path]
        return [_action(fix, uri, edit) for fix, edit in made if edit]


def _file(uri: str) -> Path | None:
    """Return the file of an address; None if it has none, or climbs out of a folder: that folder is not its paper."""
    try:
        name = to_fs_path(uri)
    except ValueError:  # a host that is none
        return None
    file = Path(name) if name else None
    return file if file and file.is_absolute() and ".." not in file.parts else None


def _action(fix: Fix, uri: str, edit: types.TextEdit) -> types.CodeAction:
    title = f"Write '{fix.new}'" if fix.new else f"Take out '{fix.old.strip()[:40]}'"
    change = types.WorkspaceEdit({uri: [edit]})
    return types.CodeAction(title, types.CodeActionKind.QuickFix, edit=change, is_preferred=True)


def _item(index: int, item: Item, place: types.Range) -> types.CompletionItem:
    kind = types.CompletionItemKind.Property if item.is_key else types.CompletionItemKind.Reference
    return types.CompletionItem(
        item.label,
        kind=kind,
        detail=item.detail,
        documentation=item.about,
        sort_text=f"{index:05}",
        # Whoever does not remember the id remembers a word of the title.
        filter_text=f"{item.label} {item.detail}",
        text_edit=types.TextEdit(place, item.text),
    )
