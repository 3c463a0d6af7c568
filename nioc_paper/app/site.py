"""The paper as a website, with files to download."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, tzinfo
from pathlib import Path

from msgspec.structs import replace

from nioc_paper.app.build_request import BuildRequest, WrittenOutputs, assemble_document
from nioc_paper.app.errors import AppError, RequestError
from nioc_paper.app.paper_at_commit import load_snapshot, snapshot_key
from nioc_paper.app.preconditions import require_unblocked
from nioc_paper.app.project import Project
from nioc_paper.domain.audience import for_audience, notices, public_progress_view
from nioc_paper.domain.output_stops import find_stops
from nioc_paper.domain.sources import citing_chapters
from nioc_paper.model import (
    AUDIENCES,
    Diagnostic,
    Document,
    History,
    OutputOptions,
    Paper,
    Progress,
    ProgressPoint,
    Reporter,
    Severity,
    SiteProgress,
    TemplateError,
    report_all,
)
from nioc_paper.progress import measure_progress
from nioc_paper.render.common.imprint import template_diagnostic
from nioc_paper.render.context import RenderContext
from nioc_paper.render.site.page_plan import Download, SiteOptions
from nioc_paper.render.site.site_writer import build_site
from nioc_paper.render.write import BusyError, lock_folder, pandoc_diagnostic, prepare_document, render_formats
from nioc_paper.system import command_stages, git, pagefind, requirements
from nioc_paper.system.cache import Cache
from nioc_paper.system.files import replace_folder
from nioc_paper.system.pandoc import PandocError
from nioc_paper.wording import ENGLISH, wording_for

_MAX_REDLINE_BYTES = 256 * 2**20
_FORMAT_TITLES = {"pdf": "PDF", "docx": "Word", "epub": "EPUB", "html": "HTML"}


def publish_site(
    project: Project, target: Path, downloads: Sequence[str], redline: Path | None, options: OutputOptions
) -> WrittenOutputs:
    """Load and check the paper, and replace the folder of its site; without files, a finding stops it.

    The site offers the paper in the formats of `downloads`, and a redline if there is one.

    Raises BlockedError if a finding stops it, RequestError or AppError if the folder cannot be replaced.
    """
    loaded = project.load()
    checked = project.check(loaded).findings
    require_unblocked(project, loaded, checked, options)
    _require_own_folder(target)
    document = assemble_document(project, loaded.paper, BuildRequest(options=options))
    written = _write_site(project, loaded.paper, document, target, downloads, redline)
    return replace(written, findings=[*(d for d in checked if d.severity == Severity.ERROR), *written.findings])


def _require_own_folder(target: Path) -> None:
    """Raise RequestError if the folder holds anything but a site: it would be lost."""
    is_empty = not target.exists() or (target.is_dir() and not any(target.iterdir()))
    if not (is_empty or (target / "site.css").is_file()):
        raise RequestError(f"'{target}' holds files that are not a site; name an empty or a new folder")


def _write_site(
    project: Project, paper: Paper, document: Document, target: Path, downloads: Sequence[str], redline: Path | None
) -> WrittenOutputs:
    """Render the site and replace its folder. Nothing is written if a finding stops a page or a download.

    Raises AppError if the folder is in use.
    """
    findings, written, parent = list[Diagnostic](), list[Path](), target.parent
    try:
        with lock_folder(parent):
            files = _render_files(project, paper, document, downloads, redline, findings.append)
            if files and not find_stops(findings, document.copy):
                complete = _write_search_index if pagefind.is_installed() else lambda _: None
                with command_stages.stage("index"):
                    replace_folder(target, files, complete)
                written = [file for file in target.rglob("*") if file.is_file()]
    except BusyError:
        raise AppError(f"another build is writing to {parent}; wait for it to end") from None
    return WrittenOutputs(written, findings, [*notices(document, ENGLISH), *_search_notice()])


def _search_notice() -> list[str]:
    """Return a sentence if the site has no search."""
    why = "the site has no search, for pagefind is not installed; install it: "
    return [] if pagefind.is_installed() else [why + requirements.install_extra_command("site")]


def _write_search_index(folder: Path) -> None:
    if not pagefind.build_index(folder):
        raise AppError("pagefind cannot make the search index; the old files are unchanged")


def _render_files(
    project: Project, paper: Paper, document: Document, formats: Sequence[str], redline: Path | None, report: Reporter
) -> Mapping[str, bytes]:
    """Return the files of the site and its downloads by path; empty if the site cannot be made."""
    context = RenderContext(project.templates, report, project.cache)
    if (cited_document := prepare_document(document, context)) is None:
        return {}
    downloads = [*_render_downloads(cited_document, formats, context), *_read_redline(project, cited_document, redline)]
    with command_stages.stage("history"):
        site_options = _site_options(project, paper, document.copy.audience, downloads)
    try:
        with command_stages.stage("pages"):
            return build_site(cited_document, site_options, context)
    except TemplateError as error:
        report(template_diagnostic(error))
    except PandocError as error:
        report(pandoc_diagnostic(error, "writing the site"))
    return {}


def _site_options(project: Project, paper: Paper, audience: str, downloads: Sequence[Download]) -> SiteOptions:
    """Return everything that the pages show besides the document."""
    settings, history = paper.settings.site, project.history(paper)
    visible, _ = for_audience(paper, audience)
    return SiteOptions(
        url=(settings.url or "").rstrip("/"),
        summary=settings.summary or "",
        contact=settings.contact or "",
        changed=history.last_changes,
        cited_in={key: [c.id for c in chapters] for key, chapters in citing_chapters(visible).items()},
        downloads=tuple(downloads),
        progress=_measure_site_progress(project, paper, audience, history),
        paper=visible,
        search=pagefind.is_installed(),
    )


def _render_downloads(document: Document, formats: Sequence[str], context: RenderContext) -> Iterator[Download]:
    """Yield the whole paper in each format that can be made."""
    words = wording_for(document.language, document.own_words)
    for name, result in render_formats(document, formats, context):
        report_all(result.diagnostics, context.report)
        if result.data is not None:
            yield Download(f"files/{document.stem}.{name}", words["read_as"].format(_FORMAT_TITLES[name]), result.data)


def _read_redline(project: Project, document: Document, redline: Path | None) -> Iterator[Download]:
    if redline:
        kind = redline.suffix.removeprefix(".")
        words = wording_for(document.language, document.own_words)
        title = f"{words['what_changed']} ({_FORMAT_TITLES.get(kind, kind.upper())})"
        yield Download(f"files/{redline.name}", title, project.read_given(redline, _MAX_REDLINE_BYTES))


def _measure_site_progress(project: Project, paper: Paper, audience: str, history: History) -> SiteProgress | None:
    """Measure progress as far as the audience may know it; None if the site does not show it."""
    if audience == AUDIENCES[0] and not paper.settings.site.progress:
        return None
    words = wording_for(paper.settings.language, paper.settings.own_words)
    visible = public_progress_view(project.without_later_records(paper), audience, words["participant"])
    progress = measure_progress(visible, history, project.today(paper), words)
    past_points = measure_past_days(project.root, project.cache, audience, project.time_zone(paper), progress)
    return SiteProgress(visible, progress, past_points)


# --- words and statuses on past days ----------------------------------------------------------------------------------


_MAX_DAYS = 40
"""Days that are measured: each costs about 0.5 s, once."""


def measure_past_days(
    root: Path, cache: Cache, audience: str, zone: tzinfo, progress: Progress
) -> tuple[ProgressPoint, ...]:
    """Return words and statuses at the end of past days, limited to the audience; the present is the last point."""
    days = [(on, commit) for on, commit in git.commit_days(root, zone) if on < progress.today]
    points = (_measure_day(root, cache, on, commit, audience) for on, commit in _sample_days(days))
    past_points = [*filter(None, points)]
    return (*past_points, ProgressPoint(progress.today, progress.words, progress.by_status)) if past_points else ()


def _sample_days(days: Sequence[tuple[date, str]]) -> list[tuple[date, str]]:
    """Choose days evenly, with the first and the last."""
    last = len(days) - 1
    return [days[i] for i in sorted({round(n * last / (_MAX_DAYS - 1)) for n in range(_MAX_DAYS)})] if days else []


def _measure_day(root: Path, cache: Cache, on: date, commit: str, audience: str) -> ProgressPoint | None:
    """Measure the paper in a commit, once. Returns None if it cannot be read from git."""
    key = snapshot_key(commit, "past day", audience)
    if (cached := cache.get(key)) is None:
        try:
            cached = json.dumps(_measure_paper(load_snapshot(root, cache, commit), audience)).encode()
        except AppError:
            return None
        cache.put(key, cached)
    words, statuses = json.loads(cached)
    return ProgressPoint(on, words, statuses)


def _measure_paper(paper: Paper, audience: str) -> tuple[int, dict[str, int]]:
    visible, _ = for_audience(paper, audience)
    return sum(c.words for c in visible.chapters), Counter(c.front.status for c in visible.chapters)
