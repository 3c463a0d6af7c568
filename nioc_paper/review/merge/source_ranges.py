"""Places in the Markdown: ranges of passages, and insertion points for new ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise, takewhile
from operator import itemgetter
from typing import NamedTuple

from nioc_paper import tree
from nioc_paper.model import Node
from nioc_paper.review.docx.docx_text import Paragraph
from nioc_paper.review.merge.source_map import MarkdownSource
from nioc_paper.tree.own_markdown import CALLOUT_CLASSES, callout_class
from nioc_paper.tree.strategy_items import ITEM_PREFIXES

_STYLED_CLASSES = frozenset((*ITEM_PREFIXES, *CALLOUT_CLASSES, "pullquote", "figure", "table", "generated"))
"""Classes of Divs that Word shows by the styles of their contents."""
LIST_ITEM = re.compile(r"^(?P<indent>[ \t>]*)(?P<marker>[-*+]|\d+[.)])(?P<space>[ \t]+)")
_BORDER = re.compile(r"[ \t>]*(?!:::)[|+:=-][|+:= \t-]*")
"""Line between rows of a table, or an empty head."""
_COLUMN_BAR = re.compile(r"(?<!\\)\|")
_CAPTION = re.compile(r"[ \t>]*(?:[Tt]able)?:")


class Insertion(NamedTuple):
    """Offset of new text, and the line ends needed before it and after it."""

    offset: int
    before: str
    after: str


class _ItemMarker(NamedTuple):
    """Marker of an item of a list, and the spaces before it."""

    level: int
    ordered: bool
    indent: str
    marker: str


class SourceRanges:
    """Lines of a source by paragraph."""

    def __init__(self, source: MarkdownSource, divs: Mapping[int, Node]) -> None:
        self.text = source.text
        self.source = source
        self.styled_divs = {n for n, div in divs.items() if _STYLED_CLASSES & set(tree.classes(div))}
        self.item_kinds = {n: kind for n, div in divs.items() for kind in tree.classes(div) if kind in ITEM_PREFIXES}
        """Kinds of the Divs that are items: recommendations, gaps, findings, linkages."""
        self.callouts = {n for n, div in divs.items() if callout_class(div)}
        self.table_captions: dict[int, Paragraph] = {}
        self._table_lines: dict[int, tuple[int, int]] = {}
        following: Paragraph | None = None
        for paragraph in reversed(source.paragraphs):
            if paragraph.cell is not None and _is_located(paragraph):
                start, end = self.find_lines(paragraph)
                first, last = self._table_lines.get(paragraph.cell.table, (start, end))
                self._table_lines[paragraph.cell.table] = min(first, start), max(last, end)
                if following and _CAPTION.match(self.text, self.find_lines(following)[0]):
                    self.table_captions[paragraph.cell.table] = following
            if not paragraph.note:
                following = paragraph if paragraph.kind == "caption" else None

    def find_table(self, number: int) -> tuple[int, int]:
        """Return the start and end of a table's lines, its borders and its caption included; (0, 0) without a place."""
        start, end = self._table_lines.get(number, (0, 0))
        while start and _BORDER.fullmatch(self.text, before := self.text.rfind("\n", 0, start - 1) + 1, start - 1):
            start = before
        while end and _BORDER.fullmatch(self.text, end + 1, below := self._find_line_end(end + 1)):
            end = below
        if caption := self.table_captions.get(number):
            above, below = self.find_lines(caption)
            start, end = min(start, above), max(end, below)
        return start, end

    def find_cells(self, paragraph: Paragraph) -> list[tuple[int, int]]:
        """Return the ranges of the cells, between their bars, in a paragraph's row; none if it is of no pipe table."""
        first, last = self.find_table(paragraph.cell.table if paragraph.cell else -1)
        start, end = self.find_lines(paragraph)
        line = self.text[start:end].rstrip()
        is_plain = line.lstrip("> \t").startswith("|") and line.endswith("|")
        if not is_plain or re.search(r"^[ \t>]*\+", self.text[first:last], re.MULTILINE):
            return []
        bars = [start + bar.start() for bar in _COLUMN_BAR.finditer(line)]
        return [(left + 1, right) for left, right in pairwise(bars)]

    def find_row_end(self, paragraph: Paragraph) -> int:
        """Return the end of a paragraph's row: for a head, that of the line below it."""
        end = self.find_lines(paragraph)[1]
        below = self._find_line_end(end + 1)
        return below if _BORDER.fullmatch(self.text, end + 1, below) else end

    def _find_line_end(self, start: int) -> int:
        end = self.text.find("\n", start)
        return len(self.text) if end < 0 else end

    def find_lines(self, paragraph: Paragraph) -> tuple[int, int]:
        """Return the start and end of a paragraph's whole lines; (0, 0) for one without a place."""
        spans = [t.span for t in paragraph.tokens if t.span]
        if not spans:
            return 0, 0
        start = self.text.rfind("\n", 0, min(spans)[0]) + 1
        return start, self._find_line_end(max(map(itemgetter(1), spans)))

    def find_div(self, paragraph: Paragraph) -> int:
        """Return the outermost Div around a paragraph that has its own style in Word; 0 if there is none."""
        return next((n for n in paragraph.divs if n in self.styled_divs and n in self.source.div_ranges), 0)

    def find_item(self, paragraph: Paragraph) -> int:
        """Return the Div of the item that a paragraph is part of; 0 if there is none."""
        return next((n for n in paragraph.divs if n in self.item_kinds), 0)

    def is_in_box(self, paragraph: Paragraph) -> bool:
        """Return whether a paragraph is part of an item or of a callout: both have a title in Word."""
        return any(n in self.item_kinds or n in self.callouts for n in paragraph.divs)

    def find_block_end(self, paragraph: Paragraph) -> int:
        """Return the end of a paragraph's block: the paragraph, its whole table, its whole Div."""
        if div := self.find_div(paragraph):
            return self.source.div_ranges[div][1]
        if paragraph.cell is not None:
            return max(self.find_table(paragraph.cell.table)[1], self.find_lines(paragraph)[1])
        return self.find_lines(paragraph)[1]

    def find_blank_line(self, paragraph: Paragraph) -> int:
        """Return the first blank line after a paragraph's block, where the definition of a note can go."""
        offset = self.text.find("\n\n", self.find_block_end(paragraph))
        return len(self.text.rstrip("\n")) if offset < 0 else offset

    def widen_line_removal(self, start: int, end: int) -> tuple[int, int]:
        """Widen a range of lines by the line end before it, and by a blank line if there is one on both sides.

        The line end after it stays: new text may be inserted there.
        """
        if not self.text[end:].strip():
            return len(self.text[:start].rstrip("\n")), len(self.text.rstrip("\n"))
        before = self.text[:start]
        if before.endswith("\n\n") and self.text.startswith("\n\n", end):
            return start - 2, end
        return max(start - 1, 0), end

    def find_insertion(self, after: Paragraph | None, new: Paragraph, *, inside: bool = False) -> Insertion:
        """Return where a new passage after a paragraph goes: the offset, and the text needed before it and after it.

        With `inside` it belongs to the paragraph's Div.
        """
        if after is None:
            first = next((paragraph for paragraph in self.source.paragraphs if _is_located(paragraph)), None)
            start = self.find_lines(first)[0] if first else len(self.text)
            offset = len(self.text[:start].rstrip("\n"))
            return Insertion(offset, "\n\n", "") if offset < start - 1 else Insertion(start, "", "\n\n")
        if after.cell is None and (table := self.find_table_of(after)) is not None:
            return Insertion(self.find_table(table)[0], "", "\n\n")  # in Word the caption is above its table
        offset = self.find_lines(after)[1] if inside else self.find_block_end(after)
        following = next((p for p in self.source.paragraphs if self.find_lines(p)[0] > offset and not p.note), None)
        if new.kind == "item" != after.kind and following and following.kind == "item" and not self.find_div(following):
            start = self.find_lines(following)[0]
            if not self.text[offset:start].strip():
                return Insertion(start, "", "\n")  # the first one of a list
        tight = after.kind == "item" and new.kind == "item" and not (self.find_div(after) and not inside)
        follows = self.text[offset : offset + 2]
        loose = not tight and follows not in ("", "\n", "\n\n")
        return Insertion(offset, "\n" if tight else "\n\n", "\n" if loose else "")

    def find_table_of(self, paragraph: Paragraph) -> int | None:
        """Return the number of the table that a paragraph is a cell or the caption of; None if there is none."""
        captioned = next((n for n, caption in self.table_captions.items() if caption is paragraph), None)
        return paragraph.cell.table if paragraph.cell else captioned

    def find_list_marker(self, after: Paragraph | None, new: Paragraph) -> str:
        """Return the marker of a new item of a list after a paragraph, with the spaces before it."""
        index = next((n for n, paragraph in enumerate(self.source.paragraphs) if paragraph is after), -1)
        before, behind = (
            [self._read_marker(p) for p in takewhile(lambda p: p.kind == "item" or p.note, side) if not p.note]
            for side in (reversed(self.source.paragraphs[: index + 1]), self.source.paragraphs[index + 1 :])
        )
        sibling = next((item for item in (*before, *behind) if before and item.level == new.level), None)
        indent = sibling.indent if sibling else " " * 4 * (new.level - 1)
        if before and new.level > before[0].level:
            content = len(before[0].indent + before[0].marker) + 4 * (new.level - before[0].level - 1)
            indent = indent if sibling and len(indent) >= content else " " * content
        marker = sibling.marker if sibling and sibling.ordered == new.ordered else "1. " if new.ordered else "- "
        return indent + marker

    def _read_marker(self, paragraph: Paragraph) -> _ItemMarker:
        item = LIST_ITEM.match(self.text[slice(*self.find_lines(paragraph))])
        indent, marker = (item["indent"], item["marker"] + item["space"]) if item else ("", "- ")
        return _ItemMarker(paragraph.level, paragraph.ordered, indent, marker)


def _is_located(paragraph: Paragraph) -> bool:
    return any(t.span for t in paragraph.tokens)
