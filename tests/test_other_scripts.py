"""Letters that our fonts lack: from the Noto fonts of the machine, or a finding that names their package."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from sample_document import document

from nioc_paper.model import Asset
from nioc_paper.render.common import special_fonts
from nioc_paper.render.common.special_fonts import packages_of, system_font_files
from nioc_paper.render.pdf import pdf_writer

SAMPLES = {
    "Devanagari": "हिन्दी",
    "Bengali": "বাংলা",
    "Thai": "ภาษาไทย",
    "CJK": "中文 ひらがな 한국어",
    "Symbols2": "↔ ☒ ✗ □",
}


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[Path, frozenset[int]]:
    """Fonts of a machine, each with the letters of a script; one has a bold face, one some letters of another."""
    letters = {tmp_path / f"NotoSans{name}-Regular.ttf": frozenset(map(ord, text)) for name, text in SAMPLES.items()}
    letters[tmp_path / "NotoSansFew-Regular.ttf"] = frozenset(map(ord, "↔中"))
    for file in (*letters, tmp_path / "NotoSansThai-Bold.ttf"):
        file.touch()
    monkeypatch.setattr(special_fonts, "_letters_of_noto", lambda: letters)
    return letters


def fonts_for(words: str) -> list[str]:
    blocks = ({"t": "Para", "c": [{"t": "Str", "c": word} for word in words.split()]},)
    return [file.name for file in system_font_files(replace(document(), title="", blocks=blocks))]


@pytest.mark.parametrize("script", SAMPLES)
def test_a_script_has_its_font(script: str, machine: dict[Path, frozenset[int]]) -> None:
    assert fonts_for(SAMPLES[script])[0] == f"NotoSans{script}-Regular.ttf"
    assert len(machine) == len(SAMPLES) + 1


@pytest.mark.usefixtures("machine")
def test_fonts_are_as_few_as_can_be_and_have_both_faces() -> None:
    assert fonts_for("Zürich, naïve, Ελλάδα, Россия: “12 ½” – 5 % → 3\u20112") == []
    assert fonts_for("ไทย") == ["NotoSansThai-Regular.ttf", "NotoSansThai-Bold.ttf"]
    assert fonts_for("中文 ↔ \u0378") == ["NotoSansCJK-Regular.ttf", "NotoSansSymbols2-Regular.ttf"]


@pytest.mark.usefixtures("machine")
def test_letters_in_drawings_have_fonts_and_places() -> None:
    drawing = Asset("paper/figures/a.svg", "image/svg+xml", "<svg><text>中 ↔</text></svg>".encode())
    drawn = replace(document(), title="", blocks=(), assets={"a": drawing}, charts={})
    assert [file.name for file in system_font_files(drawn)] == ["NotoSansFew-Regular.ttf"]
    assert [d.place.path for d in pdf_writer._letter_diagnostics("中", drawn)] == [drawing.path]


def test_a_missing_package_is_named_once(machine: dict[Path, frozenset[int]]) -> None:
    assert packages_of("中ह") == []
    machine.clear()
    assert packages_of("中文") == ["fonts-noto-cjk"]
    assert packages_of("中ह↔") == ["fonts-noto-cjk", "fonts-noto-core"]
