"""Word file without a text, for the merge: styles, headers and footers, settings, fonts."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from html import escape
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.model import Document, Reporter
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import DECLARATIONS, iter_elements, parse_element, qn
from nioc_paper.render.common import fonts
from nioc_paper.render.common.imprint import format_issue
from nioc_paper.render.common.special_fonts import ScriptFont, script_font_of
from nioc_paper.render.word import list_page_numbers, rtl
from nioc_paper.render.word.cached_piece import WordPiece, merge_pieces
from nioc_paper.render.word.page_setup import HeadersFooters, RunningText, add_headers_footers
from nioc_paper.render.word.piece_builder import PieceBuilder
from nioc_paper.render.word.png_pictures import one_colour_png
from nioc_paper.render.word.reference_docx import proofing_language
from nioc_paper.render.word.word_template import WordTemplate
from nioc_paper.system.cache import cache_key
from nioc_paper.system.drawing import font_folders
from nioc_paper.wording import text_direction, wording_for

# --- fonts embedded in the Word file, so that lines and pages break alike on every machine ----------------------------


_FILE_SUFFIXES = {"Regular": "Regular", "Bold": "Bold", "Italic": "It", "BoldItalic": "BoldIt"}
_FAMILY_FALLBACKS = {"Source Serif Pro": ("roman", "Cambria"), "Source Sans Pro": ("swiss", "Calibri")}
"""Family, and its replacement if embedded fonts are switched off in Word."""

_FONT_TABLE = "word/fontTable.xml"


def embed_fonts(package: Package, script_font: ScriptFont | None = None) -> None:
    """Write the four font files of each family into the package, and list them in its font table.

    A font for Arabic letters is listed with the fonts that may replace it, and not embedded.
    """
    package.set_part(_FONT_TABLE, f"<w:fonts {DECLARATIONS}/>".encode())
    for family, folder in zip(fonts.FONT_FAMILIES, font_folders(), strict=True):
        faces = {face: _add_font(package, next(folder.glob(f"*-{end}.ttf"))) for face, end in _FILE_SUFFIXES.items()}
        package.xml_root(_FONT_TABLE).append(parse_element(_font_entry_xml(family, faces)))
    if script_font:
        others = script_font.similar_families.replace(", ", ",")
        entry = f'<w:font w:name="{script_font.family}"><w:altName w:val="{others}"/></w:font>'
        package.xml_root(_FONT_TABLE).append(parse_element(entry))
    settings = package.xml_root("word/settings.xml")
    for old in settings.findall(parse_element("<w:embedSystemFonts/>").tag):
        settings.replace(old, parse_element("<w:embedTrueTypeFonts/>"))


def obfuscate_font(data: bytes, key: uuid.UUID) -> bytes:
    """Obfuscate a font as Word does: XOR of its first 32 bytes with the reversed key (ECMA-376 part 4, 2.8.1)."""
    return bytes(a ^ b for a, b in zip(data[:32], key.bytes[::-1] * 2, strict=True)) + data[32:]


def _add_font(package: Package, file: Path) -> tuple[str, uuid.UUID]:
    key = uuid.uuid5(uuid.NAMESPACE_OID, file.name)
    name = f"word/fonts/{file.stem}.odttf"
    return package.add_related_part(name, "font", obfuscate_font(file.read_bytes(), key), source=_FONT_TABLE), key


def _font_entry_xml(family: str, faces: Mapping[str, tuple[str, uuid.UUID]]) -> str:
    kind, fallback = _FAMILY_FALLBACKS[family]
    embedded = "".join(
        f'<w:embed{face} r:id="{relation}" w:fontKey="{{{str(key).upper()}}}"/>'
        for face, (relation, key) in faces.items()
    )
    return (
        f'<w:font w:name="{family}"><w:altName w:val="{fallback}"/><w:charset w:val="00"/>'
        f'<w:family w:val="{kind}"/><w:pitch w:val="variable"/>{embedded}</w:font>'
    )


# --- file template ----------------------------------------------------------------------------------------------------


_ISSUE_LETTERS = 60
"""Letters of an issue that fit in the line of a footer, on a small page too."""


class FileTemplate(Struct, frozen=True, dict=True):
    """File that pieces are merged into."""

    builder: PieceBuilder
    word_template: WordTemplate | None

    @property
    def headers_footers(self) -> HeadersFooters:
        """Headers and footers by section, with their relationships in the merged file."""
        return self._base[1]

    def merge(
        self, pieces: Sequence[WordPiece], pages: Callable[[], Mapping[str, str]], report: Reporter
    ) -> tuple[Package, bool]:
        """Merge the pieces; return the file, and whether its lists have all page numbers. Reports style findings."""
        package = Package(self._base[0])
        write_properties(package, self.builder.document)
        other_direction = str(int(text_direction(self.builder.document.language) == "ltr"))
        if any(other_direction in piece.title_directions for piece in pieces):
            rtl.name_styles_as_stored(package)
            pieces = [replace(piece, body=[*map(rtl.name_styles_of_body, piece.body)]) for piece in pieces]
        has_all_pages = merge_pieces(package, pieces, pages)
        if self.word_template:
            self.word_template.apply(package, report)
        return package, has_all_pages

    def pages_key(self, piece: str) -> str:
        """Cache key of the pages of a piece with this name."""
        template = self.builder.document.template
        asset = template.asset.data if template else b""
        styles = repr(template.styles) if template else ""
        # Commits change the issue, and pages do not depend on it: it fits in a line.
        running_text = replace(self._running_text, issue="0" * max(len(self._running_text.issue), _ISSUE_LETTERS))
        return cache_key(piece, self.builder.fingerprint, repr(running_text), fonts.bundled_fonts_key(), styles, asset)

    def build_bare_docx(self, piece: WordPiece) -> bytes:
        """Return a file of one piece with the same pages, fast to lay out: pictures have their size and no content."""
        package = Package(self._base[0])
        merge_pieces(package, [replace(piece, pictures=dict.fromkeys(piece.pictures, one_colour_png(1, 1)))], dict)
        list_page_numbers.flatten_references(package.body)
        if len(package.body) and package.body[-1].tag != qn("w:sectPr"):
            package.body.extend([*iter_elements(package.body[-1], "w:sectPr")])
        if self.word_template:
            self.word_template.apply(package, lambda _: None)
        return package.save(0, compressed=False)

    @cached_property
    def _base(self) -> tuple[bytes, HeadersFooters]:
        """File without a text, and the headers and footers of its sections."""
        builder = self.builder
        package, base_direction = builder.empty_package(), text_direction(builder.document.language)
        headers_footers = (self.word_template.add_headers_footers if self.word_template else add_headers_footers)(
            package, self._running_text, builder.theme
        )
        write_settings(package, builder.document.language)
        rtl.set_directions(package, base_direction)
        if base_direction == "rtl":
            rtl.mirror_document(package)
        if not self.word_template:
            embed_fonts(package, script_font_of(builder.document))
        return package.save(0, compressed=False), headers_footers

    @property
    def _running_text(self) -> RunningText:
        document = self.builder.document
        words = wording_for(document.language, document.own_words)
        draft = words["draft"].upper() if document.draft else ""
        return RunningText(document.series, format_issue(document, words), draft)


# --- properties and settings ------------------------------------------------------------------------------------------


_XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_COMPAT_SETTINGS = (
    ("compatibilityMode", 15),
    ("overrideTableStyleFontSizeAndJustification", 1),
    ("enableOpenTypeFeatures", 1),
    ("doNotFlipMirrorIndents", 1),
)


_COMPAT_XML = "".join(
    f'<w:compatSetting w:name="{name}" w:uri="http://schemas.microsoft.com/office/word" w:val="{value}"/>'
    for name, value in _COMPAT_SETTINGS
)
_SETTINGS = (
    "<w:mirrorMargins/>",
    "<w:evenAndOddHeaders/>",
    '<w:autoHyphenation w:val="true"/>',
    '<w:consecutiveHyphenLimit w:val="2"/>',
    '<w:hyphenationZone w:val="283"/>',
    '<w:doNotHyphenateCaps w:val="true"/>',
    # Without it Word opens the file in compatibility mode, with the layout rules of 2007.
    f"<w:compat>{_COMPAT_XML}</w:compat>",
)
_REMOVED_SETTINGS = ("w:proofState", "w:stylePaneFormatFilter", "w:doNotTrackMoves", "w:savePreviewPicture", "w:rsids",
             "w:drawingGridHorizontalSpacing", "w:drawingGridVerticalSpacing",
             "w:displayHorizontalDrawingGridEvery", "w:displayVerticalDrawingGridEvery")  # fmt: skip
"""Settings that pandoc copies from the machine of its authors, and the setting that moves are not tracked."""


def write_properties(package: Package, document: Document) -> None:
    """Write the properties of the file."""
    package.set_part("docProps/core.xml", _core_xml(document).encode())
    namespace = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
    words, company = tree.count_words(document.blocks), escape(document.publisher)
    values = f"<Words>{words}</Words><Company>{company}</Company>"
    app_xml = f'{_XML_DECLARATION}<Properties xmlns="{namespace}">{values}</Properties>'
    package.set_part("docProps/app.xml", app_xml.encode())


def write_settings(package: Package, language: str) -> None:
    """Write the settings of the file."""
    package.remove_settings(*_REMOVED_SETTINGS)
    for setting in (*_SETTINGS, f'<w:themeFontLang w:val="{proofing_language(language)}"/>'):
        package.put_setting(setting)


def _core_xml(document: Document) -> str:
    moment = datetime.fromtimestamp(document.timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    names = "created", "modified"
    dates = "".join(f'<dcterms:{n} xsi:type="dcterms:W3CDTF">{moment}</dcterms:{n}>' for n in names)
    levels = [[entry.title for entry in document.contents if entry.level == level] for level in (0, 1)]
    fields = (
        ("dc:title", document.name),
        ("dc:subject", document.subtitle),
        ("dc:creator", "; ".join(document.authors) or document.publisher),
        ("cp:keywords", "; ".join(document.keywords or levels[0] or levels[1])),
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
