"""Properties and settings of the Word file: title, authors, dates, language, Word version."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

from nioc_paper import tree
from nioc_paper.model import Document
from nioc_paper.ooxml import word_settings
from nioc_paper.ooxml.package import Package

_XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_COMPAT_SETTINGS = (
    ("compatibilityMode", 15),
    ("overrideTableStyleFontSizeAndJustification", 1),
    ("enableOpenTypeFeatures", 1),
    ("doNotFlipMirrorIndents", 1),
)


def _compat_setting_xml(setting: tuple[str, int]) -> str:
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
    f"<w:compat>{''.join(map(_compat_setting_xml, _COMPAT_SETTINGS))}</w:compat>",
)
_REMOVED_SETTINGS = ("w:proofState", "w:stylePaneFormatFilter", "w:doNotTrackMoves", "w:savePreviewPicture", "w:rsids",
             "w:drawingGridHorizontalSpacing", "w:drawingGridVerticalSpacing",
             "w:displayHorizontalDrawingGridEvery", "w:displayVerticalDrawingGridEvery")  # fmt: skip
"""Settings that pandoc copies from the machine of its authors, and the setting that moves are not tracked."""


def write_properties(package: Package, document: Document) -> None:
    """Write the properties of the file."""
    package.set_part("docProps/core.xml", _core_xml(document).encode())
    package.set_part("docProps/app.xml", _app_xml(document).encode())


def write_settings(package: Package, language: str) -> None:
    """Write the settings of the file."""
    word_settings.remove_settings(package, *_REMOVED_SETTINGS)
    for setting in (*_SETTINGS, f'<w:themeFontLang w:val="{proofing_language(language)}"/>'):
        word_settings.put_setting(package, setting)


def proofing_language(language: str) -> str:
    """Return a language that Word's spelling checker knows: `en-GB` for `en-GB-oxendict`."""
    return "-".join(language.split("-")[:2])


def _core_xml(document: Document) -> str:
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
    elements = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields if text)
    return (
        f"{_XML_DECLARATION}<cp:coreProperties "
        'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{elements}{dates}</cp:coreProperties>'
    )


def _keywords(document: Document) -> str:
    """Return the keywords of a document; without any, the titles of its parts or chapters."""
    levels = [[entry.title for entry in document.contents if entry.level == level] for level in (0, 1)]
    return "; ".join(document.keywords or levels[0] or levels[1])


def _app_xml(document: Document) -> str:
    return (
        f'{_XML_DECLARATION}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
        f"<Words>{tree.count_words(document.blocks)}</Words><Company>{escape(document.publisher)}</Company></Properties>"
    )
