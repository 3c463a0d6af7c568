"""Diagram of routes: nodes in columns, and arrows between them with what moves above, and who says so below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from textwrap import wrap
from typing import NamedTuple

from msgspec import Struct

from nioc_paper.assemble.lists.vega_layers import (
    LINE_HEIGHT,
    NARROW_PICTURE_WIDTH,
    PICTURE_WIDTH,
    Spec,
    count_fitting_letters,
    layered_spec,
    mark_layer,
    text_layer,
)
from nioc_paper.domain.diagrams import name_sources
from nioc_paper.model import Reference, RouteArrow, RoutesChart

_NODE_SHARES = {1: 1.0, 2: 0.26, 3: 0.2}
"""Share of the width that a node has, by the number of columns; of more, the last."""
_LEAST_SHARE = 0.15
_PADDING, _GAP, _HEAD = 8, 12, 7
"""Pixels inside a box, between rows, and of an arrowhead."""
_RIGHT, _LEFT = "M-1,-1L1,0L-1,1Z", "M1,-1L-1,0L1,1Z"
_NARROW_NODE = 132
Point = dict[str, object]


class _Box(NamedTuple):
    """Rectangle in pixels."""

    x: float
    y: float
    width: float
    height: float


class _RouteLabel(Struct, frozen=True):
    """Texts of an arrow in the gap between two columns, at a height."""

    arrow: RouteArrow
    above: Sequence[str]
    below: Sequence[str]
    left: str
    """Node at its left end."""
    right: str
    gap: int
    y: float = 0.0

    @property
    def height(self) -> float:
        return LINE_HEIGHT * (len(self.above) + len(self.below)) + _GAP

    @property
    def line_y(self) -> float:
        """Height of the line below the first texts."""
        return self.y + _GAP / 2 + LINE_HEIGHT * len(self.above) + 1


def assign_columns(routes: RoutesChart) -> dict[str, int]:
    """Return the column of each node: right of all that are named earlier and have an arrow in common with it."""
    columns: dict[str, int] = {}
    for node in routes.nodes:
        ends = {end for a in routes.arrows if node.id in (a.from_, a.to) for end in (a.from_, a.to)}
        columns[node.id] = max((columns[end] + 1 for end in ends if end in columns), default=0)
    return columns


def draw_routes(routes: RoutesChart, references: Mapping[str, Reference]) -> tuple[Spec, Spec]:
    """Return the drawings of a page and of a phone."""
    return _WideDrawing(routes, references).build_spec(), _draw_narrow(routes, references)


class _WideDrawing:
    """Drawing with a column for the nodes of each step."""

    def __init__(self, routes: RoutesChart, references: Mapping[str, Reference]) -> None:
        self.routes, self.columns = routes, assign_columns(routes)
        count = max(self.columns.values()) + 1
        self.node_width = PICTURE_WIDTH * _NODE_SHARES.get(count, _LEAST_SHARE)
        self.gap_width = (PICTURE_WIDTH - count * self.node_width) / max(1, count - 1)
        self.titles = {
            node.id: wrap(node.title, count_fitting_letters(self.node_width - 2 * _PADDING)) for node in routes.nodes
        }
        self.labels = self._stack_labels(self._make_labels(references))
        self.boxes = self._place_boxes()

    def _make_labels(self, references: Mapping[str, Reference]) -> list[_RouteLabel]:
        letters = count_fitting_letters(self.gap_width - 2 * _PADDING)
        order = {node.id: n for n, node in enumerate(self.routes.nodes)}
        names = name_sources((arrow.source for arrow in self.routes.arrows), references)
        out = []
        for arrow in self.routes.arrows:
            left, right = sorted((arrow.from_, arrow.to), key=self.columns.__getitem__)
            below = wrap(names[arrow.source], letters)
            out.append(_RouteLabel(arrow, wrap(arrow.text, letters), below, left, right, self.columns[left]))
        # Arrows over several columns are below all others: nothing is in their way there.
        return sorted(out, key=lambda label: (self._span(label) > 1, order[label.left], order[label.right]))

    def _span(self, label: _RouteLabel) -> int:
        return self.columns[label.right] - self.columns[label.left]

    def _stack_labels(self, labels: Sequence[_RouteLabel]) -> list[_RouteLabel]:
        """Return the labels one below the other in each gap."""
        bottoms: dict[int, float] = {}
        out = []
        for label in labels:
            gaps = range(label.gap, self.columns[label.right])
            y = max(bottoms.get(gap, 0.0) for gap in gaps)
            bottoms |= dict.fromkeys(gaps, y + label.height)
            out.append(_RouteLabel(label.arrow, label.above, label.below, label.left, label.right, label.gap, y))
        return out

    def _place_boxes(self) -> dict[str, _Box]:
        """Return the boxes of the nodes, each as high as its arrows reach, unless another one is between them."""
        boxes: dict[str, _Box] = {}
        for column in sorted(set(self.columns.values())):
            nodes = [node.id for node in self.routes.nodes if self.columns[node.id] == column]
            spans = {name: self._span_of_arrows(name) for name in nodes}
            ordered = sorted(nodes, key=lambda name: sum(spans[name]))
            overlap = any(spans[a][1] > spans[b][0] for a, b in pairwise(ordered))
            bottom = 0.0
            for name in ordered:
                least = LINE_HEIGHT * len(self.titles[name]) + 2 * _PADDING
                top, end = spans[name]
                height = least if overlap else max(least, end - top)
                y = max(bottom, (top + end - height) / 2)
                boxes[name] = _Box(column * (self.node_width + self.gap_width), y, self.node_width, height)
                bottom = y + height + _GAP
        return boxes

    def _span_of_arrows(self, name: str) -> tuple[float, float]:
        own = [label for label in self.labels if name in (label.left, label.right)]
        return min(label.y for label in own) + _GAP / 2, max(label.y + label.height for label in own) - _GAP / 2

    def build_spec(self) -> Spec:
        height = max(
            *(box.y + box.height for box in self.boxes.values()), *(label.y + label.height for label in self.labels)
        )
        layers = [layer for label in self.labels for layer in self._draw_arrow(label)]
        layers += _draw_boxes([(self.boxes[node.id], self.titles[node.id]) for node in self.routes.nodes])
        return layered_spec(PICTURE_WIDTH, height, layers)

    def _draw_arrow(self, label: _RouteLabel) -> Iterator[Spec]:
        """Yield the line from box to box, its head, and the texts above and below."""
        left, right = self.boxes[label.left], self.boxes[label.right]
        start, end = left.x + left.width + 3, right.x - 3
        x, y = start, label.line_y
        near, far = x + _PADDING, end - _PADDING
        ports = [_port(left, y), _port(right, y)]
        bends = [(start, ports[0]), (near, y), (far, y), (end, ports[1])]
        parts = [{"x": a, "y": b, "x2": c, "y2": d} for (a, b), (c, d) in pairwise(bends)]
        yield mark_layer("rule", parts, "ink", strokeWidth=1)
        is_forward = label.arrow.from_ == label.left
        head = {"x": end - 2, "y": ports[1]} if is_forward else {"x": start + 2, "y": ports[0]}
        yield mark_layer("point", [head], "ink", shape=_RIGHT if is_forward else _LEFT, size=40, filled=True)
        middle = start + self.gap_width / 2 - 3
        top = y - 3 - LINE_HEIGHT * (len(label.above) - 0.5)
        yield _lines(middle, top, label.above, "ink")
        yield _lines(middle, y + 3 + LINE_HEIGHT / 2, label.below, "quiet")


def _port(box: _Box, y: float) -> float:
    """Return the height at which a line at some height meets a box."""
    return min(max(y, box.y + _PADDING), box.y + box.height - _PADDING)


def _draw_boxes(boxes: Sequence[tuple[_Box, Sequence[str]]]) -> Iterator[Spec]:
    areas: list[Point] = [{"x": b.x, "y": b.y, "x2": b.x + b.width, "y2": b.y + b.height} for b, _ in boxes]
    yield mark_layer("rect", areas, "soft")
    for box, lines in boxes:
        top = box.y + (box.height - LINE_HEIGHT * (len(lines) - 1)) / 2
        yield _lines(box.x + box.width / 2, top, lines, "ink", weight=600)


def _lines(x: float, y: float, lines: Sequence[str], style: str, weight: int = 400) -> Spec:
    """Return centred lines, the middle of the first at `y`."""
    data: list[Point] = [{"x": x, "y": y + LINE_HEIGHT * n, "text": line} for n, line in enumerate(lines)]
    return text_layer(data, style, align="center", fontWeight=weight)


def _draw_narrow(routes: RoutesChart, references: Mapping[str, Reference]) -> Spec:
    """Return the arrows one below the other, each between its two nodes."""
    titles = {node.id: wrap(node.title, count_fitting_letters(_NARROW_NODE - 2 * _PADDING)) for node in routes.nodes}
    names = name_sources((arrow.source for arrow in routes.arrows), references)
    letters = count_fitting_letters(NARROW_PICTURE_WIDTH)
    layers: list[Spec] = []
    y = 0.0
    for arrow in routes.arrows:
        for style, text in (("ink", arrow.text), ("quiet", names[arrow.source])):
            lines = wrap(text, letters)
            places = [{"x": 0, "y": y + LINE_HEIGHT * (n + 0.5), "text": words} for n, words in enumerate(lines)]
            layers.append(text_layer(places, style))
            y += LINE_HEIGHT * len(lines)
        height = LINE_HEIGHT * max(len(titles[arrow.from_]), len(titles[arrow.to])) + 2 * _PADDING
        ends = [_Box(x, y + 4, _NARROW_NODE, height) for x in (0, NARROW_PICTURE_WIDTH - _NARROW_NODE)]
        layers += _draw_boxes([(ends[0], titles[arrow.from_]), (ends[1], titles[arrow.to])])
        middle, tip = y + 4 + height / 2, ends[1].x - 5
        layers.append(mark_layer("rule", [{"x": _NARROW_NODE + 3, "y": middle, "x2": tip}], "ink", strokeWidth=1))
        layers.append(mark_layer("point", [{"x": tip, "y": middle}], "ink", shape=_RIGHT, size=40, filled=True))
        y += height + 4 + 2 * _GAP
    return layered_spec(NARROW_PICTURE_WIDTH, y - 2 * _GAP, layers)
