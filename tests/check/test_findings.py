"""Findings in the forms for people and for machines."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import shutil
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from command_kit import nioc
from hypothesis import given
from hypothesis import strategies as st
from rounds import few
from sarif_pydantic import Sarif
from test_papers import appended, copy

from docs import pictures
from nioc_paper.check import check
from nioc_paper.check.rule_tables import GROUPS, NAMES, covers, rule_explanations
from nioc_paper.check.shared_causes import merge_causes
from nioc_paper.cli.lazy_commands import nioc as commands
from nioc_paper.edit.fixes import apply_fixes
from nioc_paper.load import load
from nioc_paper.model import Cause, Diagnostic, Fix, Place, Severity
from nioc_paper.report.findings import FORMATS
from nioc_paper.report.findings.line_formats import TerminalView, format_full
from nioc_paper.report.findings.terminal import format_summary, format_terminal

ROOT = Path(__file__).parents[2]
ODD = Diagnostic(Place("a b,c:d%.md", 3, 7), "left-over", "100 % of\nthis", Severity.WARNING, "mend: it, now")
LINES = {"c.md": ["", "اردو 𝒳 a fault here"]}


def test_github_output_is_escaped() -> None:
    output = FORMATS["github"]([ODD])
    assert output.splitlines() == [
        "::warning file=a b%2Cc%3Ad%25.md,line=3,col=7,title=left-over::100 %25 of%0Athis%0Ahint: mend: it, now",
        "1 warning in 1 file",
    ]


def test_gitlab_tells_findings_apart_wherever_their_lines_are() -> None:
    def issues(*diagnostics: Diagnostic) -> list[dict[str, Any]]:
        return list(json.loads(FORMATS["gitlab"](diagnostics)))

    def at(line: int) -> Diagnostic:
        return Diagnostic(Place("a.md", line), "bad-yaml", "no")

    before, after = issues(at(1), at(5)), issues(at(3), at(7))
    assert len({issue["fingerprint"] for issue in before}) == 2
    assert [issue["fingerprint"] for issue in before] == [issue["fingerprint"] for issue in after]
    assert [issue["location"]["lines"]["begin"] for issue in after] == [3, 7]
    assert {issue["severity"] for issue in before} <= {"info", "minor", "major", "critical", "blocker"}


def test_sarif_output_is_valid() -> None:
    text = FORMATS["sarif"]([ODD, Diagnostic(Place("c.md"), "bad-yaml", "no")])
    run = Sarif.model_validate_json(text).runs[0]
    assert [(r.rule_id, str(getattr(r.level, "value", r.level))) for r in run.results or []] == [
        ("left-over", "warning"),
        ("bad-yaml", "error"),
    ]
    assert "a%20b%2Cc%3Ad%25.md" in text


def test_the_caret_is_under_the_place() -> None:
    output = format_full([Diagnostic(Place("c.md", 2, 10), "left-over", "here")], lambda path: LINES[path])
    source, caret = output.splitlines()[3:5]
    assert source.index("fault") - source.index("|") == caret.index("^") - caret.index("|")


@given(
    st.lists(
        st.builds(
            Diagnostic,
            st.builds(Place, st.text(max_size=9), st.integers(1, 9), st.integers(1, 99)),
            st.just("bad-yaml"),
            st.text(max_size=30),
            st.sampled_from(Severity),
            st.text(max_size=30) | st.just("did you mean 'a\nb.md:1:1: error[c] d'?"),
        )
    )
)
def test_no_form_fails_or_lets_a_terminal_be_steered(findings: list[Diagnostic]) -> None:
    outputs = {name: form(findings) for name, form in FORMATS.items()}
    outputs["full"] = format_full(findings, lambda _: ("a line",))
    for name, output in outputs.items():
        if name in ("short", "github"):  # nothing in a finding can look like another finding
            assert len(output.split("\n")) == len(findings) + 1 + sum(bool(d.hint) for d in findings if name == "short")
        assert "\x1b" not in output
        if name in ("json", "sarif", "gitlab"):
            json.loads(output)


def test_data_behind_a_chapter_are_checked_with_it(paper: Path) -> None:
    (paper / "paper" / "data" / "closures.csv").write_text("year,days\n2017\n", encoding="utf-8")
    for chapter, is_reported in (("tunnels", True), ("bridges", False)):
        run = nioc(paper, "check", f"chapters/{chapter}.md", "--today", "2020-01-30")
        assert ("paper/data/closures.csv:2:1: error[broken-data]" in run.stdout) == is_reported


# --- at a terminal ----------------------------------------------------------------------------------------------------

MESSAGES = ("the chapter has no lead", "no source is called 'x', a name that is longer than others", "اردو متن")
FINDINGS = st.lists(
    st.builds(
        Diagnostic,
        st.builds(Place, st.sampled_from("abcde"), st.integers(1, 900), st.integers(1, 99)),
        st.sampled_from(("not-one-lead", "dead-source")),
        st.sampled_from(MESSAGES),
        st.sampled_from([*Severity]),
        st.sampled_from(("", "add one", "look it up, and delete 'verify: true' in paper/references.yaml")),
    ),
    max_size=15,
)


@few(40)
@given(FINDINGS, st.integers(40, 120), st.booleans())
def test_a_terminal_shows_every_finding_within_its_width(findings: list[Diagnostic], width: int, first: bool) -> None:
    findings = (
        sorted(findings, key=lambda finding: -finding.severity) if first else sorted(findings, key=lambda f: f.place)
    )
    text = format_terminal(findings, TerminalView(width, errors_first=first))
    lines = text.splitlines()
    assert max(map(len, lines)) <= width
    assert lines[-1] == FORMATS["short"](findings).splitlines()[-1], "the tally"
    shown, file = set(), ""
    folded = "".join(text.partition("In several files")[2].split())
    for line in lines:
        place = line.split()[0] if line.startswith("  ") and line.strip() else ""
        if len(line) == 1:
            file = line
        elif ":" in place and place.replace(":", "").isdigit():
            shown.add(f"{file}:{place}")
    assert {str(f.place) for f in findings if str(f.place) not in folded} <= shown
    assert {f.message for f in findings} == {m for m in MESSAGES if "".join(m.split()) in "".join(text.split())}


def test_the_picture_of_a_check_is_up_to_date(agree: Callable[[Path, str], None]) -> None:
    agree(pictures.ROOT / "docs" / "check.svg", pictures.check())


def test_equal_findings_of_three_files_are_shown_once() -> None:
    findings = [
        Diagnostic(Place(f"{name}.md", 2), "not-one-lead", "no lead", Severity.WARNING, "add one") for name in "abc"
    ]
    assert format_terminal(findings, TerminalView(60)).splitlines() == [
        "In several files",
        "  3 ×  warning  no lead (3 files)  [not-one-lead]",
        "                hint: add one",
        "                a.md:2:1, b.md:2:1, c.md:2:1",
        "",
        "first: a.md:2:1: add one",
        "",
        "3 warnings in 3 files",
    ]
    assert "In several files" not in format_terminal(findings[:2], TerminalView(60))


def test_a_hint_that_repeats_is_shown_once() -> None:
    findings = [Diagnostic(Place("a.md", line), "x", "no", Severity.INFO, hint) for line, hint in enumerate("aab", 1)]
    assert format_terminal(findings, TerminalView(60)).splitlines() == [
        "a.md",
        "  1:1  info  no  [x]",
        "  2:1  info  no  [x]",
        "             hint: a",
        "  3:1  info  no  [x]",
        "             hint: b",
        "",
        "3 info in 1 file",
    ]


def test_a_summary_counts_each_rule_worst_first() -> None:
    findings = [
        Diagnostic(Place("a.md", 1), "long-sentence", "one", Severity.INFO),
        Diagnostic(Place("a.md", 2), "long-sentence", "two", Severity.INFO),
        Diagnostic(Place("b.md", 2), "dead-source", "no source", Severity.ERROR),
    ]
    assert format_summary(findings, TerminalView(80)).splitlines() == [
        "1  error  dead-source    no source",
        "2  info   long-sentence  one, …",
        "",
        "1 error, 2 info in 2 files",
    ]
    assert format_summary([], TerminalView(80)) == "no findings"


def test_at_a_terminal_findings_are_grouped_and_coloured(tmp_path: Path) -> None:
    paper = copy("late", tmp_path)
    shown = at_terminal(paper, 100, "check", "--today", "2020-01-30")
    assert "\x1b[1m" in shown
    plain = at_terminal(paper, 100, "check", "--today", "2020-01-30", NO_COLOR="1")
    assert "\x1b" not in plain
    assert nioc(paper, "check", "--today", "2020-01-30").stdout.splitlines()[-1] == plain.splitlines()[-1]


def at_terminal(paper: Path, columns: int, *args: str, **variables: str) -> str:
    """Return the output of a command on a terminal of some columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}
    command = [sys.executable, "-P", "-m", "nioc_paper", *args]
    environment |= {"PYTHONPATH": str(ROOT), "TERM": "xterm", **variables}
    output = b""
    with subprocess.Popen(command, cwd=paper, env=environment, stdin=theirs, stdout=theirs, stderr=theirs):
        os.close(theirs)
        with contextlib.suppress(OSError):  # Linux: the last process has closed its end
            while chunk := os.read(ours, 65536):
                output += chunk
    os.close(ours)
    return output.decode().replace("\r\n", "\n")


