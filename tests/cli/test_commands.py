"""Commands are short, and listed by their own descriptions."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import click
import pytest
import rule_pages
from click.shell_completion import BashComplete, get_completion_class
from click.testing import CliRunner
from command_kit import nioc, without_reader
from command_kit import nioc as run_in
from test_papers import appended, changed, copy

from nioc_paper import BlockedError, BuildRequest, Project, RequestError, build
from nioc_paper.app.rule_explanations import split_pages
from nioc_paper.cli.command_table import COMMAND_GROUPS
from nioc_paper.cli.lazy_commands import COMMANDS
from nioc_paper.cli.lazy_commands import nioc as commands
from nioc_paper.program_name import command_line, program_file, with_program
from nioc_paper.system import concurrency


def test_the_list_of_commands_repeats_the_help_of_each() -> None:
    for name, entry in COMMANDS.items():
        stub = click.Command(name, help=entry.help, short_help=entry.short_help)
        assert stub.get_short_help_str(300) == commands.commands[name].get_short_help_str(300), name
        assert bool(entry.short_help) != bool(entry.help), name


def test_help_groups_all_commands_and_stays_within_80_columns() -> None:
    text = CliRunner().invoke(commands, ["--help"], terminal_width=80).output
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
    run = CliRunner().invoke(commands, args)
    assert (run.exit_code, message in run.output) == (2, True)


@pytest.mark.parametrize("args", [["build", "--no-such"], ["comments", "answer"], ["no-such"], ["move"]])
def test_an_error_is_above_the_usage(args: list[str]) -> None:
    lines = CliRunner().invoke(commands, args, prog_name="nioc").output.splitlines()
    assert lines[0].startswith("Error: ")
    assert lines[1].startswith("Usage: nioc ")
    assert lines[-1].startswith("For help: nioc ")


@pytest.mark.parametrize("args", ["check", "status", "build", "send x", "new chapter x", "source list", "theme list"])
def test_outside_a_paper_one_line_tells_how_to_start_one(
    args: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke(commands, args.split(), prog_name="nioc")
    assert run.exit_code == 2
    (line,) = run.output.splitlines()
    assert "nioc new paper DIR" in line


def test_an_option_of_several_values_and_a_flag_can_be_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for args in (["send", "a", "--to", "b", "--to", "c"], ["check", "--strict", "--strict"]):
        assert "times" not in CliRunner().invoke(commands, args).output


# --- mistakes of beginners -------------------------------------------------------------------------------------------

TODAY = ("--today", "2020-01-30")


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A paper with a warning in one chapter, and two in the other."""
    root = copy("healthy", tmp_path_factory.mktemp("first-steps"))
    for name, words in (("tunnels", "It is dark dark there."), ("bridges", "It is is high, and and long.")):
        appended(root / "chapters" / f"{name}.md", f"\n{words}\n")
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
        (["schema", "chaptr"], "no schema is called 'chaptr'; did you mean 'chapter'?"),
        (["build", "--to", "pdf,word"], "'word' is not a format; formats are: pdf, docx, html, epub"),
        (["build", "--brief", "summary"], "'summary' has no brief: it is not a chapter of a category"),
        (["build", "--brief", "bridges", "--chapter", "bridges"], "--brief asks for another document than --chapter"),
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


def test_a_command_whose_reader_has_gone_has_its_own_code(paper: Path) -> None:
    done = without_reader(paper, "check", "--strict", *TODAY)
    assert (done.returncode, done.stderr) == (1, "")


# --- the command has the name under which it was started --------------------------------------------------------------

ROOT = Path(__file__).parents[2]
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
    assert len(rules) > 90
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


# --- completion in a shell --------------------------------------------------------------------------------------------

HEALTHY = ROOT / "tests" / "papers" / "healthy"


