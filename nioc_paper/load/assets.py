"""Files that outputs may contain, pictures and tables of data: nothing outside the paper, nothing in disguise."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from nioc_paper.load.text import is_there, trouble
from nioc_paper.load.yaml import number
from nioc_paper.load.yaml import read as read_yaml
from nioc_paper.model import Asset, Chart, Diagnostic, Place, Report, nearest

LIMIT = 15 * 2**20
"""Bytes of a picture."""
_MAGIC = {
    ".png": (b"\x89PNG\r\n\x1a\n", "image/png"),
    ".jpg": (b"\xff\xd8\xff", "image/jpeg"),
    ".jpeg": (b"\xff\xd8\xff", "image/jpeg"),
}
_SVG_REFUSED = {"script", "foreignobject", "image", "style", "use", "animate", "set", "a", "feimage", "iframe"}
_SVG_DEPTH = 100
_OTHER_ENCODING = re.compile(rb"""\s*<\?xml[^>]*encoding\s*=\s*["'](?!utf-8["'])""", re.IGNORECASE)
_LOCAL_URL = re.compile(r"\s*url\(#[\w-]+\)\s*")


def resolve(root: Path, chapter: str, target: str) -> tuple[str, str]:
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
            return path, trouble(root, path, LIMIT)
    return name, problem


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


def image(root: Path, chapter: str, target: str) -> Asset | str:
    """A picture that may be printed, or what is wrong with it."""
    path, problem = resolve(root, chapter, target)
    if problem:
        return problem
    data = (root / path).read_bytes()
    suffix = PurePosixPath(path).suffix.lower()
    if suffix == ".svg":
        return _svg_trouble(data) or Asset(path, "image/svg+xml", data)
    if suffix not in _MAGIC:
        return "is no PNG, JPEG or SVG"
    magic, mime = _MAGIC[suffix]
    if not data.startswith(magic):
        return f"is no {suffix.strip('.').upper()} inside, whatever its name says"
    return _raster_trouble(data) or Asset(path, mime, data)


def _raster_trouble(data: bytes) -> str:
    """What is wrong with a PNG or JPEG; Pillow refuses pictures that unpack to more than its limit."""
    import warnings

    from PIL import Image as Pillow  # late: most chapters have no picture

    with warnings.catch_warnings():
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
    except (ParseError, DefusedXmlException, ValueError, RecursionError) as error:
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
                or ("url(" in value and not _LOCAL_URL.fullmatch(value))
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


def chart(root: Path, chapter: str, id: str, code: str, place: Place, report: Report) -> Chart | None:
    """A Vega-Lite chart in YAML with its table of data read in."""
    data = read_yaml(code, chapter, report, typed=True, line=place.line)
    spec = data.value

    complaint = _chart_trouble(spec)
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    if not complaint:
        url = spec["data"]["url"]
        path, problem = resolve(root, chapter, url)
        if problem:
            complaint = f"the chart's data '{url}' {problem}", "put the CSV file under paper/data"
        else:
            columns, rows, problem = _table((root / path).read_bytes())
            hint = "save it as CSV in UTF-8: a line of column names, then lines with a value for each"
            complaint = (f"the chart's data '{url}' {problem}", hint) if problem else _column_trouble(spec, columns)
    if complaint:
        report(Diagnostic(place, "broken-chart", complaint[0], hint=complaint[1]))
        return None
    values = [dict(zip(columns, map(number, row), strict=True)) for row in rows]
    complete = {**spec, "data": {"values": values}}
    return Chart(id, complete, columns, rows, str(spec.get("description") or ""), place)


def _chart_trouble(spec: Any) -> tuple[str, str] | None:
    """What is wrong with a chart's text, and what to do."""
    if not isinstance(spec, dict):
        return "the chart is no list of keys and values", "write Vega-Lite in YAML: data, mark, encoding"
    if forbidden := _addresses({k: v for k, v in spec.items() if k != "data"}):
        return f"the chart names '{forbidden}' besides its data", "a chart reads one CSV file: data: {url: …}"
    data = spec.get("data")
    if not isinstance(data, dict) or set(data) != {"url"} or not isinstance(data["url"], str):
        return "the chart names no file of data", "write data: {url: paper/data/NAME.csv}"
    return None


def _column_trouble(spec: Mapping[str, Any], columns: Row) -> tuple[str, str] | None:
    """The first column that a chart asks for and its data do not have; a chart that computes may have made its own."""
    keys = list(_pairs(spec))
    if any(key in ("transform", "repeat") for key, _ in keys):
        return None
    # A dot, a bracket and a backslash have a meaning of their own in the name of a field.
    named = (str(v) for k, v in keys if k == "field" and isinstance(v, str) and re.fullmatch(r"[^.\[\\]+", v))
    missing = next((name for name in named if name not in columns), "")
    return (f"the chart's data have no column '{missing}'", nearest(missing, columns)) if missing else None


def _pairs(spec: Any) -> Iterator[tuple[str, Any]]:
    """Every key of a chart with its value, at any depth."""
    for child in spec.values() if isinstance(spec, dict) else spec if isinstance(spec, list) else ():
        yield from _pairs(child)
    yield from spec.items() if isinstance(spec, dict) else ()


_ADDRESSES = ("url", "href", "src", "usermeta")
"""Keys of a chart that read or link to something; the last holds what a browser's viewer is to load."""


def _addresses(spec: Any) -> str:
    """The first thing in a chart that would read or link to something."""
    if isinstance(spec, dict):
        for key, value in spec.items():
            if key in _ADDRESSES or (found := _addresses(value)):
                return f"{key}" if key in _ADDRESSES else found
    if isinstance(spec, list):
        return next((found for item in spec if (found := _addresses(item))), "")
    return ""


Row = tuple[str, ...]


def _table(data: bytes) -> tuple[Row, tuple[Row, ...], str]:
    """Columns and rows of a CSV file, and what is wrong with it."""
    try:
        lines = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        numbered = [(lines.line_num, tuple(row)) for row in lines if row]
    except UnicodeDecodeError:
        return (), (), "is not UTF-8"
    except csv.Error as error:
        return (), (), f"is no CSV in line {lines.line_num}: {error}"
    if len(numbered) < 2:
        return (), (), "has no rows"
    columns, rows = numbered[0][1], numbered[1:]
    if twice := next((name for name in columns if columns.count(name) > 1), None):
        return (), (), f"has two columns '{twice}'"
    for line, row in rows:
        if len(row) != len(columns):
            return (), (), f"has {len(row)} values in line {line} for {len(columns)} columns"
        if control := next((c for value in row for c in value if ord(c) < ord(" ")), None):
            return (), (), f"has the character U+{ord(control):04X} in line {line}"
    return columns, tuple(row for _, row in rows), ""