def test_at_a_terminal_the_worst_is_last_and_said_first() -> None:
    findings = [
        Diagnostic(Place("a.md", 1), "dead-link", "dead", Severity.ERROR, "mend it"),
        Diagnostic(Place("b.md", 2), "long-sentence", "long", Severity.INFO),
    ]
    shown = format_terminal(findings, TerminalView(60)).splitlines()
    starts = [line for line in shown if line.startswith(("a.md", "b.md", "first"))]
    assert starts == ["b.md", "a.md", "first: a.md:1:1: mend it"]
    assert shown[-1] == "1 error, 1 info in 2 files"


def test_findings_of_one_cause_are_one_at_its_entry() -> None:
    def finding(path: str, name: str, line: int, severity: Severity = Severity.INFO) -> Diagnostic:
        cause = Cause(Place("sources.yaml", line), name, "{} sources are bad")
        return Diagnostic(Place(path), "x", f"'{name}' is bad", severity, cause=cause)

    first, second = finding("a.md", "one", 3), finding("b.md", "one", 3)
    assert [(str(d.place), d.message, d.affects) for d in merge_causes([first, second])] == [
        ("sources.yaml:3:1", "'one' is bad", ("a.md", "b.md"))
    ]
    merged = merge_causes([first, second, finding("b.md", "two", 5), finding("c.md", "six", 9, Severity.ERROR)])
    assert [(d.severity, str(d.place), d.message, d.affects) for d in merged] == [
        (1, "sources.yaml:3:1", "2 sources are bad: 'one' (line 3), 'two' (line 5)", ("a.md", "b.md")),
        (3, "sources.yaml:9:1", "'six' is bad", ("c.md",)),
    ]
    causes = [Cause(Place(f"paper/registers/references/{name}-1.yaml", 2), name, "{} bad") for name in ("ash", "elm")]
    (record,) = merge_causes(Diagnostic(cause.place, "x", "bad", cause=cause) for cause in causes)
    assert record.message == "2 bad: 'ash', 'elm'"  # the file of a record has its name


