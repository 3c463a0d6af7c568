"""Nesting: check reports the line that an output cannot print; all that it accepts can be built."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from command_kit import nioc, without_office
from test_papers import copy

from nioc_paper.load import chapter_tree
from nioc_paper.load.paper_files import PaperFiles
from nioc_paper.load.source_text import read_text
from nioc_paper.model import Diagnostic
from nioc_paper.system import pandoc, processes
from nioc_paper.system.cache import NO_CACHE
from nioc_paper.tree.code import find_code_blocks

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
    [(case, before) for before in (0, 3) for case in DEEP if (case, before) != ("brackets", 3)],
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
        passages = [nesting(chance) for _ in range(40)]
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
