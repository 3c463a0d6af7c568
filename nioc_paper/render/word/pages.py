"""Sections of the Word file: sheets, running heads, page numbers, the cover's band and the draft mark."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from nioc_paper.model import Document
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import (
    DECLARATIONS,
    Element,
    beside,
    element,
    field,
    insert_property,
    iterate,
    qn,
    run,
    tab,
)
from nioc_paper.render.theme import Theme
from nioc_paper.render.word.sections import Section
from nioc_paper.render.word.sheet import page, text_width

_TITLE_PAGE = "<w:titlePg/>"


def lay_out(package: Package, kinds: Sequence[Section], document: Document, theme: Theme, draft: str) -> None:
    """Give every section its sheet, header and footer. `draft` is the word across the page, or empty."""
    body = package.body
    ends = list(iterate(body, "w:sectPr"))
    if len(ends) != len(kinds):
        raise ValueError(f"{len(kinds)} sections were asked for, pandoc wrote {len(ends)}")
    furniture = _furniture(package, document, theme, draft)
    for old, kind in zip(ends, kinds, strict=True):
        new = element(_section(kind, furniture, theme))
        old.addnext(new)
        _drop(old)
        _settle(new)


def _settle(section: Element) -> None:
    """Move a section's end into the paragraph before it, so that no empty line is left behind."""
    properties = section.getparent()
    paragraph = properties.getparent() if properties is not None and properties.tag == qn("w:pPr") else None
    if paragraph is None or properties is None:
        return
    before = beside(paragraph, before=True)
    if before is None or before.tag != qn("w:p") or next(iterate(before, "w:sectPr"), None) is not None:
        properties.insert(0, element('<w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'))
        return
    insert_property(before, section)
    _drop(paragraph)


def _drop(node: Element) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


def _section(kind: Section, furniture: dict[str, str], theme: Theme) -> str:
    """The properties of a section, in the order that Word's schema asks for."""
    turned = kind is Section.TURNED
    heads = {
        Section.COVER: ("bare-cover", "bare-header", "bare-footer"),
        Section.LISTS: ("bare-header", "title", "page"),
        Section.OPENING: ("bare-header", "running", "page"),
        Section.UPRIGHT: ("", "running", "page"),
        Section.TURNED: ("", "running-turned", "page"),
    }
    first, header, footer = heads[kind]
    references = f'<w:headerReference w:type="default" r:id="{furniture[header]}"/>'
    references += f'<w:footerReference w:type="default" r:id="{furniture[footer]}"/>'
    if first:
        references += f'<w:headerReference w:type="first" r:id="{furniture[first]}"/>'
        references += f'<w:footerReference w:type="first" r:id="{furniture[footer]}"/>'
    notes = '<w:footnotePr><w:numRestart w:val="continuous"/></w:footnotePr>'
    return (
        f'<w:sectPr>{references}{notes}<w:type w:val="nextPage"/>{page(theme, landscape=turned)}'
        f"{_TITLE_PAGE if first else ''}</w:sectPr>"
    )


def _furniture(package: Package, document: Document, theme: Theme, draft: str) -> dict[str, str]:
    """The headers and footers as parts of the file; gives the relationship of each by name."""
    head = run(document.title)
    place = field('STYLEREF "Heading 1"', "")
    parts = {
        "bare-cover": _header(_band(theme) + _watermark(draft, theme, 1), "Normal"),
        "bare-header": _header(_watermark(draft, theme, 2), "Normal"),
        "title": _header(_watermark(draft, theme, 3) + tab() + head, "Header", text_width(theme)),
        "running": _header(_watermark(draft, theme, 4) + place + tab() + head, "Header", text_width(theme)),
        "running-turned": _header(
            _watermark(draft, theme, 5) + place + tab() + head, "Header", text_width(theme, landscape=True)
        ),
        "bare-footer": _footer(""),
        "page": _footer(field("PAGE", "1") + run(" / ") + field("NUMPAGES", "1")),
    }
    out = {}
    for number, (name, xml) in enumerate(parts.items(), 1):
        kind = "footer" if xml.startswith("<w:ftr") else "header"
        out[name] = package.add(f"word/{kind}{number}.xml", kind, xml.encode())
    return out


def _header(runs: str, style: str, width: int = 0) -> str:
    tabs = f'<w:tabs><w:tab w:val="right" w:pos="{width}"/></w:tabs>' if width else ""
    return f'<w:hdr {DECLARATIONS}><w:p><w:pPr><w:pStyle w:val="{style}"/>{tabs}</w:pPr>{runs}</w:p></w:hdr>'


def _footer(runs: str) -> str:
    return f'<w:ftr {DECLARATIONS}><w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>{runs}</w:p></w:ftr>'


def _band(theme: Theme) -> str:
    """A band of the cover's colour down the left edge of the sheet."""
    return (
        '<w:r><w:pict><v:rect id="CoverBand" o:spid="_x0000_s2100" '
        'style="position:absolute;margin-left:0;margin-top:0;width:38pt;height:842pt;z-index:-251659000;'
        "mso-position-horizontal-relative:page;"
        f'mso-position-vertical-relative:page" fillcolor="{theme["cover"]}" stroked="f" alt=""/></w:pict></w:r>'
    )


def _watermark(text: str, theme: Theme, number: int) -> str:
    """The word across the page that Word's own Watermark command writes, so that the same command takes it away."""
    if not text:
        return ""
    return (
        f'<w:r><w:pict>{_WORD_ART}<v:shape id="PowerPlusWaterMarkObject{number}" o:spid="_x0000_s{2048 + number}" '
        'type="#_x0000_t136" style="position:absolute;margin-left:0;margin-top:0;width:430pt;height:143pt;'
        "rotation:315;z-index:-251658752;mso-position-horizontal:center;mso-position-horizontal-relative:margin;"
        'mso-position-vertical:center;mso-position-vertical-relative:margin" '
        f'fillcolor="{theme["alert"]}" stroked="f"><v:fill opacity=".08"/>'
        f'<v:textpath style="font-family:&quot;{theme["font-head"]}&quot;;font-size:1pt;font-weight:bold" '
        f'string="{escape(text, {chr(34): "&quot;"})}"/></v:shape></w:pict></w:r>'
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
