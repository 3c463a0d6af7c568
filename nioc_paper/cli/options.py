"""Options that commands share, and the commands' class: errors of `app` become click's."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from nioc_paper.app.argument_parsing import parse_chapter_id, parse_day, parse_month
from nioc_paper.app.errors import AppError, BlockedError, NoPaperError, RequestError
from nioc_paper.app.project import Project
from nioc_paper.cli.command_table import ERRORS
from nioc_paper.cli.console import show_note, show_warning
from nioc_paper.model import AUDIENCES
from nioc_paper.program_name import with_program
from nioc_paper.system import git
from nioc_paper.system.command_stages import timings_table
from nioc_paper.system.failure_message import describe_failure
from nioc_paper.system.files import find_root, lock_paper
from nioc_paper.system.transaction import all_or_nothing

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    Completer = Callable[[click.Context, str], list[CompletionItem]]


_KINDS = {
    **dict.fromkeys(("chapter", "brief"), "chapter"),
    **{name: name for name in ("category", "status", "rule")},
    "FORMATS": "format",
    "PERSON": "person",
    "name": "schema",
    "registers": "register",
}
"""Kinds of candidates by metavar or name of a parameter."""


def find_completer(command: str, parameter: click.Parameter) -> Completer | None:
    """Return the completer of a command's parameter by what it is called; None if click completes it."""
    kind = _KINDS.get(parameter.metavar or "") or _KINDS.get(parameter.name or "")
    return partial(_complete, command, kind) if kind else None


