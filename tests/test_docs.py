"""The documentation agrees with the tool: commands, options, keys, fields and links; its examples work."""

from __future__ import annotations

import re
import shlex
import sysconfig
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import click
import pytest
from click.testing import CliRunner
from reference_files import ROOT

from nioc_paper import load, render
from nioc_paper.app.rule_explanations import format_rule_list, format_rule_page
from nioc_paper.check.rule_tables import NAMES, rule_explanations, rule_severities
from nioc_paper.cli.lazy_commands import nioc
from nioc_paper.model import LIST_NAMES, FrontMatter, Severity, field_types
from nioc_paper.tree.strategy_items import ITEM_FIELDS

MANUAL = {f"docs/chapters/{p.name}": p.read_text(encoding="utf-8") for p in sorted((ROOT / "docs/chapters").iterdir())}
DECISIONS = sorted((ROOT / "docs/decisions").iterdir())
PLAIN = ["ARCHITECTURE.md", "CHANGELOG.md", "docs/developing.md", "docs/tree.md"]
"""Pages in plain words, with those of the folders for developers."""
PLAIN += [page.relative_to(ROOT).as_posix() for page in DECISIONS]
PAGES = {
    name: (ROOT / name).read_text(encoding="utf-8")
    for name in ("README.md", "CONTRIBUTING.md", "docs/README.md", "tests/README.md", *PLAIN)
} | MANUAL
README, CONTRIBUTING = PAGES["README.md"], PAGES["CONTRIBUTING.md"]
FENCE = re.compile(r"^ *(`{3,})(\w*)\n(.*?)^ *\1$", re.MULTILINE | re.DOTALL)
PROGRAM = re.compile(r"(?:python3 build\.py|nioc)(?=$|\s+[\w-])")
LIBRARIES = Path(sysconfig.get_path("purelib"))
"""Where the changes for WeasyPrint find the files that they are about."""
PARTS = ["Context", "Measurement", "Decision", "Reconsider if"]
STATE = re.compile(r"State: (?:(replaced|changed) by \[(\d+)\]\((\d+)-[\w-]+\.md\)|replaces )[^\n]*\.")
"""A line below a decision's title: the later record that replaces or changes it, or how its own earlier text ended."""


def without_code(page: str) -> str:
    return FENCE.sub("", page)


def blocks(page: str, language: str) -> list[str]:
    return [code for _, name, code in FENCE.findall(page) if name == language]


# --- commands ---------------------------------------------------------------------------------------------------------


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 150


def quoted() -> Iterator[str]:
    """Every command that a page quotes, in a block or in a line."""
    for page in PAGES.values():
        lines = [line for code in blocks(page, "sh") for line in code.splitlines()]
        lines += re.findall(r"`([^`\n]+)`", without_code(page))
        yield from (line.strip() for line in lines if PROGRAM.match(line.strip()))


@pytest.mark.parametrize("line", sorted(set(quoted())))
def test_quoted_commands_are_valid(line: str) -> None:
    words = shlex.split(PROGRAM.sub("", line, count=1), comments=True)
    words = [w for w in words if w != "--install-system"] or ["build"]
    if words[0] in ("test", "--help") or words[0].isupper():
        return
    command: click.Command = nioc
    try:
        while words and isinstance(command, click.Group):
            if command.invoke_without_command and words[0] not in command.commands:
                break
            command = command.commands[words.pop(0)]
        command.make_context("", words)
    except click.exceptions.Exit:
        pass  # --help


# --- links ------------------------------------------------------------------------------------------------------------


def anchors(page: str) -> set[str]:
    """The anchors that GitHub gives to headings."""
    titles = re.findall(r"^#+ (.+)$", without_code(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name: str) -> None:
    text = re.sub(r"`[^`\n]*`", "", without_code(PAGES[name]))
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text)
    for target in (t for t in targets if not t.startswith("https://")):
        file, _, anchor = target.partition("#")
        path = (ROOT / name).parent / unquote(file) if file else ROOT / name
        assert path.exists(), target
        assert not anchor or anchor in anchors(path.read_text(encoding="utf-8")), target


@pytest.mark.parametrize("name", PAGES)
def test_every_file_that_is_named_is_there(name: str) -> None:
    for path in re.findall(r"`([\w.-]+/[\w./-]*\w\.\w+)`", without_code(PAGES[name])):
        roots = (
            ROOT,
            ROOT / "nioc_paper",
            ROOT / "nioc_paper/starter",
            (ROOT / name).parent,
            LIBRARIES,
        )
        example = path.startswith(("dist/", "paper/figures/", "paper/library.", "paper/references-")) or re.search(
            r"\b[A-Z]{2,}\b", path
        )
        assert example or any((root / path).exists() for root in roots), path


# --- modules ----------------------------------------------------------------------------------------------------------


def test_the_architecture_lists_every_module() -> None:
    package = ROOT / "nioc_paper"
    there = [p.stem for p in package.glob("[!_]*.py")] + [f"{p.parent.name}/" for p in package.glob("*/__init__.py")]
    table = PAGES["ARCHITECTURE.md"].partition("## The modules")[2].partition("\n\n## ")[0]
    assert sorted(re.findall(r"^\| `([\w/]+)`", table, re.MULTILINE)) == sorted(there)


# --- pages for developers ---------------------------------------------------------------------------------------------


