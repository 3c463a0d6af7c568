"""`check` and `explain`: findings in the paper, and pages on rules."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import click

from nioc_paper.app.checking import SelectedPaper, check_papers, fails_check, select_papers, source_lines, watch_papers
from nioc_paper.app.project import Project
from nioc_paper.cli.command_table import ERRORS, OK
from nioc_paper.cli.console import format_for
from nioc_paper.cli.options import AppCommand, commit_options, show_commits, today_option, turn_to_change
from nioc_paper.system.process_lifecycle import is_output_read
from nioc_paper.system.terminal import window_width

_CODE_HOST_FORMATS = ("github", "gitlab", "sarif")
_PROGRAM_FORMATS = (*_CODE_HOST_FORMATS, "json")


@click.command(cls=AppCommand)
@click.argument("paths", nargs=-1)
@click.option("--strict", is_flag=True, help="Exit with an error for warnings, too.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["short", "full", "summary", "github", "gitlab", "json", "sarif"]),
    help="One line each (default outside of a terminal), with the source line, counted by rule, or for other tools.",
)
@click.option("--summary", "form", flag_value="summary", help="The same as --format summary.")
@click.option("--errors-first", is_flag=True, help="Show errors first, then warnings.")
@click.option("--fix", "fixing", flag_value="fix", help="Apply certain fixes: names, spelling, unused allowances.")
@click.option("--diff", "fixing", flag_value="diff", help="Show the changes of --fix without writing them.")
@click.option("--as", "as_status", metavar="STATUS", help="Check every chapter as if it had this status.")
@click.option("--watch", is_flag=True, help="Check again whenever a file of the paper changes.")
@commit_options
@today_option
def check(
    paths: tuple[str, ...],
    strict: bool,
    as_status: str | None,
    watch: bool,
    today: date | None,
    form: str | None,
    errors_first: bool,
    fixing: str | None,
    **changes: Any,
) -> None:
    """Report everything that is wrong, with its place and what to do.

    PATHS, or ids of chapters, limit this to some files and causes in others. Without a paper here or above, the papers
    in the folders below are checked.
    """
    projects = Project.find_all(Path.cwd(), today=today, wants_commits=not changes["no_commit"])
    for project in projects:
        project.branch = changes["own_branch"]
    papers = select_papers(projects, paths, as_status, in_repository=form in _CODE_HOST_FORMATS)
    _show_fixes(papers, form, fixing)
    show = partial(format_for, sys.stdout, form=form, errors_first=errors_first, lines=partial(source_lines, papers))
    findings = check_papers(papers)
    click.echo(show(findings))
    for _ in watch_papers(papers) if watch else ():
        click.echo(f"\n{show(check_papers(papers))}")
        if not is_output_read():
            break
    sys.exit(ERRORS if fails_check(findings, strict=strict) else OK)


def _show_fixes(papers: Sequence[SelectedPaper], form: str | None, fixing: str | None) -> None:
    """Apply the fixes of findings, or show them as a diff; None does nothing."""
    if not fixing:
        return
    from nioc_paper.app.chapter_edits import diff_fixes, write_fixes  # late: it parses YAML

    for paper in papers:
        if fixing == "fix":
            with turn_to_change(paper.project.root):
                click.echo(f"{write_fixes(paper.project, paper.fixes())} applied", err=True)
            show_commits(paper.project)
        else:
            # Programs read findings from standard output: only findings may be there.
            click.echo(diff_fixes(paper.project, paper.fixes()), nl=False, err=form in _PROGRAM_FORMATS)


@click.command(cls=AppCommand)
@click.argument("rule", required=False)
def explain(rule: str | None) -> None:
    """Explain RULE, with a bad and a good example; without RULE, list the rules."""
    from nioc_paper.app.rule_explanations import explain_rule, list_rules  # late: `check` reads no explanations

    if rule is None:
        click.echo_via_pager(list_rules(window_width() if sys.stdout.isatty() else 0))
    else:
        click.echo(explain_rule(rule))