# --- changes that `check --fix` writes: the certain ones only ---------------------------------------------------------

HEALTHY = Path(__file__).parents[1] / "papers" / "healthy"


def fix(line: int, column: int, old: str, new: str) -> Fix:
    return Fix(Place("c.md", line, column), old, new)


def test_fixes_apply_at_their_places() -> None:
    text = "one two\r\nthree four three\r\n"
    changed, count = apply_fixes(
        text, [fix(2, 1, "three", "3"), fix(2, 12, "three", "drei"), fix(1, 5, "two", "2"), fix(9, 1, "x", "y")]
    )
    assert (changed, count) == ("one 2\r\n3 four drei\r\n", 3)


def test_a_fix_at_a_changed_place_is_skipped() -> None:
    assert apply_fixes("one two", [fix(1, 1, "two", "2")]) == ("one two", 0)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_removed_lines_may_have_any_line_end(end: str) -> None:
    text = end.join(("allow:", "  - rule: long-sentence", "    reason: r", "---", ""))
    assert apply_fixes(text, [fix(2, 1, "  - rule: long-sentence\n    reason: r\n", "")]) == (f"allow:{end}---{end}", 1)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("a\n\n<!-- x -->\n\nb\n", "a\n\nb\n"),
        ("a <!-- x -->b\n", "a b\n"),
        ("a\n<!-- x -->", "a\n"),
        ("<!-- x -->\nb", "b"),
    ],
)
def test_a_removed_comment_leaves_no_empty_line(text: str, after: str) -> None:
    before, _, _ = text.partition("<!--")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    assert apply_fixes(text, [fix(line, column, "<!-- x -->", "")]) == (after, 1)


