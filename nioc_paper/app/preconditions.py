"""Preconditions: of an output, for its audience and for a final paper; of an approval; of a sending."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nioc_paper.app.command_commits import PAPER_PATHS
from nioc_paper.app.errors import AppError, RequestError, require_known, require_none
from nioc_paper.app.paper_at_commit import hash_in
from nioc_paper.app.project import LoadedPaper, Project
from nioc_paper.domain.approvals import hash_chapter
from nioc_paper.domain.output_stops import find_stops
from nioc_paper.model import AUDIENCES, Chapter, Diagnostic, OutputOptions, Paper, Settings, format_count, spelling_hint
from nioc_paper.system import git
from nioc_paper.system.processes import find_program

# --- chapters ---------------------------------------------------------------------------------------------------------


def require_chapter(paper: Paper, name: str) -> Chapter:
    """Return the chapter with an id. Raises RequestError if there is none."""
    chapters = {c.id: c for c in reversed(paper.chapters)}
    return chapters[require_known(name, chapters, "chapter")]


def validate_chapter_option(paper: Paper, chapter: str | None) -> None:
    """Raise RequestError if a chapter is given that is not in the paper."""
    if chapter is not None:
        require_chapter(paper, chapter)


def count_steps(settings: Settings, chapter: Chapter, status: str) -> int:
    """Return how many statuses a chapter moves ahead, 1 at most; negative if it moves back.

    Raises RequestError for an unknown status, or for a step over one; AppError if the chapter's own status is unknown.
    """
    ids, old_status = [s.id for s in settings.statuses], chapter.front.status
    require_known(status, ids, "status")
    if old_status not in ids:
        where, hint = chapter.front.place("status"), spelling_hint(old_status, ids)
        raise AppError(f"{where}: '{old_status}' is not a status of this paper; {hint}")
    steps = ids.index(status) - ids.index(old_status)
    if steps > 1:
        after = ids[ids.index(old_status) + 1]
        raise RequestError(f"'{chapter.id}' is in '{old_status}'; advance by one status: the next is '{after}'")
    return steps


# --- outputs ----------------------------------------------------------------------------------------------------------


def require_unblocked(
    project: Project, loaded: LoadedPaper, findings: Sequence[Diagnostic], options: OutputOptions
) -> None:
    """Raise BlockedError if findings block an output."""
    blockers = find_blockers(project, loaded, findings, options)
    final_reason = f"the paper is not final; see to the {format_count(len(blockers), 'thing')} above first"
    reason = final_reason if options.final else "correct the errors above first"
    require_none(blockers, f"nothing was written: {reason}")


def find_blockers(
    project: Project, loaded: LoadedPaper, findings: Sequence[Diagnostic], options: OutputOptions
) -> list[Diagnostic]:
    """Return the findings that block an output, each once. Every output for an audience passes here.

    `findings` are those of a check, or none for outputs that are made whatever errors the paper has. `domain/stops.txt`
    says which of them stop an edition.
    """
    paper = loaded.paper
    blockers = find_stops(findings, options)
    if options.audience != AUDIENCES[-1]:
        from nioc_paper.check.blocking_findings import audience_blocking_findings

        # A key that cannot be read may be the one that withholds a chapter: no setting excuses that.
        blockers += find_stops(loaded.findings, options)
        blockers += audience_blocking_findings(paper, options.audience, project.today(paper))
    if options.final:
        from nioc_paper.check.blocking_findings import final_blocking_findings
        from nioc_paper.load import toolchain_hash

        uncommitted = find_uncommitted(project.root)
        blockers += final_blocking_findings(
            paper, uncommitted, project.today(paper), loaded.findings, project.cache, toolchain_hash()
        )
    return sorted(set(blockers))


def find_uncommitted(root: Path) -> list[str] | None:
    """Return the uncommitted files of the paper, and all uncommitted tracked files; None if git cannot tell."""
    paper_files = git.list_uncommitted(root, [name for name in PAPER_PATHS if (root / name).exists()])
    tracked_files = git.list_changed(root)
    if paper_files is None or tracked_files is None:
        return None
    # Hidden files are never read.
    return sorted({*(path for path in paper_files if "/." not in f"/{path}"), *tracked_files})


# --- approvals and sendings -------------------------------------------------------------------------------------------


def require_ready(paper: Paper, chapter: Chapter) -> None:
    """Raise AppError if a chapter is not in one of the last two statuses: its text may still change."""
    last = [s.id for s in paper.settings.statuses][-2:]
    if last and chapter.front.status not in last:
        where, status = chapter.front.place("status"), chapter.front.status
        raise AppError(f"{where}: '{chapter.id}' is in '{status}'; sign it off in {' or '.join(last)}")


def require_committed_chapter(project: Project, paper: Paper, chapter: Chapter, commit: str | None) -> str:
    """Return the commit, if it has the chapter as it is now. Raises AppError if there is none, or it is another."""
    changed = git.list_uncommitted(project.root, [chapter.path])
    if commit is None or changed is None:
        raise AppError("git has no commit of the paper, and a sign-off refers to a commit")
    if changed:
        raise AppError(f"{chapter.path} has changes that are in no commit; commit them first")
    if hash_in(project.at(commit).paper, chapter.id) != hash_chapter(chapter, paper.facts):
        if git.resolve_commit(project.root) != commit:
            raise AppError(f"'{chapter.id}' was changed while the command waited for its turn; read it again first")
        source_kinds = "a fact, a picture or a file of data"
        raise AppError(f"'{chapter.id}' draws on {source_kinds} that is in no commit; commit it first")
    return commit


def require_no_suggestions(paper: Paper, chapter: str) -> None:
    """Raise AppError if a chapter holds suggestions: a reviewer's changes could not be distinguished from them."""
    suggestions = [s for c in paper.chapters if c.id == chapter for s in c.suggestions]
    if suggestions:
        some = format_count(len(suggestions), "suggestion")
        raise AppError(f"{suggestions[0].place}: '{chapter}' has {some} in its text; take them up or drop them")


def require_commit(root: Path) -> str:
    """Return the commit of the paper. Raises AppError if there is none."""
    if commit := git.resolve_commit(root):
        return commit
    how = "put it there: git init, git add --all, git commit" if find_program("git") else "git is not installed"
    raise AppError(f"git has no commit of the paper, and a received file is compared with one; {how}")


def require_committed_sources(root: Path, chapter: Chapter) -> str:
    """Return the commit that has a chapter and all that it draws on. Raises AppError if a file of them is uncommitted.

    Other chapters may have unsaved lines.
    """
    commit = require_commit(root)
    require_committed(root, [path for path in ("contributors.yaml", "paper", chapter.path) if (root / path).exists()])
    return commit


def require_committed(root: Path, paths: Sequence[str]) -> None:
    """Raise AppError if a file is uncommitted: its changes would go into the next commit."""
    if changed := git.list_uncommitted(root, paths):
        more = f" and {format_count(len(changed) - 1, 'other file')}" if len(changed) > 1 else ""
        verb = "have" if more else "has"
        raise AppError(f"{changed[0]}{more} {verb} changes that are in no commit; commit them first")


def load_with_ledgers(project: Project) -> Paper:
    """Load the paper. Raises BlockedError if a ledger has errors: unread parts would be lost when it is written."""
    loaded = project.load()
    require_none(loaded.errors("reviews/"))
    return loaded.paper
