"""A chapter is rendered again if something in it has changed, and not because of the rest of its document."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
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
