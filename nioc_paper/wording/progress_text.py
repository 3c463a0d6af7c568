"""Progress in words, the same on the terminal, on a page and in print."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final, NamedTuple

from nioc_paper.model import ChapterProgress, Health, Obligation, Party, Progress, format_count, long_date

_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_OBLIGATION_LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {"decision": "Decision", "offer": "Offer", "scope": "Scope request"}
)


class LabelledText(NamedTuple):
    """Name of a thing, and its value in words."""

    label: str
    text: str


LabelledTexts = list[LabelledText]


class ObligationLine(NamedTuple):
    """A line of a list of obligations."""

    name: str
    text: str
    due: str


def progress_headline(progress: Progress) -> str:
    """Return one sentence: whether the deadline holds, and if not, the reason."""
    if not progress.chapters:
        return f"No chapter is there yet; {_deadline(progress)}."
    if progress.health is Health.DONE:
        absent = f", but {format_count(len(progress.missing), 'chapter')} missing" if progress.missing else ""
        return f"Every chapter is done{absent}; {_deadline(progress)}."
    if progress.deadline is None or progress.finish is None:
        return "The timeline sets no deadline: nobody can say whether the paper will be in time."
    prospect = (
        _describe_delay(progress, progress.worst) if progress.late and progress.worst else _describe_risks(progress)
    )
    return f"The deadline, {_format_day(progress.deadline)}, {prospect}."


def _deadline(progress: Progress) -> str:
    return f"the deadline is {_format_day(progress.deadline)}" if progress.deadline else "the timeline sets no deadline"


def _describe_delay(progress: Progress, worst: ChapterProgress) -> str:
    """Return by how much the deadline is missed, and for which chapter."""
    verb = "is past" if progress.deadline and progress.deadline < progress.today else "does not hold"
    ready = f"ready on {long_date(worst.finish)}, " if worst.finish else ""
    late_titles = _first_names([c.title for c in progress.late if c.slip == worst.slip], limit=1)
    days = format_count(worst.slip or 0, "working day")
    return f"{verb}: at planned pace the paper is {ready}{days} late ({late_titles})"


def _describe_risks(progress: Progress) -> str:
    """Return the conditions of the deadline while no chapter is late."""
    risky = [c.title for c in progress.chapters if c.health is Health.AT_RISK]
    conditions = [f"{format_count(len(risky), 'chapter')} at risk ({_first_names(risky, limit=3)})"] if risky else []
    conditions += [f"{format_count(len(progress.missing), 'chapter')} missing"] if progress.missing else []
    return (
        f"is in danger: {' and '.join(conditions)}"
        if conditions
        else "holds at planned pace: no chapter is late or at risk"
    )


def _format_day(day: date) -> str:
    return f"{long_date(day)} ({_WEEKDAYS[day.weekday()]})"


def _first_names(names: Sequence[str], limit: int) -> str:
    more = len(names) - limit
    return "; ".join(names[:limit]) + (f" and {more} more" if more > 0 else "")


def progress_facts(progress: Progress) -> LabelledTexts:
    """Return the paper at a glance; unknown and empty values are left out."""
    titles = {c.status.id: c.status.title for c in progress.chapters}
    target_suffix = f" of {progress.target:,}" if progress.target is not None else ""
    labelled = [
        ("Today", f"{_format_day(progress.today)}{_describe_time_left(progress)}"),
        ("Slack", _describe_slack(progress.slack)),
        ("Chapters", ", ".join(f"{n} {health}" for health, n in reversed([*progress.by_health.items()]) if n)),
        ("Stages", ", ".join(f"{n} {titles.get(status, status)}" for status, n in progress.by_status.items() if n)),
        ("Words", f"{progress.words:,}{target_suffix}"),
        ("Comments", _describe_open_comments(progress.chapters)),
        ("No lead", "; ".join(c.title for c in progress.chapters if not c.has_lead)),
        ("Missing", ", ".join(progress.missing)),
        ("Next", "; ".join(f"{u.title}, {long_date(u.on)}" for u in progress.upcoming)),
    ]
    return [LabelledText(label, text) for label, text in labelled if text]


def deadline_facts(progress: Progress) -> LabelledTexts:
    """Return the facts about the deadline in few words; unknown and empty values are left out."""
    all_facts, workdays_left, slack = dict(progress_facts(progress)), progress.workdays_left, progress.slack
    labelled = [
        ("Deadline", long_date(progress.deadline) if progress.deadline else ""),
        ("Time left", format_count(max(workdays_left, 0), "working day") if workdays_left is not None else ""),
        ("Projected finish", long_date(progress.finish) if progress.finish else ""),
        ("Slack", "" if slack is None else "none" if slack < 0 else format_count(slack, "working day")),
        *((name, all_facts.get(name, "")) for name in ("Chapters", "Words")),
    ]
    return [LabelledText(label, text) for label, text in labelled if text]


def format_slip(slip: int | None, day: date | None, today: date) -> str:
    """Return working days past a day, or left to it: "30 working days late", "5 working days left"."""
    if slip is None:
        return "–"
    if day == today:
        return "due today"
    return f"{format_count(abs(slip), 'working day')} {'late' if slip > 0 else 'left'}"


def _describe_time_left(progress: Progress) -> str:
    if progress.days_left is None or progress.workdays_left is None:
        return ""
    if progress.days_left == 0:
        return "; the deadline is today"
    days = (
        f"{format_count(abs(progress.days_left), 'day')} or {format_count(abs(progress.workdays_left), 'working day')}"
    )
    return f"; {days} {'to' if progress.days_left > 0 else 'past'} the deadline"


def _describe_open_comments(chapters: Sequence[ChapterProgress]) -> str:
    """Return the number of unanswered comments, and of the chapters that they hold up."""
    open_, blocked_chapters = sum(c.open_comments for c in chapters), sum(c.holding > 0 for c in chapters)
    blocked_note = (
        f"; {format_count(blocked_chapters, 'chapter')} held up by critical or major ones" if blocked_chapters else ""
    )
    return f"{open_:,} not answered{blocked_note}" if open_ else ""


def _describe_slack(slack: int | None) -> str:
    if slack is None:
        return ""
    days = format_count(abs(slack), "working day")
    return f"none: {days} late" if slack < 0 else f"{days} until a chapter is late"


def describe_health(chapter: ChapterProgress) -> str:
    """Return a chapter's health with its reason."""
    if not chapter.reason:
        return str(chapter.health)
    says_health = chapter.health is Health.LATE or chapter.reason.startswith(chapter.health)
    return chapter.reason if says_health else f"{chapter.health}: {chapter.reason}"


