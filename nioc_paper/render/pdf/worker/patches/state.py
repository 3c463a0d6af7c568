"""State of one engine that its patches keep."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from nioc_paper.render.pdf.results import BlankNumber


@dataclass(slots=True)
class PatchState:
    """Style sheets of all documents; elements and blank page numbers of the current one."""

    stylesheets: dict[Any, Any] = field(default_factory=dict)
    """Parsed style sheets by address and style sheets that they may import."""
    source_numbers: dict[tuple[Element, str], int] = field(default_factory=dict)
    """Numbers of HTML elements and of their pseudo-elements, from 1."""
    blanks: list[BlankNumber] = field(default_factory=list)

    def start_document(self) -> None:
        """Forget the elements and blank page numbers of the document before."""
        self.source_numbers.clear()
        self.blanks = []
