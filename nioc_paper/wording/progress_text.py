"""Progress in words, the same on the terminal, on a page and in print; English without a wording."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final, NamedTuple

from nioc_paper.model import ChapterProgress, Health, Obligation, Party, Progress, long_date
from nioc_paper.model.grouping import group_pairs
from nioc_paper.wording import ENGLISH, Wording, column_head, format_date, format_number, localized_digits, name_in

_LABEL_KEYS: Final[Mapping[str, str]] = MappingProxyType(
    {"decision": "kind_decision", "offer": "kind_offer", "announcement": "kind_announcement", "scope": "owed_scope"}
)
"""Keys of the labels of obligations that a meeting left open."""


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


def progress_headline(progress: Progress, words: Wording = ENGLISH) -> str:
    """Return one sentence: whether the deadline will be met, and if not, the reason."""
    if not progress.chapters:
        return words["headline_empty"].format(deadline=_deadline(progress, words))
    if progress.health is Health.DONE:
        chapters = count_of("chapters", len(progress.missing), words)
        key = "headline_missing" if progress.missing else "headline_done"
        return words[key].format(chapters=chapters, deadline=_deadline(progress, words))
    if progress.deadline and progress.finish is None:
        unfinished = len(progress.missing) + sum(c.health is not Health.DONE for c in progress.chapters)
        return words["headline_over_one" if unfinished == 1 else "headline_over_many"].format(
            deadline=format_date(progress.deadline, words),
            unfinished=localized_digits(str(unfinished), words),
            chapters=count_of("chapters", len(progress.chapters) + len(progress.missing), words),
        )
    if progress.deadline is None:
        return words["headline_undated"]
    deadline = _format_day(progress.deadline, words)
    if progress.late and progress.worst:
        titles = [c.title for c in progress.late if c.slip == progress.worst.slip]
        return words["headline_past" if progress.deadline < progress.today else "headline_late"].format(
            deadline=deadline,
            ready=format_date(progress.worst.finish, words),
            days=count_of("workdays", progress.worst.slip or 0, words),
            titles=_first_names(titles, limit=1, words=words),
        )
    conditions = f" {words['and']} ".join(_describe_risks(progress, words))
    return words["headline_danger" if conditions else "headline_holds"].format(deadline=deadline, conditions=conditions)


def _deadline(progress: Progress, words: Wording) -> str:
    if progress.deadline is None:
        return words["deadline_not_set"]
    return words["deadline_is"].format(_format_day(progress.deadline, words))


def _describe_risks(progress: Progress, words: Wording) -> Iterator[str]:
    """Yield the conditions of the deadline while no chapter is late."""
    if risky := [c.title for c in progress.chapters if c.health is Health.AT_RISK]:
        number = count_of("chapters", len(risky), words)
        yield words["some_at_risk"].format(number, _first_names(risky, limit=3, words=words))
    if progress.missing:
        yield words["some_missing"].format(count_of("chapters", len(progress.missing), words))


def _format_day(day: date, words: Wording) -> str:
    return words["on_weekday"].format(format_date(day, words), name_in(words, "weekdays", day.weekday()))


def _first_names(names: Sequence[str], limit: int, words: Wording) -> str:
    more, shown = len(names) - limit, f"{words['semicolon']} ".join(names[:limit])
    return f"{shown} {words['and_more'].format(localized_digits(str(more), words))}" if more > 0 else shown


def count_of(noun: str, number: int, words: Wording = ENGLISH) -> str:
    """Return a number with its noun: "1 working day", "1,200 words"; `noun` is a key without its ending."""
    return words[f"{noun}_one"] if abs(number) == 1 else words[f"{noun}_many"].format(format_number(abs(number), words))


def progress_facts(progress: Progress, words: Wording = ENGLISH) -> LabelledTexts:
    """Return the paper at a glance; unknown and empty values are left out."""
    titles = {c.status.id: c.status.title for c in progress.chapters}
    statuses = [(titles.get(status, status), n) for status, n in progress.by_status.items()]
    without_lead = [c.title for c in progress.chapters if not c.leads and c.health is not Health.DONE]
    upcoming = (f"{u.title}{words['comma']} {format_date(u.on, words)}" for u in progress.upcoming)
    labelled = [
        (words["today"], f"{_format_day(progress.today, words)}{_describe_time_left(progress, words)}"),
        (words["slack"], _describe_slack(progress.slack, words)),
        (words["chapters"], _describe_health_counts(progress, words)),
        (words["statuses"], join_counts(statuses, words)),
        (column_head(words, "words"), _describe_length(progress.words, progress.target, words)),
        (words["agreement"], describe_consultation(progress, words)),
        (words["news_comments"], _describe_open_comments(progress.chapters, words)),
        (column_head(words, "no_lead"), _first_names(without_lead, limit=3, words=words)),
        (words["missing"], f"{words['comma']} ".join(progress.missing)),
        (words["next"], f"{words['semicolon']} ".join(upcoming)),
    ]
    return [LabelledText(label, text) for label, text in labelled if text]


def deadline_facts(progress: Progress, words: Wording = ENGLISH) -> LabelledTexts:
    """Return the facts about the deadline in few words; unknown and empty values are left out."""
    workdays_left = progress.workdays_left
    time_left = "" if workdays_left is None else count_of("workdays", max(workdays_left, 0), words)
    labelled = [
        (words["deadline_word"], format_date(progress.deadline, words)),
        (words["time_left"], time_left),
        (words["projected_finish"], format_date(progress.finish, words)),
        (words["slack"], _describe_slack(progress.slack, words)),
        (words["chapters"], _describe_health_counts(progress, words)),
        (column_head(words, "words"), _describe_length(progress.words, progress.target, words)),
    ]
    return [LabelledText(label, text) for label, text in labelled if text]


def describe_consultation(progress: Progress, words: Wording = ENGLISH) -> str:
    """Return the numbers of bodies and actions that have agreed, and of the other bodies; empty if none was asked."""
    if (state := progress.consultation) is None:
        return ""
    numbers = {"of_bodies": state.bodies, "of_actions": state.actions}
    numbers |= {"bodies": state.agreed_bodies, "actions": state.agreed_actions}
    agreed = words["agreement_count"].format(**{key: localized_digits(str(n), words) for key, n in numbers.items()})
    others = join_counts([(words[f"agreement_{name}"], number) for name, number in state.unsettled.items()], words)
    days, number = count_of("workdays", state.oldest or 0, words), localized_digits(str(state.waiting), words)
    waiting = words["agreement_oldest"].format(number=number, days=days) if state.waiting else ""
    return f"{words['semicolon']} ".join(filter(None, (agreed, others, waiting)))


def describe_slip(progress: Progress, slip: int | None, day: date | None, words: Wording = ENGLISH) -> str:
    """Return the distance of the day of `progress` from another; once the plan is over, "late" has no number."""
    is_late = progress.is_over and (slip or 0) > 0
    return health_word(Health.LATE, words) if is_late else format_slip(slip, day, progress.today, words)


def format_slip(slip: int | None, day: date | None, today: date, words: Wording = ENGLISH) -> str:
    """Return working days past a day, or left to it: "30 working days late", "5 working days left"."""
    if slip is None:
        return "–"
    if day == today:
        return words["slip_today"]
    return words["slip_late" if slip > 0 else "slip_left"].format(count_of("workdays", slip, words))


def health_word(health: Health, words: Wording = ENGLISH) -> str:
    """Return the word for a health."""
    return words[f"health_{health.replace(' ', '-')}"]


def _describe_health_counts(progress: Progress, words: Wording) -> str:
    counts = reversed([*progress.by_health.items()])
    return join_counts([(health_word(health, words), n) for health, n in counts], words)


def join_counts(counts: Iterable[tuple[str, int]], words: Wording) -> str:
    """Return how many there are of each, without zeros: "2 late, 1 done"."""
    return f"{words['comma']} ".join(f"{localized_digits(str(n), words)} {name}" for name, n in counts if n)


def _describe_length(number: int, target: int | None, words: Wording) -> str:
    length = format_number(number, words)
    return length if target is None else words["of_target"].format(length, format_number(target, words))


def _describe_time_left(progress: Progress, words: Wording) -> str:
    if progress.days_left is None or progress.workdays_left is None:
        return ""
    if progress.days_left == 0:
        return words["deadline_today"]
    days = count_of("days", progress.days_left, words), count_of("workdays", progress.workdays_left, words)
    return words["deadline_ahead" if progress.days_left > 0 else "deadline_behind"].format(*days)


def _describe_open_comments(chapters: Sequence[ChapterProgress], words: Wording = ENGLISH) -> str:
    """Return the number of unanswered comments, and of the chapters that they hold up."""
    open_, blocked_chapters = sum(c.open_comments for c in chapters), sum(c.holding > 0 for c in chapters)
    blocked_note = words["held_up"].format(count_of("chapters", blocked_chapters, words)) if blocked_chapters else ""
    number = format_number(open_, words)
    return f"{words['not_answered'].format(number)}{blocked_note}" if open_ else ""


def _describe_slack(slack: int | None, words: Wording) -> str:
    """Return the time before the first chapter is late; "none" as soon as one is."""
    if slack is None:
        return ""
    return words["slack_none"] if slack < 0 else words["slack_days"].format(count_of("workdays", slack, words))


def describe_health(chapter: ChapterProgress) -> str:
    """Return a chapter's health with its reason."""
    if not chapter.reason:
        return str(chapter.health)
    says_health = chapter.health is Health.LATE or chapter.reason.startswith(chapter.health)
    return chapter.reason if says_health else f"{chapter.health}: {chapter.reason}"


