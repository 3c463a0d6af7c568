"""Design of a paper: the tool's templates, or files of its own in templates/."""

from __future__ import annotations

from collections.abc import Sequence

from nioc_paper.app.command_commits import OwnCommits
from nioc_paper.app.errors import require_known
from nioc_paper.app.project import Project
from nioc_paper.load.templates import TEMPLATES_FOLDER, read_templates_folder
from nioc_paper.program_name import command_line
from nioc_paper.system.files import default_templates, replace_file

DESIGN_FILES = ("theme.css", "pattern.svg")
"""Templates that are made to be changed: colours, type and ornament."""


CHANGED = "of this paper"
"""State of a template that differs from the tool's."""


def has_own_theme(project: Project) -> bool:
    """Return whether the paper has a folder of templates; without one it gets the tool's."""
    return (project.root / TEMPLATES_FOLDER).is_dir()


def list_theme(project: Project) -> dict[str, str]:
    """Return the states of the templates of the tool and of the paper, by name."""
    own, shipped = read_templates_folder(project.root), default_templates().files
    states = dict.fromkeys(shipped, "of the tool") | dict.fromkeys(own, "of this paper only")
    states |= {name: "as in the tool" if own[name] == shipped[name] else CHANGED for name in own.keys() & shipped}
    return dict(sorted(states.items()))


def format_theme(project: Project) -> str:
    """Return the templates, a line each: with their states if some are the paper's own."""
    states = list_theme(project)
    width = max(map(len, states))
    is_own = has_own_theme(project)
    return "\n".join(f"{name:{width}}  {state}" if is_own else name for name, state in states.items())


def eject_theme(project: Project, names: Sequence[str] = ()) -> list[str]:
    """Write the tool's templates that the paper lacks into its folder, all or some, and return their paths.

    Raises RequestError for a name that no template has.
    """
    commits, written, shipped = OwnCommits(project), [], default_templates().files
    for name in names or shipped:
        require_known(name, shipped, "template", f"see: {command_line('theme list')}")
    for name, data in ((name, data) for name, data in shipped.items() if not names or name in names):
        path = f"{TEMPLATES_FOLDER}/{name}"
        file = project.writable_path(path)
        if not file.exists():
            replace_file(file, data)
            written.append(path)
    commits.save(written, "Copy the templates of the tool")
    return written
