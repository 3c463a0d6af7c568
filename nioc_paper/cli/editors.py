"""`lsp` and `schema`: the language server and the JSON Schemas for editors."""

from __future__ import annotations

from pathlib import Path

import click

from nioc_paper.app.project import Project
from nioc_paper.app.schemas import SCHEMA_FOLDER, find_schema, list_schemas, parse_schema_name, write_schemas
from nioc_paper.cli.console import show_commit
from nioc_paper.cli.options import AppCommand, no_commit_option
from nioc_paper.model.schema import RECORDS
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
    if write:
        names = [parse_schema_name(name)] if name else list(RECORDS)
        commit_line = write_schemas(Project.find(Path.cwd()), names, wants_commit=not no_commit)
        many = f"{len(names)} schemas written to {SCHEMA_FOLDER}/"
        click.echo(f"written to {SCHEMA_FOLDER}/{name}.json" if name else many)
        show_commit(commit_line)
    elif name:
        click.echo(find_schema(Path.cwd(), name), nl=False)
    else:
        click.echo(list_schemas())
