"""Reference document: pandoc's own, with our styles, page size and language."""

from __future__ import annotations

from collections.abc import Sequence

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import Element, find_element, get_attribute, iter_elements, parse_element, qn
from nioc_paper.render.common.theme import Theme
from nioc_paper.render.word.page_setup import page_xml, text_width, to_twips
from nioc_paper.render.word.styles import BUILT_IN, STYLES, Style
from nioc_paper.system import pandoc
from nioc_paper.wording import text_direction

SCRIPT_FAMILY_KEY, SCRIPT_SIZE_KEY = "script family", "script size"
"""Keys of a theme for Arabic letters: their family, and their size relative to Latin ones."""


def build_reference_docx(theme: Theme, language: str = "en-GB", own_styles: Sequence[Style] = STYLES) -> bytes:
    """Return the reference document: pandoc's own, with our styles, page size and language."""
    package = Package(pandoc.run(["--print-default-data-file", "reference.docx"], b"").stdout)
    styles = package.xml_root("word/styles.xml")
    _remove_replaced_styles(styles)
    for style in own_styles:
        styles.append(parse_element(_style_xml(style, theme)))
    styles.extend((parse_element(_TABLE_NORMAL), parse_element(_table_style_xml(theme))))
    fonts, size = _font_xml(theme["font-text"], theme), _size_xml(theme["size-text"], theme)
    bidi = language if text_direction(language) == "rtl" else "ar-SA"
    styles[0] = parse_element(
        f"<w:docDefaults><w:rPrDefault><w:rPr>{fonts}{size}"
        f'<w:lang w:val="{language}" w:eastAsia="{language}" w:bidi="{bidi}"/></w:rPr></w:rPrDefault>'
        "<w:pPrDefault/></w:docDefaults>"
    )
    if (section := find_element(package.body, "w:sectPr")) is not None:
        package.body.replace(section, parse_element(f"<w:sectPr>{page_xml(theme)}</w:sectPr>"))
    return package.save(0)


def keep_style_names(reference_docx: bytes) -> bytes:
    """Return a reference document whose styles have nothing but names: pandoc takes half of its time to read the rest.

    It writes the same text, for files whose styles nobody needs.
    """
    package = Package(reference_docx)
    styles = package.xml_root("word/styles.xml")
    styles[:] = [*iter_elements(styles, "w:style")]
    for style in styles:
        style[:] = [*style.iterchildren(qn("w:name"))]
    return package.save(0)


def _remove_replaced_styles(styles: Element) -> None:
    """Remove the styles that ours replace, and the character twins of headings: Word adds them again on demand."""
    own_ids = {style.id.lower() for style in STYLES} | {"table", "tablenormal"}
    twins = {f"{style.id}Char" for style in STYLES}
    kept_twin = "BodyTextChar"
    for old in list(iter_elements(styles, "w:style")):
        name = get_attribute(old, "w:styleId")
        if name.lower() in own_ids or (name in twins and name != kept_twin):
            styles.remove(old)
    for link in list(iter_elements(styles, "w:link")):
        parent = link.getparent()
        if parent is not None and get_attribute(link) != kept_twin:
            parent.remove(link)


def _style_xml(style: Style, theme: Theme) -> str:
    ids = {entry.name: entry.id for entry in STYLES} | {"Default Paragraph Font": "DefaultParagraphFont"}
    default = ' w:default="1"' if style.name == "Normal" else ""
    custom_attribute = "" if style.name.casefold() in BUILT_IN else ' w:customStyle="1"'
    base = f'<w:basedOn w:val="{ids[style.base]}"/>' if style.base else ""
    following = f'<w:next w:val="{ids[style.next]}"/>' if style.next else ""
    paragraph = f"<w:pPr>{_paragraph_xml(style, theme)}</w:pPr>" if style.kind == "paragraph" else ""
    return (
        f'<w:style w:type="{style.kind}"{default}{custom_attribute} w:styleId="{style.id}">'
        f'<w:name w:val="{style.name}"/>'
        f"{base}{following}<w:qFormat/>{paragraph}<w:rPr>{_characters_xml(style, theme)}</w:rPr></w:style>"
    )


def _paragraph_xml(style: Style, theme: Theme) -> str:
    """Return the properties of a paragraph, in the order of Word's schema."""
    marks = {"next": "<w:keepNext/>", "lines": "<w:keepLines/>", "page": "<w:pageBreakBefore/>"}
    rules = "".join(
        _border_xml(side, theme[colour], int(eighths), int(space))
        for side, colour, eighths, space in (rule.split(":") for rule in style.rules.split())
    )
    stops = [("right", text_width(theme))] if style.has_page_tab else []
    stops += [("left", to_twips(f"{stop}mm")) for stop in style.tabs]
    tabs = "".join(f'<w:tab w:val="{side}" w:pos="{place}"/>' for side, place in stops)
    before = f' w:before="{round(style.before * 20)}"' if style.before is not None else ""
    after = f' w:after="{round(style.after * 20)}"' if style.after is not None else ""
    line = f' w:line="{round(style.line * 240)}" w:lineRule="auto"' if style.line is not None else ""
    parts = (
        *(mark for word, mark in marks.items() if word in style.keep.split()),
        "<w:widowControl/>",
        f"<w:pBdr>{rules}</w:pBdr>" if rules else "",
        _shade_xml(style.shade, theme) if style.shade else "",
        f"<w:tabs>{tabs}</w:tabs>" if tabs else "",
        f'<w:suppressAutoHyphens w:val="{int(not style.hyphenate)}"/>' if style.hyphenate is not None else "",
        f"<w:spacing{before}{after}{line}/>" if before or after or line else "",
        _indent_xml(style),
        "<w:contextualSpacing/>" if style.is_compact else "",
        f'<w:jc w:val="{style.align}"/>' if style.align else "",
        f'<w:outlineLvl w:val="{style.outline_level}"/>' if style.outline_level is not None else "",
    )
    return "".join(parts)


