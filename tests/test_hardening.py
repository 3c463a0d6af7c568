"""Damage by people and disks to a paper: each case ends as a finding, none as a fault of ours."""

from __future__ import annotations

import json
import random
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import command_kit
import pytest
from command_kit import nioc, without_office
from test_papers import changed, copy, written

from nioc_paper.app.project import Project
from nioc_paper.check import check
from nioc_paper.load import chapter_tree, load
from nioc_paper.load.load_context import PaperFiles
from nioc_paper.load.source_text import read_text
from nioc_paper.model import Diagnostic
from nioc_paper.system import pandoc, processes
from nioc_paper.system.cache import NO_CACHE, Cache
from nioc_paper.tree.code_blocks import find_code_blocks

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
    changed(paper / "paper" / "paper.yaml", f"- {CHAPTER}", f"- {CHAPTER}\n      - chapters/{LONG}.md")
    assert "missing-file/chapter" in rules(paper)


def test_links_that_lead_in_a_circle_are_no_files(paper: Path) -> None:
    for name in ("paper/figures/hard.png", "paper/data/hard.csv", "chapters/hard.md"):
        (paper / name).symlink_to(Path(name).name)
    add(paper, f"{PICTURE % 'png'}\n\n{(CHART % 'paper/data/hard.csv').replace('br-hard', 'br-two')}")
    assert rules(paper) >= {"missing-file/picture", "broken-chart", "unreadable-file"}


def test_files_in_hidden_folders_are_not_readable_as_data(paper: Path) -> None:
    written(paper / ".git" / "config", "a,b\n1,2\n")
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
        (b"a;b\n1,5;2;3\n", "2:1 broken-data this line has 3 values for 2 columns"),
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


@pytest.mark.parametrize("sign", [";", "\t"])
def test_data_of_a_spreadsheet_are_read(paper: Path, sign: str) -> None:
    (paper / "paper" / "data" / "hard.csv").write_text(f"a{sign}b\nOslo, east{sign}2\n", encoding="utf-8")
    add(paper, TABLE % "paper/data/hard.csv")
    assert [d for d in findings(paper) if d.place.path == "paper/data/hard.csv"] == []


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
    changed(paper / CHAPTER, "title: Bridges", r'title: "Bri\e[31mdges \u202e"')
    reported = [d for d in findings(paper) if d.rule == "bad-character/control"]
    assert [(d.place.line, d.place.column) for d in reported] == [(3, 8)] * 2  # one for each character


@pytest.mark.parametrize("zone", ["Europe", "Europe/Nowhere", "../../etc/passwd", LONG])
def test_a_time_zone_is_one(paper: Path, zone: str) -> None:
    changed(paper / "paper/paper.yaml", "title:", f"timezone: {zone}\ntitle:")
    reported = [d for d in findings(paper) if d.rule == "bad-value/type"]
    assert len(reported) == 1
    assert zone in reported[0].message
    assert str(Project(paper).time_zone(load(paper, reported.append, Cache.for_paper(paper)))) == "UTC"


def nioc_in_shell(paper: Path, *words: str, streams: str = "") -> subprocess.CompletedProcess[str]:
    """A command in a paper; `streams` is the rest of its command line, for which it has a process of its own."""
    line = f"{shlex.join([sys.executable, '-m', 'nioc_paper', *words])} {streams}"
    done = (
        subprocess.run(line, shell=True, cwd=paper, capture_output=True, text=True, check=False)  # noqa: S602
        if streams
        else command_kit.nioc(paper, *words)
    )
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr
    return done


def test_a_full_disk_is_no_fault(paper: Path) -> None:
    assert nioc_in_shell(paper, "status", "--today", "2020-01-20", streams=">/dev/full").returncode == 1


@pytest.mark.parametrize(("words", "shell"), [("check", "2>&-"), ("build --to html,pdf", "<&- >&- 2>&-")])
def test_closed_streams_are_no_fault(paper: Path, words: str, shell: str) -> None:
    def run(paper: Path, streams: str) -> tuple[int, str, dict[str, bytes]]:
        done = nioc_in_shell(paper, *words.split(), "--today", "2020-01-20", streams=streams)
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
    assert nioc_in_shell(paper, "check", "--fix").returncode == 1
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
    written(paper / "dist" / "manifest.json", manifest)
    assert nioc_in_shell(paper, "build", "--to", "html", "--today", "2020-01-20").returncode == 0
    assert len(json.loads((paper / "dist" / "manifest.json").read_text(encoding="utf-8"))) == 1


# --- nesting ----------------------------------------------------------------------------------------------------------

DEEP = {
    "brackets": "[" * 30,
    "quotations": "> " * 500,
    "quotations without blanks": ">" * 500,
    "lists": "- " * 500,
    "lists 120 deep": "- " * 120,
    "both": "> - " * 250,
    "both, less": "> - " * 11,
    "notes": "a^[b" * 2 + "c]]",
}


