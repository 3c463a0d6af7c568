"""Columns of tables in Word: the shares that authors gave, but never so narrow that a word must break."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nioc_paper.ooxml.xml import Element, child, element, find, get, iterate, qn
from nioc_paper.render.theme import Theme
from nioc_paper.render.word.sheet import text_width

_BREAK = re.compile(r"[ \t\r\n]+|(?<=[-/–])")
"""Where a line may end; a no-break space is no such place."""

_LETTER = 0.53
"""Mean width of a letter of the head face, in ems; words are measured a little too wide rather than too narrow."""

_PADDING = 9.0
"""Points at the left and right of a cell together."""

_MOST = 0.3
"""No word may claim more of the line than this: a web address breaks after all."""


def share_out(table: Element, theme: Theme) -> None:
    """Make a table as wide as the text. Word itself widens a column rather than break a word; other readers do not."""
    grid, properties = find(table, "w:tblGrid"), find(table, "w:tblPr")
    if grid is None or properties is None or not len(grid):
        return
    width = properties.find(qn("w:tblW"))
    given = width is not None and get(width, "w:type") == "pct"
    if width is not None:
        width.set(qn("w:type"), "pct")
        width.set(qn("w:w"), "5000")
    for layout in properties.findall(qn("w:tblLayout")):
        layout.set(qn("w:type"), "autofit")
    if given:
        line = text_width(theme, landscape=_is_turned(table))
        needs = [need * 20 / line for need in _needs(table, len(grid), float(theme["size-table"].removesuffix("pt")))]
        shares = fitted([float(get(column, "w:w") or 1) for column in grid], [min(need, _MOST) for need in needs])
        for column, share in zip(grid, shares, strict=True):
            column.set(qn("w:w"), str(round(share * line)))
        _prefer(table, shares)


def fitted(wanted: Sequence[float], needs: Sequence[float]) -> list[float]:
    """Shares of one line in the proportions wanted, none below its need; where even the needs do not fit, those."""
    if sum(needs) >= 1:
        return [need / sum(needs) for need in needs]
    held: set[int] = set()
    while True:
        free = 1 - sum(needs[i] for i in held)
        rest = sum(want for i, want in enumerate(wanted) if i not in held)
        shares = [needs[i] if i in held else want * free / rest for i, want in enumerate(wanted)]
        short = {i for i, share in enumerate(shares) if i not in held and share < needs[i]}
        if not short:
            return shares
        held |= short


def _needs(table: Element, count: int, size: float) -> list[float]:
    """The width of each column's longest word in points."""
    longest = [0] * count
    for row in table.iterchildren(qn("w:tr")):
        cells = list(row.iterchildren(qn("w:tc")))
        if len(cells) == count:
            for i, cell in enumerate(cells):
                for paragraph in iterate(cell, "w:p"):
                    words = _BREAK.split("".join(node.text or "" for node in iterate(paragraph, "w:t")))
                    longest[i] = max(longest[i], *map(len, words))
    return [letters * size * _LETTER + _PADDING for letters in longest]


def _is_turned(table: Element) -> bool:
    """Whether the section that a table stands in is landscape."""
    section = next((s for node in table.itersiblings() for s in iterate(node, "w:sectPr")), None)
    return section is not None and get(find(section, "w:pgSz"), "w:orient") == "landscape"


def _prefer(table: Element, shares: Sequence[float]) -> None:
    """The preferred width of each cell, in fiftieths of a per cent of the table."""
    for row in table.iterchildren(qn("w:tr")):
        column = 0
        for cell in row.iterchildren(qn("w:tc")):
            properties = child(cell, "w:tcPr")
            span = int(get(properties.find(qn("w:gridSpan"))) or 1)
            share = round(5000 * sum(shares[column : column + span]))
            if properties.find(qn("w:tcW")) is None:
                properties.insert(0, element(f'<w:tcW w:w="{share}" w:type="pct"/>'))
            column += span
