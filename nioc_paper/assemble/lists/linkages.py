"""Linkages between categories: each pair once, in a table and on a map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from textwrap import wrap
from typing import NamedTuple

from msgspec import Struct

from nioc_paper import tree
from nioc_paper.assemble.lists.list_context import Cell, ListContext, generated_table, reference_to, text_cell
from nioc_paper.assemble.lists.vega_layers import (
    ALIGN_LEFT,
    LINE_HEIGHT,
    PICTURE_WIDTH,
    PICTURE_WIDTHS,
    Spec,
    count_fitting_letters,
    estimate_text_width,
    layered_spec,
    mark_layer,
    text_layer,
)
from nioc_paper.model import Category, Chapter, Chart, DataTable, Node

_STRENGTHS = ("strong", "weak", "claimed")


class LinkedPair(Struct, frozen=True):
    """Two categories, how each chapter describes their link, and the state of it."""

    first: Category
    second: Category
    chapters_by_how: Mapping[str, Sequence[Chapter]]
    evidence: str
    """Strongest evidence that a chapter gives; empty without any."""
    state: str
    """Key of the word for the evidence; without any, for the number of chapters that describe the link."""

    @property
    def hows(self) -> Sequence[str]:
        """Descriptions, each once."""
        return list(self.chapters_by_how)


def collect_pairs(context: ListContext) -> list[LinkedPair]:
    """Return all pairs of categories."""
    by_category = {chapter.front.category: chapter for chapter in context.chapters}
    pairs = combinations(context.paper.settings.categories, 2)
    return [_collect_pair(context, by_category, first, second) for first, second in pairs]


def _collect_pair(
    context: ListContext, by_category: Mapping[str, Chapter], first: Category, second: Category
) -> LinkedPair:
    one, other = by_category.get(first.id), by_category.get(second.id)
    descriptions: dict[str, list[Chapter]] = {}
    strengths: set[str] = set()
    for here, there in ((one, other), (other, one)):
        if here is not None and there is not None and (how := _describe_link(context, here, there)):
            descriptions.setdefault(how, []).append(here)
            strengths |= {link.evidence for link in here.front.links if link.to == there.id and link.evidence}
    evidence = next((strength for strength in _STRENGTHS if strength in strengths), "")
    sides = sum(map(len, descriptions.values()))
    described = ("not_yet_described", "one_side", "both_sides")[sides]
    if sides and not context.is_complete:
        described = "described"  # with passages withheld, one side may be both
    return LinkedPair(first, second, descriptions, evidence, f"evidence_{evidence}" if evidence else described)


def _describe_link(context: ListContext, here: Chapter, there: Chapter) -> str:
    """Return how a chapter describes the link from its subject to another's; empty if it does not."""
    hows = [link.how or context.words["named"] for link in here.front.links if link.to == there.id]
    described = any(b.attributes.get("to") == there.id for b in here.items_of_kind("linkage"))
    return f"{context.words['semicolon']} ".join(hows) or context.words["described"] * described


def build_linkages(context: ListContext) -> list[Node]:
    """Return the described linkages with their texts and the chapters that have them, and the number of the others."""
    cells = {(pair.first.id, pair.second.id): _pair_cell(context, pair) for pair in collect_pairs(context)}
    titles = {category.id: category.title for category in context.paper.settings.categories}
    missing = _not_described(context)
    rows = [
        [text_cell(" – ".join(titles[name] for name in pair)), pair_cell]
        for pair, pair_cell in cells.items()
        if pair_cell != missing
    ]
    if left_out := len(cells) - len(rows):
        rows.append([text_cell(context.words["other_pairs"].format(f"{left_out:,}")), missing])
    return generated_table(context, "linkages", [("linkages", 0.4), ("map_how", 0.6)], rows)


def _pair_cell(context: ListContext, pair: LinkedPair) -> Cell:
    """Return the texts of two chapters on each other, each once with its chapters, and the strength of evidence."""
    comma = context.words["comma"]
    blocks = [
        # Paragraphs, because tight ones would run together in a cell.
        tree.para(
            [
                *tree.text_inlines(how),
                {"t": "Space"},
                *tree.in_parentheses(
                    tree.join_inlines((reference_to(context, f"sec-{c.id}") for c in chapters), separator=comma)
                ),
            ]
        )
        for how, chapters in pair.chapters_by_how.items()
    ]
    if pair.evidence:
        blocks.append(tree.para(tree.text_inlines(context.words[pair.state])))
    return blocks or _not_described(context)


