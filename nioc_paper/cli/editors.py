"""`lsp` and `schema`: the language server and the JSON Schemas for editors."""

from __future__ import annotations

from pathlib import Path

import click

from nioc_paper.app.errors import RequestError
from nioc_paper.app.project import Project
from nioc_paper.cli.console import show_commit
from nioc_paper.cli.options import AppCommand, no_commit_option
from nioc_paper.model import Settings, spelling_hint
from nioc_paper.system.requirements import install_extra_command


@click.command(cls=AppCommand)
@click.option("--stdio", is_flag=True, hidden=True, help="Given by many editors; the only way to communicate.")
def lsp(stdio: bool) -> None:  # noqa: ARG001 - it changes nothing
    """Serve an editor: findings as you type, completion, explanations, places. Editors start it themselves."""
    from nioc_paper.lsp import serve

    try:
        serve()
    except ModuleNotFoundError as error:
        hint = f"install it: {install_extra_command('lsp')}"
        raise click.ClickException(f"the language server needs {error.name}; {hint}") from error


@click.command(cls=AppCommand)
@click.argument("name", required=False)
@click.option("--write", is_flag=True, help="Write it to schemas/, where editors look; without NAME, all of them.")
@no_commit_option
def schema(name: str | None, write: bool, *, no_commit: bool) -> None:
    """Print the JSON Schema of a kind of file, in the words of this paper; without NAME, list the kinds."""
    from nioc_paper.app.authoring import SCHEMA_FOLDER, write_schemas
    from nioc_paper.app.own_commits import OwnCommits
    from nioc_paper.model.schema import RECORDS, schema_text

    if name and name not in RECORDS:
        raise click.UsageError(f"no schema is called '{name}'; {spelling_hint(name, RECORDS)}")
    if write:
        project = Project.find(Path.cwd())
        settings = project.load().paper.settings
        names = [name] if name else list(RECORDS)
        commits = OwnCommits(project, is_wanted=not no_commit)
        changed = write_schemas(project, {n: schema_text(n, settings) for n in names})
        many = f"{len(names)} schemas written to {SCHEMA_FOLDER}/"
        click.echo(many if len(names) > 1 else f"written to {SCHEMA_FOLDER}/{names[0]}.json")
        show_commit(commits.commit(changed, "Write the schemas for editors"))
    elif name:
        click.echo(schema_text(name, _find_settings()), nl=False)
    else:
        width = max(map(len, RECORDS))
        click.echo("\n".join(f"{n:{width}}  {where}" for n, (_, where) in RECORDS.items()))


def _find_settings() -> Settings | None:
    """Return the settings of the paper in this folder; None if there is no paper."""
    try:
        return Project.find(Path.cwd()).load().paper.settings
    except RequestError:
        return None
