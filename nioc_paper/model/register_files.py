"""Files of the registers: each has one YAML file, and a folder of files with the same keys, most with one record.

Files in the folder `chapter` have the id of a chapter and lists of its front matter, such as clearances.
Two people who add a record on two branches write two files, which git merges without a question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TypeVar, get_args, get_origin

from nioc_paper.model.consultations import Consultations, Contacts
from nioc_paper.model.contributors import Contributors
from nioc_paper.model.diagnostic import Diagnostic, spelling_hint
from nioc_paper.model.front_matter import FrontMatter
from nioc_paper.model.paper import Paper
from nioc_paper.model.record import Record, field_types
from nioc_paper.model.references import References
from nioc_paper.model.registers import Acronyms, Approvals, Decisions, Facts, Terms
from nioc_paper.model.settings import Settings
from nioc_paper.model.timeline import Timeline

R = TypeVar("R", bound=Record)
RECORDS: Mapping[str, tuple[type[Record], str]] = {
    "chapter": (FrontMatter, "the front matter of every chapter"),
    "contributors": (Contributors, "contributors.yaml"),
    "paper": (Settings, "paper/paper.yaml"),
    "timeline": (Timeline, "paper/timeline.yaml"),
    "references": (References, "paper/references.yaml"),
    "facts": (Facts, "paper/registers/facts.yaml"),
    "decisions": (Decisions, "paper/registers/decisions.yaml"),
    "approvals": (Approvals, "paper/registers/approvals.yaml"),
    "consultations": (Consultations, "paper/registers/consultations.yaml"),
    "acronyms": (Acronyms, "paper/registers/acronyms.yaml"),
    "terms": (Terms, "paper/registers/terms.yaml"),
}
"""Record of each schema, and its file."""
CONTACTS_PATH = "contacts.yaml"
SCHEMAS: Mapping[str, tuple[type[Record], str]] = {**RECORDS, "contacts": (Contacts, CONTACTS_PATH)}
"""Records with a schema: those of the registers, and the addresses, which are no part of the paper."""
REGISTERS_FOLDER = "paper/registers"


def register_name(cls: type[Record]) -> str:
    """Return the name of a register: that of its schema and of its folder."""
    return next(name for name, (record, _) in RECORDS.items() if record is cls)


def register_of(paper: Paper, name: str) -> Record:
    """Return a register of a paper by its name."""
    return next(value for field in paper.__struct_fields__ if type(value := getattr(paper, field)) is RECORDS[name][0])


def main_path(path: str) -> str:
    """Return the file of the register that a file of records belongs to; any other path unchanged."""
    folder, name = PurePosixPath(path).parent.parent, PurePosixPath(path).parent.name
    return RECORDS[name][1] if str(folder) == REGISTERS_FOLDER and name in RECORDS else path


def record_lists(cls: type[Record]) -> Iterator[tuple[str, type[Record]]]:
    """Yield the keys of the lists of records in a register, each with the class of its records."""
    for key, kind in field_types(cls).items():
        inner = get_args(kind)[0] if get_origin(kind) is tuple else None
        if isinstance(inner, type) and issubclass(inner, Record):
            yield key, inner


def join_registers(main: R, parts: Sequence[R]) -> tuple[R, list[Diagnostic]]:
    """Return a register with the records of more files, and findings on keys that are no lists.

    Records with a day come in the order of their days, otherwise in that of the files: no order of merging counts.
    """
    lists: dict[str, tuple[object, ...]] = {}
    findings = []
    for part in parts:
        for name in type(main).names:
            value = vars(part).get(name)
            if isinstance(value, tuple):
                lists[name] = (*lists.get(name, getattr(main, name)), *value)
            elif value not in (None, getattr(main, name)):
                message, hint = f"the key '{name}' is not known here", spelling_hint(name, [*lists]) or "take it out"
                findings.append(Diagnostic(part.place(main.key_of(name)), "unknown-key", message, hint=hint))
    return main.replace(**{name: _in_order_of_days(records) for name, records in lists.items()}), findings


def _in_order_of_days(records: tuple[object, ...]) -> tuple[object, ...]:
    days = [vars(record).get("on") if isinstance(record, Record) else None for record in records]
    if not all(days):
        return records
    return tuple(record for _, record in sorted(zip(days, records, strict=True), key=lambda pair: str(pair[0])))