def test_every_decision_has_its_parts_and_its_line_in_the_index() -> None:
    *records, index = DECISIONS
    assert [int(record.name[:2]) for record in records] == [*range(1, len(records) + 1)]
    lines = re.findall(r"^- \[(\d+\. .+)\]\((.+\.md)\): [^\n]+\.$", index.read_text(encoding="utf-8"), re.MULTILINE)
    titles = {record.name: record.read_text(encoding="utf-8").partition("\n")[0] for record in records}
    assert {name: f"# {title}" for title, name in lines} == titles
    for record in records:
        assert re.findall(r"^## (.+)$", record.read_text(encoding="utf-8"), re.MULTILINE) == PARTS, record.name


def test_the_changelog_begins_with_this_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    versions = re.findall(r"^## (\S+)$", PAGES["CHANGELOG.md"], re.MULTILINE)
    assert next(version for version in versions if version != "Unreleased") == project["version"]


def test_a_replaced_or_changed_decision_names_a_later_one_and_the_index_says_so() -> None:
    *records, index = DECISIONS
    marks = dict(
        re.findall(r"^- \[(\d+)\. .*? ((?:Replaced|Changed) by \d+)\.$", index.read_text("utf-8"), re.MULTILINE)
    )
    states = {}
    for record in records:
        below_title = record.read_text(encoding="utf-8").split("\n\n")[1]
        state = STATE.fullmatch(below_title)
        assert state or below_title == "## Context", record.name
        if state and state[1]:
            assert int(state[2]) == int(state[3]) > int(record.name[:2]), record.name
            states[str(int(record.name[:2]))] = f"{state[1].capitalize()} by {state[2]}"
    assert marks == states


# --- chapters ---------------------------------------------------------------------------------------------------------


def test_every_key_of_the_front_matter_is_explained() -> None:
    table = MANUAL["docs/chapters/writing-a-chapter.md"].partition("| key | required |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)`", table, re.MULTILINE) == [*field_types(FrontMatter)]


def test_every_field_and_every_list_is_named() -> None:
    fields = {name.capitalize() for names in ITEM_FIELDS.values() for name in names}
    assert [name for name in sorted({*fields, *LIST_NAMES}) if f"`{name}`" not in "".join(MANUAL.values())] == []


# --- the page of the benchmark ---------------------------------------------------------------------------------------


def test_the_page_and_its_picture_show_the_measured_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import report
    from picture import picture

    results = report.read(report.KEPT)
    page = report.PAGE.read_text(encoding="utf-8")
    assert results
    assert report.filled(page, results) == page
    assert picture(results) == report.PICTURE.read_text(encoding="utf-8")


# --- `nioc explain` ---------------------------------------------------------------------------------------------------

RULE_PAGES = sorted((Path(__file__).parent / "rules").glob("*.md"))


def explain(*args: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(nioc, ["explain", *args])
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize("file", RULE_PAGES, ids=lambda file: file.stem)
def test_no_word_of_a_page_is_lost(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    shown = format_rule_page(text)
    assert shown.partition("\n")[0] == file.stem
    assert not re.search(r"^ {0,2}(```|#)", shown, re.MULTILINE)
    assert [w for w in words(text) if w not in shown.split()] == []
    rest = iter(shown.split())
    assert all(word in rest for word in words(text)), "the words stand in another order"


def words(text: str) -> list[str]:
    """The words of a page, without the marks of headings and fences."""
    return [word for word in text.split() if not re.fullmatch(r"#+|`{3,}\w*", word)]


def test_fences_in_fences() -> None:
    assert format_rule_page("# a\n\n````markdown x.md\n```{.chart}\nmark: bar\n```\n````\n") == (
        "a\n\n  x.md\n\n    ```{.chart}\n    mark: bar\n    ```"
    )


@pytest.mark.parametrize(
    ("levels", "sentence"),
    [
        ([Severity.ERROR] * 5, "Always: error."),
        ([None, Severity.INFO, Severity.WARNING], "From outline to final text: off, info, warning."),
    ],
)
def test_how_much_a_rule_weighs(levels: list[Severity | None], sentence: str) -> None:
    assert format_rule_page("# a", levels) == f"a\n\n{sentence}"


def test_every_rule_is_listed_and_explained() -> None:
    code, out, _ = explain()
    assert code == 0
    listed = [line.split("  ")[0] for line in out.splitlines()]
    kinds = {*load.READING_EXPLANATIONS, *rule_explanations(), *render.OUTPUT_EXPLANATIONS}
    assert listed == sorted({rule.partition("/")[0] for rule in kinds})
    assert set(rule_severities()) <= kinds
    for rule in {*listed, *kinds, *(name for name, new in NAMES.items() if new)}:
        assert explain(rule)[0] == 0


def test_a_former_name_shows_the_kind() -> None:
    assert explain("unknown-list")[1] == explain("dead-name/list")[1]
    assert explain("dead-name")[1].startswith("dead-name\n\n")
    assert explain("unread-mark/likely")[1] in explain("unread-mark")[1]


def test_a_kind_without_a_page_shows_the_examples_of_its_rule() -> None:
    status = explain("dead-name/status")[1]
    assert status.startswith("dead-name/status\n\nEvery name")
    assert "draftng" in status
    assert status.split("\n\n", 2)[2].split("\n\nAlways")[0] in explain("dead-name")[1]


def test_a_rule_that_is_not_known() -> None:
    code, _, errors = explain("dead-refrence")
    assert code == 2
    assert "no rule is called 'dead-refrence'; did you mean 'dead-reference'?" in errors


def test_the_list_of_rules_fits_the_terminal() -> None:
    lines = format_rule_list(
        {"dark-tunnel": "Every tunnel has a light at its end, and one at its beginning."}, 50
    ).split("\n")
    assert lines == ["dark-tunnel  Every tunnel has a light at its end,", "             and one at its beginning."]
