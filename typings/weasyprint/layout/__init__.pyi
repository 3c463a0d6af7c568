from typing import Any

from weasyprint.css import StyleFor
from weasyprint.formatting_structure.boxes import Box

class LayoutContext:
    style_for: StyleFor
    footnotes: list[Box]
    reported_footnotes: list[Box]
    broken_out_of_flow: dict[Box, tuple[Box, Box, Box | None, object]]
    page_maker: list[tuple[Any, Any, bool, Any, dict[str, object]]]
