"""Outputs contain only the visible part of pictures: words are planted in every kind of metadata."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageCms, PngImagePlugin

from nioc_paper.load.assets import load_image
from nioc_paper.load.load_context import LoadContext, PaperFiles
from nioc_paper.model import Asset
from nioc_paper.system.cache import NO_CACHE

CANARY = b"Canarywords"
SIZE = (24, 16)
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def sample() -> Image.Image:
    """A picture that has another look in each orientation."""
    picture = Image.new("RGB", SIZE, "white")
    picture.paste((200, 30, 30), (0, 0, 12, 8))
    picture.paste((30, 30, 200), (12, 8, 24, 16))
    return picture


def saved(kind: str, **more: object) -> bytes:
    out = io.BytesIO()
    sample().save(out, kind, **more)
    return out.getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    made = Image.Exif()
    made[0x0112] = orientation
    made[0x013B] = CANARY.decode()
    return made


def vetted(folder: Path, name: str, data: bytes) -> bytes:
    """The bytes that a paper holds of a picture."""
    (folder / name).write_bytes(data)
    image = load_image(LoadContext(PaperFiles(folder), NO_CACHE, lambda _: None), "a.md", name)
    assert isinstance(image, Asset), image
    return image.data


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


JPEG = {
    **{f"APP{n}": segment(0xE0 + n, b"x\0" + CANARY) for n in range(16)},
    "Exif": segment(0xE1, b"Exif\0\0" + CANARY),
    "XMP": segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + CANARY),
    "Photoshop": segment(0xED, b"Photoshop 3.0\0" + CANARY),
    "multi-picture": segment(0xE2, b"MPF\0" + CANARY),
    "thumbnail": segment(0xE0, b"JFXX\0\x10" + CANARY),
    "comment": segment(0xFE, CANARY),
    "thumbnail in JFIF": segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\4\1" + CANARY + b"x"),
    "behind Adobe's mark": segment(0xEE, b"Adobe\0\x64\0\0\0\0\0" + CANARY),
}


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("case", JPEG)
def test_a_jpeg_loses_all_metadata(tmp_path: Path, case: str, progressive: bool) -> None:
    plain = saved("JPEG", progressive=progressive, icc_profile=PROFILE)
    dirty = plain[:2] + JPEG[case] + plain[2:]
    if case.startswith("thumbnail in"):
        dirty = plain[:2] + JPEG[case] + plain[20:]
    out = vetted(tmp_path, "a.jpg", dirty)
    assert CANARY not in out
    opened = Image.open(io.BytesIO(out))
    assert opened.info["icc_profile"] == PROFILE
    assert out[out.index(b"\xff\xdb") :] == plain[plain.index(b"\xff\xdb") :]
    if "Adobe" not in case:
        assert ImageChops.difference(opened, Image.open(io.BytesIO(plain))).getbbox() is None


def test_a_jpeg_loses_trailing_data_and_comments_between_scans(tmp_path: Path) -> None:
    plain = saved("JPEG", progressive=True)
    scan = plain.rindex(b"\xff\xda")
    dirty = plain[:scan] + segment(0xFE, CANARY) + plain[scan:] + CANARY
    assert vetted(tmp_path, "a.jpg", dirty) == plain


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["jpg", "png"])
def test_a_photograph_is_rotated_and_loses_its_orientation(tmp_path: Path, kind: str, orientation: int) -> None:
    name = {"jpg": "JPEG", "png": "PNG"}[kind]
    lying = saved(name, exif=exif(orientation), **({"quality": 95} if kind == "jpg" else {}))
    out = vetted(tmp_path, f"a.{kind}", lying)
    opened = Image.open(io.BytesIO(out)).convert("RGB")
    assert CANARY not in out
    assert not Image.open(io.BytesIO(out)).getexif()
    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
    wanted = sample().transpose(Image.Transpose(turns[orientation])) if orientation > 1 else sample()
    assert opened.size == wanted.size
    assert max(ImageChops.difference(opened, wanted).resize((6, 4)).tobytes()) < 40


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", zlib.crc32(kind + body))


PNG = {
    "text": chunk(b"tEXt", b"Comment\0" + CANARY),
    "compressed text": chunk(b"zTXt", b"Comment\0\0" + zlib.compress(CANARY)),
    "international text": chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + CANARY),
    "Exif": chunk(b"eXIf", b"II*\0" + CANARY),
    "time": chunk(b"tIME", b"\x07\xe4\1\1\1\1\1"),
    "suggested palette": chunk(b"sPLT", CANARY + b"\0\x08"),
    "a chunk of its own": chunk(b"caNa", CANARY),
    "profile by a name": chunk(b"iCCP", CANARY + b"\0\0" + zlib.compress(PROFILE)),
}


EXIF = exif(3).tobytes()
UPSIDE_DOWN = {
    "Exif": chunk(b"eXIf", EXIF.removeprefix(b"Exif\0\0")),
    "Exif as a text": chunk(
        b"zTXt",
        b"Raw profile type exif\0\0" + zlib.compress(f"\nexif\n{len(EXIF)}\n{EXIF.hex()}\n".encode()),
    ),
    "XMP": chunk(b"iTXt", b'XML:com.adobe.xmp\0\0\0\0\0<x tiff:Orientation="3"/>'),
}


@pytest.mark.parametrize("behind", [b"IDAT", b"IEND"], ids=["before the picture", "behind it"])
@pytest.mark.parametrize("case", UPSIDE_DOWN)
def test_a_png_is_rotated_wherever_its_orientation_is(tmp_path: Path, case: str, behind: bytes) -> None:
    plain = saved("PNG")
    start = plain.index(behind) - 4
    turned = Image.open(io.BytesIO(vetted(tmp_path, "a.png", plain[:start] + UPSIDE_DOWN[case] + plain[start:])))
    assert ImageChops.difference(turned, sample().transpose(Image.Transpose.ROTATE_180)).getbbox() is None


@pytest.mark.parametrize("case", PNG)
def test_a_png_loses_all_metadata(tmp_path: Path, case: str) -> None:
    plain = saved("PNG", dpi=(300, 300))
    out = vetted(tmp_path, "a.png", plain[:33] + PNG[case] + plain[33:] + CANARY)
    assert CANARY not in out
    assert zlib.compress(CANARY) not in out
    kinds = {out[at + 4 : at + 8] for at in _starts(out)}
    assert kinds <= {b"IHDR", b"IDAT", b"IEND", b"pHYs", b"iCCP"}
    opened = Image.open(io.BytesIO(out))
    assert ImageChops.difference(opened, sample()).getbbox() is None
    assert ("icc_profile" in opened.info) == ("profile" in case)


def _starts(data: bytes) -> list[int]:
    at, starts = 8, []
    while at < len(data):
        starts.append(at)
        at += 12 + int.from_bytes(data[at : at + 4])
    return starts


def test_a_png_keeps_its_transparency(tmp_path: Path) -> None:
    out = io.BytesIO()
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", CANARY.decode())
    sample().convert("P").save(out, "PNG", transparency=0, pnginfo=info)
    assert Image.open(io.BytesIO(vetted(tmp_path, "a.png", out.getvalue()))).info["transparency"] == 0


SVG = """<?xml version="1.0" encoding="UTF-8"?>
<!-- Canarywords -->
<?canary Canarywords?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"
  xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd" xmlns:canarywords="http://example.org/Canarywords"
  width="24" height="16" viewBox="0 0 240 160" id="Canarywords" sodipodi:docname="/home/Canarywords/a.svg"
  inkscape:export-filename="Canarywords" data-name="Canarywords" class="Canarywords" xml:lang="en">
  <title>A door</title>
  <metadata><rdf xmlns="http://www.w3.org/1999/02/22-rdf-syntax-ns#">Canarywords</rdf></metadata>
  <sodipodi:namedview inkscape:document-units="Canarywords"/>
  <defs><linearGradient id="g1"><stop offset="0" stop-color="red"/></linearGradient></defs>
  <g inkscape:label="Canarywords" id="layer-Canarywords">Canarywords
    <rect width="24" height="16" fill="url(#g1)" style="-inkscape-x:Canarywords;opacity:1/*Canarywords*/"/>
    <!-- Canarywords -->
    <text x="1" y="20">One <tspan font-weight="bold">two</tspan> &lt;three&gt;</text>
  </g>
</svg>
"""


def test_a_drawing_keeps_shapes_and_descriptions(tmp_path: Path) -> None:
    out = vetted(tmp_path, "a.svg", SVG.encode()).decode()
    assert CANARY.decode() not in out
    assert "inkscape" not in out
    for element in (
        '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="16" viewBox="0 0 240 160" xml:lang="en">',
        "<title>A door</title>",
        '<linearGradient id="g1"><stop offset="0" stop-color="red">',
        '<rect width="24" height="16" fill="url(#g1)" style="opacity:1">',
        '<text x="1" y="20">One <tspan font-weight="bold">two</tspan> &lt;three&gt;</text>',
    ):
        assert element in out


def test_a_picture_without_metadata_is_unchanged(tmp_path: Path) -> None:
    for name, data in (("a.jpg", saved("JPEG")), ("a.png", saved("PNG"))):
        once = vetted(tmp_path, name, data)
        assert vetted(tmp_path, name, once) == once == data
    once = vetted(tmp_path, "a.svg", SVG.encode())
    assert vetted(tmp_path, "a.svg", once) == once
