"""The paper's typefaces inside the Word file, so that it looks and breaks its pages alike on every machine."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import Path

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import DECLARATIONS, element
from nioc_paper.render import fonts

_FACES = {"Regular": "Regular", "Bold": "Bold", "Italic": "It", "BoldItalic": "BoldIt"}
_KINDS = {"Source Serif Pro": ("roman", "Cambria"), "Source Sans Pro": ("swiss", "Calibri")}
"""Family, and what Word is to take where embedded fonts are switched off."""

_TABLE = "word/fontTable.xml"


def embed(package: Package) -> None:
    """Write the four faces of each family into the file and list them in its font table."""
    package.put(_TABLE, f"<w:fonts {DECLARATIONS}/>".encode())
    for family, folder in zip(fonts.FAMILIES, fonts.folders(), strict=True):
        faces = {face: _add(package, _file(folder, suffix)) for face, suffix in _FACES.items()}
        package.xml(_TABLE).append(element(_entry(family, faces)))
    settings = package.xml("word/settings.xml")
    for old in settings.findall(element("<w:embedSystemFonts/>").tag):
        settings.replace(old, element("<w:embedTrueTypeFonts/>"))


def obfuscated(data: bytes, key: uuid.UUID) -> bytes:
    """A font as Word stores it: its first 32 bytes mixed with the key, read backwards (ECMA-376 part 4, 2.8.1)."""
    mask = key.bytes[::-1] * 2
    return bytes(a ^ b for a, b in zip(data[:32], mask, strict=True)) + data[32:]


def _file(folder: Path, suffix: str) -> Path:
    return next(folder.glob(f"*-{suffix}.ttf"))


def _add(package: Package, file: Path) -> tuple[str, uuid.UUID]:
    key = uuid.uuid5(uuid.NAMESPACE_OID, file.name)
    name = f"word/fonts/{file.stem}.odttf"
    return package.add(name, "font", obfuscated(file.read_bytes(), key), source=_TABLE), key


def _entry(family: str, faces: Mapping[str, tuple[str, uuid.UUID]]) -> str:
    kind, instead = _KINDS[family]
    embedded = "".join(
        f'<w:embed{face} r:id="{relation}" w:fontKey="{{{str(key).upper()}}}"/>'
        for face, (relation, key) in faces.items()
    )
    return (
        f'<w:font w:name="{family}"><w:altName w:val="{instead}"/><w:charset w:val="00"/>'
        f'<w:family w:val="{kind}"/><w:pitch w:val="variable"/>{embedded}</w:font>'
    )
