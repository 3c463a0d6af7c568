"""Cross-references as Word's own fields: hidden bookmarks around the words of a label, REF fields that repeat them.

A reference in the text is often more than what it repeats: "section 3.2" stands for a heading that begins "3.2". What
it repeats is the field; the rest is typed beside it. So when Word updates its fields, every reference says the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nioc_paper import tree
from nioc_paper.model import Node
from nioc_paper.ooxml.xml import bookmark_end, bookmark_start, field, raw

STYLE = "CrossReference"
MARK = "_Ref"
"""How the bookmarks begin: with a low line Word hides them from its list, as it hides its own."""

_MOVING = ("Note", "Image", "Link", "Cite")
"""What a heading may not have if references are to repeat it: repeated notes would count twice."""


@dataclass(frozen=True, slots=True)
class Told:
    """What some blocks say that has to do with labels."""

    names: Sequence[str]
    """The ids of all that is in them, and of what they refer to or show."""
    labels: Mapping[str, str]
    """What can be referred to, by id: a label as it is printed, or the title of a heading without a number."""
    links: Sequence[tuple[str, str]]
    """Each reference: its target, and its text."""


def tell(blocks: Sequence[Node]) -> Told:
    """What blocks say that has to do with labels."""
    nodes = [node for node in tree.walk(blocks) if node["t"] in tree.WITH_ATTRIBUTES]
    shown = (node["c"][2][0].removeprefix("#") for node in nodes if node["t"] in ("Link", "Image"))
    names = {*map(tree.identifier, nodes), *shown}
    return Told(sorted(names), dict(_labels(nodes)), [*map(_read, filter(is_reference, nodes))])


class References:
    """Which words of which labels the text refers to."""

    def __init__(self, parts: Iterable[Told]) -> None:
        given = [*parts]
        self._labels = {name: label for part in given for name, label in part.labels.items()}
        self._used = {(to, self._repeated(to, text)) for part in given for to, text in part.links}

    def around(self, names: Collection[str]) -> list[list[str]]:
        """What is known of these labels, by the ids of what they are of: their words, and what is repeated of them."""
        labels = [[name, label] for name, label in sorted(self._labels.items()) if name in names]
        return [*labels, *([name, piece] for name, piece in sorted(self._used) if piece and name in names)]

    def field(self, link: Node) -> list[Node]:
        """A reference with its field; where its label has none of its words it stays the link that it is."""
        target, text = _read(link)
        piece = self._repeated(target, text)
        if not piece:
            return [link]
        before, _, after = text.rpartition(_firm(piece))
        code = f"REF {_name(target, piece)} \\h \\* CHARFORMAT"
        return [*_text(before, link), raw(field(code, piece, STYLE)), *_text(after, link)]

    def marked(self, id: str, before: Sequence[Node], number: Sequence[Node]) -> list[Node]:
        """A label with bookmarks around the words that are repeated: the whole of it, or its last word alone."""
        label = self._labels.get(id, "")
        inside = self._around(id, _last(label), number) if before else number
        return self._around(id, label, [*before, *inside])

    def _around(self, id: str, piece: str, inlines: Sequence[Node]) -> list[Node]:
        if not piece or (id, piece) not in self._used:
            return list(inlines)
        name = _name(id, piece)
        return [raw(bookmark_start(name)), *inlines, raw(bookmark_end(name))]

    def _repeated(self, target: str, text: str) -> str:
        """The words of its target's label that a reference repeats: as many as may be, or none."""
        label = self._labels.get(target, "")
        return next((piece for piece in (label, _last(label)) if piece and _firm(piece) in text), "")


def is_reference(node: Node) -> bool:
    """Whether a node refers to something of the paper by its label."""
    return node["t"] == "Link" and "xref" in tree.classes(node)


def label_of(inlines: Sequence[Node]) -> Node | None:
    """The number or label that a heading, a caption or a title begins with."""
    first = inlines[0] if inlines else None
    return first if first and {"number", "label"} & {*tree.classes(first)} else None


def firm(label: str) -> tuple[str, str]:
    """A label on one line: all but its last word, and that."""
    before, space, last = _firm(label).rpartition("\u00a0")
    return before + space, last


def _labels(nodes: Iterable[Node]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        name = tree.identifier(node)
        if node["t"] == "Header":
            inlines = node["c"][2]
            label = label_of(inlines)
            if label or not any(inline["t"] in _MOVING for inline in tree.walk(inlines)):
                yield name, _firm(tree.plain(label)) if label else tree.plain(inlines)
        elif name and node["t"] in ("Figure", "Table", "Div"):
            opening = node["c"][1] if node["t"] == "Div" else node["c"][1][1]
            label = next(filter(None, map(_opening, opening[:1])), None)
            if label:
                yield name, _firm(tree.plain(label))


def _read(link: Node) -> tuple[str, str]:
    """The target of a reference, and its text."""
    return link["c"][2][0].removeprefix("#"), _firm(tree.plain(link))


def _opening(block: Node) -> Node | None:
    """The label that a caption, or the title of a box, begins with."""
    if tree.is_div(block, "title") and block["c"][1]:
        return _opening(block["c"][1][0])
    return label_of(block["c"]) if block["t"] in ("Plain", "Para") else None


def _text(words: str, link: Node) -> list[Node]:
    """What is typed beside a field; it leads where the field leads."""
    return [{"t": "Link", "c": [link["c"][0], [{"t": "Str", "c": words}], link["c"][2]]}] if words else []


def _firm(text: str) -> str:
    return text.replace(" ", "\u00a0")


def _last(label: str) -> str:
    return label.rpartition("\u00a0")[2]


def _name(id: str, piece: str) -> str:
    # Word allows letters, digits and low lines, forty at most.
    return MARK + hashlib.sha1(f"{id} {piece}".encode(), usedforsecurity=False).hexdigest()[:16]
