"""The language server as an editor meets it: messages over its pipes, and the process that the command starts."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from lsprotocol import types
from pygls.io_ import run_async
from pygls.lsp.client import LanguageClient
from test_papers import copy

from nioc_paper import lsp
from nioc_paper.lsp.requests import Requests
from nioc_paper.lsp.server import PaperLanguageServer

COMMAND = (sys.executable, "-P", "-m", "nioc_paper", "lsp", "--stdio")
HERE = Path(__file__).resolve().parents[2]
PATIENCE = 120
"""Seconds to wait for an answer, on a machine that has much to do."""


class Editor(LanguageClient):
    """A client that records its messages."""

    def __init__(self, root: Path) -> None:
        super().__init__("editor", "1")
        self.root = root
        self.told = asyncio.Queue[types.PublishDiagnosticsParams]()
        self.watched: list[str] = []
        self.changes = 0
        self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(partial(self.told.put_nowait))
        self.feature(types.CLIENT_REGISTER_CAPABILITY)(partial(self.registered))

    def registered(self, params: types.RegistrationParams) -> None:
        self.watched += [r.method for r in params.registrations]

    def document(self, path: str) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier((self.root / path).as_uri())

    def open(self, path: str, text: str | None = None) -> str:
        text = (self.root / path).read_text(encoding="utf-8") if text is None else text
        language = "markdown" if path.endswith(".md") else "yaml"
        item = types.TextDocumentItem(self.document(path).uri, language, 0, text)
        self.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return text

    def change(self, path: str, text: str) -> None:
        self.changes += 1
        document = types.VersionedTextDocumentIdentifier(self.changes, self.document(path).uri)
        whole = types.TextDocumentContentChangeWholeDocument(text)
        self.text_document_did_change(types.DidChangeTextDocumentParams(document, [whole]))

    async def findings(self, path: str) -> list[types.Diagnostic]:
        """The next findings on a file."""
        while (message := await asyncio.wait_for(self.told.get(), PATIENCE)).uri != self.document(path).uri:
            pass
        return list(message.diagnostics)


class Log(logging.Handler):
    """The lines that the server would write on standard error."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []
        self.setFormatter(lsp._LogLine())
        self.addFilter(lsp._is_news)

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def serving() -> Iterator[tuple[socket.socket, list[str]]]:
    """The editor's end of the pipes of a server in a thread of this process, which must end, and its log."""
    log, (here, there) = Log(), socket.socketpair()
    logging.getLogger().addHandler(log)
    server = PaperLanguageServer(date(2020, 1, 30))
    Requests(server).register()

    def serve() -> None:
        with there, there.makefile("rb") as asked, there.makefile("wb") as answered:
            server.start_io(asked, answered)

    thread = Thread(target=serve)
    thread.start()
    try:
        with here:
            yield here, log.lines
    finally:
        thread.join(PATIENCE)
        logging.getLogger().removeHandler(log)
    assert not thread.is_alive()


async def enter(editor: Editor, **capabilities: Any) -> None:
    able = types.ClientCapabilities(**capabilities)
    await editor.initialize_async(types.InitializeParams(able, root_uri=editor.root.as_uri()))
    editor.initialized(types.InitializedParams())


async def leave(editor: Editor) -> None:
    await editor.shutdown_async(None)
    editor.exit(None)


@asynccontextmanager
async def editing(root: Path, **capabilities: Any) -> AsyncIterator[Editor]:
    """A session from start to end without the start of a process, which must log nothing."""
    with serving() as (pipes, log):
        editor = Editor(root)
        reader, writer = await asyncio.open_connection(sock=pipes)
        editor.protocol.set_writer(writer)
        listening = asyncio.create_task(run_async(editor._stop_event, reader, editor.protocol))
        await enter(editor, **capabilities)
        yield editor
        await leave(editor)
        await asyncio.wait_for(listening, PATIENCE)
        writer.close()
    assert log == []


@asynccontextmanager
async def editing_with_a_process(root: Path) -> AsyncIterator[Editor]:
    """A session from start to end with a process, which must end well."""
    editor = Editor(root)
    await editor.start_io(*COMMAND, cwd=root.parent)
    await enter(editor)
    yield editor
    await leave(editor)
    server: Any = editor._server
    assert await asyncio.wait_for(server.wait(), PATIENCE) == 0
    assert (await server.stderr.read()).decode() == ""
    await editor.stop()  # type: ignore[no-untyped-call]


