"""`move`: a chapter goes to its next status, or back to an earlier one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from nioc_paper.cli.common import chapter_called, inside, load_paper, refuse, root_of, today_in, today_option
from nioc_paper.files import replace_file
from nioc_paper.model import Chapter, Settings, nearest


@click.command(short_help="Set the status of a chapter.")
@click.argument("chapter")
@click.argument("status")
@today_option
def move(chapter: str, status: str, today: date | None) -> None:
    """Set the STATUS of CHAPTER: the next one, when nothing is in the way, or any earlier one."""
    from nioc_paper.check.exit import in_the_way

    root = root_of(Path.cwd())
    paper, reading = load_paper(root)
    moved = chapter_called(paper, chapter)
    place, before = moved.front.place("status"), moved.front.status
    steps = steps_to(paper.settings, moved, status)
    if steps == 0:
        click.echo(f"{place}: '{chapter}' is in '{status}' already")
        return
    if steps > 0:
        refuse(root, in_the_way(paper, moved, status, today_in(paper, today), reading))
    write_status(root, moved, status)
    said = f"'{chapter}' moved from '{before}' to '{status}'"
    click.echo(f"{place}: {said}" if steps > 0 else f"{place}: {said}: it is open again")


def steps_to(settings: Settings, chapter: Chapter, status: str) -> int:
    """How many stages ahead a status is, 1 at most; negative for those behind."""
    ids = [s.id for s in settings.statuses]
    if status not in ids:
        raise click.UsageError(f"no status is called '{status}'; {nearest(status, ids)}")
    before = chapter.front.status
    if before not in ids:
        # Its place in the life of a chapter is unknown, so the one thing to do is to correct it.
        where, hint = chapter.front.place("status"), nearest(before, ids)
        raise click.ClickException(f"{where}: '{before}' is no status of this paper; {hint}")
    steps = ids.index(status) - ids.index(before)
    if steps > 1:
        after = ids[ids.index(before) + 1]
        raise click.UsageError(f"'{chapter.id}' is in '{before}'; one stage at a time: the next is '{after}'")
    return steps


def write_status(root: Path, chapter: Chapter, status: str) -> None:
    """Change one word of a chapter's file."""
    from nioc_paper.edit import EditError, set_value

    file = inside(root, chapter.path)
    try:
        # Bytes that are no UTF-8 come back as they were.
        text = file.read_bytes().decode("utf-8", "surrogateescape")
        replace_file(file, set_value(text, "status", status).encode("utf-8", "surrogateescape"))
    except EditError as error:
        raise click.ClickException(f"{chapter.path}: {error}; nothing was changed; see: nioc check") from error
    except OSError as error:
        raise click.ClickException(f"cannot write {chapter.path}: {error.strerror}; it is as it was") from error