def said_of(text: str) -> list[tuple[str, int]]:
    """The rules and lines of the findings on a text."""
    findings: list[Diagnostic] = []
    chapter_tree.parse_body(text, "a.md", NO_CACHE, findings.append)
    return [(finding.rule, finding.place.line) for finding in findings]


@pytest.mark.parametrize(
    ("case", "before"),  # brackets behind other passages are below: they take all the time that they may
    [(case, before) for number, case in enumerate(DEEP) for before in ((0, 3)[number % 2],)],
)
def test_deep_nesting_is_found_at_its_line(case: str, before: int, monkeypatch: pytest.MonkeyPatch) -> None:
    run = pandoc.run
    monkeypatch.setattr(pandoc, "run", lambda args, data, **kw: run(args, data, **{**kw, "seconds": 0.4}))
    monkeypatch.setattr(processes, "_POLL_SECONDS", 0.1)
    text = "\n" * 7 + "One.\n\n" * before + f"{DEEP[case]}x\n\nTwo.\n\nThree.\n"
    assert said_of(text) == [("unreadable-passage", 8 + 2 * before)]


def test_the_rest_of_a_chapter_is_read() -> None:
    findings: list[Diagnostic] = []
    outline, *_ = chapter_tree.parse_body(
        f"# Head\n\n{'- ' * 40}x\n\n[^n]\n\n## End {{#sec-end}}\n", "a.md", NO_CACHE, findings.append
    )
    assert [heading.title for heading in outline.headings] == ["Head", "End"]


