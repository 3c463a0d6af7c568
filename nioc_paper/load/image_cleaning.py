"""Remove from pictures everything that is not seen: camera data, comments, thumbnails, notes of drawing programs."""

from __future__ import annotations

import io
import re
import struct
import warnings
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr
from zlib import crc32

from nioc_paper.domain.style_sheets import declarations_of, known_names, rewrite_sheet, rewrite_style
from nioc_paper.load.hidden_svg_text import find_unseen_texts
from nioc_paper.load.source_text import clean_characters
from nioc_paper.model.lazy_regex import late_pattern

if TYPE_CHECKING:
    from lxml import etree

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEPT_CHUNKS = frozenset(
    (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"sBIT", b"pHYs")
)
"""Chunks of a PNG that affect its look."""
_ORIENTATION_TAG = 0x0112
_VISIBLE_INFO = ("icc_profile", "dpi", "transparency")
"""Keys of Pillow's `info` that affect the look."""
_VEILS = frozenset(("filter", "mask", "mask-image", "content-visibility"))
"""Properties that could hide words, or not: nobody can tell without drawing them."""
_HIDDEN_STYLE = late_pattern(r"\bdisplay\s*:\s*none\b", re.IGNORECASE)
_SVG, _XML = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/XML/1998/namespace}"
_XLINK = "{http://www.w3.org/1999/xlink}"
_TEXT_ELEMENTS = frozenset(("text", "tspan", "textPath", "title", "desc"))
"""Elements of an SVG with text that is drawn or read aloud."""
_REFERENCE = late_pattern(r"""(url\(\s*['"]?#)([^()'"\s]+)""")


CleanPicture = tuple[bytes, list[tuple[int, str]]]
"""Bytes of a picture, and the words of a drawing that nobody could see, by line."""


def strip_metadata(data: bytes, mime: str) -> CleanPicture:
    """Return a vetted picture with its colour profile and without other metadata, turned upright.

    The compressed data of a PNG and a JPEG stay byte for byte, unless the picture is turned. Raises ValueError for a
    drawing that cannot be drawn.
    """
    if mime == "image/svg+xml":
        root = _parse_styled(data)
        words = []
        for element, name in find_unseen_texts(root):
            words.append((int(element.sourceline or 1), " ".join(getattr(element, name).split())))  # type: ignore[call-overload]
            setattr(element, name, None)
        used_ids = {name for element in root.iter() for pair in _attributes(element) for name in _referenced_ids(*pair)}
        writer = _SvgWriter(used_ids)
        writer.write_element(root, top=True)
        return clean_characters("".join(writer.parts)).encode(), words
    upright = _rotate_upright(data)
    return b"".join(_kept_segments(upright) if mime == "image/jpeg" else _kept_chunks(upright)), []


def _rotate_upright(data: bytes) -> bytes:
    """Turn the picture as the camera's orientation says: not every program does."""
    from PIL import Image, ImageOps  # late: most chapters have no picture

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # warnings about metadata, which is dropped
        try:
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as picture:
                if picture.getexif().get(_ORIENTATION_TAG, 1) not in range(2, 9):
                    return data
                rotated, out = ImageOps.exif_transpose(picture), io.BytesIO()
                visible_info = {key: picture.info[key] for key in _VISIBLE_INFO if key in picture.info}
                rotated.save(out, picture.format, quality=95, subsampling=0, **visible_info)
                return out.getvalue()
        except Exception:  # noqa: BLE001 - Pillow raises what its parsers raise; metadata that it cannot read turn nothing
            return data


def _kept_segments(data: bytes) -> Iterator[bytes]:
    """Yield the segments of a JPEG that affect its look, with the compressed data; nothing after its end."""
    pos = 2
    yield b"\xff\xd8"
    while (pos := data.find(b"\xff", pos)) >= 0 and pos + 4 <= len(data) and (marker := data[pos + 1]) != 0xD9:
        if marker in (0xFF, 0x00, 0x01) or 0xD0 <= marker <= 0xD8:
            pos += 1 if marker == 0xFF else 2
            continue
        end = pos + 2 + int.from_bytes(data[pos + 2 : pos + 4])
        yield _visible_segment(marker, data[pos:end])
        if marker == 0xDA:
            next_marker = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]").search(data, end)
            yield data[end : next_marker.start() if next_marker else len(data)]
            end = next_marker.start() if next_marker else len(data)
        pos = end
    yield b"\xff\xd9"


