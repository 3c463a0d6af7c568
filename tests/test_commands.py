"""Commands are short, and listed by their own descriptions."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from command_kit import nioc as run_in
from test_papers import copy

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


# --- mistakes of beginners -------------------------------------------------------------------------------------------

TODAY = ("--today", "2020-01-30")


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A paper with a warning in one chapter, and two in the other."""
    root = copy("healthy", tmp_path_factory.mktemp("first-steps"))
    for name, words in (("tunnels", "It is dark dark there."), ("bridges", "It is is high, and and long.")):
        with (root / "chapters" / f"{name}.md").open("a", encoding="utf-8") as file:
            file.write(f"\n{words}\n")
    return root


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["check", "tunels"], "there is no file and no chapter 'tunels' here; did you mean 'tunnels'?"),
        (
            ["check", "chapters/tunels.md"],
            "there is no file and no chapter 'chapters/tunels.md' here; did you mean 'tunnels'?",
        ),
        (["status", "--chapter", "tunels"], "did you mean 'tunnels'?"),
        (["status", "--chapter", "chapters/tunels.md"], "did you mean 'tunnels'?"),
        (["build", "--chapter", "tunels"], "did you mean 'tunnels'?"),
        (["move", "chapters/tunels.md", "final"], "did you mean 'tunnels'?"),
        (["status", "tunnels"], "unexpected extra argument (tunnels); write --chapter before it"),
        (["build", "pdf"], "unexpected extra argument (pdf); write --chapter or --to before it"),
        (["new"], "Start a paper or a chapter."),
        (["send", "tunnels", "--to", "A Stranger", "--due", "2020-01-29", *TODAY], "--due 2020-01-29 has passed"),
        (["send", "tunnels", "--due", "29.01.2020"], "'29.01.2020' is not a day; write YYYY-MM-DD"),
        (["newsletter", "--month", "2020-03", *TODAY], "2020-03 is in the future: today is 2020-01-30"),
        (["newsletter", "--today", "9999-12-31"], "'9999-12-31' is not a day; write YYYY-MM-DD"),
        (["newsletter", "--month", "9999-12"], "'9999-12' is not a month; write YYYY-MM"),
        (["new", "paper", "late", "--deadline", "2020-01-01", *TODAY], "2020-01-01 has passed: the plan starts on"),
    ],
)
def test_a_mistake_is_named_and_changes_nothing(paper: Path, args: list[str], message: str) -> None:
    before = sorted(file.relative_to(paper) for file in paper.rglob("*") if ".cache" not in file.parts)
    done = run_in(paper, *args)
    assert (done.returncode, message in done.stderr) == (2, True), done.stderr
    assert sorted(file.relative_to(paper) for file in paper.rglob("*") if ".cache" not in file.parts) == before


@pytest.mark.parametrize("command", [["check"], ["status", "--chapter"]])
def test_a_chapter_has_its_id_or_its_file(paper: Path, command: list[str]) -> None:
    by_id, by_file = (run_in(paper, *command, name, *TODAY) for name in ("tunnels", "chapters/tunnels.md"))
    assert (by_id.returncode, by_id.stdout) == (by_file.returncode, by_file.stdout)
    assert by_id.returncode == 0, by_id.stderr
    assert "dark" in by_id.stdout or "Tunnels" in by_id.stdout
    assert run_in(paper, *command, "bridges", *TODAY).stdout != by_id.stdout


def test_the_build_of_a_chapter_counts_its_own_warnings(paper: Path) -> None:
    done = run_in(paper, "build", "--chapter", "tunnels", "--to", "html", *TODAY)
    assert done.stderr.splitlines()[-1] == "1 warning; see it with: nioc check --errors-first tunnels"
    assert run_in(paper, "check", "tunnels", *TODAY).stdout.count("warning[") == 1


@pytest.mark.parametrize(("args", "code"), [(["check"], 0), (["check", "--strict"], 1), (["status"], 0)])
def test_a_command_whose_reader_has_gone_has_its_own_code(paper: Path, args: list[str], code: int) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "nioc_paper", *args, *TODAY]
    done = subprocess.run(command, cwd=paper, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (code, "")
