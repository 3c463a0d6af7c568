"""Charts generated from the registers, drawn like any other chart in every output."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from nioc_paper import tree
from nioc_paper.assemble.lists.cells import ListContext
from nioc_paper.assemble.lists.linkages import build_linkage_map
from nioc_paper.assemble.lists.plan_chart import build_timeline
from nioc_paper.model import Chart, Node, Paper

CHART_BUILDERS: Mapping[str, Callable[[ListContext], Chart]] = MappingProxyType(
    {"linkage-map": build_linkage_map, "timeline": build_timeline}
)
"""Builders by the name of the list."""


def has_chart(paper: Paper, name: str) -> bool:
    """Return whether a paper has the data of a generated chart."""
    return {
        "linkage-map": len(paper.settings.categories) > 1,
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
