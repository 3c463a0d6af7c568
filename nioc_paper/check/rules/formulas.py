"""Rules about formulas."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nioc_paper.check.finding import Finding
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.model import Paper
from nioc_paper.model.late_pattern import late_pattern

_LABEL = late_pattern(r"\\(?:label|tag)\*?\s*\{([^{}]*)\}|\\(?:begin|end)\{(?:equation|align)\*?\}")


def label_in_formula(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    r"""A formula has its id after it, and no label or number inside: outputs number the equations.

    Bad: $$ c = a + b \label{eq:cost} $$
    Good: $$ c = a + b $$ {#eq-cost}
    """
    for node in text.nodes("Math"):
        for match in _LABEL.finditer(node["c"][1]):
            name = re.sub(r"[\W_]+", "-", (match[1] or "").removeprefix("eq")).strip("-").lower()
            hint = f"delete it, and write {{#eq-{name or 'ID'}}} after the closing $$"
            yield Finding(text.chapter.place(node), f"'{match[0]}' is in a formula", hint)
