"""Line of sources under a figure, from the citations at the end of its caption."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nioc_paper import tree
from nioc_paper.assemble.crossref import CrossReferences
from nioc_paper.domain.citations import REPORT_MARK
from nioc_paper.model import WITHOUT_BRACKETS, Node

_SPACE_TYPES = ("Space", "SoftBreak")
_STOPS = (".", "۔", "。")


def split_sources(inlines: Sequence[Node]) -> tuple[list[Node], list[Node]]:
    """Return a caption without the citations in brackets at its end, and these citations."""
    body, stop = [*inlines], list[Node]()
    if body and body[-1]["t"] == "Str" and body[-1]["c"] in _STOPS:
        stop = [body.pop()]
    cites: list[Node] = []
    while body and (_is_bracketed(body[-1]) or (cites and _is_space(body[-1]))):
        last = body.pop()
        cites = [last, *cites] if last["t"] == "Cite" else cites
    if not cites:
        return [*inlines], []
    return [*_without_space_behind(body), *(stop if body else [])], cites


def _is_space(node: Node) -> bool:
    return node["t"] in _SPACE_TYPES or (node["t"] == "Str" and not node["c"].strip())


def _without_space_behind(inlines: Sequence[Node]) -> list[Node]:
    """Return inlines without spaces at their end, also in the last text: neighbouring words may be one node."""
    body = [*inlines]
    while body and _is_space(body[-1]):
        body.pop()
    if body and body[-1]["t"] == "Str":
        body[-1] = {**body[-1], "c": body[-1]["c"].rstrip()}
    return body


def build_source_line(cites: Sequence[Node], references: CrossReferences) -> Node:
    """Return the line that names sources of a figure, each with its authors in the text."""
    words = references.words
    names = [_name_source(citation, references) for citation in _own_citations(cites)]
    label = tree.text_inlines(words["figure_source"])
    line = [*label, {"t": "Space"}, *tree.join_inlines(names, separator=words["semicolon"])]
    return tree.div([tree.plain_block([*line, {"t": "Str", "c": words["stop"]}])], "source")


def _is_bracketed(node: Node) -> bool:
    return bool(node["t"] == "Cite") and node["c"][0][0]["citationMode"]["t"] == "NormalCitation"


def _own_citations(cites: Sequence[Node]) -> Iterator[Node]:
    """Yield each source once, without those through which others were seen: they follow by themselves."""
    keys: set[tuple[str, ...]] = set()
    for citation in (citation for cite in cites for citation in cite["c"][0]):
        affixes = [tree.plain_text(citation[f"citation{name}"]) for name in ("Prefix", "Suffix")]
        key = citation["citationId"], *affixes
        if key not in keys and not affixes[0].startswith(REPORT_MARK):
            keys.add(key)
            yield citation


def _name_source(citation: Node, references: CrossReferences) -> list[Node]:
    """Return the citation of a source as part of a sentence; words before it, which need brackets, leave it in them."""
    source = references.paper.references.get(citation["citationId"])
    # Styles have no form in a sentence for a law: it is the one in brackets, without them.
    is_law = source is not None and source.is_law
    mode = citation["citationMode"] if citation["citationPrefix"] or is_law else {"t": "AuthorInText"}
    cite = {"t": "Cite", "c": [[{**citation, "citationMode": mode}], []]}
    resolved = references.resolve_citation(cite | ({WITHOUT_BRACKETS: True} if is_law else {}))
    return resolved if isinstance(resolved, list) else [resolved]
