"""Comparison of generated lists with the recommendations, gaps and findings that they repeat.

It reads the assembled tree and knows nothing of the functions that build lists, so it cannot repeat their errors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from nioc_paper import tree
from nioc_paper.model import Diagnostic, Document, Node, Place, Reporter
from nioc_paper.render.verify.normalized_text import normalize

_BOX_KINDS = ("recommendation", "gap", "finding")
_REPEATED_COLUMNS: Mapping[str, Sequence[int]] = MappingProxyType(
    {"action-plan": (4,), "monitoring": (1, 2, 3, 4, 5), "gaps": (2,)}
)
"""Columns of a table, if it has them, that repeat the field with the name of their head."""
_LISTS_WITH_TEXT = ("action-plan", "gaps")
"""Tables whose rows repeat the text of a box."""
_BULLETS: Mapping[str, str] = MappingProxyType({"findings": "finding", "recommendations": "recommendation"})
"""Lists of texts, with the kind of their boxes."""
_GENERATED_CLASSES = frozenset(("xref", "number", "paragraph-number"))
"""Classes of references and numbers."""
_HINT = "report the fault with the chapter that shows it"


@dataclass(frozen=True, slots=True)
class _Box:
    """Printed recommendation, gap or finding, with all its words as lists repeat them."""

    id: str
    kind: str
    place: Place
    text: str
    fields: Mapping[str, str]
    """Words of the fields by the normalized name of the field."""


def report_lost_words(document: Document, report: Reporter) -> bool:
    """Report words of boxes that a generated list of the same document lacks; return whether there are any.

    A document that shows changes is not compared: it has words of two versions.
    """
    blocks = document.blocks if document.revision is None else ()
    boxes = [box for chapter in blocks for box in _read_boxes(chapter)]
    is_complete = True
    for name, box, text in _lost_texts(blocks, boxes) if boxes else ():
        message = f"the list '{name}' lacks words of this passage: “{text[:70]}”"
        report(Diagnostic(box.place, "lost-text", message, hint=_HINT))
        is_complete = False
    return not is_complete


def _read_boxes(chapter: Node) -> Iterator[_Box]:
    path = tree.attributes(chapter).get("data-path", "")
    for node in tree.walk_blocks(chapter):
        kind = next((k for k in _BOX_KINDS if tree.is_div(node, k)), "")
        if kind:
            place = next((Place(path, *n["pos"]) for n in tree.walk(node["c"][1]) if "pos" in n), Place(path))
            yield _Box(tree.identifier(node), kind, place, _words(_own_blocks(node)), _read_fields(node))


def _own_blocks(box: Node) -> list[Node]:
    """Return the blocks of a box but its title, its fields, and figures and tables with a number of their own."""

    def is_elsewhere(node: Node) -> bool:
        return node["t"] == "Figure" or (node["t"] == "Table" and bool(tree.identifier(node)))

    own = [b for b in box["c"][1] if not (tree.is_div(b, "title") or tree.is_div(b, "fields"))]
    out: list[Node] = tree.rewrite(lambda node: None if is_elsewhere(node) else node, own)
    return out


def _read_fields(box: Node) -> dict[str, str]:
    """Return the words of a box's fields by their names."""
    lines = [
        n["c"] for block in box["c"][1] if tree.is_div(block, "fields") for n in tree.walk(block) if n["t"] == "Plain"
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


def _lost_texts(blocks: Sequence[Node], boxes: Sequence[_Box]) -> Iterator[tuple[str, _Box, str]]:
    """Yield the name of a list, a box and the words of it that the list lacks."""
    by_id = {box.id: box for box in boxes if box.id}
    for node in tree.walk_blocks(blocks):
        names = tree.classes(node) if node["t"] in ("Table", "Div") else ()
        if "generated" not in names:
            continue
        if node["t"] == "Table":
            yield from _lost_in_table(node, by_id)
        for name, kind in _BULLETS.items() if node["t"] == "Div" else ():
            if name in names:
                text = _words(node)
                yield from ((name, box, box.text) for box in boxes if box.kind == kind and box.text not in text)


def _lost_in_table(table: Node, boxes: Mapping[str, _Box]) -> Iterator[tuple[str, _Box, str]]:
    name = next((name for name in _REPEATED_COLUMNS if name in tree.classes(table)), "")
    if not name:
        return
    head, bodies = table["c"][3], table["c"][4]
    heads = [_words(cell[4]) for _, cells in head[1] for cell in cells]
    for _, cells in (row for body in bodies for row in body[3]):
        box = boxes.get(_link_target(cells[0]))
        if box is None:
            continue
        row_cells = [_words(cell[4]) for cell in cells]
        expected = [(box.text, "".join(row_cells))] if name in _LISTS_WITH_TEXT else []
        expected += [(box.fields.get(heads[i], ""), row_cells[i]) for i in _REPEATED_COLUMNS[name] if i < len(heads)]
        yield from ((name, box, text) for text, held in expected if text not in held)


def _link_target(cell: object) -> str:
    return next((n["c"][2][0].removeprefix("#") for n in tree.walk(cell) if n["t"] == "Link"), "")
