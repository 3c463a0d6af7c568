"""A Word file that is made chapter by chapter is the same whatever was kept, and its lists name the right pages."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from msgspec.structs import replace
from office_kit import needs_office, pages_of
from test_pdf_chapters import TEMPLATES, WORDS, damage, paper, start, written

from nioc_paper.app.outputs import running_engines
from nioc_paper.model import Diagnostic, Document, Revision
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import iter_elements, qn
from nioc_paper.render.context import Engines, RenderContext
from nioc_paper.render.word import docx_writer
from nioc_paper.system.cache import Cache
from nioc_paper.wording import roman


def make_docx(document: Document, cache: Cache = Cache(), layout: Engines = Engines()) -> bytes:  # noqa: B008 - frozen
    findings: list[Diagnostic] = []
    data = docx_writer.write(document, RenderContext(TEMPLATES, findings.append, cache, layout))
    assert [d.message for d in findings if d.rule != "missing-tool"] == []
    return data


def run_cache() -> Cache:
    """Return the cache of this run, for tests of something else."""
    return Cache.for_paper(Path())


def listed(data: bytes) -> dict[str, str]:
    """The page that the lists of a Word file name for each bookmark."""
    out, wanted = {}, ""
    for node in iter_elements(Package(data).body, "w:instrText", "w:t"):
        words = (node.text or "").split()
        if node.tag == qn("w:instrText"):
            wanted = words[1] if words[:1] == ["PAGEREF"] else ""
        elif wanted:
            out[wanted], wanted = node.text or "", ""
    return out


@needs_office
def test_cached_pieces_give_the_same_result_and_damaged_ones_are_replaced(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    chance, cache = random.Random(11), Cache(tmp_path)
    chapters = start(chance)
    for edit in ("nothing", "word", "more", "less", "order"):
        if edit == "word":
            chapters["b"][0] = written(chance, "c")
        elif edit == "more":
            chapters["a"] += [" ".join(WORDS * 9)] * 9
        elif edit == "less":
            chapters["c"] = chapters["c"][:2]
        elif edit == "order":
            chapters = dict(reversed(chapters.items()))
        if edit in ("word", "less") and not request.config.getoption("--long", default=False):
            continue  # together with the next edit
        document = paper(chapters)
        with running_engines(["docx"]) as engines:
            docx = make_docx(document, cache, engines)
    assert docx == make_docx(document), "the last has all edits in it"
    damage(tmp_path)
    assert docx == make_docx(document, cache)


@needs_office
def test_the_pages_in_the_lists_are_those_of_the_whole_file() -> None:
    data = make_docx(paper(start(random.Random(3), "abcd")), run_cache())
    (whole,), listed_pages = pages_of(data), listed(data)
    first = next(whole[name] for name, page in listed_pages.items() if page == "1")
    expected_pages = {
        name: roman(whole[name]) if whole[name] < first else str(whole[name] - first + 1) for name in listed_pages
    }
    assert len(listed_pages) > 12
    assert listed_pages == expected_pages


@needs_office
def test_a_file_with_tracked_changes_names_the_same_pages() -> None:
    document = paper(start(random.Random(4), "ab"))
    compared = replace(document, revision=Revision("Ada North", "2020-02-05T00:00:00Z"))
    assert listed(make_docx(compared, run_cache())) == listed(make_docx(document, run_cache()))
