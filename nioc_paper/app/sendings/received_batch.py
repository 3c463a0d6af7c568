"""Many files received at once: Word files, folders of them, and mails with attachments."""

from __future__ import annotations

import contextlib
import email
import email.policy
import email.utils
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import get_args

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper.app.errors import AppError, RequestError
from nioc_paper.app.project import Project
from nioc_paper.app.sendings.body_answers import receive_any, save_outcome
from nioc_paper.app.sendings.received_build import Outcome, State
from nioc_paper.app.sendings.review_points import NewComment, add_comment
from nioc_paper.app.sendings.word_reception import open_reception, read_word_file
from nioc_paper.model.record import Day

_MAX_FILES = 500
"""Files of one command, those in folders and mails included."""
_MAX_LETTER = 5_000
"""Letters of a mail's text that become a comment."""
_ATTACHMENTS = (".docx", ".odt", ".doc", ".rtf", ".pdf")
"""Suffixes of attachments that are opened, or refused with a way on; a signature's picture is passed over."""


_HEADINGS: Mapping[State, str] = {
    "merged": "Merged",
    "open": "Merged, with something to do by hand",
    "seen": "Received before",
    "unknown": "Of no sending of this paper",
    "refused": "Not read",
}


class Parcel(Struct, frozen=True):
    """A received file, by itself or in a mail."""

    name: str
    """Name for messages: that of the mail too."""
    when: float
    """Seconds since 1970 at which it was sent, for the order of files."""
    data: bytes = b""
    letter: str = ""
    """Text of the mail that it came with; the first file of the mail has it."""
    day: Day | None = None
    """Day of the mail."""
    reason: str = ""
    """Reason why it is not read; empty if it is to be."""


def open_parcels(project: Project, paths: Iterable[Path]) -> list[Parcel]:
    """Return the files below these paths in order of their dates. Raises AppError if there are too many, or none."""
    parcels: list[Parcel] = []
    for file in _iter_files(paths):
        parcels += _open_file(project, file)
        if len(parcels) > _MAX_FILES:
            raise AppError(f"more than {_MAX_FILES} files at once; give fewer, for example a folder for each day")
    if not parcels:
        raise RequestError("there is no file to receive")
    return sorted(parcels, key=lambda parcel: parcel.when)


def _iter_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files, and those in folders: not hidden ones, nor what a link leads to."""
    for path in paths:
        if path.is_dir():
            inner = (each for each in sorted(path.rglob("*")) if each.is_file() and not each.is_symlink())
            yield from (each for each in inner if not each.name.startswith((".", "~$")))
        else:
            yield path


def _open_file(project: Project, file: Path) -> Sequence[Parcel]:
    try:
        when = file.stat().st_mtime
        data = read_word_file(project, file)
    except (AppError, OSError) as error:
        return [Parcel(file.name, 0.0, reason=f"cannot be read: {error}")]
    return _open_mail(file.name, data, when) if file.suffix.casefold() == ".eml" else [Parcel(file.name, when, data)]


def _open_mail(name: str, data: bytes, when: float) -> Sequence[Parcel]:
    """Return the Word files of a mail, the first with its text; the mail alone, if it has none."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        when = email.utils.parsedate_to_datetime(str(message["Date"])).timestamp()
    day = None
    with contextlib.suppress(ValueError, OverflowError, OSError):  # no calendar has it
        day = datetime.fromtimestamp(when).date()  # noqa: DTZ006 - the day on this machine, as files have it
    try:
        letter = _read_letter(message)
        attached = [*_iter_attachments(message)]
    except (LookupError, ValueError, KeyError) as error:  # an encoding that nobody knows
        return [Parcel(name, when, reason=f"is no mail that can be read: {error}")]
    if not attached:
        return [Parcel(name, when, letter=letter, day=day, reason="has no Word file")]
    letters = [letter, *[""] * (len(attached) - 1)]
    pairs = zip(attached, letters, strict=True)
    return [Parcel(f"{name}: {file}", when, content, text, day) for (file, content), text in pairs]


def _iter_attachments(message: EmailMessage) -> Iterator[tuple[str, bytes]]:
    for part in message.iter_attachments():
        file = Path(part.get_filename() or "").name
        if file.casefold().endswith(_ATTACHMENTS):
            content = part.get_payload(decode=True)
            yield file, content if isinstance(content, bytes) else b""


def _read_letter(message: EmailMessage) -> str:
    """Return what the sender of a mail wrote: its plain text without what it quotes."""
    body = message.get_body(("plain",))
    text = str(body.get_content()) if body else ""
    own = "\n".join(line.rstrip() for line in text.splitlines() if not line.lstrip().startswith(">"))
    return own.strip()[:_MAX_LETTER]


def receive_parcel(project: Project, parcel: Parcel, *, dry_run: bool) -> Outcome:
    """Merge one file as if it came alone. The reference inside it decides where it belongs, never its sender."""
    if parcel.reason:
        return Outcome(parcel.name, "refused", _with_letter(parcel, parcel.reason))
    try:
        reception = open_reception(project, parcel.name, parcel.data, dry_run=dry_run)
        outcome = receive_any(reception)
        if outcome.state == "unknown":
            return replace(outcome, text=_with_letter(parcel, outcome.text))
        notes = [*save_outcome(reception, outcome)]
        for each in outcome.returns[:1] if parcel.letter and not dry_run else ():
            # The letter is a comment on the chapter, for the editor to place.
            new = NewComment(each.chapter.id, each.sending.to, parcel.letter, on=parcel.day, sending=each.sending.id)
            add_comment(project, new)
            notes.append(project.commit_lines.pop())
    except AppError as error:
        return Outcome(parcel.name, "refused", _with_letter(parcel, str(error)))
    return replace(outcome, notes=notes)


def _with_letter(parcel: Parcel, reason: str) -> str:
    return f"{reason}; its letter: “{parcel.letter[:200]}”" if parcel.letter else reason


def format_report(outcomes: Sequence[Outcome]) -> str:
    """Return the report of all files as Markdown: by what became of them."""
    lines = ["# Received files"]
    for state in get_args(State):
        those = [outcome for outcome in outcomes if outcome.state == state]
        if those:
            lines += ["", f"## {_HEADINGS[state]}: {len(those)}", ""]
        for outcome in those:
            lines.append(f"- {outcome.name}: {outcome.text}")
            lines += (f"  - {finding.place}: {finding.message}" for finding in outcome.findings)
    return "\n".join([*lines, ""])
