"""Formatters of Markdown may run over a paper: same words, same structure, no new finding."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from reference_files import ROOT
from test_shipped_paper import DAY

from nioc_paper.check import check
from nioc_paper.load import load
from nioc_paper.load.chapter_tree import parse_nodes
from nioc_paper.load.source_text import split_front_matter
from nioc_paper.model import Diagnostic
from nioc_paper.system.concurrency import noop

PAPERS = {"paper": ROOT, "starter": ROOT / "nioc_paper" / "starter", "manual": ROOT / "docs"}
COMMANDS = {
    "mdformat": ["mdformat", "."],
    # Code in another language is its own: the manual prints YAML as people write it.
    "prettier": ["prettier", "--embedded-language-formatting=off", "--log-level=warn", "--write", "**/*.md"],
}
PLUGINS = {"mdformat": ("frontmatter", "gfm", "footnote")}


def command_of(formatter: str) -> Sequence[str]:
    """The command of a formatter, which is on the path; skips the test if it, or a plugin of it, is missing."""
    if not shutil.which(formatter):
        pytest.skip(f"{formatter} is not installed")
    version = subprocess.run([formatter, "--version"], capture_output=True, text=True, check=True).stdout
    missing = [plugin for plugin in PLUGINS.get(formatter, ()) if plugin not in version]
    if missing:
        pytest.skip(f"{formatter} lacks plugins: {missing}")
    return COMMANDS[formatter]


def structure(text: str) -> object:
    """Tree of a chapter: the widths of columns are those of the dashes, and a formatter writes as many as it likes."""
    return plain(parse_nodes(split_front_matter(text, "", noop)[1]))


def plain(item: Any) -> Any:
    if isinstance(item, list):
        return [plain(each) for each in item]
    if isinstance(item, str):
        return re.sub(r" +$", "", item, flags=re.MULTILINE)  # at the ends of lines of code
    if isinstance(item, dict):
        without_widths = {"c": [*item["c"][:2], [], *item["c"][3:]]} if item.get("t") == "Table" else {}
        return {key: plain(value) for key, value in {**item, **without_widths}.items()}
    return item


def findings_of(folder: Path) -> list[str]:
    findings: list[Diagnostic] = []
    paper = load(folder, findings.append)
    return sorted(
        re.sub(r"\bline \d+", "line", f"{d.place.path} {d.rule} {d.message}") for d in check(paper, DAY, findings)
    )


@pytest.mark.parametrize(("formatter", "paper"), [*product(COMMANDS, PAPERS)])
def test_a_formatter_changes_no_word_and_no_structure(formatter: str, paper: str, tmp_path: Path) -> None:
    command = command_of(formatter)
    for name in ("paper", "chapters", "contributors.yaml", "reviews", "templates"):
        source = PAPERS[paper] / name
        if source.exists():
            (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    before = {file: file.read_text(encoding="utf-8") for file in tmp_path.rglob("*.md")}
    findings = findings_of(tmp_path)
    subprocess.run(command, cwd=tmp_path, check=True)
    after = {file: file.read_text(encoding="utf-8") for file in before}
    assert before != after
    assert [file.name for file in before if structure(before[file]) != structure(after[file])] == []
    assert findings_of(tmp_path) == findings


FENCES = ("::: {.box}", "::: note", ":::: {#rec-a .recommendation}")
LISTS = ("- one\n- two", "1. one\n\n2. two", "- one\n\n  - two", "- [x](y)\n\n  ::: {.tip}\n  words\n  :::")


@pytest.mark.parametrize("lead", ["", "> ", "- ", "1. ", "> - "])
def test_the_end_of_a_block_may_be_indented_below_a_list(lead: str) -> None:
    """For any block and list, at any place, and with a block around it."""
    for fence, items, indent in product(FENCES, LISTS, ("  ", "   ", "\t")):
        colons = fence.split(" ")[0]

        def nested(end: str, *, fence: str = fence, items: str = items, colons: str = colons) -> str:
            lines = ["::::: {.tip}", fence, "words", "", *items.split("\n"), f"{end}{colons}", "", "more", ":::::"]
            further = re.sub(r"[^> ]", " ", lead)
            return "\n".join((further if n else lead) + line for n, line in enumerate(lines))

        indented, right = nested(indent), nested("")
        assert json.dumps(parse_nodes(indented)) == json.dumps(parse_nodes(right)), indented


def test_an_indented_end_in_code_is_code() -> None:
    text = "::: {.box}\n```\n::: {.note}\n  :::\n```\n:::"
    assert "\\n  :::" in json.dumps(parse_nodes(text))
