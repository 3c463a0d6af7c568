"""Cross-references: `@rec-…`, `@fig-…`, `@fact-…` become links and values; sources are left to citeproc."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nioc_paper import tree
from nioc_paper.model import TARGET_KINDS, Node, Paper
from nioc_paper.wording import Wording


@dataclass(frozen=True, slots=True)
class CrossReferences:
    """Resolver of references in one language: facts come from the register, other labels from `labels`, by id."""

    paper: Paper
    words: Wording
    labels: Mapping[str, str]

    def resolve_citation(self, node: Node) -> Node | list[Node]:
        """Replace the references of a citation by links and values; its sources remain one citation."""
        citations = node["c"][0]
        internal_citations = [c for c in citations if self._is_internal(c["citationId"])]
        if not internal_citations:
            return node
        out = tree.join_inlines(
            (self._resolve_reference(c) for c in internal_citations), separator=self.words["semicolon"]
        )
        if internal_citations[0]["citationMode"]["t"] == "NormalCitation":
            out = tree.in_parentheses(out)
        rest = [c for c in citations if c not in internal_citations]
        return [*out, {"t": "Space"}, {**node, "c": [rest, node["c"][1]]}] if rest else out

    def link_to(self, name: str) -> list[Node]:
        """Return a link to an id; empty if nothing has the id, which the check reports."""
        return [tree.cross_reference(self.labels[name], name)] if name in self.labels else []

    def _is_internal(self, key: str) -> bool:
        """Return whether a key refers to the paper itself."""
        return key.partition("-")[0] in TARGET_KINDS and key not in self.paper.references

    def _resolve_reference(self, citation: Mapping[str, Any]) -> list[Node]:
        """Return a reference between the author's prefix and suffix."""
        prefix, key = citation["citationPrefix"], citation["citationId"]
        value_only = citation["citationMode"]["t"] == "SuppressAuthor"
        resolved = (
            self._fact_value(key.removeprefix("fact-"), value_only=value_only)
            if key.startswith("fact-")
            else self.link_to(key)
        )
        if "at" in citation:
            resolved = [node | {"at": citation["at"]} if node["t"] in ("Link", "Cite") else node for node in resolved]
        return [*prefix, *([{"t": "Space"}] if prefix else []), *resolved, *citation["citationSuffix"]]

    def _fact_value(self, name: str, *, value_only: bool) -> list[Node]:
        """Return a fact's value with its unit and source; `value_only` leaves both out."""
        fact = self.paper.facts.get(name)
        if fact is None:
            return []
        if value_only:
            return tree.text_inlines(fact.value)
        value = tree.text_inlines(f"{fact.value} {fact.unit or ''}")
        return [*value, {"t": "Space"}, tree.cite(fact.source)] if fact.source in self.paper.references else value
