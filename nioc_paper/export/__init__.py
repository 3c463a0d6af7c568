"""Registers as tables for a spreadsheet: what is in them is pure, the bytes of a file are made last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from nioc_paper.export import csv, items, registers, reviews, xlsx
from nioc_paper.export.table import Given, Register, Table
from nioc_paper.model import AUDIENCES, Document

__all__ = ["REGISTERS", "WRITERS", "Given", "Table", "tables"]

REGISTERS: Mapping[str, Register] = MappingProxyType(
    {
        "recommendations": items.RECOMMENDATIONS,
        "gaps": items.GAPS,
        "findings": items.FINDINGS,
        "linkages": items.LINKAGES,
        "chapters": registers.CHAPTERS,
        "gates": registers.GATES,
        "decisions": registers.DECISIONS,
        "facts": registers.FACTS,
        "sources": registers.SOURCES,
        "citations": registers.CITATIONS,
        "acronyms": registers.ACRONYMS,
        "terms": registers.TERMS,
        "contributors": registers.CONTRIBUTORS,
        "organizations": registers.ORGANIZATIONS,
        "comments": reviews.COMMENTS,
        "sendings": reviews.SENDINGS,
    }
)
"""By the name of the file and of the sheet, in the order of the sheets."""

WRITERS: Mapping[str, Callable[[Sequence[Table], Document], Mapping[str, bytes]]] = MappingProxyType(
    {"csv": csv.write, "xlsx": xlsx.write}
)
"""By format: from tables to files by name."""


def tables(given: Given, names: Sequence[str] = ()) -> list[Table]:
    """The registers of these names, or all, as far as the audience of the document may read them."""
    inside = given.document.copy.audience == AUDIENCES[-1]
    return [REGISTERS[name].table(name, given, inside=inside) for name in names or REGISTERS]