@given(st.text(alphabet="ab \n\r", max_size=60), st.integers(1, 9), st.integers(1, 20))
def test_only_the_place_itself_changes(text: str, line: int, column: int) -> None:
    changed, count = apply_fixes(text, [fix(line, column, "a", "Z")])
    assert changed.replace("Z", "a") == text
    assert changed.count("Z") == count <= 1


def run(root: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return nioc(root, "check", "--today", "2020-01-30", *args)


def test_a_name_is_corrected_and_shown_first(root: Path) -> None:
    chapter = root / "chapters" / "tunnels.md"
    right = next(line for line in (root / "contributors.yaml").read_text().splitlines() if "aka:" in line)
    alias = right.partition("aka: [")[2].partition("]")[0].split(",")[0].strip(" \"'")
    before = chapter.read_text() + f"\nThe tunnel was dug by {alias}.\n"
    chapter.write_text(before)
    shown = run(root, "--diff")
    assert f"-The tunnel was dug by {alias}." in shown.stdout
    assert chapter.read_text() == before
    assert json.loads(run(root, "--diff", "--format", "json").stdout)
    fixed = run(root, "--fix")
    assert "1 fix applied" in fixed.stderr
    assert alias not in chapter.read_text()
    assert run(root, "--diff").stdout.startswith("no findings")


def test_an_unused_allowance_is_removed(root: Path) -> None:
    chapter = root / "chapters" / "tunnels.md"
    before = chapter.read_text()
    allowance = "allow:\n  - rule: left-over\n    reason: a figure\n    until: 2020-03-31\n"
    chapter.write_text(before.replace("---\n", f"---\n{allowance}", 1))
    assert "1 fix applied" in run(root, "--fix").stderr
    assert chapter.read_text() == before


def test_only_the_unused_one_of_two_allowances_is_removed(root: Path) -> None:
    chapter = root / "chapters" / "tunnels.md"
    kept_allowance = "allow:\n  - {rule: left-over, reason: a figure, until: 2020-03-31}\n"
    idle = "  - {rule: long-sentence, reason: quoted, until: 2020-03-31}\n"
    before = chapter.read_text().replace("---\n", f"---\n{kept_allowance}", 1) + "\nTODO the length.\n"
    chapter.write_text(before.replace(kept_allowance, kept_allowance + idle))
    run(root, "--fix")
    assert chapter.read_text() == before


# --- allowances ------------------------------------------------------------------------------------------------------

ALLOW = "<!-- allow: left-over because the figure is on its way -->"


def reported(tmp_path: Path, body: str) -> list[tuple[str, int]]:
    root = Path(shutil.copytree(HEALTHY, tmp_path / "paper"))
    chapter = root / "chapters" / "tunnels.md"
    text = chapter.read_text(encoding="utf-8").rstrip("\n") + "\n"
    chapter.write_text(f"{text}\n{body}\n", encoding="utf-8")
    first = text.count("\n") + 1
    reading: list[Diagnostic] = []
    return [(d.rule, d.place.line - first) for d in check(load(root, reading.append), date(2020, 1, 30), reading)]


@pytest.mark.parametrize(
    ("body", "left"),
    [
        (f"{ALLOW}\n\nOne TODO here,\nand TODO there.\n\nAnother TODO.", [("slip/left-over", 6)]),
        (f"One TODO. {ALLOW}\n\nAnother TODO.", [("slip/left-over", 3)]),
        (f"::: {{.finding}}\n{ALLOW}\n\nOne TODO.\n:::\n\nAnother TODO.", [("slip/left-over", 7)]),
        (f"{ALLOW}\n\n- TODO one\n- TODO two\n\nAnother TODO.", [("slip/left-over", 6)]),
        (f"{ALLOW}\n\nNothing.\n\nAnother TODO.", [("unused-entry/allowance", 1), ("slip/left-over", 5)]),
        ("<!-- allow: left-ovr because -->\n\nNothing.", [("allowance-without-reason", 1), ("dead-name/rule", 1)]),
    ],
)
def test_a_comment_is_about_the_passage_that_follows(tmp_path: Path, body: str, left: list[tuple[str, int]]) -> None:
    assert reported(tmp_path, body) == left


BAD = "::: {#rec-tu-x .recommendation}\nLight the tunnel.\n\n- Owner: Nobody\n- Support: Nobody\n- By: 2020-12-31\n:::"


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("unknown-owner", {"dead-name/support"}),
        ("dead-name/owner", {"dead-name/support"}),
        ("dead-name", set()),
    ],
)
def test_a_former_name_silences_what_it_did_and_the_name_of_a_rule_all_its_kinds(
    tmp_path: Path, name: str, left: set[str]
) -> None:
    body = f"<!-- allow: {name} because nobody is known -->\n\n{BAD}"
    rules = {rule for rule, _ in reported(tmp_path, body)}
    assert {rule for rule in rules if rule.startswith(("dead-name", "unused-entry/allowance"))} == left


