"""Tree passes of the e-book: a file for each chapter, tables and figures for pages of any width."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from nioc_paper import tree
from nioc_paper.model import Document, Node
from nioc_paper.render.common import shared_passes
from nioc_paper.render.common.column_labels import with_column_labels
from nioc_paper.render.common.images import Picture, image_embedder
from nioc_paper.render.common.item_layout import lay_out_item
from nioc_paper.tree.pass_runner import run_passes


def _lower_heading(node: Node) -> Node:
    """Return a heading one level lower; any other node as it is."""
    return {**node, "c": [node["c"][0] + 1, *node["c"][1:]]} if node["t"] == "Header" else node


def group_blocks(document: Document) -> list[list[Node]]:
    """Return the blocks of a document in groups that are prepared separately: each starts a file."""
    if document.form != "paper":
        return [list(document.blocks)]
    groups: list[list[Node]] = []
    for block in document.blocks:
        first = next(iter(block["c"][1]), block) if block["t"] == "Div" else block
        if not groups or (first["t"] == "Header" and first["c"][0] == 1):
            groups.append([])
        groups[-1].append(block)
    return groups


def prepare_blocks(blocks: list[Node], document: Document, placeholders: Mapping[str, Picture]) -> list[Node]:
    """Return the blocks of a group for the book: a heading of level 1 that nothing encloses starts a file."""
    passes: tuple[shared_passes.TreePass, ...] = (
        _in_one_chapter,
        *shared_passes.SHARED_PASSES,
        _unwrap_divisions,
        partial(_rewrite_for_epub, placeholders=placeholders),
    )
    return run_passes(blocks, passes, document)


def _in_one_chapter(blocks: list[Node], document: Document) -> list[Node]:
    """Return a brief or a sheet as one chapter, so that its sections start no files; a paper as it is."""
    if document.form == "paper":
        return blocks
    title = tree.header(1, tree.text_inlines(document.title), id=document.form)
    return [title, *tree.rewrite(_lower_heading, blocks)]


def _unwrap_divisions(blocks: list[Node], _document: Document) -> list[Node]:
    return [block for part in blocks for block in _unwrap_division(part)]


def _rewrite_for_epub(blocks: list[Node], _document: Document, placeholders: Mapping[str, Picture]) -> list[Node]:
    """Return blocks with images as placeholders, reflowable tables, anchors of figures and roles of changes."""
    handlers = {**_NODE_HANDLERS, "Image": image_embedder(placeholders)}
    return tree.rewrite(lambda n: handlers[n["t"]](n) if n["t"] in handlers else n, blocks)


def _unwrap_division(part: Node) -> list[Node]:
    """Return the blocks of a chapter: a heading starts a file only if nothing encloses it.

    The heading keeps the chapter's language and type; pandoc gives them to the file's section.
    """
    if part["t"] != "Div":
        return [part]
    attributes = {name: value for name, value in tree.attributes(part).items() if name in tree.LANGUAGE_ATTRIBUTES}
    attributes |= next((_EPUB_TYPES[name] for name in tree.classes(part) if name in _EPUB_TYPES), {})
    blocks: list[Node] = part["c"][1]
    return [
        tree.with_attributes(block, **attributes) if attributes and block is blocks[0] else block for block in blocks
    ]


_EPUB_TYPES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "front": {"epub:type": "preface", "role": "doc-preface"},
        "part": {"epub:type": "part", "role": "doc-part"},
        "chapter": {"epub:type": "chapter", "role": "doc-chapter"},
        "annex": {"epub:type": "appendix", "role": "doc-appendix"},
        "references": {"epub:type": "bibliography", "role": "doc-bibliography"},
    }
)
"""Types of divisions in the vocabulary of EPUB, and roles for assistive tools."""


def _with_outer_anchor(figure: Node) -> Node:
    """Return a figure with its id around it: pandoc finds no ids of figures when it redirects links."""
    (anchor, *rest), *content = figure["c"]
    return tree.div([{"t": "Figure", "c": [["", *rest], *content]}], id=anchor) if anchor else figure


def _reflowable_table(table: Node) -> Node:
    """Return a table for any width: its cells have real paragraphs, which HTML would join, and column labels."""
    attr, caption, columns, head, bodies, foot = with_column_labels(table)["c"]
    bodies = [[own, count, _reflow_rows(above), _reflow_rows(rows)] for own, count, above, rows in bodies]
    return {**table, "c": [attr, caption, columns, head, bodies, foot]}


def _reflow_rows(rows: list[tree.Row]) -> list[tree.Row]:
    return [[attr, [[*cell[:-1], tree.separate_paragraphs(cell[-1])] for cell in cells]] for attr, cells in rows]


_NODE_HANDLERS: Mapping[str, Callable[[Node], Node]] = MappingProxyType(
    {
        "Div": lay_out_item,
        "Figure": _with_outer_anchor,
        "Span": shared_passes.with_aria_role,
        "Table": _reflowable_table,
    }
)
