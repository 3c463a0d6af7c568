"""`merge`: join a branch, or solve what git could not merge."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click

from nioc_paper.app.branch_merge import Answer, MergeSide, Question, abort_merge, begin_merge, save_merge
from nioc_paper.app.project import Project
from nioc_paper.cli.console import show_findings, show_note
from nioc_paper.cli.options import AppCommand, no_commit_option, turn_to_merge, with_project
from nioc_paper.program_name import command_line

_KEPT = {"ours": MergeSide.OURS, "theirs": MergeSide.THEIRS}


@click.command(cls=AppCommand)
@click.argument("branch", required=False)
@click.option("--abort", is_flag=True, help="Take the merge back: everything is as before.")
@click.option("--yes", is_flag=True, help="Ask nothing: list what both sides changed, and end with an error.")
@click.option("--keep", type=click.Choice([*_KEPT]), help="The side that holds where both changed the same.")
@no_commit_option
@with_project
def merge(project: Project, branch: str | None, keep: str | None, *, abort: bool, yes: bool) -> None:
    """Merge BRANCH into this one, or without BRANCH solve what git could not merge.

    Changes of different sentences, records and fields are joined. Where both sides changed the same one, you are asked
    which holds.
    """
    with turn_to_merge(project.root):
        if abort:
            click.echo(abort_merge(project))
        elif notice := begin_merge(project, branch):
            click.echo(notice)
        else:
            is_asked = sys.stdin.isatty() and not yes
            _save(project, (lambda _: _KEPT[keep]) if keep else _ask if is_asked else None)


def _save(project: Project, answer: Callable[[Question], Answer] | None) -> None:
    """Write what is merged, with the answers if there are any, and show what is left to do."""
    saved = save_merge(project, ())
    if saved.open_questions and answer:
        saved = save_merge(project, [answer(question) for question in saved.open_questions])
    for question in saved.open_questions:
        click.echo(_describe(question))
    if saved.open_questions:
        count = len(saved.open_questions)
        go_on, back = command_line("merge"), command_line("merge --abort")
        raise click.ClickException(f"{count} to decide: at a terminal ({go_on}); or take the merge back ({back})")
    show_findings(saved.errors)
    for note in (*saved.notes, saved.summary):
        show_note(note)


def _ask(question: Question) -> Answer:
    """Return the answer to a question."""
    click.echo(_describe(question))
    sides = {side.value: side for side in MergeSide}
    words, kind = (" (1, 2, or the right words)", None) if question.takes_words else ("", click.Choice([*sides]))
    answer: str = click.prompt(f"which one holds{words}", type=kind).strip()
    return sides.get(answer, answer)


def _describe(question: Question) -> str:
    """Return a question with all its texts."""
    here, there = f"{MergeSide.OURS.value} here", f"{MergeSide.THEIRS.value} there"
    texts = (("before", question.base), (here, question.ours), (there, question.theirs))
    lines = (f"  {name}: {'(nothing)' if text is None else text.strip()}" for name, text in texts)
    return "\n".join((f"{question.path}:{question.line}: both sides changed {question.label}", *lines))
