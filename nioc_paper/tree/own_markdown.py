"""Forms of our Markdown that pandoc's reader leaves as they are: `<br>` in table cells, `$$…$$ {#eq-…}`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from nioc_paper.model import AUDIENCES, Node
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.tree.key_numbers import KEY_NUMBER
from nioc_paper.tree.nodes import LANGUAGE_ATTRIBUTES, attributes, classes, content, form, rewrite, with_content
from nioc_paper.tree.strategy_items import ITEM_PREFIXES
from nioc_paper.tree.suggestions import REMARK_TARGET, SUGGESTION_KINDS

WRITTEN_BREAK: Node = {"t": "LineBreak", "written": True}
"""Line break that an author has written as such: signs after it begin no list."""
EQUATION = "equation"
"""Class of the span around a display formula with an id."""
_EQUATION_ID = late_pattern(r"\{#(eq-[\w-]+)\}(.*)", re.DOTALL)
_LINE_BREAK = late_pattern(r"<br\s*/?>", re.IGNORECASE)


def read_own_forms(blocks: Sequence[Node], text: str) -> Sequence[Node]:
    """Return the blocks of a text with the forms that pandoc has left as they are written."""
    if _LINE_BREAK.search(text):
        blocks = rewrite(_with_line_breaks, blocks)
    if "{#eq-" in text:
        blocks = rewrite(_with_equations, blocks)
    return blocks


def is_equation(node: Node) -> bool:
    """Return whether a node is a display formula with an id."""
    return node["t"] == "Span" and EQUATION in classes(node)


def is_line_break(node: Node) -> bool:
    """Return whether a node is the HTML of a line break."""
    return node["t"] == "RawInline" and _LINE_BREAK.fullmatch(node["c"][1].strip()) is not None


def _with_line_breaks(node: Node) -> Node:
    """Return a table whose cells have line breaks; any other node as it is."""
    if node["t"] != "Table":
        return node
    broken: Node = rewrite(lambda inner: WRITTEN_BREAK if is_line_break(inner) else inner, node)
    return broken


def _with_equations(node: Node) -> Node:
    """Return a paragraph or span whose display formulas have their ids; any other node as it is."""
    return with_content(node, _label_formulas(content(node))) if node["t"] in ("Para", "Plain", "Span") else node


def _label_formulas(inlines: Sequence[Node]) -> list[Node]:
    """Return inlines with a span around each display formula that has an id after it."""
    out: list[Node] = []
    for node in inlines:
        label = _EQUATION_ID.fullmatch(node["c"]) if node["t"] == "Str" else None
        blank = bool(out) and out[-1]["t"] in ("Space", "SoftBreak")
        formula = out[-1 - blank] if len(out) > blank else None
        if label and formula and formula["t"] == "Math" and form(formula) == "DisplayMath":
            del out[-1 - blank :]
            place = {"pos": formula["pos"]} if "pos" in formula else {}
            out.append({"t": "Span", "c": [[label[1], [EQUATION], []], [formula]], **place})
            out += [{**node, "c": label[2]}] * bool(label[2])
        else:
            out.append(node)
    return out


# --- callouts ---------------------------------------------------------------------------------------------------------


CALLOUT_CLASSES = ("note", "tip", "warning", "box")
"""Classes of callouts. All but a box have a title of their own if the author gives none."""
CALLOUTS_OF_OTHERS: Mapping[str, str] = {"caution": "warning", "danger": "warning", "important": "note"}
"""Our callouts by the classes of other tools."""


def callout_class(node: Node) -> str:
    """Return the class of a callout; empty for any other node."""
    return next((c for c in classes(node) if c in CALLOUT_CLASSES), "") if node["t"] == "Div" else ""


def callout_title(node: Node) -> str:
    """Return the title that the author gives a callout; empty if there is none."""
    return attributes(node).get("title", "").strip() if callout_class(node) else ""


# --- classes and attributes that authors may write --------------------------------------------------------------------


class Element(NamedTuple):
    """Kind of element."""

    name: str
    attributes_by_class: Mapping[str, Sequence[str]] = {}
    """Attributes of each class; those that need no class are under the empty one."""
    read_classes: Sequence[str] = ()
    """Classes that reading gives: no author needs them."""


_MARKS = dict.fromkeys(AUDIENCES[1:], ())
_FLOATS = {"figure": ("width",), "table": (), "generated": ("list", "width", "title"), "landscape": ()}
_BLOCKS = dict.fromkeys(ITEM_PREFIXES, ()) | dict.fromkeys(CALLOUT_CLASSES, ("title",)) | _FLOATS | _MARKS
ELEMENTS: Mapping[str, Element] = {
    "Div": Element("a block", _BLOCKS | {"linkage": ("to",), "pullquote": ("by",)}),
    "Span": Element("a passage", {KEY_NUMBER: (), **_MARKS}, (*SUGGESTION_KINDS, REMARK_TARGET)),
    "Header": Element("a heading", {"unnumbered": (), "unlisted": ()}),
    "Link": Element("a link", {}, ("uri", "email")),
    "Image": Element("a picture", {"": ("alt", "width", "height")}),
    "Figure": Element("a figure"),
    "Table": Element("a table"),
    "Code": Element("code"),
    "CodeBlock": Element("a block of code", {"chart": (), "table": ()}),
}
"""Elements by type of node: all types that can have attributes."""
_KNOWN_CLASSES = frozenset(chain.from_iterable(element.attributes_by_class for element in ELEMENTS.values()))


def unknown_classes(node: Node) -> list[str]:
    """Return the classes of a node that its element does not have. The first one of code may be any language."""
    element, names = ELEMENTS[node["t"]], classes(node)
    if node["t"] in ("Code", "CodeBlock") and not _KNOWN_CLASSES.intersection(names[:1]):
        del names[:1]
    if is_equation(node) and [inner["t"] for inner in node["c"][1]] == ["Math"]:
        names.remove(EQUATION)
    return [name for name in names if name not in element.attributes_by_class and name not in element.read_classes]


def known_attributes(node: Node) -> list[str]:
    """Return the attributes that a node of these classes may have."""
    by_class = ELEMENTS[node["t"]].attributes_by_class
    return [*LANGUAGE_ATTRIBUTES, *chain.from_iterable(by_class.get(name, ()) for name in ("", *classes(node)))]
