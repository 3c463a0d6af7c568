"""Damage by people and disks to a paper: each case ends as a finding, none as a fault of ours."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from datetime import date
from functools import cache
from pathlib import Path

import command_kit
import pytest

from nioc_paper.app.project import Project
from nioc_paper.check import check
from nioc_paper.load import load
from nioc_paper.model import Diagnostic
from nioc_paper.system.cache import Cache

HERE = Path(__file__).parent
HEALTHY = HERE / "papers" / "healthy"
CHAPTER = "chapters/bridges.md"
LONG = "a" * 300
CHART = (
    "See @fig-br-hard.\n\n::: {#fig-br-hard .figure}\n```{.chart}\ndescription: x\ndata: {url: %s}\n"
    "mark: bar\nencoding: {x: {aggregate: count}}\n```\n\n"
    "A chart [@survey2019].\n:::"
)
TABLE = (
    "See @tbl-br-hard.\n\n::: {#tbl-br-hard .table}\n```{.table}\ndata: {url: %s}\n```\n\nA table [@survey2019].\n:::"
)
PICTURE = "See @fig-br-hard.\n\n![A pier.](paper/figures/hard.%s){#fig-br-hard}"


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    """A sound paper to spoil."""
    return Path(shutil.copytree(HEALTHY, tmp_path / "paper"))


def add(paper: Path, passage: str) -> None:
    """Put a passage at the end of a chapter."""
    file = paper / CHAPTER
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{passage}\n", encoding="utf-8")


def findings(paper: Path) -> list[Diagnostic]:
    """All that is wrong with a paper."""
    findings: list[Diagnostic] = []
    return check(load(paper, findings.append, Cache.for_paper(paper)), date(2020, 1, 20), findings)


@cache
def of_healthy() -> frozenset[str]:
    """The rules that speak of the sound paper."""
    return frozenset(d.rule for d in findings(HEALTHY))


def rules(paper: Path) -> set[str]:
    """The rules that speak of more than the sound paper has."""
    return {d.rule for d in findings(paper)} - of_healthy()


@pytest.mark.parametrize(
    ("passage", "rule"),
    [
        (f"See @fig-br-hard.\n\n![A pier.]({LONG}.png){{#fig-br-hard}}", "missing-file/picture"),
        (f"[A pier]({LONG}.pdf)", "dead-link"),
        (CHART % f"{LONG}.csv", "broken-chart"),
    ],
)
def test_a_name_that_is_too_long_is_no_file(paper: Path, passage: str, rule: str) -> None:
    add(paper, passage)
    assert rules(paper) == {rule}


def test_a_list_may_name_a_chapter_too_long_for_the_disk(paper: Path) -> None:
    file = paper / "paper" / "paper.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(f"- {CHAPTER}", f"- {CHAPTER}\n      - chapters/{LONG}.md"), encoding="utf-8")
    assert "missing-file/chapter" in rules(paper)


def test_links_that_lead_in_a_circle_are_no_files(paper: Path) -> None:
    for name in ("paper/figures/hard.png", "paper/data/hard.csv", "chapters/hard.md"):
        (paper / name).symlink_to(Path(name).name)
    add(paper, f"{PICTURE % 'png'}\n\n{(CHART % 'paper/data/hard.csv').replace('br-hard', 'br-two')}")
    assert rules(paper) >= {"missing-file/picture", "broken-chart", "unreadable-file"}


def test_files_in_hidden_folders_are_not_readable_as_data(paper: Path) -> None:
    (paper / ".git").mkdir()
    (paper / ".git" / "config").write_text("a,b\n1,2\n", encoding="utf-8")
    (paper / ".env").write_text("a,b\n1,2\n", encoding="utf-8")
    add(paper, f"{CHART % '.git/config'}\n\n{(CHART % 'paper/../.env').replace('br-hard', 'br-two')}")
    assert [d.rule for d in findings(paper) if "hidden" in d.message] == ["broken-chart", "broken-chart"]


@pytest.mark.parametrize(
    "data",
    [
        b'<?xml version="1.0" encoding="foo"?><svg xmlns="http://www.w3.org/2000/svg"/>',
        b'<svg xmlns="http://www.w3.org/2000/svg"><rect style="fill:u\\72l(http://a.example/b)"/></svg>',
        b'<svg xmlns="http://www.w3.org/2000/svg"><rect fill="\\000075rl(http://a.example/b)"/></svg>',
        b"<html/>",
        b'<svg xmlns="http://www.w3.org/2000/svg">' + b"<g>" * 5000 + b"</g>" * 5000 + b"</svg>",
        b"",
    ],
)
def test_an_svg_is_one(paper: Path, data: bytes) -> None:
    (paper / "paper" / "figures" / "hard.svg").write_bytes(data)
    add(paper, PICTURE % "svg")
    assert rules(paper) == {"missing-file/picture"}


@pytest.mark.parametrize(
    ("data", "finding_text"),
    [
        (
            b"a,b\n" + b"x" * 200_000 + b",1\n",
            "2:1 broken-data this is not CSV: field larger than field limit (131072)",
        ),
        (b"a,b\n\xe9,1\n", "2:1 bad-character/encoding byte 0xe9 is not UTF-8"),
        ("a,b\n1,2\n".encode("utf-16"), "1:1 bad-character/encoding the file is UTF-16"),
        (b"a,b\n1,2\n1,2,3\n", "3:1 broken-data this line has 3 values for 2 columns"),
        (b"a,b\n\n1\n", "3:1 broken-data this line has 1 value for 2 columns"),
        (b'"a, b",c,c\n1,2,3\n', "1:10 broken-data there are two columns 'c'"),
        (b"a,b,\n1,2,3\n", "1:5 broken-data a column has no name"),
        (b"a;b\n1;2\n", "1:1 broken-data the values are separated by ';'"),
        (b"a,b\n", "1:1 broken-data there are no rows"),
        (b'a,b\n"1\n2",3\n', "3:1 broken-data a value holds a tab or the end of a line"),
        (b"a,b\n1,\x00\n", "2:3 bad-character/control character U+0000 is not allowed in a text"),
        (b"a,b\n" + b"1,2\n" * 5001, "5002:1 broken-data there are 5001 rows; 5000 are allowed"),
    ],
)
@pytest.mark.parametrize("block", [CHART, TABLE])
def test_data_are_printed_whole_or_not_at_all(paper: Path, block: str, data: bytes, finding_text: str) -> None:
    (paper / "paper" / "data" / "hard.csv").write_bytes(data)
    add(paper, block % "paper/data/hard.csv")
    reported = [d for d in findings(paper) if d.place.path == "paper/data/hard.csv"]
    assert [f"{d.place.line}:{d.place.column} {d.rule} {d.message}" for d in reported] == [finding_text]


@pytest.mark.parametrize(("line", "rules_of"), [("", {"broken-chart"}), ("transform: []", set())])
def test_a_chart_asks_for_columns_that_are_there(paper: Path, line: str, rules_of: set[str]) -> None:
    (paper / "paper" / "data" / "hard.csv").write_bytes(b"days,b\n1,2\n")
    mark = f"mark: bar\nencoding: {{x: {{field: day}}, y: {{field: b}}}}\n{line}"
    add(paper, (CHART % "paper/data/hard.csv").replace("mark: bar", mark))
    assert {d.rule for d in findings(paper) if "no column 'day'" in d.message} == rules_of


def test_only_what_json_can_hold_is_a_number_in_a_table(paper: Path) -> None:
    (paper / "paper" / "data" / "hard.csv").write_bytes(b"a,b\nnan,1_0\ninf,-2.5e1\n")
    mark = "mark: bar\nencoding: {x: {field: a}, y: {field: b}}"
    add(paper, (CHART % "paper/data/hard.csv").replace("mark: bar", mark))
    findings: list[Diagnostic] = []
    chart = next(
        c
        for ch in load(paper, findings.append, Cache.for_paper(paper)).chapters
        for c in ch.charts
        if c.id == "fig-br-hard"
    )
    assert chart.spec["data"]["values"] == [{"a": "nan", "b": "1_0"}, {"a": "inf", "b": -25.0}]


def test_an_escape_hides_no_character_that_cannot_be_printed(paper: Path) -> None:
    file = paper / CHAPTER
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("title: Bridges", r'title: "Bri\e[31mdges \u202e"'), encoding="utf-8")
    reported = [d for d in findings(paper) if d.rule == "bad-character/control"]
    assert [(d.place.line, d.place.column) for d in reported] == [(3, 8)] * 2  # one for each character


def spoil(paper: Path, file: str, old: str, new: str) -> None:
    """Change a file of the paper in one place."""
    text = (paper / file).read_text(encoding="utf-8")
    assert old in text
    (paper / file).write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize("zone", ["Europe", "Europe/Nowhere", "../../etc/passwd", LONG])
def test_a_time_zone_is_one(paper: Path, zone: str) -> None:
    spoil(paper, "paper/paper.yaml", "title:", f"timezone: {zone}\ntitle:")
    reported = [d for d in findings(paper) if d.rule == "bad-value/type"]
    assert len(reported) == 1
    assert zone in reported[0].message
    assert str(Project(paper).time_zone(load(paper, reported.append, Cache.for_paper(paper)))) == "UTC"


def nioc(paper: Path, *words: str, shell: str = "") -> subprocess.CompletedProcess[str]:
    """A command in a paper; `shell` is the rest of its command line, for which it has a process of its own."""
    line = f"{shlex.join([sys.executable, '-m', 'nioc_paper', *words])} {shell}"
    done = (
        subprocess.run(line, shell=True, cwd=paper, capture_output=True, text=True, check=False)  # noqa: S602
        if shell
        else command_kit.nioc(paper, *words)
    )
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr
    return done


@pytest.mark.parametrize(
    ("command", "shell", "code"), [("status", ">&-", 0), ("check", "| head -1", 0), ("status", ">/dev/full", 1)]
)
def test_a_closed_output_is_no_fault(paper: Path, command: str, shell: str, code: int) -> None:
    assert nioc(paper, command, "--today", "2020-01-20", shell=shell).returncode == code


@pytest.mark.parametrize(
    ("words", "shell"), [("check", "2>&-"), ("check", "<&- >&-"), ("build --to html,pdf", "<&- >&- 2>&-")]
)
def test_closed_streams_are_no_fault(paper: Path, words: str, shell: str) -> None:
    def run(paper: Path, streams: str) -> tuple[int, str, dict[str, bytes]]:
        done = nioc(paper, *words.split(), "--today", "2020-01-20", shell=streams)
        outputs = {file.name: file.read_bytes() for file in paper.glob("dist/*.*") if file.suffix != ".json"}
        return done.returncode, done.stderr, outputs

    other = shutil.copytree(paper, paper.parent / "other" / paper.name)
    code, messages, outputs = run(paper, shell)
    expected = run(other, "")
    assert (code, messages, outputs) == (0, "" if "2>" in shell else expected[1], expected[2])
    assert bool(outputs) == ("build" in words)


def test_bytes_that_are_no_utf8_survive_a_fix(paper: Path) -> None:
    file = paper / CHAPTER
    allowance = b"<!-- allow: left-over because it is a joke -->"
    file.write_bytes(file.read_bytes() + b"\nR\xe9ach.\n\n" + allowance + b"\n\nText.\n")
    assert nioc(paper, "check", "--fix").returncode == 1
    assert b"R\xe9ach." in file.read_bytes()
    assert allowance not in file.read_bytes()


@pytest.mark.parametrize(
    "line",
    ["usermeta: {embedOptions: {patch: x}}", "layer: [{encoding: {url: {value: x}}}]", "mark: {type: image, src: x}"],
)
def test_a_chart_names_no_address(paper: Path, line: str) -> None:
    add(paper, CHART.replace("mark: bar", line) % "paper/data/closures.csv")
    assert rules(paper) == {"broken-chart"}


@pytest.mark.parametrize("manifest", ["[]", "{", "null", "7"])
def test_a_damaged_manifest_is_replaced(paper: Path, manifest: str) -> None:
    (paper / "dist").mkdir()
    (paper / "dist" / "manifest.json").write_text(manifest, encoding="utf-8")
    assert nioc(paper, "build", "--to", "html", "--today", "2020-01-20").returncode == 0
    assert len(json.loads((paper / "dist" / "manifest.json").read_text(encoding="utf-8"))) == 1
