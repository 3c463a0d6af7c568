"""Passages that became another kind: headings of another level, items, paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nioc_paper.review.docx.docx_text import DocxPassage
from nioc_paper.review.merge.alignment import AlignedPassage
from nioc_paper.review.merge.edits import Edit
from nioc_paper.review.merge.kinds import kind_reason, style_reason
from nioc_paper.review.merge.lists import ListEditor
from nioc_paper.review.merge.merge_context import MergeContext, find_author
from nioc_paper.review.merge.token_markdown import render_block


class KindEditor:
    """Changes the kinds of passages."""

    def __init__(self, context: MergeContext, lists: ListEditor) -> None:
        self.context = context
        self.lists = lists
        self.has_lists = any(p.paragraph.kind == "item" for p in context.edited)
        """Whether the received file has lists at all: some programs lose them."""
        self.has_styles = any(p.style for p in context.edited)
        """Whether the received file has styles of paragraphs at all."""

    def find_reason(self, before: DocxPassage, after: DocxPassage) -> str:
        """Return the reason against a passage of another kind or style; empty if the file has lost these."""
        is_item = "item" in (before.paragraph.kind, after.paragraph.kind)
        reason = kind_reason(before.paragraph, after.paragraph) if self.has_lists or not is_item else ""
        return reason or (style_reason(before, after) if self.has_styles else "")

    def change_kind(self, base: AlignedPassage, edited: DocxPassage, unit: int) -> Iterator[Edit]:
        """Yield edits for a heading of another level, and for paragraphs turned into headings or items, or back."""
        before, after, paragraph = base.passage.paragraph, edited.paragraph, base.source_paragraph
        if paragraph is None:
            return
        start, _ = self.context.ranges.find_lines(paragraph)
        heading_marker = re.match(r"#+[ \t]+", self.context.text[start:])
        author = find_author(edited)
        is_quoted = self.context.text[start:].lstrip(" ").startswith(">")
        is_free = paragraph.kind == "para" and not paragraph.note and not is_quoted
        is_changed = (before.kind, before.level, before.ordered) != (after.kind, after.level, after.ordered)
        if is_changed and heading_marker and after.kind == "heading":
            yield Edit(start, start + heading_marker[0].count("#"), "#" * max(after.level, 2), unit, author)
        elif is_changed and heading_marker and after.kind == "para":
            yield Edit(start, start + len(heading_marker[0]), "", unit, author)
        elif is_free and before.kind == "para" and after.kind in ("heading", "item"):
            yield Edit(start, start, render_block(after, "", self.lists.find_marker(None, after, unit)), unit, author)
        elif reason := self.find_reason(base.passage, self.lists.without_level(edited, paragraph, before)):
            self.context.add_conflict(start, before.text, after.text, reason, author)
