"""Export registers as tables for spreadsheets: content first, purely, then the bytes of files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from nioc_paper.export import item_registers, register_table, yaml_registers
from nioc_paper.export.register_table import ExportSource, Register, Table
from nioc_paper.model import AUDIENCES, Document

__all__ = ["REGISTERS", "WRITERS", "ExportSource", "Table", "build_tables"]

REGISTERS: Mapping[str, Register[Any]] = MappingProxyType(
    {
        "recommendations": item_registers.RECOMMENDATIONS,
        "objectives": item_registers.OBJECTIVES,
        "gaps": item_registers.GAPS,
        "findings": item_registers.FINDINGS,
        "linkages": item_registers.LINKAGES,
        "risks": item_registers.RISKS,
        "chapters": yaml_registers.CHAPTERS,
        "gates": yaml_registers.GATES,
        "decisions": yaml_registers.DECISIONS,
        "facts": yaml_registers.FACTS,
        "sources": yaml_registers.SOURCES,
        "citations": yaml_registers.CITATIONS,
        "acronyms": yaml_registers.ACRONYMS,
        "terms": yaml_registers.TERMS,
        "contributors": yaml_registers.CONTRIBUTORS,
        "organizations": yaml_registers.ORGANIZATIONS,
        "comments": yaml_registers.COMMENTS,
        "sendings": yaml_registers.SENDINGS,
        "agreements": yaml_registers.AGREEMENTS,
    }
)
"""Registers by name of file and sheet, in the order of the sheets."""

WRITERS: Mapping[str, Callable[[Sequence[Table], Document], Mapping[str, bytes]]] = MappingProxyType(
    {"csv": register_table.write_csv, "xlsx": register_table.write_xlsx}
)
"""Functions from tables to files by name, by format."""


def build_tables(source: ExportSource, names: Sequence[str] = ()) -> list[Table]:
    """Return the registers of these names, or all, as far as the document's audience may read them."""
    internal = source.document.copy.audience == AUDIENCES[-1]
    return [REGISTERS[name].build_table(name, source, internal=internal) for name in names or REGISTERS]
