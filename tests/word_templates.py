"""Templates such as ministries have: one in Word's own words, and one that LibreOffice wrote."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from office_kit import convert
from PIL import Image

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import (
    DECLARATIONS,
    field_xml,
    find_element,
    get_attribute,
    iter_elements,
    parse_element,
    run_xml,
)
from nioc_paper.system import pandoc

_MAROON = "7A1F1F"
_STYLES = """
<w:style w:type="paragraph" w:customStyle="1" w:styleId="MinBoxText"><w:name w:val="MinBox Text"/>
<w:basedOn w:val="Normal"/><w:pPr><w:pBdr><w:top w:val="single" w:sz="8" w:space="4" w:color="7A1F1F"/></w:pBdr></w:pPr>
</w:style>|
<w:style w:type="paragraph" w:customStyle="1" w:styleId="MinBoxTitle"><w:name w:val="MinBox Title"/>
<w:basedOn w:val="Normal"/><w:rPr><w:b/><w:color w:val="7A1F1F"/></w:rPr></w:style>|
<w:style w:type="character" w:customStyle="1" w:styleId="MinMark"><w:name w:val="MinMark"/></w:style>
"""
_NUMBERED = (
    '<w:abstractNum w:abstractNumId="3"><w:multiLevelType w:val="multilevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/>'
    '<w:numFmt w:val="upperRoman"/><w:pStyle w:val="Heading1"/><w:lvlText w:val="Chapter %1"/><w:lvlJc w:val="left"/>'
    "</w:lvl></w:abstractNum>"
)


def ministry() -> bytes:
    """Letter paper, a picture in the head, a numbered chapter title, a box of its own, Liberation Sans in maroon."""
    package = Package(pandoc.run(["--print-default-data-file", "reference.docx"], b"").stdout)
    styles = package.xml_root("word/styles.xml")
    for style in iter_elements(styles, "w:style"):
        if get_attribute(style, "w:styleId") == "Heading1":
            _set(style, "w:rPr", f'<w:rPr><w:rFonts w:ascii="Liberation Sans" w:hAnsi="Liberation Sans"/><w:b/>'
                                 f'<w:color w:val="{_MAROON}"/><w:sz w:val="40"/></w:rPr>')  # fmt: skip
            _set(style, "w:pPr", '<w:pPr><w:keepNext/><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr>')
        if get_attribute(style, "w:styleId") == "Normal":
            _set(style, "w:rPr", '<w:rPr><w:rFonts w:ascii="Liberation Serif" w:hAnsi="Liberation Serif"/>'
                                 '<w:sz w:val="22"/></w:rPr>')  # fmt: skip
    styles.extend(parse_element(style.strip()) for style in _STYLES.split("|"))
    numbering = package.xml_root("word/numbering.xml")
    numbering.insert(0, parse_element(_NUMBERED))
    numbering.append(parse_element('<w:num w:numId="3"><w:abstractNumId w:val="3"/></w:num>'))
    section = find_element(package.body, "w:sectPr")
    assert section is not None
    package.body.replace(section, parse_element(_section(package)))
    return package.save(0)


def _set(style: object, name: str, xml: str) -> None:
    from lxml import etree

    assert isinstance(style, etree._Element)
    old = find_element(style, name)
    if old is None:
        style.append(parse_element(xml))
    else:
        style.replace(old, parse_element(xml))


def _section(package: Package) -> str:
    logo = io.BytesIO()
    Image.new("RGB", (40, 40), f"#{_MAROON}").save(logo, "PNG")
    first = package.add_related_part("word/header9.xml", "header", _header("First page of the ministry", "").encode())
    package.set_part("word/media/logo.png", logo.getvalue())
    head = package.add_related_part("word/header1.xml", "header", b"<_/>")
    picture = package.add_relationship("word/header1.xml", "image", "word/media/logo.png")
    package.set_part("word/header1.xml", _header("Ministry of Crates", picture).encode())
    types = package.xml_root("[Content_Types].xml")
    types.insert(0, types.makeelement(f"{{{types.nsmap[None]}}}Default", Extension="png", ContentType="image/png"))
    page = f'<w:r><w:t xml:space="preserve">Page </w:t></w:r>{field_xml("PAGE", "1")}'
    foot = f"<w:ftr {DECLARATIONS}><w:p>{page}</w:p></w:ftr>"
    foot_id = package.add_related_part("word/footer1.xml", "footer", foot.encode())
    return (
        f'<w:sectPr><w:headerReference w:type="first" r:id="{first}"/>'
        f'<w:headerReference w:type="default" r:id="{head}"/>'
        f'<w:footerReference w:type="default" r:id="{foot_id}"/><w:pgSz w:w="12240" w:h="15840"/>'
        '<w:pgMar w:top="2200" w:right="1440" w:bottom="1300" w:left="1440" w:header="500" w:footer="600" '
        'w:gutter="200"/><w:titlePg/></w:sectPr>'
    )


def _header(words: str, picture: str) -> str:
    drawing = (
        '<w:r><w:drawing><wp:inline><wp:extent cx="360000" cy="360000"/><wp:docPr id="7" name="Logo" descr="Arms"/>'
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>'
        '<pic:nvPicPr><pic:cNvPr id="7" name="Logo"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>'
        f'<a:blip r:embed="{picture}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm>'
        '<a:off x="0" y="0"/><a:ext cx="360000" cy="360000"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        "</pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )
    return f"<w:hdr {DECLARATIONS}><w:p>{drawing if picture else ''}{run_xml(words)}</w:p></w:hdr>"


_OFFICE = """\
<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" office:version="1.3"
 office:mimetype="application/vnd.oasis.opendocument.text">
<office:styles>
 <style:style style:name="Standard" style:family="paragraph"><style:text-properties fo:font-size="12pt"/></style:style>
 <style:style style:name="Heading_20_1" style:display-name="Heading 1" style:family="paragraph"
  style:parent-style-name="Standard" style:default-outline-level="1">
  <style:text-properties fo:font-size="20pt" fo:color="#204080" fo:font-weight="bold"/></style:style>
 <style:style style:name="Gap" style:family="paragraph" style:parent-style-name="Standard">
  <style:paragraph-properties fo:background-color="#eeeeee"/></style:style>
</office:styles>
<office:automatic-styles>
 <style:page-layout style:name="pm1"><style:page-layout-properties fo:page-width="176mm" fo:page-height="250mm"
  fo:margin-top="20mm" fo:margin-bottom="20mm" fo:margin-left="22mm" fo:margin-right="18mm"/>
  <style:header-style><style:header-footer-properties fo:min-height="8mm" fo:margin-bottom="4mm"/></style:header-style>
 </style:page-layout>
</office:automatic-styles>
<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="pm1">
 <style:header><text:p>Department of Boxes</text:p></style:header></style:master-page></office:master-styles>
<office:body><office:text><text:h text:style-name="Heading_20_1" text:outline-level="1">Heading</text:h>
 <text:p text:style-name="Gap">A gap.</text:p></office:text></office:body>
</office:document>
"""


def from_office(scratch: Path) -> bytes:
    """B5 paper, a head of words alone, a style `Gap` by our name, and no foot; as LibreOffice saves it."""
    (scratch / "template.fodt").write_text(_OFFICE, encoding="utf-8")
    convert([scratch / "template.fodt"], scratch)
    return (scratch / "template.docx").read_bytes()


def with_parts(data: bytes, parts: Mapping[str, bytes]) -> bytes:
    """A Word file with some parts more, or other ones."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return out.getvalue()
