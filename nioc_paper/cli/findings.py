"""`check` and `explain`: what is wrong, and what a rule wants."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from nioc_paper.cli.common import ERRORS, OK, lines_of, load_paper, root_of, today_in, today_option
from nioc_paper.files import shipped
from nioc_paper.model import Diagnostic, Severity, nearest


@click.command()
@click.argument("paths", nargs=-1)
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@click.option("--format", "form", type=click.Choice(["short", "full", "json"]), default="short", show_default=True)
@today_option
def check(paths: tuple[str, ...], strict: bool, form: str, today: date | None) -> None:
    """Report everything that is wrong, with its place and what to do. PATHS limit what is shown."""
    from nioc_paper.check import check as run
    from nioc_paper.report.findings import FORMATS

    root = root_of(Path.cwd())
    paper, reading = load_paper(root)
    found = [d for d in run(paper, today_in(paper, today), reading) if shown(d, root, paths)]
    click.echo(FORMATS[form](found, lines_of(root)))
    worst = max((d.severity for d in found), default=Severity.INFO)
    sys.exit(ERRORS if worst >= (Severity.WARNING if strict else Severity.ERROR) else OK)


def shown(diagnostic: Diagnostic, root: Path, paths: Sequence[str]) -> bool:
    """Whether a finding is about one of the paths asked for; every one is when none was."""
    file = (root / diagnostic.place.path).resolve()
    return not paths or any(file.is_relative_to(Path(p).resolve()) for p in paths)


@click.command()
@click.argument("rule", required=False)
def explain(rule: str | None) -> None:
    """Say what RULE wants, with a bad and a good example; without RULE, list the rules."""
    from nioc_paper import load, render
    from nioc_paper.check import explanations, weights
    from nioc_paper.report.explain import listing, page

    known = {**load.RULES, **explanations(), **render.RULES}
    if rule is None:
        click.echo(listing({name: text.split("\n\n")[0] for name, text in known.items()}))
    elif rule in known:
        file = shipped("rules") / f"{rule}.md"
        text = file.read_text(encoding="utf-8") if file.is_file() else f"{rule}\n\n{known[rule]}"
        click.echo(page(text, weights().get(rule, ())))
    else:
        hint = nearest(rule, known) or "to see them all: nioc explain"
        raise click.UsageError(f"no rule is called '{rule}'; {hint}")
