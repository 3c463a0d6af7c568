"""Check of one paper or several: which are checked, and paths that limit what is reported."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper.app.errors import RequestError
from nioc_paper.app.project import CheckedPaper, Project
from nioc_paper.model import Diagnostic, Fix, Severity, spelling_hint
from nioc_paper.report.terminal_escaping import escape_unprintable
from nioc_paper.system.files import path_in_repository

if TYPE_CHECKING:
    from watchfiles.main import FileChange


_CSV_NAME = re.compile(r"[^\s{}\"',:]+\.csv\b")
"""Name of a data file, as charts and tables give it."""


def select_findings(checked: CheckedPaper, root: Path, paths: Sequence[str]) -> list[Diagnostic]:
    """Return the findings in paths and in data files of chapters there, and their causes elsewhere.

    Without paths all findings are returned. A register that cannot be read is a cause for every chapter.
    """
    if not paths:
        return list(checked.findings)
    from nioc_paper.check.shared_causes import is_unreadable_register  # late: `build` imports rules in another process

    chapters = [c for c in checked.paper.chapters if any(is_below(root / c.path, path) for path in paths)]
    # The findings in data files of charts and tables belong to the chapter.
    selected_paths = [*paths, *(str(root / name) for c in chapters for name in _CSV_NAME.findall(c.text))]
    cited = {c.key for chapter in chapters for c in chapter.citations}
    return [
        d
        for d in checked.findings
        if is_unreadable_register(d) or _is_selected(d, root, selected_paths) or not cited.isdisjoint(d.lost)
    ]


def is_below(path: str | Path, folder: str | Path) -> bool:
    """Return whether a path is a folder or below it, where links lead."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def _is_selected(diagnostic: Diagnostic, root: Path, paths: Sequence[str]) -> bool:
    """Return whether a finding is in one of the paths, or a cause of one there."""
    files = (root / path for path in (diagnostic.place.path, *diagnostic.affects))
    return any(is_below(file, path) for file in files for path in paths)


_WATCHED = ("chapters", "paper", "contributors.yaml")


class SelectedPaper(Struct, frozen=True):
    """A paper to check."""

    project: Project
    paths: Sequence[str]
    """Paths that limit what is reported; all of the paper without one."""
    folder: str
    """Prefix of its paths in findings."""
    as_status: str | None = None
    """Status that its chapters are checked for."""

    def check(self) -> list[Diagnostic]:
        """Return the findings in the paths, and their causes elsewhere, by paths in the paper."""
        return select_findings(self.project.check(as_status=self.as_status), self.project.root, self.paths)

    def fixes(self) -> list[Fix]:
        """Return the fixes of these findings."""
        return [finding.fix for finding in self.check() if finding.fix]


def select_papers(
    projects: Sequence[Project], paths: Sequence[str], as_status: str | None = None, *, in_repository: bool = False
) -> list[SelectedPaper]:
    """Return the papers that hold some of the paths, which may be ids of chapters; all papers without paths.

    Findings get paths from the working folder, or from the root of the repository for code hosts. Raises RequestError
    for a path that is in no paper: a typo must not look like a paper without findings.
    """
    paths = [path if os.path.lexists(path) else _find_chapter_file(projects, path) or path for path in paths]
    name_folder = path_in_repository if in_repository else _path_from_here
    papers = [
        SelectedPaper(each, [path for path in paths if is_below(path, each.root)], name_folder(each.root), as_status)
        for each in projects
    ]
    for path in paths:
        if not any(path in paper.paths for paper in papers):
            roots = " and ".join(str(project.root) for project in projects)
            raise RequestError(f"'{escape_unprintable(path)}' is outside the paper, which is in {roots}")
        if not os.path.lexists(path):
            hint = spelling_hint(Path(path).stem, [c.id for p in projects for c in p.load().paper.chapters])
            message = f"there is no file and no chapter '{escape_unprintable(path)}' here"
            raise RequestError("; ".join(filter(None, (message, hint))))
    return [paper for paper in papers if paper.paths or not paths]


def _find_chapter_file(projects: Sequence[Project], id: str) -> str | None:
    """Return the file of the chapter with an id; None if no paper has one."""
    chapters = ((project.root, chapter) for project in projects for chapter in project.load().paper.chapters)
    return next((str(root / chapter.path) for root, chapter in chapters if chapter.id == id), None)


def _path_from_here(root: Path) -> str:
    """Return the path of a folder in the working folder, with '/' at its end; empty for that folder or another one."""
    here = Path.cwd()
    parts = root.relative_to(here).parts if root.is_relative_to(here) else ()
    return "".join(f"{part}/" for part in parts)


def check_papers(papers: Sequence[SelectedPaper]) -> list[Diagnostic]:
    """Return the findings in papers, with the folder of each before its paths."""
    findings = ((paper.folder, finding) for paper in papers for finding in paper.check())
    return [replace(d, place=replace(d.place, path=f"{folder}{d.place.path}")) for folder, d in findings]


def fails_check(findings: Sequence[Diagnostic], *, strict: bool) -> bool:
    """Return whether there is an error among findings, or in a strict check a warning."""
    limit = Severity.WARNING if strict else Severity.ERROR
    return any(finding.severity >= limit for finding in findings)


def source_lines(papers: Sequence[SelectedPaper], path: str) -> Sequence[str]:
    """Return the lines of a file by its path with the folder of its paper."""
    paper = next(paper for paper in papers if path.startswith(paper.folder))
    return paper.project.read_lines(path.removeprefix(paper.folder)) or ()


def watch_papers(papers: Sequence[SelectedPaper]) -> Iterator[set[FileChange]]:
    """Yield the changes of the papers' files as they come, until interrupted."""
    from watchfiles import watch  # late: a check alone does without

    files = (paper.project.root / name for paper in papers for name in _WATCHED)
    return watch(*(file for file in files if file.exists()))
