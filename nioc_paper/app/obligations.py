"""Obligations of people: the plan as a calendar, and letters to those who owe something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nioc_paper.app.errors import RequestError
from nioc_paper.app.gates import require_unblocked
from nioc_paper.app.outputs import read_source_date_epoch
from nioc_paper.app.project import LoadedPaper, Project
from nioc_paper.model import AUDIENCES, History, OutputOptions, Paper, Progress, format_count, slugify, spelling_hint
from nioc_paper.program import command_line
from nioc_paper.report.reminders import Letter, build_letters


class CalendarFile(NamedTuple):
    """A plan for programs that keep a calendar."""

    name: str
    data: bytes
    omissions: list[str]
    """Sentences on entries that it lacks, or cannot update."""


class Letters(NamedTuple):
    """Letters to those who owe something."""

    letters: list[Letter]
    debtor: str
    """Name of the person that was asked for, or a word for everybody."""


def make_calendar(project: Project, who: str | None, *, public: bool) -> CalendarFile:
    """Make the calendar of the paper, of one person, or for the public.

    Raises RequestError for an unknown person, BlockedError if something in the paper is not for the public.
    """
    from nioc_paper.report.calendar import build_calendar  # late: icalendar takes a tenth of a second

    if who is not None and public:
        raise RequestError("the obligations of a person are not for the public; give --who or --public")
    status = project.status(in_paper_language=True)
    paper, history, progress = status.paper, status.history, status.progress
    options = OutputOptions(audience=AUDIENCES[0 if public else -1])
    require_unblocked(project, LoadedPaper(paper, status.findings), (), options)
    _require_known_person(paper, progress, who)
    obligations = () if public else progress.obligations  # of everybody only the reviews
    owed = [o for o in obligations if (who == (o.who.id or o.who.name) if who is not None else o.kind == "review")]
    moment = history.output_timestamp(read_source_date_epoch())
    name = "-".join(filter(None, (paper.settings.id, "public" if public else slugify(who or ""), "calendar")))
    data = build_calendar(paper, progress, owed, moment, gates=who is None)
    return CalendarFile(f"{name}.ics", data, list(_omissions(history, sum(o.by is None for o in owed))))


def write_letters(project: Project, who: str | None) -> Letters:
    """Write a letter to everybody who owes something, or to one. Raises RequestError for an unknown person."""
    status = project.status(in_paper_language=True)
    paper = status.paper
    _require_known_person(paper, status.progress, who)
    return Letters(build_letters(paper, status.progress, who), paper.display_name(who) if who else "nobody")


def _require_known_person(paper: Paper, progress: Progress, who: str | None) -> None:
    """Raise RequestError for a person unknown to the paper: by id, or by name for those without one."""
    names = {*paper.people, *paper.organizations, *(o.who.name for o in progress.obligations if o.who.id is None)}
    if who is not None and who not in names:
        hint = spelling_hint(who, names) or f"see: {command_line('status --who')}"
        raise RequestError(f"nobody is called '{who}'; {hint}")


def _omissions(history: History, undated: int) -> Iterator[str]:
    if undated:
        yield f"{format_count(undated, 'thing')} without a date left out; see: {command_line('status --who')}"
    if history.has_uncommitted or history.commit is None:
        why = "changes that are in no commit" if history.has_uncommitted else "no commit"
        yield f"the paper has {why}: calendar programs update an event only after a new commit"
