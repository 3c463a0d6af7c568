"""`calendar` and `remind`: the plan for people's calendars, and letters to those who owe something."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nioc_paper.cli.common import inside, root_of, standing, today_option
from nioc_paper.cli.exports import write
from nioc_paper.cli.outputs import known_formats, timestamp_given
from nioc_paper.model import History, Paper, Progress, Who, as_id, count, nearest

if TYPE_CHECKING:
    from nioc_paper.report.reminders import Letter

_DRAFTS = ("txt", "eml")


@click.command(short_help="Write the dates for a calendar.")
@click.option("--who", metavar="PERSON", help="What one person owes, and the meetings.")
@click.option("--public", is_flag=True, help="Only gates, meetings and newsletters: nothing that anybody owes.")
@click.option("--out", type=click.Path(path_type=Path), help="Where to put it. [default: dist]")
@today_option
def calendar(who: str | None, public: bool, out: Path | None, today: date | None) -> None:
    """Write gates, meetings, newsletters and what is due as .ics. Read in again, it brings a calendar up to date."""
    from nioc_paper.report.calendar import calendar as made

    if who is not None and public:
        raise click.UsageError("what a person owes is not for the public; give --who or --public")
    root = root_of(Path.cwd())
    paper, history, state = standing(root, today)
    known_person(paper, state, who)
    owed = [] if public else [o for o in state.owes if (o.kind == "review" if who is None else is_for(who, o.who))]
    moment = history.moment(timestamp_given())
    name = "-".join(filter(None, (paper.settings.id, "public" if public else as_id(who or ""), "calendar")))
    write({f"{name}.ics": made(paper, state, owed, moment, gates=who is None)}, out or inside(root, "dist"))
    said(history, sum(o.by is None for o in owed))


def said(history: History, undated: int) -> None:
    """Say what is not in a calendar, or cannot be brought up to date."""
    if undated:
        click.echo(f"{count(undated, 'thing')} without a date left out; see: nioc status --who", err=True)
    if history.dirty or history.commit is None:
        why = "changes that are in no commit" if history.dirty else "no commit"
        click.echo(f"the paper has {why}: calendars bring up to date only what a new commit has changed", err=True)


@click.command(short_help="Write letters to those who owe something.")
@click.option("--who", metavar="PERSON", help="To one person only.")
@click.option("--to", "formats", metavar="FORMATS", default="txt", show_default=True, help="Kinds of files: txt,eml.")
@click.option("--out", type=click.Path(path_type=Path), help="A folder for a file to each, instead of the terminal.")
@today_option
def remind(who: str | None, formats: str, out: Path | None, today: date | None) -> None:
    """Write a letter to everybody who owes something, ready to be sent. Nothing is sent."""
    from nioc_paper.report.reminders import letters

    root = root_of(Path.cwd())
    kinds = known_formats(formats, _DRAFTS)
    if out is None and kinds != ["txt"]:
        raise click.UsageError("files need a folder; give --out DIR")
    paper, _, state = standing(root, today)
    known_person(paper, state, who)
    found = letters(paper, state, who)
    if not found:
        click.echo(f"{paper.name(who) if who else 'nobody'} owes nothing")
    elif out is None:
        click.echo(f"\n{'-' * 72}\n\n".join(letter.txt for letter in found), nl=False)
    else:
        write(drafts(found, kinds), out)


def drafts(letters: Sequence[Letter], kinds: Sequence[str]) -> dict[str, bytes]:
    """A file of each kind for each letter, named after whom it goes to."""
    files: dict[str, bytes] = {}
    for letter in letters:
        stem = letter.to.id or as_id(letter.to.name) or "somebody"
        # Two names may come to the same; neither letter may lie over the other.
        name = next(n for n in (stem, *(f"{stem}-{i}" for i in range(2, 999))) if f"{n}.{kinds[0]}" not in files)
        files |= {f"{name}.{kind}": letter.eml if kind == "eml" else letter.txt.encode() for kind in kinds}
    return files


def known_person(paper: Paper, state: Progress, who: str | None) -> None:
    """Stop at somebody whom the paper does not know: by id, or by name where there is no id."""
    names = {*paper.people, *paper.organizations, *(o.who.name for o in state.owes if o.who.id is None)}
    if who is not None and who not in names:
        raise click.UsageError(f"nobody is called '{who}'; {nearest(who, names) or 'see: nioc status --who'}")


def is_for(name: str, who: Who) -> bool:
    """Whether a name on the command line is that of somebody."""
    return name == (who.id or who.name)
