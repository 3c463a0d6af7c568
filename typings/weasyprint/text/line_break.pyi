from collections.abc import Mapping

from weasyprint.css import Style
from weasyprint.text.ffi import Pointer
from weasyprint.text.ffi import ffi as ffi
from weasyprint.text.ffi import gobject as gobject
from weasyprint.text.ffi import pango as pango

PANGO_DIRECTION: Mapping[object, int]

class Layout:
    style: Style
    layout: Pointer
    language: Pointer
    first_line_direction: int
    ascent: float | None
    underline_position: float | None
    strikethrough_position: float | None
    def setup(self, style: Style) -> None: ...

def unicode_to_char_p(string: object) -> tuple[Pointer, bytes]: ...
def get_font_description(style: Style) -> Pointer: ...
def font_features(*values: object) -> dict[str, object]: ...
