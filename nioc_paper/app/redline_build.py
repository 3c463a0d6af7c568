"""A redline: two versions of the paper, and the document that shows the changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from msgspec.structs import replace

from nioc_paper.app.errors import AppError, RequestError, require_none
from nioc_paper.app.preconditions import find_blockers
from nioc_paper.app.project import Project
from nioc_paper.assemble import assemble, assemble_chapter
from nioc_paper.domain.audience import for_audience
from nioc_paper.model import AUDIENCES, Diagnostic, Document, History, OutputOptions, Paper, format_count, spelling_hint
from nioc_paper.redline.redline_document import (
    PaperVersion,
    find_disclosed,
    redline_versions,
    with_current_citations,
    with_current_restrictions,
)
from nioc_paper.render.write import resolve_citations
from nioc_paper.system import git
from nioc_paper.system.command_stages import stage
from nioc_paper.wording import format_date, localized_digits, wording_for

_MAX_SHOWN_ERRORS = 5
"""Errors of an old version that are shown: nobody corrects them."""
Warn = Callable[[Sequence[Diagnostic], str], None]
"""Shows findings, and a sentence on them."""


class NamedCommit(NamedTuple):
    """A version of the paper: its name in print, and its commit."""

    title: str
    commit: str


class RedlineRequest(NamedTuple):
    """Two versions to compare, of one chapter or of all, for an audience."""

    old: NamedCommit
    new: NamedCommit
    chapter: str | None
    options: OutputOptions


def resolve_revisions(project: Project, versions: str, paper: Paper) -> tuple[NamedCommit, NamedCommit]:
    """Return the two versions in OLD..NEW; without NEW the last commit.

    Raises RequestError for a version that git does not know, or for two that are the same.
    """
    old_name, dots, new_name = versions.partition("..")
    if not dots or not old_name or new_name.startswith("."):
        raise RequestError("write two versions with two dots between them: v1..v2, 2020-02-18..2020-03-30, v1..")
    old, new = (_resolve_revision(project, name, paper) for name in (old_name, new_name or "HEAD"))
    if old.commit == new.commit:
        raise RequestError(f"{old.title} and {new.title} are the same commit, {new.commit[:10]}")
    if old.title == new.title:
        old, new = (_with_time(project, revision, paper) for revision in (old, new))
    return old, new


def _read_day(name: str) -> date | None:
    """Return the day of a name in its form; None for any other name. Raises RequestError if there is no such day."""
    try:
        return date.fromisoformat(name) if len(name) == 10 and name[4] == "-" else None
    except ValueError:
        raise RequestError(f"'{name}' is not a day; write YYYY-MM-DD") from None


def _resolve_revision(project: Project, name: str, paper: Paper) -> NamedCommit:
    """Return the version of a tag, of the end of a day, or of any name of a commit."""
    words = wording_for(paper.settings.language, paper.settings.own_words)
    if on := _read_day(name):
        commit = git.commit_at_end_of_day(project.root, on, project.time_zone(paper))
        if commit is None:
            raise RequestError(f"git has no commit of {name} or before")
        return NamedCommit(format_date(on, words), commit)
    if (commit := git.resolve_commit(project.root, name)) is None:
        raise RequestError(f"'{name}' is not a commit, tag or day that git knows of")
    tag = name if git.resolve_commit(project.root, f"refs/tags/{name}") else git.find_tag(project.root, commit)
    moment = _commit_time(project, commit, paper)
    # In print its day: a commit's own name says nothing to readers.
    day = format_date(moment.date(), words) if moment else commit[:10]
    return NamedCommit(tag or day, commit)


def _with_time(project: Project, revision: NamedCommit, paper: Paper) -> NamedCommit:
    """Return a version whose title has the time of day besides: the other one is of the same day."""
    moment = _commit_time(project, revision.commit, paper)
    words = wording_for(paper.settings.language, paper.settings.own_words)
    time = localized_digits(f"{moment:%H:%M:%S}", words) if moment else revision.commit[:10]
    return revision._replace(title=f"{revision.title}{words['comma']} {time}")


def _commit_time(project: Project, commit: str, paper: Paper) -> datetime | None:
    moment = git.commit_timestamp(project.root, commit)
    return datetime.fromtimestamp(moment, UTC).astimezone(project.time_zone(paper)) if moment is not None else None


def build_redline(project: Project, request: RedlineRequest, warn: Warn) -> Document:
    """Return the document that shows the changes.

    Raises BlockedError if it would show an audience what it may not read. `warn` gets the errors of each version by
    today's rules.
    """
    options = request.options
    with stage("old version"):
        old_paper = _load_version(project, request.old, options, warn)
    with stage("new version"):
        new_paper = _load_version(project, request.new, options, warn)
    old_restricted = with_current_citations(with_current_restrictions(old_paper, new_paper), new_paper)
    _validate_chapter(old_paper, old_restricted, new_paper, request)
    with stage("citations"):
        before = _assemble_version(project, old_restricted, request.old, request)
        after = _assemble_version(project, new_paper, request.new, request)
    with stage("comparison"):
        words = wording_for(after.document.language, after.document.own_words)
        document = redline_versions(before, after, words, request.chapter)
    if options.audience != AUDIENCES[-1]:
        leaks = list(find_disclosed(new_paper, document.blocks, options.audience))
        require_none(leaks, "nothing was written: it would show readers what is withheld from them")
    return replace(document, copy=options)


def _load_version(project: Project, revision: NamedCommit, options: OutputOptions, warn: Warn) -> Paper:
    """Return the paper in a version, without what cannot be read by today's rules; warn of that."""
    loaded = project.at(revision.commit)
    errors = sorted(loaded.errors())
    if not loaded.paper.chapters:
        raise AppError(f"no chapter of {revision.title} can be read; the paper was kept in another way then")
    blockers = find_blockers(project, loaded, (), options)
    require_none(blockers, f"nothing was written: {revision.title} has the errors above; compare versions without them")
    if errors:
        more = f", the first {_MAX_SHOWN_ERRORS} of them above" if len(errors) > _MAX_SHOWN_ERRORS else ", above"
        count = format_count(len(errors), "error")
        warn(errors[:_MAX_SHOWN_ERRORS], f"{revision.title} has {count} by today's rules{more}; the rest is compared")
    return loaded.paper


