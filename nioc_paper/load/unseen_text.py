"""Texts of a drawing that nobody can see: never drawn, outside of its view, or of no size, opacity or colour."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from fontTools.misc.arrayTools import calcBounds, sectRect  # type: ignore[import-untyped]
from fontTools.misc.transform import Transform  # type: ignore[import-untyped]

from nioc_paper.domain.style_sheets import declarations_of
from nioc_paper.model.late_pattern import late_pattern

if TYPE_CHECKING:
    from lxml import etree

_NUMBER = late_pattern(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)(%|[a-z]*)")
_TRANSFORM = late_pattern(r"(\w+)\s*\(([^()]*)\)")
_PAINT_SERVER = late_pattern(r"url\(\s*['\"]?#([^()'\"]+)['\"]?\s*\)\s*(.*)")
_TEXTS = ("text", "tspan", "textPath")
_DRAWN_BY_USE = ("symbol",)
_NEVER_DRAWN = ("defs", "marker", "pattern", "clipPath", "mask", "filter", "linearGradient", "radialGradient")
"""Elements whose content is drawn by `use` only, or by no element with words."""
_REFERENCES = ("{http://www.w3.org/1999/xlink}href", "href")
_INHERITED = (
    "fill",
    "fill-opacity",
    "stroke",
    "stroke-opacity",
    "stroke-width",
    "color",
    "visibility",
    "text-anchor",
    "letter-spacing",
)
_UNITS = {"pt": 4 / 3, "mm": 3.78, "cm": 37.8, "in": 96.0, "pc": 16.0}
_SIDES = {"middle": (-0.5, 0.5), "end": (-1.0, 0.0)}
"""Where a text begins and ends, in its lengths from its anchor."""
_MIN_SHARE = 0.001
"""Height of the smallest text that can be seen, in heights of the drawing, and the least opacity."""
_FAR = 1e12
_MAX_USES = 20

_Box = tuple[float, float, float, float]
"""Left, top, right and bottom."""


class _Look(NamedTuple):
    """Where and how the content of an element is drawn."""

    own: Mapping[str, str]
    """Properties and attributes of the element, with the inherited ones around it."""
    matrix: Any
    view: _Box
    """The part of the drawing that is seen."""
    size: float = 16.0
    """Font size."""
    opacity: float = 1.0
    points: tuple[Sequence[float], Sequence[float]] = ((0.0,), (0.0,))
    """Coordinates of the first letters."""
    uses: int = 0


def find_unseen_texts(root: etree._Element) -> list[tuple[etree._Element, str]]:
    """Return the text elements of a drawing that nobody can see, with their words; style sheets must be in elements."""
    by_id = {str(element.get("id")): element for element in root.iter() if element.get("id")}
    is_seen: dict[etree._Element, bool] = {}
    pending = [(root, _Look({}, Transform(), (-_FAR, -_FAR, _FAR, _FAR)))]
    while pending:
        element, around = pending.pop()
        name = _name(element)
        look = _look_of(element, around, is_root=element is root)
        if look.own.get("display") == "none" or (name in _NEVER_DRAWN and element is not root):
            continue
        words = _words(element)
        if words:
            is_seen[element] = is_seen.get(element, False) or (
                (name != "textPath" or _target(element) in by_id) and _is_seen(words, look, by_id)
            )
        if name == "use" and look.uses < _MAX_USES:
            target = by_id.get(_target(element))
            pending += [(target, look._replace(uses=look.uses + 1))] if target is not None else []
        elif not words or is_seen[element]:
            children = [child for child in element if isinstance(child.tag, str) and _name(child) not in _DRAWN_BY_USE]
            pending += [(child, look) for child in (children[:1] if name == "switch" else children)]
    texts = ((element, _words(element)) for element in root.iter() if isinstance(element.tag, str))
    hidden = [(text, words) for text, words in texts if words and not is_seen.get(text)]
    elements = {text for text, _ in hidden}
    return [(text, words) for text, words in hidden if elements.isdisjoint(text.iterancestors())]


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _target(element: etree._Element) -> str:
    """Return the id of the element to which another refers."""
    return next((str(element.get(name))[1:] for name in _REFERENCES if element.get(name)), "")


def _words(element: etree._Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split()) if _name(element) in _TEXTS else ""


def _look_of(element: etree._Element, around: _Look, *, is_root: bool) -> _Look:
    """Return how an element is drawn by its own properties and those of the elements around it."""
    own = {str(key): str(value).strip() for key, value in element.attrib.items()}
    own |= declarations_of(own.get("style", ""))
    inherited = {key: value for key, value in around.own.items() if key in _INHERITED}
    size = next(iter(_lengths(own.get("font-size") or own.get("font", ""), around.size, around.size)), around.size)
    matrix, view, name = around.matrix, around.view, _name(element)
    for function, arguments in _TRANSFORM.findall(own.get("transform", "")):
        matrix = _apply_transform(matrix, function, [number for number, _ in _numbers(arguments)])
    spans = {"x": view[2] - view[0], "y": view[3] - view[1]}
    xs, ys = (list(_lengths(own.get(key, ""), size, span)) for key, span in spans.items())
    if name in ("svg", "symbol", "use"):
        matrix = matrix.translate(*(numbers[0] if numbers and not is_root else 0 for numbers in (xs, ys)))
        matrix, view = (matrix, view) if name == "use" else _look_into(own, matrix, view, is_root=is_root)
    elif name in _TEXTS:
        dxs, dys = (list(_lengths(own.get(key, ""), size, 0)) or [0.0] for key in ("dx", "dy"))
        lift = next(_lengths(own.get("baseline-shift", ""), size, size), 0.0)
        xs = [x + dx for x in xs or around.points[0] for dx in dxs]
        ys = [y + dy - lift for y in ys or around.points[1] for dy in dys]
    clip = own.get("clip-path", "none")
    if not (clip == "none" or ((use := _PAINT_SERVER.match(clip)) and _has_parts(element, use[1]))):
        view = (0.0, 0.0, 0.0, 0.0)
    opacity = around.opacity * _share(own.get("opacity", "1"))
    return _Look(inherited | own, matrix, view, size, opacity, (xs or (0.0,), ys or (0.0,)), around.uses)


def _look_into(own: Mapping[str, str], matrix: Any, view: _Box, *, is_root: bool) -> tuple[Any, _Box]:
    """Return the coordinates and the seen part in a viewport: all of a drawing, or one in it."""
    sizes = [next(_lengths(own.get(key, ""), 16, span), None) for key, span in (("width", 100.0), ("height", 100.0))]
    numbers = [number for number, _ in _numbers(own.get("viewBox", ""))]
    box = numbers if len(numbers) == 4 else [0.0, 0.0, *(s for s in sizes if s is not None)]
    if len(box) != 4:
        return matrix, view
    if not is_root and None not in sizes and len(numbers) == 4:
        scale = min(size / (side or 1) for size, side in zip(sizes, numbers[2:], strict=True))  # type: ignore[operator]
        matrix = matrix.scale(scale).translate(-box[0], -box[1])
    return matrix, sectRect(view, _around(matrix, (box[0], box[1], box[0] + box[2], box[1] + box[3])))[1]


def _has_parts(element: etree._Element, clip: str) -> bool:
    """Return whether a clip path leaves something: one that is not there clips nothing."""
    paths = [part for part in element.getroottree().iter() if part.get("id") == clip]
    return not paths or any(isinstance(part.tag, str) for path in paths for part in path)


def _around(matrix: Any, box: _Box) -> _Box:
    """Return the box around a transformed one."""
    left, top, right, bottom = box
    bounds: _Box = calcBounds(matrix.transformPoints([(left, top), (left, bottom), (right, top), (right, bottom)]))
    return bounds


def _numbers(text: str) -> Iterator[tuple[float, str]]:
    return ((float(number), unit) for number, unit in _NUMBER.findall(text.lower()))


def _lengths(text: str, size: float, span: float) -> Iterator[float]:
    """Yield the lengths in a text; `size` is that of the font, `span` that of which a length can be a share."""
    for number, unit in _numbers(text):
        span = min(span, _FAR)
        yield number * (span / 100 if unit == "%" else size if unit in ("em", "ex", "rem") else _UNITS.get(unit, 1.0))


def _share(text: str) -> float:
    """Return an opacity; 1 for one that cannot be read."""
    return next((number / 100 if unit == "%" else number for number, unit in _numbers(text)), 1.0)


def _apply_transform(matrix: Any, function: str, numbers: list[float]) -> Any:
    """Return a matrix with a transformation; one that is not known moves nothing."""
    name, axis = (function[:-1], function[-1]) if function[-1] in "XY" else (function, "")
    if not numbers:
        return matrix
    if name == "matrix" and len(numbers) == 6:
        return matrix.transform(numbers)
    if name in ("translate", "scale", "skew"):
        rest = 1.0 if name == "scale" else 0.0
        pair = {"X": (numbers[0], rest), "Y": (rest, numbers[0])}.get(axis, tuple(numbers[:2]))
        return getattr(matrix, name)(*(map(math.radians, pair) if name == "skew" else pair))
    if name == "rotate":
        x, y = numbers[1:3] if len(numbers) == 3 else (0.0, 0.0)
        return matrix.translate(x, y).rotate(math.radians(numbers[0])).translate(-x, -y)
    return matrix


def _paint_opacity(paint: str, look: _Look, by_id: Mapping[str, etree._Element]) -> float:
    """Return the opacity of a colour, or of the parts of a gradient; 0 for none."""
    from tinycss2.color4 import parse_color  # type: ignore[import-untyped]

    if paint.lower() == "currentcolor":
        paint = look.own.get("color", "black")
    if use := _PAINT_SERVER.match(paint):
        server = by_id.get(use[1])
        if server is None:
            return _paint_opacity(use[2] or "none", look, by_id)
        stops = [{**stop.attrib, **declarations_of(str(stop.get("style", "")))} for stop in server.iter("{*}stop")]
        return max((_share(str(stop.get("stop-opacity", "1"))) for stop in stops), default=1.0)
    colour = parse_color(paint[:200])
    return 0.0 if paint == "none" else float(getattr(colour, "alpha", 1.0))


def _is_seen(words: str, look: _Look, by_id: Mapping[str, etree._Element]) -> bool:
    """Return whether somebody can see a text: its length is estimated, and never too short."""
    own, matrix = look.own, look.matrix
    fill = _paint_opacity(own.get("fill", "black"), look, by_id) * _share(own.get("fill-opacity", "1"))
    width = next(_lengths(own.get("stroke-width", "1"), look.size, 1), 1.0)
    stroke = _paint_opacity(own.get("stroke", "none"), look, by_id) * _share(own.get("stroke-opacity", "1"))
    spread = next(_lengths(own.get("letter-spacing", ""), look.size, look.size), 0.0)
    length = next(_lengths(own.get("textLength", ""), look.size, 0), look.size * len(words))
    height = look.size * math.sqrt(abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]))
    share = _MIN_SHARE * min(look.view[3] - look.view[1], 1000)
    if (
        own.get("visibility") in ("hidden", "collapse")
        or look.opacity * max(fill, stroke if width > 0 else 0) < _MIN_SHARE
        or height < share
        or length < share
        or spread < -look.size / 2
    ):
        return False
    is_from_right = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in words)
    sides = (-1.0, 1.0) if is_from_right else _SIDES.get(own.get("text-anchor", ""), (0.0, 1.0))
    left, right = (side * length for side in sides)
    top, bottom = -look.size, look.size / 2
    boxes = ((x + left, y + top, x + right, y + bottom) for x in look.points[0] for y in look.points[1])
    return all(sectRect(_around(matrix, box), look.view)[0] for box in boxes)