def format_length(chapter: ChapterProgress) -> str:
    """Return words against the target."""
    return f"{chapter.words:,} of {chapter.target:,}" if chapter.target is not None else f"{chapter.words:,}"


def format_leads(chapter: ChapterProgress) -> str:
    """Return the names of the leads."""
    return ", ".join(who.name for who in chapter.leads) or "no lead"


def format_due_date(chapter: ChapterProgress) -> str:
    """Return the day by which the chapter must have left its status."""
    return long_date(chapter.due) if chapter.due else "–"


def chapter_facts(chapter: ChapterProgress) -> LabelledTexts:
    """Return all facts about one chapter."""
    labelled = [
        ("File", chapter.path),
        ("Status", chapter.status.title),
        ("Gate", chapter.gate.title if chapter.gate else ""),
        ("Due", long_date(chapter.due) if chapter.due else ""),
        ("Ready", f"{long_date(chapter.finish)}, at planned pace" if chapter.finish and chapter.due else ""),
        ("Risks", "; ".join(chapter.risks)),
        ("Words", format_length(chapter)),
        ("Lead", format_leads(chapter)),
        ("Sensitivity", chapter.sensitivity),
        ("Comments", _describe_open_comments([chapter])),
        ("Signed off", chapter.approval or "not yet"),
    ]
    return [LabelledText(label, text) for label, text in labelled if text]


def group_by_party(obligations: Iterable[Obligation]) -> list[tuple[Party, list[Obligation]]]:
    """Group obligations by party, the party with the earliest one first."""
    parties: dict[Party, list[Obligation]] = {}
    for owed in obligations:
        parties.setdefault(owed.who, []).append(owed)
    return list(parties.items())


def describe_obligation(progress: Progress, obligation: Obligation) -> str:
    """Return an obligation with its subject."""
    chapter = progress.chapter(obligation.chapter) if obligation.chapter else None
    label = _OBLIGATION_LABELS.get(obligation.kind, chapter.title if chapter else "")
    return f"{label}: {obligation.what}" if label else obligation.what


def merge_obligations(progress: Progress, obligations: Iterable[Obligation]) -> list[ObligationLine]:
    """Return a line per party, obligation and date; several chapters share a line."""
    lines: dict[tuple[Party, str, str], list[str]] = {}
    for owed in obligations:
        chapter = progress.chapter(owed.chapter) if owed.chapter else None
        key = owed.who, owed.what, format_obligation_date(progress, owed)
        lines.setdefault(key, []).extend([chapter.title] if chapter else [])
    return [
        ObligationLine(who.name, f"{what} ({_first_names(titles, limit=2)})" if titles else what, due)
        for (who, what, due), titles in lines.items()
    ]


def format_obligation_date(progress: Progress, obligation: Obligation) -> str:
    """Return the due date of an obligation, and how far away it is."""
    if obligation.by is None:
        return "no date"
    return f"{long_date(obligation.by)}, {format_slip(obligation.slip, obligation.by, progress.today)}"
