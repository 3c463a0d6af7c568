"""Help pages and errors in colour at a terminal, without any elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import click

from nioc_paper.system.terminal import is_colour_wanted


class _ColourFormatter(click.HelpFormatter):
    """Formatter of a help page with bold headings and coloured names."""

    def write_heading(self, heading: str) -> None:
        """Write a heading."""
        super().write_heading(_style(heading, bold=True))

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the line of usage."""
        super().write_usage(prog, args, f"{_style((prefix or 'Usage: ').strip(), bold=True)} ")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write a list of options or commands with their descriptions."""
        super().write_dl([(_style(name, fg="cyan"), text) for name, text in rows], col_max, col_spacing)


class HelpContext(click.Context):
    """Context of a command whose help page has colours."""

    formatter_class = _ColourFormatter


def _style(text: str, *, fg: str | None = None, bold: bool | None = None) -> str:
    return click.style(text, fg=fg, bold=bold) if is_colour_wanted() else text


def show_error(error: click.ClickException) -> None:
    """Show an error, with the usage of its command below it if that is wrong; a group alone shows its help."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return
    label = click.style("Error:", fg="red", bold=True) if is_colour_wanted(sys.stderr) else "Error:"
    click.echo(f"{label} {error.format_message()}", err=True)
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context:
        pieces = " ".join(context.command.collect_usage_pieces(context))
        click.echo(f"Usage: {context.command_path} {pieces}\nFor help: {context.command_path} --help", err=True)
