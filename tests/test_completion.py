"""Completion in a shell: every parameter that takes something with a name."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import click
import pytest
from click.shell_completion import BashComplete, get_completion_class

from nioc_paper.cli.commands import nioc

ROOT = Path(__file__).parents[1]
HEALTHY = ROOT / "tests" / "papers" / "healthy"


def offered(folder: Path, *words: str) -> list[str]:
    """Completions of the last of these words."""
    with contextlib.chdir(folder):
        shell = BashComplete(nioc, {}, "nioc", "_NIOC_COMPLETE")
        return [item.value for item in shell.get_completions([*words[:-1]], words[-1])]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("move", ""), ["tunnels"]),
        (("move", "tun"), ["tunnels"]),
        (("move", "tunnels", ""), ["outline", "final"]),
        (("approve", "tunnels", "--by", ""), ["ada-north"]),
        (("send", "tunnels", "--to", ""), ["ada-north"]),
        (("build", "--chapter", "tu"), ["tunnels"]),
        (("build", "--brief", "tu"), ["tunnels"]),
        (("build", "--to", ""), ["pdf", "docx", "html", "epub"]),
        (("build", "--to", "pdf,"), ["pdf,docx", "pdf,html"]),
        (("build", "--to", "pdf,d"), ["pdf,docx"]),
        (("newsletter", "--to", "m"), ["md"]),
        (("remind", "--to", "e"), ["eml"]),
        (("export", ""), ["facts"]),
        (("export", "--to", "x"), ["xlsx"]),
        (("explain", "undefined-c"), ["undefined-citation"]),
        (("schema", "time"), ["timeline"]),
        (("status", "--format", ""), ["text", "md", "json"]),
        (("comments", "answer", "1", "acc"), ["accept", "accept-in-part"]),
        (("new", "chapter", "x", "--category", ""), []),
        (("rem",), ["remind"]),
    ],
)
def test_what_is_offered(words: tuple[str, ...], expected: list[str]) -> None:
    values = offered(HEALTHY, *words)
    assert {*expected} <= {*values}
    assert all(value.startswith(words[-1]) for value in values)


def test_a_format_is_offered_once() -> None:
    assert "pdf,pdf" not in offered(HEALTHY, "build", "--to", "pdf,")


def test_without_a_paper_nothing_is_offered(tmp_path: Path) -> None:
    assert offered(tmp_path, "move", "") == []
    assert "dead-link" in offered(tmp_path, "explain", "dead")


def parameters(group: click.Group) -> Iterator[tuple[str, click.Parameter]]:
    for command in group.commands.values():
        if isinstance(command, click.Group):
            yield from parameters(command)
        yield from ((f"{command.name} {parameter.name}", parameter) for parameter in command.params)


def test_every_parameter_with_a_known_name_is_completed() -> None:
    """A parameter takes a name of the paper if it is called so; the id of something new is nobody's."""
    known = {"chapter", "brief", "status", "rule", "registers", "formats", "downloads"}
    missed = [
        name
        for name, parameter in parameters(nioc)
        if (parameter.name in known or parameter.metavar == "PERSON") and "shell_complete" not in vars(parameter)
    ]
    assert missed == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell_is_there(shell: str) -> None:
    complete = get_completion_class(shell)
    assert complete
    with mock.patch.object(BashComplete, "_check_version"):  # it starts the shell
        assert f"_NIOC_COMPLETE={shell}_complete" in complete(nioc, {}, "nioc", "_NIOC_COMPLETE").source()
    documented = (ROOT / "docs" / "chapters" / "checking.md").read_text(encoding="utf-8")
    assert f"_NIOC_COMPLETE={shell}_source nioc" in documented
