"""`move`: a chapter goes to its next status, or back to an earlier one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from nioc_paper.cli.common import (
    abort_on,
    load_paper,
    require_chapter,
    require_root,
    resolve_today,
    today_option,
    writable_path,
)
from nioc_paper.model import Chapter, Settings, spelling_hint
from nioc_paper.system.files import replace_file


@click.command(short_help="Set the status of a chapter.")
@click.argument("chapter")
@click.argument("status")
@today_option
def move(chapter: str, status: str, today: date | None) -> None:
    """Set the STATUS of CHAPTER: the next one, when nothing is in the way, or any earlier one."""
    from nioc_paper.check.stage_exit import blocking_findings

    root = require_root(Path.cwd())
    paper, load_findings = load_paper(root)
    target = require_chapter(paper, chapter)
    place, old_status = target.front.place("status"), target.front.status
    steps = count_steps(paper.settings, target, status)
    if steps == 0:
        click.echo(f"{place}: '{chapter}' is in '{status}' already")
        return
    if steps > 0:
        abort_on(root, blocking_findings(paper, target, status, resolve_today(paper, today), load_findings))
    write_status(root, target, status)
    message = f"'{chapter}' moved from '{old_status}' to '{status}'"
    click.echo(f"{place}: {message}" if steps > 0 else f"{place}: {message}: it is open again")


def count_steps(settings: Settings, chapter: Chapter, status: str) -> int:
    """How many stages ahead a status is, 1 at most; negative for those behind."""
    ids = [s.id for s in settings.statuses]
    if status not in ids:
        raise click.UsageError(f"no status is called '{status}'; {spelling_hint(status, ids)}")
    old_status = chapter.front.status
    if old_status not in ids:
        # Its place in the life of a chapter is unknown, so the one thing to do is to correct it.
        where, hint = chapter.front.place("status"), spelling_hint(old_status, ids)
        raise click.ClickException(f"{where}: '{old_status}' is no status of this paper; {hint}")
    steps = ids.index(status) - ids.index(old_status)
    if steps > 1:
        after = ids[ids.index(old_status) + 1]
        raise click.UsageError(f"'{chapter.id}' is in '{old_status}'; one stage at a time: the next is '{after}'")
    return steps


def write_status(root: Path, chapter: Chapter, status: str) -> None:
    """Change one word of a chapter's file."""
    from nioc_paper.edit.yaml import EditError, set_front_matter_value

    file = writable_path(root, chapter.path)
    try:
        # Bytes that are no UTF-8 come back as they were.
        text = file.read_bytes().decode("utf-8", "surrogateescape")
        replace_file(file, set_front_matter_value(text, "status", status).encode("utf-8", "surrogateescape"))
    except EditError as error:
        raise click.ClickException(f"{chapter.path}: {error}; nothing was changed; see: nioc check") from error
    except OSError as error:
        raise click.ClickException(f"cannot write {chapter.path}: {error.strerror}; it is as it was") from error
