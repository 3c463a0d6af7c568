"""`nioc new`: a new chapter or paper has no errors, and existing files are unchanged."""

from __future__ import annotations

import json
import os
import pty
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image
from rounds import few
from test_papers import absent, appended, changed, written

from nioc_paper import __version__
from nioc_paper.app.errors import RequestError
from nioc_paper.app.new_paper import PaperRequest, start_paper
from nioc_paper.check import check
from nioc_paper.cli.lazy_commands import nioc
from nioc_paper.edit.yaml import append_to_list, to_scalar
from nioc_paper.load import load
from nioc_paper.model import Diagnostic, Severity
from nioc_paper.model.register_files import RECORDS
from nioc_paper.system.files import package_folder

TESTS = Path(__file__).parents[1]
HEALTHY = TESTS / "papers" / "healthy"
STARTER = package_folder("starter")
Run = Callable[..., Result]


def findings(root: Path, today: date) -> list[Diagnostic]:
    reading: list[Diagnostic] = []
    return check(load(root, reading.append), today, reading)


def errors(root: Path) -> list[Diagnostic]:
    return [d for d in findings(root, date(2020, 1, 30)) if d.severity == Severity.ERROR]


def plain(text: str) -> Any:
    """YAML in which every scalar is a text, as it is for reading."""
    return yaml.load(text, yaml.CBaseLoader)  # noqa: S506 - it makes texts only


def contents(root: Path) -> dict[str, bytes]:
    return {
        str(f.relative_to(root)): f.read_bytes() for f in root.rglob("*") if f.is_file() and ".cache" not in f.parts
    }


# --- one more item in a list ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a:\n  - x\n  - y\n", "a:\n  - x\n  - y\n  - new\n"),
        ("a:\n  -   'x'", "a:\n  -   'x'\n  -   new\n"),
        ("a:\r\n  - x\r\nb: 1\r\n", "a:\r\n  - x\r\n  - new\r\nb: 1\r\n"),
        ("a:\n  - x\n  # the last\nb: 1\n", "a:\n  - x\n  - new\n  # the last\nb: 1\n"),
        ("a:\n  - >-\n    x\n    y\n\nb: 1\n", "a:\n  - >-\n    x\n    y\n  - new\n\nb: 1\n"),
        ("a: [x, y]  # two\n", "a: [x, y, new]  # two\n"),
        ("a: [x, y,]\n", "a: [x, y, new,]\n"),
        ("a: [\n  x,  # one\n  y,  # two\n]\n", "a: [\n  x,  # one\n  y,  # two\n  new,\n]\n"),
        ("a: [\n  x,\n  y  # two\n]\n", "a: [\n  x,\n  y,  # two\n  new\n]\n"),
        ("a: []  # none\n", "a: [new]  # none\n"),
        ("a:  # none\nb: 1\n", "a: [new]  # none\nb: 1\n"),
        ("a: ~\n", "a: [new]\n"),
        ("{b: 1, a: [x]}", "{b: 1, a: [x, new]}"),
    ],
)
def test_layouts_of_a_list(before: str, after: str) -> None:
    assert append_to_list(before, ("a",), "new") == after


WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12)
DATA = st.recursive(WORDS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3))


@example(items=["\xa0"], rest="", item="x", flow=True, indent=2, width=20)  # once stripped as white space
@given(st.lists(WORDS, max_size=4), DATA, WORDS, st.booleans(), st.integers(2, 6), st.integers(20, 90))
def test_any_list_grows_by_one(items: list[str], rest: Any, item: str, flow: bool, indent: int, width: int) -> None:
    data = {"before": rest, "parts": [{"title": "one"}, {"list": items, "title": "two"}], "after": rest}
    text = yaml.safe_dump(data, allow_unicode=True, default_flow_style=flow, indent=indent, width=width)
    longer = append_to_list(text, ("parts", 1, "list"), item)
    data["parts"][1]["list"] = [*items, item]
    assert plain(longer) == plain(yaml.safe_dump(data))
    remaining = iter(longer)
    assert all(character in remaining for character in text), "something is gone"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_as_a_scalar(text: str) -> None:
    shown = to_scalar(text)
    assert "\n" not in shown
    assert plain(f"key: {shown}") == {"key": text}


