"""Registers of a paper as files for spreadsheets."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct, field

from nioc_paper.app.errors import RequestError
from nioc_paper.app.gates import require_unblocked
from nioc_paper.app.outputs import BuildRequest, assemble_document
from nioc_paper.app.project import Project
from nioc_paper.domain.audience import for_audience
from nioc_paper.export import REGISTERS, WRITERS, ExportSource, build_tables
from nioc_paper.export.cell_texts import MAX_CELL_UNITS, find_truncated_registers
from nioc_paper.model import AUDIENCES, OutputOptions, Severity, format_count, spelling_hint
from nioc_paper.program import command_line


class RegisterFiles(Struct, frozen=True):
    """Registers as files for spreadsheets, by name."""

    files: dict[str, bytes] = field(default_factory=dict)
    truncated: Sequence[str] = ()
    """Sentences on texts that are longer than a cell."""
    errors: int = 0
    """Errors of the paper: registers are exported whatever errors it has."""

    @property
    def error_notice(self) -> str:
        """A sentence on the errors; empty if there are none."""
        if not self.errors:
            return ""
        return f"the paper has {format_count(self.errors, 'error')}; see them with: {command_line('check')}"


def registers_folder(audience: str) -> str:
    """Return the name of the folder for registers: copies for some readers get one of their own."""
    return "registers" if audience == AUDIENCES[-1] else f"registers-{audience}"


def parse_registers(names: Sequence[str]) -> list[str]:
    """Return the registers to export; all of them by default. Raises RequestError for an unknown one."""
    for name in names:
        if name not in REGISTERS:
            raise RequestError(f"no register is called '{name}'; {spelling_hint(name, REGISTERS)}")
    return list(dict.fromkeys(names)) or list(REGISTERS)


def export_registers(
    project: Project, options: OutputOptions, names: Sequence[str], writers: Sequence[str]
) -> RegisterFiles:
    """Render registers as far as the audience may read them. Raises BlockedError if something is not for it."""
    loaded = project.load()
    require_unblocked(project, loaded, (), options)
    errors = sum(d.severity == Severity.ERROR for d in project.check(loaded).findings)
    paper = loaded.paper
    document = assemble_document(project, paper, BuildRequest(options=options))
    visible, _ = for_audience(paper, options.audience)
    tables = build_tables(ExportSource(visible, document, project.history(paper)), names)
    truncated = [
        f"{name}: a text is cut to the {MAX_CELL_UNITS:,} characters that a cell can hold"
        for name in find_truncated_registers(tables)
    ]
    files = {name: data for writer in writers for name, data in WRITERS[writer](tables, document).items()}
    return RegisterFiles(files, truncated, errors)
