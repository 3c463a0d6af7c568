"""Read pages that are XML as well as HTML with expat: tinyhtml5 reads each letter in Python, expat in C."""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import StringIO
from typing import Protocol, TextIO
from xml.etree.ElementTree import Element, ParseError, fromstring

from nioc_paper.render.pdf.worker.patches.state import PatchState

_DOCTYPE = "<!DOCTYPE html>"
_VOID = frozenset(("br", "col", "hr", "img", "link", "meta", "wbr"))
"""Elements without content and without an end tag."""
_INLINE = frozenset(
    (
        *("a", "abbr", "b", "bdi", "bdo", "br", "cite", "code", "data", "del", "dfn", "em", "i", "img", "ins", "kbd"),
        *("mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var", "wbr"),
    )
)
_FLOW = _INLINE | frozenset(
    (
        *("address", "article", "aside", "blockquote", "details", "div", "dl", "figcaption", "figure", "footer"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "nav", "ol", "p", "pre", "section", "summary"),
        *("table", "ul"),
    )
)
_CHILDREN: Mapping[str, frozenset[str]] = {
    "html": frozenset(("head", "body")),
    "head": frozenset(("link", "meta", "style", "title")),
    "table": frozenset(("caption", "colgroup", "tbody", "tfoot", "thead")),
    "colgroup": frozenset(("col",)),
    **dict.fromkeys(("tbody", "tfoot", "thead"), frozenset(("tr",))),
    "tr": frozenset(("td", "th")),
    **dict.fromkeys(("ol", "ul"), frozenset(("li",))),
    "dl": frozenset(("dd", "dt")),
    **dict.fromkeys(("style", "title", *_VOID), frozenset[str]()),
}
"""Children that HTML leaves where they are written, by their parent; `_FLOW` in others."""
_ENDED_BY: Mapping[str, frozenset[str]] = {
    "a": frozenset(("a",)),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6", "p"), _FLOW - _INLINE),
}
"""Elements whose beginning ends an element around them."""
_WITHOUT_WORDS = frozenset(("html", "head", "table", "colgroup", "tbody", "tfoot", "thead", "tr"))
"""Elements with no text but blanks: HTML moves other text elsewhere."""
_BLANKS = " \t\n\f\r"
_MARKUP = re.compile("[&<>]")
_ONLY_HTML = re.compile(
    # A comment, a section of characters or an instruction; an end tag of a void element; a number that is no
    # quotation mark; a line break or tab in a tag, which XML takes for a blank; a name space.
    rf"<[!?]|</(?:{'|'.join(_VOID)})\b|&#(?!3[49];)|<[^<>]*[\n\r\t][^<>]*>|xmlns|xml:"
)
"""Signs that HTML and XML read differently, or that only one of them reads."""


class _Parser(Protocol):
    def __call__(self, document: TextIO, namespace_html_elements: bool = True, **encodings: str) -> Element: ...


def wrap(original: _Parser, _: PatchState) -> _Parser:
    """Return the replacement of `tinyhtml5.parse`, which reads all pages that `parse_xml_page` cannot read."""

    def parse(document: TextIO, namespace_html_elements: bool = True, **encodings: str) -> Element:
        if not isinstance(document, StringIO) or namespace_html_elements:
            return original(document, namespace_html_elements, **encodings)
        root = parse_xml_page(document.getvalue())
        return original(document, namespace_html_elements, **encodings) if root is None else root

    return parse


def parse_xml_page(source: str) -> Element | None:
    """Return the tree that HTML gives a page; None if XML might give it another one."""
    if not source.startswith(_DOCTYPE) or _ONLY_HTML.search(body := source[len(_DOCTYPE) :]):
        return None
    try:
        root = fromstring(source)  # noqa: S314 - it declares no entities
    except (ParseError, UnicodeEncodeError):
        return None
    elements = [*root.iter()]
    void_count = sum(element.tag in _VOID for element in elements)
    end_count = len(elements) - void_count
    # As many end tags as elements need: none ends in '/>' that HTML would leave open. No '>' outside of tags: it would
    # hide a line break in a tag.
    if body.count("</") != end_count or body.count(">") != len(elements) + end_count:
        return None
    if root.tag != "html" or [child.tag for child in root] != ["head", "body"] or not _is_html_tree(root):
        return None
    _move_blanks(root, source[len(source.rstrip(_BLANKS)) :])
    return root


def _move_blanks(root: Element, after_root: str) -> None:
    """Leave out the blanks before the head, and add those after the body to it, as HTML does."""
    body = root[1]
    last, after_body = body[-1] if len(body) else None, (body.tail or "") + after_root
    root.text = body.tail = None
    if last is None:
        body.text = (body.text or "") + after_body
    else:
        last.tail = (last.tail or "") + after_body


def _is_html_tree(root: Element) -> bool:
    """Whether HTML leaves all elements and texts of a tree where they are written."""
    pending = [(root, frozenset[str]())]
    while pending:
        parent, ending = pending.pop()
        tag = parent.tag
        ending |= _ENDED_BY.get(tag, ending)
        texts = [parent.text or "", *(child.tail or "" for child in parent)]
        if not {child.tag for child in parent} <= _CHILDREN.get(tag, _FLOW) - ending:
            return False
        if tag in _WITHOUT_WORDS and any(text.strip(_BLANKS) for text in texts):
            return False
        if not all(map(str.islower, parent.attrib)):
            return False
        if (tag == "pre" and texts[0].startswith("\n")) or (tag == "style" and _MARKUP.search(texts[0])):
            return False
        pending += [(child, ending) for child in parent]
    return True
