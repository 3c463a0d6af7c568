"""Ledgers of reviews, written and committed one by one, and the remarks in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nioc_paper.app.errors import RequestError
from nioc_paper.app.gates import require_committed_file
from nioc_paper.app.project import Project
from nioc_paper.model import Paper, Place, Remark, Reviews, slugify
from nioc_paper.review.exchange import ledger
from nioc_paper.review.exchange.comment_context import QuoteFinder
from nioc_paper.system import git
from nioc_paper.system.files import replace_file

_TOOL_AUTHOR = "nioc <nioc@localhost>"
"""Author of commits of ledgers."""


def save_ledger(project: Project, reviews: Reviews, message: str) -> str:
    """Write a chapter's ledger and commit it. Returns as `commit_files`."""
    path = ledger.LEDGER_PATH.format(reviews.chapter)
    file = project.writable_path(path)
    file.parent.mkdir(exist_ok=True)
    replace_file(file, ledger.dump_reviews(reviews).encode())
    return commit_files(project, [path], message, _TOOL_AUTHOR)


def commit_files(project: Project, paths: Sequence[str], message: str, author: str) -> str:
    """Commit these files and nothing else. Returns a request to the user if git refuses; empty if all is well."""
    if git.commit_files(project.root, paths, message, author) is None:
        return f"git would not commit {' and '.join(paths)}: commit it yourself"
    return ""


def commit_author(paper: Paper, who: str) -> str:
    """Return a person as the author of a commit. The address reaches nobody: registers hold no addresses."""
    name = re.sub(r"[<>\n]", "", paper.display_name(who)) or "a reviewer"
    return f"{name} <{file_slug(who)}@reviewers.invalid>"


def file_slug(name: str) -> str:
    """Return a name as a part of a file's name."""
    return slugify(name) or "reviewer"


def locate_remarks(paper: Paper, remarks: list[tuple[Reviews, Remark]]) -> Iterator[tuple[Place, Remark]]:
    """Yield remarks with the places of their quotes; the start of the chapter if a quote is gone."""
    chapter_ids = {reviews.chapter for reviews, _ in remarks}
    chapters_today = {c.id: QuoteFinder(c) for c in paper.chapters if c.id in chapter_ids}
    for reviews, remark in remarks:
        chapter = chapters_today.get(reviews.chapter)
        place = chapter.locate(remark) if chapter else None
        yield place or Place(chapter.chapter.path if chapter else f"reviews/{reviews.chapter}.yaml"), remark


def require_remark(paper: Paper, number: int) -> tuple[Reviews, Remark]:
    """Return the remark with a number, and the ledger that holds it. Raises RequestError if there is none."""
    match = next(((reviews, r) for reviews, r in ledger.iter_remarks(paper.reviews) if r.number == number), None)
    if match is None:
        raise RequestError(f"no comment has the number {number}; to see them: nioc comments")
    return match


def save_remark(project: Project, reviews: Reviews, remark: Remark, message: str) -> str:
    """Replace a remark in its ledger and commit that. Returns as `commit_files`."""
    require_committed_file(project.root, ledger.LEDGER_PATH.format(reviews.chapter))
    return save_ledger(project, ledger.replace_remark(reviews, remark), message.format(reviews.chapter))
