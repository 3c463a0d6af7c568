"""`lsp` and `schema`: what editors use."""

from __future__ import annotations

from pathlib import Path

import click

from nioc_paper.cli.common import load_paper, require_root, resolve_today, writable_path
from nioc_paper.model import Settings, spelling_hint
from nioc_paper.system.files import replace_file

SCHEMA_FOLDER = "schemas"


@click.command(short_help="Serve an editor, which starts this itself.")
@click.option("--stdio", is_flag=True, hidden=True, help="What many editors add; there is no other way.")
def lsp(stdio: bool) -> None:  # noqa: ARG001 - it changes nothing
    """Serve an editor: findings as you type, completion, explanations, places. Editors start it themselves."""
    from nioc_paper.lsp import serve

    try:
        serve(lambda paper: resolve_today(paper, None))
    except ModuleNotFoundError as error:
        hint = "install it: .venv/bin/pip install --constraint constraints.txt --editable '.[lsp]'"
        raise click.ClickException(f"the language server needs {error.name}; {hint}") from error


@click.command(short_help="Print the JSON Schema of a kind of file.")
@click.argument("name", required=False)
@click.option("--write", is_flag=True, help="Write it to schemas/, where editors look; without NAME, all of them.")
def schema(name: str | None, write: bool) -> None:
    """Print the JSON Schema of a kind of file, in the words of this paper; without NAME, list the kinds."""
    from nioc_paper.model.schema import RECORDS, schema_text

    if name and name not in RECORDS:
        raise click.UsageError(f"no schema is called '{name}'; {spelling_hint(name, RECORDS)}")
    if write:
        root = require_root(Path.cwd())
        settings = load_paper(root)[0].settings
        write_schemas(root, {n: schema_text(n, settings) for n in ([name] if name else RECORDS)})
    elif name:
        click.echo(schema_text(name, find_settings()), nl=False)
    else:
        width = max(map(len, RECORDS))
        click.echo("\n".join(f"{n:{width}}  {where}" for n, (_, where) in RECORDS.items()))


def find_settings() -> Settings | None:
    """The settings of the paper in this folder, if there is one."""
    try:
        return load_paper(require_root(Path.cwd()))[0].settings
    except click.UsageError:
        return None


def write_schemas(root: Path, texts: dict[str, str]) -> None:
    """Write schemas, and say which."""
    try:
        folder = writable_path(root, SCHEMA_FOLDER)
        folder.mkdir(exist_ok=True)
        for name, text in texts.items():
            replace_file(folder / f"{name}.json", text.encode())
    except OSError as error:
        raise click.ClickException(f"cannot write to {root / SCHEMA_FOLDER}: {error.strerror}") from error
    click.echo(
        f"{len(texts)} schemas written to {SCHEMA_FOLDER}/"
        if len(texts) > 1
        else f"written to {SCHEMA_FOLDER}/{name}.json"
    )
