"""The lists that nobody types: action plan, matrices, registers, contributors, abbreviations, document control."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from nioc_paper.assemble.lists.annexes import acronyms, contributors, decisions, history
from nioc_paper.assemble.lists.cells import Context
from nioc_paper.assemble.lists.data import data
from nioc_paper.assemble.lists.matrix import linkages
from nioc_paper.assemble.lists.pictures import PICTURES, figure
from nioc_paper.assemble.lists.plans import action_plan, findings, gaps, monitoring, recommendations
from nioc_paper.model import Node

__all__ = ["LISTS", "Context"]

LISTS: Mapping[str, Callable[[Context], list[Node]]] = MappingProxyType(
    {
        "action-plan": action_plan,
        "monitoring": monitoring,
        "gaps": gaps,
        "linkages": linkages,
        "findings": findings,
        "recommendations": recommendations,
        "contributors": contributors,
        "acronyms": acronyms,
        "decisions": decisions,
        "history": history,
        "data": data,
        **{name: figure(name) for name in PICTURES},
    }
)
