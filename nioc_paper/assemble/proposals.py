"""What is suggested in the chapters, as copies for review show it; other copies are made as if there were nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from nioc_paper import tree
from nioc_paper.model import PUT_IN, TAKEN_OUT, Document, Node, Paper, Revision
from nioc_paper.suggestions import REMARK, suggested
from nioc_paper.wording import Words


def shown(paper: Paper) -> Paper:
    """The paper with the suggestions in the text of its chapters."""
    chapters = (replace(c, body=c.suggested) if c.suggestions else c for c in paper.chapters)
    return replace(paper, chapters=tuple(chapters))


def tracked(document: Document, words: Words) -> Document:
    """A document whose suggestions are changes of a revision, as Word tracks them; remarks say what they are."""
    if not any(suggested(document.blocks)):
        return document
    day = f"{document.date.isoformat()}T00:00:00Z" if document.date else "1980-01-01T00:00:00Z"
    revision = Revision(words["suggestion"], day)
    told = {"author": revision.author, "date": revision.date}

    def change(node: Node) -> Any:
        names = set(tree.classes(node)) if node["t"] == "Span" else set()
        if names & {PUT_IN, TAKEN_OUT}:
            return tree.marked(node, **told)
        if REMARK in names:
            return {**node, "c": [node["c"][0], _remark(node["c"][1], words)]}
        return node

    blocks: Sequence[Node] = tree.rewrite(change, list(document.blocks))
    return replace(document, blocks=tuple(blocks), revision=revision)


def _remark(inlines: Sequence[Node], words: Words) -> list[Node]:
    return [{"t": "Emph", "c": tree.bracketed([{"t": "Str", "c": f"{words['remark']}:"}, {"t": "Space"}, *inlines])}]
