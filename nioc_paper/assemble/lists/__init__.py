"""Generated lists: action plan, matrices, registers, contributors, abbreviations, document control."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from nioc_paper.assemble.lists.annexes import (
    build_acronyms,
    build_bodies,
    build_contributors,
    build_decisions,
    build_document_control,
    build_glossary,
)
from nioc_paper.assemble.lists.generated_charts import CHART_BUILDERS, figure_builder
from nioc_paper.assemble.lists.item_lists import (
    build_action_plan,
    build_item_list,
    build_item_table,
    build_monitoring,
    build_owners,
    without_same_values,
)
from nioc_paper.assemble.lists.linkages import build_linkages
from nioc_paper.assemble.lists.list_context import ListContext
from nioc_paper.assemble.lists.timelines_and_data import build_data_tables
from nioc_paper.model import Node

__all__ = ["LIST_BUILDERS", "ListContext"]

LIST_BUILDERS: Mapping[str, Callable[[ListContext], list[Node]]] = MappingProxyType(
    {
        "action-plan": without_same_values(build_action_plan),
        "monitoring": without_same_values(build_monitoring),
        "owners": without_same_values(build_owners),
        "bodies": build_bodies,
        **{n: without_same_values(partial(build_item_table, name=n)) for n in ("gaps", "objectives", "risks")},
        "linkages": build_linkages,
        **{f"{kind}s": partial(build_item_list, kind=kind) for kind in ("finding", "recommendation")},
        "contributors": without_same_values(build_contributors),
        "acronyms": build_acronyms,
        "glossary": build_glossary,
        "decisions": without_same_values(build_decisions),
        "history": without_same_values(build_document_control),
        "data": build_data_tables,
        **{name: figure_builder(name) for name in CHART_BUILDERS},
    }
)
