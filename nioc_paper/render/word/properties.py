"""What Word knows of the file besides its text: title, authors, dates, language, and the Word it was made for."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

from nioc_paper import tree
from nioc_paper.model import Document
from nioc_paper.ooxml import settings
from nioc_paper.ooxml.package import Package

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_COMPATIBILITY = (
    ("compatibilityMode", 15),
    ("overrideTableStyleFontSizeAndJustification", 1),
    ("enableOpenTypeFeatures", 1),
    ("doNotFlipMirrorIndents", 1),
)


def _modern(setting: tuple[str, int]) -> str:
    name, value = setting
    return f'<w:compatSetting w:name="{name}" w:uri="http://schemas.microsoft.com/office/word" w:val="{value}"/>'


_SETTINGS = (
    "<w:mirrorMargins/>",
    "<w:evenAndOddHeaders/>",
    '<w:autoHyphenation w:val="true"/>',
    '<w:consecutiveHyphenLimit w:val="2"/>',
    '<w:hyphenationZone w:val="283"/>',
    '<w:doNotHyphenateCaps w:val="true"/>',
    # Without it Word opens the file in compatibility mode, with the layout rules of 2007.
    f"<w:compat>{''.join(map(_modern, _COMPATIBILITY))}</w:compat>",
)
_NOT_OURS = ("w:proofState", "w:stylePaneFormatFilter", "w:doNotTrackMoves", "w:savePreviewPicture", "w:rsids",
             "w:drawingGridHorizontalSpacing", "w:drawingGridVerticalSpacing",
             "w:displayHorizontalDrawingGridEvery", "w:displayVerticalDrawingGridEvery")  # fmt: skip
"""What pandoc's own settings say of the computer on which they were made, and that moves are not tracked."""


def describe(package: Package, document: Document) -> None:
    """Write the properties of the file."""
    package.put("docProps/core.xml", _core(document).encode())
    package.put("docProps/app.xml", _app(document).encode())


def configure(package: Package, language: str) -> None:
    """Write the settings of the file."""
    settings.take(package, *_NOT_OURS)
    for setting in (*_SETTINGS, f'<w:themeFontLang w:val="{proofing(language)}"/>'):
        settings.put(package, setting)


def proofing(language: str) -> str:
    """A language as Word's spelling knows it: `en-GB-oxendict` is `en-GB` to it."""
    return "-".join(language.split("-")[:2])


def _core(document: Document) -> str:
    moment = datetime.fromtimestamp(document.timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    names = "created", "modified"
    dates = "".join(f'<dcterms:{n} xsi:type="dcterms:W3CDTF">{moment}</dcterms:{n}>' for n in names)
    fields = (
        ("dc:title", document.name),
        ("dc:subject", document.subtitle),
        ("dc:creator", "; ".join(document.authors) or document.publisher),
        ("cp:keywords", _keywords(document)),
        ("cp:keywords", "; ".join(document.keywords)),
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


def _keywords(document: Document) -> str:
    """What it is about; of a document that does not say so, the titles of its parts, else of its chapters."""
    levels = [[entry.title for entry in document.contents if entry.level == level] for level in (0, 1)]
    return "; ".join(document.keywords or levels[0] or levels[1])


def _app(document: Document) -> str:
    return (
        f'{_HEAD}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
        f"<Words>{tree.words(document.blocks)}</Words><Company>{escape(document.publisher)}</Company></Properties>"
    )
