"""Cross-references: `@rec-…`, `@fig-…`, `@fact-…` become links and values; sources are left to citeproc."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from nioc_paper import tree
from nioc_paper.domain.citations import REPORT_MARK, cited_names
from nioc_paper.model import TARGET_KINDS, Node, Paper
from nioc_paper.wording import Wording


class CrossReferences(Struct, frozen=True):
    """Resolver of references in one language: facts come from the register, other labels from `labels`, by id."""

    paper: Paper
    words: Wording
    labels: Mapping[str, str]

    def resolve_citation(self, node: Node) -> Node | list[Node]:
        """Replace the references of a citation by links and values; its sources remain one citation."""
        citations = node["c"][0]
        internal_citations = [c for c in citations if self._is_internal(c["citationId"])]
        if not internal_citations:
            return self._source_citation(node)
        out = tree.join_inlines(
            (self._resolve_reference(c) for c in internal_citations), separator=self.words["semicolon"]
        )
        if internal_citations[0]["citationMode"]["t"] == "NormalCitation":
            out = tree.in_parentheses(out)
        rest = [c for c in citations if c not in internal_citations]
        return [*out, {"t": "Space"}, *self._source_citation({**node, "c": [rest, node["c"][1]]})] if rest else out

    def link_to(self, name: str) -> list[Node]:
        """Return a link to an id; empty if nothing has the id, which the check reports."""
        return [tree.cross_reference(self.labels[name], name)] if name in self.labels else []

    def _source_citation(self, node: Node) -> list[Node]:
        """Return a citation of sources: with those that report second-hand ones, and names where a style has none."""
        citations = [part for group in self._with_second_hand_last(node["c"][0]) for part in self._with_report(group)]
        first = citations[0]
        if first["citationMode"]["t"] != "AuthorInText" or not self.paper.style.is_numeric:
            return [{**node, "c": [citations, node["c"][1]]}]
        names = self._author_names(first["citationId"])
        bracketed = {**first, "citationMode": {"t": "NormalCitation"}}
        return [
            *names,
            *([{"t": "Space"}] if names else []),
            {**node, "c": [[bracketed, *citations[1:]], node["c"][1]]},
        ]

    def _with_second_hand_last(self, citations: Sequence[Node]) -> list[Node]:
        """Return citations with the second-hand ones last, so that no other seems to be in the same report."""
        if citations[0]["citationMode"]["t"] == "AuthorInText":
            return [*citations]
        return sorted(citations, key=lambda citation: bool(self._report(citation)))

    def _with_report(self, citation: Node) -> list[Node]:
        """Return a citation, followed by that of the source through which it was seen."""
        report = self._report(citation)
        if not report:
            return [citation]
        words = REPORT_MARK + self.words["as_reported_by"]
        own = {"citationId": report, "citationPrefix": tree.text_inlines(words), "citationSuffix": []}
        return [citation, {**citation, **own, "citationMode": {"t": "NormalCitation"}}]

    def _report(self, citation: Node) -> str:
        """Return the key of the source through which another was seen; empty if there is none."""
        source = self.paper.references.get(citation["citationId"])
        report = source.seen_through if source else None
        return report if report and report in self.paper.references else ""

    def _author_names(self, key: str) -> list[Node]:
        source = self.paper.references.get(key)
        return tree.text_inlines(cited_names(source, self.words["and"])) if source else []

    def _is_internal(self, key: str) -> bool:
        """Return whether a key refers to the paper itself."""
        return key.partition("-")[0] in TARGET_KINDS and key not in self.paper.references

    def _resolve_reference(self, citation: Node) -> list[Node]:
        """Return a reference between the author's prefix and suffix."""
        prefix, key = citation["citationPrefix"], citation["citationId"]
        value_only = citation["citationMode"]["t"] == "SuppressAuthor"
        resolved = (
            self._fact_value(key.removeprefix("fact-"), value_only=value_only)
            if key.startswith("fact-")
            else self.link_to(key)
        )
        if "pos" in citation:
            resolved = [node | {"pos": citation["pos"]} if node["t"] in ("Link", "Cite") else node for node in resolved]
        return [*prefix, *([{"t": "Space"}] if prefix else []), *resolved, *citation["citationSuffix"]]

    def _fact_value(self, name: str, *, value_only: bool) -> list[Node]:
        """Return a fact's value with its unit and source; `value_only` leaves both out."""
        fact = self.paper.facts.get(name)
        if fact is None:
            return []
        if value_only:
            return tree.text_inlines(fact.value)
        value = tree.text_inlines(f"{fact.value} {fact.unit or ''}")
        if fact.source not in self.paper.references:
            return value
        return [*value, {"t": "Space"}, *self._source_citation(tree.cite(fact.source))]