def where(text: str, words: str) -> types.Position:
    """The position behind some words, counted as the protocol does by default: in UTF-16."""
    before = text[: text.index(words) + len(words)].split("\n")
    return types.Position(len(before) - 1, len(before[-1].encode("utf-16-le")) // 2)


def run(session: Callable[[], Any]) -> None:
    asyncio.run(asyncio.wait_for(session(), 5 * PATIENCE))


def test_a_session(tmp_path: Path) -> None:
    root, chapter = copy("healthy", tmp_path), "chapters/bridges.md"

    async def session() -> None:
        async with editing_with_a_process(root) as editor:
            text = editor.open(chapter)
            assert await editor.findings(chapter) == []

            # A broken front matter is a finding, and so is what follows from it; the server goes on.
            editor.change(chapter, text.replace("title: Bridges", 'title: "Bridges'))
            assert "bad-yaml" in {f.code for f in await editor.findings(chapter)}

            odd = text + "\n😀 اردو: see @rec-br-inspct and @rec-br-inspect, @survey2019, @sec-tunnels.\n"
            editor.change(chapter, odd)
            (wrong,) = await editor.findings(chapter)
            at = where(odd, "😀 اردو: see ")
            assert (wrong.code, wrong.severity) == ("dead-reference", types.DiagnosticSeverity.Error)
            assert wrong.message.startswith("'@rec-br-inspct' leads nowhere\ndid you mean 'rec-br-inspect'? Otherwise ")
            assert wrong.range == types.Range(at, types.Position(at.line, at.character + len("@rec-br-inspct")))

            document, position = editor.document(chapter), where(odd, "see @rec-br-")
            offered = await editor.text_document_completion_async(types.CompletionParams(document, position))
            assert isinstance(offered, list)
            item = next(i for i in offered if i.label == "rec-br-inspect")
            assert item.detail == "Inspect every bridge once a year and publish the result."
            assert isinstance(item.text_edit, types.TextEdit)
            assert item.text_edit.range.start == where(odd, "see @")

            hover = await editor.text_document_hover_async(types.HoverParams(document, where(odd, "@surv")))
            assert hover
            assert isinstance(hover.contents, types.MarkupContent)
            assert hover.contents.value.startswith("Survey of crossings, 2019\nArdale Town Council, 2019")
            nothing = types.HoverParams(document, where(odd, "😀"))
            assert await editor.text_document_hover_async(nothing) is None

            for words, path, line in (
                ("and @rec-br-ins", chapter, "::: {#rec-br-inspect .recommendation}"),
                ("@sec-tun", "chapters/tunnels.md", "id: tunnels"),
                ("@survey", "paper/references.yaml", "  - id: survey2019"),
            ):
                place = await editor.text_document_definition_async(types.DefinitionParams(document, where(odd, words)))
                assert isinstance(place, types.Location)
                assert place.uri == editor.document(path).uri
                source = odd if path == chapter else (root / path).read_text(encoding="utf-8")
                assert source.split("\n")[place.range.start.line] == line
            assert (root / chapter).read_text(encoding="utf-8") == text

    run(session)


def test_unsaved_texts_replace_files(tmp_path: Path) -> None:
    root, chapter, facts = copy("healthy", tmp_path), "chapters/bridges.md", "paper/registers/facts.yaml"

    async def session() -> None:
        async with editing(root) as editor:
            text = editor.open(chapter)
            register = editor.open(facts)
            editor.change(chapter, f"{text}\nThere are @fact-piers.\n")
            while not (findings := await editor.findings(chapter)):
                pass
            assert [f.code for f in findings] == ["dead-reference"]
            editor.change(facts, f"{register}  - {{id: piers, value: '24', unit: piers, source: survey2019}}\n")
            assert await editor.findings(chapter) == []
            editor.text_document_did_close(types.DidCloseTextDocumentParams(editor.document(facts)))
            while not (findings := await editor.findings(chapter)):
                pass
            assert [f.code for f in findings] == ["dead-reference"]
            editor.text_document_did_close(types.DidCloseTextDocumentParams(editor.document(chapter)))
            assert await editor.findings(chapter) == []

    run(session)


def test_files_that_others_change_are_read_again(tmp_path: Path) -> None:
    root, chapter = copy("healthy", tmp_path), "chapters/bridges.md"
    watching = types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True)

    async def session() -> None:
        workspace = types.WorkspaceClientCapabilities(did_change_watched_files=watching)
        async with editing(root, workspace=workspace) as editor:
            editor.open(chapter)
            assert await editor.findings(chapter) == []
            assert editor.watched == [types.WORKSPACE_DID_CHANGE_WATCHED_FILES]
            (root / "paper" / "registers" / "facts.yaml").unlink()
            editor.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([]))
            assert [f.code for f in await editor.findings(chapter)] == ["dead-reference"]

    run(session)


