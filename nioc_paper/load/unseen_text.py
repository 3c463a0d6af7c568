"""Texts of a drawing that nobody can see: outside of its view, or of no size, opacity or colour."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nioc_paper.model.late_pattern import late_pattern

if TYPE_CHECKING:
    from lxml import etree

_NUMBER = late_pattern(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?")
_TRANSFORM = late_pattern(r"(\w+)\s*\(([^()]*)\)")
_DECLARATION = late_pattern(r"([\w-]+)\s*:\s*([^;]+)")
_TEXTS = ("text", "tspan", "textPath")
_PLACED_ELSEWHERE = ("defs", "symbol", "marker", "pattern", "clipPath", "mask", "svg", "textPath")
"""Elements whose content is drawn at another place, or in coordinates of its own."""
_SIDES = {"middle": (-0.5, 0.5), "end": (-1.0, 0.0)}
"""Where a text begins and ends, in its lengths from its anchor."""
_MIN_SHARE = 0.001
"""Height of the smallest text that can be seen, in heights of the drawing, and the least opacity."""


def find_unseen_texts(root: etree._Element) -> list[tuple[etree._Element, str]]:
    """Return the text elements of a drawing that nobody can see, with their words; style sheets must be in elements."""
    from fontTools.misc.transform import Transform  # type: ignore[import-untyped] # late: few drawings are new

    unseen: list[tuple[etree._Element, str]] = []
    width, height = (_numbers(root.get(name, "")) for name in ("width", "height"))
    box = _numbers(root.get("viewBox", "")) or [0.0, 0.0, *width, *height]
    usual = {"font-size": 16.0, "opacity": 1.0, "x": 0.0, "y": 0.0, "is-placed": len(box) == 4}
    pending: list[tuple[etree._Element, Mapping[str, Any], Any]] = [(root, usual, Transform())]
    while pending:
        element, around, matrix = pending.pop()
        name = str(element.tag).rpartition("}")[2]
        look = _look_of(element, around)
        look["is-placed"] = around["is-placed"] and (element is root or name not in _PLACED_ELSEWHERE)
        for function, arguments in _TRANSFORM.findall(look.pop("transform", "")):
            matrix = _apply_transform(matrix, function, _numbers(arguments))
        words = " ".join("".join(map(str, element.itertext())).split()) if name in _TEXTS else ""
        if words and _is_unseen(words, look, matrix, box):
            unseen.append((element, words))
        else:
            pending += ((child, look, matrix) for child in reversed(element))
    return unseen


def _look_of(element: etree._Element, around: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties of an element with those that it has from the elements around it."""
    own = {str(key): str(value) for key, value in element.attrib.items()}
    own |= {key: value.strip() for key, value in _DECLARATION.findall(own.get("style", ""))}
    number = {key: numbers[0] for key, value in own.items() if (numbers := _numbers(value))}
    size = number.get("font-size", number.get("font", around["font-size"]))
    if own.get("font-size", "").endswith(("%", "em")):
        size *= around["font-size"] / (100 if own["font-size"].endswith("%") else 1)
    return {
        **{key: value for key, value in around.items() if isinstance(value, str)},
        **own,
        "font-size": size,
        "opacity": around["opacity"] * number.get("opacity", 1) * number.get("fill-opacity", 1),
        "x": number.get("x", around["x"]) + number.get("dx", 0),
        "y": number.get("y", around["y"]) + number.get("dy", 0),
    }


def _numbers(text: str) -> list[float]:
    return [float(number) for number in _NUMBER.findall(text)]


def _apply_transform(matrix: Any, function: str, numbers: list[float]) -> Any:
    """Return a matrix with a transformation; one that is not known moves nothing."""
    if function == "matrix" and len(numbers) == 6:
        return matrix.transform(numbers)
    if function in ("translate", "scale") and numbers:
        return getattr(matrix, function)(*numbers[:2])
    if function == "rotate" and numbers:
        x, y = numbers[1:3] if len(numbers) == 3 else (0.0, 0.0)
        return matrix.translate(x, y).rotate(math.radians(numbers[0])).translate(-x, -y)
    return matrix


def _is_unseen(words: str, look: Mapping[str, Any], matrix: Any, box: list[float]) -> bool:
    """Return whether nobody can see a text: its length is estimated, and never too short."""
    colours = {look.get("fill", "black"), look.get("stroke", "none")}
    is_hidden = look.get("visibility") in ("hidden", "collapse") or colours <= {"none", "transparent"}
    height = look["font-size"] * math.sqrt(abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]))
    if is_hidden or look["opacity"] < _MIN_SHARE or height < _MIN_SHARE * (box[3] if len(box) == 4 else 1):
        return True
    is_from_right = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in words)
    sides = (-1.0, 1.0) if is_from_right else _SIDES.get(look.get("text-anchor", ""), (0.0, 1.0))
    length = look["font-size"] * len(words)
    corners = [(look["x"] + side * length, look["y"] + up * look["font-size"]) for side in sides for up in (-1, 0.5)]
    xs, ys = zip(*matrix.transformPoints(corners), strict=True)
    return bool(
        look["is-placed"]
        and (max(xs) < box[0] or min(xs) > box[0] + box[2] or max(ys) < box[1] or min(ys) > box[1] + box[3])
    )