def _indent_xml(style: Style) -> str:
    lengths = {"left": style.left, "right": style.right}
    sides = "".join(f' w:{side}="{to_twips(f"{n}mm")}"' for side, n in lengths.items() if n is not None)
    side = "hanging" if style.hanging > 0 else "firstLine"
    hanging = f' w:{side}="{to_twips(f"{abs(style.hanging)}mm")}"' if style.hanging else ""
    return f"<w:ind{sides}{hanging}/>" if sides else ""


def _characters_xml(style: Style, theme: Theme) -> str:
    """Return the properties of characters, in the order of Word's schema."""
    marks = {"b": style.bold, "i": style.italic}
    values = ((mark, "" if on else ' w:val="0"') for mark, on in marks.items() if on is not None)
    border = f'w:color="{_hex(theme[style.border_colour])}"' if style.border_colour else ""
    parts = (
        _font_xml(theme[f"font-{style.font}"], theme) if style.font else "",
        *(f"<w:{mark}{value}/><w:{mark}Cs{value}/>" for mark, value in values),
        "<w:caps/>" if style.caps else "",
        f'<w:color w:val="{_hex(theme[style.colour])}"/>' if style.colour else "",
        '<w:spacing w:val="16"/>' if style.caps else "",
        _size_xml(theme[style.size], theme) if style.size else "",
        f'<w:bdr w:val="single" w:sz="6" w:space="4" {border}/>' if border else "",
        _shade_xml(style.shade, theme) if style.shade and style.kind == "character" else "",
    )
    return "".join(parts)


_TABLE_NORMAL = (
    '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>'
    '<w:uiPriority w:val="99"/><w:semiHidden/><w:unhideWhenUsed/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/>'
    '<w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="108" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/>'
    '<w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
)


def _table_style_xml(theme: Theme) -> str:
    """Return the style of tables: a rule below the head, thin ones between rows, a strong one at the end."""
    rule, accent, padding = theme["rule"], theme["accent"], to_twips(theme["table-padding"])
    borders = _border_xml("bottom", accent, 8, 0) + _border_xml("insideH", rule, 4, 0)
    sides = "".join(f'<w:{side} w:w="{width}" w:type="dxa"/>' for side, width in (
        ("top", padding), ("left", 85), ("bottom", padding), ("right", 85)))  # fmt: skip
    head = (
        '<w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr><w:tcPr>'
        f'<w:tcBorders>{_border_xml("bottom", accent, 8, 0)}</w:tcBorders><w:vAlign w:val="bottom"/></w:tcPr>'
        "</w:tblStylePr>"
    )
    return (
        '<w:style w:type="table" w:customStyle="1" w:styleId="Table"><w:name w:val="Table"/>'
        '<w:basedOn w:val="TableNormal"/><w:qFormat/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/>'
        f"<w:tblBorders>{borders}</w:tblBorders><w:tblCellMar>{sides}</w:tblCellMar></w:tblPr>{head}</w:style>"
    )


def _border_xml(side: str, colour: str, eighths: int, space: int) -> str:
    return f'<w:{side} w:val="single" w:sz="{eighths}" w:space="{space}" w:color="{_hex(colour)}"/>'


def _font_xml(family: str, theme: Theme) -> str:
    # Scripts that our fonts lack, as Arabic, have the document's font for them, or one that every Word has.
    script_family = theme.get(SCRIPT_FAMILY_KEY, "Times New Roman")
    return f'<w:rFonts w:ascii="{family}" w:hAnsi="{family}" w:eastAsia="{family}" w:cs="{script_family}"/>'


def _size_xml(length: str, theme: Theme) -> str:
    """Return the size of Latin letters, and that of Arabic ones, which look smaller."""
    size = round(float(length.removesuffix("pt")) * 2)
    return f'<w:sz w:val="{size}"/><w:szCs w:val="{round(size * float(theme.get(SCRIPT_SIZE_KEY, "1")))}"/>'


def _shade_xml(name: str, theme: Theme) -> str:
    colour = _hex(theme[name.removesuffix("~")])
    fill = f"{int(colour, 16) ^ 1:06X}" if name.endswith("~") else colour
    return f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>'


def _hex(colour: str) -> str:
    return colour.lstrip("#").upper()


def proofing_language(language: str) -> str:
    """Return a language that Word's spelling checker knows: `en-GB` for `en-GB-oxendict`."""
    return "-".join(language.split("-")[:2])
