"""Merge of our styles and the template's: the template's by name or by the table in paper.yaml, ours for the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from functools import cached_property

from lxml import etree
from msgspec import Struct

from nioc_paper.ooxml.package import Package, main_part_name, read_relationships
from nioc_paper.ooxml.xml import (
    Element,
    find_element,
    get_attribute,
    iter_elements,
    local_name,
    number_attribute,
    parse_element,
    qn,
    remove_element,
)
from nioc_paper.render.word.styles import STYLES

STYLES_PART = "word/styles.xml"
TABLE_STYLE = "Table"
OWN_STYLE_NAMES = (*(style.name for style in STYLES), TABLE_STYLE)
"""Names of all our styles."""
KIND_BY_NAME = {style.name.casefold(): style.kind for style in STYLES} | {TABLE_STYLE.casefold(): "table"}
"""By name in lower case: `paragraph`, `character` or `table`."""
_STYLE_LINKS = ("w:basedOn", "w:next", "w:link")
_STYLE_USES = ("w:pStyle", "w:rStyle", "w:tblStyle")


def merge_styles(package: Package, template: TemplateFile, template_names: Mapping[str, str]) -> Sequence[str]:
    """Put the template's styles into the file, and beside them those of ours that it lacks: return their names.

    `template_names` are names of the template's styles by ours in lower case.
    """
    root = deepcopy(template.root("styles"))
    styles = iter_elements(package.xml_root(STYLES_PART), "w:style")
    own_styles = {get_attribute(style, "w:styleId"): style for style in styles}
    named = {own: (get_attribute(style, "w:type"), _style_name(style).casefold()) for own, style in own_styles.items()}
    theirs = {own: (kind, template_names.get(name, name).casefold()) for own, (kind, name) in named.items()}
    twins = {own: template.styles[key] for own, key in theirs.items() if key in template.styles}
    missing = _styles_in_use({own: style for own, style in own_styles.items() if own not in twins}, package)
    used_ids = {get_attribute(style, "w:styleId").casefold() for style in template.styles.values()}
    ids = {own: get_attribute(twin, "w:styleId") for own, twin in twins.items()} | {
        own: f"{own}Own" if own.casefold() in used_ids else own for own in missing
    }
    # Our numbers are in the text, the same in every format, and lists have signs of their own.
    for numbering in list(iter_elements(root, "w:numPr")):
        remove_element(numbering)
    root.extend(_adapt_style(style, ids, root) for style in missing.values())
    if TABLE_STYLE in twins:
        for style in iter_elements(root, "w:style"):
            colour = find_element(style, "w:rPr/w:color")
            if _style_name(style) == "Table Heading" and colour is not None:
                remove_element(colour)  # white is for heads on our own dark background
    package.set_part(STYLES_PART, etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True))
    names = {_style_name(own_styles[own]).casefold(): _style_name(twin) for own, twin in twins.items()}
    missing_names = {_style_name(style) for style in missing.values()}
    for part in parts_with_own_styles(package):
        for node in iter_elements(package.xml_root(part), *_STYLE_USES):
            node.set(qn("w:val"), ids.get(get_attribute(node), get_attribute(node)))
        for node in iter_elements(package.xml_root(part), "w:instrText"):
            node.text = _rename_in_field(node.text or "", names)
    return [name for name in OWN_STYLE_NAMES if name in missing_names]


def _style_name(style: Element) -> str:
    return get_attribute(find_element(style, "w:name"))


def _styles_in_use(missing: Mapping[str, Element], package: Package) -> dict[str, Element]:
    """Return our styles, and those of pandoc that something uses or that others are based on."""
    roots = map(package.xml_root, parts_with_own_styles(package))
    needed = {get_attribute(node) for root in roots for node in iter_elements(root, *_STYLE_USES)} & missing.keys()
    for own, style in missing.items():
        if _style_name(style) in OWN_STYLE_NAMES or get_attribute(style, "w:default"):
            needed.add(own)
    while (
        more := {get_attribute(find_element(missing[own], link)) for own in needed for link in _STYLE_LINKS}
        & missing.keys() - needed
    ):
        needed |= more
    return {own: style for own, style in missing.items() if own in needed}


def parts_with_own_styles(package: Package) -> Iterator[str]:
    """Yield the parts that refer to our styles: text, notes, headers and footers."""
    yield "word/document.xml"
    for kind in ("footnotes", "header", "footer"):
        yield from sorted(name for _, name in package.related_parts(kind) if "/template/" not in name)


def _adapt_style(style: Element, ids: Mapping[str, str], root: Element) -> Element:
    """Return one of our styles in the template's form."""
    new = deepcopy(style)
    new.set(qn("w:styleId"), ids[get_attribute(style, "w:styleId")])
    kind = get_attribute(style, "w:type")
    if any(get_attribute(other, "w:default") and get_attribute(other, "w:type") == kind for other in root):
        new.attrib.pop(qn("w:default"), "")
    for link in [node for name in _STYLE_LINKS for node in new.findall(qn(name))]:
        if get_attribute(link) in ids:
            link.set(qn("w:val"), ids[get_attribute(link)])
        else:
            remove_element(link)
    return new


