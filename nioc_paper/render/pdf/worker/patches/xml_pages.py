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
_NOTHING = frozenset[str]()
_CHILDREN: Mapping[str, frozenset[str]] = {
    "html": frozenset(("head", "body")),
    "head": frozenset(("link", "meta", "style", "title")),
    "table": frozenset(("caption", "colgroup", "tbody", "tfoot", "thead")),
    "colgroup": frozenset(("col",)),
    **dict.fromkeys(("tbody", "tfoot", "thead"), frozenset(("tr",))),
    "tr": frozenset(("td", "th")),
    **dict.fromkeys(("ol", "ul"), frozenset(("li",))),
    "dl": frozenset(("dd", "dt")),
    **dict.fromkeys(("style", "title"), _NOTHING),
}
"""Children that HTML leaves where they are written, by their parent; `_FLOW` in others."""
_ENDED_BY: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6", "p"), _FLOW - _INLINE),
    # A link ends one around it. Of the others HTML remembers three equal ones, and mistakes the end of a further one.
    **{tag: frozenset((tag,)) for tag in ("a", "b", "code", "em", "i", "s", "small", "strong", "u")},
}
"""Elements whose beginning ends, or might end, an element around them."""
_WITHOUT_TEXT = frozenset(("html", "head", "table", "colgroup", "tbody", "tfoot", "thead", "tr"))
"""Elements with no text but blanks: HTML moves other text elsewhere."""
_BLANKS = " \t\n"
_ONLY_HTML = re.compile(
    rf"""
      <[!?]                          # a comment, a section of characters, an instruction
    | </(?:{"|".join(_VOID)})\b      # an end tag of a void element
    | &\#(?!3[49];)                  # a number of a character, but for those of quotation marks
    | \r                             # HTML reads a line feed, XML not in every place
    | <[^<>\n\t]*[\n\t]             # a line feed or tab in a tag, which XML takes for a blank
    | <style[^<]*&                   # a reference in a style sheet, where HTML has none
    | xmlns | xml:                   # a name space
    """,
    re.VERBOSE,
)
"""Signs that HTML and XML read differently, or that only one of them reads."""


class _Parser(Protocol):
    def __call__(self, document: TextIO, namespace_html_elements: bool = True, **encodings: str) -> Element: ...


def wrap(original: _Parser, _: PatchState) -> _Parser:
    """Return the replacement of `tinyhtml5.parse`; the original reads the pages that `parse_xml_page` declines."""

    def parse(document: TextIO, namespace_html_elements: bool = True, **encodings: str) -> Element:
        root = None
        if isinstance(document, StringIO) and not namespace_html_elements:
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
    end_count = sum(element.tag not in _VOID for element in elements)
    # As many end tags as elements need: none ends in '/>' that HTML would leave open. No '>' outside of tags: it would
    # hide a line feed in a tag.
    if body.count("</") != end_count or body.count(">") != len(elements) + end_count:
        return None
    if [child.tag for child in root] != ["head", "body"] or not _is_html_tree(root):
        return None
    _move_blanks(root, source[len(source.rstrip()) :])
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
    pending = [(root, _NOTHING)]
    while pending:
        parent, ending = pending.pop()
        ending |= _ENDED_BY.get(parent.tag, _NOTHING)
        texts = [parent.text or "", *(child.tail or "" for child in parent)]
        if not {child.tag for child in parent} <= _CHILDREN.get(parent.tag, _FLOW) - ending:
            return False
        if parent.tag in _WITHOUT_TEXT and any(text.strip(_BLANKS) for text in texts):
            return False
        # HTML writes names of attributes in small letters, and drops a line feed at the beginning of `pre`.
        if not all(map(str.islower, parent.attrib)) or (parent.tag == "pre" and texts[0].startswith("\n")):
            return False
        pending += [(child, ending) for child in parent]
    return True
