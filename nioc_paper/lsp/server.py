"""Open texts of an editor and the findings in them, on pygls. `requests` answers what the editor asks."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol
from pygls.uris import to_fs_path
from pygls.workspace import PositionCodec

from nioc_paper import __version__
from nioc_paper.app.project import CheckedPaper, Project
from nioc_paper.app.unsaved_buffers import check_with_buffers, with_memory_cache
from nioc_paper.lsp.cursor import split_lines
from nioc_paper.lsp.occurrences import Occurrence
from nioc_paper.model import Diagnostic, Place, Severity
from nioc_paper.model.grouping import group_pairs
from nioc_paper.system.files import find_root, package_folder

IDLE_SECONDS = 0.2
"""Seconds without a keystroke before a check."""
_LOG = logging.getLogger(__name__)


class PaperSession:
    """A paper with open texts. Both callbacks run in the event loop: one returns the texts, one gets each new check."""

    def __init__(
        self,
        project: Project,
        get_buffers: Callable[[], Mapping[str, str]],
        publish: Callable[[CheckedPaper], None],
    ) -> None:
        self.project, self._get_buffers, self._publish = project, get_buffers, publish
        self._changed, self._done, self._idle = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._latest: CheckedPaper | None = None
        self._task = asyncio.create_task(self._run())

    def mark_changed(self) -> None:
        """Schedule a check."""
        self._changed.set()
        self._idle.clear()

    async def latest_check(self) -> CheckedPaper | None:
        """Return the last check, and wait for the first one; None if that failed."""
        await self._done.wait()
        return self._latest

    async def current_check(self) -> CheckedPaper | None:
        """Return the check of the texts as they are now; None if that failed."""
        await self._idle.wait()
        return self._latest

    async def _run(self) -> None:
        while True:
            await self._changed.wait()
            while self._changed.is_set():
                self._changed.clear()
                await asyncio.sleep(IDLE_SECONDS)
            await self._check()
            self._done.set()
            if not self._changed.is_set():
                self._idle.set()

    async def _check(self) -> None:
        try:
            self._latest = await asyncio.to_thread(check_with_buffers, self.project, self._get_buffers())
            self._publish(self._latest)
        except Exception:  # noqa: BLE001 - a check that fails must not end those to come
            _LOG.exception("the check failed; the findings are unchanged")


WATCHED_FILES = "**/*.{md,yaml,bib,ris,json,csv,png,jpg,jpeg,svg}"


class OpenFile(NamedTuple):
    """An open text of a paper: root of the paper, and path in it."""

    root: Path
    path: str


class CheckedText(NamedTuple):
    """An open text of a paper, and the paper as checked with it."""

    root: Path
    path: str
    checked: CheckedPaper
    text: str


class AnsweringProtocol(LanguageServerProtocol):
    """The protocol of pygls, which leaves a request with wrong parameters without an answer."""

    def structure_message(self, data: dict[str, Any]) -> object:
        """Return a message as an object. One that cannot be read is answered with the error."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "id" in data and "method" in data:
                self._send_response(data["id"], error=error.to_response_error())
            raise


