"""Files that outputs may contain: nothing outside the paper, nothing in disguise."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from html import unescape
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import PIL

from nioc_paper.cache import Cache, key
from nioc_paper.files import code
from nioc_paper.load.pictures import clean, parsed
from nioc_paper.load.text import is_there, odd
from nioc_paper.model import Asset, Place, Report
from nioc_paper.system import confined

LIMIT = 15 * 2**20
"""Bytes of a picture."""
_MAGIC = {".png": b"\x89PNG\r\n\x1a\n", ".jpg": b"\xff\xd8\xff", ".jpeg": b"\xff\xd8\xff"}
_MIME = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".svg": "image/svg+xml"}
_SVG_REFUSED = {"script", "foreignobject", "image", "style", "use", "animate", "set", "a", "feimage", "iframe"}
_SVG_DEPTH = 100
_OTHER_ENCODING = re.compile(rb"""\s*<\?xml[^>]*encoding\s*=\s*["'](?!utf-8["'])""", re.IGNORECASE)
_LOCAL_URL = re.compile(r"\s*url\(#[\w-]+\)\s*")


def resolve(root: Path, chapter: str, target: str, limit: int = LIMIT) -> tuple[str, str]:
    """Path from the root of a file that a chapter names, from its own folder or the root, and what is wrong with it."""
    name = unquote(re.split("[#?]", target, maxsplit=1)[0])
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|[/\\]", name) or "\0" in name:
        return name, "is no file of this paper"
    problem = "does not exist"
    for folder in (PurePosixPath(chapter).parent, PurePosixPath()):
        path = _normal(folder / name)
        if path is None:
            problem = "is outside the paper"
        elif re.search(r"(^|/)\.", path):
            # What git, the editor or the machine keeps there may be secret, and is no part of a paper.
            problem = "is hidden: its name or its folder's begins with a dot"
        elif is_there(root / path):
            try:
                confined.check(root, path, limit)
            except confined.ConfinedError as error:
                return path, str(error)
            return path, ""
    return name, problem


def read(root: Path, chapter: str, target: str, limit: int = LIMIT) -> tuple[str, bytes, str]:
    """Path from the root of a file that a chapter names, its bytes, and the reason if it may not be read."""
    path, problem = resolve(root, chapter, target, limit)
    if not problem:
        try:
            return path, confined.read(root, path, limit), ""
        except confined.ConfinedError as error:
            problem = str(error)
    return path, b"", problem


def _normal(path: PurePosixPath) -> str | None:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def image(root: Path, chapter: str, target: str, cache: Cache, report: Report = lambda _: None) -> Asset | str:
    """A picture that may be printed, without its metadata, or what is wrong with it: kept as long as its bytes stay."""
    path, data, problem = read(root, chapter, target)
    if problem:
        return problem
    suffix = PurePosixPath(path).suffix.lower()
    if suffix not in _MIME:
        return "is no PNG, JPEG or SVG"
    name = key("picture", code(), PIL.__version__, suffix, data)
    if wrong := cache.made(name, lambda: _trouble(data, suffix).encode()).decode():
        return wrong
    if suffix == ".svg":
        for number, line in enumerate(unescape(data.decode()).split("\n"), 1):
            for diagnostic in odd(line, Place(path, number)) if not line.isascii() else ():
                report(diagnostic)
    return Asset(path, _MIME[suffix], cache.made(f"{name}.clean", lambda: clean(data, _MIME[suffix])))


def _trouble(data: bytes, suffix: str) -> str:
    """What is wrong with the bytes of a picture."""
    if suffix == ".svg":
        return _svg_trouble(data)
    if not data.startswith(_MAGIC[suffix]):
        return f"is no {suffix.strip('.').upper()} inside, whatever its name says"
    return _raster_trouble(data)


def _raster_trouble(data: bytes) -> str:
    """What is wrong with a PNG or JPEG; Pillow refuses pictures that unpack to more than its limit."""
    import warnings

    from PIL import Image as Pillow  # late: most chapters have no picture

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Pillow.DecompressionBombWarning)
        try:
            Pillow.open(io.BytesIO(data), formats=("PNG", "JPEG")).verify()
        except Exception as error:  # noqa: BLE001 - Pillow raises what its parsers raise: OSError, SyntaxError, ValueError
            return f"is damaged or too large: {type(error).__name__}"
    return ""


def _svg_trouble(data: bytes) -> str:
    """What in an SVG could run, read or fetch something, or is more than an engine can draw."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        # In another encoding an instruction to fetch a style sheet could hide.
        if "<?xml-stylesheet" in data.decode() or _OTHER_ENCODING.match(data):
            return "names a style sheet or is not UTF-8, which is not allowed in a picture"
        tree = fromstring(data, forbid_dtd=True)
        parsed(data)
    except (ParseError, SyntaxError, DefusedXmlException, ValueError, RecursionError) as error:
        return f"is no clean SVG: {type(error).__name__}"
    if str(tree.tag).split("}")[-1] != "svg":
        return f"is no SVG inside, but <{str(tree.tag).split('}')[-1]}>"
    if _depth(tree) > _SVG_DEPTH:
        return f"is nested more than {_SVG_DEPTH} deep"
    for element in tree.iter():
        tag = str(element.tag).split("}")[-1].lower()
        if tag in _SVG_REFUSED:
            return f"has a <{tag}>, which is not allowed in a picture"
        for name, value in element.attrib.items():
            plain = name.split("}")[-1].lower()
            if (
                plain.startswith("on")
                or plain in ("href", "src")
                or (("url(" in value or "\\" in value) and not _LOCAL_URL.fullmatch(value))  # u\\72l( is url( too
            ):
                return f"has an attribute {plain}, which is not allowed in a picture"
    return ""


def _depth(tree: Iterable[Any]) -> int:
    """How many elements stand in each other; without recursion, for it may be any number."""
    depth, level = 0, [tree]
    while level:
        depth, level = depth + 1, [child for element in level for child in element]
    return depth


def link(root: Path, chapter: str, target: str) -> bool | None:
    """Whether a link's file is there; None for anchors and addresses on the web."""
    if target.startswith("#") or urlsplit(target).scheme:
        return None
    return not resolve(root, chapter, target)[1]
