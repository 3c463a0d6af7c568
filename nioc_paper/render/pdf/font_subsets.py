"""Fonts of a merged paper: each embedded once, with the glyphs that all pieces use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import uharfbuzz

from nioc_paper.render.pdf.pdf_file import PdfFile, pdf_numbers
from nioc_paper.render.pdf.worker_messages import FontUsage
from nioc_paper.system.drawing import font_folders

_DROPPED_TABLES = ("BASE", "DSIG", "EBDT", "EBLC", "EBSC", "GPOS", "GSUB", "JSTF", "LTSH", "PCLT", "SVG ")
"""Tables that a PDF does not use."""
_FIXED_PITCH = 1


class UnknownFontError(Exception):
    """The font is none of ours."""


def merge_usage(pieces: Iterable[Mapping[str, FontUsage]]) -> dict[str, FontUsage]:
    """Return the union of the glyphs in use, by the name of the font in the pieces."""
    usage_by_font: dict[str, FontUsage] = {}
    for piece in pieces:
        for name, usage in piece.items():
            total = usage_by_font.setdefault(name, {**usage, "widths": {}, "letters": {}})
            total["widths"].update(usage["widths"])
            # A glyph represents the text of its first use.
            total["letters"] = usage["letters"] | total["letters"]
    return usage_by_font


def digit_glyphs(usage: FontUsage, extra_fonts: Sequence[str]) -> list[int]:
    """Return the glyphs of the digits 0 to 9. Empty if their widths differ."""
    glyphs, widths = _shape_digits(_font_file(usage["own"], extra_fonts))
    return list(glyphs) if len(set(widths)) == 1 else []


@cache
def _shape_digits(file: Path) -> tuple[tuple[int, ...], tuple[int, ...]]:
    font = uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(file)))
    buffer = uharfbuzz.Buffer()
    buffer.add_str("0123456789")
    buffer.guess_segment_properties()
    uharfbuzz.shape(font, buffer, {"lnum": True, "tnum": True, "kern": False})
    widths = (round(glyph.x_advance * 1000 / font.face.upem) for glyph in buffer.glyph_positions)
    return tuple(glyph.codepoint for glyph in buffer.glyph_infos), tuple(widths)


def add_digits(usage: FontUsage, glyphs: Sequence[int]) -> None:
    """Add all digits to the glyphs in use; all are as wide as the one that is in use."""
    width = next(usage["widths"][str(glyph)] for glyph in glyphs if str(glyph) in usage["widths"])
    usage["widths"].update({str(glyph): width for glyph in glyphs})
    usage["letters"].update({str(glyph): str(digit) for digit, glyph in enumerate(glyphs)})


def embed_subset(pdf: PdfFile, usage: FontUsage, extra_fonts: Sequence[str]) -> dict[str, bytes]:
    """Add the program and the Unicode map of a font to a file; return the values of the marks in its objects."""
    file = _font_file(usage["own"], extra_fonts)
    widths = {int(glyph): width for glyph, width in sorted(usage["widths"].items(), key=lambda pair: int(pair[0]))}
    width_arrays = (b"%d [ %s ]" % (glyph, pdf_numbers([width])) for glyph, width in widths.items())
    data, (below, above) = _font_program(file, usage), usage["heights"]
    if file.suffix == ".otf":
        program = b"/FontFile3 " + pdf.add_stream(data, b" /Subtype /OpenType")
    else:
        program = b"/FontFile2 " + pdf.add_stream(data, b" /Length1 %d" % len(data))
    box = pdf_numbers((0, below, max(widths.values(), default=0), above))
    return {
        "widths": b"[ %s ]" % b" ".join(width_arrays),
        "letters": pdf.add_stream(_to_unicode_map(usage["letters"])),
        "program": b"/Flags %d /FontBBox [ %s ] %s" % (usage["flags"] & ~_FIXED_PITCH, box, program),
    }


def _font_program(file: Path, usage: FontUsage) -> bytes:
    """Return the font file with the glyphs in use only."""
    glyphs = sorted(map(int, usage["letters"]))
    full_font = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(file))
    with_used_glyphs = _subset(full_font, glyphs, uharfbuzz.SubsetFlags.RETAIN_GIDS)
    # Empty glyphs after the last one in use are dropped.
    program: bytes = _subset(with_used_glyphs, range(max(glyphs) + 1), uharfbuzz.SubsetFlags.NO_HINTING).blob.data
    return program


def _subset(font_face: uharfbuzz.Face, glyphs: Iterable[int], flag: uharfbuzz.SubsetFlags) -> uharfbuzz.Face:
    """Return a font with some glyphs only, without the tables that a PDF does not use."""
    subset_input = uharfbuzz.SubsetInput()
    subset_input.glyph_set.update(glyphs)
    subset_input.flags = flag | uharfbuzz.SubsetFlags.PASSTHROUGH_UNRECOGNIZED | uharfbuzz.SubsetFlags.DESUBROUTINIZE
    subset_input.drop_table_tag_set.update(int.from_bytes(tag.encode(), "big") for tag in _DROPPED_TABLES)
    return uharfbuzz.subset(font_face, subset_input)


def _to_unicode_map(letters: Mapping[str, str]) -> bytes:
    """Return the map from glyphs to text (ISO 32000-1, 9.10.3)."""
    pairs = sorted((int(glyph), text) for glyph, text in letters.items())
    lines = [f"<{glyph:04x}> <{text.encode('utf-16-be').hex()}>" for glyph, text in pairs]
    batches = (lines[start : start + 100] for start in range(0, len(lines), 100))
    return "\n".join([
        "/CIDInit /ProcSet findresource begin", "12 dict begin", "begincmap", "/CIDSystemInfo",
        "<< /Registry (Adobe)", "/Ordering (UCS)", "/Supplement 0", ">> def", "/CMapName /Adobe-Identity-UCS def",
        "/CMapType 2 def", "1 begincodespacerange", "<0000> <ffff>", "endcodespacerange",
        *(line for batch in batches for line in (f"{len(batch)} beginbfchar", *batch, "endbfchar")),
        "endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end",
    ]).encode()  # fmt: skip


@cache
def _bundled_fonts() -> Mapping[str, Path]:
    return {file.stem: file for folder in font_folders() for file in folder.glob("*.otf")}


def _font_file(postscript_name: str, extra_fonts: Sequence[str]) -> Path:
    """Return the file of a font by its PostScript name. Raises UnknownFontError."""
    files_by_name = {**_bundled_fonts(), **{Path(extra_font).stem: Path(extra_font) for extra_font in extra_fonts}}
    if postscript_name not in files_by_name:
        raise UnknownFontError(postscript_name)
    return files_by_name[postscript_name]
