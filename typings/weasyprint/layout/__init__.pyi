from weasyprint.formatting_structure.boxes import Box

class LayoutContext:
    footnotes: list[Box]
    reported_footnotes: list[Box]
    broken_out_of_flow: dict[Box, tuple[Box, Box, Box | None, object]]
    page_maker: list[tuple[object, object, bool, object, dict[str, object]]]
