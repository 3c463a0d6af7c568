"""`export`: the registers for a spreadsheet."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import click

from nioc_paper.cli.build import BuildRequest, assemble_document, parse_formats
from nioc_paper.cli.common import audience_options, check_paper, load_history, require_root, writable_path
from nioc_paper.cli.gates import abort_on_blockers
from nioc_paper.domain.audience import for_audience
from nioc_paper.model import (
    AUDIENCES,
    Diagnostic,
    Document,
    OutputOptions,
    Paper,
    Severity,
    format_count,
    spelling_hint,
)
from nioc_paper.system.files import replace_file


@click.command(short_help="Write the registers for a spreadsheet.")
@click.argument("registers", nargs=-1, metavar="[REGISTER]...")
@click.option("--to", "formats", metavar="FORMATS", default="csv,xlsx", show_default=True, help="What to write.")
@audience_options
@click.option("--out", type=click.Path(path_type=Path), help="Where to put it. [default: dist/registers]")
def export(registers: tuple[str, ...], formats: str, audience: str, public: bool, out: Path | None) -> None:
    """Write each REGISTER, or all of them, as CSV and into one workbook: what is there, finished or not."""
    from nioc_paper.export import REGISTERS, WRITERS

    root, copy = require_root(Path.cwd()), OutputOptions(audience=AUDIENCES[0] if public else audience)
    names, writers = parse_registers(registers, REGISTERS), parse_formats(formats, WRITERS)
    paper, findings = check_paper(root, None)
    if copy.audience != AUDIENCES[-1]:
        abort_on_blockers(root, find_unread_marks(paper, copy.audience), copy)
    write_files(render_registers(root, paper, copy, names, writers), out or choose_folder(root, copy))
    warn_of_errors(findings)


def find_unread_marks(paper: Paper, audience: str) -> list[Diagnostic]:
    """The marks that nothing reads: what is behind them would reach readers who are not to get it."""
    from nioc_paper.check.rules.withheld import find_audience_leaks

    return [d for d in find_audience_leaks(paper, audience) if d.rule == "unread-marking"]


def parse_registers(requested: Sequence[str], available: Iterable[str]) -> list[str]:
    """The registers asked for, each known; all where none is given."""
    for name in requested:
        if name not in available:
            raise click.UsageError(f"no register is called '{name}'; {spelling_hint(name, available)}")
    return list(dict.fromkeys(requested)) or list(available)


def choose_folder(root: Path, copy: OutputOptions) -> Path:
    """Where an export goes: one for some readers only to a folder of its own, where nothing else is lying about."""
    is_internal = copy.audience == AUDIENCES[-1]
    return writable_path(root, "dist", "registers" if is_internal else f"registers-{copy.audience}")


def render_registers(
    root: Path, paper: Paper, copy: OutputOptions, names: Sequence[str], writers: Sequence[str]
) -> dict[str, bytes]:
    """The files by name, as far as the audience of the copy may read what is in them."""
    from nioc_paper.export import WRITERS, ExportSource, build_tables
    from nioc_paper.export.cells import MAX_CELL_UNITS, find_truncated

    document: Document = assemble_document(root, paper, BuildRequest(copy=copy))
    visible, _ = for_audience(paper, copy.audience)
    register_tables = build_tables(ExportSource(visible, document, load_history(root, paper)), names)
    for name in find_truncated(register_tables):
        click.echo(f"{name}: a text is cut to the {MAX_CELL_UNITS:,} characters that a cell can hold", err=True)
    return {name: data for writer in writers for name, data in WRITERS[writer](register_tables, document).items()}


def write_files(files: Mapping[str, bytes], out: Path) -> None:
    """Write files, and say which."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            replace_file(out / name, data)
            click.echo(f"{os.path.relpath(out / name)}  {max(len(data) / 1000, 0.1):.1f} kB")
    except OSError as error:
        raise click.ClickException(f"cannot write to {out}: {error.strerror}") from error


def warn_of_errors(findings: Sequence[Diagnostic]) -> None:
    """Say that the paper has errors: what is exported is then worth a second look."""
    if errors := sum(d.severity == Severity.ERROR for d in findings):
        click.echo(f"the paper has {format_count(errors, 'error')}; see them with: nioc check", err=True)
