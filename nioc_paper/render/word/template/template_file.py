"""Word template as a file: its sections, its styles by name, its fonts and its colour."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property

from msgspec import Struct

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.part_copy import main_part_name, read_relationships
from nioc_paper.ooxml.xml import (
    Element,
    find_element,
    get_attribute,
    iter_elements,
    local_name,
    number_attribute,
    parse_element,
)

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

    @property
    def has_first(self) -> bool:
        """Whether its first page has its own header."""
        return find_element(self.section, "w:titlePg") is not None

    def size(self, side: str) -> int:
        """Return width or height of the sheet in twentieths of a point; A4 by default."""
        return number_attribute(find_element(self.section, "w:pgSz"), f"w:{side}", {"w": 11906, "h": 16838}[side])

    def margin(self, side: str) -> int:
        """Return a margin in twentieths of a point; the gutter is added to the left one."""
        margins = find_element(self.section, "w:pgMar")
        # Word writes a negative margin for a header that may overlap the text.
        default = (
            abs(int(margin_text))
            if re.fullmatch(r"-\d{1,6}", margin_text := get_attribute(margins, f"w:{side}"))
            else 1134
        )
        width = number_attribute(margins, f"w:{side}", default)
        return width + (number_attribute(margins, "w:gutter", 0) if side == "left" else 0)


class TemplateFile:
    """Contents of a template."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.document_part = main_part_name(package)

    def part(self, kind: str) -> str:
        """Return the name of the part with this relationship; empty if there is none."""
        targets = (
            r.target for r in read_relationships(self.package, self.document_part) if r.kind == kind and not r.external
        )
        return next((name for name in targets if name in self.package), "")

    def root(self, kind: str) -> Element:
        """Return the root of that part; an empty element if there is none."""
        part = self.part(kind)
        return self.package.xml_root(part) if part else parse_element("<w:nothing/>")

    @cached_property
    def styles(self) -> Mapping[tuple[str, str], Element]:
        """Styles by kind (`paragraph`, `character`, `table`) and name in lower case."""
        elements = iter_elements(self.root("styles"), "w:style")
        return {
            (get_attribute(style, "w:type"), get_attribute(find_element(style, "w:name")).casefold()): style
            for style in elements
        }

    @cached_property
    def sections(self) -> tuple[TemplateSection, ...]:
        """Its sections; at least one."""
        parts_by_id = {r.id: r.target for r in read_relationships(self.package, self.document_part)}
        sections: list[TemplateSection] = []
        parts_by_kind: dict[tuple[str, str], str] = {}
        for section in list(iter_elements(self.package.xml_root(self.document_part), "w:sectPr")) or [
            parse_element("<w:sectPr/>")
        ]:
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
