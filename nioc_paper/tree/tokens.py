"""Words and atoms of a chapter's tree in the order of its source, with their nodes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from nioc_paper.model import Node
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.tree.nodes import walk

WORD_PART = late_pattern(r"[^\W_]+")
"""Letters and digits: signs may be markup in the source and typographic in the tree."""
UNPLACED_TYPES = frozenset(("Space", "SoftBreak", "LineBreak"))
_LITERAL_TYPES = frozenset(("Code", "CodeBlock", "RawInline", "RawBlock"))


class TreeToken(NamedTuple):
    """Part of a word, or an atom: its key, its node, the part's offset in the node's text, the atom's own words."""

    key: str
    node: Node
    offset: int = 0
    inside: Sequence[object] = ()


class Mark(NamedTuple):
    """Sign without letters, or a link: its node, and the tokens before it and before its end."""

    node: Node
    start: int
    end: int


class TokenStream:
    """Tokens of the body or of a note, in the order of the text."""

    def __init__(self) -> None:
        self.tokens: list[TreeToken] = []
        self.signs: list[Mark] = []
        self.links: list[Mark] = []

    def add(self, items: list[Any]) -> None:
        """Add the words of the nodes in a list, and in the lists of it."""
        for item in items:
            if type(item) is list:
                self.add(item)
            elif type(item) is dict:
                kind = item.get("t")
                if kind == "Str":
                    self.add_text(item["c"], item)
                elif kind not in UNPLACED_TYPES:
                    self.add_node(item, kind, item.get("c"))

    def add_node(self, node: Node, kind: str | None, content: Any) -> None:
        """Add a node that is no word: an atom as one token, of others the words in it."""
        if kind in ("Code", "CodeBlock", "RawInline", "RawBlock"):
            if "pos" not in node:  # fenced blocks and comments are located before
                self.add_text(content[1], node)
        elif kind in ("Cite", "Math", "Note", "Image"):
            inside = {"Cite": content[:1], "Image": content[1:2]}.get(kind, ())
            self.tokens.append(TreeToken(_atom_key(node), node, 0, inside))
        elif kind == "Figure":
            images = [image for image in walk(content[2]) if image["t"] == "Image"]
            self.tokens += (TreeToken(_atom_key(image), image, 0, [image["c"][1], content[1]]) for image in images)
        elif kind == "Link":
            self.add_link(node, content[1])
        elif kind == "Table":
            self.add(content[3:])  # the caption is below the cells, and found if it is above
            self.add(content[1])
        else:
            self.add(content if type(content) is list else [])

    def add_text(self, text: str, node: Node) -> None:
        """Add the parts of a word; a text of signs is added to `signs`."""
        if text.isalnum():
            self.tokens.append(TreeToken(text, node))
            return
        parts = [TreeToken(part[0], node, part.start()) for part in WORD_PART.finditer(text)]
        self.tokens += parts
        if not parts and text.strip():
            self.signs.append(Mark(node, len(self.tokens), len(self.tokens)))

    def add_link(self, node: Node, inlines: list[Node]) -> None:
        """Add the words of a link and the link; one without words is an atom."""
        if inlines:
            start = len(self.tokens)
            self.add(inlines)
            self.links.append(Mark(node, start, len(self.tokens)))
        else:
            self.tokens.append(TreeToken(" xref", node))


def _atom_key(node: Node) -> str:
    if node["t"] != "Cite":
        return f" {node['t'].lower()}"
    return " cite" + " ".join(token.key[1:] for token in inside_tokens(node["c"][0]) if token.key[0] == "@")


def inside_tokens(item: object) -> Iterator[TreeToken]:
    """Yield the words and citations inside of an atom."""
    if type(item) is list:
        for part in item:
            yield from inside_tokens(part)
    elif type(item) is dict:
        if "citationId" in item:
            yield from inside_tokens(item["citationPrefix"])
            yield TreeToken(f"@{item['citationId']}", item)
            yield from inside_tokens(item["citationSuffix"])
        elif item.get("t") in ("Str", "Code"):
            yield from (TreeToken(part[0], item, part.start()) for part in WORD_PART.finditer(node_text(item)))
        elif item.get("t") == "Note":
            yield TreeToken("^", item)
        else:
            yield from inside_tokens(item["c"][0] if item.get("t") == "Cite" else item.get("c"))


def node_text(node: Node) -> str:
    """Return the text that a node holds itself."""
    content = node.get("c", "")
    return content if isinstance(content, str) else str(content[1]) if node["t"] in _LITERAL_TYPES else ""
