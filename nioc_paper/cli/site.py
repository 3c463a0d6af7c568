"""`site`: the paper as a website."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nioc_paper.app.replay import CommandRecord, OutputRecorder
from nioc_paper.cli.build import BuildRequest, assemble_document, make_write_error, parse_formats
from nioc_paper.cli.common import (
    in_tags,
    load_history,
    load_paper,
    make_line_reader,
    open_findings_cache,
    require_root,
    resolve_time_zone,
    resolve_today,
    today_option,
    writable_path,
)
from nioc_paper.cli.exit_codes import ERRORS
from nioc_paper.cli.gates import abort_on_blockers, find_blockers
from nioc_paper.cli.progress_bar import progress_bar
from nioc_paper.domain.audience import notices
from nioc_paper.model import (
    AUDIENCES,
    Diagnostic,
    Document,
    History,
    OutputOptions,
    Paper,
    Severity,
    SiteProgress,
    TemplateError,
)
from nioc_paper.system import pagefind
from nioc_paper.system.cache import Cache
from nioc_paper.system.files import replace_folder
from nioc_paper.system.pandoc import PandocError
from nioc_paper.wording import ENGLISH, wording_for

if TYPE_CHECKING:
    from nioc_paper.render.context import RenderContext
    from nioc_paper.render.site import Download

_FORMAT_TITLES = {"pdf": "PDF", "docx": "Word", "epub": "EPUB", "html": "HTML"}


@click.command()
@click.option("--audience", type=click.Choice(AUDIENCES), default=AUDIENCES[0], show_default=True, help="For whom.")
@click.option(
    "--downloads", metavar="FORMATS", default="pdf,docx,epub", show_default=True, help="What to offer; or: none."
)
@click.option(
    "--redline",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file to offer that shows what changed, for the same readers.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Where to put it. [default: dist/site]")
@today_option
@click.pass_obj
def site(
    record: CommandRecord | None,
    /,
    audience: str,
    downloads: str,
    redline: Path | None,
    out: Path | None,
    today: date | None,
) -> None:
    """Make a website of the paper in dist/site/: static files that work on any server, and without one."""
    from nioc_paper.check import check

    root, echo = require_root(Path.cwd()), OutputRecorder()
    if record:
        record.record_reads()
    names = [] if downloads == "none" else parse_formats(downloads)
    paper, load_findings = load_paper(root)
    day, copy = resolve_today(paper, today), OutputOptions(audience=audience)
    findings = check(paper, day, [*load_findings, *in_tags(root)], *open_findings_cache(root))
    abort_on_blockers(root, find_blockers(root, paper, load_findings, findings, copy, day), copy)
    target = out or writable_path(root, "dist", "site")
    validate_site_folder(target)
    if not write_site(root, paper, copy, names, redline, target, day, echo):
        sys.exit(ERRORS)
    if record:
        record.files_read.update([str(redline.resolve())] if redline else [])
        record.save(resolve_time_zone(paper).key, echo, filter(Path.is_file, target.rglob("*")))


def validate_site_folder(target: Path) -> None:
    """Stop at a folder with something in it that is no site: it would be lost."""
    if target.exists() and not (target / "site.css").is_file() and not (target.is_dir() and not any(target.iterdir())):
        raise click.UsageError(f"'{target}' holds something that is no site; name a folder that is empty or not there")


def write_site(
    root: Path,
    paper: Paper,
    copy: OutputOptions,
    names: list[str],
    redline: Path | None,
    target: Path,
    day: date,
    echo: OutputRecorder,
) -> bool:
    """Make the site, and say what was made; nothing is written while a page or a file cannot be made."""
    from nioc_paper.render.write import BusyError, lock_folder

    document = assemble_document(root, paper, BuildRequest(copy=copy))
    findings: list[Diagnostic] = []
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with lock_folder(target.parent), progress_bar(len(names) + 4) as stage:
            files = render_site_files(root, paper, document, names, redline, day, findings, stage)
            if all(d.severity < Severity.ERROR for d in findings):
                stage("index")
                replace_folder(target, files, write_search_index if pagefind.is_installed() else lambda _: None)
    except BusyError:
        raise click.ClickException(f"another build is writing to {target.parent}; wait for it to end") from None
    except OSError as error:
        raise make_write_error(target, error) from error
    report_site(root, document, target, findings, echo)
    return all(d.severity < Severity.ERROR for d in findings)


def write_search_index(folder: Path) -> None:
    """Make the index of the search."""
    if not pagefind.build_index(folder):
        raise click.ClickException("pagefind cannot make the index of the search; what was there is unharmed")


def render_site_files(
    root: Path,
    paper: Paper,
    document: Document,
    names: list[str],
    redline: Path | None,
    day: date,
    findings: list[Diagnostic],
    stage: Callable[[str], None],
) -> Mapping[str, bytes]:
    """The files of the site by their paths, with those to download; `found` gets what is wrong with them."""
    from nioc_paper.load.templates import read_templates
    from nioc_paper.render.common.templating import template_diagnostic
    from nioc_paper.render.context import RenderContext
    from nioc_paper.render.site import SiteOptions, build_site
    from nioc_paper.render.write import pandoc_diagnostic, resolve_citations

    stage("citations")
    context = RenderContext(read_templates(root), findings.append, Cache.for_paper(root))
    try:
        cited_document = resolve_citations(document, findings.append, context.cache)
    except PandocError as error:
        findings.append(pandoc_diagnostic(error, "setting citations", "paper/references.yaml"))
        return {}
    downloads = [
        *render_downloads(cited_document, names, context, stage),
        *read_redline(cited_document, redline),
    ]
    stage("history")
    site_settings, history = paper.settings.site, load_history(root, paper)
    site_progress = load_site_progress(root, paper, document.copy.audience, history, day)
    stage("pages")
    site_options = SiteOptions(
        url=(site_settings.url or "").rstrip("/"),
        summary=site_settings.summary or "",
        changed=history.last_changes,
        downloads=tuple(downloads),
        progress=site_progress,
        search=pagefind.is_installed(),
    )
    try:
        return build_site(cited_document, site_options, context)
    except TemplateError as error:
        findings.append(template_diagnostic(error))
    except PandocError as error:
        findings.append(pandoc_diagnostic(error, "writing the site"))
    return {}


def render_downloads(
    document: Document, names: list[str], context: RenderContext, stage: Callable[[str], None]
) -> Iterator[Download]:
    """The whole paper in each format, as far as it can be made."""
    from nioc_paper.render.site import Download
    from nioc_paper.render.write import render_formats

    words = wording_for(document.language)
    for name, result in render_formats(document, names, context, stage).items():
        for finding in result.diagnostics:
            context.report(finding)
        if result.data is not None:
            yield Download(f"files/{document.stem}.{name}", words["read_as"].format(_FORMAT_TITLES[name]), result.data)


def read_redline(document: Document, redline: Path | None) -> Iterator[Download]:
    """The file that shows what changed, if there is one."""
    from nioc_paper.render.site import Download

    if redline:
        kind = redline.suffix.removeprefix(".")
        title = f"{wording_for(document.language)['what_changed']} ({_FORMAT_TITLES.get(kind, kind.upper())})"
        yield Download(f"files/{redline.name}", title, redline.read_bytes())


def load_site_progress(root: Path, paper: Paper, audience: str, history: History, day: date) -> SiteProgress:
    """How far the paper is, as far as its audience may know."""
    from nioc_paper.app.timeline import measure_growth
    from nioc_paper.domain.audience import public_progress_view
    from nioc_paper.progress import measure_progress

    visible = public_progress_view(paper, audience, wording_for(paper.settings.language)["participant"])
    state = measure_progress(visible, history, day)
    return SiteProgress(visible, state, measure_growth(root, audience, resolve_time_zone(paper), state))


def report_site(root: Path, document: Document, target: Path, findings: list[Diagnostic], echo: OutputRecorder) -> None:
    """Say what was found, what the copy lacks, and where the site is."""
    from nioc_paper.report.findings import FORMATS

    if findings:
        echo(FORMATS["short"](findings, make_line_reader(root)), err=True)
    for notice in notices(document, ENGLISH):
        echo(notice, err=True)
    if not pagefind.is_installed():
        echo(f"the site has no search, for pagefind is not installed; install it: {pagefind.INSTALL_COMMAND}", err=True)
    if any(d.severity == Severity.ERROR for d in findings):
        echo("nothing was made", err=True)
        return
    files = [file for file in target.rglob("*") if file.is_file()]
    size = sum(file.stat().st_size for file in files) / 1e6
    echo(f"{os.path.relpath(target)}/index.html  {len(files)} files, {size:.1f} MB")
