"""What an e-book says, read back from its files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from lxml import etree

from nioc_paper.ooxml.xml import Element, parse

_BLOCKS = frozenset((
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "dt", "dd", "td", "th", "pre", "div", "section", "aside",
    "caption", "figcaption", "figure", "table", "body",
))  # fmt: skip
_UNREAD = frozenset(("doc-noteref", "doc-backlink"))
"""Roles of what only leads to a note and back: its text is not the author's."""


def chapters(members: Mapping[str, bytes]) -> Iterator[Element]:
    """The bodies of the files that hold the text, in order; the title page and the contents are not among them."""
    for name in sorted(members):
        if name.startswith("EPUB/text/ch") and name.endswith(".xhtml"):
            yield from parse(members[name]).iter("{*}body")


def passages(bodies: Iterable[Element]) -> Iterator[str]:
    """The text between the edges of blocks, each time whole: a paragraph, a cell, a heading."""
    for body in bodies:
        pieces: list[str] = []
        walk = etree.iterwalk(body, events=("start", "end"))
        for event, node in walk:
            if event == "start" and etree.QName(node).localname == "math":
                walk.skip_subtree()  # a formula is not spelt as it was written
                continue
            if etree.QName(node).localname in _BLOCKS:
                yield "".join(pieces)
                pieces = []
            if event == "start" and node.get("role") not in _UNREAD:
                pieces.append(node.text or "")
            elif event == "end":
                pieces.append(node.tail or "")


def notes(bodies: Iterable[Element]) -> int:
    """How many notes are called."""
    return sum(node.get("role") == "doc-noteref" for body in bodies for node in body.iter())
