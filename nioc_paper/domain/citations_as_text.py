"""Citations of sources in text that is repeated: lists, contents, registers. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nioc_paper import tree
from nioc_paper.model import Item, Node, Reference
from nioc_paper.tree.prune import Pruner

REPORT_MARK = "\u2060"
"""Invisible sign before the words that lead from a second-hand source to the one that reports it."""
_MAX_AUTHORS = 2
"""Authors that are all named; of more the first is."""


def without_citations(inlines: Sequence[Node]) -> list[Node]:
    """Return inlines without notes and without citations in brackets; an author in the text is part of it."""
    return Pruner(lambda node: node["t"] == "Note" or _is_in_brackets(node)).prune_run(inlines)


def without_notes(inlines: Sequence[Node]) -> list[Node]:
    """Return inlines without notes."""
    return Pruner(lambda node: node["t"] == "Note").prune_run(inlines)


def plain_text_without_citations(blocks: Any, references: Mapping[str, Reference]) -> str:
    """Return plain text without notes and citations in brackets; one in the text is its source's name."""

    def name_authors(node: Node) -> Node | list[Node]:
        if node["t"] != "Cite":
            return node
        return tree.text_inlines(source_name(tree.citations(node)[0]["citationId"], references))

    words = tree.plain_text(tree.rewrite(name_authors, without_citations(blocks)))
    # In trees with merged words the blank before a citation is part of a word.
    return re.sub(r"\s+([.,;:])", r"\1", words)


def source_name(key: str, references: Mapping[str, Reference]) -> str:
    """Return the authors and the year of a source, or the title if these name several; its key if there is none."""
    return source_names([key], references)[key]


def source_names(keys: Iterable[str], references: Mapping[str, Reference]) -> dict[str, str]:
    """Return the names of several sources by their keys."""
    shared, names = shared_names(references), dict[str, str]()
    for key in keys:
        source = references.get(key)
        names[key] = author_and_year(source) if source else key
        if source and names[key] in shared:
            names[key] = f"{cited_names(source, 'and')}, {source.title}"
    return names


def shared_names(references: Mapping[str, Reference]) -> frozenset[str]:
    """Return the authors and years that several sources have.

    Citations distinguish them by letters behind the year, which depend on the style and on all citations of a document.
    """
    return frozenset(name for name, count in Counter(map(author_and_year, references.values())).items() if count > 1)


def cited_names(reference: Reference, conjunction: str) -> str:
    """Return the names of the authors as a citation in the text has them; without any the title."""
    short = [reference.short] if reference.short else []
    names = short or reference.author_names or [reference.title]
    is_whole = len(names) <= _MAX_AUTHORS and names[-1] != "others"
    return f" {conjunction} ".join(names) if is_whole else f"{names[0]} et al."


def _is_in_brackets(node: Node) -> bool:
    return bool(node["t"] == "Cite" and tree.citations(node)[0]["citationMode"]["t"] != "AuthorInText")


def author_and_year(reference: Reference) -> str:
    """Return the names and the year of a source: River Board (2019)."""
    name = cited_names(reference, "and")
    return f"{name} ({reference.year})" if reference.year else name


# --- words of boxes as a document prints them -------------------------------------------------------------------------


def part_blocks(printed: Node | None, name: str) -> list[Node]:
    """Return the blocks of the title or the fields of a printed box; empty without one."""
    blocks = tree.content(printed) if printed else []
    return [inner for block in blocks if tree.is_div(block, name) for inner in tree.content(block)]


def printed_fields(printed: Node | None, item: Item, references: Mapping[str, Reference]) -> dict[str, str]:
    """Return the lines below a printed box by the names of the item's fields, without sources."""
    lines = [n for block in part_blocks(printed, "fields") for n in tree.walk(block) if n["t"] == "Plain"]
    texts = (plain_text_without_citations(tree.content(n)[1:], references).removeprefix(":").strip() for n in lines)
    return dict(zip(item.fields, texts, strict=False))
