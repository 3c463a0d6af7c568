"""Outputs of a paper: documents from options to files.

Imports of writers are late: `build` starts the engines before it reads the paper, and imports the rest meanwhile.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from nioc_paper.app.errors import AppError, RequestError
from nioc_paper.app.gates import require_unblocked, validate_chapter_option
from nioc_paper.app.project import CheckedPaper, LoadedPaper, Project
from nioc_paper.app.selection import select_findings
from nioc_paper.app.stages import ShowStages, hide_stages
from nioc_paper.domain.audience import for_audience, notices
from nioc_paper.model import Diagnostic, Document, OutputOptions, Paper, Severity
from nioc_paper.render import DOCUMENT_WRITERS
from nioc_paper.system import concurrency
from nioc_paper.system.concurrency import noop
from nioc_paper.system.files import replace_file
from nioc_paper.wording import ENGLISH

if TYPE_CHECKING:
    from nioc_paper.render.context import Engines


class BuildRequest(Struct, frozen=True):
    """The document to build."""

    chapter: str | None = None
    """Id of the one chapter to build."""
    brief: str | None = None
    """Id of the chapter to build a policy brief of."""
    comments: bool = False
    """Build the table of comments and answers."""
    options: OutputOptions = OutputOptions()

    def validate(self, paper: Paper) -> None:
        """Raise RequestError if the request contradicts itself, or asks for something the paper does not have."""
        from nioc_paper.assemble.documents.brief import reason_for_no_brief

        if self.brief and (self.chapter or self.comments):
            raise RequestError("--brief asks for another document than --chapter and --comments; give one of them")
        if self.options.final and self.options.review:
            raise RequestError("a final paper is not a copy for comments; give --final or --review-copy")
        validate_chapter_option(paper, self.brief if self.chapter is None else self.chapter)
        visible, _ = for_audience(paper, self.options.audience)
        if (self.chapter or self.brief) not in {None, *(c.id for c in visible.chapters)}:
            audience = self.options.audience
            raise RequestError(f"the chapter '{self.chapter or self.brief}' is not for the audience '{audience}'")
        if self.brief and (reason := reason_for_no_brief(visible, self.brief)):
            raise RequestError(reason)


class WrittenOutputs(Struct, frozen=True):
    """The files that were written, with findings and notices to report."""

    files: Sequence[Path] = ()
    findings: Sequence[Diagnostic] = ()
    """Findings of the engines."""
    notices: Sequence[str] = ()
    """Sentences on content that the audience does not get."""

    @property
    def is_replayable(self) -> bool:
        """Whether a second run would give the same; an engine that failed may work the next time."""
        return not any(finding.rule == "render-failed" for finding in self.findings)


class BuildResult(Struct, frozen=True):
    """The paper that was built, its files, and the number of warnings in the paper, or in the chapter."""

    paper: Paper
    written: WrittenOutputs
    warnings: int


def build(
    project: Project,
    request: BuildRequest,
    formats: Sequence[str],
    out: Path,
    *,
    engines: Engines | None = None,
    show_stages: ShowStages = hide_stages,
) -> BuildResult:
    """Load and check the paper, and write the document that is requested, in some formats, to a folder.

    Raises RequestError for an impossible request, BlockedError if the paper has errors, AppError if the folder is in
    use or cannot be written. A format that fails is missing from the files; a finding gives the reason.
    """
    require_formats(formats)
    writers = (module for name, module in DOCUMENT_WRITERS.items() if name in formats)
    loaded = project.load(preload=("nioc_paper.assemble", "nioc_paper.render.write", *writers))
    request.validate(loaded.paper)
    has_layout = "pdf" in formats or bool(engines and engines.office)
    require_no_errors = _start_check(project, loaded, request, beside_layout=has_layout)
    try:
        document = assemble_document(project, loaded.paper, request)
        written = write_outputs(
            project,
            document,
            formats,
            out,
            engines=engines,
            show_stages=show_stages,
            require_permission=require_no_errors,
        )
    except Exception:
        require_no_errors()  # an error of the paper is reported rather than its consequence
        raise
    warnings = _count_warnings(project.root, require_no_errors(), request.chapter or request.brief)
    return BuildResult(loaded.paper, written, warnings)


def _count_warnings(root: Path, checked: CheckedPaper, chapter: str | None) -> int:
    """Return the number of warnings in a chapter, by default in the paper."""
    paths = [str(root / c.path) for c in checked.paper.chapters if c.id == chapter]
    return sum(d.severity == Severity.WARNING for d in select_findings(checked, root, paths))


def _start_check(
    project: Project, loaded: LoadedPaper, request: BuildRequest, *, beside_layout: bool
) -> Callable[[], CheckedPaper]:
    """Start to check the paper; call the result to wait for it. It raises BlockedError if the paper has errors.

    The check comes first without another core for it, and after an error in reading: few papers are built with one, and
    a writer that computes goes on for up to 2 s after the refusal.
    """
    wait_for_check = cache(project.start_check(loaded, beside_layout=beside_layout))

    @cache
    def require_no_errors() -> CheckedPaper:
        checked = wait_for_check()
        require_unblocked(project, loaded, checked.findings, request.options)
        return checked

    if loaded.errors() or not concurrency.can_copy():
        require_no_errors()
    return require_no_errors


def parse_formats(formats: str, available: Collection[str] = ()) -> list[str]:
    """Return the formats in a list with commas; by default those of documents are available.

    Raises RequestError for an unknown format or an empty list.
    """
    available = available or DOCUMENT_WRITERS
    names = list(dict.fromkeys(n.strip() for n in formats.split(",") if n.strip()))
    if not names:
        raise RequestError(f"no format is given; formats are: {', '.join(available)}")
    require_formats(names, available)
    return names


def require_formats(names: Iterable[str], available: Collection[str] = DOCUMENT_WRITERS.keys()) -> None:
    """Raise RequestError for an unknown format; by default those of documents are available."""
    if unknown := next((name for name in names if name not in available), None):
        raise RequestError(f"'{unknown}' is not a format; formats are: {', '.join(available)}")


def assemble_document(project: Project, paper: Paper, request: BuildRequest) -> Document:
    """Assemble the document that is requested."""
    from nioc_paper.assemble import assemble, assemble_chapter
    from nioc_paper.assemble.documents.brief import build_brief
    from nioc_paper.assemble.documents.comments import build_comments_document

    history, timestamp = project.history(paper), read_source_date_epoch()
    if request.brief:
        return build_brief(paper, history, request.brief, timestamp, request.options)
    if request.comments:
        return build_comments_document(paper, history, request.chapter, timestamp, request.options)
    if request.chapter:
        return assemble_chapter(paper, history, request.chapter, timestamp, request.options)
    return assemble(paper, history, timestamp, request.options)


def read_source_date_epoch() -> int | None:
    """Return the timestamp that SOURCE_DATE_EPOCH sets for all outputs (reproducible-builds.org); None if unset."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return int(epoch) if epoch.isdecimal() else None


