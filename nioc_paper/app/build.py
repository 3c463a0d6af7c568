"""A build, from the folder of a paper to its files: each stage is a function, and all of them are called here.

Imports of stages are late: they are imported while the paper is read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from nioc_paper.app.build_request import (
    BuildRequest,
    BuildResult,
    WrittenOutputs,
    assemble_document,
    parse_formats,
    require_formats,
)
from nioc_paper.app.checking import select_findings
from nioc_paper.app.errors import AppError
from nioc_paper.app.preconditions import require_unblocked
from nioc_paper.app.project import CheckedPaper, LoadedPaper, Project
from nioc_paper.domain.audience import notices
from nioc_paper.domain.output_stops import find_stops
from nioc_paper.model import Diagnostic, Document, Severity, report_all
from nioc_paper.render import DOCUMENT_WRITERS
from nioc_paper.system import concurrency
from nioc_paper.system.concurrency import import_soon
from nioc_paper.wording import ENGLISH

if TYPE_CHECKING:
    from nioc_paper.render.context import Engines, RenderContext

Check = Callable[[], object]
"""Waits for the check of a paper; raises BlockedError if a finding stops the output."""


def build(
    project: Project, request: BuildRequest, formats: Sequence[str], out: Path, *, engines: Engines | None = None
) -> BuildResult:
    """Load and check the paper, and write the document that is requested, in some formats, to a folder.

    Raises RequestError for an impossible request, BlockedError if a finding stops it, AppError if the folder is in use
    or cannot be written. A format that fails is missing from the files; a finding gives the reason.
    """
    require_formats(formats)
    writers = (module for name, module in DOCUMENT_WRITERS.items() if name in formats)
    import_soon("nioc_paper.assemble", "nioc_paper.render.write", *writers)
    loaded = project.load()
    request.validate(loaded.paper)
    check = _start_check(project, loaded, request)
    try:
        document = assemble_document(project, loaded.paper, request)
        written = write_outputs(project, document, formats, out, engines=engines, check=check)
    except Exception:
        check()  # an error of the paper is reported rather than its consequence
        raise
    checked, chapter = check(), request.chapter or request.brief
    paths = [str(project.root / c.path) for c in checked.paper.chapters if c.id == chapter]
    findings = select_findings(checked, project.root, paths)
    errors = [d for d in findings if d.severity == Severity.ERROR]
    return BuildResult(loaded.paper, written, sum(d.severity == Severity.WARNING for d in findings), errors)


def _start_check(project: Project, loaded: LoadedPaper, request: BuildRequest) -> Callable[[], CheckedPaper]:
    """Start to check the paper; call the result to wait for it. It raises BlockedError if a finding stops the output.

    The check comes first without another core for it, and after an error in reading: few papers are built with one, and
    a writer that computes goes on for up to 2 s after the refusal.
    """
    is_refused_soon = bool(find_stops(loaded.findings, request.options)) or not concurrency.can_copy()
    wait_for_check = project.start_check(loaded)

    @cache
    def require_no_stop() -> CheckedPaper:
        checked = wait_for_check()
        require_unblocked(project, loaded, checked.findings, request.options)
        return checked

    if is_refused_soon:
        require_no_stop()
    return require_no_stop


def write_outputs(
    project: Project,
    document: Document,
    formats: Sequence[str],
    out: Path,
    *,
    engines: Engines | None = None,
    check: Check = concurrency.noop,
) -> WrittenOutputs:
    """Render a document and write it to a folder. Raises AppError if the folder is in use.

    Nothing is written or reported if `check` raises.
    """
    from nioc_paper.render.context import NO_ENGINES, RenderContext
    from nioc_paper.render.write import BusyError

    findings: list[Diagnostic] = []
    context = RenderContext(project.templates, findings.append, project.cache, engines or NO_ENGINES)
    try:
        files = write_formats(document, formats, out, context, check)
    except BusyError:
        raise AppError(f"another build is writing to {out}; wait for it to end") from None
    return WrittenOutputs(files, findings, list(notices(document, ENGLISH)))


def write_formats(
    document: Document, formats: Sequence[str], out: Path, context: RenderContext, check: Check = concurrency.noop
) -> list[Path]:
    """Write a document in some formats; return the files written. A format that a finding stops keeps its old file.

    `check` is waited for while formats are rendered: what it raises stops the writers, and nothing is written or
    reported then. Raises BusyError if another build writes to the folder.
    """
    from nioc_paper.render import write

    if (cited := write.prepare_document(document, context)) is None:
        check()
        return []
    with write.lock_folder(out):
        with write.rendering(cited, formats, context) as results:  # on other threads, and in the engines
            check()
        report_all((finding for name in formats for finding in results[name].diagnostics), context.report)
        made = {f"{document.stem}.{name}": results[name].data for name in formats}
        files = {name: data for name, data in made.items() if data is not None}
        write.replace_outputs(document, out, files)
    return [out / name for name in files]


# --- the Python interface ---------------------------------------------------------------------------------------------


_WHOLE_PAPER = BuildRequest()
DEFAULT_FORMATS = "pdf,docx,html,epub"


class BuildableProject(Project):
    """The folder of a paper, with `build`: outputs are made of a project, so `Project` itself knows none."""

    def build(
        self,
        request: BuildRequest = _WHOLE_PAPER,
        formats: str | Sequence[str] = DEFAULT_FORMATS,
        out: str | Path | None = None,
    ) -> BuildResult:
        """Load and check the paper, and write the document that is requested to a folder, by default `dist`.

        `formats` is a list, or a text with commas.

        Raises RequestError for an impossible request, BlockedError if the paper has errors, AppError if the folder is
        in use or cannot be written. A format that fails is missing from the files; a finding gives the reason.
        """
        names = parse_formats(formats) if isinstance(formats, str) else formats
        return build(self, request, names, self.writable_path("dist") if out is None else Path(out))