def test_every_former_name_is_that_of_a_kind_of_a_rule() -> None:
    kinds = {name for name in NAMES.values() if name}
    groups = {name.partition("/")[0] for name in kinds if "/" in name}
    assert GROUPS.keys() <= groups <= {*GROUPS, *rule_explanations()}
    assert not NAMES.keys() & (kinds | GROUPS.keys())
    assert all(covers(old, new) and covers(new.partition("/")[0], new) for old, new in NAMES.items() if new)


def test_upgrade_replaces_former_names(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, chapter = root / "paper" / "paper.yaml", root / "chapters" / "tunnels.md"
    appended(settings, '\nrules: {unused-source: "off", lowered-status: info}\n')
    allow = (
        "allow:\n  - {rule: open-gap, reason: later, until: 2030-01-01}\n---\n\n<!-- allow:\n  hedge because x -->\n"
    )
    body = "\n<!-- allow: unknown-owner because nobody is known -->\n"
    chapter.write_text(chapter.read_text().replace("---\n\n", allow, 1) + body)
    monkeypatch.chdir(root)
    before = CliRunner().invoke(commands, ["upgrade"]).stdout
    assert before.count("now: nioc upgrade --write") == 4
    after = CliRunner().invoke(commands, ["upgrade", "--write"]).stdout
    assert "now: nioc upgrade" not in after
    assert "'lowered-status' is no rule now: take it out" in after
    assert '{unused-entry/source: "off", lowered-status: info}' in settings.read_text()
    assert "{rule: loose-end/gap, reason" in chapter.read_text()
    assert "allow: dead-name/owner because" in chapter.read_text()
