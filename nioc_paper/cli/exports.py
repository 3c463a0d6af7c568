"""`export`: the registers for a spreadsheet."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import click

from nioc_paper.audience import for_audience
from nioc_paper.cli.common import audience_options, checked, history_of, inside, root_of
from nioc_paper.cli.gates import refuse
from nioc_paper.cli.outputs import Wanted, document_of, known_formats
from nioc_paper.files import replace_file
from nioc_paper.model import AUDIENCES, Copy, Diagnostic, Document, Paper, Severity, count, nearest


@click.command(short_help="Write the registers for a spreadsheet.")
@click.argument("registers", nargs=-1, metavar="[REGISTER]...")
@click.option("--to", "formats", metavar="FORMATS", default="csv,xlsx", show_default=True, help="What to write.")
@audience_options
@click.option("--out", type=click.Path(path_type=Path), help="Where to put it. [default: dist/registers]")
def export(registers: tuple[str, ...], formats: str, audience: str, public: bool, out: Path | None) -> None:
    """Write each REGISTER, or all of them, as CSV and into one workbook: what is there, finished or not."""
    from nioc_paper.export import REGISTERS, WRITERS

    root, copy = root_of(Path.cwd()), Copy(audience=AUDIENCES[0] if public else audience)
    names, writers = known_registers(registers, REGISTERS), known_formats(formats, WRITERS)
    paper, found = checked(root, None)
    if copy.audience != AUDIENCES[-1]:
        refuse(root, unread_marks(paper, copy.audience), copy)
    write(files_of(root, paper, copy, names, writers), out or folder_of(root, copy))
    warn(found)


def unread_marks(paper: Paper, audience: str) -> list[Diagnostic]:
    """The marks that nothing reads: what is behind them would reach readers who are not to get it."""
    from nioc_paper.check.withheld import in_the_way

    return [d for d in in_the_way(paper, audience) if d.rule == "unread-marking"]


def known_registers(given: Sequence[str], there: Iterable[str]) -> list[str]:
    """The registers asked for, each known; all where none is given."""
    for name in given:
        if name not in there:
            raise click.UsageError(f"no register is called '{name}'; {nearest(name, there)}")
    return list(dict.fromkeys(given)) or list(there)


def folder_of(root: Path, copy: Copy) -> Path:
    """Where an export goes: one for some readers only to a folder of its own, where nothing else is lying about."""
    for_all_who_work = copy.audience == AUDIENCES[-1]
    return inside(root, "dist", "registers" if for_all_who_work else f"registers-{copy.audience}")


def files_of(root: Path, paper: Paper, copy: Copy, names: Sequence[str], writers: Sequence[str]) -> dict[str, bytes]:
    """The files by name, as far as the audience of the copy may read what is in them."""
    from nioc_paper.export import WRITERS, Given, tables
    from nioc_paper.export.cells import LIMIT, cut

    document: Document = document_of(root, paper, Wanted(copy=copy))
    left, _ = for_audience(paper, copy.audience)
    made = tables(Given(left, document, history_of(root, paper)), names)
    for name in cut(made):
        click.echo(f"{name}: a text is cut to the {LIMIT:,} characters that a cell can hold", err=True)
    return {name: data for writer in writers for name, data in WRITERS[writer](made, document).items()}


def write(files: Mapping[str, bytes], out: Path) -> None:
    """Write files, and say which."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            replace_file(out / name, data)
            click.echo(f"{os.path.relpath(out / name)}  {max(len(data) / 1000, 0.1):.1f} kB")
    except OSError as error:
        raise click.ClickException(f"cannot write to {out}: {error.strerror}") from error


def warn(found: Sequence[Diagnostic]) -> None:
    """Say that the paper has errors: what is exported is then worth a second look."""
    if errors := sum(d.severity == Severity.ERROR for d in found):
        click.echo(f"the paper has {count(errors, 'error')}; see them with: nioc check", err=True)
