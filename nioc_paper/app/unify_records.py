"""Make one record of two: those that two people entered for the same thing, with one id or with two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from nioc_paper.app.chapter_edits import plan_fixes
from nioc_paper.app.command_commits import OwnCommits
from nioc_paper.app.errors import RequestError, require_known
from nioc_paper.app.new_records import KINDS, SOURCE, RecordKind, write_records
from nioc_paper.app.project import Project
from nioc_paper.app.safe_write import write_source
from nioc_paper.edit.yaml import remove_record
from nioc_paper.load.yaml_file import read_yaml
from nioc_paper.model import Fix, Paper, Place, ReviewPoint, Sending
from nioc_paper.model.register_files import main_path, register_of
from nioc_paper.system.files import remove_file

_Entry = tuple[str, int, dict[str, Any]]
_TARGETS = {
    "source": ("source", "sources"),
    "fact": ("fact",),
    "person": ("person", "party"),
    "organization": ("organization", "body", "party"),
}
"""Kinds of names in `Limits.refers_to` that name a record, by its kind."""


def unify_records(project: Project, name: str, keep: str, drop: str) -> list[str]:
    """Make one record of all of a kind that are called `keep` or `drop`, and call it `keep` everywhere.

    Of two values of one key the first counts; those of `keep` come first. Returns lines on what was done, and on each
    value that was left out. Raises RequestError if there is one only.
    """
    kind = SOURCE if name == "source" else KINDS[require_known(name, KINDS, "kind of record")]
    paper = project.load().paper
    entries = [entry for title in dict.fromkeys((keep, drop)) for entry in _find_entries(project, paper, kind, title)]
    if len(entries) < 2:
        raise RequestError(f"there is one {name} of that name only; name the one to keep, and the other")
    merged, lines = dict[str, Any](), list[str]()
    for path, _, record in entries:
        for key, value in record.items():
            old = merged.setdefault(key, value)
            if isinstance(old, list) and isinstance(value, list):
                merged[key] = [*old, *(item for item in value if item not in old)]
            elif old != value and key != kind.name_key:
                lines.append(f"{path}: left out '{key}: {value}', for it has '{key}: {old}'")
    commits = OwnCommits(project)
    paths = [*_rename(project, [*_references(paper, name, drop, keep)])]
    for path in dict.fromkeys(path for path, _, _ in entries):
        paths.append(path)
        _remove(project, kind, path, [index for other, index, _ in entries if other == path])
    paths += write_records(project, paper.settings, kind, [merged])
    commits.save([*dict.fromkeys(paths)], f"Unify the {name} '{keep}'")
    return [f"{paths[-1]}: {len(entries)} records are one {name}, '{keep}'", *lines]


def _find_entries(project: Project, paper: Paper, kind: RecordKind, title: str) -> Iterator[_Entry]:
    """Yield path, index and values of the records with a name. Raises RequestError for one that is not in YAML."""
    records = getattr(register_of(paper, kind.register), kind.key)
    paths = dict.fromkeys(record.path for record in records if vars(record)[kind.name_key] == title)
    for path in paths:
        if not path.endswith((".yaml", ".yml")):
            raise RequestError(f"{path} is an export of another program: take '{title}' out there")
        data = read_yaml(project.read_text(path) or "", path, lambda _: None).value
        for index, values in enumerate(data.get(kind.key) or ()):
            if isinstance(values, dict) and values.get(kind.name_key) == title:
                yield path, index, values


def _references(paper: Paper, name: str, old: str, new: str) -> Iterator[Fix]:
    """Yield the change of each reference to a record: keys of other records, and citations."""
    for value in paper.declared_values:
        if value.value == old and value.limits.refers_to in _TARGETS.get(name, ()):
            yield Fix(value.place, old, new)
    records = [r for ledger in paper.reviews for r in (*ledger.sendings, *ledger.points)] if name == "person" else []
    for record in (*records, *(point.answer for point in records if isinstance(point, ReviewPoint) and point.answer)):
        field = "to" if isinstance(record, Sending) else "by"
        if vars(record)[field] == old:
            yield Fix(record.place(field), old, new)
    key = {"source": old, "fact": f"fact-{old}"}.get(name, "")
    for citation in (citation for chapter in paper.chapters for citation in chapter.citations):
        if key and citation.key == key:
            yield Fix(citation.place, f"@{key}", f"@{key.removesuffix(old)}{new}")


def _rename(project: Project, fixes: Sequence[Fix]) -> Iterator[str]:
    """Apply fixes, and yield the paths of the files. Raises RequestError, and writes nothing, if one is moot."""
    fixes = [_inside_quotes(project, fix) for fix in fixes]
    files = [*plan_fixes(project, fixes)]
    if sum(file.count for file in files) < len({*fixes}):
        raise RequestError("not every reference can be changed safely; save all files, and see 'check'")
    for file in files:
        write_source(project, file.path, file.after)
        yield file.path


def _inside_quotes(project: Project, fix: Fix) -> Fix:
    """Return a fix behind the quotation mark at its place, if there is one."""
    path, line, column = fix.place.path, fix.place.line, fix.place.column
    is_quoted = ((project.read_lines(path) or ("",) * line)[line - 1])[column - 1 : column] in ("'", '"')
    return Fix(Place(path, line, column + is_quoted), fix.old, fix.new)


def _remove(project: Project, kind: RecordKind, path: str, indexes: Sequence[int]) -> None:
    """Take records out of a file, and delete it if it held nothing more."""
    text = (project.read_for_edit(path) or b"").decode()
    for index in sorted(indexes, reverse=True):
        text = remove_record(text, kind.key, index)
    if main_path(path) != path and not read_yaml(text, path, lambda _: None).value.get(kind.key):
        remove_file(project.writable_path(path))
    else:
        write_source(project, path, text)
