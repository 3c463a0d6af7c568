"""Writing of a `Document`: each file is rendered in memory, checked, written beside its target, then put in place."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.domain.output_stops import stops
from nioc_paper.model import Diagnostic, Document, Node, Place, Reporter, Severity, TemplateError
from nioc_paper.render import DOCUMENT_WRITERS, MAIL_WRITERS
from nioc_paper.render.common import charts, citation_extraction, imprint, special_fonts
from nioc_paper.render.context import RenderContext, Writer
from nioc_paper.render.verify import losses
from nioc_paper.render.verify.normalized_text import Contents
from nioc_paper.system import command_stages, pandoc, safe_read
from nioc_paper.system.cache import NO_CACHE, Cache, cache_key
from nioc_paper.system.concurrency import is_plain, noop, running, soon, start_thread
from nioc_paper.system.files import replace_file, source_hash
from nioc_paper.system.scratch import remove_leftovers

MANIFEST = "manifest.json"
_MAX_MANIFEST_BYTES = 2**20
"""Size of the largest manifest that is read."""
PARALLEL_FORMATS = 2
"""Number of formats rendered at the same time: each waits for another process half of its time."""
_PANDOC_REASONS = {"time": "takes longer than allowed", "memory": "needs more memory than allowed", "failed": "fails"}


class BusyError(Exception):
    """Another build writes into the same directory."""


class RenderResult(Struct, frozen=True):
    """A format of a document: its bytes, or None if an error was reported."""

    data: bytes | None
    diagnostics: Sequence[Diagnostic]


def prepare_document(document: Document, context: RenderContext) -> Document | None:
    """Return the document with its citations set. Returns None if no format can be rendered; the report has why."""
    if document.charts and context.cache.directory and not is_plain():  # the writers find the charts in the cache
        start_thread(lambda: charts.collect_pictures(document, context.theme, noop, context.cache))
    for finding in special_fonts.missing_font_diagnostics(document):
        context.report(finding)
    try:
        with command_stages.stage("citations"):
            return resolve_citations(document, context.report, context.cache)
    except pandoc.PandocError as error:
        context.report(pandoc_diagnostic(error, "setting citations", "paper/registers/references"))
        return None


@contextlib.contextmanager
def rendering(
    document: Document, formats: Iterable[str], context: RenderContext
) -> Iterator[Mapping[str, RenderResult]]:
    """Render a document with resolved citations in some formats, beside the body; all are done at its end.

    Yields the results, which are complete then. What the body raises stops the writers. Nothing is reported.
    """
    results: dict[str, RenderResult] = {}
    expected = losses.ExpectedContents(document.blocks, context.cache, document.block_hash)
    soon(lambda: expected.items)

    def render_one(_: int, name: str) -> None:
        diagnostics: list[Diagnostic] = []
        with command_stages.stage(name):
            data = render_format(name, document, context.with_callbacks(diagnostics.append), expected)
        results[name] = RenderResult(data, diagnostics)

    with running(render_one, formats, PARALLEL_FORMATS):
        yield results


def render_formats(
    document: Document, formats: Iterable[str], context: RenderContext
) -> Iterator[tuple[str, RenderResult]]:
    """Yield a document with resolved citations in some formats, in their order. Nothing is reported."""
    with rendering(document, formats := [*formats], context) as results:
        pass
    yield from ((name, results[name]) for name in formats)


def render_bytes(name: str, document: Document, context: RenderContext) -> bytes | None:
    """Return a document in one format, without writing a file; None if an error was reported. Raises PandocError."""
    return render_format(name, resolve_citations(document, context.report, context.cache), context)


def resolve_citations(document: Document, report: Reporter, cache: Cache = NO_CACHE) -> Document:
    """Return the document with all citations set at once, so that works of one author and year differ.

    Raises PandocError.
    """
    extracted = citation_extraction.ExtractedCitations(document.blocks)
    if not extracted.passages and not document.nocite:
        return document

    def run_citeproc() -> object:
        resolved, log = pandoc.run_citeproc(
            citation_extraction.citation_blocks(extracted.passages),
            _cited_references(document, extracted.passages),
            language=document.language,
            style=document.style,
            nocite=[tree.cite(key) for key in document.nocite],
        )
        *passages, sources = citation_extraction.join_reports(resolved)
        sources = citation_extraction.unaligned_entries(sources)
        sources = citation_extraction.explain_short_names(sources, document.references)
        return citation_extraction.unnest_brackets([*passages, sources]), [*log]

    # Hash of the citations and of all that they are set with, without their places.
    settings = document.language, document.style, document.nocite
    inputs = [tree.without_positions(extracted.passages), _cited_references(document, extracted.passages), settings]
    key = cache_key("citations", source_hash(), pandoc.version(), json.dumps(inputs, default=str))
    (*filled, sources), log = cache.get_or_make(key, run_citeproc)
    for entry in log:
        if entry.get("verbosity") == "WARNING":
            message = f"citeproc says: {entry.get('message') or entry.get('pretty')}"
            report(Diagnostic(Place("paper/registers/references"), "citeproc-warning", message, Severity.WARNING))
    blocks = extracted.reinsert(tree.content(passage) for passage in filled)
    return replace(document, blocks=tuple(citation_extraction.with_bibliography(blocks, sources)))


def _cited_references(document: Document, passages: Sequence[Sequence[Node]]) -> list[Mapping[str, object]]:
    """Return the sources that passages cite: a library may hold thousands, and citeproc reads all that it gets."""
    cites = (node for node in tree.walk(passages) if node["t"] == "Cite")
    keys = {citation["citationId"] for cite in cites for citation in tree.citations(cite)} | {*document.nocite}
    return [reference for reference in document.references if reference["id"] in keys]


def render_format(
    name: str, document: Document, context: RenderContext, expected: losses.ExpectedContents | None = None
) -> bytes | None:
    """Return a document with resolved citations in one format; None if a finding that stops it was reported.

    `expected` are the contents of the document, if several formats share them.
    """
    expected = expected or losses.ExpectedContents(document.blocks, context.cache, document.block_hash)
    writer: Writer = import_module((MAIL_WRITERS if document.form == "letter" else DOCUMENT_WRITERS)[name]).write
    collector = _Collector(name, document, context, expected)
    try:
        data = writer(document, context.with_callbacks(collector.report, collector.compare_contents))
    except pandoc.PandocError as error:
        collector.report(pandoc_diagnostic(error, f"writing {name}"))
        return None
    except TemplateError as error:
        collector.report(imprint.template_diagnostic(error))
        return None
    return None if collector.is_stopped or not data else data


class _Collector(Struct, dict=True):
    """Callbacks of one writer: passes its findings on, and compares the contents of its pieces with the document."""

    format_name: str
    document: Document
    context: RenderContext
    expected: losses.ExpectedContents
    is_stopped: bool = False

    def report(self, diagnostic: Diagnostic) -> None:
        """Report a finding, and remember if it stops the output."""
        self.context.report(diagnostic)
        self.is_stopped |= stops(diagnostic, self.document.copy)

    def compare_contents(self, contents: Contents) -> None:
        """Report what is missing in the contents that a writer has read back."""
        place = imprint.output_place(self.document)
        file_label, allow_extra = losses.FILE_LABELS.get(self.format_name, (self.format_name, False))
        losses.report_missing(self.expected, contents, file_label, place, self.report, allow_extra=allow_extra)


def pandoc_diagnostic(error: pandoc.PandocError, doing: str, path: str = "paper/paper.yaml") -> Diagnostic:
    """Return the finding for an output that pandoc could not make."""
    message = f"pandoc {_PANDOC_REASONS.get(error.reason, error.reason)} while {doing}: {error.detail[:200]}"
    return Diagnostic(Place(path), "render-failed", message)


@contextlib.contextmanager
def lock_folder(out: Path) -> Iterator[None]:
    """Lock a folder for one build at a time; the lock ends with the process. Raises BusyError.

    The folder and its parents are made if there are none, and removed if nothing was written into it then.
    """
    new_folders = [folder for folder in (out, *out.parents) if not folder.exists()]
    out.mkdir(parents=True, exist_ok=True)
    # A link may point anywhere, and opening a pipe waits for a reader.
    file = out / ".lock"
    lock = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(str(out)) from None
        try:
            remove_leftovers(out)
            yield
        finally:
            if new_folders and list(out.iterdir()) == [file]:
                file.unlink()
                with contextlib.suppress(OSError):  # another build may write there by now
                    for folder in new_folders:
                        folder.rmdir()
    finally:
        os.close(lock)


def replace_outputs(document: Document, out: Path, files: Mapping[str, bytes]) -> None:
    """Replace files, and record their version and hash in the manifest.

    Each file's entry is removed before the file is replaced, so that no entry is wrong even if the process is killed.
    """
    if not files:
        return
    document_facts = {
        "version": document.version,
        "commit": document.commit,
        "audience": document.copy.audience,
        "final": document.copy.final,
    }
    new = {name: document_facts | {"sha256": hashlib.sha256(data).hexdigest()} for name, data in files.items()}
    before = _read_manifest(out)
    valid_entries = {name: entry for name, entry in before.items() if new.get(name, entry) == entry}
    if valid_entries != before:
        _write_manifest(out, valid_entries)
    for name, data in files.items():
        replace_file(out / name, data)
    _write_manifest(out, valid_entries | new)


def _read_manifest(out: Path) -> dict[str, object]:
    """Return the entries of the manifest; none if it cannot be read."""
    try:
        entries = json.loads(safe_read.read(out, MANIFEST, _MAX_MANIFEST_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return entries if isinstance(entries, dict) else {}


def _write_manifest(out: Path, entries: Mapping[str, object]) -> None:
    replace_file(out / MANIFEST, json.dumps(entries, indent=1, sort_keys=True).encode() + b"\n")
