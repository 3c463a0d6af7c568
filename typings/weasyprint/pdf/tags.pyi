from collections.abc import Iterator, Mapping
from typing import TypedDict

import pydyf
from weasyprint.formatting_structure.boxes import Box
from weasyprint.layout.absolute import AbsolutePlaceholder

class Tag(TypedDict):
    tag: str
    mcid: int

def _build_box_tree(
    box: Box | AbsolutePlaceholder,
    parent: pydyf.Dictionary,
    pdf: pydyf.PDF,
    page_number: int,
    nums: dict[int, bytes],
    annotations: pydyf.Array,
    tags: Mapping[Box, Tag],
) -> Iterator[pydyf.Dictionary]: ...