def write_outputs(
    project: Project,
    document: Document,
    formats: Sequence[str],
    out: Path,
    *,
    engines: Engines | None = None,
    show_stages: ShowStages = hide_stages,
    require_permission: Callable[[], object] = noop,
) -> WrittenOutputs:
    """Render a document and write it to a folder. Raises AppError if the folder is in use or cannot be written.

    `require_permission` is called while the document is rendered; it may raise, and nothing is written then.
    """
    from nioc_paper.render.context import NO_ENGINES, RenderContext
    from nioc_paper.render.write import BusyError, render_files

    findings: list[Diagnostic] = []
    try:
        with show_stages(len(formats) + 1) as stage:
            context = RenderContext(project.templates, findings.append, project.cache, engines or NO_ENGINES)
            files = render_files(document, formats, out, context, stage, require_permission)
    except BusyError:
        raise AppError(f"another build is writing to {out}; wait for it to end") from None
    except OSError as error:
        raise make_write_error(out, error) from error
    return WrittenOutputs(files, findings, list(notices(document, ENGLISH)))


def write_files(files: Mapping[str, bytes], out: Path) -> Iterator[Path]:
    """Write files to a folder, and yield each. Raises AppError if the folder cannot be written."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            replace_file(out / name, data)
            yield out / name
    except OSError as error:
        raise AppError(f"cannot write to {out}: {error.strerror}") from error


def make_write_error(out: Path, error: OSError) -> AppError:
    """Return the error for a file that cannot be written; it names the folder if the OSError names no file."""
    return AppError(f"cannot write to {error.filename or out}: {error.strerror or error}; the old files are unchanged")
