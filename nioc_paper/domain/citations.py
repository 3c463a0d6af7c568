"""Citations of sources in text that is repeated: lists, contents, registers. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from nioc_paper import tree
from nioc_paper.model import Node, Reference
from nioc_paper.tree.prune import Pruner

REPORT_MARK = "\u2060"
"""Invisible sign before the words that lead from a second-hand source to the one that reports it."""
_OTHERS = "others"
_MAX_AUTHORS = 2
"""Authors that are all named; of more the first is."""


def without_citations(inlines: Sequence[Node]) -> list[Node]:
    """Return inlines without notes and without citations in brackets; an author in the text is part of it."""
    return Pruner(lambda node: node["t"] == "Note" or _is_in_brackets(node)).prune_run(inlines)


def without_notes(inlines: Sequence[Node]) -> list[Node]:
    """Return inlines without notes."""
    return Pruner(lambda node: node["t"] == "Note").prune_run(inlines)


def plain_text_without_citations(blocks: Any, references: Mapping[str, Reference]) -> str:
    """Return plain text without notes and citations in brackets; authors in the text have their names and year."""

    def name_authors(node: Node) -> Node | list[Node]:
        if node["t"] != "Cite":
            return node
        key = node["c"][0][0]["citationId"]
        return tree.text_inlines(author_and_year(references[key]) if key in references else key)

    words = tree.plain_text(tree.rewrite(name_authors, without_citations(blocks)))
    # In trees with merged words the blank before a citation is part of a word.
    return re.sub(r"\s+([.,;:])", r"\1", words)


def cited_names(reference: Reference, conjunction: str) -> str:
    """Return the names of the authors as a citation in the text has them; without any the title."""
    short = [reference.short] if reference.short else []
    names = short or reference.author_names or [reference.title]
    is_whole = len(names) <= _MAX_AUTHORS and names[-1] != _OTHERS
    return f" {conjunction} ".join(names) if is_whole else f"{names[0]} et al."


def _is_in_brackets(node: Node) -> bool:
    return bool(node["t"] == "Cite" and node["c"][0][0]["citationMode"]["t"] != "AuthorInText")


def author_and_year(reference: Reference) -> str:
    """Return the names and the year of a source: River Board (2019)."""
    name = cited_names(reference, "and")
    year = re.search(r"\d{4}", str(reference.extra.get("issued", "")))
    return f"{name} ({year[0]})" if year else name
