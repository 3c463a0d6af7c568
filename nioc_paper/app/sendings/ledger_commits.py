"""Ledgers of reviews, written and committed one by one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nioc_paper.app.command_commits import OwnCommits
from nioc_paper.app.errors import AppError
from nioc_paper.app.safe_write import write_source
from nioc_paper.edit.yaml import RecordFile, make_record_file
from nioc_paper.load.records import build_record
from nioc_paper.load.yaml_file import read_yaml
from nioc_paper.model import Paper, Reviews, slugify
from nioc_paper.review.exchange import ledger

_TOOL_AUTHOR = "nioc <nioc@localhost>"
"""Author of commits of ledgers."""


def save_ledger(
    commits: OwnCommits, reviews: Reviews, message: str, paper: Paper | None = None, more: Sequence[str] = ()
) -> str:
    """Write a chapter's ledger and commit it, with more files. Returns the line of `OwnCommits.commit` for the user.

    If the `paper` before the change has `record_files`, only what is new is written, in files of its own. Raises
    AppError, and writes nothing, if the ledger would not be read back as it is.
    """
    if paper is None or not paper.settings.record_files:
        files = [RecordFile(ledger.LEDGER_PATH.format(reviews.chapter), ledger.dump_reviews(reviews))]
    else:
        before = ledger.find_reviews(paper.reviews, reviews.chapter)
        parts = ledger.new_records(before, reviews, commits.project.today(paper))
        folder = ledger.LEDGER_FOLDER.format(reviews.chapter)
        files = [make_record_file(folder, name, ledger.dump_reviews(part)) for name, part in parts]
    for file in files:
        if not file.text.endswith(ledger.dump_reviews(read_reviews(file.text, file.path))):
            raise AppError(f"{file.path} could not be read back as written, so nothing was written; please report this")
    for file in files:
        write_source(commits.project, *file)
    return commits.commit([*more, *(file.path for file in files)], message, _TOOL_AUTHOR)


def read_reviews(text: str, path: str) -> Reviews:
    """Return a ledger from its text."""
    return build_record(Reviews, read_yaml(text, path, lambda _: None), path, lambda _: None)


def commit_author(paper: Paper, who: str) -> str:
    """Return a person as the author of a commit. The address reaches nobody: registers hold no addresses."""
    name = re.sub(r"[<>\n]", "", paper.display_name(who)) or "a reviewer"
    return f"{name} <{file_slug(who)}@reviewers.invalid>"


def file_slug(name: str) -> str:
    """Return a name as a part of a file's name."""
    return slugify(name) or "reviewer"
