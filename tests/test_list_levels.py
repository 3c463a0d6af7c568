"""Items of lists that somebody moved to another level in Word read at that level afterwards, or it is reported."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

import pytest
from office_kit import needs_office
from test_review import FILES, SENDING, made, parse
from test_word_links import HOW, indent, indent_tracked, list_of
from word_edits import body
from word_kit import Edited, light, read_sent, resaved

from nioc_paper.app.sendings.export_word import export_sending
from nioc_paper.model import Chapter, Node
from nioc_paper.ooxml.xml import find_element, iter_elements, qn
from nioc_paper.review.docx import docx_reader
from nioc_paper.review.docx.bookmarks import add_bookmarks
from nioc_paper.review.exchange import incoming
from nioc_paper.review.merge.chapter_merge import MergeResult
from nioc_paper.system.files import default_templates

LISTS = """\
- alpha one here
- beta two here
    - gamma three here
    - delta four here
        - epsilon five here
- zeta six here

  Zeta goes on.

- eta seven here

Between the lists stands a line.

1. theta eight here
2. iota nine here
   1. kappa ten here
   2. lambda eleven here
10. mu twelve here

* nu thirteen here

* xi fourteen
  here
"""
ITEMS: Mapping[str, int] = {
    "alpha one": 1, "beta two": 1, "gamma three": 2, "delta four": 2, "epsilon five": 3, "zeta six": 1, "eta seven": 1,
    "theta eight": 1, "iota nine": 1, "kappa ten": 2, "lambda eleven": 2, "mu twelve": 1, "nu thirteen": 1,
    "xi fourteen": 1,
}  # fmt: skip
LAST = ("eta seven", "xi fourteen")
"""Last items before other text."""


@pytest.fixture(scope="module")
def chapter(tmp_path_factory: pytest.TempPathFactory) -> Chapter:
    text = FILES["chapters/bridges.md"].replace("The last paragraph", f"{LISTS}\nThe last paragraph")
    text = text.replace("    - a nested item\n", "")
    return made(tmp_path_factory.mktemp("lists"), {**FILES, "chapters/bridges.md": text}).chapters[0]


@pytest.fixture(scope="module")
def edited(chapter: Chapter, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    files = {**FILES, "chapters/bridges.md": chapter.text}
    paper = made(tmp_path_factory.mktemp("lists"), files)
    return light(export_sending(paper, "bridges", SENDING, default_templates(), compressed=False).data)


def merge(chapter: Chapter, edited: bytes, file: Edited) -> MergeResult:
    return incoming.merge_received(chapter, read_sent(edited), docx_reader.read_docx(file.package), parse)


def depths(text: str) -> dict[str, int]:
    """The depth of each item of the lists."""
    blocks: Sequence[Node] = parse(body(text))
    level_by_text = {p.text: p.level for p in add_bookmarks(blocks).paragraphs if p.kind == "item"}
    return {words: next(level for text, level in level_by_text.items() if words in text) for words in ITEMS}


def wanted(levels: Mapping[str, int]) -> dict[str, int]:
    """The depths that items of these levels in Word look to be at: an item is in the one above that is further out."""
    depth, outer = {}, list[int]()
    for words, level in levels.items():
        outer = [other for other in outer if other < level]
        outer.append(level)
        depth[words] = len(outer)
        outer = [] if words in LAST else outer
    return depth


def moves(rounds: int) -> Iterator[dict[str, int]]:
    yield from ({words: level} for words, old in ITEMS.items() for level in (1, 2, 3) if level != old)
    rng = random.Random(17)
    for _ in range(rounds):
        yield {words: rng.randint(1, 3) for words in rng.sample(list(ITEMS), rng.randint(2, 5))}


@pytest.mark.parametrize("how", HOW)
def test_items_read_at_the_level_that_they_have_in_word(
    how: str, chapter: Chapter, edited: bytes, request: pytest.FixtureRequest
) -> None:
    assert depths(chapter.text) == dict(ITEMS)
    for moved in moves(300 if request.config.getoption("--long") else 10):
        file = Edited(edited)
        for words, level in moved.items():
            if how == "tracked":
                indent_tracked(file, words, level - 1)
            else:
                indent(file, words, level - 1)
        merged = merge(chapter, edited, file.strip() if how == "marks lost" else file)
        text = merged.apply_to(chapter.text)
        actual, expected = depths(text), wanted({**ITEMS, **moved})
        assert text.split() == chapter.text.split() or "1." in text
        if actual != expected:
            assert merged.conflicts, moved
        for words, level in moved.items():
            is_said = any(words in c.base or "level" in c.reason for c in merged.conflicts)
            assert actual[words] == expected[words] or is_said, (moved, text, merged.conflicts)
            assert expected[words] != ITEMS[words] or level == ITEMS[words] or is_said, (moved, text)
        if how == "tracked":
            assert {edit.author for edit in merged.edits} <= {"Ada North", ""}


def test_most_levels_come_in(chapter: Chapter, edited: bytes) -> None:
    for words, level in (
        ("beta two", 2),
        ("gamma three", 1),
        ("delta four", 1),
        ("lambda eleven", 1),
        ("mu twelve", 2),
    ):
        file = Edited(edited)
        indent(file, words, level - 1)
        merged = merge(chapter, edited, file)
        assert merged.conflicts == ()
        assert depths(merged.apply_to(chapter.text)) == wanted({**ITEMS, words: level})


def test_the_numbers_of_a_list_begin_at_one_again(chapter: Chapter, edited: bytes) -> None:
    file = Edited(edited)
    indent(file, "iota nine", 1)
    text = merge(chapter, edited, file).apply_to(chapter.text)
    assert "1. theta eight here\n   1. iota nine here\n   1. kappa ten here\n" in text


def test_a_moved_item_keeps_its_other_paragraphs_and_its_changes(chapter: Chapter, edited: bytes) -> None:
    file = Edited(edited).replace("zeta six", "zeta sixty").add("eta seven", "A new item.", like=True)
    indent(file, "zeta sixty", 1)
    indent(file, "eta seven", 1)
    indent(file, "A new item.", 1)
    merged = merge(chapter, edited, file)
    assert merged.conflicts == ()
    assert (
        "- beta two here\n    - gamma three here\n    - delta four here\n        - epsilon five here\n"
        "    - zeta sixty here\n\n      Zeta goes on.\n\n    - eta seven here\n    - A new item.\n"
    ) in merged.apply_to(chapter.text)


def test_a_list_that_is_further_in_as_a_whole_is_one_report(chapter: Chapter, edited: bytes) -> None:
    file = Edited(edited)
    for words in list(ITEMS)[:7]:
        indent(file, words, ITEMS[words])
    merged = merge(chapter, edited, file)
    assert merged.edits == ()
    assert [(c.base, "another level" in c.reason) for c in merged.conflicts] == [("alpha one here", True)]


def test_levels_that_a_program_has_lost_stay(chapter: Chapter, edited: bytes) -> None:
    file = Edited(edited)
    for level in list(iter_elements(file.package.body, "w:ilvl")):
        level.set(qn("w:val"), "0")
    merged = merge(chapter, edited, file.replace("alpha one", "alpha once"))
    assert depths(merged.apply_to(chapter.text).replace("once", "one")) == dict(ITEMS)
    assert ["the program that saved it has lost them" in c.reason for c in merged.conflicts] == [True]


def test_an_item_that_was_split_and_moved_in_part_is_reported(chapter: Chapter, edited: bytes) -> None:
    file = Edited(edited).split("six here")
    indent(file, "six here", 1)
    merged = merge(chapter, edited, file)
    assert ["another level" in c.reason for c in merged.conflicts] == [True]
    assert find_element(list_of(file, "six here"), "w:ilvl") is not None


@needs_office
def test_levels_come_in_from_libreoffice_too(chapter: Chapter, edited: bytes) -> None:
    moved = {"beta two": 2, "delta four": 1, "iota nine": 2, "kappa ten": 1, "xi fourteen": 2}
    files = []
    for words, level in moved.items():
        file = Edited(edited)
        indent(file, words, level - 1)
        files.append(file.save())
    for (words, level), saved in zip(moved.items(), resaved(*files), strict=True):
        merged = merge(chapter, edited, Edited(saved))
        assert [c for c in merged.conflicts if "formula" not in c.base] == []
        assert depths(merged.apply_to(chapter.text)) == wanted({**ITEMS, words: level})
