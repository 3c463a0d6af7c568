"""Commands are short, and listed by what they say of themselves."""

from __future__ import annotations

import ast
from pathlib import Path

import click
from click.testing import CliRunner

from nioc_paper.cli.commands import COMMAND_GROUPS, COMMANDS, nioc

ROOT = Path(__file__).parents[1]
MAX_LINES = 40


def test_the_list_of_commands_says_what_each_command_says() -> None:
    for name, entry in COMMANDS.items():
        stub = click.Command(name, help=entry.help, short_help=entry.short_help)
        assert stub.get_short_help_str(300) == nioc.commands[name].get_short_help_str(300), name
        assert bool(entry.short_help) != bool(entry.help), name


def test_no_function_of_the_command_line_is_longer_than_a_screen() -> None:
    for file in sorted((ROOT / "nioc_paper" / "cli").glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.end_lineno:
                first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                assert node.end_lineno - first < MAX_LINES, f"{file.name}: {node.name}"


def test_help_groups_all_commands_and_stays_within_80_columns() -> None:
    text = CliRunner().invoke(nioc, ["--help"], terminal_width=80).output
    assert [line[:-1] for line in text.splitlines() if line.endswith(":") and line[0] != " "][1:] == [*COMMAND_GROUPS]
    assert {line.split()[0] for line in text.splitlines() if line.startswith("  ")} >= set(COMMANDS)
    assert max(map(len, text.splitlines())) <= 80
