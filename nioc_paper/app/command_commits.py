"""Commits of commands that change the paper: their own files only."""

from __future__ import annotations

from collections.abc import Sequence

from nioc_paper.app.errors import AppError
from nioc_paper.app.project import Project
from nioc_paper.load import SETTINGS_PATH
from nioc_paper.load.yaml_file import read_yaml
from nioc_paper.system import git
from nioc_paper.system.git import merging

PAPER_PATHS = ("contributors.yaml", "paper", "chapters", "reviews", "templates")
"""Files and folders of a paper: an uncommitted file there would be in the outputs."""
_WRITTEN_PATHS = (*PAPER_PATHS, "schemas", "CODEOWNERS", ".gitignore")
"""Files and folders that commands change."""
_NAMED_PATHS = 4


def require_open_branch(project: Project, hint: str) -> None:
    """Raise AppError if the branch that is checked out takes changes from other branches only."""
    settings = read_yaml(project.read_text(SETTINGS_PATH) or "", SETTINGS_PATH, lambda _: None).value
    branch = merging.current_branch(project.root)
    if branch and branch == settings.get("protected_branch"):
        raise AppError(f"'{branch}' takes changes from other branches only; {hint}")


class OwnCommits:
    """Commits of one command. Make it before the command changes a file.

    A file that had other changes then stays uncommitted: only its author knows whether they belong together.
    Nothing is committed inside a hook of git, where another commit is under way.
    """

    def __init__(self, project: Project) -> None:
        """Raises AppError while git is in a merge, a rebase or the like, or for a branch that it cannot start."""
        is_wanted = project.wants_commits
        if is_wanted and not git.is_in_hook() and (operation := merging.operation_under_way(project.root)):
            raise AppError(f"git is in the middle of a {operation}: end it first, or give --no-commit")
        paths = [name for name in _WRITTEN_PATHS if (project.root / name).exists()]
        uncommitted = git.list_uncommitted(project.root, paths) if is_wanted and not git.is_in_hook() else None
        self.project, self.root = project, project.root
        self.branch = merging.current_branch(project.root)
        if is_wanted and project.branch not in ("", self.branch) and git.resolve_commit(project.root, project.branch):
            raise AppError(f"'{project.branch}' is there already; go there first: git switch {project.branch}")
        if is_wanted and not project.branch:
            require_open_branch(project, "add: --branch NAME")
        self.is_possible, self.uncommitted = uncommitted is not None, frozenset(uncommitted or ())

    def save(self, paths: Sequence[str], subject: str) -> None:
        """Commit these files as `commit` does; the project keeps the line for the user."""
        self.project.commit_lines.append(self.commit(paths, subject))

    def commit(self, paths: Sequence[str], subject: str, author: str | None = None) -> str:
        """Commit these files; by default the user is the author.

        Returns a line for the user: the commit, or what to commit by hand; empty without git or files, or if none is
        wanted. Raises AppError if git does not commit.
        """
        if not self.is_possible or not paths:
            return ""
        names = " and ".join(paths) if len(paths) <= _NAMED_PATHS else f"{len(paths)} files in {self.root}"
        if not self.uncommitted.isdisjoint(paths):
            return f"not committed, for there were other changes in it: {names}"
        if self.project.branch not in ("", self.branch):
            try:
                merging.begin_branch(self.root, self.project.branch)
            except git.GitRefusedError as error:
                raise AppError(f"git did not begin the branch '{self.project.branch}': {error}") from error
            self.branch = self.project.branch
        commit = git.commit_files(self.root, paths, subject, author)
        reason = git.REFUSAL_REASONS.get(self.root, "")
        if commit is None and reason:
            raise AppError(f"git did not commit {names}, and everything is as it was: {reason}")
        where = "" if self.branch else " (on no branch; to keep it: git switch -c NAME)"
        if self.project.branch:
            where = f" (to share it: git push -u origin {self.branch})"
        return f"{commit[:10]} {subject}{where}" if commit else ""
