"""Chart of the theory of change: recommendations lead to objectives, objectives to the signs that show progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from textwrap import wrap
from types import MappingProxyType
from typing import NamedTuple

from nioc_paper import tree
from nioc_paper.assemble.lists.cells import ListContext, printed_words
from nioc_paper.assemble.lists.linkages import build_linkage_map
from nioc_paper.assemble.lists.plan_chart import build_timeline
from nioc_paper.assemble.lists.vega_layers import (
    ALIGN_LEFT,
    LINE_HEIGHT,
    PICTURE_WIDTH,
    Spec,
    count_fitting_letters,
    layered_spec,
    mark_layer,
    text_layer,
)
from nioc_paper.model import Chapter, Chart, DataTable, Item, Node, Paper

_COLUMNS = ("recommendations", "objective", "indicator")
"""Keys of the column heads in the wording, from left to right."""
_STYLES = (("blank", "ink"), ("strong", "on-strong"), ("soft", "ink"))
"""Fill and ink of the boxes of each column."""
_ARROW, _PADDING, _GAP = 26, 9, 10
"""Pixels for an arrow between columns, inside a box, and between rows."""
_BOX_WIDTH = (PICTURE_WIDTH - 2 * _ARROW) / len(_COLUMNS)
_ARROWHEAD = "M-1,-1L1,0L-1,1Z"


class _ChainRow(NamedTuple):
    """Texts of the boxes for one objective, from left to right, and the lines of each."""

    texts: Sequence[str]
    lines: Sequence[Sequence[str]]

    @property
    def height(self) -> float:
        return LINE_HEIGHT * max(map(len, self.lines)) + 2 * _PADDING


def build_theory_of_change(context: ListContext) -> Chart:
    """Return the chart of the objectives, each with the recommendations that serve it and its indicator."""
    rows = [_build_row(context, chapter, objective) for chapter, objective in context.items_of_kind("objective")]
    heads = tuple(context.words[name] for name in _COLUMNS)
    place = next(objective.place for _, objective in context.items_of_kind("objective"))
    table = DataTable(
        "theory-of-change", heads, tuple(tuple(row.texts) for row in rows), (ALIGN_LEFT,) * len(heads), place
    )
    alt = f"{context.words['stop']} ".join(" → ".join(row.texts) for row in rows)
    spec = _build_spec(rows, heads)
    alt = f"{context.words['change_alt']}: {alt}"
    return Chart("theory-of-change", spec, table, alt, place, is_drawn=True, is_worded=True)


def _build_row(context: ListContext, chapter: Chapter, objective: Item) -> _ChainRow:
    served = [
        context.numbers.get(item.id, item.id)
        for _, item in context.items_of_kind("recommendation")
        if objective.id in item.field_parts("objective")
    ]
    first: Sequence[Node] = next((block["c"] for block in objective.blocks if block["t"] in ("Para", "Plain")), ())
    indicator = objective.fields["indicator"].inlines if "indicator" in objective.fields else ()
    texts = (
        f"{context.words['comma']} ".join(served) or context.missing_word("nothing_yet"),
        f"{context.numbers.get(objective.id, '')} {printed_words(context, chapter, first)}".strip(),
        printed_words(context, chapter, indicator) or "—",
    )
    letters = count_fitting_letters(_BOX_WIDTH - 2 * _PADDING)
    return _ChainRow(texts, [wrap(text, letters) for text in texts])


def _build_spec(rows: Sequence[_ChainRow], heads: Sequence[str]) -> Spec:
    tops = [sum(row.height + _GAP for row in rows[:index]) for index in range(len(rows))]
    placed, layers = [*zip(rows, tops, strict=True)], list[Spec]()
    for column, (fill, ink) in enumerate(_STYLES):
        left = column * (_BOX_WIDTH + _ARROW)
        boxes = [{"x": left, "y": top, "x2": left + _BOX_WIDTH, "y2": top + row.height} for row, top in placed]
        texts = [(left + _PADDING, top + _PADDING, list(row.lines[column])) for row, top in placed]
        layers += [mark_layer("rect", boxes, fill), text_layer(texts, ink, baseline="top")]
        layers += _draw_arrows(rows, tops, left) if column else []
    names = [(i * (_BOX_WIDTH + _ARROW), -LINE_HEIGHT, head) for i, head in enumerate(heads)]
    height = tops[-1] + rows[-1].height if rows else 0
    return layered_spec(PICTURE_WIDTH, height, [*layers, text_layer(names, "ink", fontWeight=600)])


def _draw_arrows(rows: Sequence[_ChainRow], tops: Sequence[float], left: float) -> Iterator[Spec]:
    """Yield an arrow for each row, to the box that begins at `left`."""
    middles = [top + row.height / 2 for row, top in zip(rows, tops, strict=True)]
    shafts: list[dict[str, object]] = [{"x": left - _ARROW + 4, "y": y, "x2": left - 8} for y in middles]
    yield mark_layer("rule", shafts, "ink", strokeWidth=1)
    heads = [{"x": left - 8, "y": y} for y in middles]
    yield mark_layer("point", heads, "ink", shape=_ARROWHEAD, size=30, filled=True)


# --- charts generated from the registers, drawn like any other chart in every output ----------------------------------


CHART_BUILDERS: Mapping[str, Callable[[ListContext], Chart]] = MappingProxyType(
    {"linkage-map": build_linkage_map, "theory-of-change": build_theory_of_change, "timeline": build_timeline}
)
"""Builders by the name of the list."""


def has_chart(paper: Paper, name: str) -> bool:
    """Return whether a paper has the data of a generated chart."""
    return {
        "linkage-map": len(paper.settings.categories) > 1,
        "theory-of-change": any(c.items_of_kind("objective") for c in paper.chapters if c.path in paper.listed_paths),
        "timeline": bool(paper.timeline.gates and paper.timeline.start and paper.timeline.deadline),
    }.get(name, False)


def requested_chart(node: Node, paper: Paper) -> str:
    """Return the generated chart that a block requests and the paper has; empty for every other node."""
    name = tree.attributes(node).get("list", "") if tree.is_div(node, "generated") else ""
    return name if has_chart(paper, name) else ""


def build_charts(context: ListContext) -> dict[str, Chart]:
    """Return the generated charts of a paper, by their target in the tree."""
    return {f"chart:{name}": build(context) for name, build in CHART_BUILDERS.items() if has_chart(context.paper, name)}


def figure_builder(name: str) -> Callable[[ListContext], list[Node]]:
    """Return the builder of a list: a figure without id and caption."""

    def build_figure(context: ListContext) -> list[Node]:
        if not has_chart(context.paper, name):
            return []
        alt = tree.text_inlines(CHART_BUILDERS[name](context).alt)
        picture = tree.plain_block([{"t": "Image", "c": [tree.attr(), alt, [f"chart:{name}", ""]]}])
        return [{"t": "Figure", "c": [tree.attr(), [None, []], [picture]]}]

    return build_figure
