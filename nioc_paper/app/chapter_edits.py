"""Edits of authors' files: new chapters, statuses, sign-offs, fixes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import unified_diff

from msgspec import Struct

from nioc_paper.app.command_commits import OwnCommits
from nioc_paper.app.errors import AppError, RequestError, require_none
from nioc_paper.app.new_records import APPROVAL, write_records
from nioc_paper.app.preconditions import count_steps, require_chapter, require_committed_chapter, require_ready
from nioc_paper.app.project import Project
from nioc_paper.app.safe_write import write_source
from nioc_paper.check.blocking_findings import blocking_findings
from nioc_paper.domain.approvals import hash_chapter, may_approve
from nioc_paper.edit.fixes import apply_fixes
from nioc_paper.edit.scaffold import ScaffoldError, new_chapter
from nioc_paper.edit.yaml import EditError, append_to_list, set_front_matter_value
from nioc_paper.load import SETTINGS_PATH
from nioc_paper.model import Fix, Paper, format_count, spelling_hint
from nioc_paper.program_name import command_line
from nioc_paper.report.terminal_escaping import escape_unprintable

_APPROVALS_PATH = "paper/registers/approvals.yaml"


def write_new_chapter(project: Project, path: str, text: str, part: int | None) -> None:
    """Write a chapter's file, and its path into a part of paper.yaml; neither without the other.

    Raises AppError if the file exists, or would be outside the paper.
    """
    file = project.writable_path(path)
    if file.exists() or not file.resolve().is_relative_to(project.root.resolve()):
        raise AppError(f"{path} is there already, or would be outside the paper")
    try:
        listed = (project.read_for_edit(SETTINGS_PATH) or b"").decode()
        if part is not None:
            listed = append_to_list(listed, ("parts", part, "chapters"), path)
        write_source(project, path, text)
        write_source(project, SETTINGS_PATH, listed)
    except EditError as error:
        raise AppError(f"part {(part or 0) + 1} of paper.yaml: {error}") from error


class FixedFile(Struct, frozen=True):
    """The text of a file before and after its fixes."""

    path: str
    before: str
    after: str
    count: int
    """Fixes that apply."""


def plan_fixes(project: Project, fixes: Sequence[Fix]) -> Iterator[FixedFile]:
    """Yield each file that has fixes, in the order of paths. Raises AppError for a symbolic link."""
    for path in sorted({f.place.path for f in fixes}):
        before = (project.read_for_edit(path) or b"").decode(errors="surrogateescape")
        after, count = apply_fixes(before, [f for f in fixes if f.place.path == path])
        yield FixedFile(path, before, after, count)


def write_fixes(project: Project, fixes: Sequence[Fix], subject: str = "") -> str:
    """Apply fixes to the files of the paper, commit the files in which some applied, and return how many: "3 fixes"."""
    commits = OwnCommits(project)
    fixed_files = [fixed for fixed in plan_fixes(project, fixes) if fixed.count]
    for fixed in fixed_files:
        write_source(project, fixed.path, fixed.after)
    count = format_count(sum(fixed.count for fixed in fixed_files), "fix", "fixes")
    commits.save([fixed.path for fixed in fixed_files], subject or f"Apply {count} of the check")
    return count


def diff_fixes(project: Project, fixes: Sequence[Fix]) -> str:
    """Return the changes that fixes would make, as a unified diff for a terminal."""
    lines: list[str] = []
    for fixed in plan_fixes(project, fixes):
        before, after = fixed.before.splitlines(keepends=True), fixed.after.splitlines(keepends=True)
        lines += unified_diff(before, after, f"a/{fixed.path}", f"b/{fixed.path}")
    return escape_unprintable("".join(lines), keep="\n")


# --- start, move and sign off a chapter: each with its conditions, its edit and its commit ----------------------------


def start_chapter(project: Project, id: str, title: str, category: str, part: str) -> str:
    """Write a new chapter, list it in the paper, and return a line on it; missing values are chosen.

    Raises RequestError or AppError.
    """
    loaded = project.load()
    require_none(loaded.errors(SETTINGS_PATH))
    try:
        draft = new_chapter(loaded.paper, id, title, category, part)
    except ScaffoldError as error:
        raise RequestError(str(error)) from None
    commits = OwnCommits(project)
    write_new_chapter(project, draft.path, draft.text, draft.part)
    commits.save([draft.path, *([] if draft.part is None else [SETTINGS_PATH])], f"Start the chapter '{draft.id}'")
    where = "" if draft.part is None else f", and listed in part {draft.part + 1}"
    return f"{draft.path}:1:1: '{draft.title}' is started ({draft.category}){where}"


def move_chapter(project: Project, name: str, status: str) -> str:
    """Set the status of a chapter, and return a line on it.

    Raises BlockedError if findings keep it from the next one, AppError if the file cannot be edited.
    """
    loaded = project.load()
    paper = loaded.paper
    chapter = require_chapter(paper, name)
    place, old_status = chapter.front.place("status"), chapter.front.status
    steps = count_steps(paper.settings, chapter, status)
    if steps == 0:
        return f"{place}: '{name}' is in '{status}' already"
    if steps > 0:
        require_none(blocking_findings(paper, chapter, status, project.today(paper), loaded.findings))
    commits = OwnCommits(project)
    # Bytes that are not UTF-8 are written as they were read.
    text = (project.read_for_edit(chapter.path) or b"").decode("utf-8", "surrogateescape")
    try:
        write_source(project, chapter.path, set_front_matter_value(text, "status", status))
    except EditError as error:
        raise AppError(f"{chapter.path}: {error}; nothing was changed; see: {command_line('check')}") from error
    commits.save([chapter.path], f"Move '{name}' to '{status}'")
    return f"{place}: '{name}' moved from '{old_status}' to '{status}'" + ("" if steps > 0 else ": it is open again")


def sign_chapter_off(project: Project, name: str, who: str, note: str | None, head: str | None) -> str:
    """Record a person's approval of a chapter as it is in the commit `head`, and return a line on it.

    Raises AppError if it cannot be given.
    """
    loaded = project.load()
    paper = loaded.paper
    require_none(loaded.errors(_APPROVALS_PATH))
    chapter = require_chapter(paper, name)
    _validate_approver(paper, who)
    require_ready(paper, chapter)
    commit = require_committed_chapter(project, paper, chapter, head)
    commits = OwnCommits(project)
    entry = {"chapter": name, "who": who, "commit": commit, "on": project.today(paper).isoformat()}
    if paper.settings.record_files:  # older releases do not know these keys
        hashes = hash_chapter(chapter, paper.facts)
        entry |= {"source": hashes.source, "content": hashes.parsed}
    entry |= {"note": note} if note else {}
    paths = write_records(project, paper.settings, APPROVAL, [entry])
    commits.save(paths, f"Sign '{name}' off")
    return f"{paths[0]}: '{name}' is signed off by {who} as it is in {commit[:10]}"


def _validate_approver(paper: Paper, who: str) -> None:
    """Raise RequestError for an unknown person, AppError for one who may not approve chapters."""
    if who not in paper.people:
        hint = spelling_hint(who, paper.people) or "write an id from that file"
        raise RequestError(f"nobody in contributors.yaml is called '{who}'; {hint}")
    if not may_approve(paper, who):
        allowed = ", ".join(paper.settings.approvers)
        raise AppError(f"'{who}' may not sign chapters off: paper.yaml names {allowed} under approvers")
