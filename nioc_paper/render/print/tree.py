"""The tree as print sets it: running heads, parts inside their first chapter, panels, references that lead far."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Self

from nioc_paper import tree
from nioc_paper.cache import key
from nioc_paper.model import Document, Node
from nioc_paper.render import body
from nioc_paper.wording import labels

_BOXES = {"recommendation", "gap", "finding"}
_WITH_TEXT = 4
"""Fields that stay with the text of their box: two lines of two."""
_LIGHT = {"Para", "Plain", "BulletList", "OrderedList"}
"""What may stand beside findings in a panel; what is larger would make it run over pages."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How print sets a chapter: all that hangs on more than the chapter itself."""

    document: Document
    """Without its blocks, and without all that no chapter shows."""
    homes: Mapping[str, str]
    """In which chapter each box, figure and table stands, by its id."""
    names: Mapping[str, str]
    """The files of pictures, by their targets in the tree."""

    @classmethod
    def of(cls, document: Document, names: Mapping[str, str]) -> Self:
        """The setting of the chapters of a document."""
        return cls(body.shared(document), _homes(document.blocks), names)

    @property
    def key(self) -> str:
        """Stands for all of it."""
        return key(repr(self.document), json.dumps([self.homes, self.names], sort_keys=True))

    def printed(self, block: Node) -> Node:
        """A chapter as print sets it."""
        (block,) = body.prepare(replace(self.document, blocks=(block,)))

        def change(node: Node) -> Node:
            if node["t"] == "Image" and node["c"][2][0] in self.names:
                attr, alt, (target, title) = node["c"]
                return {"t": "Image", "c": [attr, alt, [self.names[target], title]]}
            if tree.is_div(node, "fields"):
                return _parted(node)
            if node["t"] == "Span":
                return body.spoken(node)
            if node["t"] == "Link":
                return self._far(node, tree.identifier(block), said["page"])
            return _headed(node, self.document) if node["t"] == "Header" else node

        said = labels(tree.values(block).get("lang", self.document.language))
        return _panelled(tree.rewrite(change, block, leave=tree.WORDS))

    def _far(self, link: Node, home: str, page: str) -> Node:
        """A reference to a box, figure or table of another chapter, marked: print adds its page."""
        if self.homes.get(link["c"][2][0].removeprefix("#"), home) == home:
            return link
        (name, classes, pairs), *rest = link["c"]
        return {**link, "c": [[name, [*classes, "far"], [*pairs, ["data-page", page]]], *rest]}


def parts_inside(blocks: Iterable[Node]) -> Iterator[Node]:
    """Each part's title within the first chapter of the part: one element for the page that they share."""
    for *titles, block in body.with_parts(blocks):
        if tree.is_div(block, "part"):
            yield from (*titles, block)
        else:
            attr, own = block["c"]
            yield {"t": "Div", "c": [attr, [*titles, *own]]} if titles else block


def _homes(blocks: Iterable[Node]) -> dict[str, str]:
    return {
        tree.identifier(node): tree.identifier(block)
        for block in blocks
        for node in tree.blocks(block)
        if node["t"] in ("Figure", "Table") or (node["t"] == "Div" and _BOXES.intersection(tree.classes(node)))
    }


def _parted(fields: Node) -> Node:
    """Fields as two lists: the first few stay with the text above, the others may stand on the next page."""
    attr, (fieldlist, *rest) = fields["c"]
    first, others = fieldlist["c"][:_WITH_TEXT], fieldlist["c"][_WITH_TEXT:]
    lists = [{"t": "BulletList", "c": items} for items in (first, others) if items]
    return {"t": "Div", "c": [attr, [*lists, *rest]]}


def _panelled(chapter: Node) -> Node:
    """A chapter with its first section as a panel, when that holds findings: what a reader takes away."""
    attr, blocks = chapter["c"] if chapter["t"] == "Div" else ([], [])
    start = next((n for n, block in enumerate(blocks) if block["t"] == "Header" and block["c"][0] > 1), len(blocks))
    section = [*blocks[start : start + 1], *takewhile(lambda block: block["t"] != "Header", blocks[start + 1 :])]
    findings = [block for block in section if tree.is_div(block, "finding")]
    if not findings or any(block["t"] not in _LIGHT and block not in findings for block in section[1:]):
        return chapter
    panel = tree.div(section, "panel", id=f"{tree.identifier(section[0])}-panel")
    return {"t": "Div", "c": [attr, [*blocks[:start], panel, *blocks[start + len(section) :]]]}


def _headed(header: Node, document: Document) -> Node:
    """A heading with what bookmarks and running heads say: its words without the calls of notes."""
    level, (name, classes, pairs), inlines = header["c"]
    words = tree.plain(inlines)
    title = words.removeprefix(_number(inlines)).strip()
    running = [["data-title", title], ["data-paper", document.series]] if level == 1 else []
    return {"t": "Header", "c": [level, [name, classes, [*pairs, ["data-bookmark", words], *running]], inlines]}


def _number(inlines: list[Node]) -> str:
    first = inlines[0] if inlines else None
    return tree.plain(first) if first and "number" in tree.classes(first) else ""