def _validate_chapter(old_paper: Paper, old_restricted: Paper, new_paper: Paper, request: RedlineRequest) -> None:
    """Raise RequestError for a chapter that is in neither version, or not for the audience."""
    chapter, audience = request.chapter, request.options.audience
    ids = {c.id for paper in (old_paper, new_paper) for c in paper.chapters}
    if chapter is not None and chapter not in ids:
        raise RequestError(f"no chapter is called '{chapter}' in either version; {spelling_hint(chapter, sorted(ids))}")
    visible_ids = {c.id for p in (old_restricted, new_paper) for c in for_audience(p, audience)[0].chapters}
    if chapter not in {None, *visible_ids}:
        raise RequestError(f"the chapter '{chapter}' is not for the audience '{audience}'")


def _assemble_version(project: Project, paper: Paper, revision: NamedCommit, request: RedlineRequest) -> PaperVersion:
    """Assemble a version, or one chapter of it, and resolve its citations."""
    moment = _commit_time(project, revision.commit, paper)
    on, seconds = (moment.date(), int(moment.timestamp())) if moment else (None, None)
    history = History(commit=revision.commit, committed_on=on, timestamp=seconds)
    chapter, copy = request.chapter, request.options
    document = assemble_chapter(paper, history, chapter, copy=copy) if chapter else assemble(paper, history, copy=copy)
    visible, _ = for_audience(paper, request.options.audience)
    return PaperVersion(revision.title, visible, resolve_citations(document, lambda _: None, project.cache))
