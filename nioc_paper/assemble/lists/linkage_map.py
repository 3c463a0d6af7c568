"""Map of linkages: a square of cells, each with what the row's chapter says of the column's category."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from textwrap import wrap
from typing import Any, NamedTuple

from nioc_paper.assemble.lists.cells import ListContext
from nioc_paper.assemble.lists.linkage_matrix import link_description
from nioc_paper.assemble.lists.vega_layers import (
    ALIGN_LEFT,
    LINE_HEIGHT,
    PICTURE_WIDTH,
    Spec,
    count_fitting_letters,
    estimate_text_width,
    layered_spec,
    mark_layer,
    text_layer,
)
from nioc_paper.model import Category, Chart, DataTable
from nioc_paper.wording import Wording

_NAMES_WIDTH = 96
"""Pixels for the names of the rows."""
_MIN_WORDS_WIDTH = 80
"""Pixels of a cell with room for words."""
_GAP, _PADDING, _MARK_OFFSET = 4, 10, 17
"""Pixels between cells, beside their words, and to the middle of their marks."""
_LINK_STATES = ("not_yet_described", "one_side", "both_sides")
_LINK_STATES_WITHHELD = ("not_yet_described", "described", "described")
"""States by the number of sides that describe a link; with passages withheld, one side may be both."""


class _StateStyle(NamedTuple):
    """Style of a cell."""

    fill: str
    ink: str
    mark_shape: str
    """Shape of the filled part of the mark; empty for an open mark."""


class _CellSize(NamedTuple):
    """Pixels of a cell."""

    width: float
    height: float

    @property
    def has_words(self) -> bool:
        """Whether words fit into the cell."""
        return self.width >= _MIN_WORDS_WIDTH


_STATE_STYLES: Mapping[str, _StateStyle] = {
    "both_sides": _StateStyle("strong", "on-strong", "circle"),
    "described": _StateStyle("strong", "on-strong", "circle"),
    "one_side": _StateStyle("soft", "ink", "M0,-1A1,1,0,0,0,0,1Z"),
    "not_yet_described": _StateStyle("open", "ink", ""),
}
"""Styles by the state of a link."""


@dataclass(frozen=True, slots=True)
class _Link:
    """Linkage as the chapter of one category describes it, and whether either chapter does."""

    row: int
    column: int
    how: str
    state: str


def build_linkage_map(context: ListContext) -> Chart:
    """Return the matrix of linkages as a chart, with words if there is room for them."""
    wording, categories = context.words, context.paper.settings.categories
    titles = [category.title for category in categories]
    links, place = _collect_links(context), context.paper.settings.place("categories")
    states = {s: wording[s] for s in reversed(_LINK_STATES if context.is_complete else _LINK_STATES_WITHHELD)}
    states[_LINK_STATES[0]] = context.missing_word(_LINK_STATES[0])
    heads = tuple(wording[key] for key in ("map_row", "map_column", "map_how", "state"))
    rows = tuple((titles[k.row], titles[k.column], k.how or "—", states[k.state]) for k in links)
    table = DataTable("linkage-map", heads, rows, (ALIGN_LEFT,) * len(heads), place)
    alt = wording["map_alt"].format(f"{wording['semicolon']} ".join(_describe_pairs(links, titles, states, wording)))
    return Chart("linkage-map", _build_spec(links, categories, states), table, alt, place)


def _collect_links(context: ListContext) -> list[_Link]:
    chapters = {c.front.category: c for c in context.chapters}
    order = [chapters.get(c.id) for c in context.paper.settings.categories]
    descriptions = {
        (a, b): link_description(context, order[a], order[b]) for a, b in permutations(range(len(order)), 2)
    }
    states = _LINK_STATES if context.is_complete else _LINK_STATES_WITHHELD
    return [_Link(a, b, how, states[bool(how) + bool(descriptions[b, a])]) for (a, b), how in descriptions.items()]


def _describe_pairs(
    links: Sequence[_Link], titles: Sequence[str], states: Mapping[str, str], wording: Wording
) -> Iterator[str]:
    """Yield every pair once, with the texts of both sides."""
    by_pair = {(k.row, k.column): k for k in links}
    for a, b in combinations(range(len(titles)), 2):
        one, other = by_pair[a, b], by_pair[b, a]
        hows = f"{wording['semicolon']} ".join(dict.fromkeys(filter(None, (one.how, other.how))))
        yield f"{titles[a]} – {titles[b]}: {states[one.state]}" + f" ({hows})" * bool(hows)


def _build_spec(links: Sequence[_Link], categories: Sequence[Category], states: Mapping[str, str]) -> Spec:
    side = (PICTURE_WIDTH - _NAMES_WIDTH) / len(categories)
    lines = {
        k: wrap(k.how or "—", count_fitting_letters(side - 2 * _PADDING)) if side >= _MIN_WORDS_WIDTH else []
        for k in links
    }
    rows = max((2, *map(len, lines.values())))
    size = _CellSize(side, 2 * _MARK_OFFSET + (LINE_HEIGHT * rows + _PADDING) * (side >= _MIN_WORDS_WIDTH))
    layers = [mark_layer("rect", [_cell_box(i, i, size) for i in range(len(categories))], "blank")]
    for state in states:
        layers += _draw_cells(state, {k: lines[k] for k in links if k.state == state}, size)
    width, height = (pixels * len(categories) for pixels in size)
    return layered_spec(width, height, [*layers, *_draw_names(categories, size), *_draw_legend(height, states)])


def _draw_cells(state: str, lines: Mapping[_Link, Sequence[str]], size: _CellSize) -> Iterator[Spec]:
    """Yield the cells of the links in one state: mark above, words below."""
    fill, ink, _ = _STATE_STYLES[state]
    boxes = {link: _cell_box(link.row, link.column, size) for link in lines}
    right = _PADDING + 6 if size.has_words else (size.width - _GAP) / 2
    yield mark_layer("rect", list(boxes.values()), fill)
    yield from _draw_marks(
        state, [(box["x"] + right, box["y"] + _MARK_OFFSET - _GAP / 2) for box in boxes.values()], ink
    )
    cell_texts = [
        _text_at(box["x"] + _PADDING, box["y"] + 2 * _MARK_OFFSET, lines[link])
        for link, box in boxes.items()
        if lines[link]
    ]
    yield text_layer(cell_texts, ink, baseline="top")


def _cell_box(row: int, column: int, size: _CellSize) -> dict[str, Any]:
    x, y = column * size.width, row * size.height
    return {"x": x, "y": y, "x2": x + size.width - _GAP, "y2": y + size.height - _GAP}


def _text_at(x: float, y: float, text: str | Sequence[str] = "") -> dict[str, Any]:
    return {"x": x, "y": y, "text": text}


def _draw_marks(state: str, places: Sequence[tuple[float, float]], ink: str) -> Iterator[Spec]:
    """Yield a circle that is full, half full or empty, so that colour is not the only sign."""
    points = [{"x": x, "y": y} for x, y in places]
    yield mark_layer("point", points, ink, shape="circle", size=85, filled=False)
    if shape := _STATE_STYLES[state].mark_shape:
        yield mark_layer("point", points, ink, shape=shape, size=85, filled=True)


def _draw_names(categories: Sequence[Category], size: _CellSize) -> Iterator[Spec]:
    """Yield the names of columns, aligned at their last line, and of rows; narrow cells have letters."""
    wide = size.has_words
    above = [wrap(c.title, count_fitting_letters(size.width - _PADDING)) if wide else [c.letters] for c in categories]
    most = max(map(len, above))
    top = [[*[""] * (most - len(lines)), *lines] for lines in above]
    columns = [
        _text_at(i * size.width + _PADDING * wide, -LINE_HEIGHT * most - 2, lines) for i, lines in enumerate(top)
    ]
    yield text_layer(columns, "ink", baseline="top", fontWeight=600)
    titles = [c.title if wide else f"{c.title} {c.letters}" for c in categories]
    left = [wrap(title, count_fitting_letters(_NAMES_WIDTH - _PADDING)) for title in titles]
    yield text_layer(
        [_text_at(-_NAMES_WIDTH, (i + 0.5) * size.height, t) for i, t in enumerate(left)], "ink", fontWeight=600
    )


def _draw_legend(bottom: float, states: Mapping[str, str]) -> Iterator[Spec]:
    """Yield the meaning of the marks, in a line below."""
    x, y = -_NAMES_WIDTH + 6.0, bottom + LINE_HEIGHT
    for state, word in states.items():
        yield from _draw_marks(state, [(x, y)], "ink")
        yield text_layer([_text_at(x + 12, y, word)], "ink")
        x += estimate_text_width(word) + 40
