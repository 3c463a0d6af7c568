"""A passage whose words are all replaced in Word is replaced in the chapter, or reported with nothing changed."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Mapping

import pytest
from word_edits import SPOTS, links_item, parse_nodes, sent
from word_kit import Edited

from nioc_paper.ooxml.xml import Element, parse_element, qn, remove_element
from nioc_paper.review.docx import docx_reader
from nioc_paper.review.exchange import incoming

NEW, MORE = "Zebras gallop", "Otters swim"
PLACES = (
    *("cell", "head of a table", "first line of a cell", "second line of a cell", "item", "nested item", "last item"),
    *("numbered item", "heading", "caption", "note", "quotation", "callout", "last item of a callout", "field"),
    *("text of a gap", "last field of a gap", "text of a recommendation", "between boxes", "last paragraph"),
)


def clear(paragraph: Element) -> Element:
    """Take out all of a paragraph but its properties."""
    for node in list(paragraph):
        if node.tag != qn("w:pPr"):
            remove_element(node)
    return paragraph


def typed(paragraph: Element, words: str) -> Element:
    clear(paragraph).append(parse_element(f"<w:r><w:t>{words}</w:t></w:r>"))
    return paragraph


def paste_over(file: Edited, words: str) -> None:
    """Replace a paragraph by a new one; one outside of a cell gets the properties of the old one."""
    old = file.paragraph(words)
    new = parse_element("<w:p/>") if next(old.iterancestors(qn("w:tc")), None) is not None else copy.deepcopy(old)
    old.addnext(typed(new, NEW))
    remove_element(old)


def two_paragraphs(file: Edited, words: str) -> None:
    old = file.paragraph(words)
    old.addnext(typed(copy.deepcopy(old), MORE))
    typed(old, NEW)


def paste_list(file: Edited, words: str) -> None:
    old = file.paragraph(words)
    links_item(file, words)
    item = old.getnext()
    assert item is not None
    item.addnext(typed(copy.deepcopy(item), MORE))
    typed(item, NEW)
    remove_element(old)


EDITS: Mapping[str, Callable[[Edited, str], object]] = {
    "typed over": lambda file, words: typed(file.paragraph(words), NEW),
    "pasted over": paste_over,
    "emptied": lambda file, words: clear(file.paragraph(words)),
    "two paragraphs": two_paragraphs,
    "pasted list": paste_list,
}


def test_new_words_of_one_cell_stay_together_beside_an_emptied_cell() -> None:
    chapter, data, base = sent()
    file = Edited(data)
    clear(file.paragraph("poor and rusty"))
    two_paragraphs(file, "West of town")
    result = incoming.merge_received(chapter, base, docx_reader.read_docx(file.package), parse_nodes)
    assert not result.edits
    assert any("West of town" in c.base and f"{NEW} | {MORE}" in c.edited for c in result.conflicts)


@pytest.mark.parametrize(("place", "edit"), [*itertools.product(PLACES, EDITS)])
def test_replaced_words_are_all_merged_or_all_reported(place: str, edit: str) -> None:
    chapter, data, base = sent()
    file, words = Edited(data), SPOTS[place].words
    EDITS[edit](file, words)
    result = incoming.merge_received(chapter, base, docx_reader.read_docx(file.package), parse_nodes)
    new = {"emptied": (), "typed over": (NEW,), "pasted over": (NEW,)}.get(edit, (NEW, MORE))
    text = result.apply_to(chapter.text)
    if text == chapter.text:
        assert any(words in c.base and all(each in c.edited for each in new) for c in result.conflicts)
    else:
        assert words not in text
        assert all(each in text for each in new)
        assert not result.conflicts
