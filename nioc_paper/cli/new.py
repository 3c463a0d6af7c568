"""Commands that start a paper or a chapter: `new` and `import`."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeVar

import click

from nioc_paper.app.chapters import start_chapter
from nioc_paper.app.errors import RequestError
from nioc_paper.app.import_project import default_folder, read_foreign_project, save_as_paper
from nioc_paper.app.new_paper import PaperRequest, StartedPaper, require_new_folder, split_titles, start_paper
from nioc_paper.app.project import Project
from nioc_paper.cli.console import format_findings, progress_bar, show_commit, show_started
from nioc_paper.cli.options import AppCommand, AppGroup, DayParam, no_commit_option, today_option, with_project
from nioc_paper.model.settings import LANGUAGE_FORM, LANGUAGE_PATTERN

T = TypeVar("T")


@click.group(cls=AppGroup)
def new() -> None:
    """Start a paper or a chapter."""


@new.command(short_help="Start a chapter, and list it in the paper.")
@click.argument("id")
@click.option("--title", metavar="T", default="", help="Its title. [default: made from the category or the ID]")
@click.option("--category", metavar="C", default="", help="Its category. [default: one that needs a chapter]")
@click.option("--part", metavar="P", default="", help="Its part, by number or title. [default: the last]")
@no_commit_option
@with_project
def chapter(project: Project, id: str, title: str, category: str, part: str, *, no_commit: bool) -> None:
    """Start chapters/ID.md, with the sections it needs, and list it in the paper."""
    started = start_chapter(project, id, title, category, part, wants_commit=not no_commit)
    draft = started.draft
    where = "" if draft.part is None else f", and listed in part {draft.part + 1}"
    click.echo(f"{draft.path}:1:1: '{draft.title}' is started ({draft.category}){where}")
    show_commit(started.commit_line)


@new.command(short_help="Start a paper in an empty folder.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--title", metavar="T", default="", help="Its title. [default: a complete, invented example]")
@click.option("--language", metavar="TAG", default="", help="Its language, such as en-GB, fr or ur. [default: en-GB]")
@click.option("--deadline", type=DayParam(), metavar="DAY", help="Day of publication. [default: in five months]")
@click.option("--categories", "--subjects", metavar="TITLES", default="", help="Its subjects; each gets a chapter.")
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
    no_commit: bool,
) -> None:
    """Start a paper in DIR, with a plan that begins today, settings for editors, and a git repository.

    At a terminal it asks for what is not given. Without a title and categories it is an example to change.
    """
    request = PaperRequest(title.strip(), language.strip(), deadline, split_titles(categories))
    if not request.is_complete and sys.stdin.isatty() and sys.stdout.isatty():
        started = ask_and_start(folder, request, today, wants_commit=not no_commit)
    else:
        started = start_paper(folder, request, today, wants_commit=not no_commit)
    click.echo(f"{folder}: '{started.title}' is started; {folder / 'README.md'} describes the next steps")
    for note in started.notes:
        click.echo(f"note: {note}")
    show_started(folder, started.commit, wants_commit=not no_commit)


def parse_language(text: str) -> str:
    """Return a language tag. Raises UsageError for another text, so that the question is asked again."""
    if not re.fullmatch(LANGUAGE_PATTERN, text.strip()):
        raise click.UsageError(f"'{text}' is not {LANGUAGE_FORM}")
    return text.strip()


def parse_deadline(text: str) -> date | None:
    """Return the day in a text, None for an empty one. Raises UsageError, so that the question is asked again."""
    return DayParam().convert(text.strip(), None, None) if text.strip() else None


def ask_and_start(folder: Path, answers: PaperRequest, today: date | None, *, wants_commit: bool) -> StartedPaper:
    """Start a paper with the answers of a person, who is asked again, with these as defaults, if they cannot be met."""
    require_new_folder(folder)
    request = ask_for_answers(answers, PaperRequest())
    while True:
        try:
            return start_paper(folder, request, today, wants_commit=wants_commit)
        except RequestError as error:
            click.echo(f"Error: {error}")
            request = ask_for_answers(PaperRequest(), request)


def ask_for_answers(answers: PaperRequest, defaults: PaperRequest) -> PaperRequest:
    """Ask at the terminal for the answers that are not given. An empty title means the example."""
    empty = "A new paper" if answers.categories else "an example to change"
    title = answers.title or ask("Title", defaults.title, empty, str.strip)
    language = answers.language or ask("Language", defaults.language or "en-GB", "", parse_language)
    day = defaults.deadline.isoformat() if defaults.deadline else ""
    deadline = answers.deadline or ask("Day of publication, YYYY-MM-DD", day, "in five months", parse_deadline)
    categories = answers.categories
    if title and not categories:
        subjects = ", ".join(defaults.categories) or "First subject"
        titles = ask("Subjects, with commas between", subjects, "", str.strip)
        categories = split_titles(titles)
    return PaperRequest(title, language, deadline, categories)


def ask(question: str, default: str, empty: str, parse: Callable[[str], T]) -> T:
    """Ask a question, and show its default, or the meaning of an empty answer if there is none."""
    note = f" (empty: {empty})" if empty and not default else ""
    answer: T = click.prompt(f"{question}{note}", default=default, show_default=bool(default), value_proc=parse)
    return answer


@click.command("import", cls=AppCommand)
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("target", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show what would be lost, and write nothing.")
@no_commit_option
@today_option
def import_(folder: Path, target: Path | None, today: date | None, *, dry_run: bool, no_commit: bool) -> None:
    """Make a paper in DIR from a project of Quarto, bookdown, MyST, Jupyter Book, Manubot, mdBook or plain Markdown.

    Its chapters, their order, its sources, pictures, references and notes are converted; nothing in it is run.
    Everything else is reported with its line in FOLDER. Without DIR the paper is in a new folder here, named for its
    title.
    """
    if target:
        require_new_folder(target)
    with progress_bar(100) as show:
        imported = read_foreign_project(folder, show)
    if imported.findings:
        click.echo(format_findings(folder, imported.findings))
    for rule, count in imported.findings_by_rule.most_common():
        click.echo(f"{count:5} {rule}")
    click.echo(f"'{imported.title}' ({imported.converted.project.tool}): {imported.summary}")
    if dry_run:
        click.echo("nothing was written: this was a dry run")
        return
    target = target or default_folder(imported)
    started = save_as_paper(imported, target, today, wants_commit=not no_commit)
    click.echo(f"{target}: the paper is written")
    show_started(target, started.commit, wants_commit=not no_commit)
