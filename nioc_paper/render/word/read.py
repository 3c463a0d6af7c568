"""What a Word file says, read back from its XML."""

from __future__ import annotations

from collections.abc import Iterator

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import Element, get, iterate, qn

_CHARACTERS = {
    qn("w:tab"): "\t",
    qn("w:br"): "\n",
    qn("w:noBreakHyphen"): "\u2011",
    qn("w:softHyphen"): "\u00ad",
}


def passages(package: Package) -> Iterator[str]:
    """The text of every paragraph of the document and of its notes, as a reader sees it."""
    for part in ("word/document.xml", "word/footnotes.xml"):
        for paragraph in iterate(package.xml(part), "w:p"):
            yield "".join(_text(node) for node in iterate(paragraph, "w:t", *_PREFIXED))


def notes(package: Package) -> int:
    """How many notes are both written and called; the separators that Word keeps among them do not count."""
    written = {get(n, "w:id") for n in iterate(package.xml("word/footnotes.xml"), "w:footnote") if not get(n, "w:type")}
    called = [get(node, "w:id") for node in iterate(package.body, "w:footnoteReference")]
    return sum(mark in written for mark in called)


_PREFIXED = ("w:tab", "w:br", "w:noBreakHyphen", "w:softHyphen")


def _text(node: Element) -> str:
    return _CHARACTERS.get(str(node.tag), node.text or "")
