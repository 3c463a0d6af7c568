"""Words of a drawing that nobody can see: without them its picture is the same, pixel by pixel.

Each half of a text is looked for, so that one letter in sight hides no others. All letters are drawn as an `n` of a
font that the engine brings: neither a machine's fonts nor long words of a narrow one decide what is in sight.
"""

from __future__ import annotations

import io
import itertools
import json
import math
import re
from collections.abc import Collection, Iterator, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING

from nioc_paper.domain.style_sheets import declarations_of
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.system import drawing

if TYPE_CHECKING:
    from lxml import etree
    from PIL.Image import Image

_NUMBER = late_pattern(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?")
_LENGTH = late_pattern(rf"({_NUMBER.pattern})(px|pt|mm|cm|in|pc|)")
_UNITS = {"pt": 4 / 3, "mm": 3.78, "cm": 37.8, "in": 96.0, "pc": 16.0}
_TRANSFORM = late_pattern(rf"(?:\s*[a-z]+\((?:{_NUMBER.pattern}[\s,]*)*\))*", re.IGNORECASE)
_ALONG_ONE_AXIS = {
    r"(translate)x\((.*?)\)": r"\1(\2 0)",
    r"(translate)y\((.*?)\)": r"\1(0 \2)",
    r"(scale)x\((.*?)\)": r"\1(\2 1)",
    r"(scale)y\((.*?)\)": r"\1(1 \2)",
    r"(?<=\d)(px|deg)": "",
}
"""Transformations of style sheets, as the engine knows them."""
_NAMESPACE = "{http://www.w3.org/2000/svg}"
_TEXTS = ("text", "tspan", "textPath")
_SIDE = 200
"""Pixels of the longer side of the picture: with 400 a drawing takes three times as long."""
_LEAST_CHANGE = 3
"""Change of a pixel, of 255, that can be seen."""
_SEEN = "font-family:Liberation Sans"


def find_unseen_texts(root: etree._Element) -> list[tuple[etree._Element, str]]:
    """Return the texts and tails of elements that nobody can see, by their names; style sheets must be in elements.

    Raises ValueError for one that cannot be drawn.
    """
    runs, copy = list(_text_runs(root)), deepcopy(root)
    copied_runs = list(_text_runs(copy))
    for element in copy.iter("*"):
        if root.tag == "svg":  # one without a namespace, as some programs write it
            element.tag = f"{_NAMESPACE}{element.tag}"
        _simplify_look(element, is_root=element is copy)
    # The size of the picture, and white paper.
    numbers = [float(number) for number in _NUMBER.findall(copy.get("viewBox", ""))]
    if len(numbers) != 4:
        numbers = [0.0, 0.0, _length(copy.get("width", "")), _length(copy.get("height", ""))]
    copy.set("viewBox", " ".join(map(str, numbers)))
    for key, side in zip(("width", "height"), numbers[2:], strict=True):
        copy.set(key, str(max(1, _SIDE * side / max(*numbers[2:], 0.001))))
    paper = {"x": str(numbers[0]), "y": str(numbers[1]), "width": "100%", "height": "100%", "fill": "white"}
    copy.insert(0, copy.makeelement(f"{copy.tag[: -len('svg')]}rect", paper))
    halves = [half for run in copied_runs for half in _split_in_halves(*run)]
    unseen = _Comparison(copy, halves).find_unseen() if halves else ()
    return [run for number, run in enumerate(runs) if {2 * number, 2 * number + 1} & {*unseen}]


def _text_runs(root: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """Yield the letters without another element between them: an element, and "text" or "tail"."""
    for element in root.iter("*"):
        for owner, name in ((element, "text"), (element.getparent(), "tail")):
            if owner is not None and _kind(owner) in _TEXTS and str(getattr(element, name) or "").strip():
                yield element, name


def _kind(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _split_in_halves(element: etree._Element, name: str) -> list[etree._Element]:
    """Put two elements in the place of a run, and return them."""
    letters = "".join(" " if letter.isspace() else "n" for letter in getattr(element, name))
    middle = letters.index("n") + (len(letters.strip()) + 1) // 2
    setattr(element, name, None)
    parent = element.getparent()
    owner, place = (element, 0) if name == "text" or parent is None else (parent, parent.index(element) + 1)
    halves = []
    for text in (letters[middle:], letters[:middle]):
        halves.append(half := owner.makeelement(f"{owner.tag[: -len(_kind(owner))]}tspan"))
        half.text = text
        owner.insert(place, half)
    return halves


# --- look of elements in the forms of the engine ----------------------------------------------------------------------


def _simplify_look(element: etree._Element, *, is_root: bool) -> None:
    """Write the look of an element as the engine knows it; what hides words in any program hides them."""
    style = declarations_of(str(element.get("style", "")))
    look = {str(key): str(value) for key, value in element.attrib.items()} | style
    for key in ("fill", "stroke", "color", "stop-color"):
        if "(" in look.get(key, "") and not look[key].startswith("url("):
            style[key] = _plain_colour(look[key])
    if transform := style.get("transform"):
        for pattern, form in _ALONG_ONE_AXIS.items():
            transform = re.sub(pattern, form, transform, flags=re.IGNORECASE)
        style["transform"] = transform if _TRANSFORM.fullmatch(transform) else "scale(0)"
    sizes = ("textLength",) if is_root or _kind(element) != "svg" else ("width", "height")
    if any(_length(look.get(key, "")) < 1 for key in sizes):
        style["display"] = "none"
    if _kind(element) in _TEXTS[1:]:  # some programs know these for a whole text only
        style |= {f"{paint}-opacity": look["opacity"] for paint in ("fill", "stroke") if "opacity" in look}
        if {"transform", "clip-path"} & look.keys() or "none" in (look.get("display"), style.get("display")):
            style["visibility"] = "hidden"
    for key in ("filter", "mask"):
        element.attrib.pop(key, "")
        style.pop(key, "")
    element.set("style", ";".join(f"{key}:{value}" for key, value in style.items()))


def _plain_colour(text: str) -> str:
    """Return a colour as the engine knows it; none for one that nobody can tell."""
    from tinycss2.color4 import parse_color  # type: ignore[import-untyped]

    if (colour := parse_color(text[:200])) is None:
        return "none"
    parts = ", ".join(f"{part * 255:.0f}" for part in colour.to("srgb").coordinates)
    return f"rgba({parts}, {colour.alpha})"


def _length(text: str) -> float:
    """Return a length in pixels; a share or a text that is no length is large."""
    match = _LENGTH.fullmatch(text.strip().lower())
    return float(match[1]) * _UNITS.get(match[2], 1.0) if match else 1000.0


# --- pictures with and without some halves of texts -------------------------------------------------------------------


class _Comparison:
    def __init__(self, root: etree._Element, halves: Sequence[etree._Element]) -> None:
        self.root, self.halves = root, halves
        self.whole = self.draw(())

    def draw(self, hidden: Collection[int]) -> Image:
        from lxml import etree
        from PIL import Image

        for number, half in enumerate(self.halves):
            half.set("style", f"{_SEEN};fill:none;stroke:none" if number in hidden else _SEEN)
        request = json.dumps(("svg_to_png", [etree.tostring(self.root, encoding="unicode")], {"scale": 1}))
        return Image.open(io.BytesIO(drawing.call_engine(request))).convert("RGB")

    def changes(self, hidden: Collection[int]) -> bytes:
        """Return 1 for each pixel that changes if some halves are hidden, and 0 for any other."""
        from PIL import ImageChops

        difference = ImageChops.difference(self.whole, self.draw(hidden)).convert("L")
        return difference.point([value >= _LEAST_CHANGE for value in range(256)]).tobytes()

    def find_unseen(self) -> set[int]:
        """Return the numbers of the halves without which the picture is the same.

        Each half has a code: pictures in which it is hidden, as many for each half. The pictures in which a pixel
        changes spell the code of its half; those of a pixel with two halves are more or fewer, and spell none.
        """
        count = next(n for n in itertools.count(1) if math.comb(n, n // 2) >= len(self.halves))
        codes = [*itertools.islice(itertools.combinations(range(count), count // 2), len(self.halves))]
        hidden = [[half for half, code in enumerate(codes) if picture in code] for picture in range(count)]
        spelled = set(zip(*map(self.changes, hidden), strict=True))
        rows = (tuple(picture in code for picture in range(count)) for code in codes)
        return self.add_unseen(set(), [half for half, row in enumerate(rows) if row not in spelled])

    def add_unseen(self, unseen: set[int], group: Sequence[int]) -> set[int]:
        """Return what is unseen with those of a group that can be hidden too: of two equal texts in one place, one."""
        if not group or not any(self.changes({*unseen, *group})):
            return {*unseen, *group}
        middle = len(group) // 2
        return self.add_unseen(self.add_unseen(unseen, group[:middle]), group[middle:]) if middle else unseen