class PaperLanguageServer(LanguageServer):
    """A language server for papers, with a session for each paper that has an open text."""

    def __init__(self, today: date | None = None) -> None:
        # Whole texts: changes by line would fail, because Python and the protocol disagree on line ends.
        full = types.TextDocumentSyncKind.Full
        super().__init__("nioc", __version__, text_document_sync_kind=full, protocol_cls=AnsweringProtocol)
        self.today = today
        self.sessions: dict[Path, PaperSession] = {}
        self.open_files: dict[str, OpenFile] = {}
        """Open texts of papers by URI."""
        self.published: dict[Path, set[str]] = {}
        """URIs with findings, by the root of their paper."""
        for name, answer in (
            (types.INITIALIZED, self.register_watcher),
            (types.TEXT_DOCUMENT_DID_OPEN, self.did_open),
            (types.TEXT_DOCUMENT_DID_CHANGE, self.did_change),
            (types.TEXT_DOCUMENT_DID_SAVE, self.did_change),
            (types.TEXT_DOCUMENT_DID_CLOSE, self.did_close),
            (types.WORKSPACE_DID_CHANGE_WATCHED_FILES, self.did_change_files),
        ):
            # pygls sets attributes on a handler; a bound method accepts none.
            self.feature(name)(partial(answer))

    # --- texts -----------------------------------------------------------------------------------------------------

    async def register_watcher(self, params: types.InitializedParams) -> None:  # noqa: ARG002 - the protocol's signature
        """Ask for notifications of files that git or other programs change."""
        workspace = self.client_capabilities.workspace
        watched = workspace.did_change_watched_files if workspace else None
        if watched and watched.dynamic_registration:
            options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(WATCHED_FILES)])
            registration = types.Registration("watch", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            await self.client_register_capability_async(types.RegistrationParams([registration]))

    def did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """Handle didOpen: start a session for the text's paper."""
        uri = params.text_document.uri
        file = _file(uri)
        root = find_root(file.parent) if file else None
        if file and root:
            self.open_files[uri] = OpenFile(root, file.relative_to(root).as_posix())
            if root not in self.sessions:
                project = with_memory_cache(Project(root, today=self.today))
                self.sessions[root] = PaperSession(
                    project, lambda: self.collect_buffers(root), lambda checked: self.publish(root, checked)
                )
            self.sessions[root].mark_changed()

    def did_change(self, params: types.DidChangeTextDocumentParams | types.DidSaveTextDocumentParams) -> None:
        """Handle didChange and didSave: schedule a check."""
        if params.text_document.uri in self.open_files:
            self.sessions[self.open_files[params.text_document.uri].root].mark_changed()

    def did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """Handle didClose: read the file again."""
        uri = params.text_document.uri
        if uri in self.open_files:
            self.sessions[self.open_files.pop(uri).root].mark_changed()

    def did_change_files(self, params: types.DidChangeWatchedFilesParams) -> None:  # noqa: ARG002 - the protocol's signature
        """Handle didChangeWatchedFiles: schedule a check of every paper."""
        for session in self.sessions.values():
            session.mark_changed()

    def collect_buffers(self, root: Path) -> Mapping[str, str]:
        """Return the open texts of a paper by path."""
        documents = self.workspace.text_documents
        return {path: documents[uri].source for uri, (file_root, path) in self.open_files.items() if file_root == root}

    def publish(self, root: Path, checked: CheckedPaper) -> None:
        """Publish the findings of the paper: of texts that were open when it was read, and of closed files.

        Files without findings are located only if they are open, or had findings before.
        """
        uris = {path: uri for uri, (file_root, path) in self.open_files.items() if file_root == root}
        by_path = group_pairs((finding.place.path, finding) for finding in checked.findings)
        with_findings = set[str]()
        for path in {*by_path, *checked.buffers}:
            if path not in checked.buffers and (path in uris or not (root / path).is_file()):
                continue  # it was opened since, or is not there
            uri = uris.get(path) or (root / path).as_uri()
            text = checked.buffers.get(path)
            # One empty line for a closed file that cannot be read.
            lines = split_lines(text) if text is not None else self.sessions[root].project.read_lines(path) or [""]
            diagnostics = [to_diagnostic(d, lines, self.workspace.position_codec) for d in by_path.get(path, ())]
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics))
            with_findings |= {uri} if diagnostics else set()
        open_uris = {uris[path] for path in checked.buffers if path in uris}
        for uri in self.published.get(root, set()) - with_findings - open_uris:
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))
        self.published[root] = with_findings

    # --- lookups ------------------------------------------------------------------------------------------------------

    async def read_checked_text(self, uri: str) -> CheckedText | None:
        """Return an open text with the check of its paper as it is now; None if it is not a text of a paper."""
        root, path = self.open_files.get(uri, (None, ""))
        checked = await self.sessions[root].current_check() if root else None
        if root is None or checked is None:
            return None
        return CheckedText(root, path, checked, self.workspace.get_text_document(uri).source)

    def read_texts(self, root: Path, checked: CheckedPaper) -> dict[str, str]:
        """Return the texts that can hold names: what was checked of open ones, and the files of the paper."""
        project = self.sessions[root].project
        paths = {path for path in checked.paper.inputs if Path(path).suffix in (".md", ".yaml", ".yml", ".csv", ".bib")}
        files = {path: project.read_text(path) for path in paths - {*checked.buffers}}
        return {path: text for path, text in files.items() if text is not None} | dict(checked.buffers)

    def uri_of(self, root: Path, path: str) -> str:
        """Return the URI of a file, as the editor spells it if it is open."""
        return next((u for u, f in self.open_files.items() if f == (root, path)), (root / path).as_uri())

    def range_of(self, occurrence: Occurrence, texts: Mapping[str, str]) -> types.Range:
        """Return the range of a name in an editor's unit."""
        line = split_lines(texts[occurrence.path])[occurrence.line]
        return make_range(line, occurrence.line, occurrence.start, occurrence.end, self.workspace.position_codec)


