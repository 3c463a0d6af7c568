"""`check` and `explain`: what is wrong, and what a rule wants."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import click

from nioc_paper.cli.common import checked, inside, lines_of, root_of, today_option
from nioc_paper.cli.exits import ERRORS, OK
from nioc_paper.files import replace_file, shipped
from nioc_paper.model import Diagnostic, Paper, Severity, nearest
from nioc_paper.report.printable import printable

_DATA = re.compile(r"[^\s{}\"',:]+\.csv\b")
"""The name of a file of data, as charts and tables give it."""


@click.command()
@click.argument("paths", nargs=-1)
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["short", "full", "github", "json", "sarif"]),
    default="short",
    show_default=True,
    help="A line each, with the source line, for code hosts, or for programs.",
)
@click.option("--fix", is_flag=True, help="Put in what is certain: names, spelling, allowances that do nothing.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option("--watch", is_flag=True, help="Check again whenever a file of the paper changes.")
@today_option
def check(
    paths: tuple[str, ...], strict: bool, form: str, fix: bool, diff: bool, watch: bool, today: date | None
) -> None:
    """Report everything that is wrong, with its place and what to do. PATHS limit what is shown."""
    root = root_of(Path.cwd())
    known_paths(root, paths)
    found = findings(root, paths, today)
    from nioc_paper.report.findings import FORMATS

    if diff or fix:
        # A program that reads findings must find nothing else on standard output.
        click.echo(mended(root, found, write=fix and not diff), nl=False, err=form not in ("short", "full"))
        found = findings(root, paths, today)
    click.echo(FORMATS[form](found, lines_of(root)))
    if watch:
        for _ in changes(root):
            click.echo(f"\n{FORMATS[form](findings(root, paths, today), lines_of(root))}")
    worst = max((d.severity for d in found), default=Severity.INFO)
    sys.exit(ERRORS if worst >= (Severity.WARNING if strict else Severity.ERROR) else OK)


def known_paths(root: Path, paths: Sequence[str]) -> None:
    """Stop at a path that the paper does not have: a slip of the pen must not look like a clean bill."""
    from nioc_paper.load.text import is_there

    for path in paths:
        if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root)):
            raise click.UsageError(f"'{printable(path)}' is outside the paper, which is in {root}")
        if not is_there(Path(path)):
            raise click.UsageError(f"there is no '{printable(path)}' here")


def findings(root: Path, paths: Sequence[str], today: date | None) -> list[Diagnostic]:
    """What is wrong with the paper, as far as it was asked for."""
    paper, found = checked(root, today)
    return [d for d in found if shown(d, root, [*paths, *_data_of(paper, root, paths)])]


def _data_of(paper: Paper, root: Path, paths: Sequence[str]) -> Iterator[str]:
    """The files of data that the chapters asked for are drawn from: what is wrong in those is wrong in the chapter."""
    asked = [os.path.realpath(path) for path in paths]
    for chapter in paper.chapters:
        if any(Path(os.path.realpath(root / chapter.path)).is_relative_to(path) for path in asked):
            yield from (str(root / name) for name in _DATA.findall(chapter.text))


def mended(root: Path, found: Sequence[Diagnostic], *, write: bool) -> str:
    """Put in the fixes of some findings and say how many; without `write` the difference that they would make."""
    from difflib import unified_diff

    from nioc_paper.mend import mend

    out: list[str] = []
    fixes = [d.fix for d in found if d.fix]
    total = 0
    for path in sorted({f.place.path for f in fixes}):
        before = inside(root, path).read_bytes().decode(errors="surrogateescape")
        after, count = mend(before, [f for f in fixes if f.place.path == path])
        total += count
        if write:
            replace_file(inside(root, path), after.encode(errors="surrogateescape"))
        else:
            lines = before.splitlines(keepends=True), after.splitlines(keepends=True)
            out += unified_diff(*lines, f"a/{path}", f"b/{path}")
    if write:
        click.echo(f"{total} mended", err=True)
    return printable("".join(out), keep="\n")


def changes(root: Path) -> Iterator[object]:
    """Something whenever files of the paper have changed; ends when interrupted."""
    from watchfiles import watch

    return watch(*(root / name for name in ("chapters", "paper", "contributors.yaml") if (root / name).exists()))


def shown(diagnostic: Diagnostic, root: Path, paths: Sequence[str]) -> bool:
    """Whether a finding is about one of the paths asked for; every one is when none was."""
    file = Path(os.path.realpath(root / diagnostic.place.path))
    return not paths or any(file.is_relative_to(os.path.realpath(p)) for p in paths)


@click.command(short_help="Say what a rule wants, or list the rules.")
@click.argument("rule", required=False)
def explain(rule: str | None) -> None:
    """Say what RULE wants, with a bad and a good example; without RULE, list the rules."""
    from nioc_paper import load, render
    from nioc_paper.check import explanations, weights
    from nioc_paper.report.explain import listing, page

    known = {**load.RULES, **explanations(), **render.RULES}
    if rule is None:
        columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
        click.echo(listing({name: text.split("\n\n")[0] for name, text in known.items()}, columns))
    elif rule in known:
        file = shipped("rules") / f"{rule}.md"
        text = file.read_text(encoding="utf-8") if file.is_file() else f"{rule}\n\n{known[rule]}"
        click.echo(page(text, weights().get(rule, ())))
    else:
        hint = nearest(rule, known) or "to see them all: nioc explain"
        raise click.UsageError(f"no rule is called '{rule}'; {hint}")
