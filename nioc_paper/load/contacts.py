"""Read contacts.yaml: addresses, which are in no commit. Nothing of it is cached, and no finding shows a word of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from msgspec.structs import replace

from nioc_paper.load.records import build_record
from nioc_paper.load.source_text import MAX_TEXT_BYTES
from nioc_paper.load.yaml_file import read_yaml
from nioc_paper.model import Contact, Contacts, Diagnostic, Place
from nioc_paper.model.register_files import CONTACTS_PATH
from nioc_paper.program_name import command_line
from nioc_paper.system import git, safe_read


def read_contacts(root: Path, ids: Collection[str]) -> tuple[Mapping[str, Contact], list[Diagnostic]]:
    """Return the contacts of a paper with these people and organizations by id, and findings without its words."""
    faults: list[Diagnostic] = []
    try:
        text = safe_read.read(root, CONTACTS_PATH, MAX_TEXT_BYTES).decode(errors="replace")
    except safe_read.ConfinedError as error:
        return {}, [Diagnostic(Place(CONTACTS_PATH), "unreadable-file", str(error))]
    record = build_record(Contacts, read_yaml(text, CONTACTS_PATH, faults.append), CONTACTS_PATH, faults.append)
    hint = f"compare it with: {command_line('schema contacts')}"
    findings = [replace(d, message="this is no contact", hint=hint, fix=None, lost=()) for d in faults]
    for contact in (contact for contact in record.contacts if contact.id not in ids):
        message, hint = "nobody in contributors.yaml has this id", "name a person or an organization by id"
        findings.append(Diagnostic(contact.place("id"), "dead-name/party", message, hint=hint))
    if git.is_kept_out(root, CONTACTS_PATH) is False:
        message, hint = "git would publish these addresses", "put 'contacts.yaml' into .gitignore; git rm --cached it"
        findings.append(Diagnostic(Place(CONTACTS_PATH), "exposed-address", message, hint=hint))
    return {contact.id: contact for contact in record.contacts if contact.id in ids}, findings
