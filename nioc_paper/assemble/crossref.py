"""References filled in: `@rec-…`, `@fig-…`, `@fact-…` become what they stand for; sources are left to citeproc."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nioc_paper import tree
from nioc_paper.model import TARGETS, Node, Paper
from nioc_paper.wording import Words


@dataclass(frozen=True, slots=True)
class CrossReferences:
    """What is called what in a language: facts by the paper's register, everything else by `labels`, by id."""

    paper: Paper
    words: Words
    labels: Mapping[str, str]

    def fill(self, blocks: list[Node]) -> list[Node]:
        """Blocks with their references filled, and nothing else changed: for lists, whose boxes are built already."""
        out: list[Node] = tree.rewrite(lambda node: self.cite(node) if node["t"] == "Cite" else node, blocks)
        return out

    def cite(self, node: Node) -> Node | list[Node]:
        """References of a citation become links and values; the sources among them stay one citation."""
        citations = node["c"][0]
        ours = [c for c in citations if self._is_ours(c["citationId"])]
        if not ours:
            return node
        out = tree.joined((self._phrase(c) for c in ours), by=self.words["semicolon"])
        if ours[0]["citationMode"]["t"] == "NormalCitation":
            out = tree.bracketed(out)
        rest = [c for c in citations if c not in ours]
        return [*out, {"t": "Space"}, {**node, "c": [rest, node["c"][1]]}] if rest else out

    def link(self, name: str) -> list[Node]:
        """A link to something by its id; nothing where nothing has it, which the check reports."""
        return [tree.xref(self.labels[name], name)] if name in self.labels else []

    def _is_ours(self, key: str) -> bool:
        """Whether a key leads into the paper."""
        return key.partition("-")[0] in TARGETS and key not in self.paper.references

    def _phrase(self, citation: Mapping[str, Any]) -> list[Node]:
        """A reference with the words that the author put around it."""
        prefix, key = citation["citationPrefix"], citation["citationId"]
        bare = citation["citationMode"]["t"] == "SuppressAuthor"
        said = self._fact(key.removeprefix("fact-"), bare=bare) if key.startswith("fact-") else self.link(key)
        if "at" in citation:
            said = [node | {"at": citation["at"]} if node["t"] in ("Link", "Cite") else node for node in said]
        return [*prefix, *([{"t": "Space"}] if prefix else []), *said, *citation["citationSuffix"]]

    def _fact(self, name: str, *, bare: bool) -> list[Node]:
        """A fact's value with its unit and its source; `bare` is the value alone."""
        fact = self.paper.facts.get(name)
        if fact is None:
            return []
        if bare:
            return tree.text(fact.value)
        value = tree.text(f"{fact.value} {fact.unit or ''}")
        return [*value, {"t": "Space"}, tree.cite(fact.source)] if fact.source in self.paper.references else value
