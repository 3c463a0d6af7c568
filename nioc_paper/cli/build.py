"""`build`: the paper in its forms."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nioc_paper.app.replay import CommandRecord, OutputRecorder
from nioc_paper.cli.common import (
    audience_options,
    in_tags,
    load_history,
    load_paper,
    make_line_reader,
    open_findings_cache,
    require_root,
    resolve_time_zone,
    resolve_today,
    today_option,
    validate_chapter_option,
    writable_path,
)
from nioc_paper.cli.exit_codes import ERRORS
from nioc_paper.cli.gates import abort_on_blockers, find_blockers
from nioc_paper.domain.audience import for_audience, notices
from nioc_paper.model import AUDIENCES, Diagnostic, Document, OutputOptions, Paper, Severity
from nioc_paper.wording import ENGLISH

if TYPE_CHECKING:
    from nioc_paper.render.context import Engines


@click.command()
@click.option(
    "--to", "formats", metavar="FORMATS", default="pdf,docx,html,epub", show_default=True, help="What to make."
)
@click.option("--chapter", metavar="ID", help="One chapter only, with the numbers it has in the paper.")
@click.option("--brief", metavar="ID", help="A policy brief of a chapter, on two pages.")
@click.option("--comments", is_flag=True, help="What reviewers said of it, and what became of that, as a table.")
@click.option("--review-copy", is_flag=True, help="A draft to comment on: its paragraphs and lines are numbered.")
@audience_options
@click.option("--final", is_flag=True, help="Without the draft mark, if nothing is missing that a final paper needs.")
@click.option("--whole", is_flag=True, help="Lay the PDF out in one piece: slower, to compare with.")
@click.option("--out", type=click.Path(path_type=Path), help="Where to put it. [default: dist]")
@today_option
@click.pass_obj
def build(
    record: CommandRecord | None, /, formats: str, out: Path | None, today: date | None, whole: bool, **options: Any
) -> None:
    """Make the paper in dist/. Nothing is made while there are errors."""
    from nioc_paper.render.engines import start_engines

    root, names = require_root(Path.cwd()), parse_formats(formats)
    out = out or writable_path(root, "dist")
    # The trees have no cycles, and looking for some takes longer than making them.
    gc.disable()
    if record:
        record.record_reads()
    echo, lists_pages = OutputRecorder(), not (options["brief"] or options["comments"])
    with start_engines(names, in_one=whole, needs_pages=lists_pages) as layout:
        paper, output_files = build_paper(root, names, out, today, echo, options, layout)
    if len(output_files) < len(names):
        sys.exit(ERRORS)
    if record:
        # Builds of other copies may change the manifest.
        record.save(resolve_time_zone(paper).key, echo, output_files, [out / "manifest.json"])


def build_paper(
    root: Path,
    names: Sequence[str],
    out: Path,
    today: date | None,
    echo: OutputRecorder,
    options: Mapping[str, Any],
    layout: Engines,
) -> tuple[Paper, list[Path]]:
    """Read, check and make the paper; the files that were made."""
    paper, load_findings = load_paper(root, "nioc_paper.check", "nioc_paper.assemble", "nioc_paper.render.write")
    from nioc_paper.check import check

    day = resolve_today(paper, today)
    request = parse_build_request(paper, **options)
    findings = check(paper, day, [*load_findings, *in_tags(root)], *open_findings_cache(root))
    abort_on_blockers(root, find_blockers(root, paper, load_findings, findings, request.copy, day), request.copy)
    output_files = write_outputs(root, assemble_document(root, paper, request), names, out, echo, layout)
    warnings = sum(d.severity == Severity.WARNING for d in findings)
    warning_text = "1 warning; see it" if warnings == 1 else f"{warnings} warnings; see them"
    echo(f"{warning_text} with: nioc check" if warnings else "no warnings", err=True)
    return paper, output_files


def parse_formats(formats: str, writers: Collection[str] = ()) -> list[str]:
    """The formats asked for, each known: one of `writers`, or where none are named one of the paper's."""
    from nioc_paper.render import DOCUMENT_WRITERS

    available = writers or DOCUMENT_WRITERS
    names = list(dict.fromkeys(n.strip() for n in formats.split(",") if n.strip()))
    if not names:
        raise click.UsageError(f"no format is given; formats are: {', '.join(available)}")
    for name in names:
        if name not in available:
            raise click.UsageError(f"'{name}' is no format; formats are: {', '.join(available)}")
    return names


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """What a build is to make of the paper."""

    chapter: str | None = None
    """One chapter alone."""
    brief: str | None = None
    """The brief of a chapter."""
    comments: bool = False
    """What reviewers said, and what became of it."""
    copy: OutputOptions = OutputOptions()


