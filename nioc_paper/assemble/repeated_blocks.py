"""Blocks of a chapter for a second place: lists, contents, briefs, newsletters. Pure.

Figures and numbered tables stay where they have their number; a second place refers to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from nioc_paper import tree
from nioc_paper.assemble.inline_references import InlineResolver, capitalize_sentence_starts, with_allowed_attributes
from nioc_paper.domain.citations_as_text import without_citations, without_notes
from nioc_paper.model import Node

_FLOAT_CLASSES = ("figure", "table", "generated")
_PARAGRAPHS = ("Para", "Plain")


def repeat_blocks(resolver: InlineResolver, blocks: Sequence[Node], *, with_sources: bool = False) -> list[Node]:
    """Return blocks for a second place: resolved, without notes and ids; without sources unless requested."""
    without_floats = partial(_without_float, labels=resolver.references.labels)
    flat = tree.rewrite(without_floats, resolver.resolve(blocks), skip_types=tree.TEXT_TYPES)
    remove = without_notes if with_sources else without_citations
    return anonymous_blocks(remove(flat))


def anonymous_blocks(blocks: Sequence[Node]) -> list[Node]:
    """Return blocks without ids; references that begin their sentences have a capital, a lone paragraph is tight."""
    out = tree.rewrite(_without_identity, list(blocks), skip_types=tree.WORD_TYPES)
    return [{**out[0], "t": "Plain"}] if len(out) == 1 and out[0]["t"] == "Para" else out


def enclose(before: Sequence[Node], blocks: Sequence[Node], after: Sequence[Node] = ()) -> list[Node]:
    """Return blocks whose first paragraph begins with some inlines, and whose last one ends with others."""
    out = list(blocks)
    if before and out and out[0]["t"] in _PARAGRAPHS:
        out[0] = tree.with_content(out[0], [*before, {"t": "Space"}, *tree.content(out[0])])
    elif before:
        out.insert(0, tree.plain_block(before))
    if after and out and out[-1]["t"] in _PARAGRAPHS:
        out[-1] = tree.with_content(out[-1], [*tree.content(out[-1]), {"t": "Space"}, *after])
    elif after:
        out.append(tree.plain_block(after))
    return out


def first_paragraph(blocks: Sequence[Node]) -> list[Node]:
    """Return the first paragraph of blocks, also inside lists and quotations; the lines of a poem are one."""
    for node in tree.walk_blocks([block for block in blocks if not tree.is_div(block, "marking")]):
        if node["t"] in _PARAGRAPHS:
            return list(tree.content(node))
        if node["t"] == "LineBlock":
            return _join_inlines(tree.content(node))
    return []


def _without_float(node: Node, labels: Mapping[str, str]) -> Node | list[Node] | None:
    """Return a reference to a figure or numbered table, the rows of another one, and a heading as a paragraph."""
    match node["t"]:
        case "Header":
            return tree.para([tree.strong(tree.content(node))])
        case "RawBlock" | "HorizontalRule":
            return None
        case "Figure" | "Table":
            return _reference(node, labels) or (list(_table_rows(node)) if node["t"] == "Table" else None)
        case "Div" if not {*_FLOAT_CLASSES}.isdisjoint(tree.classes(node)):
            return _reference(node, labels)
    return node


def _reference(node: Node, labels: Mapping[str, str]) -> Node | None:
    name = tree.identifier(node)
    return tree.para([tree.cross_reference(labels[name], name)]) if name in labels else None


def _table_rows(table: Node) -> Iterator[Node]:
    """Yield a paragraph for each row."""
    for row in tree.table_rows(table):
        runs = [[tree.content(b) for b in tree.walk_blocks(cell) if b["t"] in _PARAGRAPHS] for cell in row]
        yield tree.para(tree.join_inlines(filter(None, map(_join_inlines, runs)), separator=";"))


def _join_inlines(runs: Sequence[Sequence[Node]]) -> list[Node]:
    """Return runs of inlines as one, with a space between them."""
    return [inline for run in runs for inline in ({"t": "Space"}, *run)][1:]


def _without_identity(node: Node) -> Node:
    if node["t"] in _PARAGRAPHS:
        return tree.with_content(node, capitalize_sentence_starts(tree.content(node)))
    return tree.without_id(with_allowed_attributes(node) if node["t"] == "Div" else node)
