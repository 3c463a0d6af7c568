from typing import Any

from weasyprint.text.fonts import FontConfiguration

class CSS:
    page_rules: list[object]
    layers: list[object]
    def __init__(self, **arguments: Any) -> None: ...

class Style(dict[str, object]):
    font_config: FontConfiguration
    parent_style: Style | None
    cascaded: dict[str, object]
