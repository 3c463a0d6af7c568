"""Style sheets of a drawing, put into the style attributes of its elements: not every engine reads them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import etree

_STYLE_TAGS = frozenset(("style", "{http://www.w3.org/2000/svg}style"))


def inline_styles(root: etree._Element) -> None:
    """Move the rules of all style sheets into the elements. At-rules, such as fonts to load, are dropped."""
    sheets = [element for element in root.iter() if element.tag in _STYLE_TAGS]
    if not sheets:
        return
    import cssselect2  # type: ignore[import-untyped] # late: few drawings have a style sheet

    matcher = cssselect2.Matcher()
    for selector, declarations in _read_rules("\n".join(sheet.text or "" for sheet in sheets)):
        matcher.add_selector(selector, declarations)
    for wrapped in cssselect2.ElementWrapper.from_xml_root(root).iter_subtree():
        matches = sorted(matcher.match(wrapped), key=lambda match: match[:2])  # specificity, order
        texts = [text for *_, text in matches] + [wrapped.etree_element.get("style", "")]
        if matches:
            wrapped.etree_element.set("style", ";".join(filter(None, texts)))
    for sheet in sheets:
        if (parent := sheet.getparent()) is not None:
            parent.remove(sheet)


def _read_rules(sheet: str) -> Iterator[tuple[object, str]]:
    """Yield each selector that can be read, with its declarations."""
    import cssselect2
    import tinycss2  # type: ignore[import-untyped] # it ships no types, like WeasyPrint that brings both

    for rule in tinycss2.parse_stylesheet(sheet, True, True):
        if rule.type == "qualified-rule":
            with suppress(cssselect2.SelectorError):
                declarations = tinycss2.serialize(rule.content).strip().strip(";")
                yield from ((selector, declarations) for selector in cssselect2.compile_selector_list(rule.prelude))
