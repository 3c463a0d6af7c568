"""Which categories touch, as a picture: a square of cells, each what the chapter of its row says of its column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from textwrap import wrap
from typing import Any

from nioc_paper.assemble.lists.cells import Context
from nioc_paper.assemble.lists.marks import LEFT, LINE, WIDTH, Spec, breadth, layer, picture, room, words
from nioc_paper.assemble.lists.matrix import says
from nioc_paper.model import Category, Chart, DataTable
from nioc_paper.wording import Words

_NAMES = 96
"""Pixels for the names of the rows."""
_LEAST = 80
"""Pixels of a cell that has room for words."""
_GAP, _PADDING, _MARK = 4, 10, 17
"""Pixels between cells, beside the words in them, and to the middle of their marks."""
_STATES = ("not_yet_described", "one_side", "both_sides")
_LEFT = ("not_yet_described", "described", "described")
"""By how many sides describe a link. Where something was withheld, what one side says may be what both do."""
_LOOKS: Mapping[str, tuple[str, str, str]] = {
    "both_sides": ("strong", "on-strong", "circle"),
    "described": ("strong", "on-strong", "circle"),
    "one_side": ("soft", "ink", "M0,-1A1,1,0,0,0,0,1Z"),
    "not_yet_described": ("open", "ink", ""),
}
"""By the state of a link: the fill of its cell, the ink on it, and what of its mark is filled."""


@dataclass(frozen=True, slots=True)
class _Link:
    """What the chapter of one category says of another, and whether either describes it."""

    row: int
    column: int
    how: str
    state: str


def linkage_map(context: Context) -> Chart:
    """The matrix of linkages as a picture, with its words where there is room for them."""
    said, categories = context.words, context.paper.settings.categories
    titles = [category.title for category in categories]
    links, place = _links(context), context.paper.settings.place("categories")
    states = {s: said[s] for s in reversed(_STATES if context.whole else _LEFT)}
    states[_STATES[0]] = context.missing(_STATES[0])
    heads = tuple(said[key] for key in ("map_row", "map_column", "map_how", "state"))
    rows = tuple((titles[k.row], titles[k.column], k.how or "—", states[k.state]) for k in links)
    table = DataTable("linkage-map", heads, rows, (LEFT,) * len(heads), place)
    alt = said["map_alt"].format(f"{said['semicolon']} ".join(_pairs(links, titles, states, said)))
    return Chart("linkage-map", _spec(links, categories, states), table, alt, place)


def _links(context: Context) -> list[_Link]:
    chapters = {c.front.category: c for c in context.chapters}
    order = [chapters.get(c.id) for c in context.paper.settings.categories]
    said = {(a, b): says(context, order[a], order[b]) for a, b in permutations(range(len(order)), 2)}
    states = _STATES if context.whole else _LEFT
    return [_Link(a, b, how, states[bool(how) + bool(said[b, a])]) for (a, b), how in said.items()]


def _pairs(links: Sequence[_Link], titles: Sequence[str], states: Mapping[str, str], said: Words) -> Iterator[str]:
    """Every pair once, with what is said on either side."""
    by_pair = {(k.row, k.column): k for k in links}
    for a, b in combinations(range(len(titles)), 2):
        one, other = by_pair[a, b], by_pair[b, a]
        hows = f"{said['semicolon']} ".join(dict.fromkeys(filter(None, (one.how, other.how))))
        yield f"{titles[a]} – {titles[b]}: {states[one.state]}" + f" ({hows})" * bool(hows)


def _spec(links: Sequence[_Link], categories: Sequence[Category], states: Mapping[str, str]) -> Spec:
    side = (WIDTH - _NAMES) / len(categories)
    lines = {k: wrap(k.how or "—", room(side - 2 * _PADDING)) if side >= _LEAST else [] for k in links}
    rows = max((2, *map(len, lines.values())))
    size = side, 2 * _MARK + (LINE * rows + _PADDING) * (side >= _LEAST)
    layers = [layer("rect", [_box(i, i, size) for i in range(len(categories))], "blank")]
    for state in states:
        layers += _cells(state, {k: lines[k] for k in links if k.state == state}, size)
    width, height = (pixels * len(categories) for pixels in size)
    return picture(width, height, [*layers, *_names(categories, size), *_key(height, states)])


def _cells(state: str, lines: Mapping[_Link, Sequence[str]], size: tuple[float, float]) -> Iterator[Spec]:
    """The cells of the links in one state: each its mark, and its words below."""
    fill, ink, _ = _LOOKS[state]
    boxes = {link: _box(link.row, link.column, size) for link in lines}
    right = _PADDING + 6 if size[0] >= _LEAST else (size[0] - _GAP) / 2
    yield layer("rect", list(boxes.values()), fill)
    yield from _mark(state, [(box["x"] + right, box["y"] + _MARK - _GAP / 2) for box in boxes.values()], ink)
    said = [_at(box["x"] + _PADDING, box["y"] + 2 * _MARK, lines[link]) for link, box in boxes.items() if lines[link]]
    yield words(said, ink, baseline="top")


def _box(row: int, column: int, size: tuple[float, float]) -> dict[str, Any]:
    x, y = column * size[0], row * size[1]
    return {"x": x, "y": y, "x2": x + size[0] - _GAP, "y2": y + size[1] - _GAP}


def _at(x: float, y: float, text: str | Sequence[str] = "") -> dict[str, Any]:
    return {"x": x, "y": y, "text": text}


def _mark(state: str, places: Sequence[tuple[float, float]], ink: str) -> Iterator[Spec]:
    """A circle that is full, half full or empty: what the colours say is said without them too."""
    there = [{"x": x, "y": y} for x, y in places]
    yield layer("point", there, ink, shape="circle", size=85, filled=False)
    if shape := _LOOKS[state][2]:
        yield layer("point", there, ink, shape=shape, size=85, filled=True)


def _names(categories: Sequence[Category], size: tuple[float, float]) -> Iterator[Spec]:
    """The names of the columns, which end on one line, or their letters where cells are narrow; those of the rows."""
    wide = size[0] >= _LEAST
    above = [wrap(c.title, room(size[0] - _PADDING)) if wide else [c.letters] for c in categories]
    most = max(map(len, above))
    top = [[*[""] * (most - len(lines)), *lines] for lines in above]
    columns = [_at(i * size[0] + _PADDING * wide, -LINE * most - 2, lines) for i, lines in enumerate(top)]
    yield words(columns, "ink", baseline="top", fontWeight=600)
    titles = [c.title if wide else f"{c.title} {c.letters}" for c in categories]
    left = [wrap(title, room(_NAMES - _PADDING)) for title in titles]
    yield words([_at(-_NAMES, (i + 0.5) * size[1], t) for i, t in enumerate(left)], "ink", fontWeight=600)


def _key(bottom: float, states: Mapping[str, str]) -> Iterator[Spec]:
    """What the marks mean, in a line below."""
    x, y = -_NAMES + 6.0, bottom + LINE
    for state, word in states.items():
        yield from _mark(state, [(x, y)], "ink")
        yield words([_at(x + 12, y, word)], "ink")
        x += breadth(word) + 40