def offered(folder: Path, *words: str) -> list[str]:
    """Completions of the last of these words."""
    with contextlib.chdir(folder):
        shell = BashComplete(commands, {}, "nioc", "_NIOC_COMPLETE")
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
        for name, parameter in parameters(commands)
        if (parameter.name in known or parameter.metavar == "PERSON") and "shell_complete" not in vars(parameter)
    ]
    assert missed == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell_is_there(shell: str) -> None:
    complete = get_completion_class(shell)
    assert complete
    with mock.patch.object(BashComplete, "_check_version"):  # it starts the shell
        assert f"_NIOC_COMPLETE={shell}_complete" in complete(commands, {}, "nioc", "_NIOC_COMPLETE").source()
    documented = (ROOT / "docs" / "chapters" / "checking.md").read_text(encoding="utf-8")
    assert f"_NIOC_COMPLETE={shell}_source nioc" in documented


# --- the Python interface ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("own_cache")
def test_the_example_of_the_docs_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "docs" / "developing.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"## Use it from Python\n\n```python\n(.*?)```", text, re.DOTALL)
    paper = copy("healthy", tmp_path)
    example = example.replace("tests/papers/healthy", str(paper)).replace('"dist"', f'"{tmp_path}/out"')
    exec(compile(example, "docs/developing.md", "exec"), {})  # noqa: S102 - it is ours
    shown = capsys.readouterr()
    assert "crossings.html" in shown.out
    assert shown.err == ""
    assert (tmp_path / "out" / "crossings.html").is_file()


def test_a_blocked_build_raises_with_its_findings(tmp_path: Path) -> None:
    paper = copy("healthy", tmp_path)
    with pytest.raises(RequestError, match="no chapter is called 'canals'"):
        build(Project(paper), BuildRequest(chapter="canals"), ["html"], tmp_path / "out")
    with pytest.raises(RequestError, match="'odt' is not a format; formats are: "):
        Project.find(paper / "chapters").build(formats="html,odt")
    changed(paper / "chapters" / "bridges.md", "status: ", "status: x")
    with pytest.raises(BlockedError, match="nothing was written") as blocked:
        Project(str(paper)).build(formats=["html"], out=tmp_path / "out")
    assert blocked.value.findings
    assert not (tmp_path / "out").exists()


def fail(*_: object) -> None:
    raise ZeroDivisionError


@pytest.mark.usefixtures("own_cache")
@pytest.mark.parametrize(("status", "raised"), [("xreview", BlockedError), ("review", ZeroDivisionError)])
@pytest.mark.parametrize(
    "step", ["app.build.assemble_document", "render.write.resolve_citations", "render.write.render_format"]
)
def test_errors_of_a_paper_come_before_what_they_cause(
    status: str, raised: type[Exception], step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = copy("healthy", tmp_path)
    chapter = paper / "chapters" / "bridges.md"
    chapter.write_text(re.sub("status: .*", f"status: {status}", chapter.read_text(encoding="utf-8")), encoding="utf-8")
    monkeypatch.setattr(f"nioc_paper.{step}", fail)
    monkeypatch.setattr(concurrency, "can_copy", lambda: True)  # the check is one copy, the rest is here
    with pytest.raises(raised):
        build(Project(paper), BuildRequest(), ["html"], tmp_path / "out")


# --- builds that are refused while they render ------------------------------------------------------------------------


@pytest.mark.parametrize("before", ["a built paper", "no folder", "an empty folder"])
def test_a_refused_build_leaves_the_folder_as_it_was(
    before: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(concurrency, "can_copy", lambda: True)  # the check is one copy, the rest is here
    paper, out = copy("healthy", tmp_path), tmp_path / "new" / "out"
    if before == "an empty folder":
        out.mkdir(parents=True)
    if before == "a built paper":
        Project(paper).build(formats=["html", "epub"], out=out)
    earlier = state(out)
    chapter = paper / "chapters" / "bridges.md"
    chapter.write_text(re.sub("status: .*", "status: x", chapter.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(BlockedError):
        Project(paper).build(formats=["html", "epub"], out=out)
    assert state(out) == earlier
    assert out.exists() == out.parent.exists() == (before != "no folder")


def state(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Time and content of the files of a folder; a lock says nothing."""
    files = (file for file in folder.rglob("*") if file.is_file() and file.name != ".lock")
    return {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in files}
