"""Commands that start a paper, a chapter or a record: `new`, `add`, `unify` and `import`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar

import click

from nioc_paper.app.argument_parsing import parse_day, parse_language
from nioc_paper.app.chapter_edits import start_chapter
from nioc_paper.app.errors import RequestError
from nioc_paper.app.import_project import default_folder, read_foreign_project, save_as_paper
from nioc_paper.app.new_paper import (
    PaperRequest,
    StartedPaper,
    require_new_folder,
    split_titles,
    start_lived_paper,
    start_paper,
)
from nioc_paper.app.new_records import add_record
from nioc_paper.app.project import Project
from nioc_paper.app.unify_records import unify_records
from nioc_paper.app.wording_file import write_missing_words
from nioc_paper.cli.options import (
    DAY,
    PATH,
    AppCommand,
    AppGroup,
    ParsedValue,
    changes_paper,
    no_commit_option,
    today_option,
    with_project,
)
from nioc_paper.system import command_stages
from nioc_paper.system.terminal import progress_bar

T = TypeVar("T")


@click.group(cls=AppGroup)
def new() -> None:
    """Start a paper or a chapter."""


@new.command(short_help="Start a chapter, and list it in the paper.")
@click.argument("id")
@click.option("--title", metavar="T", default="", help="Its title. [default: made from the category or the ID]")
@click.option("--category", metavar="C", default="", help="Its category. [default: one that needs a chapter]")
@click.option("--part", metavar="P", default="", help="Its part, by number or title. [default: the last]")
@changes_paper
@with_project
def chapter(project: Project, id: str, title: str, category: str, part: str) -> None:
    """Start chapters/ID.md, with the sections it needs, and list it in the paper."""
    click.echo(start_chapter(project, id, title, category, part))


@click.command(cls=AppCommand)
@click.argument("kind")
@click.argument("values", metavar="KEY=VALUE...", nargs=-1, required=True)
@changes_paper
@with_project
def add(project: Project, kind: str, values: Sequence[str]) -> None:
    """Add a record to a register of the paper: nioc add fact id=bridges value=12 source=survey2019.

    KIND is fact, acronym, term, person, organization, decision, holiday, clearance, allowance, event or gate. A key
    that is a list may be given more than once.
    """
    click.echo(add_record(project, kind, values))


@click.command(cls=AppCommand)
@click.argument("kind")
@click.argument("keep")
@click.argument("drop", default="")
@changes_paper
@with_project
def unify(project: Project, kind: str, keep: str, drop: str) -> None:
    """Make one record of two that two people entered, and call it KEEP wherever it was called DROP.

    KIND is source, or one that `add` takes. Without DROP, all records are unified that are called KEEP. Values of KEEP
    count first; each that is left out is shown.
    """
    click.echo("\n".join(unify_records(project, kind, keep, drop)))


@new.command(short_help="List the words of outputs that the paper's language lacks.")
@click.option("--language", metavar="TAG", default="", help="Another language than the paper's.")
@changes_paper
@with_project
def words(project: Project, language: str) -> None:
    """Write the words of outputs and letters that a language lacks to paper/wording/LANGUAGE.yaml, to translate there.

    Words that are there stay. A line of that file also replaces a word of the tool.
    """
    click.echo(write_missing_words(project, language))


@new.command(short_help="Start a paper in an empty folder.")
@click.argument("folder", metavar="DIR", type=PATH)
@click.option("--title", metavar="T", default="", help="Its title. [default: a complete, invented example]")
@click.option("--language", metavar="TAG", default="", help="Its language, such as en-GB, fr or ur. [default: en-GB]")
@click.option("--deadline", type=DAY, metavar="DAY", help="Day of publication. [default: in five months]")
@click.option("--categories", "--subjects", metavar="TITLES", default="", help="Its subjects; each gets a chapter.")
@click.option("--lived", is_flag=True, help="An invented paper with the history of five months.")
@no_commit_option
@today_option
def paper(
    folder: Path,
    title: str,
    language: str,
    deadline: date | None,
    categories: str,
    today: date | None,
    *,
    lived: bool,
    no_commit: bool,
) -> None:
    """Start a paper in DIR, with a plan that begins today, settings for editors, and a git repository.

    At a terminal it asks for what is not given. Without a title and categories it is an example to change.
    """
    if lived:
        click.echo(start_lived_paper(folder))
        return
    request = PaperRequest(title.strip(), language.strip(), deadline, split_titles(categories))
    if not request.is_complete and sys.stdin.isatty() and sys.stdout.isatty():
        started = _ask_and_start(folder, request, today, wants_commit=not no_commit)
    else:
        started = start_paper(folder, request, today, wants_commit=not no_commit)
    click.echo(started.describe(folder, wants_commit=not no_commit))


def _ask_and_start(folder: Path, answers: PaperRequest, today: date | None, *, wants_commit: bool) -> StartedPaper:
    """Start a paper with answers at the terminal, which are asked again, as defaults, if they cannot be met."""
    require_new_folder(folder)
    request = _ask_for_answers(answers, PaperRequest())
    while True:
        try:
            return start_paper(folder, request, today, wants_commit=wants_commit)
        except RequestError as error:
            click.echo(f"Error: {error}")
            request = _ask_for_answers(PaperRequest(), request)


def _ask_for_answers(answers: PaperRequest, defaults: PaperRequest) -> PaperRequest:
    """Ask for the answers that are not given. An empty title means the example."""
    empty = "A new paper" if answers.categories else "an example to change"
    title = answers.title or _ask("Title", defaults.title, empty, str.strip)
    language = answers.language or _ask("Language", defaults.language or "en-GB", "", parse_language)
    day = defaults.deadline.isoformat() if defaults.deadline else ""
    deadline = answers.deadline or _ask(
        "Day of publication, YYYY-MM-DD", day, "in five months", lambda text: parse_day(text.strip()) if text else None
    )
    categories = answers.categories
    if title and not categories:
        subjects = ", ".join(defaults.categories) or "First subject"
        categories = split_titles(_ask("Subjects, with commas between", subjects, "", str.strip))
    return PaperRequest(title, language, deadline, categories)


def _ask(question: str, default: str, empty: str, parse: Callable[[str], T]) -> T:
    """Ask a question until the answer can be parsed; show its default, or the meaning of an empty answer."""
    note = f" (empty: {empty})" if empty and not default else ""
    kind = ParsedValue("answer", parse)
    answer: T = click.prompt(f"{question}{note}", default=default, show_default=bool(default), type=kind)
    return answer


@click.command("import", cls=AppCommand)
@click.argument("folder", type=PATH)
@click.argument("target", metavar="[DIR]", required=False, type=PATH)
@click.option("--dry-run", is_flag=True, help="Show what would be lost, and write nothing.")
@no_commit_option
@today_option
def import_(folder: Path, target: Path | None, today: date | None, *, dry_run: bool, no_commit: bool) -> None:
    """Make a paper in DIR from a project of Quarto, bookdown, mdBook or plain Markdown.

    Its chapters, their order, its sources, pictures, references and notes are converted; nothing in it is run.
    Text of other tools, such as MyST, MkDocs and Manubot, is read as plain Markdown. Everything that is not understood
    is reported with its line in FOLDER. Without DIR the paper is in a new folder here, named for its title.
    """
    if target:
        require_new_folder(target)
    with progress_bar(100):
        imported = read_foreign_project(folder, command_stages.begin)
    click.echo(imported.as_text)
    if dry_run:
        click.echo("nothing was written: this was a dry run")
        return
    target = target or default_folder(imported)
    started = save_as_paper(imported, target, today, wants_commit=not no_commit)
    click.echo(f"{target}: the paper is written")
    click.echo(started.next_steps(target, wants_commit=not no_commit))
