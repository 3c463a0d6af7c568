"""Headers and footers of the Word file: running heads, page numbers, draft tag, for left and right pages."""

from __future__ import annotations

from collections.abc import Container, Mapping
from html import escape

from msgspec import Struct

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import DECLARATIONS, field_xml, run_xml, tab_xml
from nioc_paper.render.common.theme import Theme
from nioc_paper.render.word.page_setup import HeaderFooterRef, HeadersFooters, SectionKind, text_width

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
    parts = _part_texts(running_text, theme)
    wanted_parts = {
        section: [section_part for section_part in section_parts if section_part[0] in kinds]
        for section, section_parts in _PARTS_BY_SECTION.items()
    }
    used_names = {name for pieces in wanted_parts.values() for _, _, name in pieces}
    relations = {
        name: _add_part(package, number, xml)
        for number, (name, xml) in enumerate(parts.items(), 1)
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


def _add_part(package: Package, number: int, xml: str) -> str:
    kind = "footer" if xml.startswith("<w:ftr") else "header"
    return package.add_related_part(f"word/{kind}{number}.xml", kind, xml.encode())


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


def watermark(text: str, theme: Theme, number: int) -> str:
    """Return the shape of Word's own Watermark command, so that the same command removes it."""
    if not text:
        return ""
    return (
        f'<w:r><w:pict>{_WORD_ART}<v:shape id="PowerPlusWaterMarkObject{number}" o:spid="_x0000_s{2048 + number}" '
        'type="#_x0000_t136" style="position:absolute;margin-left:0;margin-top:0;width:390pt;height:110pt;'
        "rotation:315;z-index:-251658752;mso-position-horizontal:center;mso-position-horizontal-relative:margin;"
        'mso-position-vertical:center;mso-position-vertical-relative:margin" '
        f'fillcolor="{theme["alert"]}" stroked="f"><v:fill opacity=".08"/>'
        f'<v:textpath style="font-family:&quot;{theme["font-head"]}&quot;;font-size:1pt;font-weight:bold" '
        f'string="{escape(text)}"/></v:shape></w:pict></w:r>'
    )


_WORD_ART = (
    '<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" '
    'path="m@7,l@8,m@5,21600l@6,21600e"><v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/>'
    '<v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/><v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/>'
    '<v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/><v:f eqn="if @0 @4 21600"/><v:f eqn="mid @5 @6"/>'
    '<v:f eqn="mid @8 @5"/><v:f eqn="mid @7 @8"/><v:f eqn="mid @6 @7"/><v:f eqn="sum @6 0 @5"/></v:formulas>'
    '<v:path textpathok="t" o:connecttype="custom" o:connectlocs="@9,0;@10,10800;@11,21600;@12,10800" '
    'o:connectangles="270,180,90,0"/><v:textpath on="t" fitshape="t"/><o:lock v:ext="edit" text="t" shapetype="t"/>'
    "</v:shapetype>"
)