def format_length(chapter: ChapterProgress, words: Wording = ENGLISH) -> str:
    """Return words against the target."""
    return _describe_length(chapter.words, chapter.target, words)


def format_leads(chapter: ChapterProgress, words: Wording = ENGLISH) -> str:
    """Return the names of the leads."""
    return f"{words['comma']} ".join(who.name for who in chapter.leads) or words["no_lead"]


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
    return list(group_pairs((owed.who, owed) for owed in obligations).items())


def describe_obligation(progress: Progress, obligation: Obligation, words: Wording = ENGLISH) -> str:
    """Return an obligation with its subject."""
    chapter = progress.chapter(obligation.chapter) if obligation.chapter else None
    key = _LABEL_KEYS.get(obligation.kind)
    label = words[key] if key else chapter.title if chapter else ""
    return f"{label}: {obligation.what}" if label else obligation.what


def merge_obligations(
    progress: Progress, obligations: Iterable[Obligation], words: Wording = ENGLISH
) -> list[ObligationLine]:
    """Return a line per party, obligation and date; several chapters share a line."""
    lines: dict[tuple[Party, str, str], list[str]] = {}
    for owed in obligations:
        chapter = progress.chapter(owed.chapter) if owed.chapter else None
        key = owed.who, owed.what, format_obligation_date(progress, owed, words)
        lines.setdefault(key, []).extend([chapter.title] if chapter else [])
    return [
        ObligationLine(who.name, f"{task} ({_first_names(titles, 2, words)})" if titles else task, due)
        for (who, task, due), titles in lines.items()
    ]


def format_obligation_date(progress: Progress, obligation: Obligation, words: Wording = ENGLISH) -> str:
    """Return the due date of an obligation, and how far away it is."""
    if obligation.by is None:
        return words["no_date"]
    distance = describe_slip(progress, obligation.slip, obligation.by, words)
    return f"{format_date(obligation.by, words)}{words['comma']} {distance}"