def _rename_in_field(code: str, names: Mapping[str, str]) -> str:
    r"""Rename the styles in a field's code: `STYLEREF "Heading 1"`, `TOC \t "Part,1,Heading 1,2"`."""
    if not code.lstrip().startswith(("STYLEREF", "TOC")) or '"' not in code:
        return code
    before, quoted, after = code.split('"', 2)
    return '"'.join((before, ",".join(names.get(word.casefold(), word) for word in quoted.split(",")), after))


HeaderFooterParts = Mapping[tuple[str, str], str]
"""Parts by `header` or `footer`, and by their pages: `default`, `even`, `first`."""


class TemplateSection(Struct, frozen=True):
    """Section of the template."""

    section: Element
    parts: HeaderFooterParts
    """Those of the section before it if it has none."""

    @property
    def is_landscape(self) -> bool:
        """Whether it is landscape."""
        return self.size("w") > self.size("h")

    def size(self, side: str) -> int:
        """Return width or height of the sheet in twentieths of a point; A4 by default."""
        return number_attribute(find_element(self.section, "w:pgSz"), f"w:{side}", {"w": 11906, "h": 16838}[side])

    def margin(self, side: str) -> int:
        """Return a margin in twentieths of a point; the gutter is added to the left one."""
        margins = find_element(self.section, "w:pgMar")
        # Word writes a negative margin for a header that may overlap the text.
        text = get_attribute(margins, f"w:{side}")
        width = number_attribute(margins, f"w:{side}", abs(int(text)) if re.fullmatch(r"-\d{1,6}", text) else 1134)
        return width + (number_attribute(margins, "w:gutter", 0) if side == "left" else 0)


class TemplateFile:
    """Contents of a template."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.document_part = main_part_name(package)

    def part(self, kind: str) -> str:
        """Return the name of the part with this relationship; empty if there is none."""
        related = (r for r in read_relationships(self.package, self.document_part) if r.kind == kind and not r.external)
        return next((r.target for r in related if r.target in self.package), "")

    def root(self, kind: str) -> Element:
        """Return the root of that part; an empty element if there is none."""
        part = self.part(kind)
        return self.package.xml_root(part) if part else parse_element("<w:nothing/>")

    @cached_property
    def styles(self) -> Mapping[tuple[str, str], Element]:
        """Styles by kind (`paragraph`, `character`, `table`) and name in lower case."""
        elements = iter_elements(self.root("styles"), "w:style")
        return {(get_attribute(style, "w:type"), _style_name(style).casefold()): style for style in elements}

    @cached_property
    def sections(self) -> tuple[TemplateSection, ...]:
        """Its sections; at least one."""
        parts_by_id = {r.id: r.target for r in read_relationships(self.package, self.document_part)}
        sections: list[TemplateSection] = []
        parts_by_kind: dict[tuple[str, str], str] = {}
        root = self.package.xml_root(self.document_part)
        for section in [*iter_elements(root, "w:sectPr")] or [parse_element("<w:sectPr/>")]:
            for node in iter_elements(section, "w:headerReference", "w:footerReference"):
                kind = local_name(node).removesuffix("Reference")
                if (part := parts_by_id.get(get_attribute(node, "r:id"), "")) in self.package:
                    parts_by_kind[kind, get_attribute(node, "w:type") or "default"] = part
            sections.append(TemplateSection(section, dict(parts_by_kind)))
        return tuple(sections)

    @property
    def portrait(self) -> TemplateSection:
        """Section for running text: the last portrait one."""
        return next((page for page in reversed(self.sections) if not page.is_landscape), self.sections[-1])

    @property
    def landscape(self) -> TemplateSection:
        """Section for wide tables; the portrait one if none is landscape."""
        return next((page for page in self.sections if page.is_landscape), self.portrait)
