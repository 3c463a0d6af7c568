"""Findings of some files of a paper, with their causes in others."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from nioc_paper.app.project import CheckedPaper
from nioc_paper.model import Chapter, Diagnostic, Paper

_CSV_NAME = re.compile(r"[^\s{}\"',:]+\.csv\b")
"""Name of a data file, as charts and tables give it."""


def select_findings(checked: CheckedPaper, root: Path, paths: Sequence[str]) -> list[Diagnostic]:
    """Return the findings in paths and in data files of chapters there, and their causes elsewhere.

    Without paths all findings are returned. A register that cannot be read is a cause for every chapter.
    """
    if not paths:
        return list(checked.findings)
    from nioc_paper.check.causes import is_unreadable_register  # late: `build` imports the rules in another process

    selected_paths = [*paths, *_chapter_data_files(checked.paper, root, paths)]
    cited = {c.key for chapter in _selected_chapters(checked.paper, root, paths) for c in chapter.citations}
    return [
        d
        for d in checked.findings
        if is_unreadable_register(d) or _is_selected(d, root, selected_paths) or not cited.isdisjoint(d.lost)
    ]


def is_below(path: str | Path, folder: str | Path) -> bool:
    """Return whether a path is a folder or below it, where links lead."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def _selected_chapters(paper: Paper, root: Path, paths: Sequence[str]) -> list[Chapter]:
    return [c for c in paper.chapters if any(is_below(root / c.path, path) for path in paths)]


def _chapter_data_files(paper: Paper, root: Path, paths: Sequence[str]) -> Iterator[str]:
    """Yield the data files of charts and tables in selected chapters: their findings belong to the chapter."""
    for chapter in _selected_chapters(paper, root, paths):
        yield from (str(root / name) for name in _CSV_NAME.findall(chapter.text))


def _is_selected(diagnostic: Diagnostic, root: Path, paths: Sequence[str]) -> bool:
    """Return whether a finding is in one of the paths, or a cause of one there."""
    files = (root / path for path in (diagnostic.place.path, *diagnostic.affects))
    return any(is_below(file, path) for file in files for path in paths)
