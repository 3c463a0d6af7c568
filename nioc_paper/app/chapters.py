"""Start, move and sign off a chapter: each with its conditions, its edit and its commit."""

from __future__ import annotations

from nioc_paper.app.approvals import REGISTER_PATH, validate_approver
from nioc_paper.app.authoring import write_new_chapter, write_status
from nioc_paper.app.errors import RequestError, require_none
from nioc_paper.app.gates import count_steps, require_chapter, require_committed_chapter, require_ready
from nioc_paper.app.own_commits import OwnCommits
from nioc_paper.app.project import Project
from nioc_paper.app.records import APPROVAL, write_records
from nioc_paper.check.blocking import blocking_findings
from nioc_paper.domain.approvals import hash_chapter
from nioc_paper.edit.scaffold import ScaffoldError, new_chapter
from nioc_paper.load import SETTINGS_PATH


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
