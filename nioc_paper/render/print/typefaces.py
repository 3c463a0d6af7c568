"""The typefaces of a paper that is joined of pieces: each once, with the glyphs that all pieces use."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
import uharfbuzz
from pikepdf import Array, Name

from nioc_paper.cache import Cache, key
from nioc_paper.files import code
from nioc_paper.render import fonts

Face = dict[str, Any]
"""Its `own` name, and by glyph `widths` and the `letters` that each stands for."""
_DROPPED = ("BASE", "DSIG", "EBDT", "EBLC", "EBSC", "GPOS", "GSUB", "JSTF", "LTSH", "PCLT", "SVG ")
"""Tables of which a PDF makes no use."""
_FIXED_PITCH = 1


class UnknownFaceError(Exception):
    """A typeface that is none of ours."""


def merged(pieces: Iterable[Mapping[str, Face]]) -> dict[str, Face]:
    """What all pieces use of each typeface, by its key in them."""
    faces: dict[str, Face] = {}
    for piece in pieces:
        for name, face in piece.items():
            whole = faces.setdefault(name, {"own": face["own"], "widths": {}, "letters": {}})
            whole["widths"].update(face["widths"])
            # What a glyph stands for is told by the word in which it is met first.
            whole["letters"] = face["letters"] | whole["letters"]
    return faces


def digits(face: Face, hands: Sequence[str]) -> list[int]:
    """The glyphs of the digits in a typeface, each as wide as the next; empty where they are not."""
    glyphs, widths = _digits(_file(face["own"], hands))
    return list(glyphs) if len(set(widths)) == 1 else []


@cache
def _digits(file: Path) -> tuple[tuple[int, ...], tuple[int, ...]]:
    font = uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(file)))
    buffer = uharfbuzz.Buffer()
    buffer.add_str("0123456789")
    buffer.guess_segment_properties()
    uharfbuzz.shape(font, buffer, {"lnum": True, "tnum": True, "kern": False})
    unit = font.face.upem
    widths = (round(at.x_advance * 1000 / unit) for at in buffer.glyph_positions)
    return tuple(glyph.codepoint for glyph in buffer.glyph_infos), tuple(widths)


def add_digits(face: Face, glyphs: Sequence[int]) -> None:
    """Have a typeface hold all digits where it holds the first."""
    width = face["widths"][str(glyphs[0])]
    face["widths"].update({str(glyph): width for glyph in glyphs})
    face["letters"].update({str(glyph): str(digit) for digit, glyph in enumerate(glyphs)})


def put_in(pdf: pikepdf.Pdf, font: Any, face: Face, hands: Sequence[str], memory: Cache) -> None:
    """Give a font of a file its program, the widths of its glyphs, and what they stand for."""
    file = _file(face["own"], hands)
    below = font.DescendantFonts[0]
    about = below.FontDescriptor
    widths = {int(glyph): width for glyph, width in sorted(face["widths"].items(), key=lambda pair: int(pair[0]))}
    below.W = Array(_runs(widths))
    about.Flags = int(about.Flags) & ~_FIXED_PITCH
    about.FontBBox = Array([0, about.Descent, max(widths.values(), default=0), about.Ascent])
    program = pdf.make_stream(_program(file, face, memory))
    if file.suffix == ".otf":
        program.Subtype = Name.OpenType
        about.FontFile3 = program
    else:
        program.Length1 = len(_program(file, face, memory))
        about.FontFile2 = program
    font.ToUnicode = pdf.make_stream(_letters(face["letters"]))


def _runs(widths: Mapping[int, float]) -> list[Any]:
    """Widths as a PDF has them: each run of glyphs by the first of them."""
    out: list[Any] = []
    last = -2
    for glyph, width in widths.items():
        if glyph != last + 1:
            out += [glyph, []]
        out[-1].append(width)
        last = glyph
    return [Array(part) if isinstance(part, list) else part for part in out]


def _program(file: Path, face: Face, memory: Cache) -> bytes:
    """The file of a typeface with the glyphs that are used, and no others."""
    glyphs = sorted(map(int, face["letters"]))
    name = key("glyphs", code(), uharfbuzz.version_string(), file.name, str(file.stat().st_size), json.dumps(glyphs))
    kept = memory.get(name)
    if kept is None:
        whole = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(file))
        used = _subset(whole, glyphs, uharfbuzz.SubsetFlags.RETAIN_GIDS)
        # Empty glyphs after the last one that is used are left out.
        kept = _subset(used, range(max(glyphs) + 1), uharfbuzz.SubsetFlags.NO_HINTING).blob.data
        memory.put(name, kept)
    return kept


def _subset(face: Any, glyphs: Iterable[int], flag: Any) -> Any:
    asked = uharfbuzz.SubsetInput()
    asked.glyph_set.update(glyphs)
    asked.flags = flag | uharfbuzz.SubsetFlags.PASSTHROUGH_UNRECOGNIZED | uharfbuzz.SubsetFlags.DESUBROUTINIZE
    asked.drop_table_tag_set.update(int.from_bytes(tag.encode(), "big") for tag in _DROPPED)
    return uharfbuzz.subset(face, asked)


def _letters(letters: Mapping[str, str]) -> bytes:
    """The map from glyphs to letters (ISO 32000-1, 9.10.3)."""
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
def _known() -> Mapping[str, Path]:
    return {file.stem: file for folder in fonts.folders() for file in folder.glob("*.otf")}


def _file(own: str, hands: Sequence[str]) -> Path:
    """The file of a typeface by the name that it gives itself."""
    known = {**_known(), **{Path(hand).stem: Path(hand) for hand in hands}}
    if own not in known:
        raise UnknownFaceError(own)
    return known[own]
