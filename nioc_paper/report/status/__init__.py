"""Progress as text for a terminal, as Markdown, and as JSON.

The first line of every form for people answers the director's question: will the deadline hold, and if not, why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from nioc_paper.model import Progress
from nioc_paper.phrases import headline
from nioc_paper.report.status.data import json
from nioc_paper.report.status.markup import markdown
from nioc_paper.report.status.terminal import text
from nioc_paper.report.status.view import View

__all__ = ["FORMS", "View", "headline", "json", "markdown", "text"]

FORMS: Final[Mapping[str, Callable[[Progress, View], str]]] = MappingProxyType(
    {"text": text, "md": markdown, "json": json}
)
"""By the name of the form on the command line."""
