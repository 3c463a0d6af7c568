"""Edits of authors' files: statuses, new chapters, fixes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import unified_diff

from msgspec import Struct

from nioc_paper.app.errors import AppError
from nioc_paper.app.own_commits import OwnCommits
from nioc_paper.app.project import Project
from nioc_paper.app.source_files import write_source
from nioc_paper.edit.fixes import apply_fixes
from nioc_paper.edit.yaml import EditError, append_to_list, set_front_matter_value
from nioc_paper.load import SETTINGS_PATH
from nioc_paper.model import Chapter, Fix, format_count
from nioc_paper.program import command_line
from nioc_paper.report.printable import escape_unprintable


def write_status(project: Project, chapter: Chapter, status: str) -> None:
    """Set the status of a chapter in its file. Raises AppError if that cannot be edited; it is then unchanged."""
    try:
        # Bytes that are not UTF-8 are written as they were read.
        text = (project.read_for_edit(chapter.path) or b"").decode("utf-8", "surrogateescape")
        write_source(project, chapter.path, set_front_matter_value(text, "status", status))
    except EditError as error:
        raise AppError(f"{chapter.path}: {error}; nothing was changed; see: {command_line('check')}") from error


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
