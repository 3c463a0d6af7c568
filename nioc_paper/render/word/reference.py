"""The reference document: pandoc's own, with our styles, page and language."""

from __future__ import annotations

from collections.abc import Sequence

from nioc_paper import pandoc
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import Element, element, find, get, iterate
from nioc_paper.render.theme import Theme
from nioc_paper.render.word.sheet import page, text_width, twips
from nioc_paper.render.word.styles import BUILT_IN, STYLES, Style


def reference(theme: Theme, language: str = "en-GB", ours: Sequence[Style] = STYLES) -> bytes:
    """The reference document: pandoc's own with our styles, page and language."""
    package = Package(pandoc.run(["--print-default-data-file", "reference.docx"], b"").stdout)
    styles = package.xml("word/styles.xml")
    _clear(styles)
    for style in ours:
        styles.append(element(_style(style, theme)))
    styles.extend((element(_TABLE_NORMAL), element(_table(theme))))
    styles[0] = _defaults(theme, language)
    section = find(package.body, "w:sectPr")
    if section is not None:
        package.body.replace(section, element(f"<w:sectPr>{page(theme)}</w:sectPr>"))
    return package.save(0)


def _clear(styles: Element) -> None:
    """Drop what the table replaces, and the character twins of headings: Word makes them anew when it needs them."""
    ours = {style.id.lower() for style in STYLES} | {"table", "tablenormal"}
    twins = {f"{style.id}Char" for style in STYLES}
    kept = "BodyTextChar"
    for old in list(iterate(styles, "w:style")):
        name = get(old, "w:styleId")
        if name.lower() in ours or (name in twins and name != kept):
            styles.remove(old)
    for link in list(iterate(styles, "w:link")):
        parent = link.getparent()
        if parent is not None and get(link) != kept:
            parent.remove(link)


def _defaults(theme: Theme, language: str) -> Element:
    fonts, size = _font(theme["font-text"]), _half_points(theme["size-text"])
    return element(
        f'<w:docDefaults><w:rPrDefault><w:rPr>{fonts}<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>'
        f'<w:lang w:val="{language}" w:eastAsia="{language}" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        "<w:pPrDefault/></w:docDefaults>"
    )


def _style(style: Style, theme: Theme) -> str:
    ids = {entry.name: entry.id for entry in STYLES} | {"Default Paragraph Font": "DefaultParagraphFont"}
    default = ' w:default="1"' if style.name == "Normal" else ""
    own = "" if style.name.casefold() in BUILT_IN else ' w:customStyle="1"'
    base = f'<w:basedOn w:val="{ids[style.base]}"/>' if style.base else ""
    following = f'<w:next w:val="{ids[style.next]}"/>' if style.next else ""
    paragraph = f"<w:pPr>{_paragraph(style, theme)}</w:pPr>" if style.kind == "paragraph" else ""
    return (
        f'<w:style w:type="{style.kind}"{default}{own} w:styleId="{style.id}"><w:name w:val="{style.name}"/>'
        f"{base}{following}<w:qFormat/>{paragraph}<w:rPr>{_characters(style, theme)}</w:rPr></w:style>"
    )


def _paragraph(style: Style, theme: Theme) -> str:
    """Properties of a paragraph, in the order that Word's schema asks for."""
    marks = {"next": "<w:keepNext/>", "lines": "<w:keepLines/>", "page": "<w:pageBreakBefore/>"}
    out = [mark for word, mark in marks.items() if word in style.keep.split()]
    out.append("<w:widowControl/>")
    if style.rules:
        out.append(f"<w:pBdr>{''.join(_rule(rule, theme) for rule in style.rules.split())}</w:pBdr>")
    if style.shade:
        out.append(f'<w:shd w:val="clear" w:color="auto" w:fill="{_shade(style.shade, theme)}"/>')
    if style.pages:
        out.append(f'<w:tabs><w:tab w:val="right" w:pos="{text_width(theme)}"/></w:tabs>')
    if style.hyphens is not None:
        out.append(f'<w:suppressAutoHyphens w:val="{int(not style.hyphens)}"/>')
    out.append(_spacing(style))
    if style.left is not None or style.right is not None:
        out.append(_indent(style))
    if style.close:
        out.append("<w:contextualSpacing/>")
    if style.align:
        out.append(f'<w:jc w:val="{style.align}"/>')
    if style.outline is not None:
        out.append(f'<w:outlineLvl w:val="{style.outline}"/>')
    return "".join(out)


