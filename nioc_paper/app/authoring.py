"""Edits of authors' files: statuses, new chapters, fixes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import unified_diff

from msgspec import Struct

from nioc_paper.app.errors import AppError, RequestError, require_none
from nioc_paper.app.gates import count_steps, require_chapter, require_committed_chapter, require_ready
from nioc_paper.app.own_commits import OwnCommits
from nioc_paper.app.project import Project
from nioc_paper.app.records import APPROVAL, write_records
from nioc_paper.app.snapshots import REGISTER_PATH, validate_approver
from nioc_paper.app.source_files import write_source
from nioc_paper.check.blocking import blocking_findings
from nioc_paper.domain.approvals import hash_chapter
from nioc_paper.edit.scaffold import ScaffoldError, new_chapter
from nioc_paper.edit.yaml import EditError, append_to_list, set_front_matter_value
from nioc_paper.load import SETTINGS_PATH
from nioc_paper.model import Chapter, Fix, format_count
from nioc_paper.model.characters import comparable_pattern
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

    Raises BlockedError if findings keep it from the next one.
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
    write_status(project, chapter, status)
    commits.save([chapter.path], f"Move '{name}' to '{status}'")
    return f"{place}: '{name}' moved from '{old_status}' to '{status}'" + ("" if steps > 0 else ": it is open again")


def sign_chapter_off(project: Project, name: str, who: str, note: str | None, head: str | None) -> None:
    """Record a person's approval of a chapter as it is in the commit `head`. Raises AppError if it cannot be given."""
    loaded = project.load()
    paper = loaded.paper
    require_none(loaded.errors(REGISTER_PATH))
    chapter = require_chapter(paper, name)
    validate_approver(paper, who)
    require_ready(paper, chapter)
    commit = require_committed_chapter(project, paper, chapter, head)
    commits = OwnCommits(project)
    entry = {"chapter": name, "who": who, "commit": commit, "on": project.today(paper).isoformat()}
    if paper.settings.record_files:  # older releases do not know these keys
        hashes = hash_chapter(chapter, paper.facts)
        entry |= {"source": hashes.source, "content": hashes.parsed}
    entry |= {"note": note} if note else {}
    commits.save(write_records(project, paper.settings, APPROVAL, [entry]), f"Sign '{name}' off")


# --- fixes in a text; one is skipped if its text is no longer at its place --------------------------------------------


_LINE_END = re.compile(r"(?:\r\n?|\n)")
_BLANK_LINE = re.compile(r"[ \t]*(?:\r\n?|\n|\Z)")


def apply_fixes(text: str, fixes: Iterable[Fix]) -> tuple[str, int]:
    """Return the text with the fixes of its file applied, and how many were."""
    starts = [0, *(m.end() for m in _LINE_END.finditer(text))]
    count = 0
    # From the end, so that earlier places stay valid; of two at one place the first is applied.
    for fix in sorted(set(fixes), key=lambda f: f.place, reverse=True):
        if fix.place.line <= len(starts):
            begin = starts[fix.place.line - 1] + fix.place.column - 1
            # Line ends and characters may be of any kind: rules see one.
            old = _LINE_END.pattern.join(map(comparable_pattern, fix.old.split("\n")))
            if match := re.compile(old).match(text, begin):
                end = match.end()
                text = text[:begin] + fix.new + text[end:] if fix.new else _without_passage(text, begin, end)
                count += 1
    return text, count


def _without_passage(text: str, begin: int, end: int) -> str:
    """Delete a stretch of a text, with a line left empty and one of the blank lines around it."""
    line = max(text.rfind("\n", 0, begin), text.rfind("\r", 0, begin)) + 1
    line_rest = _BLANK_LINE.match(text, end)
    if text[line:begin].strip() or line_rest is None:
        return text[:begin] + text[end:]
    following = _BLANK_LINE.match(text, line_rest.end())
    return text[:line] + text[following.end() if following else line_rest.end() :]