def _visible_segment(marker: int, segment: bytes) -> bytes:
    """Return a segment if it affects the look: JFIF without its thumbnail, the colour profile, Adobe's mark."""
    name = segment[4:]
    if marker == 0xE0:
        return segment[:2] + b"\x00\x10" + segment[4:16] + b"\0\0" if name.startswith(b"JFIF\0") else b""
    if marker == 0xE2:
        return segment if name.startswith(b"ICC_PROFILE\0") else b""
    if marker == 0xEE:
        return segment[:2] + b"\x00\x0e" + segment[4:16] if name.startswith(b"Adobe") else b""
    return b"" if 0xE1 <= marker <= 0xEF or marker == 0xFE else segment


def _kept_chunks(data: bytes) -> Iterator[bytes]:
    """Yield the signature of a PNG, and its chunks that affect its look, up to its end."""
    yield _PNG_SIGNATURE
    pos, kind = len(_PNG_SIGNATURE), b""
    while pos + 8 <= len(data) and kind != b"IEND":
        size, kind = struct.unpack_from(">I4s", data, pos)
        body = data[pos + 8 : pos + 8 + size]
        body = b"icc" + body[body.find(b"\0") :] if kind == b"iCCP" else body  # the name of a profile is invisible text
        if kind in _KEPT_CHUNKS:
            yield struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", crc32(kind + body))
        pos += 12 + size


# --- drawings ---------------------------------------------------------------------------------------------------------


def parse_drawing(data: bytes) -> etree._Element:
    """Return the root of a drawing. Raises SyntaxError for namespaces that are not addresses, unlike expat."""
    from lxml import etree  # late: few chapters have a drawing

    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    return etree.fromstring(data, parser)


def _parse_styled(data: bytes) -> etree._Element:
    """Return the root of a drawing with its style sheets in its elements; what could hide words is not on words."""
    root = parse_drawing(data)
    inline_styles(root)
    for text in root.iter(*(f"{{*}}{name}" for name in _TEXT_ELEMENTS)):
        for element in (text, *text.iterancestors()):
            for name in _VEILS:
                element.attrib.pop(name, "")
            style = declarations_of(str(element.get("style", "")))
            if _VEILS & style.keys():
                element.set("style", ";".join(f"{key}:{style[key]}" for key in style if key not in _VEILS))
    return root


def _referenced_ids(key: str, value: str) -> list[str]:
    """Return the ids to which an attribute refers."""
    if key.startswith("aria-"):
        return value.split()
    return [value[1:]] if key.endswith("href") else [name for _, name in _REFERENCE.findall(value)]


def _xml_name(name: str) -> str:
    """Return an id as XML allows it: svglite's end with `=`, and an e-book with one is invalid."""
    return re.sub(r"[^\w-]", "_", name if name[:1].isalpha() else f"_{name}", flags=re.ASCII)


class _SvgWriter:
    """Writer of a drawing. Elements keep their lines, so that findings about words can name them."""

    def __init__(self, used_ids: set[str]) -> None:
        self.used_ids, self.parts, self.line = used_ids, list[str](), 1

    def write_element(self, element: etree._Element, *, top: bool = False) -> None:
        """Write an element with everything in it that is drawn."""
        name = str(element.tag).removeprefix(_SVG)
        pairs = "".join(f" {key}={quoteattr(value)}" for key, value in _visible_attributes(element, self.used_ids))
        space = f' xmlns="{_SVG[1:-1]}"' if top and str(element.tag).startswith(_SVG) else ""
        if top and any(key.endswith("href") for part in element.iter() for key, _ in _attributes(part)):
            space += f' xmlns:xlink="{_XLINK[1:-1]}"'
        is_text = name in _TEXT_ELEMENTS
        self._write(f"<{name}{space}{pairs}>{escape(element.text or '') if is_text else ''}")
        for child in element:
            if _is_drawn(child):
                if not is_text:
                    self._write("\n" * (int(child.sourceline or 0) - self.line))  # type: ignore[call-overload]
                self.write_element(child)
            self._write(escape(child.tail or "") if is_text else "")
        self._write(f"</{name}>")

    def _write(self, text: str) -> None:
        self.parts.append(text)
        self.line += text.count("\n")


