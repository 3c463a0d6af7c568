"""Suggestions in chapters as tracked changes of a review copy; other copies ignore them."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.model import DELETION, INSERTION, Document, Node, Paper, Revision
from nioc_paper.tree.suggestions import REMARK, find_suggestions
from nioc_paper.wording import Wording


def with_suggestions(paper: Paper) -> Paper:
    """Return the paper with the suggestions in the text of its chapters."""
    chapters = (replace(c, body=c.suggested_body) if c.suggestions else c for c in paper.chapters)
    return replace(paper, chapters=tuple(chapters))


def as_tracked_changes(document: Document, words: Wording) -> Document:
    """Return a document whose suggestions are Word's tracked changes, with remarks as text in parentheses."""
    if not any(find_suggestions(document.blocks)):
        return document
    timestamp = f"{document.date.isoformat()}T00:00:00Z" if document.date else "1980-01-01T00:00:00Z"
    revision = Revision(words["suggestion"], timestamp)
    change_attributes = {"author": revision.author, "date": revision.date}

    def mark_change(node: Node) -> Node:
        names = set(tree.classes(node)) if node["t"] == "Span" else set()
        if names & {INSERTION, DELETION}:
            return tree.with_attributes(node, **change_attributes)
        if REMARK in names:
            return {**node, "c": [node["c"][0], _format_remark(node["c"][1], words)]}
        return node

    blocks = tree.rewrite(mark_change, list(document.blocks))
    return replace(document, blocks=tuple(blocks), revision=revision)


def _format_remark(inlines: Sequence[Node], words: Wording) -> list[Node]:
    return [
        {"t": "Emph", "c": tree.in_parentheses([{"t": "Str", "c": f"{words['remark']}:"}, {"t": "Space"}, *inlines])}
    ]
