"""Drafts of messages, with addresses from contacts.yaml: the only files that have them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from email.utils import formataddr

from msgspec.structs import replace

from nioc_paper.app.errors import AppError, require_none
from nioc_paper.app.outputs import write_files
from nioc_paper.app.project import Project
from nioc_paper.load.contacts import read_contacts
from nioc_paper.model import Contact, Paper
from nioc_paper.model.register_files import CONTACTS_PATH
from nioc_paper.program import command_line
from nioc_paper.report.printable import printable_line
from nioc_paper.report.reminders import Letter, letter_files
from nioc_paper.system import git

_MAIL_FOLDER = "dist/mail"


def require_contacts(project: Project, paper: Paper) -> Mapping[str, Contact]:
    """Return the contacts by id. Raises BlockedError or AppError if there are none that may be used."""
    if not (project.root / CONTACTS_PATH).exists():
        raise AppError(f"there is no {CONTACTS_PATH} with addresses; see: {command_line('schema contacts')}")
    contacts, findings = read_contacts(project.root, {*paper.people, *paper.organizations})
    require_none(findings)
    return contacts


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
