"""Sections of the Word file: sheets, running heads, numbers of pages and of notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import Element, beside, element, insert_property, iterate, qn
from nioc_paper.render.theme import Theme
from nioc_paper.render.word.sections import Run, Section
from nioc_paper.render.word.sheet import page

Furniture = Mapping[Section, Sequence["HeadOrFoot"]]
"""What stands above and below the text of each kind of section."""


@dataclass(frozen=True, slots=True)
class HeadOrFoot:
    """A header or a footer of a section."""

    kind: str
    """`header` or `footer`."""
    pages: str
    """Which pages have it: `default`, `even` or `first`."""
    relation: str
    """The relationship of the document to the part."""


def lay_out(package: Package, runs: Sequence[Run], furniture: Furniture, theme: Theme, *, last: bool) -> None:
    """Give every section its sheet, headers and footers; only the `last` of the file ends where the text does."""
    ends = list(iterate(package.body, "w:sectPr"))
    if not last:
        _drop(ends.pop())
    if len(ends) != len(runs):
        raise ValueError(f"{len(runs)} sections were asked for, pandoc wrote {len(ends)}")
    for old, run in zip(ends, runs, strict=True):
        new = element(_section(run, furniture[run.kind], theme))
        old.addnext(new)
        _drop(old)
        _settle(new)


def _settle(section: Element) -> None:
    """Move a section's end into the paragraph before it, so that no empty line is left behind; never into a frame."""
    properties = section.getparent()
    paragraph = properties.getparent() if properties is not None and properties.tag == qn("w:pPr") else None
    if paragraph is None or properties is None:
        return
    before = beside(paragraph, before=True)
    if before is None or before.tag != qn("w:p") or next(iterate(before, "w:sectPr", "w:framePr"), None) is not None:
        properties.insert(0, element('<w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'))
        return
    insert_property(before, section)
    _drop(paragraph)


def _drop(node: Element) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


def _section(run: Run, pieces: Sequence[HeadOrFoot], theme: Theme) -> str:
    """The properties of a section, in the order that Word's schema asks for."""
    return "".join(
        (
            "<w:sectPr>",
            *(f'<w:{piece.kind}Reference w:type="{piece.pages}" r:id="{piece.relation}"/>' for piece in pieces),
            f'<w:footnotePr><w:numRestart w:val="{_restart(run)}"/></w:footnotePr>',
            f'<w:type w:val="{"oddPage" if run.first else "nextPage"}"/>',
            page(theme, landscape=run.kind is Section.TURNED),
            f"<w:pgNumType{_numbering(run)}/>",
            '<w:vAlign w:val="bottom"/>' if run.kind is Section.IMPRINT else "",
            "<w:titlePg/>" if any(piece.pages == "first" for piece in pieces) else "",
            "</w:sectPr>",
        )
    )


def _restart(run: Run) -> str:
    return "eachSect" if run.kind is Section.OPENING else "continuous"


def _numbering(run: Run) -> str:
    form = "lowerRoman" if run.roman else "decimal"
    return f' w:fmt="{form}"' + (' w:start="1"' if run.first else "")
