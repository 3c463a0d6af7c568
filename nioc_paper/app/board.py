"""The page for the board: the paper on a day, and the changes since the last meeting."""

from __future__ import annotations

from datetime import date

from nioc_paper.app.outputs import read_source_date_epoch
from nioc_paper.app.project import Project
from nioc_paper.assemble.documents.board import build_board_page
from nioc_paper.domain.changes import PaperDiff, compare_papers
from nioc_paper.load import SETTINGS_PATH
from nioc_paper.model import Document, Paper
from nioc_paper.system import git


def assemble_board_page(project: Project) -> Document:
    """Assemble the page for the board, whatever errors the paper has."""
    status = project.status(in_paper_language=True)
    paper, last_meeting = status.paper, status.progress.last_meeting
    diff = diff_since(project, paper, last_meeting) if last_meeting else None
    return build_board_page(paper, status.history, status.progress, diff, read_source_date_epoch())


def diff_since(project: Project, paper: Paper, day: date) -> PaperDiff | None:
    """Compare the paper with the one at the end of a day. Returns None if git has no paper of that time."""
    zone = project.time_zone(paper)
    commit = git.commit_at_end_of_day(project.root, day.isoformat(), zone)
    first_commit = git.find_first_commit(project.root, SETTINGS_PATH, zone)
    is_known = commit and first_commit and first_commit[1] <= day
    return compare_papers(project.at(commit).paper, paper) if commit and is_known else None