def test_another_unit_of_columns_and_other_files(tmp_path: Path) -> None:
    root, chapter = copy("healthy", tmp_path), "chapters/bridges.md"
    general = types.GeneralClientCapabilities(position_encodings=[types.PositionEncodingKind.Utf8])

    async def session() -> None:
        async with editing(root, general=general) as editor:
            (root / "README.md").write_text("@survey2019", encoding="utf-8")
            editor.open("README.md")
            outside = types.TextDocumentIdentifier((tmp_path / "x.md").as_uri())
            item = types.TextDocumentItem(outside.uri, "markdown", 0, "@survey2019")
            editor.text_document_did_open(types.DidOpenTextDocumentParams(item))
            for document in (outside, editor.document("README.md")):
                asked = types.CompletionParams(document, types.Position(0, 3))
                assert not await editor.text_document_completion_async(asked)
            text = (root / chapter).read_text(encoding="utf-8") + "\nاردو @nobody\n"
            editor.open(chapter, text)
            (wrong,) = await editor.findings(chapter)
            assert wrong.range.start.character == len("اردو ".encode())

    run(session)


# --- nothing extra said or loaded -------------------------------------------------------------------------------------

NOISE = """
import os
from datetime import date
from nioc_paper.lsp import serve, server
read = server.check_with_buffers
def loud(*args):
    print("a stray word")
    os.system("echo another")
    return read(*args)
server.check_with_buffers = loud
serve(date(2020, 1, 30))
"""


def frame(**message: Any) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def test_only_protocol_messages_reach_the_editor(tmp_path: Path) -> None:
    chapter = copy("healthy", tmp_path) / "chapters" / "bridges.md"
    document = {"uri": chapter.as_uri(), "languageId": "markdown", "version": 1, "text": "no front matter"}
    place = {"textDocument": {"uri": chapter.as_uri()}, "position": {"line": 0, "character": 0}}
    output = b"".join(
        (
            frame(id=1, method="initialize", params={"processId": None, "rootUri": None, "capabilities": {}}),
            frame(method="initialized", params={}),
            frame(method="textDocument/didOpen", params={"textDocument": document}),
            frame(method="textDocument/hover", id=2, params=place),
        )
    )
    with subprocess.Popen(
        [sys.executable, "-c", NOISE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=HERE
    ) as server:
        assert server.stdin
        assert server.stdout
        server.stdin.write(output)
        server.stdin.flush()
        heard = b""
        while b'"id": 2' not in heard and b'"id":2' not in heard:
            output = server.stdout.read1()  # type: ignore[attr-defined]
            assert output, "the server has ended"
            heard += output
        heard += b"".join(
            server.communicate(frame(id=3, method="shutdown") + frame(method="exit"), timeout=PATIENCE)[:1]
        )
    messages = []
    while heard:
        head = re.match(rb"(?:[\w-]+: [^\r]*\r\n)+\r\n", heard)
        assert head, heard[:80]
        length = int(re.findall(rb"Content-Length: (\d+)", head[0])[0])
        messages.append(json.loads(heard[head.end() : head.end() + length]))
        heard = heard[head.end() + length :]
    assert [m["id"] for m in messages if "id" in m] == [1, 2, 3]
    assert {m["method"] for m in messages if "id" not in m} == {"textDocument/publishDiagnostics"}
    codes = {d["code"] for m in messages if "id" not in m for d in m["params"]["diagnostics"]}
    assert codes >= {"no-front-matter"}
    assert server.returncode == 0


@pytest.mark.parametrize(
    ("sent", "code", "logged"),
    [
        (b"", 0, b""),
        (b"Content-Length: 999999999999999\r\n\r\n{}", 1, b"Error: the editor announced a message that is larger"),
    ],
    ids=["dies", "raves"],
)
def test_an_editor_that_dies_or_raves_ends_the_server(sent: bytes, code: int, logged: bytes, tmp_path: Path) -> None:
    done = subprocess.run(COMMAND, cwd=tmp_path, input=sent, capture_output=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stdout) == (code, b"")
    assert done.stderr.startswith(logged)


def test_a_missing_package_is_named() -> None:
    code = (
        "import sys; sys.modules['pygls'] = None; from nioc_paper.cli import main; sys.argv = ['nioc', 'lsp']; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=HERE, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "pip install" in done.stderr
    assert "Traceback" not in done.stderr
