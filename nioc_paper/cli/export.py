"""`export`: the registers for a spreadsheet."""

from __future__ import annotations

from pathlib import Path

import click

from nioc_paper.app.outputs import parse_formats
from nioc_paper.app.project import Project
from nioc_paper.app.registers import export_registers, parse_registers
from nioc_paper.cli.console import write_files
from nioc_paper.cli.options import AppCommand, audience_options, formats_option, out_option, with_project
from nioc_paper.export import WRITERS
from nioc_paper.model import AUDIENCES, OutputOptions, format_count
from nioc_paper.program import command_line


@click.command(cls=AppCommand)
@click.argument("registers", nargs=-1, metavar="[REGISTER]...")
@formats_option("csv,xlsx", "Formats to write.")
@audience_options
@out_option("Folder for the files. [default: dist/registers]")
@with_project
def export(project: Project, registers: tuple[str, ...], formats: str, audience: str, out: Path | None) -> None:
    """Write each REGISTER, or all of them, as CSV and into one workbook, finished or not."""
    names, writers = parse_registers(registers), parse_formats(formats, WRITERS)
    exported = export_registers(project, OutputOptions(audience=audience), names, writers)
    for sentence in exported.truncated:
        click.echo(sentence, err=True)
    # Copies for some readers get a folder of their own, without other files.
    folder = "registers" if audience == AUDIENCES[-1] else f"registers-{audience}"
    write_files(exported.files, out or project.writable_path("dist", folder))
    if exported.errors:
        errors, command = format_count(exported.errors, "error"), command_line("check")
        click.echo(f"the paper has {errors}; see them with: {command}", err=True)
