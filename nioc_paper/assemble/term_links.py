"""Links from the first use of a term in each chapter to its definition in the glossary. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from msgspec import Struct, field

from nioc_paper import tree
from nioc_paper.assemble.lists.cells import ListContext
from nioc_paper.assemble.lists.glossary import GLOSSARY
from nioc_paper.domain.glossary import defined_terms, term_id, term_key, term_pattern
from nioc_paper.model import Node

_UNLINKED_TYPES = frozenset(
    ("Header", "Link", "Cite", "Code", "CodeBlock", "Math", "Image", "Note", "Figure", "Table", "BlockQuote")
)
"""Nodes whose words are not text of the chapter, are quoted, or are links already."""
_UNLINKED_CLASSES = frozenset(("generated", "title", "fields", "pullquote", "marking"))


def link_terms(blocks: list[Node], context: ListContext) -> list[Node]:
    """Return a chapter's blocks with a link at the first use of each term, if the paper prints a glossary."""
    if GLOSSARY not in context.labels:
        return blocks
    linker = _TermLinker({term_key(term.use): term_id(term) for term in defined_terms(context.paper)})
    linked: list[Node] = linker.visit(blocks) if linker.ids else blocks
    return linked


class _TermLinker(Struct, dict=True):
    """Linker of one chapter."""

    ids: Mapping[str, str]
    """Ids of terms by their words."""
    linked: set[str] = field(default_factory=set)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Pattern of all terms."""
        return term_pattern(self.ids)

    def visit(self, item: object) -> Any:
        """Return a node or list with links."""
        if isinstance(item, list | tuple):
            return [part for each in item for part in self._visit_part(each)]
        if not isinstance(item, dict) or item.get("t") in _UNLINKED_TYPES or _is_unlinked(item):
            return item
        return {**item, "c": self.visit(item["c"])} if isinstance(item.get("c"), list) else item

    def _visit_part(self, item: object) -> Sequence[object]:
        if isinstance(item, dict) and item.get("t") == "Str":
            return self._link(item)
        return [self.visit(item)]

    def _link(self, node: Node) -> list[Node]:
        """Return words as parts, with a link at each term that the chapter has not had."""
        parts, end, text = list[Node](), 0, node["c"]
        for match in self.pattern.finditer(text):
            target = self.ids[term_key(match[1])]
            if target not in self.linked:
                self.linked.add(target)
                before, words = text[end : match.start()], text[match.start() : match.end()]
                parts += [{**node, "c": before}] * bool(before)
                parts.append(tree.link([{"t": "Str", "c": words}], f"#{target}", "term"))
                end = match.end()
        rest = [{**node, "c": text[end:]}] if text[end:] else []
        return [*parts, *rest] if parts else [node]


def _is_unlinked(node: Node) -> bool:
    return node["t"] == "Div" and not _UNLINKED_CLASSES.isdisjoint(tree.classes(node))
