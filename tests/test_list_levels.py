"""Items of lists that got another level in Word are reported; new and moved items read at the level that they have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from test_review import FILES, SENDING, made, parse
from test_word_links import indent
from word_edits import body
from word_kit import Edited, light, read_sent

from nioc_paper.app.sendings.send import export_sending
from nioc_paper.model import Chapter, Node
from nioc_paper.ooxml.xml import iter_elements, qn
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


@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.parametrize("after", ITEMS)
def test_a_new_item_reads_at_its_level_or_is_reported(after: str, level: int, chapter: Chapter, edited: bytes) -> None:
    file = Edited(edited).add(after, "A new item.", like=True)
    indent(file, "A new item.", level - 1)
    merged = merge(chapter, edited, file)
    text = merged.apply_to(chapter.text)
    assert depths(text) == dict(ITEMS)
    new = [p.level for p in add_bookmarks(parse(body(text))).paragraphs if p.text == "A new item."]
    assert new == [level] or (new == [] and merged.conflicts)
    assert new or level > ITEMS[after] + 1 or (after, level) == ("delta four", 1)  # an item in it follows


def test_levels_that_a_program_has_lost_stay(chapter: Chapter, edited: bytes) -> None:
    file = Edited(edited)
    for level in list(iter_elements(file.package.body, "w:ilvl")):
        level.set(qn("w:val"), "0")
    merged = merge(chapter, edited, file.replace("alpha one", "alpha once"))
    assert depths(merged.apply_to(chapter.text).replace("once", "one")) == dict(ITEMS)
    assert ["the program that saved it has lost them" in c.reason for c in merged.conflicts] == [True]
