"""Audience of the passages of a chapter that comments are about, by the bookmarks in a file."""

from __future__ import annotations

import re
from typing import get_args

from nioc_paper import tree
from nioc_paper.domain.audience import sensitivity_level
from nioc_paper.domain.quotations import passage_levels
from nioc_paper.model import AUDIENCES, Chapter
from nioc_paper.model.reviews import Sensitivity
from nioc_paper.review.docx.bookmarks import PARAGRAPH_PREFIX, add_bookmarks
from nioc_paper.review.docx.comment_reader import SensitivityLookup


def make_sensitivity_lookup(chapter: Chapter) -> SensitivityLookup:
    """Return a lookup of a passage's audience by its bookmarks.

    Without a known bookmark it may be any passage, so the strictest audience applies.
    """
    least = AUDIENCES.index(chapter.front.sensitivity)
    levels = {
        name: max(level, least)
        for paragraph, level in passage_levels(add_bookmarks(chapter.blocks).blocks, sensitivity_level)
        for node in tree.walk(paragraph)
        if node["t"] == "Span" and re.fullmatch(rf"{PARAGRAPH_PREFIX}\d+", name := tree.identifier(node))
    }
    sensitivities: tuple[Sensitivity, ...] = get_args(Sensitivity)
    highest = max(levels.values(), default=least)
    return lambda bookmarks: sensitivities[max((levels.get(name, highest) for name in bookmarks), default=highest)]
