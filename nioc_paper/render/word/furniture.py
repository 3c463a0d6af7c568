"""Headers and footers of the Word file: running heads, page numbers, the draft mark. Pages are in pairs, as printed."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from html import escape

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import DECLARATIONS, field, run, tab
from nioc_paper.render.theme import Theme
from nioc_paper.render.word.pages import Furniture, HeadOrFoot
from nioc_paper.render.word.sections import Section
from nioc_paper.render.word.sheet import text_width

_BARE = (("header", "default", "blank"), ("header", "even", "blank"), ("footer", "default", "blank-footer"),
         ("footer", "even", "blank-footer"))  # fmt: skip
_OPENING = (("header", "first", "opening"), ("header", "even", "paper"))
_FEET = (("footer", "default", "right-foot"), ("footer", "even", "left-foot"))
_TURNED_FEET = (("footer", "default", "turned-right-foot"), ("footer", "even", "turned-left-foot"))
# Word does not tell an opening on a left page from one on a right page: there the number is in the middle.
_OPENING_FEET = (*_FEET, ("footer", "first", "opening-foot"))
_PIECES = {
    Section.COVER: _BARE,
    Section.IMPRINT: _BARE,
    Section.LISTS: (*_OPENING, ("header", "default", "contents"), *_OPENING_FEET),
    Section.OPENING: (*_OPENING, ("header", "default", "chapter"), *_OPENING_FEET),
    Section.UPRIGHT: (("header", "even", "paper"), ("header", "default", "chapter"), *_FEET),
    Section.TURNED: (("header", "even", "paper"), ("header", "default", "chapter"), *_TURNED_FEET),
}
"""By kind of section: header or footer, on which pages, and which of the parts below."""


@dataclass(frozen=True, slots=True)
class Running:
    """What runs along the pages."""

    title: str
    issue: str
    """Which edition this is, of what day and version."""
    draft: str
    """The word across the page, or empty."""


KINDS = ("header", "footer")


def furniture(package: Package, running: Running, theme: Theme, wanted: Container[str] = KINDS) -> Furniture:
    """Write headers, footers or both into the file."""
    marks = [watermark(running.draft, theme, number) for number in range(1, 5)]
    parts = {
        "blank": _part("hdr", "Header"),
        "opening": _part("hdr", "Header", marks[0]),
        "paper": _part("hdr", "Header", marks[1] + run(running.title)),
        "contents": _part("hdr", "Header", marks[2] + run(running.title), "right"),
        "chapter": _part("hdr", "Header", marks[3] + field('STYLEREF "Heading 1"', ""), "right"),
        "blank-footer": _part("ftr", "Footer"),
        "opening-foot": _part("ftr", "Folio", _PAGE, "center"),
        **_feet(running.issue, text_width(theme)),
        **_feet(running.issue, text_width(theme, landscape=True), "turned-"),
    }
    kept = {section: [piece for piece in pieces if piece[0] in wanted] for section, pieces in _PIECES.items()}
    used = {name for pieces in kept.values() for _, _, name in pieces}
    relations = {
        name: _add(package, number, xml) for number, (name, xml) in enumerate(parts.items(), 1) if name in used
    }
    return {
        section: [HeadOrFoot(kind, pages, relations[name]) for kind, pages, name in pieces]
        for section, pieces in kept.items()
    }


def _add(package: Package, number: int, xml: str) -> str:
    kind = "footer" if xml.startswith("<w:ftr") else "header"
    return package.add(f"word/{kind}{number}.xml", kind, xml.encode())


_PAGE = field("PAGE", "1")


def _feet(issue: str, width: int, kind: str = "") -> Mapping[str, str]:
    """The number of the page outside, the issue inside."""
    told = run(issue, "Issue") if issue else ""
    return {
        f"{kind}right-foot": _part("ftr", "Folio", told + tab() + _PAGE, tab_at=width),
        f"{kind}left-foot": _part("ftr", "Folio", _PAGE + tab() + told, tab_at=width),
    }


def _part(tag: str, style: str, runs: str = "", side: str = "left", tab_at: int = 0) -> str:
    tabs = f'<w:tabs><w:tab w:val="right" w:pos="{tab_at}"/></w:tabs>' if tab_at else ""
    align = f'{tabs}<w:jc w:val="{side}"/>'
    return f'<w:{tag} {DECLARATIONS}><w:p><w:pPr><w:pStyle w:val="{style}"/>{align}</w:pPr>{runs}</w:p></w:{tag}>'


def watermark(text: str, theme: Theme, number: int) -> str:
    """The word across the page that Word's own Watermark command writes, so that the same command takes it away."""
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
