"""Mistakes of beginners: a wrong folder, a misspelled name, a day in the past; ids and files of chapters alike."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_kit import nioc
from test_papers import copy

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
    done = nioc(paper, *args)
    assert (done.returncode, message in done.stderr) == (2, True), done.stderr
    assert sorted(file.relative_to(paper) for file in paper.rglob("*") if ".cache" not in file.parts) == before


@pytest.mark.parametrize("command", [["check"], ["status", "--chapter"]])
def test_a_chapter_has_its_id_or_its_file(paper: Path, command: list[str]) -> None:
    by_id, by_file = (nioc(paper, *command, name, *TODAY) for name in ("tunnels", "chapters/tunnels.md"))
    assert (by_id.returncode, by_id.stdout) == (by_file.returncode, by_file.stdout)
    assert by_id.returncode == 0, by_id.stderr
    assert "dark" in by_id.stdout or "Tunnels" in by_id.stdout
    assert nioc(paper, *command, "bridges", *TODAY).stdout != by_id.stdout


def test_the_build_of_a_chapter_counts_its_own_warnings(paper: Path) -> None:
    done = nioc(paper, "build", "--chapter", "tunnels", "--to", "html", *TODAY)
    assert done.stderr.splitlines()[-1] == "1 warning; see it with: nioc check --errors-first tunnels"
    assert nioc(paper, "check", "tunnels", *TODAY).stdout.count("warning[") == 1
