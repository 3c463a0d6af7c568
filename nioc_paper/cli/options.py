"""Options that commands share, and the commands' class: errors of `app` become click's."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import wraps
from pathlib import Path, PurePath
from typing import Any

import click

from nioc_paper.app.errors import AppError, BlockedError, NoPaperError, RequestError
from nioc_paper.app.project import Project
from nioc_paper.cli.completion import find_completer
from nioc_paper.cli.console import show_blocked
from nioc_paper.cli.exit_codes import ERRORS
from nioc_paper.cli.help_pages import HelpContext
from nioc_paper.model import AUDIENCES
from nioc_paper.program import with_program

_LAST_YEAR = 2999
_LIST_METAVARS = ("FORMATS", "TITLES")
"""Names in help of the values of options that take several, with commas between."""


@contextlib.contextmanager
def _click_errors(context: click.Context) -> Iterator[None]:
    """Turn errors of `app` into click's. A usage error needs the context of its command."""
    try:
        yield
    except NoPaperError as error:
        raise click.UsageError(str(error)) from error
    except RequestError as error:
        raise click.UsageError(str(error), context) from error
    except BlockedError as error:
        show_blocked(error)
        context.exit(ERRORS)
    except AppError as error:
        raise click.ClickException(str(error)) from error


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
    """Name the options for what beginners write without one: build CHAPTER, build pdf."""
    options = {p.name: p.opts[0] for p in command.params if isinstance(p, click.Option)}
    names = [options[name] for name in ("chapter", "formats") if name in options]
    if names and "unexpected extra argument" in error.message:
        return click.UsageError(f"{error.message}; write {' or '.join(names)} before it", error.ctx)
    return error


class AppCommand(click.Command):
    """A command that calls `app`: completion, no repeated options, and messages for the errors of `app`."""

    context_class = HelpContext

    def __init__(self, name: str | None, **options: Any) -> None:
        super().__init__(name, **options)
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
        """Run the command, or the group and the subcommand if there is one."""
        with _click_errors(ctx):
            return super().invoke(ctx)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help. It names commands as they were started."""
        self.help = with_program(self.help or "")
        super().format_help_text(ctx, formatter)


class AppGroup(AppCommand, click.Group):
    """A group of commands that call `app`."""

    command_class = AppCommand


class ChapterParam(click.ParamType[str]):
    """A chapter on the command line: its id, or its file, which is called so."""

    name = "chapter"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ARG002 - click calls it
        """Return the id."""
        return PurePath(value).stem if value.endswith(".md") else value


class DayParam(click.ParamType[date]):
    """A day on the command line, or a month as its first day, in the form YYYY-MM-DD or YYYY-MM."""

    def __init__(self, name: str = "day") -> None:
        self.name, self.form, self.rest = (name, "YYYY-MM-DD", "") if name == "day" else (name, "YYYY-MM", "-01")

    def convert(self, value: str | date, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Convert a text to a date. A day so late that plans from it have no end is refused."""
        try:
            day = value if isinstance(value, date) else date.fromisoformat(f"{value}{self.rest}")
        except ValueError:
            day = date.max
        if day.year > _LAST_YEAR:
            self.fail(f"'{value}' is not a {self.name}; write {self.form}", param, ctx)
        return day


Command = Callable[..., object]
Decorator = Callable[[Command], Command]

today_option = click.option("--today", type=DayParam(), metavar="DAY", help="Act as if it were this day (YYYY-MM-DD).")
no_commit_option = click.option("--no-commit", is_flag=True, help="Leave the changed files uncommitted.")
chapter_argument = click.argument("chapter", type=ChapterParam())
_PUBLIC_OPTION = click.option("--public", is_flag=True, help="The same as --audience public.")
_ALL_READERS_OPTION = click.option(
    "--audience",
    type=click.Choice(AUDIENCES),
    default=AUDIENCES[-1],
    help="The readers: passages withheld from them are left out.",
)
readers_option = click.option(
    "--audience", type=click.Choice(AUDIENCES), default=AUDIENCES[0], show_default=True, help="Its readers."
)


def chapter_option(help: str) -> Decorator:
    """Return `--chapter`, which takes an id."""
    return click.option("--chapter", type=ChapterParam(), metavar="ID", help=help)


def formats_option(default: str, help: str = "Formats to make.") -> Decorator:
    """Return `--to`, a list of formats with commas; the command gets it as `formats`."""
    return click.option("--to", "formats", metavar="FORMATS", default=default, show_default=True, help=help)


def out_option(help: str = "Folder for the files. [default: dist]") -> Decorator:
    """Return `--out`, the folder for what is written."""
    return click.option("--out", type=click.Path(path_type=Path), help=help)


def with_dated_project(command: Command) -> Command:
    """Add `--today` to a command; it gets the `project` of the working folder, on that day."""
    return today_option(with_project(command))


def with_project(command: Command) -> Command:
    """Give a command the `project` of the working folder."""

    @wraps(command)
    def in_project(*args: object, today: date | None = None, **kwargs: object) -> object:
        return command(*args, project=Project.find(Path.cwd(), today=today), **kwargs)

    return in_project


def audience_options(command: Command) -> Command:
    """Add `--audience` and `--public` to a command that withholds nothing by default; it gets `audience` alone."""

    @wraps(command)
    def with_audience(*args: object, audience: str, public: bool, **kwargs: object) -> object:
        return command(*args, audience=AUDIENCES[0] if public else audience, **kwargs)

    return _ALL_READERS_OPTION(_PUBLIC_OPTION(with_audience))
