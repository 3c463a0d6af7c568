"""Charts generated from the registers, drawn like any other chart in every output."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from nioc_paper import tree
from nioc_paper.assemble.lists.cells import ListContext
from nioc_paper.assemble.lists.linkage_map import build_linkage_map
from nioc_paper.assemble.lists.plan_chart import build_timeline
from nioc_paper.assemble.lists.theory_of_change import build_theory_of_change
from nioc_paper.model import Chart, Node, Paper

CHART_BUILDERS: Mapping[str, Callable[[ListContext], Chart]] = MappingProxyType(
    {"linkage-map": build_linkage_map, "theory-of-change": build_theory_of_change, "timeline": build_timeline}
)
"""Builders by the name of the list."""


def has_chart(paper: Paper, name: str) -> bool:
    """Return whether a paper has the data of a generated chart."""
    return {
        "linkage-map": len(paper.settings.categories) > 1,
        "theory-of-change": any(chapter.items_of_kind("objective") for chapter in paper.chapters),
        "timeline": bool(paper.timeline.gates and paper.timeline.start and paper.timeline.deadline),
    }.get(name, False)


def requested_chart(node: Node, paper: Paper) -> str:
    """Return the generated chart that a block requests and the paper has; empty for every other node."""
    name = tree.attributes(node).get("list", "") if tree.is_div(node, "generated") else ""
    return name if has_chart(paper, name) else ""


def build_charts(context: ListContext) -> dict[str, Chart]:
    """Return the generated charts of a paper, by their target in the tree."""
    return {f"chart:{name}": build_chart(context, name) for name in CHART_BUILDERS if has_chart(context.paper, name)}


def build_chart(context: ListContext, name: str) -> Chart:
    """Return a generated chart of the chapters of the context."""
    return context.draw_once(f"list:{name}", context.chapters, lambda: CHART_BUILDERS[name](context))


def figure_builder(name: str) -> Callable[[ListContext], list[Node]]:
    """Return the builder of a list: a figure without id and caption."""

    def build_figure(context: ListContext) -> list[Node]:
        if not has_chart(context.paper, name):
            return []
        alt = tree.text_inlines(build_chart(context, name).alt)
        picture = tree.plain_block([{"t": "Image", "c": [tree.attr(), alt, [f"chart:{name}", ""]]}])
        return [{"t": "Figure", "c": [tree.attr(), [None, []], [picture]]}]

    return build_figure
