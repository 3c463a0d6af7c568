"""The paper cut into runs of pages for Word: where a chapter starts and where the page turns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from nioc_paper import tree
from nioc_paper.model import Node
from nioc_paper.ooxml.xml import raw
from nioc_paper.render.word.tree import leads_in

SECTION_END = raw("<w:p><w:pPr><w:sectPr/></w:pPr></w:p>", block=True)


class Section(Enum):
    """A kind of pages: those of a kind have the same sheet, header and footer."""

    COVER = "cover"
    IMPRINT = "imprint"
    """At the foot of its page."""
    LISTS = "lists"
    OPENING = "opening"
    """Starts a part or chapter: no running head on its first page, and notes are numbered from 1."""
    UPRIGHT = "upright"
    """Goes on after a turned page."""
    TURNED = "turned"


@dataclass(frozen=True, slots=True)
class Run:
    """A section of the Word file."""

    kind: Section
    blocks: list[Node]
    roman: bool = True
    """Its pages stand before the text, and are numbered so."""
    first: bool = False
    """Begins the text: its first page is a right one, with the number 1."""


def turns(blocks: Iterable[Node], *, roman: bool, first: bool) -> list[Run]:
    """A chapter cut where the page turns. `roman` are its pages, or it has the `first` of the text."""
    cut = _turns([inner for block in blocks for inner in _unwrapped(block)])
    return [Run(kind, own, roman=roman, first=first and not place) for place, (kind, own) in enumerate(cut)]


def _unwrapped(block: Node) -> list[Node]:
    """The blocks of a chapter; its id stays as an anchor on the first of them, its language on all but headings."""
    if block["t"] != "Div" or not block["c"][1]:
        return [block]
    marks = {name: value for name, value in tree.values(block).items() if name in ("lang", "dir")}
    first, *rest = [_spoken(each, marks) for each in block["c"][1]] if marks else block["c"][1]
    anchor = tree.identifier(block)
    return [tree.div([first], id=anchor) if anchor and first["t"] != "Header" else first, *rest]


def _spoken(block: Node, marks: Mapping[str, str]) -> Node:
    if block["t"] == "Header":
        return block
    if tree.is_div(block, "landscape"):
        attributes, inner = block["c"]
        return {**block, "c": [attributes, [_spoken(each, marks) for each in inner]]}
    return tree.div([block], values=marks)


def _turns(blocks: list[Node]) -> list[tuple[Section, list[Node]]]:
    """Runs of upright and turned pages; a heading goes with the turned page that it stands above."""
    out: list[tuple[Section, list[Node]]] = [(Section.OPENING, [])]
    for block in blocks:
        if not tree.is_div(block, "landscape"):
            if out[-1][0] is Section.TURNED:
                out.append((Section.UPRIGHT, []))
            out[-1][1].append(block)
            continue
        above = out[-1][1] if out[-1][0] is not Section.TURNED else []
        taken: list[Node] = []
        while above and leads_in(above[-1]):
            taken.insert(0, above.pop())
        if not out[-1][1]:
            out.pop()
        if not out or out[-1][0] is not Section.TURNED:
            out.append((Section.TURNED, []))
        out[-1][1].extend([*taken, *block["c"][1]])
    return [(kind, run_of_blocks) for kind, run_of_blocks in out if run_of_blocks]
