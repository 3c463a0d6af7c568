from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

import pydyf
from weasyprint.css import Style
from weasyprint.document import Rectangle

class Box:
    element: Element | None
    element_tag: str
    style: Style
    footnote: Box | None
    link_annotation: pydyf.Dictionary | None
    position_x: float
    position_y: float
    width: float
    height: float
    margin_left: float
    margin_right: float
    margin_top: float
    def descendants(self, placeholders: bool = ...) -> Iterator[Box]: ...
    def hit_area(self) -> Rectangle: ...

class ParentBox(Box):
    children: Sequence[Box]

class PageBox(ParentBox):
    page_type: object

class TextBox(Box):
    text: str
