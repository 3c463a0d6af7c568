"""The benchmark gives each tool the same text, and its page shows the measured values."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from reference_files import ROOT

from nioc_paper.cli.commands import nioc

sys.path.insert(0, str(ROOT / "benchmarks"))

import corpus
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
