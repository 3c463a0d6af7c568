"""`lsp` and `schema`: what editors use."""

from __future__ import annotations

from pathlib import Path

import click

from nioc_paper.cli.common import inside, load_paper, root_of, today_in
from nioc_paper.files import replace_file
from nioc_paper.model import Settings, nearest

SCHEMAS = "schemas"


@click.command(short_help="Serve an editor, which starts this itself.")
@click.option("--stdio", is_flag=True, hidden=True, help="What many editors add; there is no other way.")
def lsp(stdio: bool) -> None:  # noqa: ARG001 - it changes nothing
    """Serve an editor: findings as you type, completion, explanations, places. Editors start it themselves."""
    from nioc_paper.lsp import serve

    try:
        serve(lambda paper: today_in(paper, None))
    except ModuleNotFoundError as error:
        hint = "install it: .venv/bin/pip install --constraint constraints.txt --editable '.[lsp]'"
        raise click.ClickException(f"the language server needs {error.name}; {hint}") from error


@click.command(short_help="Print the JSON Schema of a kind of file.")
@click.argument("name", required=False)
@click.option("--write", is_flag=True, help="Write it to schemas/, where editors look; without NAME, all of them.")
def schema(name: str | None, write: bool) -> None:
    """Print the JSON Schema of a kind of file, in the words of this paper; without NAME, list the kinds."""
    from nioc_paper.schema import RECORDS, text

    if name and name not in RECORDS:
        raise click.UsageError(f"no schema is called '{name}'; {nearest(name, RECORDS)}")
    if write:
        root = root_of(Path.cwd())
        settings = load_paper(root)[0].settings
        write_schemas(root, {n: text(n, settings) for n in ([name] if name else RECORDS)})
    elif name:
        click.echo(text(name, settings_here()), nl=False)
    else:
        width = max(map(len, RECORDS))
        click.echo("\n".join(f"{n:{width}}  {where}" for n, (_, where) in RECORDS.items()))


def settings_here() -> Settings | None:
    """The settings of the paper in this folder, if there is one."""
    try:
        return load_paper(root_of(Path.cwd()))[0].settings
    except click.UsageError:
        return None


def write_schemas(root: Path, texts: dict[str, str]) -> None:
    """Write schemas, and say which."""
    try:
        folder = inside(root, SCHEMAS)
        folder.mkdir(exist_ok=True)
        for name, text in texts.items():
            replace_file(folder / f"{name}.json", text.encode())
    except OSError as error:
        raise click.ClickException(f"cannot write to {root / SCHEMAS}: {error.strerror}") from error
    click.echo(f"{len(texts)} schemas written to {SCHEMAS}/" if len(texts) > 1 else f"written to {SCHEMAS}/{name}.json")
