"""Generated lists: action plan, matrices, registers, contributors, abbreviations, document control."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from nioc_paper.assemble.lists.annexes import (
    build_acronyms,
    build_bodies,
    build_contributors,
    build_decisions,
    build_document_control,
    build_glossary,
)
from nioc_paper.assemble.lists.cells import ListContext
from nioc_paper.assemble.lists.data_tables import build_data_tables
from nioc_paper.assemble.lists.linkage_matrix import build_linkage_matrix
from nioc_paper.assemble.lists.plans import (
    build_action_plan,
    build_findings,
    build_gaps,
    build_monitoring,
    build_objectives,
    build_owners,
    build_recommendations,
    build_risks,
    without_same_values,
)
from nioc_paper.assemble.lists.theory_of_change import CHART_BUILDERS, figure_builder
from nioc_paper.model import Node

__all__ = ["LIST_BUILDERS", "ListContext"]

LIST_BUILDERS: Mapping[str, Callable[[ListContext], list[Node]]] = MappingProxyType(
    {
        "action-plan": without_same_values(build_action_plan),
        "monitoring": without_same_values(build_monitoring),
        "owners": without_same_values(build_owners),
        "bodies": build_bodies,
        "gaps": without_same_values(build_gaps),
        "linkages": build_linkage_matrix,
        "objectives": without_same_values(build_objectives),
        "risks": without_same_values(build_risks),
        "findings": build_findings,
        "recommendations": build_recommendations,
        "contributors": without_same_values(build_contributors),
        "acronyms": build_acronyms,
        "glossary": build_glossary,
        "decisions": without_same_values(build_decisions),
        "history": without_same_values(build_document_control),
        "data": build_data_tables,
        **{name: figure_builder(name) for name in CHART_BUILDERS},
    }
)
