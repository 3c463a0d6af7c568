"""`calendar` and `remind`: the plan for people's calendars, and letters to those who owe something."""

from __future__ import annotations

from pathlib import Path

import click

from nioc_paper.app.obligations import make_calendar, write_letters
from nioc_paper.app.outputs import parse_formats
from nioc_paper.app.project import Project
from nioc_paper.cli.console import write_files
from nioc_paper.cli.options import AppCommand, formats_option, out_option, with_dated_project
from nioc_paper.report.reminders import LETTER_FORMATS, letter_files


@click.command(cls=AppCommand)
@click.option("--who", metavar="PERSON", help="The obligations of one person, and the meetings.")
@click.option("--public", is_flag=True, help="Only gates, meetings and newsletters; no obligations.")
@out_option("Folder for the file. [default: dist]")
@with_dated_project
def calendar(project: Project, who: str | None, public: bool, out: Path | None) -> None:
    """Write gates, meetings, newsletters and due dates as an .ics file. To update a calendar, import it again."""
    file = make_calendar(project, who, public=public)
    write_files({file.name: file.data}, out or project.writable_path("dist"))
    for sentence in file.omissions:
        click.echo(sentence, err=True)


@click.command(cls=AppCommand)
@click.option("--who", metavar="PERSON", help="Only the letter to this person.")
@formats_option("txt", "Kinds of files: txt,eml.")
@out_option("Folder for a file per letter, instead of the terminal.")
@with_dated_project
def remind(project: Project, who: str | None, formats: str, out: Path | None) -> None:
    """Write a letter to everybody who owes something, ready to be sent. Nothing is sent."""
    kinds = parse_formats(formats, LETTER_FORMATS)
    if out is None and kinds != ["txt"]:
        raise click.UsageError("files need a folder; give --out DIR")
    letters, debtor = write_letters(project, who)
    if not letters:
        click.echo(f"{debtor} owes nothing")
    elif out is None:
        click.echo(f"\n{'-' * 72}\n\n".join(letter.as_text for letter in letters), nl=False)
    else:
        write_files(letter_files(letters, kinds), out)
