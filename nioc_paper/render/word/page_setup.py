"""Sections of the Word file: their text, page size, headers and footers, numbers of pages and notes."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from enum import Enum

from msgspec import Struct

from nioc_paper import tree
from nioc_paper.model import Node
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import (
    DECLARATIONS,
    Element,
    adjacent_sibling,
    field_xml,
    insert_property,
    iter_elements,
    parse_element,
    qn,
    raw_node,
    remove_element,
    run_xml,
    tab_xml,
)
from nioc_paper.render.common.theme import Theme, to_points
from nioc_paper.render.word.word_passes import is_lead_in


class SectionKind(Enum):
    """Kind of section: all of a kind have the same sheet, header and footer."""

    COVER = "cover"
    LISTS = "lists"
    OPENING = "opening"
    """Start of a part or chapter: no running head on its first page, and notes are numbered from 1."""
    PORTRAIT = "upright"
    """Continuation after a landscape page."""
    LANDSCAPE = "turned"


_MARGIN_NAMES = {"top": "margin-top", "right": "margin-outer", "bottom": "margin-bottom", "left": "margin-inner"}
"""Margins of right pages; on left pages Word swaps the inner and the outer one."""


def page_xml(theme: Theme, *, landscape: bool = False) -> str:
    """Return size and margins of a page as Word's XML; a landscape page is the same sheet turned."""
    size = [to_twips(theme["page-width"]), to_twips(theme["page-height"])]
    names = {side: _margin_name(side, landscape=landscape) for side in _MARGIN_NAMES}
    margins = "".join(f' w:{side}="{to_twips(theme[name])}"' for side, name in names.items())
    width, height = reversed(size) if landscape else size
    head, foot = (to_twips(theme[name]) for name in ("head-distance", "foot-distance"))
    orientation = ' w:orient="landscape"' if landscape else ""
    margins += f' w:header="{head}" w:footer="{foot}" w:gutter="0"'
    return f'<w:pgSz w:w="{width}" w:h="{height}"{orientation}/><w:pgMar{margins}/>'


def text_width(theme: Theme, *, landscape: bool = False) -> int:
    """Return the width of the text in twentieths of a point."""
    whole = to_twips(theme["page-height" if landscape else "page-width"])
    return whole - sum(to_twips(theme[_margin_name(side, landscape=landscape)]) for side in ("left", "right"))


def _margin_name(side: str, *, landscape: bool) -> str:
    """Return the margin of a landscape page: the same on all sides, whichever edge is bound."""
    return "margin-bottom" if landscape else _MARGIN_NAMES[side]


def to_twips(length: str) -> int:
    """Convert a length in mm or pt to twentieths of a point, Word's unit."""
    return round(20 * to_points(length))


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
    is_full = before is None or next(iter_elements(before, "w:sectPr", "w:framePr"), None) is not None
    if before is None or is_full or before.tag != qn("w:p"):
        properties.insert(0, parse_element('<w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'))
        return
    insert_property(before, section)
    remove_element(paragraph)


def _section_xml(section: WordSection, references: Sequence[HeaderFooterRef], theme: Theme) -> str:
    """Return the properties of a section, in the order of Word's schema."""
    restart = "eachSect" if section.kind is SectionKind.OPENING else "continuous"
    return "".join(
        (
            "<w:sectPr>",
            *(
                f'<w:{reference.kind}Reference w:type="{reference.pages}" r:id="{reference.relation_id}"/>'
                for reference in references
            ),
            f'<w:footnotePr><w:numRestart w:val="{restart}"/></w:footnotePr>',
            f'<w:type w:val="{"oddPage" if section.starts_text else "nextPage"}"/>',
            page_xml(theme, landscape=section.kind is SectionKind.LANDSCAPE),
            f'<w:pgNumType w:fmt="{"lowerRoman" if section.is_roman else "decimal"}"',
            ' w:start="1"/>' if section.starts_text else "/>",
            "<w:titlePg/>" if any(piece.pages == "first" for piece in references) else "",
            "</w:sectPr>",
        )
    )


