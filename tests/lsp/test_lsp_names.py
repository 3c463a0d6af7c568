"""References, renames and symbols: wherever a name is, and nowhere else."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import IO, Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.workspace import PositionCodec
from test_lsp_session import editing, frame, run, serving

from nioc_paper.check import check
from nioc_paper.load import load
from nioc_paper.lsp import names
from nioc_paper.lsp.cursor import split_lines
from nioc_paper.lsp.occurrences import RenameError, find_occurrences, name_at, rename
from nioc_paper.lsp.requests import outline
from nioc_paper.model import Diagnostic, Paper, Severity

HEALTHY = Path(__file__).parents[1] / "papers" / "healthy"
SUFFIXES = (".md", ".yaml", ".csv")


def texts(root: Path) -> dict[str, str]:
    files = (f for f in root.rglob("*") if f.suffix in SUFFIXES and not {".cache", "dist"} & {*f.parts})
    return {str(f.relative_to(root)): f.read_text(encoding="utf-8") for f in files}


def findings(root: Path) -> list[str]:
    findings: list[Diagnostic] = []
    paper = load(root, findings.append)
    return [str(d) for d in check(paper, date(2020, 1, 30), findings) if d.severity >= Severity.WARNING]


def renamable(paper: Paper) -> list[names.Name]:
    kinds = (names.people, names.organizations, names.sources, names.facts, names.anchors)
    chapters = {f"sec-{chapter.id}" for chapter in paper.chapters}
    return [name for kind in kinds for name in kind(paper) if name.place and name.id not in chapters]


PAPER = load(HEALTHY, lambda d: pytest.fail(str(d)))


def test_a_paper_is_as_well_after_renames_as_before(root: Path) -> None:
    """Every name of the paper is renamed: nothing leads nowhere, and renamed back, all is as it was."""
    before = texts(root)
    assert findings(root) == []
    for occurrence_path, text in applied(PAPER, {name: f"{name.id}-more" for name in renamable(PAPER)}, before).items():
        (root / occurrence_path).write_text(text, encoding="utf-8")
    assert findings(root) == []
    paper, after = load(root, lambda d: pytest.fail(str(d))), texts(root)
    names_after = renamable(paper)
    assert sorted(name.id for name in names_after) == sorted(f"{name.id}-more" for name in renamable(PAPER))
    assert after | applied(paper, {name: name.id.removesuffix("-more") for name in names_after}, after) == before


def applied(paper: Paper, new_ids: Mapping[names.Name, str], before: dict[str, str]) -> dict[str, str]:
    """The files that renames change."""
    lines = {path: split_lines(text) for path, text in before.items()}
    edits = [edit for name, new_id in new_ids.items() for edit in rename(paper, name, new_id, before)]
    for occurrence, new_text in sorted(edits, key=lambda edit: edit[0], reverse=True):
        line = lines[occurrence.path][occurrence.line]
        lines[occurrence.path][occurrence.line] = line[: occurrence.start] + new_text + line[occurrence.end :]
    return {occurrence.path: "\n".join(lines[occurrence.path]) for occurrence, _ in edits}


@pytest.mark.parametrize("name", renamable(PAPER), ids=lambda name: name.id)
def test_the_same_name_is_found_from_each_of_its_places(name: names.Name) -> None:
    there = texts(HEALTHY)
    places = list(find_occurrences(PAPER, name, there))
    assert sum(place.is_definition for place in places) == 1
    assert len({place[:3] for place in places}) == len(places)
    for place in places:
        for column in (place.start, place.end):
            same_name = name_at(PAPER, place.path, there[place.path], place.line, column)
            assert same_name is not None, place
            assert same_name[0].place == name.place


@pytest.mark.parametrize(
    ("find", "new_id", "says"),
    [
        (lambda n: n.id == "survey2019", "two words", "is not a key of a source"),
        (lambda n: n.id.startswith("rec-"), "gap-x", "begins with another kind: write 'rec-…'"),
        (lambda n: n.id.startswith("rec-"), "rec-Ö", "is not an id"),
        (lambda n: n.id == "ada-north", "ben-lock", "'ben-lock' is there already"),
    ],
)
def test_ids_that_cannot_be(find: Callable[[names.Name], bool], new_id: str, says: str) -> None:
    name = next(filter(find, renamable(PAPER)))
    with pytest.raises(RenameError, match=re.escape(says)):
        rename(PAPER, name, new_id, texts(HEALTHY))


@pytest.mark.parametrize("kind", [names.chapters, names.statuses, names.categories])
def test_names_that_files_and_the_history_have_are_not_renamed(kind: names.NameKind) -> None:
    for name in kind(PAPER):
        if name.place:
            with pytest.raises(RenameError, match="cannot be renamed here"):
                rename(PAPER, name, "other", texts(HEALTHY))


def test_the_outline_has_every_heading_and_item_of_a_chapter() -> None:
    def flat(symbols: list[Any]) -> list[Any]:
        return [s for symbol in symbols for s in (symbol, *flat(symbol.children or []))]

    def symbols(path: str) -> list[types.DocumentSymbol]:
        return outline(PAPER, path, split_lines((HEALTHY / path).read_text(encoding="utf-8")), PositionCodec())

    for chapter in PAPER.chapters:
        shown = flat(symbols(chapter.path))
        assert [s.name for s in shown if s.kind is types.SymbolKind.String] == [h.title for h in chapter.headings]
        assert {s.name for s in shown if s.kind is types.SymbolKind.Object} == {a.id for a in chapter.anchors} - {
            h.id for h in chapter.headings
        }
        assert [s.range.start.line for s in shown] == sorted(s.range.start.line for s in shown)
        assert all(c.range.end.line <= s.range.end.line for s in shown for c in s.children or ())
    assert {"ada-north", "roads"} <= {s.name for s in symbols("contributors.yaml")}


# --- over the protocol ------------------------------------------------------------------------------------------------

CHAPTER = "chapters/bridges.md"


def test_an_editor_renames_in_files_that_are_open_and_in_those_that_are_not(root: Path) -> None:

    async def session() -> None:
        async with editing(root) as editor:
            text = "---\n" + (root / CHAPTER).read_text(encoding="utf-8").partition("---\n")[2]
            text += "\nOnce more, unsaved: [@survey2019].\n"
            editor.open(CHAPTER, text)
            lines = text.split("\n")
            line = next(n for n, words in enumerate(lines) if "unsaved: [@survey2019]" in words)
            at = types.Position(line, lines[line].index("survey") + 2)
            document = editor.document(CHAPTER)
            ready = await editor.text_document_prepare_rename_async(types.PrepareRenameParams(document, at))
            assert isinstance(ready, types.PrepareRenamePlaceholder)
            assert ready.placeholder == "survey2019"
            with pytest.raises(JsonRpcException, match="is not a key of a source"):  # and nothing is logged
                await editor.text_document_rename_async(types.RenameParams(document, at, "two words"))
            edit = await editor.text_document_rename_async(types.RenameParams(document, at, "count2019"))
            assert edit
            assert edit.changes
            changed = {uri.removeprefix(f"{root.as_uri()}/"): edits for uri, edits in edit.changes.items()}
            assert {CHAPTER, "paper/references.yaml", "chapters/tunnels.md"} <= {*changed}
            assert line in {e.range.start.line for e in changed[CHAPTER]}
            context = types.ReferenceContext(include_declaration=True)
            places = await editor.text_document_references_async(types.ReferenceParams(context, document, at))
            assert places
            assert len(places) == sum(map(len, changed.values()))
            other = types.ReferenceContext(include_declaration=False)
            fewer = await editor.text_document_references_async(types.ReferenceParams(other, document, at))
            assert fewer
            assert len(fewer) == len(places) - 1
            symbols = await editor.text_document_document_symbol_async(types.DocumentSymbolParams(document))
            assert symbols

    run(session)


def test_findings_of_closed_files_are_told_and_taken_back(root: Path) -> None:
    tunnels = root / "chapters" / "tunnels.md"
    right = tunnels.read_text(encoding="utf-8")
    tunnels.write_text(f"{right}\nSee @rec-nowhere.\n", encoding="utf-8")

    async def session() -> None:
        async with editing(root) as editor:
            text = editor.open(CHAPTER)
            assert "dead-reference" in {f.code for f in await editor.findings("chapters/tunnels.md")}
            tunnels.write_text(right, encoding="utf-8")
            editor.change(CHAPTER, text + "\n")
            assert await editor.findings("chapters/tunnels.md") == []
            editor.change(CHAPTER, text + "\nSee @rec-nowhere.\n")
            assert {f.code for f in await editor.findings(CHAPTER)} == {"dead-reference"}
            editor.text_document_did_close(types.DidCloseTextDocumentParams(editor.document(CHAPTER)))
            assert await editor.findings(CHAPTER) == []  # that of its file

    run(session)


REQUESTS = (
    "textDocument/completion",
    "textDocument/hover",
    "textDocument/definition",
    "textDocument/references",
    "textDocument/prepareRename",
    "textDocument/rename",
    "textDocument/documentSymbol",
    "textDocument/codeAction",
    "textDocument/formatting",
    "no/such",
)


NONSENSE: tuple[Any, ...] = ({"textDocument": 1}, [], "x", {"position": {"line": -1, "character": None}})
"""Parameters that suit no request."""


def test_every_request_is_answered_and_no_traceback_is_logged(root: Path) -> None:
    """About an open text, a text of no paper, one that was never opened, and a place far behind its end.

    Wrong parameters, and messages that are none: the editor gets the error, its log at most a line.
    """
    uris = [(root / path).as_uri() for path in (CHAPTER, "notes.txt", "paper/paper.yaml")]
    opened = {"uri": uris[0], "languageId": "markdown", "version": 0, "text": texts(root)[CHAPTER]}
    good = itertools.product(REQUESTS, (parameters({"uri": u}, n, 10**6) for u in uris for n in (0, 10**6)))
    asked = [*good, *itertools.product(REQUESTS, NONSENSE)]
    requests = [frame(id=number, method=method, params=params) for number, (method, params) in enumerate(asked, 1)]
    no_json = [b"Content-Length: 3\r\n\r\n{x}", b"Content-Length: 2\r\n\r\n[]", b"Content-Length: 4\r\n\r\nnull"]
    with serving() as (pipes, log), pipes.makefile("rb") as answers:
        pipes.sendall(frame(id=0, method="initialize", params={"capabilities": {}, "rootUri": root.as_uri()}))
        pipes.sendall(frame(method="initialized", params={}))
        pipes.sendall(frame(method="textDocument/didOpen", params={"textDocument": opened}))
        pipes.sendall(b"".join([*no_json, *requests]))
        answered = set[int]()
        while len(answered) <= len(requests):
            answered |= {n} if (n := next_answer(answers)) is not None else set()
        assert answered == {*range(len(requests) + 1)}
    assert "Traceback" not in "".join(log)
    assert all(line.startswith("nioc lsp: ") and "\n" not in line for line in log)


def next_answer(stream: IO[bytes]) -> int | None:
    """The number of the request that the next message answers; None for a notification."""
    length = 0
    while (line := stream.readline().strip()) or not length:
        length = int(line.partition(b":")[2]) if line.startswith(b"Content-Length") else length
        assert line or length, "the server has ended"
    message = json.loads(stream.read(length))
    number = message.get("id")
    return number if isinstance(number, int) and "method" not in message else None


def parameters(document: dict[str, str], line: int, character: int) -> dict[str, Any]:
    """Parameters that suit every request."""
    start = {"line": line, "character": character}
    context = {"includeDeclaration": True, "diagnostics": []}
    shared = {"textDocument": document, "position": start, "range": {"start": start, "end": start}}
    return shared | {"context": context, "query": "x", "newName": "x"}