def _spacing(style: Style) -> str:
    before = f' w:before="{round(style.before * 20)}"' if style.before is not None else ""
    after = f' w:after="{round(style.after * 20)}"' if style.after is not None else ""
    line = f' w:line="{round(style.line * 240)}" w:lineRule="auto"' if style.line is not None else ""
    return f"<w:spacing{before}{after}{line}/>" if before or after or line else ""


def _indent(style: Style) -> str:
    left = f' w:left="{twips(f"{style.left}mm")}"' if style.left is not None else ""
    right = f' w:right="{twips(f"{style.right}mm")}"' if style.right is not None else ""
    hanging = f' w:hanging="{twips(f"{style.hanging}mm")}"' if style.hanging else ""
    return f"<w:ind{left}{right}{hanging}/>"


def _characters(style: Style, theme: Theme) -> str:
    """Properties of characters, in the order that Word's schema asks for."""
    out = [_font(theme[f"font-{style.font}"])] if style.font else []
    for mark, on in (("b", style.bold), ("i", style.italic)):
        if on is not None:
            value = "" if on else ' w:val="0"'
            out.append(f"<w:{mark}{value}/><w:{mark}Cs{value}/>")
    if style.caps:
        out.append("<w:caps/>")
    if style.colour:
        out.append(f'<w:color w:val="{_hex(theme[style.colour])}"/>')
    if style.caps:
        out.append('<w:spacing w:val="16"/>')
    if style.size:
        size = _half_points(theme[style.size])
        out.append(f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>')
    if style.box:
        out.append(f'<w:bdr w:val="single" w:sz="6" w:space="4" w:color="{_hex(theme[style.box])}"/>')
    return "".join(out)


_TABLE_NORMAL = (
    '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>'
    '<w:uiPriority w:val="99"/><w:semiHidden/><w:unhideWhenUsed/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/>'
    '<w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="108" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/>'
    '<w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
)


def _table(theme: Theme) -> str:
    """The one style of tables: a dark head, thin rules between rows, a strong one below."""
    rule, accent, room = theme["rule"], theme["accent"], twips(theme.get("table-padding", "2pt"))
    borders = _border("bottom", accent, 8, 0) + _border("insideH", rule, 4, 0)
    sides = "".join(f'<w:{side} w:w="{width}" w:type="dxa"/>' for side, width in (
        ("top", room), ("left", 85), ("bottom", room), ("right", 85)))  # fmt: skip
    head = (
        '<w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr><w:tcPr>'
        f'<w:shd w:val="clear" w:color="auto" w:fill="{_hex(accent)}"/><w:vAlign w:val="bottom"/></w:tcPr>'
        "</w:tblStylePr>"
    )
    return (
        '<w:style w:type="table" w:customStyle="1" w:styleId="Table"><w:name w:val="Table"/>'
        '<w:basedOn w:val="TableNormal"/><w:qFormat/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/>'
        f"<w:tblBorders>{borders}</w:tblBorders><w:tblCellMar>{sides}</w:tblCellMar></w:tblPr>{head}</w:style>"
    )


def _rule(rule: str, theme: Theme) -> str:
    side, colour, eighths, space = rule.split(":")
    return _border(side, theme[colour], int(eighths), int(space))


def _border(side: str, colour: str, eighths: int, space: int) -> str:
    return f'<w:{side} w:val="single" w:sz="{eighths}" w:space="{space}" w:color="{_hex(colour)}"/>'


def _font(family: str) -> str:
    # Scripts that our faces lack, the Arabic among them, fall to a face that every Word has.
    return f'<w:rFonts w:ascii="{family}" w:hAnsi="{family}" w:eastAsia="{family}" w:cs="Times New Roman"/>'


def _shade(name: str, theme: Theme) -> str:
    colour = _hex(theme[name.removesuffix("~")])
    return f"{int(colour, 16) ^ 1:06X}" if name.endswith("~") else colour


def _hex(colour: str) -> str:
    return colour.lstrip("#").upper()


def _half_points(length: str) -> int:
    return round(float(length.removesuffix("pt")) * 2)
