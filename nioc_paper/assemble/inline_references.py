"""Inlines of a chapter: `@rec-…`, `@fig-…` and `@fact-…` become links and values, sources are left to citeproc."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from nioc_paper import tree
from nioc_paper.domain.citations_as_text import REPORT_MARK, cited_names, without_citations
from nioc_paper.domain.fact_values import fill_text
from nioc_paper.domain.link_targets import linked_id
from nioc_paper.model import TARGET_KINDS, Chapter, Node, OwnWords, Paper
from nioc_paper.wording import ENGLISH, Wording, wording_for


class CrossReferences(Struct, frozen=True):
    """Resolver of references in one language: facts come from the register, other labels from `labels`, by id."""

    paper: Paper
    words: Wording
    labels: Mapping[str, str]

    def resolve_citation(self, node: Node) -> Node | list[Node]:
        """Replace the references of a citation by links and values; its sources remain one citation."""
        citations = tree.citations(node)
        internal_citations = [c for c in citations if self._is_internal(c["citationId"])]
        if not internal_citations:
            return self._source_citation(node)
        out = tree.join_inlines(
            (self._resolve_reference(c) for c in internal_citations), separator=self.words["semicolon"]
        )
        if internal_citations[0]["citationMode"]["t"] == "NormalCitation":
            out = tree.in_parentheses(out)
        rest = [c for c in citations if c not in internal_citations]
        sources = self._source_citation({**node, "c": [rest, tree.content(node)]}) if rest else []
        return [*out, {"t": "Space"}, *sources] if rest else out

    def link_to(self, name: str, omitted: str = "") -> list[Node]:
        """Return a link to an id, without an omitted word before it; empty for an unknown id: check reports it."""
        label = self.labels.get(name, "").removeprefix(omitted).strip()
        return [tree.cross_reference(label, name)] if label else []

    def _source_citation(self, node: Node) -> list[Node]:
        """Return a citation of sources: with those that report second-hand ones, and names where a style has none."""
        groups = self._with_second_hand_last(tree.citations(node))
        citations = [part for group in groups for part in self._with_report(group)]
        first = citations[0]
        if first["citationMode"]["t"] != "AuthorInText" or not self.paper.style.is_numeric:
            return [{**node, "c": [citations, tree.content(node)]}]
        names = self._author_names(first["citationId"])
        return [
            *names,
            *([{"t": "Space"}] if names else []),
            {**node, "c": [[{**first, "citationMode": {"t": "NormalCitation"}}, *citations[1:]], tree.content(node)]},
        ]

    def _with_second_hand_last(self, citations: Sequence[Node]) -> list[Node]:
        """Return citations with the second-hand ones last, so that no other seems to be in the same report."""
        if citations[0]["citationMode"]["t"] == "AuthorInText":
            return [*citations]
        return sorted(citations, key=lambda citation: bool(self._report(citation)))

    def _with_report(self, citation: Node) -> list[Node]:
        """Return a citation, followed by that of the source through which it was seen."""
        if not (report := self._report(citation)):
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
        resolved = (
            self._fact_value(key.removeprefix("fact-"), value_only=citation["citationMode"]["t"] == "SuppressAuthor")
            if key.startswith("fact-")
            else self.link_to(key)
        )
        if "pos" in citation:
            resolved = [node | {"pos": citation["pos"]} if node["t"] in ("Link", "Cite") else node for node in resolved]
        return [*prefix, *([{"t": "Space"}] if prefix else []), *resolved, *citation["citationSuffix"]]

    def _fact_value(self, name: str, *, value_only: bool) -> list[Node]:
        """Return a fact's value with its unit and source; `value_only` leaves both out."""
        if (fact := self.paper.facts.get(name)) is None:
            return []
        if value_only:
            return tree.text_inlines(fact.value)
        value = tree.text_inlines(f"{fact.value} {fact.unit or ''}")
        if fact.source not in self.paper.references:
            return value
        return [*value, {"t": "Space"}, *self._source_citation(tree.cite(fact.source))]


# --- resolver of one chapter's inlines --------------------------------------------------------------------------------


_WORDING_KEYS = {"SingleQuote": "quoted_inside", "DoubleQuote": "quoted"}


def localize_quotes(blocks: list[Node], language: str, own: OwnWords) -> list[Node]:
    """Return a tree with the quotation marks of its languages; English quotations stay pandoc's own nodes."""
    has_other_languages = any(
        "lang" in tree.attributes(node) for node in tree.walk(blocks) if node["t"] in tree.TYPES_WITH_ATTR
    )
    if has_own_quotes(language, own) or has_other_languages:
        blocks = _localize(blocks, language, own)
    return blocks


def has_own_quotes(language: str, own: OwnWords) -> bool:
    """Return whether a language has other quotation marks than English."""
    return any(wording_for(language, own)[key] not in ENGLISH.values() for key in _WORDING_KEYS.values())