SECTION_END = raw_node("<w:p><w:pPr><w:sectPr/></w:pPr></w:p>", block=True)


class WordSection(Struct, frozen=True):
    """Section of the Word file."""

    kind: SectionKind
    blocks: list[Node]
    is_roman: bool = True
    """Front matter: its pages have roman numbers."""
    starts_text: bool = False
    """Start of the text: its first page is a right one, with number 1."""


def split_into_sections(blocks: Iterable[Node], *, is_roman: bool, starts_text: bool) -> list[WordSection]:
    """Split chapters at landscape pages. `is_roman` is for the front matter, `starts_text` for the first of text."""
    cut = _split_by_orientation([inner for block in blocks for inner in _unwrap_chapter(block)])
    return [
        WordSection(kind, section_blocks, is_roman=is_roman, starts_text=starts_text and not index)
        for index, (kind, section_blocks) in enumerate(cut)
    ]


def _unwrap_chapter(block: Node) -> list[Node]:
    """Return the blocks of a chapter; its id becomes an anchor on the first, its language goes to all but headings."""
    if block["t"] != "Div" or not tree.content(block):
        return [block]
    marks = {name: value for name, value in tree.attributes(block).items() if name in tree.LANGUAGE_ATTRIBUTES}
    first, *rest = [_with_language(each, marks) for each in tree.content(block)] if marks else tree.content(block)
    anchor = tree.identifier(block)
    return [tree.div([first], id=anchor) if anchor and first["t"] != "Header" else first, *rest]


def _with_language(block: Node, marks: Mapping[str, str]) -> Node:
    if block["t"] == "Header":
        return block
    if tree.is_div(block, "landscape"):
        return tree.with_content(block, [_with_language(each, marks) for each in tree.content(block)])
    return tree.div([block], values=marks)


def _split_by_orientation(blocks: list[Node]) -> list[tuple[SectionKind, list[Node]]]:
    """Yield runs of portrait and landscape blocks; a heading goes with the landscape page below it."""
    out: list[tuple[SectionKind, list[Node]]] = [(SectionKind.OPENING, [])]
    for block in blocks:
        if not tree.is_div(block, "landscape"):
            if out[-1][0] is SectionKind.LANDSCAPE:
                out.append((SectionKind.PORTRAIT, []))
            out[-1][1].append(block)
            continue
        above = out[-1][1] if out[-1][0] is not SectionKind.LANDSCAPE else []
        lead_ins: list[Node] = []
        while above and is_lead_in(above[-1]):
            lead_ins.insert(0, above.pop())
        if not out[-1][1]:
            out.pop()
        if not out or out[-1][0] is not SectionKind.LANDSCAPE:
            out.append((SectionKind.LANDSCAPE, []))
        out[-1][1].extend([*lead_ins, *tree.content(block)])
    return [(kind, run_of_blocks) for kind, run_of_blocks in out if run_of_blocks]


_BLANK_PARTS = (("header", "default", "blank"), ("header", "even", "blank"), ("footer", "default", "blank-footer"),
         ("footer", "even", "blank-footer"))  # fmt: skip
_OPENING_HEADERS = (("header", "first", "opening"), ("header", "even", "paper"))
_FOOTERS = (("footer", "default", "right-foot"), ("footer", "even", "left-foot"))
_LANDSCAPE_FOOTERS = (("footer", "default", "turned-right-foot"), ("footer", "even", "turned-left-foot"))
# Word cannot tell a chapter opening on a left page from one on a right page: the number is in the middle.
_OPENING_FOOTERS = (*_FOOTERS, ("footer", "first", "opening-foot"))
_PARTS_BY_SECTION = {
    SectionKind.COVER: _BLANK_PARTS,
    SectionKind.LISTS: (*_OPENING_HEADERS, ("header", "default", "contents"), *_OPENING_FOOTERS),
    SectionKind.OPENING: (*_OPENING_HEADERS, ("header", "default", "chapter"), *_OPENING_FOOTERS),
    SectionKind.PORTRAIT: (("header", "even", "paper"), ("header", "default", "chapter"), *_FOOTERS),
    SectionKind.LANDSCAPE: (("header", "even", "paper"), ("header", "default", "chapter"), *_LANDSCAPE_FOOTERS),
}
"""By kind of section: header or footer, its pages, and the part below."""


