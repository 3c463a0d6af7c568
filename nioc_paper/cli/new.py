"""`new`: a chapter, or a whole paper, that `check` finds no error in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from nioc_paper.cli.common import abort_on, load_paper, require_root, resolve_today, today_option, writable_path
from nioc_paper.model import Severity
from nioc_paper.system.files import package_folder, replace_file, write_folder


@click.group()
def new() -> None:
    """Start a paper or a chapter."""


@new.command(short_help="Start a chapter, and list it in the paper.")
@click.argument("id")
@click.option("--title", metavar="T", default="", help="Its title. [default: made from the category or the ID]")
@click.option("--category", metavar="C", default="", help="Its category. [default: one that needs a chapter]")
@click.option("--part", metavar="P", default="", help="The part it goes to, by number or title. [default: the last]")
def chapter(id: str, title: str, category: str, part: str) -> None:
    """Start chapters/ID.md, with the sections it needs, and list it in the paper."""
    from nioc_paper.edit.scaffold import ScaffoldError
    from nioc_paper.edit.scaffold import new_chapter as start_chapter
    from nioc_paper.load import SETTINGS_PATH

    root = require_root(Path.cwd())
    paper, load_findings = load_paper(root)
    abort_on(root, [d for d in load_findings if d.place.path == SETTINGS_PATH and d.severity == Severity.ERROR])
    try:
        draft = start_chapter(paper, id, title, category, part)
    except ScaffoldError as error:
        raise click.UsageError(str(error)) from None
    write_new_chapter(root, root / SETTINGS_PATH, draft.path, draft.text, draft.part)
    where = "" if draft.part is None else f", and listed in part {draft.part + 1}"
    click.echo(f"{draft.path}:1:1: '{draft.title}' is started ({draft.category}){where}")


def write_new_chapter(root: Path, settings: Path, path: str, text: str, part: int | None) -> None:
    """Write the chapter's file and its path into paper.yaml; neither without the other."""
    from nioc_paper.edit.yaml import EditError, append_to_list

    file = writable_path(root, path)
    if file.exists() or not file.resolve().is_relative_to(root.resolve()):
        raise click.ClickException(f"{path} is there already, or would be outside the paper")
    try:
        listed = settings.read_bytes().decode()
        if part is not None:
            listed = append_to_list(listed, ("parts", part, "chapters"), path)
        file.parent.mkdir(exist_ok=True)
        replace_file(file, text.encode())
        try:
            replace_file(settings, listed.encode())
        except OSError:
            file.unlink()
            raise
    except EditError as error:
        raise click.ClickException(f"part {(part or 0) + 1} of paper.yaml: {error}") from error
    except OSError as error:
        raise click.ClickException(f"cannot write {path}: {error.strerror}; everything is as it was") from error


@new.command(short_help="Start a small, whole paper in an empty folder.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@today_option
def paper(folder: Path, today: date | None) -> None:
    """Start a paper in DIR: small, whole, with a plan that begins today. Change it until it is yours."""
    from nioc_paper.edit.scaffold import shift_dates
    from nioc_paper.load import load

    starter = package_folder("starter")
    example = load(starter, lambda _: None)
    first = resolve_today(example, today)
    files = {
        path: shift_dates(data.decode(), example.timeline, first).encode()
        for path, data in read_folder(starter).items()
    }
    files |= {f"templates/{path}": data for path, data in read_folder(package_folder("templates")).items()}
    try:
        write_folder(folder, files)
    except FileExistsError:
        raise click.UsageError(f"'{folder}' is there already, and is no empty folder") from None
    except OSError as error:
        raise click.ClickException(f"cannot write to {folder}: {error.strerror}") from error
    click.echo(f"{folder / 'paper' / 'paper.yaml'}:1:1: a paper is started; {folder / 'README.md'} says how it goes on")


def read_folder(folder: Path) -> dict[str, bytes]:
    """The files under a folder by their paths in it."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()
    }
