"""Format progress for a terminal, as Markdown, and as JSON.

The first line of every form for people answers the director's question: will the deadline hold, and if not, why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from nioc_paper.model import Progress
from nioc_paper.report.status.formats import format_json, format_markdown, format_text
from nioc_paper.report.status.view import View

__all__ = ["STATUS_FORMATS", "View", "format_json", "format_markdown", "format_text"]

STATUS_FORMATS: Final[Mapping[str, Callable[[Progress, View], str]]] = MappingProxyType(
    {"text": format_text, "md": format_markdown, "json": format_json}
)
"""Formats by name on the command line."""
