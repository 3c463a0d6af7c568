"""The benchmark gives each tool the same text, and its page shows the measured values."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from reference_files import ROOT

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
