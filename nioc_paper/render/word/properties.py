"""What Word knows of the file besides its text: title, authors, dates, language, and the Word it was made for."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.sax.saxutils import escape

from nioc_paper import tree
from nioc_paper.model import Document
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import element, find, qn

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MODERN = (
    '<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" '
    'w:val="15"/></w:compat>'
)


def describe(package: Package, document: Document) -> None:
    """Write the properties and settings of the file."""
    package.put("docProps/core.xml", _core(document).encode())
    package.put("docProps/app.xml", _app(document).encode())
    settings = package.xml("word/settings.xml")
    language = find(settings, "w:themeFontLang")
    if language is not None:
        language.set(qn("w:val"), proofing(document.language))
    notes = find(settings, "w:footnotePr")
    if notes is not None and find(settings, "w:compat") is None:
        # Without it Word opens the file in compatibility mode, with the layout rules of 2007.
        notes.addnext(element(_MODERN))


def proofing(language: str) -> str:
    """A language as Word's spelling knows it: `en-GB-oxendict` is `en-GB` to it."""
    return "-".join(language.split("-")[:2])


def _core(document: Document) -> str:
    moment = datetime.fromtimestamp(document.timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    names = "created", "modified"
    dates = "".join(f'<dcterms:{n} xsi:type="dcterms:W3CDTF">{moment}</dcterms:{n}>' for n in names)
    fields = (
        ("dc:title", document.title),
        ("dc:subject", document.subtitle),
        ("dc:creator", "; ".join(document.authors) or document.publisher),
        ("dc:language", document.language),
        ("dc:identifier", document.stem),
        ("cp:version", document.version),
        ("cp:lastModifiedBy", document.publisher),
    )
    told = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields if text)
    return (
        f"{_HEAD}<cp:coreProperties "
        'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{told}{dates}</cp:coreProperties>'
    )


def _app(document: Document) -> str:
    return (
        f'{_HEAD}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
        f"<Words>{tree.words(document.blocks)}</Words><Company>{escape(document.publisher)}</Company></Properties>"
    )
