"""Sections of the Word file: page size, headers and footers, numbers of pages and notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import (
    Element,
    adjacent_sibling,
    insert_property,
    iter_elements,
    parse_element,
    qn,
    remove_element,
)
from nioc_paper.render.common.theme import Theme
from nioc_paper.render.word.page_size import page_xml
from nioc_paper.render.word.sections import SectionKind, WordSection

HeadersFooters = Mapping[SectionKind, Sequence["HeaderFooterRef"]]
"""Headers and footers of each kind of section."""


class HeaderFooterRef(Struct, frozen=True):
    """Header or footer of a section."""

    kind: str
    """`header` or `footer`."""
    pages: str
    """Its pages: `default`, `even` or `first`."""
    relation_id: str
    """Relationship of the document to the part."""


def set_up_pages(
    package: Package, sections: Sequence[WordSection], headers_footers: HeadersFooters, theme: Theme, *, is_last: bool
) -> None:
    """Give every section its size, headers and footers; only the last section of the file ends with the text."""
    ends = list(iter_elements(package.body, "w:sectPr"))
    if not is_last:
        remove_element(ends.pop())
    if len(ends) != len(sections):
        raise ValueError(f"{len(sections)} sections were asked for, pandoc wrote {len(ends)}")
    for old, section in zip(ends, sections, strict=True):
        new = parse_element(_section_xml(section, headers_footers[section.kind], theme))
        old.addnext(new)
        remove_element(old)
        _move_into_paragraph(new)


def _move_into_paragraph(section: Element) -> None:
    """Move a section's end into the paragraph before it, so that no empty line remains; never into a frame."""
    properties = section.getparent()
    paragraph = properties.getparent() if properties is not None and properties.tag == qn("w:pPr") else None
    if paragraph is None or properties is None:
        return
    before = adjacent_sibling(paragraph, before=True)
    if (
        before is None
        or before.tag != qn("w:p")
        or next(iter_elements(before, "w:sectPr", "w:framePr"), None) is not None
    ):
        properties.insert(0, parse_element('<w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'))
        return
    insert_property(before, section)
    remove_element(paragraph)


def _section_xml(section: WordSection, references: Sequence[HeaderFooterRef], theme: Theme) -> str:
    """Return the properties of a section, in the order of Word's schema."""
    return "".join(
        (
            "<w:sectPr>",
            *(
                f'<w:{reference.kind}Reference w:type="{reference.pages}" r:id="{reference.relation_id}"/>'
                for reference in references
            ),
            f'<w:footnotePr><w:numRestart w:val="{_note_restart(section)}"/></w:footnotePr>',
            f'<w:type w:val="{"oddPage" if section.starts_text else "nextPage"}"/>',
            page_xml(theme, landscape=section.kind is SectionKind.LANDSCAPE),
            f"<w:pgNumType{_page_number_attributes(section)}/>",
            "<w:titlePg/>" if any(piece.pages == "first" for piece in references) else "",
            "</w:sectPr>",
        )
    )


def _note_restart(section: WordSection) -> str:
    return "eachSect" if section.kind is SectionKind.OPENING else "continuous"


def _page_number_attributes(section: WordSection) -> str:
    form = "lowerRoman" if section.is_roman else "decimal"
    return f' w:fmt="{form}"' + (' w:start="1"' if section.starts_text else "")
