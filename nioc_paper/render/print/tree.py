"""The tree as print sets it: running heads, parts inside their first chapter, panels, references that lead far."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile

from nioc_paper import tree
from nioc_paper.model import Document, Node
from nioc_paper.render import body
from nioc_paper.wording import labels

_BOXES = {"recommendation", "gap", "finding"}
_WITH_TEXT = 4
"""Fields that stay with the text of their box: two lines of two."""
_LIGHT = {"Para", "Plain", "BulletList", "OrderedList"}
"""What may stand beside findings in a panel; what is larger would make it run over pages."""


def printed(blocks: Iterable[Node], document: Document, names: Mapping[str, str]) -> list[Node]:
    """Blocks as print sets them; `names` are those of pictures' files, by their targets in the tree."""
    blocks = list(blocks)
    homes = _homes(blocks)

    def change(node: Node) -> Node:
        if node["t"] == "Image" and node["c"][2][0] in names:
            attr, alt, (target, title) = node["c"]
            return {"t": "Image", "c": [attr, alt, [names[target], title]]}
        if tree.is_div(node, "fields"):
            return _parted(node)
        if node["t"] == "Span":
            return body.spoken(node)
        return _headed(node, document) if node["t"] == "Header" else node

    def spoken(block: Node) -> str:
        return labels(tree.values(block).get("lang", document.language))["page"]

    return [
        _panelled(_far(tree.rewrite(change, block, words=False), home, homes, spoken(block)))
        for home, block in enumerate(blocks)
    ]


def parts_inside(blocks: Iterable[Node]) -> Iterator[Node]:
    """Each part's title within the first chapter of the part: one element for the page that they share."""
    titles: list[Node] = []
    for block in blocks:
        if tree.is_div(block, "part"):
            titles.append(block)
        else:
            attr, own = block["c"]
            yield {"t": "Div", "c": [attr, [*titles, *own]]} if titles else block
            titles = []
    yield from titles


def _homes(blocks: Iterable[Node]) -> dict[str, int]:
    """In which chapter each box, figure and table stands, by its id."""
    return {
        tree.identifier(node): home
        for home, block in enumerate(blocks)
        for node in tree.walk(block)
        if node["t"] in ("Figure", "Table") or (node["t"] == "Div" and _BOXES.intersection(tree.classes(node)))
    }


def _far(block: Node, home: int, homes: Mapping[str, int], page: str) -> Node:
    """A chapter with its references to boxes, figures and tables of other chapters marked: print adds their page."""

    def change(node: Node) -> Node:
        if node["t"] != "Link" or homes.get(node["c"][2][0].removeprefix("#"), home) == home:
            return node
        (name, classes, pairs), *rest = node["c"]
        return {**node, "c": [[name, [*classes, "far"], [*pairs, ["data-page", page]]], *rest]}

    marked: Node = tree.rewrite(change, block, words=False)
    return marked


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
