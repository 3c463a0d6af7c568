"""Drafts of messages, with addresses from contacts.yaml: the only files that have them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from email.utils import formataddr
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from nioc_paper.app.build_request import write_files
from nioc_paper.app.errors import AppError, require_none
from nioc_paper.app.project import Project
from nioc_paper.load.contacts import read_contacts
from nioc_paper.model import Contact, Paper, Party
from nioc_paper.model.register_files import CONTACTS_PATH
from nioc_paper.ooxml.safety import MAX_BYTES
from nioc_paper.program_name import command_line
from nioc_paper.report.reminders import Letter, build_cover_letter, letter_files
from nioc_paper.report.terminal_escaping import printable_line
from nioc_paper.system import git
from nioc_paper.wording import format_date, wording_for

_MAIL_FOLDER = "dist/mail"


def find_contacts(project: Project, paper: Paper, *, needed: bool) -> Mapping[str, Contact]:
    """Return the contacts by id. Raises BlockedError or AppError if they are wrong, or are `needed` and missing."""
    if not (project.root / CONTACTS_PATH).exists():
        if needed:
            raise AppError(f"there is no {CONTACTS_PATH} with addresses; see: {command_line('schema contacts')}")
        return {}
    contacts, findings = read_contacts(project.root, {*paper.people, *paper.organizations})
    require_none(findings)
    return contacts


class Cover(NamedTuple):
    """Message that goes with a file."""

    to: str
    due: date | None
    file: Path
    lines: Sequence[str]
    """Its paragraphs, as keys of the wording."""


def write_covers(
    project: Project, paper: Paper, purpose: str, covers: Iterable[Cover], title: str = ""
) -> Iterator[str]:
    """Write drafts of messages with files, each in the language of its contact, and yield as `write_drafts`."""
    contacts, settings = find_contacts(project, paper, needed=True), paper.settings
    letters = []
    for to, due, file, lines in covers:
        contact, party = contacts.get(to), Party(to, paper.display_name(to))
        words = wording_for((contact and contact.language) or settings.language, settings.own_words)
        values = {"paper": settings.title, "title": title, "body": party.name, "day": format_date(due, words)}
        keys = [f"{purpose}_title", *lines, *(["review_due"] if due else [])]
        subject, *paragraphs = (words[key].format(**values) for key in keys)
        attachment = file.name, project.read_given(file, MAX_BYTES)
        letters.append(build_cover_letter(paper, party, subject, paragraphs, words, attachment))
    yield from write_drafts(project, purpose, letters, contacts)


def write_drafts(
    project: Project, purpose: str, letters: Sequence[Letter], contacts: Mapping[str, Contact]
) -> Iterator[str]:
    """Write a draft of a message for each letter, and yield its path and what it lacks.

    Raises AppError if git does not ignore their folder.
    """
    if git.is_kept_out(project.root, f"{_MAIL_FOLDER}/draft.eml") is False:
        raise AppError(f"git would publish the addresses in {_MAIL_FOLDER}; put 'dist/' into .gitignore")
    for name, letter in zip(letter_files(letters, ["eml"]), letters, strict=True):
        contact, path = contacts.get(letter.to.id or ""), f"{purpose}-{name}"
        salutation, _, rest = letter.text.partition("\n\n")
        own = printable_line(contact.salutation or "") if contact else ""
        text = f"{own or salutation}\n\n{rest}"
        address = formataddr((printable_line(contact.name or ""), contact.address)) if contact else ""
        addressed = replace(letter, text=text, address=address)
        lack = "" if contact or letter.copies else f"  without an address: {letter.to.name}"
        for file in write_files({path: addressed.as_eml}, project.writable_path(*_MAIL_FOLDER.split("/"))):
            yield f"{os.path.relpath(file)}{lack}"
