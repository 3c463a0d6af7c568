"""The command has the name under which it was started, wherever a message names it."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import rule_pages
from command_kit import nioc

from nioc_paper.app.explanations import split_pages
from nioc_paper.cli.commands import nioc as commands
from nioc_paper.program import command_line, program_file, with_program

ROOT = Path(__file__).parents[1]
BUILD = "python3 ../nioc_paper/build.py"
NAME = re.compile(r"(?<![\w/.-])nioc(?= -{0,2}[a-z]|:)")
"""The tool's own name where a command or the beginning of a message is."""


@pytest.fixture
def started_by_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIOC_COMMAND", BUILD)


def all_commands(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    yield path
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from all_commands(command, *path, name)
        else:
            yield (*path, name)


@pytest.mark.usefixtures("started_by_build")
def test_every_page_of_help_has_the_name_it_was_started_under(tmp_path: Path) -> None:
    for path in all_commands(commands):
        out = nioc(tmp_path, *path, "--help").stdout
        assert not NAME.search(out), path
        assert out.startswith(f"Usage: {' '.join((BUILD, *path))} ")


@pytest.mark.usefixtures("started_by_build")
def test_wrong_usage_names_the_command_as_it_was_started(tmp_path: Path) -> None:
    for path in all_commands(commands):
        err = nioc(tmp_path, *path, "--no-such-option").stderr
        assert not NAME.search(err), path
        assert err.splitlines()[-1] == f"For help: {' '.join((BUILD, *path))} --help"


@pytest.mark.usefixtures("started_by_build")
def test_every_rule_is_explained_under_that_name(tmp_path: Path) -> None:
    rules = [line.split()[0] for line in nioc(tmp_path, "explain").stdout.splitlines()]
    assert len(rules) > 100
    for rule in rules:
        assert not NAME.search(nioc(tmp_path, "explain", rule).stdout), rule


def renamed(text: str) -> str:
    return NAME.sub(BUILD, text)


@pytest.mark.parametrize("page", ["no-front-matter", "open-review", "void-approval"])
def test_hints_have_the_name_of_this_run_and_not_of_the_one_before(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "tests" / "rules" / f"{page.partition('/')[0]}.md").read_text(encoding="utf-8")
    rule_pages.lay(
        rule_pages.parse(split_pages(text)[page]).bad, ROOT / "tests" / "papers" / "healthy", tmp_path / "paper"
    )
    before = nioc(tmp_path / "paper", "check", "--today", "2020-01-30").stdout
    assert NAME.search(before)
    with monkeypatch.context() as context:
        context.setenv("NIOC_COMMAND", BUILD)
        assert nioc(tmp_path / "paper", "check", "--today", "2020-01-30").stdout == renamed(before)
    assert nioc(tmp_path / "paper", "check", "--today", "2020-01-30").stdout == before


def test_a_command_as_users_type_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (command_line("check"), program_file()) == ("nioc check", "nioc")
    monkeypatch.setenv("NIOC_COMMAND", BUILD)
    assert (command_line("check"), program_file()) == (f"{BUILD} check", "build.py")
    assert (
        with_program("`nioc check`, nioc_paper, nioc\n.nioc check")
        == f"`{BUILD} check`, nioc_paper, nioc\n.{BUILD} check"
    )


def test_a_new_paper_says_how_it_was_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with contextlib.chdir(tmp_path):
        assert nioc(tmp_path, "new", "paper", "one").returncode == 0
        assert "nioc check" in (tmp_path / "one" / "README.md").read_text(encoding="utf-8")
        monkeypatch.setenv("NIOC_COMMAND", BUILD)
        assert nioc(tmp_path, "new", "paper", "two").returncode == 0
        for file in (tmp_path / "two").rglob("*.*"):
            if file.suffix in (".md", ".yaml", ".yml", ".json") and ".git" not in file.parts:
                assert not NAME.search(file.read_text(encoding="utf-8")), file
        for name in ("README.md", "CONTRIBUTING.md", ".pre-commit-config.yaml"):
            text = (tmp_path / "two" / name).read_text(encoding="utf-8")
            assert "python3 ../../nioc_paper/build.py check" in text
        shutil.rmtree(tmp_path / "two")
