"""How progress is put into words: the same on the terminal, on a page and in print."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final

from nioc_paper.model import ChapterProgress, Health, Owed, Progress, Who, count, long_date

_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {"decision": "Decision", "offer": "Offer", "scope": "Scope request"}
)

Facts = list[tuple[str, str]]
"""Names of things, and what there is to say about them."""


def headline(progress: Progress) -> str:
    """One sentence: will the deadline hold, and if not, why."""
    if not progress.chapters:
        return f"No chapter is there yet; {_deadline(progress)}."
    if progress.health is Health.DONE:
        absent = f", but {count(len(progress.missing), 'chapter')} missing" if progress.missing else ""
        return f"Every chapter is done{absent}; {_deadline(progress)}."
    if progress.deadline is None or progress.finish is None:
        return "The timeline sets no deadline: nobody can say whether the paper will be in time."
    prospect = _misses(progress, progress.worst) if progress.late and progress.worst else _hopes(progress)
    return f"The deadline, {_day(progress.deadline)}, {prospect}."


def _deadline(progress: Progress) -> str:
    return f"the deadline is {_day(progress.deadline)}" if progress.deadline else "the timeline sets no deadline"


def _misses(progress: Progress, worst: ChapterProgress) -> str:
    """By how much the deadline is missed, and for which chapter."""
    verb = "is past" if progress.deadline and progress.deadline < progress.today else "does not hold"
    ready = f"ready on {long_date(worst.finish)}, " if worst.finish else ""
    equals = _names([c.title for c in progress.late if c.slip == worst.slip], most=1)
    return f"{verb}: at planned pace the paper is {ready}{count(worst.slip or 0, 'working day')} late ({equals})"


def _hopes(progress: Progress) -> str:
    """What the deadline hangs on while no chapter is late."""
    risky = [c.title for c in progress.chapters if c.health is Health.AT_RISK]
    ifs = [f"{count(len(risky), 'chapter')} at risk ({_names(risky, most=3)})"] if risky else []
    ifs += [f"{count(len(progress.missing), 'chapter')} missing"] if progress.missing else []
    return f"is in danger: {' and '.join(ifs)}" if ifs else "holds at planned pace: no chapter is late or at risk"


def _day(day: date) -> str:
    return f"{long_date(day)} ({_WEEKDAYS[day.weekday()]})"


def _names(names: Sequence[str], most: int) -> str:
    more = len(names) - most
    return "; ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def facts(progress: Progress) -> Facts:
    """The paper at a glance; what is not known or not there is left out."""
    titles = {c.status.id: c.status.title for c in progress.chapters}
    of = f" of {progress.target:,}" if progress.target is not None else ""
    found = [
        ("Today", f"{_day(progress.today)}{_left(progress)}"),
        ("Slack", _slack(progress.slack)),
        ("Chapters", ", ".join(f"{n} {health}" for health, n in reversed([*progress.by_health.items()]) if n)),
        ("Stages", ", ".join(f"{n} {titles.get(status, status)}" for status, n in progress.by_status.items() if n)),
        ("Words", f"{progress.words:,}{of}"),
        ("Comments", _comments(progress.chapters)),
        ("No lead", "; ".join(c.title for c in progress.chapters if not c.led)),
        ("Missing", ", ".join(progress.missing)),
        ("Next", "; ".join(f"{u.title}, {long_date(u.on)}" for u in progress.upcoming)),
    ]
    return [(name, text) for name, text in found if text]


def prospects(progress: Progress) -> Facts:
    """What the date hangs on, in few words; what is not known or not there is left out."""
    said, left, slack = dict(facts(progress)), progress.workdays_left, progress.slack
    found = [
        ("Deadline", long_date(progress.deadline) if progress.deadline else ""),
        ("Time left", count(max(left, 0), "working day") if left is not None else ""),
        ("Projected finish", long_date(progress.finish) if progress.finish else ""),
        ("Slack", count(slack, "working day") if slack is not None else ""),
        *((name, said.get(name, "")) for name in ("Chapters", "Words")),
    ]
    return [(name, text) for name, text in found if text]


def slip(days: int | None) -> str:
    """Working days past a date, or left to it: "30 days late", "5 days left"."""
    if days is None:
        return "–"
    return f"{count(abs(days), 'day')} {'late' if days > 0 else 'left'}" if days else "today"


def _left(progress: Progress) -> str:
    if progress.days_left is None or progress.workdays_left is None:
        return ""
    if progress.days_left == 0:
        return "; the deadline is today"
    days = f"{count(abs(progress.days_left), 'day')} or {count(abs(progress.workdays_left), 'working day')}"
    return f"; {days} {'to' if progress.days_left > 0 else 'past'} the deadline"


def _comments(chapters: Sequence[ChapterProgress]) -> str:
    """How many comments nobody has answered, and what they hold up."""
    open_, held = sum(c.open_comments for c in chapters), sum(c.holding > 0 for c in chapters)
    holds = f"; {count(held, 'chapter')} held up by critical or major ones" if held else ""
    return f"{open_:,} not answered{holds}" if open_ else ""


def _slack(slack: int | None) -> str:
    if slack is None:
        return ""
    if slack < 0:
        return f"none: the gates need {count(-slack, 'working day')} more than there are"
    return f"{count(slack, 'working day')} in the whole plan"


def verdict(chapter: ChapterProgress) -> str:
    """A chapter's health with its reason."""
    if not chapter.reason or chapter.reason.startswith(chapter.health):
        return chapter.reason or str(chapter.health)
    return f"{chapter.health}: {chapter.reason}"


