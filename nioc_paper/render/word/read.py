"""What a Word file holds, read back from its XML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from lxml import etree

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import Element, find, get, iterate, qn
from nioc_paper.render.letters import Found, merged, squeeze

_CHARACTERS = {
    qn("w:tab"): "\t",
    qn("w:br"): "\n",
    qn("w:noBreakHyphen"): "\u2011",
    qn("w:softHyphen"): "\u00ad",
}
_PREFIXED = ("w:tab", "w:br", "w:noBreakHyphen", "w:softHyphen")
MARK = "_Ref"
"""How the names of bookmarks begin that are hidden, and that fields repeat."""
_REPEATS = re.compile(rf"\s*REF ({MARK}\w+)")


Held = Mapping[str, Sequence[str]]
"""What a piece of a Word file holds by kind; of references, the steps by which they are found."""


def docx(data: bytes) -> Found:
    """What stands in the text of a Word file, and in its notes."""
    return joined([held(Package(data))])


def joined(pieces: Iterable[Held]) -> Found:
    """What stands in a Word file that is made of these pieces."""
    found = merged(pieces)
    anchors = dict(zip(found.pop("mark"), found.pop("anchor"), strict=True))
    return found | {"reference": list(_references(found["reference"], anchors))}


def held(package: Package) -> Held:
    """What stands in the text of an opened Word file, and in its notes."""
    document, cells = package.xml("word/document.xml"), [*iterate(package.body, "w:tc")]
    anchors = _anchors(document)
    within = {paragraph for cell in cells for paragraph in iterate(cell, "w:p")}
    return {
        "text": [squeeze(_said(p)) for p in iterate(document, "w:p") if p not in within],
        "note": list(_notes(package)),
        "picture": [squeeze(node.get("descr") or "") for node in iterate(document, "wp:docPr")],
        "cell": [squeeze(_said(cell)) for cell in cells],
        "reference": [step for part in _parts(package) for step in ("", *_steps(part))],
        "mark": list(anchors),
        "anchor": list(anchors.values()),
        "source": [get(node, "w:name") for node in iterate(document, "w:bookmarkStart")],
    }


def passages(package: Package) -> Iterator[str]:
    """The text of every paragraph of the document and of its notes, as a reader sees it, and what is shown as gone."""
    for part in _parts(package):
        yield from map(_said, iterate(part, "w:p"))


def _parts(package: Package) -> list[Element]:
    return [package.xml(name) for name in ("word/document.xml", "word/footnotes.xml")]


def _is_listed(paragraph: Element) -> bool:
    """Whether a paragraph is a line of the contents or of another list at the front."""
    return get(find(paragraph, "w:pPr/w:pStyle")).startswith(("TOC", "TableOfFigures"))


def _said(node: Element) -> str:
    return "".join(_CHARACTERS.get(str(t.tag), t.text or "") for t in iterate(node, "w:t", "w:delText", *_PREFIXED))


def _notes(package: Package) -> Iterator[str]:
    """The text of each note that is called."""
    written = {get(note, "w:id"): note for note in iterate(package.xml("word/footnotes.xml"), "w:footnote")}
    for call in iterate(package.body, "w:footnoteReference"):
        note = written.get(get(call, "w:id"))
        yield "" if note is None else squeeze(_said(note))


def _anchors(document: Element) -> Mapping[str, str]:
    """By the hidden bookmarks around the words of a label, the one that a link to it leads to: the last before it."""
    found, here = {}, ""
    for node in iterate(document, "w:bookmarkStart"):
        name = get(node, "w:name")
        here = here if name.startswith(MARK) else name
        found[name] = here
    return found


def _steps(part: Element) -> Iterator[str]:
    """The links of the text ("#" and where it leads), its fields ("=" and what they repeat), and "" between them.

    What is typed beside a field is one with it.
    """
    inside = False
    listed = {link for p in iterate(part, "w:p") if _is_listed(p) for link in iterate(p, "w:hyperlink")}
    linked = {text for link in iterate(part, "w:hyperlink") for text in iterate(link, "w:t")}
    for node in iterate(part, "w:p", "w:t", "w:hyperlink", "w:instrText", "w:fldChar"):
        kind = etree.QName(node).localname
        if kind == "instrText" and (repeated := _REPEATS.match(node.text or "")):
            yield f"={repeated[1]}"
        elif kind == "hyperlink" and node not in listed:
            yield f"#{get(node, 'w:anchor')}"
        elif kind == "fldChar":
            inside = get(node, "w:fldCharType") != "end"
        elif kind == "p" or (kind == "t" and not inside and node not in linked):
            yield ""


def _references(steps: Iterable[str], anchors: Mapping[str, str]) -> Iterator[str]:
    """Where links and fields lead; several beside each other that lead to one place are one reference."""
    last = ""
    for step in steps:
        target = anchors.get(step[1:], "") if step.startswith("=") else step[1:]
        if target and target != last:
            yield target
        last = (target or last) if step else ""
