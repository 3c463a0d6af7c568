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

from nioc_paper import tree
from nioc_paper.model import Diagnostic, Document, Node, Place, Reporter, Severity, TemplateError, Templates
from nioc_paper.render import DOCUMENT_WRITERS, MAIL_WRITERS
from nioc_paper.render.common import arabic_fonts, citations, html_prepare
from nioc_paper.render.common.templating import template_diagnostic
from nioc_paper.render.engines import NO_ENGINES, Engines
from nioc_paper.render.verify import inventory
from nioc_paper.render.verify.normalized_text import Contents, OnContents
from nioc_paper.system import confined, pandoc
from nioc_paper.system.cache import NO_CACHE, Cache, cache_key
from nioc_paper.system.concurrency import run_parallel
from nioc_paper.system.files import replace_file, source_hash
from nioc_paper.system.scratch import remove_leftovers

Writer = Callable[[Document, Templates, Reporter, Cache, Engines, OnContents], bytes]
"""A document with its citations filled in, the directory of templates, where to report, the cache, how pages are laid
out, and who is told what pieces hold: the bytes of the file. Those that work by chapter read their pieces back
themselves, as some have been kept."""

MANIFEST = "manifest.json"
_MAX_MANIFEST_BYTES = 2**20
"""Of a manifest that is read."""
PARALLEL_FORMATS = 2
"""Formats that are made at the same time: each waits for another process half of its time."""
_PANDOC_REASONS = {"time": "takes longer than it may", "memory": "needs more memory than it may", "failed": "fails"}


class BusyError(Exception):
    """Another build writes into the same directory."""


def render_files(
    document: Document,
    formats: Sequence[str],
    out: Path,
    templates: Templates,
    report: Reporter,
    on_stage: Callable[[str], None],
    cache: Cache = NO_CACHE,
    engines: Engines = NO_ENGINES,
) -> list[Path]:
    """Write the document in some formats; returns the files written. A format with an error keeps its old file.

    `cache` keeps what is drawn and made of each chapter.
    """
    out.mkdir(parents=True, exist_ok=True)
    with lock_folder(out):
        on_stage("citations")
        for finding in arabic_fonts.missing_font_diagnostics(document):
            report(finding)
        try:
            resolved = resolve_citations(document, report, cache)
        except pandoc.PandocError as error:
            report(pandoc_diagnostic(error, "setting citations", "paper/references.yaml"))
            return []
        results: dict[str, tuple[bytes | None, list[Diagnostic]]] = {}

        def render_one(_: int, name: str) -> None:
            on_stage(name)
            diagnostics: list[Diagnostic] = []
            results[name] = render_format(name, resolved, templates, diagnostics.append, cache, engines), diagnostics

        run_parallel(render_one, formats, PARALLEL_FORMATS)
        for name in formats:
            for finding in results[name][1]:
                report(finding)
        files = {f"{document.stem}.{name}": data for name in formats if (data := results[name][0]) is not None}
        _replace_outputs(document, out, files)
    return [out / name for name in files]


def render_bytes(name: str, document: Document, templates: Templates, report: Reporter) -> bytes | None:
    """The bytes of a document in one format, written nowhere; None when an error was reported."""
    return render_format(name, resolve_citations(document, report), templates, report)


def resolve_citations(document: Document, report: Reporter, cache: Cache = NO_CACHE) -> Document:
    """The document with its citations set, all at once, so that works of one author and year stay told apart.

    Raises PandocError.
    """
    extracted = citations.ExtractedCitations(document.blocks)
    if not extracted.passages:
        return document

    def run_citeproc() -> bytes:
        resolved, log = pandoc.cite(
            citations.citation_blocks(extracted.passages), document.references, language=document.language
        )
        return json.dumps([resolved, list(log)]).encode()

    (*filled, sources), log = json.loads(
        cache.get_or_create(_citations_key(document, extracted.passages), run_citeproc)
    )
    for entry in log:
        if entry.get("verbosity") == "WARNING":
            message = f"citeproc says: {entry.get('message') or entry.get('pretty')}"
            report(Diagnostic(Place("paper/references.yaml"), "citeproc-warning", message, Severity.WARNING))
    blocks = extracted.reinsert(passage["c"] for passage in filled)
    return replace(document, blocks=tuple(citations.with_bibliography(blocks, sources)))


