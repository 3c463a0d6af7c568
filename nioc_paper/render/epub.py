"""The paper as an e-book: a chapter a file, read with any letter size and by a screen reader."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lxml import etree

from nioc_paper import pandoc, tree
from nioc_paper.audience import notices
from nioc_paper.cache import NO_CACHE, Cache
from nioc_paper.model import Document, Node, Report
from nioc_paper.ooxml import zips
from nioc_paper.render import body, epub_package, hands
from nioc_paper.render.embed import embedder, stood_in
from nioc_paper.render.theme import resolve, theme
from nioc_paper.wording import day, digits, direction, labels

_MIMETYPE = "mimetype"
_STYLES = "EPUB/styles/stylesheet1.css"
_ARGS = ("--split-level=1", "--toc", "--toc-depth=2", "--mathml", "--syntax-highlighting=none")


def write(document: Document, templates: Path, report: Report, cache: Cache = NO_CACHE) -> bytes:
    """The bytes of the .epub. Reports `render-failed`; raises PandocError."""
    look = theme(templates)
    pictures = body.dressed(document, look, report, cache)
    stands = stood_in(pictures)
    changes = {**_CHANGES, "Image": embedder(stands)}
    chapters = tree.rewrite(lambda n: changes[n["t"]](n) if n["t"] in changes else n, _chapters(document))
    blocks = [*_imprint(document), *chapters]
    members = zips.read(pandoc.write(blocks, "epub3", meta=_metadata(document), args=_ARGS))
    inside = {stand: pictures[target][1] for target, (_, stand) in stands.items()}
    members = {name: inside.get(data, data) for name, data in members.items()}
    # The sandbox reads no style sheet, typeface or cover, and has no clock but 1970: these are put in afterwards.
    hand = hands.hand(document)
    look, faces = hands.with_hand(look, hand), dict[str, bytes]()
    look = {**look, "hand-leading": str(hand.screen_leading)} if hand else look
    css = hands.faces(hand, lambda name, data: f"../{_face(faces, name, data)}") if hand else ""
    members[_STYLES] = (resolve((templates / "epub.css").read_text(encoding="utf-8"), look) + css).encode()
    cover = epub_package.drawn(document, templates, look, report, cache)
    members = epub_package.packaged(members, document, faces, cover)
    members |= {name: _page(data, document) for name, data in members.items() if name.endswith(".xhtml")}
    order = [_MIMETYPE, *sorted(members.keys() - {_MIMETYPE})]
    return zips.write({name: members[name] for name in order}, document.timestamp, stored=(_MIMETYPE,))


def _chapters(document: Document) -> list[Node]:
    """The blocks of the chapters. A brief and a sheet are one chapter: each of their sections would start a file."""
    blocks = [block for part in body.prepare(document) for block in _unwrapped(part)]
    if document.form == "paper":
        return blocks
    return [tree.header(1, tree.text(document.title), id=document.form), *tree.rewrite(_lowered, blocks)]


def _lowered(node: Node) -> Node:
    """A heading one level lower."""
    return {**node, "c": [node["c"][0] + 1, *node["c"][1:]]} if node["t"] == "Header" else node


def _unwrapped(part: Node) -> list[Node]:
    """The blocks of a chapter: an e-book starts a file at a heading only where nothing encloses it.

    The heading keeps the language of the chapter and what it is, and pandoc gives that to all that follows it.
    """
    if part["t"] != "Div":
        return [part]
    told = {name: value for name, value in tree.values(part).items() if name in ("lang", "dir")}
    told |= next((_KINDS[name] for name in tree.classes(part) if name in _KINDS), {})
    blocks: list[Node] = part["c"][1]
    return [tree.marked(block, **told) if told and block is blocks[0] else block for block in blocks]


_KINDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "front": {"epub:type": "preface", "role": "doc-preface"},
        "part": {"epub:type": "part", "role": "doc-part"},
        "chapter": {"epub:type": "chapter", "role": "doc-chapter"},
        "annex": {"epub:type": "appendix", "role": "doc-appendix"},
        "references": {"epub:type": "bibliography", "role": "doc-bibliography"},
    }
)
"""What a division is in the vocabulary of e-books, and for assistive tools."""


def _anchored(figure: Node) -> Node:
    """A figure whose id stands around it: pandoc finds no ids of figures when it sends links to other files."""
    (anchor, *rest), *content = figure["c"]
    return tree.div([{"t": "Figure", "c": [["", *rest], *content]}], id=anchor) if anchor else figure


def _parted(table: Node) -> Node:
    """A table for any width: its cells keep their paragraphs apart, of which HTML makes a line, and know their column.

    On a narrow page a row of a wide table is set as a list, where each cell says the heading of its column.
    """
    (name, classes, pairs), caption, columns, head, bodies, foot = table["c"]
    heads = [tree.plain(cell[-1]) for cell in head[1][0][1]] if len(head[1]) == 1 else []
    classes = [*classes, "wide"] if len(columns) > 3 and len(heads) == len(columns) else classes
    bodies = [[own, count, _cells(above, heads), _cells(rows, heads)] for own, count, above, rows in bodies]
    return {**table, "c": [[name, classes, pairs], caption, columns, head, bodies, foot]}


def _cells(rows: list[Any], heads: list[str]) -> list[Any]:
    return [[attr, [_cell(cell, head) for cell, head in zip_longest(cells, heads)]] for attr, cells in rows]


def _cell(cell: Any, head: str | None) -> Any:
    (name, classes, pairs), *rest, blocks = cell
    return [[name, classes, [*pairs, ["data-label", head]] if head else pairs], *rest, _paragraphs(blocks)]


def _paragraphs(blocks: list[Node]) -> list[Node]:
    return [tree.para(b["c"]) if b["t"] == "Plain" and len(blocks) > 1 else b for b in blocks]


_CHANGES: Mapping[str, Callable[[Node], Node]] = MappingProxyType(
    {"Figure": _anchored, "Span": body.spoken, "Table": _parted}
)


def _imprint(document: Document) -> Iterator[Node]:
    said = labels(document.language)
    fields = (
        ("whole_paper", document.part_of),
        ("keywords", "; ".join(document.keywords)),
        ("publisher", document.publisher),
        ("edition", document.edition),
        ("date", day(document.date, said)),
        ("version", document.version),
        ("rights", document.rights),
    )
    yield tree.header(1, tree.text(said["imprint"]), "unnumbered", id="imprint")
    if document.copy.review:
        lines = (said["review_copy"], *said["review_how"].splitlines())
        yield tree.div([tree.para(tree.text(line)) for line in lines], "draft-note")
    elif document.draft:
        yield tree.div([tree.para(tree.text(said["draft_note"]))], "draft-note")
    if told := notices(document, said):
        yield tree.div([tree.para(tree.text(line)) for line in told], "notice")
    terms = [[tree.text(said[name]), [[tree.plain_block(tree.text(text))]]] for name, text in fields if text]
    yield {"t": "DefinitionList", "c": terms}


def _metadata(document: Document) -> dict[str, object]:
    """What is known of the book; what is empty is left out, for an empty element is against the standard."""
    said = labels(document.language)
    kind = said["review_copy" if document.copy.review else "draft"]
    draft = f" ({kind.lower()})" if document.draft else ""
    known = {
        "title": document.name + draft,
        "subtitle": document.subtitle,
        "author": list(document.authors),
        "publisher": document.publisher,
        "rights": document.rights,
        "subject": list(document.keywords),
        "lang": document.language,
        "toc-title": said["contents"],
        "page-progression-direction": "rtl" if direction(document.language) == "rtl" else "",
        "accessModes": ["textual", "visual"],
        "accessibilitySummary": said["accessibility"],
        "date": document.date.isoformat() if document.date else "",
        "identifier": uuid.uuid5(uuid.NAMESPACE_URL, f"urn:{document.stem}").urn,
    }
    return {name: value for name, value in known.items() if value}


def _face(faces: dict[str, bytes], name: str, data: bytes) -> str:
    """Where a typeface stands in the book; it is put there."""
    file = f"fonts/{name}.woff2"
    faces[file] = data
    return file


def _page(page: bytes, document: Document) -> bytes:
    """A file of the book with its heading as its title, where pandoc writes the name of the file; in its language."""
    root = etree.fromstring(page)
    heading = next(root.iter("{*}h1"), None)
    title = next(root.iter("{*}title"), None)
    if heading is not None and title is not None and (title.text or "").endswith(".xhtml"):
        title.text = " ".join("".join(map(str, heading.itertext())).split())
    language = document.language if heading is None else heading.get("lang", document.language)
    for name in ("lang", "{http://www.w3.org/XML/1998/namespace}lang"):
        root.set(name, language)
    if direction(language) == "rtl":
        root.set("dir", "rtl")
    for corner in [cell for cell in root.iter("{*}th") if len(cell) == 0 and not cell.text]:  # the heading of nothing
        corner.tag = corner.tag.removesuffix("th") + "td"
        corner.attrib.pop("scope", "")
    for node in root.iter("{*}a"):
        if node.get("role") == "doc-noteref":
            node.text = digits(node.text or "", labels(language))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, doctype="<!DOCTYPE html>")
