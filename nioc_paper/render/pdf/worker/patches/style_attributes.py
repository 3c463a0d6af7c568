"""Share the declarations of equal `style` attributes, so that cells of a table share a style."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from nioc_paper.render.pdf.worker.patches.state import PatchState

if TYPE_CHECKING:
    _Rule = tuple[tuple[int, int, int], Element, object, str | None]
    _Finder = Callable[[Element, bool, str | None], Iterator[_Rule]]

_STYLE_ATTRIBUTE = (1, 0, 0)
"""Specificity of the declarations in a `style` attribute."""


def wrap(original: _Finder, _: PatchState) -> _Finder:
    """Return the replacement of `find_style_attributes`.

    WeasyPrint compares the last declarations of an element by identity. Those of its id or language come after these,
    and are its own.
    """

    def find_declarations(
        tree: Element, presentational_hints: bool = False, base_url: str | None = None
    ) -> Iterator[_Rule]:
        shared: dict[str, object] = {}
        for specificity, element, declarations, url in original(tree, presentational_hints, base_url):
            is_attribute = specificity == _STYLE_ATTRIBUTE
            key = element.get("style", "")
            yield specificity, element, shared.setdefault(key, declarations) if is_attribute else declarations, url

    return find_declarations
