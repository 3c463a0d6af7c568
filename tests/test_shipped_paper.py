"""The paper of this repository, whatever its authors add: no errors, outputs, what CONTRIBUTING says of it."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import marks
import pytest
import verapdf
from command_kit import nioc, without_office
from reference_files import ROOT
from test_charts import colour_faults, grounds
from test_docs import CONTRIBUTING, blocks

from nioc_paper.check import check
from nioc_paper.check.rule_tables import KINDS, RULES, rule_name
from nioc_paper.load import load
from nioc_paper.load.templates import read_templates
from nioc_paper.model import Category, Diagnostic, Paper, Severity, Status
from nioc_paper.model.register_files import RECORDS
from nioc_paper.model.schema import schema_text
from nioc_paper.render.common.theme import read_theme
from nioc_paper.system.files import default_templates

DAY = date(2020, 1, 10)
LETTERS = {".": "", "i": "info", "w": "warning", "E": "error"}


def read(root: Path) -> tuple[Paper, list[Diagnostic]]:
    """A paper and its errors."""
    findings: list[Diagnostic] = []
    paper = load(root, findings.append)
    return paper, [d for d in check(paper, DAY, findings) if d.severity == Severity.ERROR]


@cache
def shipped() -> Paper:
    return read(ROOT)[0]


def test_the_paper_has_no_errors() -> None:
    assert read(ROOT)[1] == []


# --- outputs ----------------------------------------------------------------------------------------------------------


def test_it_is_built(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """As a web page: the job `paper` builds every format of each push. Under --long here too, and the PDF is valid."""
    formats = "html,pdf,docx,epub" if request.config.getoption("--long") else "html"
    with without_office():
        run = nioc(ROOT, "build", "--to", formats, "--out", str(tmp_path), "--today", str(DAY))
    assert run.returncode == 0, run.stdout + run.stderr
    assert {file.suffix[1:] for file in tmp_path.glob(f"{shipped().settings.id}.*")} == {*formats.split(",")}
    if "pdf" in formats and not verapdf.lacking():
        assert verapdf.faults(tmp_path / f"{shipped().settings.id}.pdf") == []


# --- its design -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["light", "dark"])
def test_series_of_its_charts_differ_for_everybody(name: str) -> None:
    theme = grounds(read_theme(read_templates(ROOT)))[name]
    assert list(colour_faults(theme, is_dark=name == "dark")) == []


def test_the_tools_design_has_no_colour_and_no_ornament_of_this_paper() -> None:
    colours = set(re.findall(r"#[0-9a-f]{6}", (ROOT / "templates/theme.css").read_text(encoding="utf-8")))
    tools = default_templates()
    assert [n for n in tools.files if any(colour in tools.text(n) for colour in colours)] == []
    assert tools.data("pattern.svg") != (ROOT / "templates/pattern.svg").read_bytes()


# --- schemas for editors, and CONTRIBUTING ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", RECORDS)
def test_schemas_are_those_of_the_records(name: str, agree: Callable[[Path, str], None]) -> None:
    """Choices of the paper may be older: `nioc schema --write` gives editors a new category or status."""
    written, settings = json.loads((ROOT / "schemas/chapter.json").read_text("utf-8"))["properties"], shipped().settings
    settings = settings.replace(
        statuses=tuple(Status(id=name, title=name) for name in written["status"]["enum"]),
        categories=tuple(Category(id=name, title=name, letters="") for name in written[settings.category_key]["enum"]),
        kinds={},
    )
    agree(ROOT / "schemas" / f"{name}.json", schema_text(name, settings))


def test_every_file_that_has_a_schema_is_there() -> None:
    assert [path for name, (_, path) in RECORDS.items() if name != "chapter" and not (ROOT / path).is_file()] == []


def test_the_table_of_statuses_is_that_of_the_rules() -> None:
    settings = shipped().settings
    levels = {rule_name(rule): letters for rule, letters in RULES} | {
        name: kind.letters for name, kind in KINDS.items()
    }
    table = CONTRIBUTING.partition("### Requirements of each status")[2].partition("\n### ")[0]
    head, _, *rows = (line for line in table.splitlines() if line.startswith("|"))
    stages = [
        [s.id for s in group] for _, group in itertools.groupby(settings.statuses, lambda s: settings.strictness(s.id))
    ]
    assert head == f"| fault | {' | '.join(', '.join(f'`{i}`' for i in ids) for ids in stages)} |"
    for row in rows:
        rule = re.findall(r"`([a-z/-]+)`", row)[0]
        severity_letters = [LETTERS[levels[rule][settings.strictness(ids[0])]] for ids in stages]
        assert row.split(" | ", 1)[1] == f"{' | '.join(severity_letters)} |"


def test_the_examples_hold(tmp_path: Path) -> None:
    for name in marks.SHIPPED & {file.name for file in ROOT.iterdir()}:
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, tmp_path / name)
    chapter = tmp_path / "chapters" / "terror-financing.md"
    examples = "\n".join(blocks(CONTRIBUTING, "markdown"))
    chapter.write_text(f"{chapter.read_text(encoding='utf-8')}\n{examples}", encoding="utf-8")
    assert read(tmp_path)[1] == []
