"""A chapter is rendered again if something in it has changed, and not because of the rest of its document."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from command_kit import nioc
from msgspec.structs import replace
from sample_document import document

from nioc_paper import tree
from nioc_paper.model import Diagnostic, Document
from nioc_paper.render.common import bidi, shared_passes
from nioc_paper.render.context import RenderContext
from nioc_paper.render.epub import epub_writer
from nioc_paper.render.web import page_writer
from nioc_paper.system import pandoc
from nioc_paper.system.cache import Cache
from nioc_paper.system.files import default_templates

ELSEWHERE: dict[str, dict[str, Any]] = {
    "a commit": {"commit": "0123456789"},
    "a first change after a commit": {"commit": "0123456789 with changes"},
    "a version": {"version": "2.0", "versions": ()},
    "a draft with later changes": {"version": "with later changes"},
    "another day": {"date": date(2021, 2, 3), "timestamp": 1612310400},
    "a source that nothing cites": {"nocite": ("survey2019",)},
    "a chapter with another status": {"standing": {"drafting": 7}},
}
"""Changes of a document that no chapter shows."""


@pytest.fixture
def texts_given(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Texts that pandoc is given to write."""
    texts: list[str] = []
    original = pandoc.write

    def write(blocks: Any, *args: Any, **options: Any) -> bytes:
        blocks = list(blocks)
        texts.append(tree.plain_text(blocks))
        return original(blocks, *args, **options)

    monkeypatch.setattr(pandoc, "write", write)
    return texts


@pytest.mark.parametrize("write", [page_writer.write, epub_writer.write], ids=["web page", "e-book"])
def test_no_chapter_is_written_again_for_what_it_does_not_show(
    write: Callable[[Document, RenderContext], bytes],
    texts_given: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    prepared = mock.Mock(side_effect=bidi.isolate_runs)
    monkeypatch.setattr(shared_passes, "isolate_runs", prepared)
    context = RenderContext(default_templates(), list[Diagnostic]().append, Cache(tmp_path))
    paper = document()
    write(paper, context)
    longest = max(texts_given, key=len)
    for change, values in ELSEWHERE.items():
        texts_given.clear()
        prepared.reset_mock()
        write(replace(paper, **values), context)
        # The imprint and the title page show versions and days.
        assert len(texts_given) <= 2, change
        assert longest not in texts_given, change
        assert not prepared.called, change


# --- builds after edits at random ------------------------------------------------------------------------------------

ROOT = Path(__file__).parents[1]
CHAPTERS = ("bridges", "tunnels")


def inside(name: str, text: str) -> Callable[[Path, int], None]:
    """Adds a passage at the end of a chapter's gaps; `{n}` is the number of the edit."""

    def edit(paper: Path, n: int) -> None:
        more = text.replace("{n}", str(n))
        put(paper / "chapters" / f"{name}.md", "\n## Recommendations", f"\n{more}\n\n## Recommendations")

    return edit


def put(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def turned(paper: Path, _: int) -> None:
    """The chapters in another order."""
    file = paper / "paper" / "paper.yaml"
    file.write_text(re.sub(r"( +- chapters/\w+\.md\n)( +- chapters/\w+\.md\n)", r"\2\1", file.read_text()))


def counted(paper: Path, n: int) -> None:
    """A fact with another value."""
    file = paper / "paper" / "registers" / "facts.yaml"
    file.write_text(re.sub('value: "[0-9]+"', f'value: "{12 + n}"', file.read_text()))


EDITS: tuple[Callable[[Path, int], None], ...] = (
    turned,
    counted,
    *(inside(name, "One more sentence, the {n}th, of what nobody counts [@survey2019].") for name in CHAPTERS),
    inside("bridges", "See @rec-tu-notice, too."),
    inside("tunnels", "See @rec-br-inspect and @fig-br-span, too."),
    inside("bridges", "| Bridge | Built |\n|--|--|\n| Ford | 18{n} |\n\n: Bridges by name, {n} {#tbl-br-{n}}"),
    inside("tunnels", "![Piers.](../paper/figures/span.svg){#fig-tu-{n} alt='A deck on two piers, {n}.'}"),
    inside("tunnels", "### A section {n}\n\nIt says little.[^n{n}]\n\n[^n{n}]: A note, the {n}th."),
    lambda paper, n: put(paper / "chapters" / "tunnels.md", "title: T", f"title: T{n}t"),
    lambda paper, n: put(paper / "paper" / "figures" / "span.svg", "</svg>", f"<rect width='{n}' height='1'/></svg>"),
    lambda paper, n: put(paper / "contributors.yaml", "Ben", f"Ben{'n' * n}"),
)  # fmt: skip


def made(paper: Path) -> dict[str, bytes]:
    """The outputs of a build, by the ends of their names."""
    run = nioc(paper, "build", "--to", "pdf,html,epub,docx", "--today", "2020-01-20")
    assert run.returncode == 0, run.stderr
    return {name: (paper / "dist" / f"crossings.{name}").read_bytes() for name in ("pdf", "html", "epub", "docx")}


@pytest.mark.usefixtures("own_cache")
def test_a_build_after_many_edits_is_that_of_a_fresh_copy(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    every = 1 if request.config.getoption("--long", default=False) else 6
    chance = random.Random(7)
    paper = shutil.copytree(ROOT / "tests" / "papers" / "healthy", tmp_path / "paper")
    edits = chance.sample(EDITS, len(EDITS))
    for number, edit in enumerate(edits, start=1):
        edit(paper, number)
        if number % every == 0:
            made(paper)
    fresh = shutil.copytree(paper, tmp_path / "fresh" / "paper", ignore=shutil.ignore_patterns(".cache", "dist"))
    assert made(paper) == made(fresh)
