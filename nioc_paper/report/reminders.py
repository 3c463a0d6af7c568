"""A letter to everybody who owes something, in plain words for somebody who has Word and e-mail. Nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from email.policy import SMTP

from nioc_paper import phrases
from nioc_paper.model import Owed, Paper, Progress, Who
from nioc_paper.report.printable import clean
from nioc_paper.wording import Words, day, digits, labels

HOW = ("chapter", "review", "clearance", "permission", "decision", "offer", "scope")
"""Kinds of what is owed, in the order in which a letter says how it is done."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What somebody is to be told."""

    to: Who
    subject: str
    text: str

    @property
    def txt(self) -> str:
        """The letter below its subject."""
        return f"{self.subject}\n\n{self.text}"

    @property
    def eml(self) -> bytes:
        """A draft that programs for e-mail open; whom it goes to is for the sender to say."""
        message = EmailMessage(policy=SMTP)
        message["Subject"] = self.subject
        message["X-Unsent"] = "1"
        message.set_content(self.text, cte="quoted-printable")
        return message.as_bytes()


def letters(paper: Paper, progress: Progress, who: str | None = None) -> list[Letter]:
    """A letter to each who owes something, or to one: by id, or by the name of somebody without one."""
    words = labels(paper.settings.language)
    return [
        Letter(to, _line(words["remind_subject"].format(paper.settings.title)), _text(paper, progress, to, owed, words))
        for to, owed in phrases.by_person(progress.owes)
        if who in (None, to.id or to.name)
    ]


def _text(paper: Paper, progress: Progress, to: Who, owed: Sequence[Owed], words: Words) -> str:
    parts = [
        _greeting(paper, to, words),
        words["remind_opening"].format(paper.settings.title),
        "\n".join(_items(progress, owed, words)),
        # The editor knows.
        "" if to.id == paper.settings.editor else "\n".join(_how(owed, words)),
        words["remind_closing"],
        "\n".join(_sender(paper, words)),
    ]
    return "\n\n".join("\n".join(map(_line, part.split("\n"))) for part in parts if part) + "\n"


def _how(owed: Sequence[Owed], words: Words) -> Iterator[str]:
    return (words[f"remind_{kind}"] for kind in HOW if any(o.kind == kind for o in owed))


def _line(text: str) -> str:
    """A line that holds nothing but what it says, its own room before it kept."""
    return text[: len(text) - len(text.lstrip(" "))] + clean(text.strip())


def _greeting(paper: Paper, to: Who, words: Words) -> str:
    person = paper.people.get(to.id or "")
    if person is None:
        return words["remind_to_office"].format(to.name)
    return words["remind_to_person"].format(" ".join(filter(None, (person.title, person.name))))


def _items(progress: Progress, owed: Sequence[Owed], words: Words) -> Iterator[str]:
    """A number for each thing with a line for its date; what is the same for several chapters is one."""
    same: dict[tuple[str, str, date | None], list[Owed]] = {}
    for debt in owed:
        same.setdefault((debt.what, debt.kind, debt.by), []).append(debt)
    for number, ((what, *_), debts) in enumerate(same.items(), 1):
        found = filter(None, (progress.chapter(d.chapter or "") for d in debts))
        titles = f"{words['semicolon']} ".join(chapter.title for chapter in found)
        said = f"{titles}: {what}" if len(debts) > 1 and titles else phrases.debt(progress, debts[0])
        yield f"{digits(str(number), words)}. {said}"
        yield f"   {words['remind_by'].format(phrases.by_when(debts[0])) if debts[0].by else words['no_date']}"


def _sender(paper: Paper, words: Words) -> Iterator[str]:
    settings = paper.settings
    if paper.timeline.deadline:
        yield words["remind_deadline"].format(day(paper.timeline.deadline, words))
        yield ""
    yield paper.name(settings.editor) if settings.editor else words["the_editor"]
    yield from [paper.name(settings.publisher)] if settings.publisher else []
