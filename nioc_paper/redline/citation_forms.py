"""Printed forms of citations in the old version: a new source renumbers others, which changes no text. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.model import Document, Node, Paper
from nioc_paper.redline.align_blocks import canonical_json

_FORM_KEYS = ("citationHash", "citationNoteNum")
"""Keys of a citation that depend on the other ones."""
_ENTRY_PREFIX = "ref-"


def with_new_forms(old: Document, new: Document, old_paper: Paper, new_paper: Paper) -> Document:
    """Return the old document with citations and entries of unchanged sources in the form of the new document.

    A citation that the new document prints in several forms, as notes do, keeps its own.
    """
    unchanged = {name for name, source in old_paper.references.items() if new_paper.references.get(name) == source}
    forms = _unique_forms(new.blocks)

    def take_form(node: Node) -> Node:
        form = forms.get(_identity(node)) if _cited_sources(node) <= unchanged else None
        return form or node

    return replace(old, blocks=tuple(tree.rewrite(take_form, old.blocks))) if forms else old


def _unique_forms(blocks: Sequence[Node]) -> Mapping[str, Node]:
    """Return each citation and entry of a list of sources by its identity, if all with this one are printed alike."""
    forms: dict[str, Node] = {}
    ambiguous: set[str] = set()
    for node in tree.walk(blocks):
        if identity := _identity(node):
            first = forms.setdefault(identity, node)
            if first is not node and _printed_form(first) != _printed_form(node):
                ambiguous.add(identity)
    return {identity: node for identity, node in forms.items() if identity not in ambiguous}


def _identity(node: Node) -> str:
    """Return the text that says what a citation or an entry cites; empty for any other node."""
    if node["t"] == "Cite":
        return canonical_json([{k: v for k, v in each.items() if k not in _FORM_KEYS} for each in node["c"][0]])
    return tree.identifier(node) if tree.is_div(node, "csl-entry") else ""


def _cited_sources(node: Node) -> set[str]:
    if node["t"] == "Cite":
        return {each["citationId"] for each in node["c"][0]}
    return {tree.identifier(node).removeprefix(_ENTRY_PREFIX)} if tree.is_div(node, "csl-entry") else set()


def _printed_form(node: Node) -> str:
    return canonical_json(node["c"][1])
