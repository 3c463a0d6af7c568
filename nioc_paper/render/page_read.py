"""What a web page or an e-book holds, read back from its files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lxml import etree

from nioc_paper.ooxml import zips
from nioc_paper.ooxml.xml import Element, parse
from nioc_paper.render.letters import Found, squeeze

_BLOCKS = frozenset((
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "dt", "dd", "td", "th", "pre", "div", "section", "aside",
    "caption", "figcaption", "figure", "table", "body", "main",
))  # fmt: skip
_UNREAD = frozenset(("doc-noteref", "doc-backlink"))
"""Roles of what only leads to a note and back: its text is not the author's."""
_CELLS = frozenset(("td", "th"))
_NOTES = frozenset(("doc-footnote", "doc-endnotes"))


def html(data: bytes) -> Found:
    """What stands in the main part of a web page: not its lists, nor the data below its charts."""
    from lxml.html import document_fromstring

    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)
    page = document_fromstring(data, parser=parser)
    return _found(list(page.iter("main")))


def epub(data: bytes) -> Found:
    """Return the content of an e-book's chapters, without its title page and contents."""
    members = zips.read(data)
    files = (name for name in sorted(members) if name.startswith("EPUB/text/ch") and name.endswith(".xhtml"))
    return _found([body for file in files for body in parse(members[file]).iter("{*}body")])


def text(html: str) -> Found:
    """What stands in a text that goes into the main part of a page."""
    from lxml.html import fragment_fromstring

    return _found([fragment_fromstring(html, create_parent="body")])


def part(html: str) -> Found:
    """What stands in the text of a page of the site, whose links may lead to other pages."""
    found = text(html)
    return {kind: found[kind] for kind in ("text", "note", "picture", "cell")}


def _found(bodies: list[Element]) -> Found:
    nodes = [node for body in bodies for node in body.iter("*") if not _is_below_chart(node)]
    links = [node for node in nodes if _name(node) == "a" and "#" in node.get("href", "")]
    return {
        "text": [squeeze(text) for text in _passages(bodies, apart=True)],
        "note": [squeeze(note) for body in bodies for note in _notes(body)],
        "picture": [squeeze(node.get("alt", "")) for node in nodes if _name(node) == "img"],
        "cell": [squeeze(_whole(node)) for node in nodes if _name(node) in _CELLS],
        "reference": [link.get("href", "").partition("#")[2] for link in links if link.get("role") not in _UNREAD],
        "source": [node.get("id", "") for node in nodes if "csl-entry" in node.get("class", "").split()],
    }


def _notes(body: Element) -> Iterator[str]:
    """The text of each note that is called."""
    written = {node.get("id"): node for node in body.iter("*") if node.get("id", "").startswith("fn")}
    for call in body.iter("*"):
        if call.get("role") == "doc-noteref":
            note = written.get(call.get("href", "").partition("#")[2])
            yield "" if note is None else _whole(note)


def _whole(node: Element) -> str:
    return "".join(_passages([node]))


def _passages(bodies: Iterable[Element], *, apart: bool = False) -> Iterator[str]:
    """The text between the edges of blocks, each time whole; `apart` without cells and notes."""
    for body in bodies:
        pieces: list[str] = []
        walk = etree.iterwalk(body, events=("start", "end"))
        for event, node in walk:
            if event == "start" and _is_skipped(node, apart=apart):
                walk.skip_subtree()
                continue
            if _name(node) in _BLOCKS:
                yield "".join(pieces)
                pieces = []
            if event == "start":
                pieces.append(node.text or "")
            elif node is not body:
                pieces.append(node.tail or "")
        yield "".join(pieces)


def _is_below_chart(node: Element) -> bool:
    return any(_name(above) == "details" for above in node.iterancestors())


def _is_skipped(node: Element, *, apart: bool) -> bool:
    if not isinstance(node.tag, str) or node.get("role") in _UNREAD or _name(node) == "details":
        return True
    if _name(node) == "math" or "math" in node.get("class", "").split():
        return True  # a formula is not spelt as it was written
    return apart and (_name(node) in _CELLS or node.get("role") in _NOTES)


def _name(node: Element) -> str:
    return etree.QName(node).localname
