"""A template, opened: its pages, its styles by name, its typefaces and its colour."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from nioc_paper.ooxml.graft import main_part, relations
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import Element, element, find, get, iterate, number

Pieces = Mapping[tuple[str, str], str]
"""Parts by `header` or `footer`, and by the pages that have them: `default`, `even`, `first`."""


@dataclass(frozen=True, slots=True)
class Page:
    """A section of the template."""

    section: Element
    pieces: Pieces
    """Those of the sections before it where it has none of its own."""

    @property
    def turned(self) -> bool:
        """Whether it is wider than high."""
        return self.size("w") > self.size("h")

    @property
    def has_first(self) -> bool:
        """Whether its first page has a head of its own."""
        return find(self.section, "w:titlePg") is not None

    def size(self, side: str) -> int:
        """Width or height of the sheet, in twentieths of a point; A4 where nothing is said."""
        return number(find(self.section, "w:pgSz"), f"w:{side}", {"w": 11906, "h": 16838}[side])

    def margin(self, side: str) -> int:
        """A margin in twentieths of a point; the binding's room counts as the left one's."""
        margins = find(self.section, "w:pgMar")
        # Word writes a margin below nought where a high head is to run into the text.
        exact = abs(int(said)) if re.fullmatch(r"-\d{1,6}", said := get(margins, f"w:{side}")) else 1134
        given = number(margins, f"w:{side}", exact)
        return given + (number(margins, "w:gutter", 0) if side == "left" else 0)


class Opened:
    """What a template says."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.main = main_part(package)

    def part(self, kind: str) -> str:
        """The name of the part to which the text relates by a kind; empty where there is none."""
        found = (r.target for r in relations(self.package, self.main) if r.kind == kind and not r.external)
        return next((name for name in found if name in self.package), "")

    def root(self, kind: str) -> Element:
        """The root of that part; an empty one where there is none."""
        part = self.part(kind)
        return self.package.xml(part) if part else element("<w:nothing/>")

    @cached_property
    def styles(self) -> Mapping[tuple[str, str], Element]:
        """Styles by kind (`paragraph`, `character`, `table`) and name in small letters."""
        found = iterate(self.root("styles"), "w:style")
        return {(get(style, "w:type"), get(find(style, "w:name")).casefold()): style for style in found}

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        """Its sections; at least one."""
        parts = {r.id: r.target for r in relations(self.package, self.main)}
        pages: list[Page] = []
        pieces: dict[tuple[str, str], str] = {}
        for section in list(iterate(self.package.xml(self.main), "w:sectPr")) or [element("<w:sectPr/>")]:
            for node in iterate(section, "w:headerReference", "w:footerReference"):
                kind = str(node.tag).rpartition("}")[2].removesuffix("Reference")
                if (part := parts.get(get(node, "r:id"), "")) in self.package:
                    pieces[kind, get(node, "w:type") or "default"] = part
            pages.append(Page(section, dict(pieces)))
        return tuple(pages)

    @property
    def upright(self) -> Page:
        """The section that running text follows: the last upright one."""
        return next((page for page in reversed(self.pages) if not page.turned), self.pages[-1])

    @property
    def turned(self) -> Page:
        """The section that wide tables follow; the upright one where none is turned."""
        return next((page for page in self.pages if page.turned), self.upright)