# --- nioc new chapter -------------------------------------------------------------------------------------------------


@pytest.fixture
def new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `nioc new chapter` in a copy of the healthy paper that has a kind for cross-cutting chapters."""
    shutil.copytree(HEALTHY, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    settings(tmp_path, "  front:\n", "  cross-cutting:\n    sections: [Why it matters]\n  front:\n")
    return lambda *args: CliRunner().invoke(nioc, ["new", "chapter", *args])


def settings(root: Path, old: str, new: str) -> None:
    changed(root / "paper" / "paper.yaml", old, new)


def test_a_chapter_of_a_kind(new: Run, tmp_path: Path) -> None:
    before = contents(tmp_path)
    done = new("tolls", "--title", "Tolls: who pays")
    assert done.exit_code == 0
    assert done.stdout == (
        "chapters/tolls.md:1:1: 'Tolls: who pays' is started (cross-cutting), and listed in part 2\n"
    )
    after = contents(tmp_path)
    assert after.pop("chapters/tolls.md").decode() == (
        '---\nid: tolls\ntitle: "Tolls: who pays"\ncategory: cross-cutting\nstatus: outline\n'
        "contributors:\n  # - {id: …, role: lead}   with an id from contributors.yaml\n"
        "summary:   # one sentence, at most 300 characters\n---\n\n"
        "## Why it matters\n\n<!-- Describe this section in a sentence. -->\n"
    )
    longer = before.pop("paper/paper.yaml").replace(
        b"      - chapters/tunnels.md\n", b"      - chapters/tunnels.md\n      - chapters/tolls.md\n"
    )
    assert after.pop("paper/paper.yaml") == longer
    assert after == before
    assert errors(tmp_path) == []


def test_a_category_that_has_no_chapter(new: Run, tmp_path: Path) -> None:
    (tmp_path / "chapters" / "tunnels.md").unlink()
    settings(tmp_path, "      - chapters/tunnels.md\n", "")
    settings(tmp_path, "letters: TU", "letters: TU, headings: [Air]")
    settings(
        tmp_path, "kinds:\n  category:\n", "kinds:\n  category:\n    guide: {Gaps: What is missing -- and where.}\n"
    )
    assert new("tunnels").exit_code == 0
    text = (tmp_path / "chapters" / "tunnels.md").read_text(encoding="utf-8")
    assert "title: Tunnels\ncategory: tunnels\n" in text
    assert "## Gaps\n\n<!-- What is missing – and where. -->\n" in text
    assert text.endswith(
        "### Air\n\n<!-- Describe this section in a sentence. Move this heading to where it fits. -->\n"
    )
    assert [d for d in errors(tmp_path) if "tunnels.md" in d.place.path] == []


def test_a_chapter_that_is_listed_already(new: Run, tmp_path: Path) -> None:
    settings(tmp_path, "      - chapters/tunnels.md\n", "      - chapters/tolls.md\n      - chapters/tunnels.md\n")
    before = (tmp_path / "paper" / "paper.yaml").read_bytes()
    assert new("tolls").stdout == "chapters/tolls.md:1:1: 'Tolls' is started (cross-cutting)\n"
    assert (tmp_path / "paper" / "paper.yaml").read_bytes() == before
    assert errors(tmp_path) == []


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("Toll Roads",), "'Toll Roads' is not an id; write 'toll-roads'"),
        (("péage",), "'péage' is not an id; write 'peage'"),
        (("../x",), "'../x' is not an id; write 'x'"),
        (("محصول",), "'محصول' is not an id; write letters from a to z and dashes"),
        (("x" * 81,), f"is not an id; write '{'x' * 80}'"),
        (("con",), "'con' is kept for a device by Windows"),
        (("tunnels",), "'tunnels' is there already: chapters/tunnels.md"),
        (("summary",), "'summary' is there already: paper/front/summary.md"),
        (("more", "--category", "tunnels"), "the category 'tunnels' has its chapter: chapters/tunnels.md"),
        (("more", "--category", "tunels"), "'tunels' is not a category of this paper; did you mean 'tunnels'?"),
        (("more", "--part", "3"), "'3' is not a part; give its title, or a number from 1 to 2"),
        (("more", "--part", "crossing"), "did you mean 'The crossings'?"),
    ],
)
def test_impossible_requests_change_nothing(new: Run, tmp_path: Path, args: tuple[str, ...], says: str) -> None:
    before = contents(tmp_path)
    done = new(*args)
    assert done.exit_code == 2
    assert says in done.stderr
    assert contents(tmp_path) == before


def test_a_linked_folder_is_refused(new: Run, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    shutil.rmtree(tmp_path / "chapters")
    (tmp_path / "chapters").symlink_to(outside)
    assert new("tolls").exit_code == 1
    assert list(outside.iterdir()) == []


def test_a_failed_list_leaves_no_chapter(new: Run, tmp_path: Path) -> None:
    before = contents(tmp_path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Bytes: more than the chapter has, and less than paper.yaml.
    resource.setrlimit(resource.RLIMIT_FSIZE, (400, limits[1]))
    try:
        done = new("tolls")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert done.exit_code == 1
    assert "File too large" in done.stderr
    assert contents(tmp_path) == before


# --- nioc new paper ---------------------------------------------------------------------------------------------------


def run(folder: Path, *args: str) -> Result:
    return CliRunner().invoke(nioc, ["new", "paper", str(folder), *args])


def test_the_starter_is_a_paper_itself() -> None:
    assert findings(STARTER, date(2020, 3, 1)) == []


@pytest.mark.parametrize("today", ["2020-02-29", "2024-08-31"])
def test_a_new_paper_is_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, today: str) -> None:
    done = run(tmp_path / "a paper", "--today", today)
    assert done.exit_code == 0
    assert done.stdout.startswith(f"{tmp_path}/a paper: 'Shade for Everyone' is started")
    monkeypatch.chdir(tmp_path / "a paper")
    checked = CliRunner().invoke(nioc, ["check", "--strict", "--today", today])
    assert (checked.exit_code, checked.stdout) == (0, "no findings\n")
    state = CliRunner().invoke(nioc, ["status", "--today", today]).stdout
    assert "no chapter is late or at risk" in " ".join(state.split())
    assert (tmp_path / "a paper" / ".gitignore").read_text(encoding="utf-8").splitlines() == [
        "dist/",
        ".cache/",
        "contacts.yaml",
    ]


def test_templates_stay_in_the_tool_until_they_are_ejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path / "mine", "--today", "2020-01-06")
    monkeypatch.chdir(tmp_path / "mine")
    assert not Path("templates").exists()
    listed = CliRunner().invoke(nioc, ["theme", "list"])
    assert "theme.css" in listed.stdout.split()
    assert listed.stderr == "all are the tool's; to change them: nioc theme eject\n"
    assert CliRunner().invoke(nioc, ["theme", "eject", "pattern.svg"]).stdout == "templates/: 1 file written\n"
    assert "in templates/theme.css" in CliRunner().invoke(nioc, ["theme", "eject", "theme.css"]).stdout
    assert sorted(contents(Path("templates"))) == ["pattern.svg", "theme.css"]
    assert "'qqq'; see: nioc theme list\n" in CliRunner().invoke(nioc, ["theme", "eject", "qqq"]).stderr
    assert "'theme.css'" in CliRunner().invoke(nioc, ["theme", "eject", "theme.cs"]).stderr
    assert CliRunner().invoke(nioc, ["theme", "eject"]).exit_code == 0
    assert contents(Path("templates")) == contents(package_folder("templates"))
    Path("templates/theme.css").write_text(":root {}", encoding="utf-8")
    Path("templates/cover.svg").unlink()
    states = dict(line.split("  ", 1) for line in CliRunner().invoke(nioc, ["theme", "list"]).stdout.splitlines())
    assert states["theme.css"].strip() == "of this paper"
    assert states["cover.svg"].strip() == "of the tool"
    assert states["epub.css"].strip() == "as in the tool"
    assert "1 file written" in CliRunner().invoke(nioc, ["theme", "eject"]).stdout
    assert Path("templates/theme.css").read_text(encoding="utf-8") == ":root {}"


def git(folder: Path, *args: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *args], capture_output=True, text=True, check=True).stdout


def test_a_new_paper_is_a_repository_with_all_that_people_need(tmp_path: Path) -> None:
    done = run(tmp_path / "mine", "--today", "2020-01-06")
    assert git(tmp_path / "mine", "log", "--format=%s") == "Start the paper\n"
    assert git(tmp_path / "mine", "rev-parse", "HEAD")[:10] in done.stdout
    assert git(tmp_path / "mine", "status", "--porcelain") == ""
    there = set(git(tmp_path / "mine", "ls-files").split())
    wanted = {".vscode/settings.json", ".vscode/extensions.json", ".github/workflows/paper.yml", "CONTRIBUTING.md"}
    assert wanted | {".pre-commit-config.yaml", ".gitignore", "README.md"} <= there
    assert {f"schemas/{name}.json" for name in RECORDS} <= there
    editor = json.loads((tmp_path / "mine" / ".vscode" / "settings.json").read_text(encoding="utf-8"))
    assert (editor["glspc.server.command"], editor["glspc.server.commandArguments"]) == ("nioc", ["lsp"])
    assert all((tmp_path / "mine" / path).is_file() for path in editor["yaml.schemas"])


def vscode(name: str) -> Any:
    return json.loads((STARTER / ".vscode" / name).read_text(encoding="utf-8"))


def expanded(body: list[str], number: int) -> str:
    """What an editor inserts for a snippet, with the choice of this number in each list."""
    choices = re.compile(r"\$\{\d+\|(.*?)\|\}")
    text = choices.sub(lambda m: (words := m[1].split(","))[number % len(words)], "\n".join(body))
    return re.sub(r"\$\{\d+:([^}]*)\}", r"\1", text).replace("$0", "")


FILLED_IN = {"@source": "@survey2019", ": body": ": PO", "=chapter": "=parks", "YYYY-MM-DD": "2021-03-01"}
"""Words of snippets that ask for names, and names of the starter."""


def test_snippets_are_blocks_without_errors_once_their_names_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path / "mine", "--today", "2020-01-06", "--no-commit")
    monkeypatch.chdir(tmp_path / "mine")
    texts = []
    for name, snippet in vscode("paper.code-snippets").items():
        blocks = dict.fromkeys(expanded(snippet["body"], number) for number in range(6))
        texts += [block.replace("xx-name", f"xx-{name.split()[0].lower()}-{n}") for n, block in enumerate(blocks)]
    text = re.sub(r"Closes: gap-xx-\S+", "Closes: gap-st-count", "\n".join(texts))
    for old, new in FILLED_IN.items():
        text = text.replace(old, new)
    Path("paper/figures").mkdir()
    Image.new("RGB", (9, 9)).save("paper/figures/file.png")
    appended(Path("chapters/street-trees.md"), f"\n{text}")
    findings_of = json.loads(CliRunner().invoke(nioc, ["check", "--format", "json", "--today", "2020-01-06"]).stdout)
    assert [f["message"] for f in findings_of if f["severity"] == "error" or f["rule"].startswith("bad-value")] == []


def test_tasks_run_commands_and_find_the_parts_of_findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = {task["label"]: task for task in vscode("tasks.json")["tasks"]}
    assert {"Check", "Build", "Preview beside the text"} <= set(tasks)
    for task in tasks.values():
        program, *arguments = task["command"].split()
        if program == "nioc":
            nioc.commands[arguments[0]].make_context("", arguments[1:])
    run(tmp_path / "mine", "--today", "2020-01-06", "--no-commit")
    monkeypatch.chdir(tmp_path / "mine")
    chapter = Path("chapters/street-trees.md")
    changed(chapter, "@survey2019", "@nobody")
    output = CliRunner().invoke(nioc, tasks["Check"]["command"].split()[1:]).stdout
    pattern = tasks["Check"]["problemMatcher"]["pattern"]
    parts = [match for line in output.splitlines() if (match := re.search(pattern["regexp"], line))]
    assert {(match[pattern["file"]], match[pattern["severity"]]) for match in parts} >= {(str(chapter), "error")}
    assert all(Path(match[pattern["file"]]).exists() and match[pattern["line"]].isdigit() for match in parts)


def test_without_a_commit_and_inside_another_repository_nothing_is_committed(tmp_path: Path) -> None:
    run(tmp_path / "mine", "--no-commit")
    assert not (tmp_path / "mine" / ".git").exists()
    git(tmp_path, "init", "-q")
    assert run(tmp_path / "other").exit_code == 0
    assert not (tmp_path / "other" / ".git").exists()


TITLES = st.lists(st.text(min_size=1, max_size=20), max_size=4)


@example(title="a: b # c", titles=['"', "\\1 x", "{x}"])
@given(st.text(max_size=30), TITLES)
@few(30)
def test_any_answers_make_a_paper_without_errors_or_are_refused(title: str, titles: list[str]) -> None:
    request = PaperRequest(title.strip(), "", None, tuple(filter(None, map(str.strip, titles))))
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "mine")
        try:
            started = start_paper(root, request, date(2020, 1, 6), wants_commit=False)
        except RequestError:
            assert not root.exists()
            return
        assert errors(root) == []
        if request.title:
            assert started.title == request.title


def test_the_id_of_a_paper_names_files_in_its_own_folder_only(tmp_path: Path) -> None:
    start_paper(tmp_path / "mine", PaperRequest("Water"), date(2020, 1, 6), wants_commit=False)
    settings = tmp_path / "mine/paper/paper.yaml"
    for name in ("../../evil", "/evil", "a b", "A", "a#b", "x" * 81, "."):
        first, _, rest = settings.read_text(encoding="utf-8").split("\n", 2)
        settings.write_text(f"{first}\nid: {to_scalar(name)}\n{rest}", encoding="utf-8")
        assert [(d.rule, d.place.line) for d in errors(tmp_path / "mine")] == [("bad-value/type", 2)]


@pytest.mark.parametrize(("language", "days"), [("fr", 10), ("ur", 45), ("en-GB-oxendict", 400)])
def test_answers_about_language_and_deadline(tmp_path: Path, language: str, days: int) -> None:
    today, deadline = date(2020, 1, 6), date(2020, 1, 6) + timedelta(days)
    request = PaperRequest("Water", language, deadline, ("Wells", "Waste", "Water works"))
    start_paper(tmp_path / "mine", request, today, wants_commit=False)
    diagnostics = findings(tmp_path / "mine", today)
    assert {d.rule for d in diagnostics} <= {"not-one-lead", "empty-section"}
    paper = load(tmp_path / "mine", lambda _: None)
    assert (paper.settings.language, paper.timeline.deadline, paper.timeline.start) == (language, deadline, today)
    assert [c.title for c in paper.settings.categories] == ["Wells", "Waste", "Water works"]
    assert [c.id for c in paper.chapters] == ["introduction", "wells", "waste", "water-works"]
    assert sorted(gate.due for gate in paper.timeline.gates) == [gate.due for gate in paper.timeline.gates]
    text = "".join(
        f.read_text(encoding="utf-8") for f in (tmp_path / "mine").rglob("*.*") if f.suffix in (".md", ".yaml")
    )
    assert not re.search("tree|Linden|Alder|Birch", text)


@pytest.mark.parametrize(("language", "notes"), [("en-GB-oxendict", 0), ("ur", 0), ("fr-CH", 2)])
def test_a_new_paper_says_what_it_has_in_english_only(tmp_path: Path, language: str, notes: int) -> None:
    done = run(tmp_path / "mine", "--title", "Water", "--language", language)
    lines = [line for line in done.stdout.splitlines() if line.startswith("note: ")]
    assert len(lines) == notes
    assert all("English" in line for line in lines)
    headings = {s for kind in load(tmp_path / "mine", lambda _: None).settings.kinds.values() for s in kind.sections}
    assert ("Recommendations" in headings) == (language != "ur")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--deadline", "2020-01-08"], "2020-01-08 is too near: the plan has 6 gates and 2 working days"),
        (["--language", "no such"], "no such"),
        (["--categories", "Water, water"], "'water' is not a title of a category of its own"),
    ],
)
def test_answers_that_cannot_be_met(tmp_path: Path, options: list[str], says: str) -> None:
    done = run(tmp_path / "mine", "--today", "2020-01-06", *options)
    assert (done.exit_code, says in done.stderr) == (2, True)
    assert not (tmp_path / "mine").exists()


def test_a_terminal_asks_for_the_answers(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "nioc_paper", "new", "paper", "mine"], cwd=tmp_path, stdin=theirs, stdout=theirs
    )
    # A wrong day is asked again immediately; one in the past with everything else, where Enter keeps an answer.
    os.write(ours, b"Water\nfrench\nfr\n30.6.2099\n2001-01-01\nWells, Waste\n")
    os.write(ours, b"\n\n2099-06-30\n\n")
    assert process.wait(60) == 0
    settings = (tmp_path / "mine" / "paper" / "paper.yaml").read_text(encoding="utf-8")
    assert absent(settings, "title: Water\n", "language: fr") == []
    assert sorted(f.name for f in (tmp_path / "mine" / "chapters").iterdir()) == ["waste.md", "wells.md"]


def test_upgrade_says_what_an_older_paper_has_to_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path / "mine", "--today", "2020-01-06")
    monkeypatch.chdir(tmp_path / "mine")

    def steps() -> str:
        return CliRunner().invoke(nioc, ["upgrade"]).stdout

    assert steps() == f"the paper is up to date with nioc_paper {__version__}\n"
    schema = Path("schemas/paper.json")
    changed(schema, f"nioc_paper {__version__}", "nioc_paper 0.1.0")
    assert "- since 0.2.0: " in steps()
    assert steps().splitlines()[-1].endswith("nioc schema --write")
    CliRunner().invoke(nioc, ["schema", "--write"])
    settings = Path("paper/paper.yaml")
    settings.write_text(f"{settings.read_text(encoding='utf-8')}\npublish: yes\n", encoding="utf-8")
    assert "paper/paper.yaml:" in steps()
    assert "publish" in steps()
    for broken in ("", "[]", "{", "\xff"):
        schema.write_bytes(broken.encode("latin-1"))
        assert "- since 0.2.0: " in steps()


@pytest.mark.parametrize("there", ["file", "folder", "link"])
def test_existing_files_are_kept(tmp_path: Path, there: str) -> None:
    place = tmp_path / "mine"
    if there == "folder":
        written(place / "letter.txt", "Dear")
    elif there == "file":
        place.write_text("Dear", encoding="utf-8")
    else:
        place.symlink_to(tmp_path / "nowhere")
    before = contents(tmp_path)
    done = run(place)
    assert done.exit_code == 2
    assert "is there already, and is not an empty folder" in done.stderr
    assert contents(tmp_path) == before
    if there == "file":
        below = run(place / "below")
        assert (below.exit_code, "Not a directory" in below.stderr) == (1, True)
