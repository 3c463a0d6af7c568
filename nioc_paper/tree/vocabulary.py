"""Classes and attributes that authors may write: a closed vocabulary, by kind of element."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from nioc_paper.model import AUDIENCES, Node
from nioc_paper.tree.callouts import CALLOUT_CLASSES
from nioc_paper.tree.items import ITEM_PREFIXES
from nioc_paper.tree.key_numbers import KEY_NUMBER
from nioc_paper.tree.nodes import LANGUAGE_ATTRIBUTES, classes
from nioc_paper.tree.own_forms import EQUATION, is_equation
from nioc_paper.tree.suggestions import REMARK_TARGET, SUGGESTION_KINDS


class Element(NamedTuple):
    """Kind of element."""

    name: str
    attributes_by_class: Mapping[str, Sequence[str]] = {}
    """Attributes of each class; those that need no class are under the empty one."""
    read_classes: Sequence[str] = ()
    """Classes that reading gives: no author needs them."""


_MARKS = dict.fromkeys(AUDIENCES[1:], ())
_FLOATS = {"figure": ("width",), "table": (), "generated": ("list", "width"), "landscape": ()}
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
