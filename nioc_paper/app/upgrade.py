"""Changes that a new release of the tool asks of a paper written with an older one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from textwrap import indent
from types import MappingProxyType
from typing import Final

import yaml

from nioc_paper.app.build_request import write_files
from nioc_paper.app.chapter_edits import write_fixes
from nioc_paper.app.command_commits import OwnCommits
from nioc_paper.app.errors import AppError, RequestError
from nioc_paper.app.project import Project
from nioc_paper.app.safe_write import write_source
from nioc_paper.app.schemas import SCHEMA_FOLDER
from nioc_paper.app.theme import CHANGED, DESIGN_FILES, has_own_theme, list_theme
from nioc_paper.check.allowances import find_allowances
from nioc_paper.check.rule_tables import NAMES, covers
from nioc_paper.edit.yaml import make_record_file
from nioc_paper.load.source_text import read_json
from nioc_paper.load.yaml_composer import YAML_LOADER
from nioc_paper.model import Fix, Paper, Place, format_count
from nioc_paper.model.register_files import CONTACTS_PATH, RECORDS, REGISTERS_FOLDER, SCHEMAS
from nioc_paper.model.schema import RELEASE_KEY, schema_text
from nioc_paper.program_name import command_line
from nioc_paper.review.branches.yaml_merge import find_records, replace_records
from nioc_paper.system.files import remove_file

RELEASE_NOTES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "0.2.0": (
            "the site for the public has no page on progress; `site: {progress: true}` in paper.yaml brings it back",
            "templates of a paper run no scripts and load nothing from other addresses",
            "pictures, data and templates behind symbolic links are not read: put the files there",
            "with `record_files: true` additions on two branches never meet; `upgrade --records` moves older records",
        ),
    }
)
"""Changes that papers notice, by the release that made them; the newest release comes last."""
_IGNORED_PATH: Final = ".gitignore"
_READ_AS_WHOLE: Final = ("chapter", "paper", "contributors", "timeline", "decisions")
_KEY_RULES: Final = ("unknown-key", "bad-value", "missing-key")


def upgrade_steps(project: Project) -> Iterator[str]:
    """Yield what to change in the paper, in the order in which to do it; nothing if it is up to date."""
    loaded = project.load()
    release = _paper_release(project)
    for version, notes in RELEASE_NOTES.items():
        if _version_numbers(release) < _version_numbers(version):
            yield from (f"since {version}: {note}" for note in notes)
    for finding in (d for d in loaded.findings if any(covers(name, d.rule) for name in _KEY_RULES)):
        yield "; ".join(filter(None, (f"{finding.place}: {finding.message}", finding.hint)))
    for fix in find_former_names(project, loaded.paper):
        act = f"is '{fix.new}' now: {command_line('upgrade --write')}" if fix.new else "is no rule now: take it out"
        yield f"{fix.place}: '{fix.old}' {act}"
    if has_own_theme(project):
        changed = sum(s == CHANGED and name not in DESIGN_FILES for name, s in list_theme(project).items())
        if changed:
            files = format_count(changed, "template")
            yield f"templates/: {files} not as in this release; compare them: {command_line('theme list')}"
    if CONTACTS_PATH not in (project.read_text(_IGNORED_PATH) or "").splitlines():
        yield f"{_IGNORED_PATH} is to name {CONTACTS_PATH}, which has addresses: {command_line('upgrade --write')}"
    schemas = {name: schema_text(name, loaded.paper.settings) for name in SCHEMAS}
    if any(project.read_text(f"{SCHEMA_FOLDER}/{name}.json") != text for name, text in schemas.items()):
        yield f"{SCHEMA_FOLDER}/ is of another release, or of other settings; last: {command_line('schema --write')}"


def find_former_names(project: Project, paper: Paper) -> Iterator[Fix]:
    """Yield the names of rules of earlier releases in allowances and settings; a rule that is gone has no new name."""
    settings = (project.read_text(paper.settings.path) or "").split("\n")
    named = [(name, paper.settings.place("rules", name)) for name in paper.settings.rules]
    named += [(allowance.rule, allowance.place) for allowance in find_allowances(paper)]
    texts = {chapter.path: chapter.text.split("\n") for chapter in paper.chapters} | {paper.settings.path: settings}
    for name, place in named:
        for number, line in enumerate(texts[place.path][place.line - 1 :] if name in NAMES else (), place.line):
            # A name under `rules` is before its value, one in an allowance is at its place or below.
            if match := re.search(rf"(?<![\w/-]){name}(?![\w/-])", line):
                yield Fix(Place(place.path, number, match.start() + 1), name, NAMES[name])
                break


def write_current_names(project: Project) -> str:
    """Replace the names of rules of earlier releases, and return how many; let git ignore the file of addresses.

    Raises AppError if a file cannot be written.
    """
    lines = (project.read_text(_IGNORED_PATH) or "").splitlines()
    if CONTACTS_PATH not in lines:
        text, commits = "".join(f"{line}\n" for line in (*lines, CONTACTS_PATH)), OwnCommits(project)
        written = write_files({_IGNORED_PATH: text.encode()}, project.writable_path(_IGNORED_PATH).parent)
        commits.save([file.name for file in written], f"Let git ignore {CONTACTS_PATH}")
    fixes = [fix for fix in find_former_names(project, project.load().paper) if fix.new]
    return write_fixes(project, fixes, subject="Name rules as this release does")


def move_records(project: Project) -> str:
    """Move the records of registers into files of their own, which two branches add without meeting. Returns how many.

    People, dates, settings and older decisions, which have an order, stay in one file; so do comments on a register.
    Raises AppError if a file cannot be written.
    """
    commits, moved, changed = OwnCommits(project), list[str](), list[str]()
    if not project.load().paper.settings.record_files:
        raise RequestError("write 'record_files: true' into paper/paper.yaml first: commands then write such files")
    registers = {name: path for name, (_, path) in RECORDS.items() if name not in _READ_AS_WHOLE}
    for name, path in registers.items():
        text = project.read_text(path) or ""
        try:
            records = find_records(text)
        except yaml.YAMLError as error:
            raise AppError(f"{path} is no YAML; see: {command_line('check')}") from error
        for (key, title), record in records.items():
            file = make_record_file(f"{REGISTERS_FOLDER}/{name}", title, f"{key}:\n{indent(record, '  ')}")
            write_source(project, *file)
            moved.append(file.path)
        rest = replace_records(text, dict.fromkeys(records)) if records else ""
        has_more = any(value.value for _, value in getattr(yaml.compose(rest, YAML_LOADER), "value", ()))
        if records and (has_more or "#" in rest):
            write_source(project, path, rest)
        elif records:
            remove_file(project.writable_path(path))
        changed += [path] if records else []
    commits.save([*moved, *changed], "Move records into files of their own")
    return format_count(len(moved), "record")


def _paper_release(project: Project) -> str:
    """Return the release that wrote the paper's schemas; empty if there are none, or none that name their release."""
    try:
        schema = read_json(project.read_text(f"{SCHEMA_FOLDER}/paper.json") or "{}")
    except ValueError:
        return ""
    comment = schema.get(RELEASE_KEY, "") if isinstance(schema, dict) else ""
    return str(comment).rpartition(" ")[2]


def _version_numbers(version: str) -> tuple[int, ...]:
    """Return a version as numbers that compare; an empty or unknown one is older than all others."""
    parts = version.split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else ()
