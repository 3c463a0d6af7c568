"""New records of the registers: each in a file of its own, or at the end of the register's file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, get_args, get_origin

from nioc_paper.app.command_commits import OwnCommits
from nioc_paper.app.errors import AppError, RequestError, require_known
from nioc_paper.app.preconditions import require_chapter
from nioc_paper.app.project import Project
from nioc_paper.app.safe_write import write_source
from nioc_paper.domain.agreements import asked_values
from nioc_paper.edit.yaml import EditError, RecordFile, append_to_list, make_record_file
from nioc_paper.load.records import build_record
from nioc_paper.load.yaml_file import read_yaml
from nioc_paper.load.yaml_positions import YamlData
from nioc_paper.model import (
    Agreement,
    Allowance,
    Approval,
    Clearance,
    Diagnostic,
    Paper,
    Record,
    Reference,
    Settings,
    field_types,
    spelling_hint,
    to_dict,
)
from nioc_paper.model.register_files import RECORDS, REGISTERS_FOLDER, record_lists
from nioc_paper.program_name import command_line


class RecordKind(NamedTuple):
    """Kind of the records of a register."""

    register: str
    key: str
    """Key of their list."""
    cls: type[Record]
    path: str = ""
    """File of the register, if it is another than usual."""
    head: str = ""
    """Lines above the list in a file of its own."""
    header: str = ""
    """Comment at the top of the register's file, which then has a line for each record."""

    @property
    def name_key(self) -> str:
        """Key of the value that names a record."""
        return self.cls.field_keys[0]


_OWN_COMMANDS = ("chapter", "paper", "references", "approvals")
"""Registers that other commands write."""
KINDS: Mapping[str, RecordKind] = {
    cls.__name__.lower(): RecordKind(register, key, cls)
    for register, (record, _) in RECORDS.items()
    if register not in _OWN_COMMANDS
    for key, cls in record_lists(record)
} | {
    "clearance": RecordKind("chapter", "clearances", Clearance),
    "allowance": RecordKind("chapter", "allow", Allowance),
}
"""Kinds of records that `add` writes."""
SOURCE = RecordKind("references", "references", Reference)
APPROVAL = RecordKind(
    "approvals",
    "approvals",
    Approval,
    header="# Who signed which chapter off, and in which commit they read it. Written by the command approve.\n",
)


def write_records(
    project: Project, settings: Settings, kind: RecordKind, new: Sequence[Mapping[str, Any] | Record]
) -> list[str]:
    """Write new records, and return the paths of their files. Raises AppError if one cannot be edited.

    Papers with `record_files` get a file for each record; others the records at the end of the register's file.
    """
    path = kind.path or RECORDS[kind.register][1]
    records = [_as_texts(to_dict(each)) if isinstance(each, Record) else each for each in new]
    try:
        if settings.record_files:
            folder = f"{REGISTERS_FOLDER}/{kind.register}"
            head = f"{kind.head}{kind.key}:\n"
            texts = [append_to_list(head, (kind.key,), record, on_lines=True) for record in records]
            names = [str(record[kind.name_key]) for record in records]
            files = [make_record_file(folder, *pair) for pair in zip(names, texts, strict=True)]
        else:
            before = project.read_for_edit(path)
            text = f"{kind.header}{kind.key}:\n" if before is None else before.decode()
            if kind.key not in (read_yaml(text, path, lambda _: None).value or {}):
                text = f"{text.rstrip()}\n\n{kind.key}:\n"
            for record in records:
                text = append_to_list(text, (kind.key,), record, on_lines=not kind.header)
            files = [RecordFile(path, text)]
        for file in files:
            write_source(project, *file)
    except (EditError, UnicodeDecodeError) as error:
        raise AppError(f"{path}: {error}; nothing was changed; see: {command_line('check')}") from error
    return [file.path for file in files]


def _as_texts(value: Any) -> Any:
    """Return data whose scalars are texts."""
    if isinstance(value, dict):
        return {key: _as_texts(inner) for key, inner in value.items()}
    return [_as_texts(item) for item in value] if isinstance(value, list) else str(value)


def add_record(project: Project, name: str, fields: Sequence[str]) -> str:
    """Add a record of a kind with values as KEY=VALUE, and return its line.

    Raises RequestError if a value is wrong, or the name is used.
    """
    kind, paper = KINDS[require_known(name, KINDS, "kind of record")], project.load().paper
    if kind.register == "chapter":
        kind, fields = _parse_chapter(paper, kind, fields)
    record = _parse_fields(kind, fields)
    if kind.cls is Agreement:
        record = {**asked_values(paper, record["body"], record["action"]), **record}
    title = str(record[kind.name_key])
    for value in paper.declared_values if not kind.head else ():
        is_name = value.key == f"{kind.cls.__name__}.{kind.name_key}" and value.limits.unique_in
        if is_name and str(value.value) == title:
            raise RequestError(f"'{title}' is there already: {value.place}")
    commits = OwnCommits(project)
    paths = write_records(project, paper.settings, kind, [record])
    commits.save(paths, f"Add the {name} '{title}'")
    return f"{paths[0]}: {name} '{title}' is added"


def _parse_chapter(paper: Paper, kind: RecordKind, fields: Sequence[str]) -> tuple[RecordKind, list[str]]:
    """Return the kind for the named chapter, and the other values. Raises RequestError if it cannot be added."""
    if not paper.settings.record_files:
        raise RequestError("write it in the front matter of the chapter, or 'record_files: true' in paper.yaml")
    name = next((field.removeprefix("chapter=") for field in fields if field.startswith("chapter=")), "")
    head = f"id: {require_chapter(paper, name).id}\n"
    return kind._replace(head=head), [field for field in fields if not field.startswith("chapter=")]


def _parse_fields(kind: RecordKind, fields: Sequence[str]) -> dict[str, Any]:
    """Return the values of a record. A key that is given more than once is a list, if it may be one."""
    types, record = field_types(kind.cls), dict[str, Any]()
    parts = {key: (field_type, *get_args(field_type)) for key, field_type in types.items()}
    writable = [k for k, ts in parts.items() if not any(isinstance(t, type) and issubclass(t, Record) for t in ts)]
    for field in fields:
        key, equals, value = field.partition("=")
        if not equals or key not in writable:
            hint = spelling_hint(key, writable) if equals else f"write {key}=VALUE"
            raise RequestError(f"'{key}' is not a value that this command writes; {hint}")
        if get_origin(types[key]) is tuple:
            record.setdefault(key, []).append(value)
        elif record.setdefault(key, value) is not value:
            raise RequestError(f"'{key}' is given twice, and is no list")
    _require_valid(kind, record)
    return record


def _require_valid(kind: RecordKind, record: Mapping[str, object]) -> None:
    """Raise RequestError for the first key that is missing, or has a wrong value."""
    findings: list[Diagnostic] = []
    build_record(RECORDS[kind.register][0], YamlData({kind.key: [record]}), "", findings.append)
    if findings:
        raise RequestError(f"{findings[0].message}; {findings[0].hint}".removesuffix("; "))
