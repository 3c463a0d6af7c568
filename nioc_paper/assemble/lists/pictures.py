"""Pictures that nobody draws: charts made from the registers, drawn like any other chart in every output."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from nioc_paper import tree
from nioc_paper.assemble.lists.cells import Context
from nioc_paper.assemble.lists.linkage_map import linkage_map
from nioc_paper.assemble.lists.timeline import timeline
from nioc_paper.model import Chart, Node, Paper

PICTURES: Mapping[str, Callable[[Context], Chart]] = MappingProxyType(
    {"linkage-map": linkage_map, "timeline": timeline}
)
"""By the name of the list."""


def has(paper: Paper, name: str) -> bool:
    """Whether a paper has what a picture shows."""
    return {
        "linkage-map": len(paper.settings.categories) > 1,
        "timeline": bool(paper.timeline.gates and paper.timeline.start and paper.timeline.deadline),
    }.get(name, False)


def name_of(node: Node, paper: Paper) -> str:
    """The picture that a block asks for and the paper has; empty for every other node."""
    name = tree.values(node).get("list", "") if tree.is_div(node, "generated") else ""
    return name if has(paper, name) else ""


def charts(context: Context) -> dict[str, Chart]:
    """The pictures that the paper has, by their target in the tree."""
    return {f"chart:{name}": make(context) for name, make in PICTURES.items() if has(context.paper, name)}


def figure(name: str) -> Callable[[Context], list[Node]]:
    """The list of a name: a figure that is still without an id and a caption."""

    def make(context: Context) -> list[Node]:
        if not has(context.paper, name):
            return []
        alt = tree.text(PICTURES[name](context).alt)
        picture = tree.plain_block([{"t": "Image", "c": [tree.attr(), alt, [f"chart:{name}", ""]]}])
        return [{"t": "Figure", "c": [tree.attr(), [None, []], [picture]]}]

    return make
