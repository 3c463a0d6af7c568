"""A project of Quarto, bookdown, mdBook or another tool for Markdown as a new paper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from nioc_paper.app.errors import RequestError
from nioc_paper.app.new_paper import StartedPaper, read_starter, write_paper
from nioc_paper.edit.scaffold import imported_files, shift_dates
from nioc_paper.load import SETTINGS_PATH
from nioc_paper.load.foreign.converted_project import ConvertedProject, convert_project
from nioc_paper.load.foreign.project import ProjectFiles
from nioc_paper.load.foreign.project_layouts import read_project
from nioc_paper.model import Diagnostic, format_count, short_slug
from nioc_paper.model.value_notations import language_problem
from nioc_paper.program_name import command_line
from nioc_paper.report.findings.line_formats import format_short


class ImportedProject(NamedTuple):
    """A project of another tool, converted, and everything that is lost or changed."""

    converted: ConvertedProject
    findings: Sequence[Diagnostic]

    @property
    def title(self) -> str:
        """Title of the paper."""
        return self.converted.project.title or "Imported paper"

    @property
    def as_text(self) -> str:
        """Findings, their number by rule, and the counts of everything imported."""
        counts, words = self.converted.counts, sum(len(c.text.split()) for c in self.converted.chapters)
        parts = [format_count(len(self.converted.chapters), "chapter"), format_count(words, "word")]
        parts += [format_count(counts[noun], noun) for noun in ("picture", "table", "citation", "reference", "note")]
        lines = [format_short(self.findings)] if self.findings else []
        lines += [f"{n:5} {rule}" for rule, n in Counter(finding.rule for finding in self.findings).most_common()]
        return "\n".join([*lines, f"'{self.title}' ({self.converted.project.tool}): {', '.join(parts)}"])


def read_foreign_project(folder: Path, show: Callable[[str], None] = lambda _: None) -> ImportedProject:
    """Read and convert a project. Raises RequestError if the folder holds none."""
    _require_project_folder(folder)
    findings: list[Diagnostic] = []
    files = ProjectFiles(folder, findings.append)
    project = read_project(files)
    if project is None or not project.chapters:
        missing = "there is no _quarto.yml, _bookdown.yml, SUMMARY.md or *.md"
        why = f"it is {project.tool}, without chapters in Markdown" if project else missing
        raise RequestError(f"'{folder}' is not a project that can be imported: {why}")
    converted = convert_project(files, project, show)
    if not converted.chapters:
        raise RequestError(f"no chapter of '{folder}' can be read: {findings[0].message if findings else ''}")
    return ImportedProject(converted, sorted(dict.fromkeys(findings)))


def _require_project_folder(folder: Path) -> None:
    if folder.suffix.lower() in (".docx", ".docm") and folder.is_file():
        raise RequestError(f"'{folder}' is a Word file: {command_line('receive FILE')} makes a chapter of it")
    if folder.suffix.lower() in (".bib", ".ris", ".json") and folder.is_file():
        raise RequestError(f"'{folder}' is a file of sources: {command_line('source add FILE')} adds them to a paper")
    if not folder.is_dir():
        raise RequestError(f"'{folder}' is not a folder")
    if (folder / SETTINGS_PATH).exists():
        raise RequestError(f"'{folder}' is a paper already: it has {SETTINGS_PATH}")


def default_folder(imported: ImportedProject) -> Path:
    """Return the folder for the paper of a project: in the current one, named for its title."""
    return Path(short_slug(imported.title)[:40].strip("-") or "imported-paper")


def save_as_paper(
    imported: ImportedProject, folder: Path, today: date | None, *, wants_commit: bool = True
) -> StartedPaper:
    """Write the paper of a project. Raises RequestError for a folder that is not empty, AppError if it fails."""
    converted = imported.converted
    starter, example, first_day = read_starter(today)
    language = converted.project.language
    files = imported_files(
        {path: shift_dates(text, example.timeline, first_day) for path, text in starter.items()},
        SETTINGS_PATH,
        imported.title,
        "" if language_problem(language) else language,
        converted.chapters,
    )
    return write_paper(folder, files, converted.files, wants_commit=wants_commit)