def length(chapter: ChapterProgress) -> str:
    """Words against the target."""
    return f"{chapter.words:,} of {chapter.target:,}" if chapter.target is not None else f"{chapter.words:,}"


def leads(chapter: ChapterProgress) -> str:
    """The names of the leads."""
    return ", ".join(who.name for who in chapter.leads) or "no lead"


def due(chapter: ChapterProgress) -> str:
    """The day by which the chapter must have left its status."""
    return long_date(chapter.due) if chapter.due else "–"


def details(chapter: ChapterProgress) -> Facts:
    """All there is to say about one chapter."""
    found = [
        ("File", chapter.path),
        ("Status", chapter.status.title),
        ("Gate", chapter.gate.title if chapter.gate else ""),
        ("Due", long_date(chapter.due) if chapter.due else ""),
        ("Ready", f"{long_date(chapter.finish)}, at planned pace" if chapter.finish and chapter.due else ""),
        ("Risks", "; ".join(chapter.risks)),
        ("Words", length(chapter)),
        ("Lead", leads(chapter)),
        ("Sensitivity", chapter.sensitivity),
        ("Comments", _comments([chapter])),
        ("Signed off", chapter.approval or "not yet"),
    ]
    return [(name, text) for name, text in found if text]


def by_person(owes: Iterable[Owed]) -> list[tuple[Who, list[Owed]]]:
    """Debts under whoever owes them; first who owes the earliest."""
    people: dict[Who, list[Owed]] = {}
    for owed in owes:
        people.setdefault(owed.who, []).append(owed)
    return list(people.items())


def debt(progress: Progress, owed: Owed) -> str:
    """What is owed, and for what."""
    chapter = progress.chapter(owed.chapter) if owed.chapter else None
    label = _KINDS.get(owed.kind, chapter.title if chapter else "")
    return f"{label}: {owed.what}" if label else owed.what


def together(progress: Progress, owes: Iterable[Owed]) -> list[tuple[str, str, str]]:
    """Who, what and by when: what somebody owes for several chapters by one date in one line."""
    lines: dict[tuple[Who, str, str], list[str]] = {}
    for owed in owes:
        chapter = progress.chapter(owed.chapter) if owed.chapter else None
        lines.setdefault((owed.who, owed.what, _by(owed)), []).extend([chapter.title] if chapter else [])
    return [
        (who.name, f"{what} ({_names(titles, most=2)})" if titles else what, when)
        for (who, what, when), titles in lines.items()
    ]


def _by(owed: Owed) -> str:
    return f"{long_date(owed.by)}, {slip(owed.slip)}" if owed.by else "no date"


def by_when(owed: Owed) -> str:
    """When it is owed, and how far off that is."""
    if owed.by is None or owed.slip is None:
        return "no date"
    days = count(abs(owed.slip), "working day")
    return f"{long_date(owed.by)}, {f'{days} late' if owed.slip > 0 else f'in {days}' if owed.slip else 'today'}"
