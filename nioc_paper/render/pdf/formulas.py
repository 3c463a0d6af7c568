"""Formulas for print: MathML as spans, which WeasyPrint can set; it knows no MathML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING

from nioc_paper.model import Node
from nioc_paper.render.common.shared_passes import blocks_to_html

if TYPE_CHECKING:
    from lxml import etree

_MATH = re.compile(r"<math\b.*?</math>", re.DOTALL)
_SPACED = frozenset("=≠≈≡<>≤≥+−-±×÷∈∉⊂⊆→←↔⇒⇔∝∼≃∩∪∧∨")
"""Operators with a space on both sides, unless they begin an expression."""
_ACCENTS = {"¯": "\u0304", "‾": "\u0304", "^": "\u0302", "ˆ": "\u0302", "~": "\u0303", "˜": "\u0303", "˙": "\u0307"}
"""Signs above a letter, and the characters that put them there."""
_SPACE = "\u2004"
"""Third of an em."""


def print_html(blocks: Iterable[Node]) -> str:
    """Return blocks as HTML for print."""
    return _MATH.sub(lambda m: _formula(m[0]), blocks_to_html(blocks, "--mathml"))


def _formula(mathml: str) -> str:
    from lxml import etree  # late, 9 ms: few papers have formulas

    root = etree.fromstring(mathml, etree.XMLParser(resolve_entities=False, no_network=True))
    return _span("formula displayed" if root.get("display") == "block" else "formula", _content(root))


def _content(node: etree._Element) -> str:
    """Return the children of a node, one after the other; the first child of alternatives."""
    children = list(node.iterchildren("{*}*"))
    if _name(node) == "semantics":
        children = children[:1]
    return "".join(_set(child) for child in children)


def _set(node: etree._Element) -> str:
    return _SETTERS.get(_name(node), _content)(node)


def _name(node: etree._Element) -> str:
    return str(node.tag).rpartition("}")[2]


def _text(node: etree._Element) -> str:
    return escape("".join(str(text) for text in node.itertext()))


def _identifier(node: etree._Element) -> str:
    text = _text(node)
    return f"<i>{text}</i>" if len(text) == 1 and node.get("mathvariant") != "normal" else text


def _operator(node: etree._Element) -> str:
    text, is_first = _text(node).replace("-", "−"), node.getprevious() is None
    if text in ("\u2061", "\u2062", "\u2063"):  # invisible
        return ""
    is_spaced = text in _SPACED and not is_first and node.get("form") != "prefix"
    return f"{_SPACE}{text}{_SPACE}" if is_spaced else text


def _parts(node: etree._Element) -> list[str]:
    return [_set(child) for child in node.iterchildren("{*}*")]


def _span(name: str, *parts: str) -> str:
    return f'<span class="{name}">{"".join(parts)}</span>'


def _fraction(node: etree._Element) -> str:
    above, below = _parts(node)
    name = "stack" if node.get("linethickness", "").startswith("0") else "fraction"
    return _span(name, _span("line", above), _span("line below", below))


def _indexed_root(node: etree._Element) -> str:
    inner, index = _parts(node)
    return f"<sup>{index}</sup>√{_span('root', inner)}"


def _script(tags: str) -> Callable[[etree._Element], str]:
    """Return a setter of a base with scripts after it."""

    def set_script(node: etree._Element) -> str:
        base, *scripts = _parts(node)
        return base + "".join([f"<{tag}>{text}</{tag}>" for tag, text in zip(tags.split(), scripts, strict=True)])

    return set_script


def _make_stack_setter(names: str) -> Callable[[etree._Element], str]:
    """Return a setter of a base with small text above or below it."""

    def set_stack(node: etree._Element) -> str:
        base, *scripts = _parts(node)
        if accent := _ACCENTS.get(_text(node[-1])):
            return f"{base.removesuffix('</i>')}{accent}{'</i>' * base.endswith('</i>')}"
        by_name = dict(zip(names.split(), scripts, strict=True))
        above, below = (_span("line small", by_name[name]) if name in by_name else "" for name in ("over", "under"))
        return _span("stack", above, _span("line", base), below)

    return set_stack


def _table(node: etree._Element) -> str:
    rows = (_span("row", *(_span("cell", _content(cell)) for cell in row.iterchildren("{*}*"))) for row in node)
    return _span("matrix", *rows)


_SETTERS: Mapping[str, Callable[[etree._Element], str]] = {
    "mi": _identifier,
    "mn": _text,
    "mtext": _text,
    "ms": _text,
    "mo": _operator,
    "mspace": lambda _: _SPACE,
    "mfrac": _fraction,
    "msqrt": lambda node: f"√{_span('root', _content(node))}",
    "mroot": _indexed_root,
    "msub": _script("sub"),
    "msup": _script("sup"),
    "msubsup": _script("sub sup"),
    "munder": _make_stack_setter("under"),
    "mover": _make_stack_setter("over"),
    "munderover": _make_stack_setter("under over"),
    "mtable": _table,
    "annotation": lambda _: "",
}
"""Setters by element; any other element is its children."""