def _not_described(context: ListContext) -> Cell:
    return text_cell(context.missing_word("not_yet_described"))


# --- map of the pairs: a triangle of cells, each with how two categories touch and how well the sources carry it ------


_NAMES_WIDTH = 112
"""Pixels for the names of the rows."""
_MIN_WORDS_WIDTH = 80
"""Pixels of a cell with room for words."""
_GAP, _PADDING, _MARK_OFFSET = 4, 10, 15
"""Pixels between cells, beside their words, and to the middle of their marks."""


class _CellSize(NamedTuple):
    """Pixels of a cell."""

    width: float
    height: float
    has_words: bool
    """Whether the words of links fit into the cell."""
    has_state: bool
    """Whether the word for the state fits too; otherwise a line below explains the marks."""
    head: float
    """Pixels for the name above a row, on a phone; 0 if the names are at the left."""


_FULL, _HALF, _QUARTER = "circle", "M0,-1A1,1,0,0,0,0,1Z", "M0,-1C-0.55,-1,-1,-0.55,-1,0L0,0Z"
_EVIDENCE = "evidence_"
_STATE_STYLES: Mapping[str, tuple[str, str, str]] = {
    "evidence_strong": ("strong", "on-strong", _FULL),
    "evidence_weak": ("soft", "ink", _HALF),
    "evidence_claimed": ("blank", "ink", _QUARTER),
    "both_sides": ("strong", "on-strong", _FULL),
    "described": ("strong", "on-strong", _FULL),
    "one_side": ("soft", "ink", _HALF),
    "not_yet_described": ("open", "ink", ""),
}
"""Fill and ink of a cell and shape of the filled part of its mark, by the state of a link in the legend's order."""


class _MapCell(Struct, frozen=True):
    """Cell of the triangle: the places of its two categories, how they touch, and its state."""

    row: int
    column: int
    how: str
    state: str


def build_linkage_map(context: ListContext) -> Chart:
    """Return the pairs of categories as a chart, with words if there is room for them."""
    wording, categories = context.words, context.paper.settings.categories
    titles, place = [category.title for category in categories], context.paper.settings.place("categories")
    separator = f"{wording['semicolon']} "
    cells = [
        _MapCell(row, column, separator.join(pair.hows), pair.state)
        for (column, row), pair in zip(combinations(range(len(categories)), 2), collect_pairs(context), strict=True)
    ]
    cell_states = {cell.state for cell in cells}
    if any(state.startswith(_EVIDENCE) for state in cell_states):
        cell_states |= {state for state in _STATE_STYLES if state.startswith(_EVIDENCE)}  # the whole scale
    states = {state: wording[state] for state in _STATE_STYLES if state in cell_states}
    states |= {s: context.missing_word(s) for s in states if s == "not_yet_described"}
    heads = tuple(wording[key] for key in ("map_first", "map_second", "map_how", "state"))
    rows = tuple((titles[k.column], titles[k.row], k.how or "—", states[k.state]) for k in cells)
    table = DataTable("linkage-map", heads, rows, (ALIGN_LEFT,) * len(heads), place)
    pairs = (f"{titles[k.column]} – {titles[k.row]}: {states[k.state]}" + f" ({k.how})" * bool(k.how) for k in cells)
    alt = wording["map_alt"].format(separator.join(pairs))
    wide, narrow = (_build_spec(cells, categories, states, width) for width in PICTURE_WIDTHS)
    is_worded = PICTURE_WIDTHS[-1] / (len(categories) - 1) >= _MIN_WORDS_WIDTH
    return Chart("linkage-map", wide, table, alt, place, narrow_spec=narrow, is_worded=is_worded)


