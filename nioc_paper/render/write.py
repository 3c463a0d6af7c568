"""A `Document` to files: each made in memory, checked, written beside its target, and only then put in its place."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from nioc_paper import pandoc, tree
from nioc_paper.cache import NO_CACHE, Cache, key
from nioc_paper.files import code, replace_file
from nioc_paper.model import Diagnostic, Document, Node, Place, Report, Severity, TemplateError, Templates
from nioc_paper.render import LETTER, WRITERS, body, citations, hands, inventory
from nioc_paper.render.layout import COLD, Layout
from nioc_paper.render.letters import Found, Hold
from nioc_paper.render.templating import broken_template
from nioc_paper.system import confined
from nioc_paper.system.scratch import remove_leftovers
from nioc_paper.threads import side_by_side

Writer = Callable[[Document, Templates, Report, Cache, Layout, Hold], bytes]
"""A document with its citations filled in, the directory of templates, where to report, the cache, how pages are laid
out, and who is told what pieces hold: the bytes of the file. Those that work by chapter read their pieces back
themselves, as some have been kept."""

MANIFEST = "manifest.json"
_MOST_BYTES = 2**20
"""Of a manifest that is read."""
AT_ONCE = 2
"""Formats that are made at the same time: each waits for another process half of its time."""
_ERRORS = {"time": "takes longer than it may", "memory": "needs more memory than it may", "failed": "fails"}


class BusyError(Exception):
    """Another build writes into the same directory."""


def render(
    document: Document,
    formats: Sequence[str],
    out: Path,
    templates: Templates,
    report: Report,
    stage: Callable[[str], None],
    cache: Cache = NO_CACHE,
    layout: Layout = COLD,
) -> list[Path]:
    """Write the document in some formats; returns the files written. A format with an error keeps its old file.

    `cache` keeps what is drawn and made of each chapter.
    """
    out.mkdir(parents=True, exist_ok=True)
    with alone(out):
        stage("citations")
        for finding in hands.lacking(document):
            report(finding)
        try:
            whole = cited(document, report, cache)
        except pandoc.PandocError as error:
            report(pandoc_failure(error, "setting citations", "paper/references.yaml"))
            return []
        told: dict[str, tuple[bytes | None, list[Diagnostic]]] = {}

        def make(_: int, name: str) -> None:
            stage(name)
            found: list[Diagnostic] = []
            told[name] = written(name, whole, templates, found.append, cache, layout), found

        side_by_side(make, formats, AT_ONCE)
        for name in formats:
            for finding in told[name][1]:
                report(finding)
        files = {f"{document.stem}.{name}": data for name in formats if (data := told[name][0]) is not None}
        _replace_outputs(document, out, files)
    return [out / name for name in files]


def made(name: str, document: Document, templates: Templates, report: Report) -> bytes | None:
    """The bytes of a document in one format, written nowhere; None when an error was reported."""
    return written(name, cited(document, report), templates, report)


def cited(document: Document, report: Report, cache: Cache = NO_CACHE) -> Document:
    """The document with its citations set, all at once, so that works of one author and year stay told apart.

    Raises PandocError.
    """
    taken = citations.Taken(document.blocks)
    if not taken.passages:
        return document

    def made() -> bytes:
        given, log = pandoc.cite(citations.document(taken.passages), document.references, language=document.language)
        return json.dumps([given, list(log)]).encode()

    (*filled, sources), log = json.loads(cache.made(_name(document, taken.passages), made))
    for entry in log:
        if entry.get("verbosity") == "WARNING":
            message = f"citeproc says: {entry.get('message') or entry.get('pretty')}"
            report(Diagnostic(Place("paper/references.yaml"), "citeproc-warning", message, Severity.WARNING))
    blocks = taken.put_back(passage["c"] for passage in filled)
    return replace(document, blocks=tuple(citations.listed(blocks, sources)))


def cited_in(document: Document, place: int, cache: Cache) -> Node | None:
    """One block of a document with its citations as `cited` has set them; None where it never has set all of these."""
    taken = [citations.Taken([block]) for block in document.blocks]
    kept = cache.get(_name(document, [passage for block in taken for passage in block.passages]))
    if kept is None:
        return None
    (*filled, _), _ = json.loads(kept)
    before = sum(len(block.passages) for block in taken[:place])
    own = filled[before : before + len(taken[place].passages)]
    (node,) = taken[place].put_back(passage["c"] for passage in own)
    return node


def _name(document: Document, taken: Sequence[Sequence[Node]]) -> str:
    """Stands for citations and what they are set with; where they stand does not matter."""
    meta = json.dumps([tree.unplaced(taken), document.references, document.language], default=str)
    return key("citations", code(), pandoc.version(), meta)


def written(
    name: str,
    document: Document,
    templates: Templates,
    report: Report,
    cache: Cache = NO_CACHE,
    layout: Layout = COLD,
) -> bytes | None:
    """The bytes of a document with its citations in one format; None when an error was reported."""
    errors: list[Diagnostic] = []
    compared: list[Found] = []

    def note(diagnostic: Diagnostic) -> None:
        report(diagnostic)
        if diagnostic.severity == Severity.ERROR:
            errors.append(diagnostic)

    def hold(found: Found) -> None:
        """Compare what was read back from the pieces; the writer may wait for another process meanwhile."""
        if found:
            compared.append(found)
            place, (_, called, fuller) = body.output(document, name), inventory.READERS[name]
            inventory.compare(document.blocks, found, called, place, note, cache, fuller=fuller)

    module = (LETTER if document.form == "letter" else WRITERS)[name]
    writer: Writer = import_module(module).write
    try:
        data = writer(document, templates, note, cache, layout, hold)
    except pandoc.PandocError as error:
        note(pandoc_failure(error, f"writing {name}"))
        return None
    except TemplateError as error:
        note(broken_template(error))
        return None
    if data and not compared and module in WRITERS.values():  # those of mail alone look for themselves
        inventory.check(name, document, data, body.output(document, name), note, cache)
    return None if errors else data


def pandoc_failure(error: pandoc.PandocError, doing: str, path: str = "paper/paper.yaml") -> Diagnostic:
    """Return the finding for an output that pandoc could not make."""
    message = f"pandoc {_ERRORS.get(error.reason, error.reason)} while {doing}: {error.detail[:200]}"
    return Diagnostic(Place(path), "render-failed", message)


@contextlib.contextmanager
def alone(out: Path) -> Iterator[None]:
    """One build at a time writes into a directory; the lock falls when its process ends, however it ends."""
    # A link may lead anywhere, and a pipe waits for a reader.
    lock = os.open(out / ".lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(str(out)) from None
        remove_leftovers(out)
        yield
    finally:
        os.close(lock)


def _replace_outputs(document: Document, out: Path, files: Mapping[str, bytes]) -> None:
    """Put files in their places, and say in the manifest which version each is, with its hash.

    The manifest forgets each file before it is replaced, so that no entry is ever wrong, whenever we are killed.
    """
    if not files:
        return
    about = {"version": document.version, "audience": document.copy.audience, "final": document.copy.final}
    new = {name: about | {"sha256": hashlib.sha256(data).hexdigest()} for name, data in files.items()}
    before = _manifest(out)
    kept = {name: entry for name, entry in before.items() if new.get(name, entry) == entry}
    if kept != before:
        _write_manifest(out, kept)
    for name, data in files.items():
        replace_file(out / name, data)
    _write_manifest(out, kept | new)


def _manifest(out: Path) -> dict[str, Any]:
    """Return the entries of the manifest; none if it cannot be read."""
    try:
        entries = json.loads(confined.read_quietly(out, MANIFEST, _MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return entries if isinstance(entries, dict) else {}


def _write_manifest(out: Path, entries: Mapping[str, Any]) -> None:
    replace_file(out / MANIFEST, json.dumps(entries, indent=1, sort_keys=True).encode() + b"\n")
