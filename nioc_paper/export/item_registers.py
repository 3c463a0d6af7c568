"""Registers of recommendations, objectives, gaps, findings, linkages and risks, with numbers and words as printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import zip_longest

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.domain.citations_as_text import part_blocks, plain_text_without_citations, printed_fields
from nioc_paper.domain.fact_values import Cost, plain_text_with_facts, read_cost
from nioc_paper.export.register_table import CellValue, ColumnGetter, ExportSource, Register
from nioc_paper.model import Chapter, Item, Node, Reference
from nioc_paper.tree.strategy_items import ITEM_PREFIXES

_RECOMMENDATION_FIELDS = (
    *("Support", "By", "Indicator", "Baseline", "Target", "Source of data", "Frequency"),
    *("Objective", "Priority", "Legal basis", "Cost", "Funding", "Risk", "Pillar", "Type", "Evidence"),
)
"""Fields of a recommendation, besides its owner and the gaps it closes."""


class _PrintedItem(Struct, frozen=True):
    """An item of a chapter, with its printed form."""

    chapter: Chapter
    source_item: Item
    printed_node: Node | None
    references: Mapping[str, Reference]
    closed_by: tuple[str, ...] = ()
    """Numbers of the recommendations that close the gap."""

    @property
    def number(self) -> str:
        """Printed number: TF-1."""
        _, _, number = tree.plain_text(part_blocks(self.printed_node, "title")).rpartition(" ")
        return number

    @property
    def text(self) -> str:
        """Text with references filled in, without sources."""
        if self.printed_node is None:
            return self.source_item.text
        blocks = tree.content(self.printed_node)
        inside = [b for b in blocks if not (tree.is_div(b, "title") or tree.is_div(b, "fields"))]
        return plain_text_without_citations(inside, self.references)

    @property
    def fields(self) -> dict[str, str]:
        """Printed lines below the text by name, without sources."""
        return printed_fields(self.printed_node, self.source_item, self.references)

    @property
    def linked_id(self) -> str:
        """Id of the chapter that a linkage leads to."""
        return self.source_item.attributes.get("to", "")

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of its citations."""
        values = [field.inlines for field in self.source_item.fields.values()]
        cited = (n for n in tree.walk([self.source_item.blocks, values]) if n["t"] == "Cite")
        return tuple(dict.fromkeys(c["citationId"] for n in cited for c in tree.citations(n)))


def _items_of_kind(kind: str) -> Callable[[ExportSource], Iterator[_PrintedItem]]:
    def list_items(source: ExportSource) -> Iterator[_PrintedItem]:
        divs = {tree.identifier(block): block for block in source.document.blocks}
        for chapter in source.paper.chapters:
            nodes = tree.walk(divs.get(f"chapter-{chapter.id}", []))
            # Printed blocks of a chapter have the order of the source.
            printed = [n for n in nodes if n["t"] == "Div" and ITEM_PREFIXES.keys() & tree.classes(n)]
            for block, node in zip_longest(chapter.items, printed[: len(chapter.items)]):
                if block.kind == kind:
                    yield _PrintedItem(chapter, block, node, source.paper.references)

    return list_items


def _gaps_with_closers(source: ExportSource) -> Iterator[_PrintedItem]:
    closing_numbers = [
        (name, r.number)
        for r in _items_of_kind("recommendation")(source)
        for name in r.source_item.field_parts("closes")
    ]
    for gap in _items_of_kind("gap")(source):
        yield replace(gap, closed_by=tuple(number for name, number in closing_numbers if name == gap.source_item.id))


def _field_column(name: str) -> ColumnGetter[_PrintedItem]:
    return lambda _, item: item.fields.get(name.lower())


def _cost_column(part: Callable[[Cost], CellValue]) -> ColumnGetter[_PrintedItem]:
    """Return the getter of a part of a cost, for sums; empty without a readable cost."""

    def get_part(source: ExportSource, item: _PrintedItem) -> CellValue:
        field = item.source_item.fields.get("cost")
        cost = read_cost(plain_text_with_facts(field.inlines, source.paper.facts)) if field else None
        return part(cost) if cost else None

    return get_part


def _serving_recommendations(source: ExportSource, objective: _PrintedItem) -> tuple[str, ...]:
    """Return the numbers of the recommendations that name an objective."""
    recommendations = _items_of_kind("recommendation")(source)
    return tuple(
        r.number for r in recommendations if objective.source_item.id in r.source_item.field_parts("objective")
    )


def _due_date(_: ExportSource, item: _PrintedItem) -> CellValue:
    return item.source_item.due_on or item.fields.get("by")


_TEXT_COLUMNS: Mapping[str, ColumnGetter[_PrintedItem]] = {
    "Text": lambda _, item: item.text,
    "Chapter": lambda _, item: item.chapter.front.title,
}
_ORIGIN_COLUMNS: Mapping[str, ColumnGetter[_PrintedItem]] = {
    "Sources": lambda source, item: tuple(key for key in item.sources if key in source.paper.references),
    "Id": lambda _, item: item.source_item.id,
    "Where": lambda _, item: str(item.source_item.place),
}


def _register(
    records: Callable[[ExportSource], Iterator[_PrintedItem]], columns: Mapping[str, ColumnGetter[_PrintedItem]]
) -> Register[_PrintedItem]:
    """Return the register of items with a number; its own columns are between the text and the origin."""
    number: Mapping[str, ColumnGetter[_PrintedItem]] = {"Number": lambda _, item: item.number}
    return Register(records, {**number, **_TEXT_COLUMNS, **columns, **_ORIGIN_COLUMNS}, _INTERNAL_HEADS)


_INTERNAL_HEADS = frozenset({"Where"})

RECOMMENDATIONS = _register(
    _items_of_kind("recommendation"),
    {
        "Owner": _field_column("owner"),
        **{name: _field_column(name) for name in _RECOMMENDATION_FIELDS},
        "By": _due_date,
        "Closes": _field_column("closes"),
        "Cost amount": _cost_column(lambda cost: int(cost.amount)),
        "Cost currency": _cost_column(lambda cost: cost.currency),
        "Cost year": _cost_column(lambda cost: cost.year),
        "Cost a year": _cost_column(lambda cost: cost.is_yearly),
    },
)
OBJECTIVES = _register(
    _items_of_kind("objective"),
    {
        **{name: _field_column(name) for name in ("Owner", "Indicator", "Baseline", "Target", "Evidence")},
        "By": _due_date,
        "Served by": _serving_recommendations,
    },
)
RISKS = _register(_items_of_kind("risk"), {name: _field_column(name) for name in ("Response", "Owner", "Evidence")})
GAPS = _register(
    _gaps_with_closers,
    {
        "Type": _field_column("type"),
        "Evidence": _field_column("evidence"),
        "Closed by": lambda _, item: item.closed_by,
    },
)
FINDINGS: Register[_PrintedItem] = Register(
    _items_of_kind("finding"), {**_TEXT_COLUMNS, **_ORIGIN_COLUMNS}, _INTERNAL_HEADS
)
LINKAGES: Register[_PrintedItem] = Register(
    _items_of_kind("linkage"),
    {
        "Chapter": _TEXT_COLUMNS["Chapter"],
        "With": lambda source, item: next(
            (c.front.title for c in source.paper.chapters if c.id == item.linked_id), item.linked_id
        ),
        "How": lambda _, item: [k.how or "" for k in item.chapter.front.links if k.to == item.linked_id],
        "Text": _TEXT_COLUMNS["Text"],
        **_ORIGIN_COLUMNS,
    },
    _INTERNAL_HEADS,
)
