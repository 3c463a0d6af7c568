"""Fonts embedded in the Word file, so that lines and pages break alike on every machine."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import Path

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import DECLARATIONS, parse_element
from nioc_paper.render.common import fonts
from nioc_paper.render.common.arabic_fonts import ScriptFont

_FILE_SUFFIXES = {"Regular": "Regular", "Bold": "Bold", "Italic": "It", "BoldItalic": "BoldIt"}
_FAMILY_FALLBACKS = {"Source Serif Pro": ("roman", "Cambria"), "Source Sans Pro": ("swiss", "Calibri")}
"""Family, and its replacement if embedded fonts are switched off in Word."""

_FONT_TABLE = "word/fontTable.xml"


def embed_fonts(package: Package, script_font: ScriptFont | None = None) -> None:
    """Write the four font files of each family into the package, and list them in its font table.

    A font for Arabic letters is listed with the fonts that may replace it, and not embedded.
    """
    package.set_part(_FONT_TABLE, f"<w:fonts {DECLARATIONS}/>".encode())
    for family, folder in zip(fonts.FONT_FAMILIES, fonts.font_folders(), strict=True):
        faces = {face: _add_font(package, _font_file(folder, suffix)) for face, suffix in _FILE_SUFFIXES.items()}
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
    mask = key.bytes[::-1] * 2
    return bytes(a ^ b for a, b in zip(data[:32], mask, strict=True)) + data[32:]


def _font_file(folder: Path, suffix: str) -> Path:
    return next(folder.glob(f"*-{suffix}.ttf"))


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