def test_reading_is_limited_to_ten_seconds_of_processor_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pandoc may use 10 seconds of processor time in all, also when the passage is one of many."""
    limits: list[float] = []
    run = pandoc.run

    def timed(args: list[str], data: bytes, *, seconds: float = 20, **options: Any) -> pandoc.PandocOutput:
        limits.append(seconds)
        return run(args, data, seconds=min(seconds, 0.4), **options)

    monkeypatch.setattr(pandoc, "run", timed)
    monkeypatch.setattr(processes, "_POLL_SECONDS", 0.1)
    text = "Words.\n\n" * 300
    assert said_of(f"{text}{'[' * 30}x\n\n{text}") == [("unreadable-passage", 601)]
    assert sum(limits) < 10


# --- any nesting ------------------------------------------------------------------------------------------------------

Lines = list[str]


def quoted(lines: Lines) -> Lines:
    """Put lines into a quotation."""
    return [f"> {line}".rstrip() for line in lines]


def item(mark: str) -> Callable[[Lines], Lines]:
    """Put lines into an item of a list."""
    return lambda lines: [f"{'    ' if n else mark:4}{line}".rstrip() for n, line in enumerate(lines)]


def division(lines: Lines) -> Lines:
    """Put lines into a block of colons."""
    return ["::: {lang=en}", "", *lines, "", ":::"]


def termed(lines: Lines) -> Lines:
    """Put lines behind a term."""
    return ["term", "", *item(":")(lines)]


WRAPS: Sequence[Callable[[Lines], Lines]] = (
    quoted,
    division,
    item("-"),
    item("1."),
    lambda lines: ["-   first", "", *item("")(["", *lines])[1:]],
    termed,
    lambda lines: ["before", "", *lines, "", "after"],
)
LEAVES: Sequence[Callable[[int], Lines]] = (
    lambda _: ["responsibilities of many"],
    lambda _: ["| a | b |", "|---|---|", "| 1 | 2 |"],
    lambda n: ["*a **b " * n + "x" + " c** d*" * n],
    lambda n: ["\"a 'b " * n + "x" + " c' d\"" * n],
    lambda n: ["[a " * min(n, 5) + "x" + "]{lang=en}" * min(n, 5)],
    lambda n: ["[" * min(n, 6) + "x" + "]" * min(n, 6)],
    lambda n: ["a^[b " * min(n, 3) + "x" + "]" * min(n, 3)],
    lambda n: ["~~a " * min(n, 9) + "x" + "~~" * min(n, 9)],
)


def wrapped(wraps: Sequence[Callable[[Lines], Lines]]) -> Lines:
    """Put a word into one thing after the other."""
    lines = ["x"]
    for wrap in wraps:
        lines = wrap(lines)
    return lines


TOP: Mapping[str, str] = {
    "lists": "- " * 20 + "responsibilities",
    "quotations": "> " * 20 + "responsibilities",
    "divisions": "::: {lang=en}\n\n" * 98 + "x" + "\n\n:::" * 98,
    "emphasis": "*a **b " * 49 + "x" + " c** d*" * 49,
    "quotes": "\"a 'b " * 49 + "x" + " c' d\"" * 49,
    "divisions in definitions": "\n".join(wrapped([division, termed] * 20)),
}
"""Constructs of the greatest permitted depth, which are built beside the others."""


def nesting(chance: random.Random) -> str:
    """A passage nested to any depth."""
    lines = chance.choice(LEAVES)(chance.choice((1, 2, 5, 20, 60)))
    wraps = chance.sample(WRAPS, chance.randrange(1, 4))
    for _ in range(chance.choice((1, 2, 4, 8, 14, 19, 25, 60, 150))):
        lines = chance.choice(wraps)(lines)
    return "\n".join(lines)


def built(passages: Sequence[str], folder: Path) -> None:
    """Build a paper with some passages in all formats: nothing is lost, or the command fails."""
    paper = copy("healthy", folder)
    file = paper / "chapters" / "bridges.md"
    text = file.read_text(encoding="utf-8")
    all_of_it = "\n\nWords between.\n\n".join(passages)
    file.write_text(text.replace("## Gaps\n", f"## Gaps\n\n{all_of_it}\n\n", 1), encoding="utf-8")
    with without_office():
        run = nioc(paper, "build", "--to", "pdf,docx,html,epub", "--today", "2020-01-30")
    assert run.returncode == 0, run.stderr


def test_any_nesting_is_found_or_can_be_built(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    long = request.config.getoption("--long")
    for number in range(20 if long else 1):
        chance = random.Random(f"nesting {number} {random.random() if long else ''}")
        passages = [nesting(chance) for _ in range(24)]
        all_findings = [said_of(f"Words.\n\n{passage}\n\nWords.\n") for passage in passages]
        for findings, passage in zip(all_findings, passages, strict=True):
            assert {rule for rule, _ in findings} <= {"unreadable-passage"}, passage
            assert all(3 <= line <= 3 + passage.count("\n") for _, line in findings), passage
        sound = [passage for passage, findings in zip(passages, all_findings, strict=True) if not findings]
        assert len(passages) / 4 < len(sound) < len(passages)
        built([*TOP.values(), *sound], tmp_path / str(number))


def test_text_at_the_depth_limit_is_no_finding() -> None:
    assert {name: said_of(text) for name, text in TOP.items()} == {name: [] for name in TOP}


def test_marks_with_wide_spaces_are_read_in_linear_time() -> None:
    assert said_of("-   " * 15 + "x\n") == []  # each way to divide the spaces was tried: 2 to the 15th of a line
    assert [*find_code_blocks(("1.   -    " * 400 + "x\n") * 20)] == []


@pytest.mark.parametrize("sign", ["“", "…", "&amp;", "!"])
def test_signs_without_words_are_located_in_linear_time(sign: str) -> None:
    """Each of many signs was looked for in all of the text between two words: hours for a large chapter."""
    assert said_of(f"Word.\n\n{f'{sign} ' * 10_000}\n\nWord.\n") == []


@pytest.mark.parametrize("sign", [*"a1-!>:#([{<\"'“|$`~*_=&@/\\", "\t", " "])
def test_a_run_without_end_is_found_and_read_in_short(sign: str, tmp_path: Path) -> None:
    """A pattern may look at all of a run from each of its places: 60,000 characters took minutes."""
    (tmp_path / "a.md").write_text(f"---\n---\n{'word ' * 900}\nwords {sign * 60_000} words\n", encoding="utf-8")
    findings: list[Diagnostic] = []
    text = read_text(PaperFiles(tmp_path), "a.md", findings.append)
    assert [(finding.rule, finding.place.line, finding.place.column) for finding in findings] == [
        ("unreadable-passage", 4, 6 if sign.isspace() else 7)
    ]
    assert text is not None
    assert len(text) < 10_000
    assert text.endswith("words\n")


def test_comments_without_an_end_are_found_and_few_are_read(tmp_path: Path) -> None:
    """A pattern may look for the end of a comment through all of the text: 2 MiB of them took an hour."""
    (tmp_path / "a.md").write_text(f"<!-- ended <!-- one -->\n{'<!-- x' * 20}\ny <!-- z {'<!-- x' * 60_000}\n")
    findings: list[Diagnostic] = []
    text = read_text(PaperFiles(tmp_path), "a.md", findings.append)
    assert [(finding.rule, finding.place.line, finding.place.column) for finding in findings] == [
        ("unreadable-passage", 3, 3)
    ]
    assert text is not None
    assert text.count("<!--") == 22
    assert text.startswith("<!-- ended <!-- one -->\n<!-- x")
    assert f"y  z {' x' * 100}" in text


@pytest.mark.parametrize("text", ["[" * 30 + "x" + "]" * 30, "    - x"], ids=["brackets", "indented"])
def test_depth_in_code_is_unlimited(text: str) -> None:
    assert said_of(f"~~~\n{text}\n~~~\n") == []
    assert said_of(f"~~~\n{' ' * 200}{text}\n~~~\n") == []
