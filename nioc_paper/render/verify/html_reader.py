"""Contents of a web page or an e-book, read back from its files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lxml import etree

from nioc_paper.ooxml.xml import Element, parse
from nioc_paper.render.verify.normalized_text import Contents, normalize

_BLOCK_TAGS = frozenset((
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "dt", "dd", "td", "th", "pre", "div", "section", "aside",
    "caption", "figcaption", "figure", "table", "body", "main",
))  # fmt: skip
_NOTE_LINK_ROLES = frozenset(("doc-noteref", "doc-backlink"))
"""Roles of links to a note and back: their text is not the author's."""
_CELL_TAGS = frozenset(("td", "th"))
_UNREAD_TAGS = frozenset(("details", "svg"))
"""Elements whose text is not the author's, or is that of a picture."""
_NOTE_ROLES = frozenset(("doc-footnote", "doc-endnotes"))


def read_html(data: bytes) -> Contents:
    """Return the contents of the main part of a web page, without lists and the data below charts."""
    from lxml.html import document_fromstring

    page = document_fromstring(data, parser=etree.HTMLParser(encoding="utf-8", huge_tree=True))
    return _read_bodies(list(page.iter("main")))


def chapter_pages(members: Iterable[str]) -> list[str]:
    """Return the names of the pages of chapters among the members of an e-book, in their order."""
    return [name for name in sorted(members) if name.startswith("EPUB/text/ch") and name.endswith(".xhtml")]


def read_epub_page(page: bytes) -> Contents:
    """Return the content of a page of an e-book."""
    return _read_bodies(list(parse(page).iter("{*}body")))


def read_fragment(html: str) -> Contents:
    """Return the contents of HTML for the main part of a page."""
    from lxml.html import fragment_fromstring

    return _read_bodies([fragment_fromstring(html, create_parent="body")])


def read_site_fragment(html: str) -> Contents:
    """Return the contents of a page of the site; its links may lead to other pages."""
    contents = read_fragment(html)
    return {kind: contents[kind] for kind in ("text", "note", "picture", "cell")}


def _read_bodies(bodies: list[Element]) -> Contents:
    folded = {node for body in bodies for details in body.iter("{*}details") for node in details.iterdescendants("*")}
    nodes = [node for body in bodies for node in body.iter("*") if node not in folded]
    links = [node for node in nodes if _local_name(node) == "a" and "#" in node.get("href", "")]
    return {
        "text": [normalize(text) for text in _passages(bodies, without_cells_and_notes=True)],
        "note": [normalize(note) for body in bodies for note in _called_notes(body)],
        "picture": [normalize(words) for node in nodes if (words := _picture_words(node)) is not None],
        "cell": [normalize(_whole_text(node)) for node in nodes if _local_name(node) in _CELL_TAGS],
        "reference": [
            link.get("href", "").partition("#")[2] for link in links if link.get("role") not in _NOTE_LINK_ROLES
        ],
        "source": [node.get("id", "") for node in nodes if "csl-entry" in node.get("class", "").split()],
    }


def _picture_words(node: Element) -> str | None:
    """Return the words for a picture; None for other elements, and for the narrow form of one."""
    name = _local_name(node)
    if name == "svg" and node.get("role") == "img":
        return None if "narrow" in node.get("class", "").split() else node.get("aria-label", "")
    return node.get("alt", "") if name == "img" else None


def _called_notes(body: Element) -> Iterator[str]:
    """Yield the text of each note that is called."""
    notes_by_id = {node.get("id"): node for node in body.iter("*") if node.get("id", "").startswith("fn")}
    for call in body.iter("*"):
        if call.get("role") == "doc-noteref":
            note = notes_by_id.get(call.get("href", "").partition("#")[2])
            yield "" if note is None else _whole_text(note)


def _whole_text(node: Element) -> str:
    return "".join(_passages([node]))


def _passages(bodies: Iterable[Element], *, without_cells_and_notes: bool = False) -> Iterator[str]:
    """Yield the text between the edges of blocks, with the text of inner blocks."""
    for body in bodies:
        pieces, walk = list[str](), etree.iterwalk(body, events=("start", "end"))
        for event, node in walk:
            if event == "start" and _is_skipped(node, without_cells_and_notes=without_cells_and_notes):
                walk.skip_subtree()
                continue
            if _local_name(node) in _BLOCK_TAGS:
                yield "".join(pieces)
                pieces = []
            if event == "start":
                pieces.append(node.text or "")
            elif node is not body:
                pieces.append(node.tail or "")
        yield "".join(pieces)


def _is_skipped(node: Element, *, without_cells_and_notes: bool) -> bool:
    if not isinstance(node.tag, str) or node.get("role") in _NOTE_LINK_ROLES or _local_name(node) in _UNREAD_TAGS:
        return True
    if node.get("class") == "margin":
        return True  # copies of notes and sources
    if _local_name(node) == "math" or "math" in node.get("class", "").split():
        return True  # a formula is not spelt as it was written
    return without_cells_and_notes and (_local_name(node) in _CELL_TAGS or node.get("role") in _NOTE_ROLES)


def _local_name(node: Element) -> str:
    return str(node.tag).rpartition("}")[2]  # a third of the time of lxml's QName