def _build_spec(
    cells: Sequence[_MapCell], categories: Sequence[Category], states: Mapping[str, str], width: int
) -> Spec:
    names_width, head = (_NAMES_WIDTH, 0) if width == PICTURE_WIDTH else (0, LINE_HEIGHT + _GAP)
    count, side = len(categories) - 1, (width - names_width) / (len(categories) - 1)
    has_words = side >= _MIN_WORDS_WIDTH
    lines = {k: wrap(k.how or "—", count_fitting_letters(side - 2 * _PADDING)) if has_words else [] for k in cells}
    has_state = has_words and all(estimate_text_width(word) <= side - 4 * _PADDING for word in states.values())
    rows = max((2, *map(len, lines.values())))
    height = 2 * _MARK_OFFSET + (LINE_HEIGHT * rows + _PADDING) * has_words + head
    size = _CellSize(side, height, has_words, has_state, head)
    lines_by_state = {state: {cell: lines[cell] for cell in cells if cell.state == state} for state in states}
    layers = [
        layer for state, word in states.items() for layer in _draw_cells(state, word, lines_by_state[state], size)
    ]
    height *= count
    is_named = has_state and {cell.state for cell in cells} == {*states}
    # Beside the first row, the triangle has no cells.
    is_beside = has_state and count > 1
    x, y = (side * (count - 1) + _PADDING + 6, LINE_HEIGHT) if is_beside else (6 - names_width, height + LINE_HEIGHT)
    legend = [] if is_named else _draw_legend(x, y, states, is_stacked=is_beside or bool(head))
    return layered_spec(side * count, height, [*layers, *_draw_names(categories, size), *legend])


def _draw_cells(state: str, word: str, lines: Mapping[_MapCell, Sequence[str]], size: _CellSize) -> Iterator[Spec]:
    """Yield the cells of the links in one state: mark and word above, how they touch below."""
    fill, ink, _ = _STATE_STYLES[state]
    boxes = {cell: _cell_box(cell.row - 1, cell.column, size) for cell in lines}
    right = _PADDING + 6 if size.has_words else (size.width - _GAP) / 2
    yield mark_layer("rect", list(boxes.values()), fill)
    marks = [(box["x"] + right, box["y"] + _MARK_OFFSET - _GAP / 2) for box in boxes.values()]
    yield from _draw_marks(state, marks, ink)
    if size.has_state:
        yield text_layer([(x + _PADDING, y, word) for x, y in marks], ink, fontWeight=600)
    filled = [(box, lines[cell]) for cell, box in boxes.items() if lines[cell]]
    texts = [(box["x"] + _PADDING, box["y"] + 2 * _MARK_OFFSET, words) for box, words in filled]
    yield text_layer(texts, ink, baseline="top")


def _cell_box(row: int, column: int, size: _CellSize) -> dict[str, float]:
    x, y = column * size.width, row * size.height + size.head
    return {"x": x, "y": y, "x2": x + size.width - _GAP, "y2": (row + 1) * size.height - _GAP}


def _draw_marks(state: str, places: Sequence[tuple[float, float]], ink: str) -> Iterator[Spec]:
    """Yield a circle that is full, half full or empty, so that colour is not the only sign."""
    points = [{"x": x, "y": y} for x, y in places]
    yield mark_layer("point", points, ink, shape="circle", size=85, filled=False, strokeWidth=1)
    if shape := _STATE_STYLES[state][-1]:
        yield mark_layer("point", points, ink, shape=shape, size=85, filled=True, strokeWidth=0)


def _draw_names(categories: Sequence[Category], size: _CellSize) -> Iterator[Spec]:
    """Yield the names of columns, aligned at their last line, and of rows; narrow cells have letters."""
    wide = size.has_words
    columns, rows = categories[:-1], categories[1:]
    above = [wrap(c.title, count_fitting_letters(size.width - _PADDING)) if wide else [c.letters] for c in columns]
    most = max(map(len, above))
    top = [[*[""] * (most - len(lines)), *lines] for lines in above]
    heads = [(i * size.width + _PADDING * wide, -LINE_HEIGHT * most - 2, lines) for i, lines in enumerate(top)]
    yield text_layer(heads, "quiet" if size.head else "ink", baseline="top", fontWeight=600)
    titles = [c.title if wide else f"{c.title} {c.letters}" for c in rows]
    left = [[title] if size.head else wrap(title, count_fitting_letters(_NAMES_WIDTH - _PADDING)) for title in titles]
    x, middle = (0, size.head / 2) if size.head else (-_NAMES_WIDTH, size.height / 2)
    names = [(x, i * size.height + middle, text) for i, text in enumerate(left)]
    yield text_layer(names, "ink", fontWeight=600)


def _draw_legend(x: float, y: float, states: Mapping[str, str], *, is_stacked: bool) -> Iterator[Spec]:
    """Yield the meaning of the marks from a place on: one below the other, or in a line."""
    for state, word in states.items():
        yield from _draw_marks(state, [(x, y)], "ink")
        yield text_layer([(x + 12, y, word)], "ink")
        x, y = (x, y + LINE_HEIGHT + 3) if is_stacked else (x + estimate_text_width(word) + 40, y)
