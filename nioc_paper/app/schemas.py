"""JSON Schemas for editors, and the owners of files for code hosts, of a paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from nioc_paper.app.command_commits import OwnCommits
from nioc_paper.app.errors import NoPaperError, require_known
from nioc_paper.app.project import Project
from nioc_paper.model import Paper
from nioc_paper.model.register_files import SCHEMAS
from nioc_paper.model.schema import schema_text
from nioc_paper.system.files import path_in_repository, replace_file

SCHEMA_FOLDER = "schemas"
OWNERS_PATH = "CODEOWNERS"


def list_schemas() -> str:
    """Return the kinds of files that have a schema, a line each."""
    width = max(map(len, SCHEMAS))
    return "\n".join(f"{name:{width}}  {where}" for name, (_, where) in SCHEMAS.items())


def find_schema(folder: Path, name: str) -> str:
    """Return the schema of a kind of file, with the choices of the paper around the folder, if there is one."""
    require_known(name, SCHEMAS, "schema")
    try:
        return schema_text(name, Project.find(folder).load().paper.settings)
    except NoPaperError:
        return schema_text(name)


def write_schemas(project: Project, names: Sequence[str]) -> None:
    """Write schemas to the folder where editors look."""
    commits = OwnCommits(project)
    commits.save(list(_write_changed(project, names)), "Write the schemas for editors")


def _write_changed(project: Project, names: Sequence[str]) -> Iterator[str]:
    """Write the schemas that changed, and yield their paths."""
    paper = project.load().paper
    texts = {f"{SCHEMA_FOLDER}/{name}.json": schema_text(name, paper.settings) for name in names}
    if any(person.handle for person in paper.people.values()) and not path_in_repository(project.root):
        texts[OWNERS_PATH] = _owners_text(paper)
    for path, data in ((path, text.encode()) for path, text in texts.items()):
        if project.read_for_edit(path) != data:
            replace_file(project.writable_path(path), data)
            yield path


def _owners_text(paper: Paper) -> str:
    """Return the people whom a code host asks about changes: the leads of a chapter, the editor of all other files."""
    owners: dict[str, tuple[str, ...]] = {"*": (paper.settings.editor or "",)}
    for chapter in paper.chapters:
        paths = f"/{chapter.path}", f"/reviews/{chapter.id}.yaml", f"/reviews/{chapter.id}/"
        owners |= dict.fromkeys(paths, chapter.leads)
    lines = ["# Made of the chapters' leads by: nioc schema --write. The last line that fits a file holds."]
    for path, ids in owners.items():
        handles = [person.handle for person in map(paper.people.get, ids) if person and person.handle]
        lines += [" ".join((path, *handles))] if handles else []
    return "\n".join((*lines, ""))
