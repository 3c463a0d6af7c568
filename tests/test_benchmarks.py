"""The benchmark gives each tool the same text, and its page shows the measured values."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from reference_files import ROOT

from nioc_paper.cli.commands import nioc

sys.path.insert(0, str(ROOT / "benchmarks"))

import corpus
import peers
import report
from picture import picture


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("papers")
    corpus.write("S", folder)
    return folder


def test_the_page_and_its_picture_show_the_measured_results() -> None:
    results = report.read(report.KEPT)
    page = report.PAGE.read_text(encoding="utf-8")
    assert results
    assert report.filled(page, results) == page
    assert picture(results) == report.PICTURE.read_text(encoding="utf-8")


def test_our_paper_can_be_built(papers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(papers / "ours")
    output = CliRunner().invoke(nioc, ["check", "--format", "json"])
    assert output.exit_code == 0
    assert '"error"' not in output.stdout


def test_the_paper_with_people_names_each_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(corpus.SIZES, "P", (4, 400, 20))
    corpus.write("P", tmp_path)
    monkeypatch.chdir(tmp_path / "ours")
    output = CliRunner().invoke(nioc, ["check", "--format", "json"])
    assert output.exit_code == 0, output.stdout[:2000]
    assert (tmp_path / "ours" / "contributors.yaml").read_text(encoding="utf-8").count("id:") == 4
    assert "unknown-contributor" not in output.stdout


def test_each_release_keeps_what_ours_took(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "RELEASES", tmp_path / "releases.json")
    row = {"wall": 1.0, "cpu": 3.14159, "peak": 1.0}
    report.keep_release("1.0", {"S": {"medians": {report.EDITED: row, report.TYPST: row}}})
    report.keep_release("2.0", {"S": {"medians": {report.EDITED: row | {"cpu": 2.0}}}})
    lines = list(report.releases({}))
    assert lines[0] == "| paper | measure | 1.0 | 2.0 |"
    assert lines[2:] == [f"| S | {report.EDITED} | 3.1 | 2.0 |"]


def test_chapters_in_myst_keep_every_word_citation_and_reference(papers: Path) -> None:
    plain = (papers / "plain" / "c001.md").read_text(encoding="utf-8")
    written = peers.directives(plain)
    for what in (
        r"@ref\d+",
        r"\[\^[\d-]+\]",
        r"\[(?:Section|Table)\]\(#[\w-]+\)",
        r"figures/[\w.-]+",
        r"^#+ ",
        r"^\|.*",
    ):
        assert re.findall(what, written, re.MULTILINE) == re.findall(what, plain, re.MULTILINE)
    names = r"(?:\{#|^\(|:name: )([a-z]+-[\w-]+)"
    assert re.findall(names, written, re.MULTILINE) == re.findall(names, plain, re.MULTILINE)
    assert "{#" not in written


def test_citations_for_sphinx_keep_sources_and_pages() -> None:
    assert peers.roles("so [@ref0001, p. 17; @ref0002].") == "so {cite:p}`ref0001{p. 17},ref0002`."


def test_a_goal_is_held_against_the_peer_of_the_same_run() -> None:
    row = {"wall": 1.0, "cpu": 1.0, "peak": 1.0}
    medians = {report.EDITED: row, report.TYPST: row | {"cpu": 2.0}, report.NOTHING: row}
    text = "\n".join(report.goals({"S": {"medians": medians}}))
    assert "0.8: reached, 0.50" in text
    assert "0.3: missed, 1.00" in text


def test_growth_is_the_power_of_the_pages() -> None:
    small, large = ({report.COLD: {"cpu": cpu, "pages": pages}} for cpu, pages in ((2.0, 10), (18.0, 30)))
    assert list(report.growth({"S": {"medians": small}, "M": {"medians": large}}))[-1] == f"| {report.COLD} | 2.00 |"
