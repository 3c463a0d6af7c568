"""Sources of a paper: their printed entries, where they are cited, and new ones for paper/references.yaml."""

from __future__ import annotations

from functools import lru_cache

from nioc_paper import tree
from nioc_paper.model import Node, Reference
from nioc_paper.system import pandoc


def format_reference(reference: Reference, language: str) -> str:
    """Return a source as the list of references has it; empty if it cannot be set."""
    return _format_entry(_Csl(reference), language)


class _Csl:
    """A source as a key of a cache: the same content is the same key."""

    def __init__(self, reference: Reference) -> None:
        self.values = reference.csl()
        self.text = repr(self.values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Csl) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


@lru_cache(maxsize=64)
def _format_entry(csl: _Csl, language: str) -> str:
    mode = {"citationMode": {"t": "NormalCitation"}, "citationNoteNum": 0, "citationHash": 0}
    citation = {"citationId": csl.values["id"], "citationPrefix": [], "citationSuffix": [], **mode}
    block: Node = {"t": "Para", "c": [{"t": "Cite", "c": [[citation], []]}]}
    try:
        blocks, _ = pandoc.cite([block], [csl.values], language=language)
    except pandoc.PandocError:
        return ""
    return tree.plain_text(blocks[-1]["c"][1]) if blocks[-1]["t"] == "Div" else ""