def _file(uri: str) -> Path | None:
    """Return the file of an address; None if it has none, or climbs out of a folder: that folder is not its paper."""
    try:
        name = to_fs_path(uri)
    except ValueError:  # a host that is none
        return None
    file = Path(name) if name else None
    return file if file and file.is_absolute() and ".." not in file.parts else None


# --- findings and places as types of the protocol ---------------------------------------------------------------------


SEVERITIES: Mapping[Severity, types.DiagnosticSeverity] = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}
_WORD = re.compile(r"-?@\{?\w(?:[\w:.#$%&+?<>~/-]*\w)?|\w+(?:[-'’.]\w+)*|\S+")
"""The word that starts at the place of a finding."""


def to_diagnostic(finding: Diagnostic, lines: Sequence[str], codec: PositionCodec) -> types.Diagnostic:
    """Convert a finding, with the page of its rule and the range of its words."""
    page = package_folder("rules") / f"{finding.rule.partition('/')[0]}.md"
    return types.Diagnostic(
        finding_range(finding, lines, codec),
        "\n".join(part for part in (finding.message, finding.hint) if part),
        severity=SEVERITIES[finding.severity],
        code=finding.rule,
        code_description=types.CodeDescription(page.as_uri()) if page.is_file() else None,
        source="nioc",
    )


def finding_range(finding: Diagnostic, lines: Sequence[str], codec: PositionCodec) -> types.Range:
    """Return the range from the place of a finding to the end of the word there, or of its fix's old text."""
    line, column = _clamp_place(finding.place, lines)
    text = lines[line]
    old = finding.fix.old if finding.fix and finding.fix.place == finding.place else ""
    if old and text.startswith(old, column):
        return make_range(text, line, column, column + len(old), codec)
    if match := _WORD.match(text, column):
        return make_range(text, line, column, match.end(), codec)
    return make_range(text, line, len(text) - len(text.lstrip()), len(text.rstrip()), codec)


def make_range(text: str, line: int, start: int, end: int, codec: PositionCodec) -> types.Range:
    """Return a range in a line, from columns in characters."""
    units = [codec.client_num_units(text[:column]) for column in (start, end)]
    return types.Range(*(types.Position(line, count) for count in units))


def empty_range(place: Place, lines: Sequence[str], codec: PositionCodec) -> types.Range:
    """Return a place as an empty range."""
    line, column = _clamp_place(place, lines)
    return make_range(lines[line], line, column, column, codec)


def _clamp_place(place: Place, lines: Sequence[str]) -> tuple[int, int]:
    """Return line and column from 0; a place after the text becomes its end."""
    line = min(place.line, len(lines)) - 1
    return line, min(place.column - 1, len(lines[line]))


def make_symbol(
    title: str, detail: str, place: Place, kind: types.SymbolKind, lines: Sequence[str], codec: PositionCodec
) -> types.DocumentSymbol:
    """Return a symbol whose range is its line."""
    line, _ = _clamp_place(place, lines)
    own = make_range(lines[line], line, 0, len(lines[line]), codec)
    return types.DocumentSymbol(title or "–", kind, own, own, detail)
