from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

from weasyprint.text.fonts import FontConfiguration

class CSS:
    page_rules: list[object]
    layers: list[object]
    def __init__(self, **arguments: Any) -> None: ...

class StyleFor:
    initial_page_sizes: dict[str, object]
    _computed_styles: Mapping[tuple[Element, str | None], Style]
    def __call__(self, element: Element) -> Style | None: ...

class Style(dict[str, Any]):
    font_config: FontConfiguration
    parent_style: Style | None
    cascaded: dict[str, object]

class ComputedStyle(Style):
    def __missing__(self, key: str) -> object: ...
