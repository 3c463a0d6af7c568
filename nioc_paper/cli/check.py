"""`check` and `explain`: findings in the paper, and pages on rules."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path

import click

from nioc_paper.app.project import Project
from nioc_paper.cli.console import is_colour_wanted
from nioc_paper.cli.exit_codes import ERRORS, OK
from nioc_paper.cli.options import AppCommand, today_option
from nioc_paper.model import Diagnostic, Paper, Severity, spelling_hint
from nioc_paper.report.printable import escape_unprintable
from nioc_paper.system.files import package_folder

_CSV_NAME = re.compile(r"[^\s{}\"',:]+\.csv\b")
"""Name of a data file, as charts and tables give it."""


@click.command(cls=AppCommand)
@click.argument("paths", nargs=-1)
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["short", "full", "summary", "github", "json", "sarif"]),
    help="A line each (default unless on a terminal), with the source line, a count by rule, or for programs.",
)
@click.option("--summary", "form", flag_value="summary", help="The same as --format summary.")
@click.option("--errors-first", is_flag=True, help="Errors first, then warnings.")
@click.option("--fix", is_flag=True, help="Put in what is certain: names, spelling, allowances that do nothing.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option("--watch", is_flag=True, help="Check again whenever a file of the paper changes.")
@today_option
def check(
    paths: tuple[str, ...],
    strict: bool,
    form: str | None,
    errors_first: bool,
    fix: bool,
    diff: bool,
    watch: bool,
    today: date | None,
) -> None:
    """Report everything that is wrong, with its place and what to do. PATHS limit what is shown."""
    project = Project.find(Path.cwd(), today=today)
    validate_paths(project.root, paths)
    selected = check_paths(project, paths)
    if diff or fix:
        # Programs that read findings from standard output must find nothing else there.
        click.echo(fix_files(project, selected, write=not diff), nl=False, err=form in ("github", "json", "sarif"))
        selected = check_paths(project, paths)
    show = partial(format_selected, project, form=form, errors_first=errors_first)
    click.echo(show(selected))
    if watch:
        for _ in watch_changes(project.root):
            click.echo(f"\n{show(check_paths(project, paths))}")
    worst = max((d.severity for d in selected), default=Severity.INFO)
    sys.exit(ERRORS if worst >= (Severity.WARNING if strict else Severity.ERROR) else OK)


def validate_paths(root: Path, paths: Sequence[str]) -> None:
    """Raise UsageError for a path that is not in the paper: a typo must not look like a paper without findings."""
    from nioc_paper.load.paper_files import path_exists

    for path in paths:
        if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root)):
            raise click.UsageError(f"'{escape_unprintable(path)}' is outside the paper, which is in {root}")
        if not path_exists(Path(path)):
            raise click.UsageError(f"there is no '{escape_unprintable(path)}' here")


def check_paths(project: Project, paths: Sequence[str]) -> list[Diagnostic]:
    """Return the findings in the paths, and in data files of chapters there; all findings without paths."""
    checked, root = project.check(), project.root
    selected_paths = [*paths, *_chapter_data_files(checked.paper, root, paths)]
    return [d for d in checked.findings if is_selected(d, root, selected_paths)]


def _chapter_data_files(paper: Paper, root: Path, paths: Sequence[str]) -> Iterator[str]:
    """Yield the data files of charts and tables in selected chapters: their findings belong to the chapter."""
    real_paths = [os.path.realpath(path) for path in paths]
    for chapter in paper.chapters:
        if any(Path(os.path.realpath(root / chapter.path)).is_relative_to(path) for path in real_paths):
            yield from (str(root / name) for name in _CSV_NAME.findall(chapter.text))


def format_selected(project: Project, findings: Sequence[Diagnostic], *, form: str | None, errors_first: bool) -> str:
    """Return findings in the form that was asked for; by default for a terminal, or a line each for other outputs."""
    from nioc_paper.report.findings import FORMATS
    from nioc_paper.report.findings.terminal import TerminalView, format_summary, format_terminal

    ordered = sorted(findings, key=lambda finding: -finding.severity) if errors_first else findings
    view = TerminalView(shutil.get_terminal_size().columns, is_colour_wanted(), errors_first)
    if form == "summary":
        return format_summary(ordered, view)
    if form is None and sys.stdout.isatty():
        return format_terminal(ordered, view)
    return FORMATS[form or "short"](ordered, project.source_lines)


def fix_files(project: Project, findings: Sequence[Diagnostic], *, write: bool) -> str:
    """Apply the fixes of findings and show their number; without `write` return them as a diff instead."""
    from nioc_paper.app.authoring import diff_fixes, write_fixes

    fixes = [d.fix for d in findings if d.fix]
    if not write:
        return diff_fixes(project, fixes)
    click.echo(f"{write_fixes(project, fixes)} mended", err=True)
    return ""


def watch_changes(root: Path) -> Iterator[object]:
    """Yield whenever files of the paper have changed, until interrupted."""
    from watchfiles import watch

    return watch(*(root / name for name in ("chapters", "paper", "contributors.yaml") if (root / name).exists()))


def is_selected(diagnostic: Diagnostic, root: Path, paths: Sequence[str]) -> bool:
    """Return whether a finding is in one of the paths; True without paths."""
    file = Path(os.path.realpath(root / diagnostic.place.path))
    return not paths or any(file.is_relative_to(os.path.realpath(p)) for p in paths)


@click.command(cls=AppCommand)
@click.argument("rule", required=False)
def explain(rule: str | None) -> None:
    """Say what RULE wants, with a bad and a good example; without RULE, list the rules."""
    from nioc_paper import load, render
    from nioc_paper.check import rule_explanations, rule_severities
    from nioc_paper.report.explain import format_rule_list, format_rule_page

    rules = {**load.READING_EXPLANATIONS, **rule_explanations(), **render.RULES}
    if rule is None:
        columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
        click.echo(format_rule_list({name: text.split("\n\n")[0] for name, text in rules.items()}, columns))
    elif rule in rules:
        file = package_folder("rules") / f"{rule}.md"
        text = file.read_text(encoding="utf-8") if file.is_file() else f"{rule}\n\n{rules[rule]}"
        click.echo(format_rule_page(text, rule_severities().get(rule, ())))
    else:
        hint = spelling_hint(rule, rules) or "to see them all: nioc explain"
        raise click.UsageError(f"no rule is called '{rule}'; {hint}")