def _complete(command: str, kind: str, _context: click.Context, typed: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from nioc_paper.app.shell_completion import list_candidates  # late: only a shell needs them

    return [CompletionItem(value, help=text) for value, text in list_candidates(kind, command, Path.cwd(), typed)]


T = TypeVar("T")

_LIST_METAVARS = ("FORMATS", "TITLES")
"""Names in help of the values of options that take several, with commas between."""


def _refuse_repeated_options(command: click.Command, ctx: click.Context, args: Sequence[str]) -> None:
    """Raise UsageError for an option that is given twice and takes one value: click would drop the first."""
    if ctx.resilient_parsing:
        return
    _, _, used_params = command.make_parser(ctx).parse_args(args=[*args])
    for option, count in Counter(p for p in used_params if isinstance(p, click.Option)).items():
        if count > 1 and not (option.multiple or option.is_flag or option.count):
            name = max(option.opts, key=len)
            remedy = "write it once, with commas between" if option.metavar in _LIST_METAVARS else "write it once"
            raise click.UsageError(f"{name} is given {count} times; {remedy}", ctx)


def _with_option_hint(error: click.UsageError, command: click.Command) -> click.UsageError:
    """Return the error with the option that a value needs, as for `build CHAPTER` and `build pdf`."""
    options = {p.name: p.opts[0] for p in command.params if isinstance(p, click.Option)}
    names = [options[name] for name in ("chapter", "formats") if name in options]
    if names and "unexpected extra argument" in error.message:
        return click.UsageError(f"{error.message}; write {' or '.join(names)} before it", error.ctx)
    return error


def _show_timings_at_end(ctx: click.Context, _: click.Parameter, is_wanted: bool) -> None:
    if is_wanted:
        ctx.call_on_close(lambda: click.echo(timings_table(), err=True))


class AppCommand(click.Command):
    """A command that calls `app`: completion, no repeated options, and messages for the errors of `app`."""

    def __init__(self, name: str | None, **options: Any) -> None:
        super().__init__(name, **options)
        self.params.append(
            click.Option(["--timings"], is_flag=True, hidden=True, expose_value=False, callback=_show_timings_at_end)
        )
        for parameter in self.params:
            if completer := find_completer(name or "", parameter):
                parameter.shell_complete = completer  # type: ignore[assignment, method-assign]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments. Raises UsageError, for a repeated option too, with a hint at a missing option."""
        try:
            _refuse_repeated_options(self, ctx, args)
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            raise _with_option_hint(error, self) from None

    def invoke(self, ctx: click.Context) -> object:
        """Run the command, or the group and the subcommand if there is one. Errors of `app` become click's."""
        try:
            return super().invoke(ctx)
        except (NoPaperError, RequestError) as error:
            raise click.UsageError(str(error), None if isinstance(error, NoPaperError) else ctx) from error
        except BlockedError as error:
            show_warning(error.findings, str(error))
            ctx.exit(ERRORS)
        except AppError as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            if not (cause := describe_failure(error)):
                raise
            raise click.ClickException(cause) from error

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help. It names commands as they were started."""
        self.help = with_program(self.help or "")
        super().format_help_text(ctx, formatter)


class AppGroup(AppCommand, click.Group):
    """A group of commands that call `app`."""

    command_class = AppCommand


class ParsedValue(click.ParamType[T]):
    """Type of a value that `app` parses; `name` is its noun in messages."""

    def __init__(self, name: str, parse: Callable[[str], T]) -> None:
        self.name, self.parse = name, parse

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> T:
        """Return the value of a text."""
        try:
            return self.parse(value)
        except RequestError as error:
            self.fail(str(error), param, ctx)


def show_commits(project: Project) -> None:
    """Show the lines on the commits that a command has made."""
    for line in project.commit_lines:
        show_note(line)


Command = Callable[..., object]
Decorator = Callable[[Command], Command]

PATH = click.Path(path_type=Path)
CHAPTER = ParsedValue("chapter", parse_chapter_id)
DAY = ParsedValue("day", parse_day)
MONTH = ParsedValue("month", parse_month)
today_option = click.option("--today", type=DAY, metavar="DAY", help="Act as if it were this day (YYYY-MM-DD).")
no_commit_option = click.option("--no-commit", is_flag=True, help="Leave the changed files uncommitted.")
_BRANCH_OPTION = click.option(
    "--branch", "own_branch", metavar="NAME", default="", help="Begin this branch, and commit there."
)
chapter_argument = click.argument("chapter", type=CHAPTER)
_PUBLIC_OPTION = click.option("--public", is_flag=True, help="The same as --audience public.")
_AUDIENCE_OPTION = click.option(
    "--audience",
    type=click.Choice(AUDIENCES),
    default=AUDIENCES[-1],
    help="The readers: passages withheld from them are left out.",
)
public_audience_option = click.option(
    "--audience", type=click.Choice(AUDIENCES), default=AUDIENCES[0], show_default=True, help="Its readers."
)
"""For what is made for a circle of readers: public by default, where other outputs withhold nothing."""


mail_option = click.option(
    "--mail", is_flag=True, help="Write drafts of messages to dist/mail, with the addresses of contacts.yaml."
)


def chapter_option(help: str) -> Decorator:
    """Return `--chapter`, which takes an id."""
    return click.option("--chapter", type=CHAPTER, metavar="ID", help=help)


def formats_option(default: str, help: str = "Formats to make.") -> Decorator:
    """Return `--to`, a list of formats with commas; the command gets it as `formats`."""
    return click.option("--to", "formats", metavar="FORMATS", default=default, show_default=True, help=help)


def out_option(help: str = "Folder for the files. [default: dist]") -> Decorator:
    """Return `--out`, the folder for what is written."""
    return click.option("--out", type=PATH, help=help)


@contextmanager
def turn_to_change(root: Path) -> Iterator[None]:
    """Wait for the turn of this command to change the paper: all of its changes are made, or none.

    The paper is read inside it.
    """
    endings = (SystemExit, click.exceptions.Exit, click.ClickException)
    with turn_to_merge(root), all_or_nothing(root, *endings):
        yield


def turn_to_merge(root: Path) -> AbstractContextManager[None]:
    """Return the turn of this command alone: a merge that was ended goes on, or is taken back by its user."""
    message = "waiting for another command that changes the paper" if sys.stderr.isatty() else ""
    return lock_paper(root, lambda: show_note(message))


def commit_options(command: Command) -> Command:
    """Add `--no-commit` and `--branch` to a command."""
    return no_commit_option(_BRANCH_OPTION(command))


def changes_paper(command: Command) -> Command:
    """Add the options of commits to a command, which then waits for its turn, unless it is a dry run."""

    @wraps(command)
    def in_turn(*args: object, **kwargs: object) -> object:
        root = None if kwargs.get("dry_run") else find_root(Path.cwd())
        with turn_to_change(root) if root else nullcontext():
            return command(*args, **kwargs)

    return commit_options(in_turn)


def with_head(command: Command) -> Command:
    """Give a command the `head`: the last commit before it waits for its turn, which its user has read."""

    @wraps(command)
    def at_head(*args: object, **kwargs: object) -> object:
        root = find_root(Path.cwd())
        return command(*args, head=git.resolve_commit(root) if root else None, **kwargs)

    return at_head


def with_dated_project(command: Command) -> Command:
    """Add `--today` to a command; it gets the `project` of the working folder, on that day."""
    return today_option(with_project(command))


def with_project(command: Command) -> Command:
    """Give a command the `project` of the working folder; lines on its commits are shown at the end."""

    @wraps(command)
    def in_project(
        *args: object, today: date | None = None, no_commit: bool = False, own_branch: str = "", **kwargs: object
    ) -> None:
        project = Project.find(Path.cwd(), today=today, wants_commits=not no_commit)
        project.branch = own_branch
        command(*args, project=project, **kwargs)
        show_commits(project)

    return in_project


def audience_options(command: Command) -> Command:
    """Add `--audience` and `--public` to a command that withholds nothing by default; it gets `audience` alone."""

    @wraps(command)
    def with_audience(*args: object, audience: str, public: bool, **kwargs: object) -> object:
        return command(*args, audience=AUDIENCES[0] if public else audience, **kwargs)

    return _AUDIENCE_OPTION(_PUBLIC_OPTION(with_audience))
