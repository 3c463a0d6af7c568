"""Build a letter to each party that owes something, in plain words for users of Word and e-mail. Sends nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from email.policy import SMTP

from msgspec import Struct

from nioc_paper.model import Obligation, Paper, Party, Progress, slugify
from nioc_paper.model.grouping import group_pairs
from nioc_paper.report.terminal_escaping import printable_line
from nioc_paper.wording import Wording, format_date, localized_digits, progress_text, wording_for

_WORD_SUBTYPE = "vnd.openxmlformats-officedocument.wordprocessingml.document"
LETTER_FORMATS = ("txt", "eml")
INSTRUCTION_KINDS = (
    *("chapter", "review", "comments", "clearance", "permission"),
    *("consultation", "decision", "offer", "announcement", "scope"),
)
"""Kinds of obligations, in the order of a letter's instructions."""


class Letter(Struct, frozen=True):
    """A reminder to a party."""

    to: Party
    subject: str
    text: str
    address: str = ""
    """E-mail address; empty if the sender adds it."""
    copies: tuple[str, ...] = ()
    """Addresses that the other readers do not see."""
    attachment: tuple[str, bytes] | None = None
    """Name and bytes of a Word file."""

    @property
    def as_text(self) -> str:
        """Subject and text."""
        return f"{self.subject}\n\n{self.text}"

    @property
    def as_eml(self) -> bytes:
        """Draft that e-mail programs open."""
        message = EmailMessage(policy=SMTP)
        headers = {"To": self.address, "Bcc": ", ".join(self.copies), "Subject": self.subject, "X-Unsent": "1"}
        for name, value in headers.items():
            if value:
                message[name] = value
        message.set_content(self.text, cte="quoted-printable")
        if self.attachment:
            name, data = self.attachment
            message.add_attachment(data, maintype="application", subtype=_WORD_SUBTYPE, filename=name)
        return message.as_bytes()


def build_letters(paper: Paper, progress: Progress, who: str | None = None, language: str = "") -> list[Letter]:
    """Return a letter to each party that owes something, or to one: by id, or by name if it has none.

    They are in a `language`, by default in that of the paper. A form that came only a few days ago is not asked for.
    """
    words = wording_for(language or paper.settings.language, paper.settings.own_words)
    due = [owed for owed in progress.obligations if owed.kind != "consultation" or owed.reminder]
    return [
        build_cover_letter(
            paper, to, _letter_subject(paper, owed, words), [*_letter_lines(paper, progress, to, owed, words)], words
        )
        for to, owed in progress_text.group_by_party(due)
        if who in (None, to.id or to.name)
    ]


def _letter_subject(paper: Paper, owed: Sequence[Obligation], words: Wording) -> str:
    """Return the subject of a letter, with the number of the reminder of a form."""
    subject, number = words["remind_subject"].format(paper.settings.title), max(each.reminder for each in owed)
    return words["remind_number"].format(subject, localized_digits(str(number), words)) if number else subject


def build_cover_letter(
    paper: Paper,
    to: Party,
    subject: str,
    lines: Sequence[str],
    words: Wording,
    attachment: tuple[str, bytes] | None = None,
) -> Letter:
    """Return a letter of some paragraphs that goes with a file, or is at its start."""
    parts = [_greet(paper, to, words), *filter(None, lines), "\n".join(_signature(paper, words))]
    text = "\n\n".join("\n".join(map(_clean_line, part.split("\n"))) for part in parts)
    return Letter(to, _clean_line(subject), f"{text}\n", attachment=attachment)


def _greet(paper: Paper, to: Party, words: Wording) -> str:
    """Return the first line of a letter."""
    person = paper.people.get(to.id or "")
    name = " ".join(filter(None, (person.title, person.name))) if person else to.name
    return words["remind_to_person" if person else "remind_to_office"].format(name)


def _letter_lines(
    paper: Paper, progress: Progress, to: Party, owed: Sequence[Obligation], words: Wording
) -> Iterator[str]:
    """Yield the paragraphs of a reminder; the instructions are empty for the editor, who knows them."""
    instructions = [words[f"remind_{kind}"] for kind in INSTRUCTION_KINDS if any(o.kind == kind for o in owed)]
    yield words["remind_opening"].format(paper.settings.title)
    yield "\n".join(_obligation_lines(progress, owed, words))
    yield "" if to.id == paper.settings.editor else "\n".join(instructions)
    yield words["remind_closing"]
    if progress.deadline:
        due = words["remind_deadline"].format(format_date(progress.deadline, words))
        yield progress_text.progress_headline(progress, words) if progress.is_over else due


def _clean_line(text: str) -> str:
    """Return a line that is safe to print, with its indentation."""
    return text[: len(text) - len(text.lstrip(" "))] + printable_line(text.strip())


def _obligation_lines(progress: Progress, owed: Sequence[Obligation], words: Wording) -> Iterator[str]:
    """Yield a numbered line and a line with the date for each task; the same task of several chapters is one."""
    obligations_by_task = group_pairs(((each.what, each.kind, each.by), each) for each in owed)
    for number, ((task, *_), obligations) in enumerate(obligations_by_task.items(), 1):
        chapters = filter(None, (progress.chapter(d.chapter or "") for d in obligations))
        titles = f"{words['semicolon']} ".join(chapter.title for chapter in chapters)
        line, due = progress_text.describe_obligation(progress, obligations[0], words), words["no_date"]
        if len(obligations) > 1 and titles:
            line = f"{titles}: {task}"
        if obligations[0].by:
            due = words["remind_by"].format(progress_text.format_obligation_date(progress, obligations[0], words))
        yield from (f"{localized_digits(str(number), words)}. {line}", f"   {due}")


def _signature(paper: Paper, words: Wording) -> Iterator[str]:
    settings = paper.settings
    yield paper.display_name(settings.editor) if settings.editor else words["the_editor"]
    yield from [paper.display_name(settings.publisher)] if settings.publisher else []


def letter_files(letters: Sequence[Letter], kinds: Sequence[str]) -> dict[str, bytes]:
    """Return a file of each kind for each letter, named after its recipient."""
    files: dict[str, bytes] = {}
    for letter in letters:
        stem = letter.to.id or slugify(letter.to.name) or "somebody"
        # Two names may give the same file name: number them.
        name = next(n for n in (stem, *(f"{stem}-{i}" for i in range(2, 999))) if f"{n}.{kinds[0]}" not in files)
        files |= {f"{name}.{kind}": letter.as_eml if kind == "eml" else letter.as_text.encode() for kind in kinds}
    return files
