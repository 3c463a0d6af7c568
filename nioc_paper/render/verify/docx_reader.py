"""Contents of a Word file, read back from its XML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from lxml import etree

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import Element, get_attribute, iter_elements, paragraph_style, qn
from nioc_paper.render.verify.normalized_text import Contents, combine_contents, normalize

_CHARACTERS = {
    qn("w:tab"): "\t",
    qn("w:br"): "\n",
    qn("w:noBreakHyphen"): "\u2011",
    qn("w:softHyphen"): "\u00ad",
}
_PREFIXED = ("w:tab", "w:br", "w:noBreakHyphen", "w:softHyphen")
BOOKMARK_PREFIX = "_Ref"
"""Prefix of hidden bookmarks that fields repeat; the reader must not import it from the writer."""
_NAMELESS = re.compile(rf"{BOOKMARK_PREFIX}|nb\d+$")
"""Bookmarks that no reference has as its target: those of labels, and of passages in a reviewer's file."""
_REF_FIELD = re.compile(rf"\s*REF ({BOOKMARK_PREFIX}\w+)")


PieceContents = Mapping[str, Sequence[str]]
"""Contents of a piece by kind; of references, the steps from which `merge_contents` finds their targets."""


def merge_contents(pieces: Iterable[PieceContents]) -> Contents:
    """Return the contents of a Word file that is merged from these pieces."""
    contents = combine_contents(pieces)
    anchors = dict(zip(contents.pop("mark"), contents.pop("anchor"), strict=True))
    return contents | {"reference": list(_resolve_steps(contents["reference"], anchors))}


def read_package(package: Package) -> PieceContents:
    """Return the contents of an opened Word file: its text and notes."""
    document = package.xml_root("word/document.xml")
    cells = [cell for cell in iter_elements(package.body, "w:tc") if not _is_layout(cell)]
    anchors = _anchor_by_bookmark(document)
    within = {paragraph for cell in cells for paragraph in iter_elements(cell, "w:p")}
    return {
        "text": [text for p in iter_elements(document, "w:p") if p not in within for text in _passages(p)],
        "note": list(_called_notes(package)),
        "picture": [
            normalize(node.get("descr") or "")
            for root in _text_roots(package)
            for node in iter_elements(root, "wp:docPr")
        ],
        "cell": [normalize(_text_of(cell)) for cell in cells],
        "reference": [step for part in _text_roots(package) for step in ("", *_link_steps(part))],
        "mark": list(anchors),
        "anchor": list(anchors.values()),
        "source": [get_attribute(node, "w:name") for node in iter_elements(document, "w:bookmarkStart")],
    }


def _text_roots(package: Package) -> list[Element]:
    return [package.xml_root(name) for name in ("word/document.xml", "word/footnotes.xml")]


def _is_layout(cell: Element) -> bool:
    """Whether a cell only sets the paragraphs of a key figure beside those of another."""
    return all(style.startswith("Key") for style in (paragraph_style(p) for p in iter_elements(cell, "w:p")))


def _passages(paragraph: Element) -> Iterator[str]:
    """Yield the normalized passages of a paragraph: short fields of a box share a line, with tabs between them."""
    text = _text_of(paragraph)
    yield from map(normalize, text.split("\t") if paragraph_style(paragraph).endswith("Fields") else [text])


def _text_of(node: Element) -> str:
    return "".join(
        _CHARACTERS.get(str(t.tag), t.text or "") for t in iter_elements(node, "w:t", "w:delText", *_PREFIXED)
    )


def _called_notes(package: Package) -> Iterator[str]:
    """Yield the text of each note that is called."""
    notes_by_id = {
        get_attribute(note, "w:id"): note
        for note in iter_elements(package.xml_root("word/footnotes.xml"), "w:footnote")
    }
    for call in iter_elements(package.body, "w:footnoteReference"):
        note = notes_by_id.get(get_attribute(call, "w:id"))
        yield "" if note is None else normalize(_text_of(note))


def _anchor_by_bookmark(document: Element) -> Mapping[str, str]:
    """Return the target of each hidden bookmark around a label: the last bookmark before it."""
    anchor_by_name, last_anchor = {}, ""
    for node in iter_elements(document, "w:bookmarkStart"):
        name = get_attribute(node, "w:name")
        last_anchor = last_anchor if _NAMELESS.match(name) else name
        anchor_by_name[name] = last_anchor
    return anchor_by_name


def _link_steps(part: Element) -> Iterator[str]:
    """Yield links ("#" and the target), fields ("=" and the bookmark that they repeat), and "" between them.

    Typed text beside a field belongs to it.
    """
    is_in_field = False
    listed = {
        link
        for p in iter_elements(part, "w:p")
        if paragraph_style(p).startswith(("TOC", "TableOfFigures"))
        for link in iter_elements(p, "w:hyperlink")
    }
    linked = {text for link in iter_elements(part, "w:hyperlink") for text in iter_elements(link, "w:t")}
    for node in iter_elements(part, "w:p", "w:t", "w:hyperlink", "w:instrText", "w:fldChar"):
        kind = etree.QName(node).localname
        if kind == "instrText" and (repeated := _REF_FIELD.match(node.text or "")):
            yield f"={repeated[1]}"
        elif kind == "hyperlink" and node not in listed:
            yield f"#{get_attribute(node, 'w:anchor')}"
        elif kind == "fldChar":
            is_in_field = get_attribute(node, "w:fldCharType") != "end"
        elif kind == "p" or (kind == "t" and not is_in_field and node not in linked):
            yield ""


def _resolve_steps(steps: Iterable[str], anchors: Mapping[str, str]) -> Iterator[str]:
    """Yield the targets of links and fields; neighbours with one target are one reference."""
    last = ""
    for step in steps:
        target = anchors.get(step[1:], "") if step.startswith("=") else step[1:]
        if target and target != last:
            yield target
        last = (target or last) if step else ""
