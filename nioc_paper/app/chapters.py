"""Start, move and sign off a chapter: each with its conditions, its edit and its commit."""

from __future__ import annotations

from typing import NamedTuple

from nioc_paper.app.approvals import REGISTER_PATH, validate_approver
from nioc_paper.app.authoring import write_new_chapter, write_status
from nioc_paper.app.errors import RequestError, require_none
from nioc_paper.app.gates import count_steps, require_chapter, require_committed_chapter, require_ready
from nioc_paper.app.own_commits import OwnCommits
from nioc_paper.app.project import Project
from nioc_paper.app.records import APPROVAL, write_records
from nioc_paper.check.blocking import blocking_findings
from nioc_paper.domain.approvals import hash_chapter
from nioc_paper.edit.scaffold import NewChapter, ScaffoldError, new_chapter
from nioc_paper.load import SETTINGS_PATH
from nioc_paper.model import Place


class StartedChapter(NamedTuple):
    """A chapter that was started."""

    draft: NewChapter
    commit_line: str
    """As `OwnCommits.commit` returns it."""

    @property
    def summary(self) -> str:
        """The place, title, category and part of the chapter, in one line."""
        draft = self.draft
        where = "" if draft.part is None else f", and listed in part {draft.part + 1}"
        return f"{draft.path}:1:1: '{draft.title}' is started ({draft.category}){where}"


class MovedChapter(NamedTuple):
    """A chapter with another status, or with the same one."""

    id: str
    status: str
    place: Place
    """Place of the status in its file."""
    old_status: str
    steps: int
    """Statuses that it moved ahead; negative if it moved back, 0 if it was there already."""
    commit_line: str = ""

    @property
    def summary(self) -> str:
        """The move in one line."""
        if self.steps == 0:
            return f"{self.place}: '{self.id}' is in '{self.status}' already"
        line = f"{self.place}: '{self.id}' moved from '{self.old_status}' to '{self.status}'"
        return line if self.steps > 0 else f"{line}: it is open again"


def start_chapter(
    project: Project, id: str, title: str, category: str, part: str, *, wants_commit: bool
) -> StartedChapter:
    """Write a new chapter and list it in the paper; missing values are chosen. Raises RequestError or AppError."""
    loaded = project.load()
    require_none(loaded.errors(SETTINGS_PATH))
    try:
        draft = new_chapter(loaded.paper, id, title, category, part)
    except ScaffoldError as error:
        raise RequestError(str(error)) from None
    commits = OwnCommits(project, is_wanted=wants_commit)
    write_new_chapter(project, draft.path, draft.text, draft.part)
    paths = [draft.path, *([] if draft.part is None else [SETTINGS_PATH])]
    return StartedChapter(draft, commits.commit(paths, f"Start the chapter '{draft.id}'"))


def move_chapter(project: Project, name: str, status: str, *, wants_commit: bool) -> MovedChapter:
    """Set the status of a chapter. Raises BlockedError if findings keep it from the next one."""
    loaded = project.load()
    paper = loaded.paper
    chapter = require_chapter(paper, name)
    place, old_status = chapter.front.place("status"), chapter.front.status
    steps = count_steps(paper.settings, chapter, status)
    if steps == 0:
        return MovedChapter(name, status, place, old_status, steps)
    if steps > 0:
        require_none(blocking_findings(paper, chapter, status, project.today(paper), loaded.findings))
    commits = OwnCommits(project, is_wanted=wants_commit)
    write_status(project, chapter, status)
    commit_line = commits.commit([chapter.path], f"Move '{name}' to '{status}'")
    return MovedChapter(name, status, place, old_status, steps, commit_line)


def sign_chapter_off(
    project: Project, name: str, who: str, note: str | None, head: str | None, *, wants_commit: bool
) -> str:
    """Record a person's approval of a chapter as it is in the commit `head`. Raises AppError if it cannot be given.

    Returns the line of `OwnCommits.commit`.
    """
    loaded = project.load()
    paper = loaded.paper
    require_none(loaded.errors(REGISTER_PATH))
    chapter = require_chapter(paper, name)
    validate_approver(paper, who)
    require_ready(paper, chapter)
    commit = require_committed_chapter(project, paper, chapter, head)
    commits = OwnCommits(project, is_wanted=wants_commit)
    entry = {"chapter": name, "who": who, "commit": commit, "on": project.today(paper).isoformat()}
    if paper.settings.record_files:  # older releases do not know these keys
        hashes = hash_chapter(chapter, paper.facts)
        entry |= {"source": hashes.source, "content": hashes.parsed}
    entry |= {"note": note} if note else {}
    return commits.commit(write_records(project, paper.settings, APPROVAL, [entry]), f"Sign '{name}' off")
