"""Comparison of generated lists with the recommendations, gaps and findings that they repeat.

It reads the assembled tree and knows nothing of the functions that build lists, so it cannot repeat their errors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from msgspec import Struct

from nioc_paper import tree
from nioc_paper.model import Diagnostic, Document, Node, Place
from nioc_paper.render.verify.normalized_text import normalize

_ITEM_KINDS = ("recommendation", "gap", "finding")
_REPEATED_COLUMNS: Mapping[str, Sequence[int]] = MappingProxyType(
    {"action-plan": (4,), "monitoring": (1, 2, 3, 4, 5), "gaps": (2,)}
)
"""Columns of a table, if it has them, that repeat the field with the name of their head."""
_LISTS_WITH_TEXT = ("action-plan", "gaps")
"""Tables whose rows repeat the text of an item."""
_BULLETS: Mapping[str, str] = MappingProxyType({"findings": "finding", "recommendations": "recommendation"})
"""Lists of texts, with the kind of their items."""
_GENERATED_CLASSES = frozenset(("xref", "number", "paragraph-number"))
"""Classes of references and numbers."""
_HINT = "report the fault with the chapter that shows it"


class _RepeatedItem(Struct, frozen=True):
    """Printed recommendation, gap or finding, with all its words as lists repeat them."""

    id: str
    kind: str
    place: Place
    text: str
    fields: Mapping[str, str]
    """Words of the fields by the normalized name of the field."""


def find_lost_words(document: Document) -> list[Diagnostic]:
    """Return a finding for words of each item that a generated list of the same document lacks.

    A document that shows changes is not compared: it has words of two versions.
    """
    blocks = document.blocks if document.revision is None else ()
    items = [item for chapter in blocks for item in _read_items(chapter)]
    message = "the list '{}' lacks words of this passage: “{}”"
    return [
        Diagnostic(item.place, "lost-content/text", message.format(name, text[:70]), hint=_HINT)
        for name, item, text in (_lost_texts(blocks, items) if items else ())
    ]


def _read_items(chapter: Node) -> Iterator[_RepeatedItem]:
    path = tree.attributes(chapter).get("data-path", "")
    for node in tree.walk_blocks(chapter):
        if node["t"] == "Div" and (kind := next((k for k in _ITEM_KINDS if tree.is_div(node, k)), "")):
            place = next((Place(path, *n["pos"]) for n in tree.walk(node["c"][1]) if "pos" in n), Place(path))
            yield _RepeatedItem(tree.identifier(node), kind, place, _words(_own_blocks(node)), _read_fields(node))


def _own_blocks(item: Node) -> list[Node]:
    """Return the blocks of an item but its title, its fields, and figures and tables with a number of their own."""

    def is_elsewhere(node: Node) -> bool:
        return node["t"] == "Figure" or (node["t"] == "Table" and bool(tree.identifier(node)))

    own: list[Node] = [b for b in item["c"][1] if not (tree.is_div(b, "title") or tree.is_div(b, "fields"))]
    return tree.rewrite(lambda node: None if is_elsewhere(node) else node, own)


def _read_fields(item: Node) -> dict[str, str]:
    """Return the words of an item's fields by their names."""
    lines = [
        n["c"] for block in item["c"][1] if tree.is_div(block, "fields") for n in tree.walk(block) if n["t"] == "Plain"
    ]
    return {_words(line[0]): _words(line[1:]) for line in lines if line}


def _words(part: object) -> str:
    """Return the letters and digits of a part without citations, notes, and numbers of headings and paragraphs.

    References are left out too: those in a list are in its language.
    """

    def drop(node: Node) -> Node | None:
        names = tree.classes(node) if node["t"] in ("Link", "Span") else ()
        is_generated = not _GENERATED_CLASSES.isdisjoint(names)
        return None if is_generated or node["t"] in ("Cite", "Note", "Image") else node

    return normalize(tree.plain_text(tree.rewrite(drop, part, skip_types=tree.WORD_TYPES)))


def _lost_texts(blocks: Sequence[Node], items: Sequence[_RepeatedItem]) -> Iterator[tuple[str, _RepeatedItem, str]]:
    """Yield the name of a list, an item and the words of it that the list lacks."""
    by_id = {item.id: item for item in items if item.id}
    for node in tree.walk_blocks(blocks):
        names = tree.classes(node) if node["t"] in ("Table", "Div") else ()
        if "generated" not in names:
            continue
        if node["t"] == "Table":
            yield from _lost_in_table(node, by_id)
        for name, kind in _BULLETS.items() if node["t"] == "Div" else ():
            if name in names:
                text = _words(node)
                yield from ((name, item, item.text) for item in items if item.kind == kind and item.text not in text)


def _lost_in_table(table: Node, items: Mapping[str, _RepeatedItem]) -> Iterator[tuple[str, _RepeatedItem, str]]:
    name = next((name for name in _REPEATED_COLUMNS if name in tree.classes(table)), "")
    if not name:
        return
    head, bodies = table["c"][3], table["c"][4]
    heads = [_words(cell[4]) for _, cells in head[1] for cell in cells]
    for _, cells in (row for body in bodies for row in body[3]):
        item = items.get(_link_target(cells[0]))
        if item is None:
            continue
        row_cells = [_words(cell[4]) for cell in cells]
        expected = [(item.text, "".join(row_cells))] if name in _LISTS_WITH_TEXT else []
        expected += [(item.fields.get(heads[i], ""), row_cells[i]) for i in _REPEATED_COLUMNS[name] if i < len(heads)]
        yield from ((name, item, text) for text, held in expected if text not in held)


def _link_target(cell: object) -> str:
    return next((n["c"][2][0].removeprefix("#") for n in tree.walk(cell) if n["t"] == "Link"), "")
