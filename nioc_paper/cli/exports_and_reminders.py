"""Commands that write files for other programs: `calendar`, `remind` and `export`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from nioc_paper.app.build_request import parse_formats, write_files
from nioc_paper.app.exports import export_registers, make_calendar, parse_registers, registers_folder, write_letters
from nioc_paper.app.message_drafts import find_contacts, write_drafts
from nioc_paper.app.project import Project
from nioc_paper.cli.console import describe_file, show_note
from nioc_paper.cli.options import (
    AppCommand,
    audience_options,
    formats_option,
    mail_option,
    out_option,
    with_dated_project,
    with_project,
)
from nioc_paper.export import WRITERS
from nioc_paper.model import OutputOptions
from nioc_paper.report.reminders import LETTER_FORMATS, letter_files


@click.command(cls=AppCommand)
@click.option("--who", metavar="PERSON", help="The obligations of one person, and the meetings.")
@click.option("--public", is_flag=True, help="Only gates, meetings and newsletters; no obligations.")
@out_option("The file, if it ends with .ics, or its folder. [default: dist]")
@with_dated_project
def calendar(project: Project, who: str | None, public: bool, out: Path | None) -> None:
    """Write gates, meetings, newsletters and due dates as an .ics file. To update a calendar, import it again."""
    name, data, omissions = make_calendar(project, who, public=public)
    folder = out or project.writable_path("dist")
    if folder.suffix == ".ics" and not folder.is_dir():
        folder, name = folder.parent, folder.name
    _write_files({name: data}, folder, omissions)


@click.command(cls=AppCommand)
@click.option("--who", metavar="PERSON", help="Only the letter to this person.")
@formats_option("txt", "Kinds of files: txt,eml.")
@out_option("Folder for a file per letter, instead of the terminal.")
@mail_option
@with_dated_project
def remind(project: Project, who: str | None, formats: str, out: Path | None, *, mail: bool) -> None:
    """Write a letter to everybody who owes something, ready to be sent. Nothing is sent."""
    kinds = parse_formats(formats, LETTER_FORMATS)
    if out is None and kinds != ["txt"]:
        raise click.UsageError("files need a folder; give --out DIR")
    contacts = find_contacts(project, project.load().paper, needed=mail)
    letters, debtor = write_letters(project, who, contacts)
    if not letters:
        click.echo(f"{debtor} owes nothing")
    elif mail:
        click.echo("\n".join(write_drafts(project, "remind", letters, contacts)))
    elif out is None:
        click.echo(f"\n{'-' * 72}\n\n".join(letter.as_text for letter in letters), nl=False)
    else:
        _write_files(letter_files(letters, kinds), out)


@click.command(cls=AppCommand)
@click.argument("registers", nargs=-1, metavar="[REGISTER]...")
@formats_option("csv,xlsx", "Formats to write.")
@audience_options
@out_option("Folder for the files. [default: dist/registers]")
@with_project
def export(project: Project, registers: tuple[str, ...], formats: str, audience: str, out: Path | None) -> None:
    """Write each REGISTER, or all of them, as CSV and into one workbook, finished or not."""
    names, writers = parse_registers(registers), parse_formats(formats, WRITERS)
    files, notes = export_registers(project, OutputOptions(audience=audience), names, writers)
    _write_files(files, out or project.writable_path("dist", registers_folder(audience)), notes)


def _write_files(files: Mapping[str, bytes], out: Path, notes: Sequence[str] = ()) -> None:
    for file in write_files(files, out):
        click.echo(describe_file(file))
    for note in notes:
        show_note(note)
