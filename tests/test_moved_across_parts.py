"""Words moved from one part into another, and cells filled, come in exactly, or are reported and not merged."""

from __future__ import annotations

import itertools

import pytest
from word_edits import parse_nodes, paste_over, sent, type_over
from word_kit import Edited

from nioc_paper.ooxml.xml import Element, iter_elements, parse_element, remove_element
from nioc_paper.review.docx import docx_reader
from nioc_paper.review.exchange import incoming
from nioc_paper.review.merge.chapter_merge import MergeResult

PARTS = {
    "text": "The last paragraph closes this chapter.",
    "item": "the second item is longer",
    "quotation": "A quoted passage of somebody else.",
    "cell": "poor and rusty",
    "note": "The year of the first opening counts here.",
    "box": "An engineer walked over each bridge.",
    "warning": "Never park below loose stones.",
}


def merged(file: Edited) -> tuple[str, MergeResult]:
    chapter, _, base = sent()
    result = incoming.merge_received(chapter, base, docx_reader.read_docx(file.package), parse_nodes)
    return result.apply_to(chapter.text), result


def move(file: Edited, words: str, target: str, *, keeps_paragraph: bool) -> None:
    """Words cut, and pasted as a paragraph behind another one; a cell keeps an empty paragraph."""
    old: Element = file.paragraph(words)
    fresh = parse_element(f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>")
    file.paragraph(target).addnext(fresh)
    if keeps_paragraph:
        for run in list(iter_elements(old, "w:r")):
            remove_element(run)
    else:
        remove_element(old)


@pytest.mark.parametrize("keeps_paragraph", [False, True])
@pytest.mark.parametrize(("start", "end"), [*itertools.permutations(PARTS, 2)])
def test_words_are_never_in_two_parts_or_in_none(start: str, end: str, *, keeps_paragraph: bool) -> None:
    chapter, data, _ = sent()
    file = Edited(data)
    move(file, PARTS[start], PARTS[end], keeps_paragraph=keeps_paragraph)
    text, result = merged(file)
    assert text.count(PARTS[start]) == 1, text
    assert result.conflicts or text != chapter.text


@pytest.mark.parametrize("marks_lost", [False, True])
@pytest.mark.parametrize("author", ["", "Ben"])
def test_rows_and_cells_come_in(author: str, *, marks_lost: bool) -> None:
    chapter, data, _ = sent()
    head = "| Under the town | rests upon stone<br>and timber beams below |\n"
    file = Edited(data, author).drop_row("East of town").add_row("West of town", "North of town", "")
    file.add_row("North of town", "", "never *seen* | by us").delete("good and sound")
    if marks_lost:
        file.strip()
    text, result = merged(file)
    assert not result.conflicts
    rows = "| West of town |  |\n| North of town |  |\n|  | never \\*seen\\* \\| by us |\n"
    old = "| East of town | poor and rusty |\n| West of town | good and sound |\n"
    assert text == chapter.text.replace(old + head, rows + head)
    assert {edit.author for edit in result.edits} == {author}


def test_new_words_of_one_cell_stay_together_beside_an_emptied_cell() -> None:
    file = Edited(sent()[1])
    type_over(file.paragraph("poor and rusty"), "")
    paste_over(file, "West of town", "Zebras gallop", "Otters swim")
    _, result = merged(file)
    assert not result.edits
    assert any("West of town" in c.base and "Zebras gallop | Otters swim" in c.edited for c in result.conflicts)