def _is_drawn(element: etree._Element) -> bool:
    """Whether an element belongs to SVG, and is not a text or group that is never shown.

    An element without a namespace belongs to SVG only if no element has one.
    """
    if not isinstance(element.tag, str) or not re.fullmatch(rf"({re.escape(_SVG)})?(?!metadata$)\w+", element.tag):
        return False
    hidden = element.get("display") == "none" or _HIDDEN_STYLE.search(element.get("style", ""))
    return not (hidden and element.tag.removeprefix(_SVG) in ("g", "text", "tspan"))


def _attributes(element: etree._Element) -> Iterator[tuple[str, str]]:
    return ((str(key), str(value)) for key, value in element.attrib.items())


def _visible_attributes(element: etree._Element, used_ids: set[str]) -> Iterator[tuple[str, str]]:
    for key, value in _attributes(element):
        name = "xlink:href" if key in ("href", f"{_XLINK}href") else key.replace(_XML, "xml:")
        small = name.lower().removeprefix("xlink:").removeprefix("xml:")
        is_known = name not in ("class", "content") and small in known_names("attributes") | known_names("properties")
        if not is_known or (name == "id" and value not in used_ids):
            continue
        named_value = _with_xml_names(name, value)
        cleaned_value = rewrite_style(named_value) if name == "style" else named_value
        if cleaned_value or not name.startswith("style"):
            yield name, cleaned_value


def _with_xml_names(key: str, value: str) -> str:
    """Return the value of an attribute with ids as XML allows them."""
    if key == "id":
        return _xml_name(value)
    if key == "xlink:href":
        return f"#{_xml_name(value[1:])}"
    return _REFERENCE.sub(lambda match: match[1] + _xml_name(match[2]), value)


# --- style sheets of a drawing ----------------------------------------------------------------------------------------


def inline_styles(root: etree._Element) -> None:
    """Move the rules of all style sheets into the elements. At-rules, such as fonts to load, are dropped."""
    sheets = [element for element in root.iter() if element.tag in {"style", "{http://www.w3.org/2000/svg}style"}]
    if not sheets:
        return
    import cssselect2  # type: ignore[import-untyped] # late: few drawings have a style sheet

    matcher = cssselect2.Matcher()
    for selector, declarations in _read_rules(rewrite_sheet("\n".join(sheet.text or "" for sheet in sheets))):
        matcher.add_selector(selector, declarations)
    for wrapped in cssselect2.ElementWrapper.from_xml_root(root).iter_subtree():
        matches = sorted(matcher.match(wrapped), key=lambda match: match[:2])  # specificity, order
        texts = [text for *_, text in matches] + [wrapped.etree_element.get("style", "")]
        if matches:
            wrapped.etree_element.set("style", ";".join(filter(None, texts)))
    for sheet in sheets:
        if (parent := sheet.getparent()) is not None:
            parent.remove(sheet)


def _read_rules(sheet: str) -> Iterator[tuple[object, str]]:
    """Yield each selector that can be read, with its declarations."""
    import cssselect2
    import tinycss2  # type: ignore[import-untyped] # it ships no types, like WeasyPrint that brings both

    for rule in tinycss2.parse_stylesheet(sheet, True, True):
        if rule.type == "qualified-rule":
            with suppress(cssselect2.SelectorError):
                declarations = tinycss2.serialize(rule.content).strip().strip(";")
                yield from ((selector, declarations) for selector in cssselect2.compile_selector_list(rule.prelude))