def parse_build_request(
    paper: Paper, *, review_copy: bool, audience: str, public: bool, final: bool, **selection: Any
) -> BuildRequest:
    """What the options ask for; stops where they contradict each other, or ask for what the paper does not have."""
    from nioc_paper.assemble.documents.brief import reason_for_no_brief

    if selection["brief"] and (selection["chapter"] or selection["comments"]):
        raise click.UsageError("--brief asks for another document than --chapter and --comments; give one of them")
    copy = OutputOptions(audience=AUDIENCES[0] if public else audience, review=review_copy, final=final)
    if final and review_copy:
        raise click.UsageError("a final paper is no copy to comment on; give --final or --review-copy")
    chapter, brief = selection["chapter"], selection["brief"]
    validate_chapter_option(paper, brief if chapter is None else chapter)
    visible, _ = for_audience(paper, copy.audience)
    if (chapter or brief) not in {None, *(c.id for c in visible.chapters)}:
        raise click.UsageError(f"the chapter '{chapter or brief}' is not for the audience '{copy.audience}'")
    if brief and (reason := reason_for_no_brief(visible, brief)):
        raise click.UsageError(reason)
    return BuildRequest(chapter, brief, comments=selection["comments"], copy=copy)


def assemble_document(root: Path, paper: Paper, request: BuildRequest) -> Document:
    """The document that was asked for."""
    from nioc_paper.assemble import assemble, extract_chapter
    from nioc_paper.assemble.documents.brief import build_brief
    from nioc_paper.assemble.documents.comments import build_comments_document

    history, timestamp = load_history(root, paper), read_source_date_epoch()
    if request.brief:
        return build_brief(paper, history, request.brief, timestamp, request.copy)
    if request.comments:
        return build_comments_document(paper, history, request.chapter, timestamp, request.copy)
    document = assemble(paper, history, timestamp, request.copy)
    return extract_chapter(document, paper, request.chapter) if request.chapter else document


def read_source_date_epoch() -> int | None:
    """The moment that the environment gives for all outputs, where it gives one (reproducible-builds.org)."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return int(epoch) if epoch.isdecimal() else None


def make_write_error(out: Path, error: OSError) -> click.ClickException:
    """What is said when a file could not be written: it, or the folder of outputs if the error names no file."""
    return click.ClickException(
        f"cannot write to {error.filename or out}: {error.strerror or error}; what was there is unharmed"
    )


def write_outputs(
    root: Path,
    document: Document,
    names: Sequence[str],
    out: Path,
    echo: OutputRecorder | None = None,
    layout: Engines | None = None,
) -> list[Path]:
    """Render a document; says what was made, and every finding of the engines."""
    from nioc_paper.cli.progress_bar import progress_bar
    from nioc_paper.load.templates import read_templates
    from nioc_paper.render.context import NO_ENGINES, RenderContext
    from nioc_paper.render.write import BusyError, render_files
    from nioc_paper.report.findings import FORMATS

    findings: list[Diagnostic] = []
    try:
        with progress_bar(len(names) + 1) as stage:
            cache, _ = open_findings_cache(root)
            context = RenderContext(read_templates(root), findings.append, cache, layout or NO_ENGINES)
            output_files = render_files(document, names, out, context, stage)
    except BusyError:
        raise click.ClickException(f"another build is writing to {out}; wait for it to end") from None
    except OSError as error:
        raise make_write_error(out, error) from error
    echo = echo or OutputRecorder()
    echo.replayable &= not any(finding.rule == "render-failed" for finding in findings)
    if findings:
        echo(FORMATS["short"](findings, make_line_reader(root)), err=True)
    for notice in notices(document, ENGLISH):
        echo(notice, err=True)
    for file in output_files:
        echo(f"{os.path.relpath(file)}  {max(file.stat().st_size / 1e6, 0.1):.1f} MB")
    return output_files
