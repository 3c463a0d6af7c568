"""A copy for the public tells of nobody who is not public: no name, no post of theirs alone, no id, in any format."""

from __future__ import annotations

from pathlib import Path

import crowd_kit
import pytest
from command_kit import nioc
from output_kit import words_of
from sample_history import start_history
from test_audience import held, unpacked

from nioc_paper.render import DOCUMENT_WRITERS

SECRETS = (
    *("Zenobia", "Quillfeather", "Director of Studies", "0000-0002-1825-0097", "met at the op"),
    *("Otto Quincy", "otto-quincy", "Registrar", "Ida Quirke", "ida-quirke", "Ulf Quist", "ulf-quist", "Ada North"),
    *("ada-north", "Bridge Engineer", "Ben Lock", "ben-lock", "Xylander"),
)
INSIDE = {f"crossings.{form}" for form in DOCUMENT_WRITERS} | {"crossings-limited.html"}
"""Copies that the public does not get, beside those that it gets."""


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return crowd_kit.outputs(tmp_path_factory) / "dist"


def test_no_output_names_a_person_who_is_not_public(outputs: Path) -> None:
    files = [
        file
        for file in outputs.rglob("*")
        if file.is_file() and "pagefind" not in file.parts and file.name not in INSIDE
    ]
    names_by_file = {
        file.relative_to(outputs).as_posix(): secrets
        for file in files
        if (secrets := held(unpacked(file.name, file.read_bytes()), SECRETS))
    }
    assert names_by_file == {}


def page(outputs: Path, name: str) -> str:
    return " ".join(" ".join(words_of(outputs / name)).split())


def test_people_who_may_be_named_are_named(outputs: Path) -> None:
    paper = page(outputs, "crossings-public.html")
    assert "Nora Named Roads Surveyor, Roads Department of Ardale reviewer, Tunnels" in paper
    assert "Ferry Master, Ferry Board" in paper
    assert "Academy of Crossings lead, Bridges; researcher, Tunnels" in paper


def test_a_body_that_comments_is_named_and_a_stranger_is_not(outputs: Path) -> None:
    text = page(outputs, "crossings-comments-public.html")
    for name in ("Roads Department of Ardale", "Nora Named", "A reviewer"):
        assert f"{name} 10 January 2020" in text
    assert "Xylander" not in text


def test_public_progress_tells_of_no_debts(outputs: Path) -> None:
    text = page(outputs, "site/progress.html")
    assert "Chapters" in text
    for debt in ("Obligations", "Lead", "no owner yet", "9 January 2020"):
        assert debt not in text


def test_the_public_sees_progress_only_if_the_paper_says_so(tmp_path: Path) -> None:
    root = start_history(tmp_path)
    for audience, is_shown in (("public", False), ("limited", True)):
        run = nioc(root, "site", "--downloads", "none", "--audience", audience, "--today", "2020-02-20")
        assert run.returncode == 0, run.stderr
        pages = {file.name: file.read_text(encoding="utf-8") for file in (root / "dist/site").glob("*.html")}
        assert ("progress.html" in pages) is is_shown
        assert any("progress.html" in text for text in pages.values()) is is_shown
        assert any("late" in text.lower().split() for text in pages.values()) is is_shown
