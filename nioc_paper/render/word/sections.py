"""Sections of the paper for Word: breaks at chapters and at landscape pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum

from msgspec import Struct

from nioc_paper import tree
from nioc_paper.model import Node
from nioc_paper.ooxml.xml import raw_node
from nioc_paper.render.word.word_styler import is_lead_in

SECTION_END = raw_node("<w:p><w:pPr><w:sectPr/></w:pPr></w:p>", block=True)


class SectionKind(Enum):
    """Kind of section: all of a kind have the same sheet, header and footer."""

    COVER = "cover"
    LISTS = "lists"
    OPENING = "opening"
    """Start of a part or chapter: no running head on its first page, and notes are numbered from 1."""
    PORTRAIT = "upright"
    """Continuation after a landscape page."""
    LANDSCAPE = "turned"


class WordSection(Struct, frozen=True):
    """Section of the Word file."""

    kind: SectionKind
    blocks: list[Node]
    is_roman: bool = True
    """Front matter: its pages have roman numbers."""
    starts_text: bool = False
    """Start of the text: its first page is a right one, with number 1."""


def split_into_sections(blocks: Iterable[Node], *, is_roman: bool, starts_text: bool) -> list[WordSection]:
    """Split chapters at landscape pages. `is_roman` is for the front matter, `starts_text` for the first of text."""
    cut = _split_by_orientation([inner for block in blocks for inner in _unwrap_chapter(block)])
    return [
        WordSection(kind, section_blocks, is_roman=is_roman, starts_text=starts_text and not index)
        for index, (kind, section_blocks) in enumerate(cut)
    ]


def _unwrap_chapter(block: Node) -> list[Node]:
    """Return the blocks of a chapter; its id becomes an anchor on the first, its language goes to all but headings."""
    if block["t"] != "Div" or not block["c"][1]:
        return [block]
    marks = {name: value for name, value in tree.attributes(block).items() if name in tree.LANGUAGE_ATTRIBUTES}
    first, *rest = [_with_language(each, marks) for each in block["c"][1]] if marks else block["c"][1]
    anchor = tree.identifier(block)
    return [tree.div([first], id=anchor) if anchor and first["t"] != "Header" else first, *rest]


def _with_language(block: Node, marks: Mapping[str, str]) -> Node:
    if block["t"] == "Header":
        return block
    if tree.is_div(block, "landscape"):
        attributes, inner = block["c"]
        return {**block, "c": [attributes, [_with_language(each, marks) for each in inner]]}
    return tree.div([block], values=marks)


def _split_by_orientation(blocks: list[Node]) -> list[tuple[SectionKind, list[Node]]]:
    """Yield runs of portrait and landscape blocks; a heading goes with the landscape page below it."""
    out: list[tuple[SectionKind, list[Node]]] = [(SectionKind.OPENING, [])]
    for block in blocks:
        if not tree.is_div(block, "landscape"):
            if out[-1][0] is SectionKind.LANDSCAPE:
                out.append((SectionKind.PORTRAIT, []))
            out[-1][1].append(block)
            continue
        above = out[-1][1] if out[-1][0] is not SectionKind.LANDSCAPE else []
        lead_ins: list[Node] = []
        while above and is_lead_in(above[-1]):
            lead_ins.insert(0, above.pop())
        if not out[-1][1]:
            out.pop()
        if not out or out[-1][0] is not SectionKind.LANDSCAPE:
            out.append((SectionKind.LANDSCAPE, []))
        out[-1][1].extend([*lead_ins, *block["c"][1]])
    return [(kind, run_of_blocks) for kind, run_of_blocks in out if run_of_blocks]
