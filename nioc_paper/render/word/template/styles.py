"""Our styles and the template's in one file: its own where it has them by name or by the table, ours for the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import Element, element, find, get, insert_property, iterate, qn, take_out
from nioc_paper.render.word.styles import STYLES
from nioc_paper.render.word.template import numbering
from nioc_paper.render.word.template.opened import Opened

PART = "word/styles.xml"
TABLE = "Table"
NAMES = (*(style.name for style in STYLES), TABLE)
"""What ours are called."""
KINDS = {style.name.casefold(): style.kind for style in STYLES} | {TABLE.casefold(): "table"}
"""By name in small letters: `paragraph`, `character` or `table`."""
_LINKS = ("w:basedOn", "w:next", "w:link")
_USES = ("w:pStyle", "w:rStyle", "w:tblStyle")
_UNNUMBERED = "<w:numPr><w:numId w:val='0'/></w:numPr>"


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of our styles."""

    ids: Mapping[str, str]
    """Their ids by ours, and ours that are now other ones."""
    names: Mapping[str, str]
    """Names by ours in small letters, where the template's style has another."""
    added: Sequence[str]
    """Names of ours that the template does not have."""


def merge(package: Package, template: Opened, wanted: Mapping[str, str]) -> Merged:
    """Put the template's styles into the file, and those of ours that it lacks beside them.

    `wanted` are names of the template's styles by ours in small letters. Who uses a style is left for later.
    """
    root = deepcopy(template.root("styles"))
    ours = {get(style, "w:styleId"): style for style in iterate(package.xml(PART), "w:style")}
    twins = {own: twin for own, style in ours.items() if (twin := _twin(style, template, wanted)) is not None}
    lacking = _needed({own: style for own, style in ours.items() if own not in twins}, package)
    ids = {own: get(twin, "w:styleId") for own, twin in twins.items()} | _fresh(lacking, template)
    numbering.adopt(package, template, root)
    _unnumber(root, {get(twin, "w:styleId") for twin in twins.values()})
    root.extend(_adopted(style, ids, root) for style in lacking.values())
    if TABLE in twins:
        _plain_heads(root)
    package.put(PART, etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True))
    names = {_name(ours[own]).casefold(): _name(twin) for own, twin in twins.items()}
    return Merged(ids, names, [name for name in NAMES if name in {_name(style) for style in lacking.values()}])


def _name(style: Element) -> str:
    return get(find(style, "w:name"))


def _twin(style: Element, template: Opened, wanted: Mapping[str, str]) -> Element | None:
    name = _name(style).casefold()
    return template.styles.get((get(style, "w:type"), wanted.get(name, name).casefold()))


def _needed(lacking: Mapping[str, Element], package: Package) -> dict[str, Element]:
    """Styles of ours, and of pandoc's those that something uses, or that others silently stand on."""
    used = {get(node) for part in own_parts(package) for node in iterate(package.xml(part), *_USES)}
    kept = {own for own, style in lacking.items() if own in used or _name(style) in NAMES or get(style, "w:default")}
    while more := {get(find(lacking[own], link)) for own in kept for link in _LINKS} & lacking.keys() - kept:
        kept |= more
    return {own: style for own, style in lacking.items() if own in kept}


def own_parts(package: Package) -> Iterator[str]:
    """The parts that speak of our styles: the text, its notes, our heads and feet."""
    yield "word/document.xml"
    for kind in ("footnotes", "header", "footer"):
        yield from sorted(name for _, name in package.targets(kind) if "/template/" not in name)


def _fresh(lacking: Iterable[str], template: Opened) -> dict[str, str]:
    """Ids of ours that none of the template's has."""
    taken = {get(style, "w:styleId").casefold() for style in template.styles.values()}
    return {own: f"{own}Own" if own.casefold() in taken else own for own in lacking}


def _adopted(style: Element, ids: Mapping[str, str], root: Element) -> Element:
    """One of ours as the template's file takes it."""
    new = deepcopy(style)
    new.set(qn("w:styleId"), ids[get(style, "w:styleId")])
    kind = get(style, "w:type")
    if any(get(other, "w:default") and get(other, "w:type") == kind for other in root):
        new.attrib.pop(qn("w:default"), "")
    for link in [node for name in _LINKS for node in new.findall(qn(name))]:
        if get(link) in ids:
            link.set(qn("w:val"), ids[get(link)])
        else:
            take_out(link)
    return new


def _unnumber(root: Element, used: set[str]) -> None:
    """Styles that stand for ours count nothing: our numbers are in the text, the same in every format."""
    styles = {get(style, "w:styleId"): style for style in iterate(root, "w:style")}
    for style in (styles[own] for own in used):
        base: Element | None = style
        while base is not None and find(base, "w:pPr/w:numPr") is None:
            base = styles.get(get(find(base, "w:basedOn")))
        if base is not None:
            for old in style.findall(f"{qn('w:pPr')}/{qn('w:numPr')}"):
                take_out(old)
            _properties(style)
            insert_property(style, element(_UNNUMBERED))


def _properties(style: Element) -> None:
    """Properties of paragraphs stand behind the names of a style, before those of characters."""
    if find(style, "w:pPr") is None:
        runs = find(style, "w:rPr")
        place = len(style) if runs is None else style.index(runs)
        style.insert(place, element("<w:pPr/>"))


def _plain_heads(root: Element) -> None:
    """White is for heads on our own dark ground."""
    for style in iterate(root, "w:style"):
        colour = find(style, "w:rPr/w:color")
        if _name(style) == "Table Heading" and colour is not None:
            take_out(colour)


def rename(package: Package, merged: Merged) -> None:
    """Every use of one of our styles becomes a use of what stands for it, in fields too."""
    for part in own_parts(package):
        for node in iterate(package.xml(part), *_USES):
            node.set(qn("w:val"), merged.ids.get(get(node), get(node)))
        for node in iterate(package.xml(part), "w:instrText"):
            node.text = _renamed(node.text or "", merged.names)


def _renamed(code: str, names: Mapping[str, str]) -> str:
    r"""A field's code: `STYLEREF "Heading 1"`, `TOC \t "Part,1,Heading 1,2"`."""
    if not code.lstrip().startswith(("STYLEREF", "TOC")) or '"' not in code:
        return code
    before, quoted, after = code.split('"', 2)
    return '"'.join((before, ",".join(names.get(word.casefold(), word) for word in quoted.split(",")), after))