class RunningText(Struct, frozen=True):
    """Text of headers and footers."""

    title: str
    issue: str
    """Edition, date and version of the document."""
    draft: str
    """Word in the head of every page; empty for none."""


KINDS = ("header", "footer")


def add_headers_footers(
    package: Package, running_text: RunningText, theme: Theme, kinds: Container[str] = KINDS
) -> HeadersFooters:
    """Write headers, footers or both into the file."""
    wanted_parts = {
        section: [section_part for section_part in section_parts if section_part[0] in kinds]
        for section, section_parts in _PARTS_BY_SECTION.items()
    }
    used_names = {name for pieces in wanted_parts.values() for _, _, name in pieces}
    relations = {
        name: package.add_related_part(f"word/{kind}{number}.xml", kind, xml.encode())
        for number, (name, xml) in enumerate(_part_texts(running_text, theme).items(), 1)
        for kind in ("footer" if xml.startswith("<w:ftr") else "header",)
        if name in used_names
    }
    return {
        section: [HeaderFooterRef(kind, pages, relations[name]) for kind, pages, name in pieces]
        for section, pieces in wanted_parts.items()
    }


def _part_texts(running_text: RunningText, theme: Theme) -> dict[str, str]:
    """Return the XML of all headers and footers by their names."""
    tag, width = run_xml(running_text.draft, "DraftTag") if running_text.draft else "", text_width(theme)
    title, chapter = run_xml(running_text.title), field_xml('STYLEREF "Heading 1"', "")
    return {
        "blank": _part_xml("hdr", "Header"),
        "opening": _part_xml("hdr", "Header", tag),
        "paper": _part_xml("hdr", "Header", title + tab_xml() + tag, tab_at=width),
        "contents": _part_xml("hdr", "Header", tag + tab_xml() + title, tab_at=width),
        "chapter": _part_xml("hdr", "Header", tag + tab_xml() + chapter, tab_at=width),
        "blank-footer": _part_xml("ftr", "Footer"),
        "opening-foot": _part_xml("ftr", "Folio", _PAGE_FIELD, "center"),
        **_footers(running_text.issue, width),
        **_footers(running_text.issue, text_width(theme, landscape=True), "turned-"),
    }


_PAGE_FIELD = field_xml("PAGE", "1")


def _footers(issue: str, width: int, name_prefix: str = "") -> Mapping[str, str]:
    """Return the footers: page number outside, issue inside."""
    issue_run = run_xml(issue, "Issue") if issue else ""
    return {
        f"{name_prefix}right-foot": _part_xml("ftr", "Folio", issue_run + tab_xml() + _PAGE_FIELD, tab_at=width),
        f"{name_prefix}left-foot": _part_xml("ftr", "Folio", _PAGE_FIELD + tab_xml() + issue_run, tab_at=width),
    }


def _part_xml(tag: str, style: str, runs: str = "", side: str = "left", tab_at: int = 0) -> str:
    tabs = f'<w:tabs><w:tab w:val="right" w:pos="{tab_at}"/></w:tabs>' if tab_at else ""
    align = f'{tabs}<w:jc w:val="{side}"/>'
    return f'<w:{tag} {DECLARATIONS}><w:p><w:pPr><w:pStyle w:val="{style}"/>{align}</w:pPr>{runs}</w:p></w:{tag}>'
