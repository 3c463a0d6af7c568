"""Commands are short, and listed by their own descriptions."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from nioc_paper.cli.command_table import COMMAND_GROUPS
from nioc_paper.cli.commands import COMMANDS, nioc


def test_the_list_of_commands_repeats_the_help_of_each() -> None:
    for name, entry in COMMANDS.items():
        stub = click.Command(name, help=entry.help, short_help=entry.short_help)
        assert stub.get_short_help_str(300) == nioc.commands[name].get_short_help_str(300), name
        assert bool(entry.short_help) != bool(entry.help), name


def test_help_groups_all_commands_and_stays_within_80_columns() -> None:
    text = CliRunner().invoke(nioc, ["--help"], terminal_width=80).output
    assert [line[:-1] for line in text.splitlines() if line.endswith(":") and line[0] != " "][1:] == [*COMMAND_GROUPS]
    assert {line.split()[0] for line in text.splitlines() if line.startswith("  ")} >= set(COMMANDS)
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["build", "--to", "pdf", "--to", "docx"], "--to is given 2 times; write it once, with commas between\n"),
        (["build", "--to=pdf", "--to=pdf", "--to=html"], "--to is given 3 times; write it once, with commas between\n"),
        (["status", "--chapter", "a", "--who", "--chapter", "b"], "--chapter is given 2 times; write it once\n"),
        (["comments", "answer", "1", "reject", "--because", "a", "--because", "b"], "--because is given 2 times"),
        (["comments", "--chapter", "a", "--chapter", "b"], "--chapter is given 2 times"),
        (["new", "chapter", "a", "--title", "b", "--title", "c"], "--title is given 2 times"),
    ],
)
def test_no_value_of_an_option_is_dropped(args: list[str], message: str) -> None:
    run = CliRunner().invoke(nioc, args)
    assert (run.exit_code, message in run.output) == (2, True)


@pytest.mark.parametrize("args", [["build", "--no-such"], ["comments", "answer"], ["no-such"], ["move"]])
def test_an_error_is_above_the_usage(args: list[str]) -> None:
    lines = CliRunner().invoke(nioc, args, prog_name="nioc").output.splitlines()
    assert lines[0].startswith("Error: ")
    assert lines[1].startswith("Usage: nioc ")
    assert lines[-1].startswith("For help: nioc ")


@pytest.mark.parametrize("args", ["check", "status", "build", "send x", "new chapter x", "source list", "theme list"])
def test_outside_a_paper_one_line_tells_how_to_start_one(
    args: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke(nioc, args.split(), prog_name="nioc")
    assert run.exit_code == 2
    (line,) = run.output.splitlines()
    assert "nioc new paper DIR" in line


def test_an_option_of_several_values_and_a_flag_can_be_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for args in (["send", "a", "--to", "b", "--to", "c"], ["check", "--strict", "--strict"]):
        assert "times" not in CliRunner().invoke(nioc, args).output
