"""Vet pictures: nothing in them may run, read or fetch anything, or be too large to draw."""

from __future__ import annotations

import io
import math
import re
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from nioc_paper.domain.style_sheets import StyleFault, has_address, known_names, rewrite_sheet
from nioc_paper.load.image_cleaning import parse_drawing
from nioc_paper.model.lazy_regex import late_pattern

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_SIGNATURES = {".png": b"\x89PNG\r\n\x1a\n", ".jpg": b"\xff\xd8\xff", ".jpeg": b"\xff\xd8\xff"}
_SVG_NAMESPACES = ("", "{http://www.w3.org/2000/svg", "{http://www.w3.org/1999/xlink")
"""Namespaces of elements and attributes that are printed; all others are dropped."""
_SVG_MAX_DEPTH = 100
_OTHER_ENCODING = late_pattern(rb"""\s*<\?xml[^>]*encoding\s*=\s*["'](?!utf-8["'])""", re.IGNORECASE)
_SVG_MAX_COPIES = 20_000
"""Maximum number of elements that all `use` of a drawing draw."""
_DOCTYPE = late_pattern(rb"<!DOCTYPE[^>\[]*>")


def image_problem(data: bytes, suffix: str) -> str:
    """Return the problem of a picture's bytes; empty if there is none."""
    if suffix == ".svg":
        return _svg_problem(data)
    if not data.startswith(_SIGNATURES[suffix]):
        return f"is not {suffix.strip('.').upper()} inside, despite its name"
    from PIL import Image as Pillow  # late: most chapters have no picture

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Pillow.DecompressionBombWarning)
        try:
            Pillow.open(io.BytesIO(data), formats=("PNG", "JPEG")).verify()
        except Exception as error:  # noqa: BLE001 - Pillow raises what its parsers raise: OSError, SyntaxError, ValueError
            return f"is damaged or too large: {type(error).__name__}"
    return ""


def pixels_across(data: bytes) -> int:
    """Return the width of a PNG or JPEG."""
    from PIL import Image as Pillow  # late: most chapters have no picture

    return Pillow.open(io.BytesIO(data), formats=("PNG", "JPEG")).width


def _svg_problem(data: bytes) -> str:
    """Return the part of an SVG that runs, reads or fetches something, or exceeds what engines can draw."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        # Another encoding could hide an instruction to fetch a style sheet.
        if "<?xml-stylesheet" in data.decode() or _OTHER_ENCODING.match(data):
            return "names a style sheet or is not UTF-8, which is not allowed in a picture"
        svg = fromstring(_DOCTYPE.sub(b"", data), forbid_dtd=True)
        parse_drawing(data)  # lxml, which reads it again for the outputs, refuses more than expat
    except (ParseError, SyntaxError, DefusedXmlException, ValueError, RecursionError) as error:
        return f"is not a clean SVG: {type(error).__name__}"
    if svg.tag not in ("svg", "{http://www.w3.org/2000/svg}svg"):
        return f"is not SVG inside, but <{str(svg.tag).split('}')[-1]}>"
    if nesting_depth(svg) > _SVG_MAX_DEPTH:
        return f"is nested more than {_SVG_MAX_DEPTH} deep"
    elements = {name: element for element in svg.iter() if (name := element.get("id"))}
    if expanded_size(svg, _used_id, elements) - sum(1 for _ in svg.iter()) > _SVG_MAX_COPIES:
        return f"draws more than {_SVG_MAX_COPIES:,} copies of its parts"
    forbidden = next(filter(None, map(_forbidden_part, svg.iter())), "")
    return f"has {forbidden}, which is not allowed in a picture" if forbidden else ""


def _forbidden_part(element: Element) -> str:
    """Return the forbidden name or attribute of an SVG element; empty if it has none."""
    namespace, _, tag = str(element.tag).rpartition("}")
    if namespace not in _SVG_NAMESPACES:
        return ""
    if tag.lower() not in known_names("elements"):
        return f"a <{tag}>"
    faults: list[StyleFault] = []
    rewrite_sheet(element.text or "", report=faults.append) if tag.lower() == "style" else ""
    if any(fault.is_address for fault in faults):
        return "a style sheet that reads a file"
    names = ((*name.rpartition("}")[::2], value) for name, value in element.attrib.items())
    own_attributes = ((name.lower(), value) for namespace, name, value in names if namespace in _SVG_NAMESPACES)
    return next((f"an attribute {name}" for name, value in own_attributes if _is_forbidden_attribute(name, value)), "")


def _is_forbidden_attribute(name: str, value: str) -> bool:
    """Whether an attribute runs or fetches something."""
    if name in ("href", "src"):
        return not value.startswith("#")
    # draw.io keeps the source of a diagram in `content`, which is dropped. Words may be of any form.
    is_read = name != "content" and not name.startswith("aria-")
    return name.startswith("on") or (is_read and has_address(value))


def _used_id(element: Element) -> str | None:
    """Return the id of the element that a `use` draws; None for any other element."""
    href = next((value for name, value in element.attrib.items() if name.rpartition("}")[2] == "href"), "")
    return str(href).removeprefix("#") if str(element.tag).rpartition("}")[2] == "use" else None


def expanded_size(root: Element, called: Callable[[Element], str | None], parts: Mapping[str, Element]) -> float:
    """Return the number of elements in a tree with those that its elements call by name; infinite for a circle."""
    sizes: dict[str, float] = {}

    def size_of(element: Element) -> float:
        return sum(1 + size_by_name(called(part)) for part in element.iter())

    def size_by_name(name: str | None) -> float:
        if name is None or name not in parts:
            return 0
        if name not in sizes:
            sizes[name] = math.inf  # until it is known: a call within itself
            sizes[name] = size_of(parts[name])
        return sizes[name]

    try:
        return size_of(root)
    except RecursionError:
        return math.inf


def nesting_depth(root: Element) -> int:
    """Count the levels of nested elements. Works without recursion: there may be any number."""
    depth, level = 0, [root]
    while level:
        depth, level = depth + 1, [child for element in level for child in element]
    return depth