def cached_resolved_block(document: Document, block_index: int, cache: Cache) -> Node | None:
    """One block of a document with its citations as `cited` has set them; None where it never has set all of these."""
    extracted = [citations.ExtractedCitations([block]) for block in document.blocks]
    entry = cache.get(_citations_key(document, [passage for block in extracted for passage in block.passages]))
    if entry is None:
        return None
    (*filled, _), _ = json.loads(entry)
    before = sum(len(block.passages) for block in extracted[:block_index])
    own_passages = filled[before : before + len(extracted[block_index].passages)]
    (node,) = extracted[block_index].reinsert(passage["c"] for passage in own_passages)
    return node


def _citations_key(document: Document, passages: Sequence[Sequence[Node]]) -> str:
    """Stands for citations and what they are set with; where they stand does not matter."""
    meta = json.dumps([tree.without_positions(passages), document.references, document.language], default=str)
    return cache_key("citations", source_hash(), pandoc.version(), meta)


def render_format(
    name: str,
    document: Document,
    templates: Templates,
    report: Reporter,
    cache: Cache = NO_CACHE,
    engines: Engines = NO_ENGINES,
) -> bytes | None:
    """The bytes of a document with its citations in one format; None when an error was reported."""
    errors: list[Diagnostic] = []
    compared: list[Contents] = []

    def note(diagnostic: Diagnostic) -> None:
        report(diagnostic)
        if diagnostic.severity == Severity.ERROR:
            errors.append(diagnostic)

    def on_contents(contents: Contents) -> None:
        """Compare what was read back from the pieces; the writer may wait for another process meanwhile."""
        if contents:
            compared.append(contents)
            place, (_, file_label, allow_extra) = (
                html_prepare.output_place(document, name),
                inventory.FILE_READERS[name],
            )
            inventory.report_missing(document.blocks, contents, file_label, place, note, cache, allow_extra=allow_extra)

    module = (MAIL_WRITERS if document.form == "letter" else DOCUMENT_WRITERS)[name]
    writer: Writer = import_module(module).write
    try:
        data = writer(document, templates, note, cache, engines, on_contents)
    except pandoc.PandocError as error:
        note(pandoc_diagnostic(error, f"writing {name}"))
        return None
    except TemplateError as error:
        note(template_diagnostic(error))
        return None
    if data and not compared and module in DOCUMENT_WRITERS.values():  # those of mail alone look for themselves
        inventory.check_file(name, document, data, html_prepare.output_place(document, name), note, cache)
    return None if errors else data


def pandoc_diagnostic(error: pandoc.PandocError, doing: str, path: str = "paper/paper.yaml") -> Diagnostic:
    """Return the finding for an output that pandoc could not make."""
    message = f"pandoc {_PANDOC_REASONS.get(error.reason, error.reason)} while {doing}: {error.detail[:200]}"
    return Diagnostic(Place(path), "render-failed", message)


@contextlib.contextmanager
def lock_folder(out: Path) -> Iterator[None]:
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
    document_facts = {"version": document.version, "audience": document.copy.audience, "final": document.copy.final}
    new = {name: document_facts | {"sha256": hashlib.sha256(data).hexdigest()} for name, data in files.items()}
    before = _read_manifest(out)
    valid_entries = {name: entry for name, entry in before.items() if new.get(name, entry) == entry}
    if valid_entries != before:
        _write_manifest(out, valid_entries)
    for name, data in files.items():
        replace_file(out / name, data)
    _write_manifest(out, valid_entries | new)


def _read_manifest(out: Path) -> dict[str, Any]:
    """Return the entries of the manifest; none if it cannot be read."""
    try:
        entries = json.loads(confined.read_unaudited(out, MANIFEST, _MAX_MANIFEST_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return entries if isinstance(entries, dict) else {}


def _write_manifest(out: Path, entries: Mapping[str, Any]) -> None:
    replace_file(out / MANIFEST, json.dumps(entries, indent=1, sort_keys=True).encode() + b"\n")
