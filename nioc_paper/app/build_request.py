"""Request of a build: the document, its formats and where they are written; and the result.

Imports of `assemble` are late: they run while the paper is read.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from nioc_paper.app.errors import RequestError
from nioc_paper.app.preconditions import validate_chapter_option
from nioc_paper.app.project import Project
from nioc_paper.domain.audience import for_audience
from nioc_paper.model import Diagnostic, Document, OutputOptions, Paper, Severity
from nioc_paper.render import DOCUMENT_WRITERS
from nioc_paper.system.command_stages import stage
from nioc_paper.system.files import replace_file

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
    def has_errors(self) -> bool:
        """Whether an error was found, whether or not it stopped a file."""
        return any(finding.severity == Severity.ERROR for finding in self.findings)


class BuildResult(Struct, frozen=True):
    """The paper that was built, its files, and the findings in the paper, or in the chapter."""

    paper: Paper
    written: WrittenOutputs
    warnings: int
    errors: Sequence[Diagnostic] = ()
    """Errors that do not stop this edition."""


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
    from nioc_paper.assemble.documents.comment_responses import build_comments_document

    with stage("assemble"):
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


def write_files(files: Mapping[str, bytes], out: Path) -> Iterator[Path]:
    """Write files to a folder, and yield each."""
    for name, data in files.items():
        replace_file(out / name, data)
        yield out / name


@contextmanager
def running_engines(
    formats: Collection[str], *, needs_pages: bool = True, in_one_pass: bool = False
) -> Iterator[Engines]:
    """Start the layout engines that formats need, to get ready while the paper is read; end them on exit.

    Word files need LibreOffice only to list pages. With `in_one_pass`, a PDF is laid out in one pass.
    """
    from nioc_paper.render.context import Engines
    from nioc_paper.render.pdf.worker_pool import WorkerPool
    from nioc_paper.system import libreoffice

    program = libreoffice.find_program() if needs_pages and "docx" in formats else None
    with ExitStack() as running:
        pool = running.enter_context(WorkerPool()).prestart() if "pdf" in formats else None
        office = running.enter_context(libreoffice.LibreOffice(program)).prestart() if program else None
        yield Engines(in_one_pass, pool, office)