def _localize(content: Any, language: str, own: OwnWords) -> Any:
    if isinstance(content, list):
        out: list[Any] = []
        for item in content:
            new = _localize(item, language, own)
            out += new if isinstance(item, dict) and isinstance(new, list) else [new]
        return out
    if not isinstance(content, dict) or isinstance(content.get("c", ""), str):
        return content
    if content["t"] in tree.TYPES_WITH_ATTR:
        language = tree.attributes(content).get("lang", language)
    localized = {**content, "c": _localize(content["c"], language, own)}
    marks = wording_for(language, own)[_WORDING_KEYS[tree.form(content)]] if content["t"] == "Quoted" else ""
    if not marks or marks in ENGLISH.values():
        return localized
    before, after = marks.split("{}")
    return [{"t": "Str", "c": before}, *tree.content(localized), {"t": "Str", "c": after}]


class InlineResolver(Struct, frozen=True):
    """Resolver of one chapter's inlines; blocks are left as they are."""

    references: CrossReferences
    chapter: Chapter

    def resolve(self, inlines: Sequence[Node]) -> list[Node]:
        """Return inlines as the chapter prints them."""
        quoted = localize_quotes([*inlines], self.chapter.language, self.references.paper.settings.own_words)
        return tree.rewrite(self.resolve_node, quoted, skip_types=tree.WORD_TYPES)

    def resolve_node(self, node: Node) -> Node | list[Node] | None:
        """Return an inline with resolved references and allowed attributes."""
        kind = node["t"]
        if kind in ("RawBlock", "RawInline"):
            return None  # comments; the check reports any other raw node as an error
        if kind == "Cite":
            return self.references.resolve_citation(node)
        if kind == "Link":
            return self._resolve_link(node)
        if kind == "Image":
            return self._resolve_image(node)
        return with_allowed_attributes(node) if kind in ("Span", "Code", "CodeBlock", "Header") else node

    def _resolve_link(self, node: Node) -> Node:
        """Return a link; the file of a chapter becomes its id, and an id without text gets the label of its target."""
        node = tree.with_attr(node, tree.attr())
        name = linked_id(self.references.paper.chapters, self.chapter.path, tree.target(node))
        if name is None:
            return node
        label = self.references.labels.get(name)
        if not tree.content(node) and label:
            return tree.link([{"t": "Str", "c": label}], f"#{name}", "xref")
        return tree.with_target(node, f"#{name}")

    def _resolve_image(self, node: Node) -> Node | list[Node]:
        """Return an image under the name of its vetted file; a refused image becomes its alternative text."""
        attr, inlines, (target, title) = node["c"]
        image = next((i for i in self.chapter.images if i.target == target and i.asset), None)
        if image is None or image.asset is None:
            return list(inlines)
        kept_attributes = [attr[0], [], [kv for kv in attr[2] if kv[0] in ("width", "height")]]
        return {**node, "c": [kept_attributes, self._fill_alternative_text(node), [image.asset.path, title]]}

    def _fill_alternative_text(self, image: Node) -> list[Node]:
        """Return a picture's alternative text with facts, without citations; in a figure, pandoc moves `alt` there."""
        inlines = without_citations(tree.content(image))
        text = tree.attributes(image).get("alt") or tree.plain_text(inlines)
        filled = fill_text(text, self.references.paper.facts)
        return tree.text_inlines(filled) if tree.attributes(image).get("alt") or filled != text else inlines


def capitalize_sentence_starts(inlines: Sequence[Node]) -> list[Node]:
    """Return inlines in which references at the start of a sentence have a capital."""
    out: list[Node] = []
    for inline in inlines:
        is_start = inline["t"] in ("Link", "Span") and (tree.plain_text(out[-2:]) if out else ".").endswith(
            (".", "?", "!")
        )
        out.append(_capitalize_reference(inline) if is_start else inline)
    return out


def _capitalize_reference(inline: Node) -> Node:
    """Return a reference with a capital, inside any span; any other inline as it is."""
    if inline["t"] == "Span" and len(tree.content(inline)) == 1:
        return tree.with_content(inline, [_capitalize_reference(tree.content(inline)[0])])
    if inline["t"] != "Link" or "xref" not in tree.classes(inline):
        return inline
    word, *more = tree.content(inline)
    return tree.with_content(inline, [{**word, "c": word["c"][:1].upper() + word["c"][1:]}, *more])


def with_allowed_attributes(node: Node) -> Node:
    """Return a node with only the attributes that every output understands."""
    name, classes, pairs = tree.attr_triple(node)
    return tree.with_attr(node, [name, classes, [pair for pair in pairs if pair[0] in tree.LANGUAGE_ATTRIBUTES]])
