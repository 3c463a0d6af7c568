"""Recommendations, gaps, findings and linkages: with their numbers, and their words as they are printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import zip_longest

from nioc_paper import tree
from nioc_paper.export.table import Column, Given, Register, Value
from nioc_paper.items import ITEMS
from nioc_paper.model import Block, Chapter, Node

_FIELDS = (
    *("Support", "By", "Indicator", "Baseline", "Target", "Source of data", "Frequency"),
    *("Legal basis", "Cost", "Risk", "Priority", "Pillar", "Type", "Evidence"),
)
"""Of a recommendation, besides its owner and what it closes."""


@dataclass(frozen=True, slots=True)
class _Item:
    """A block of a chapter, and what became of it in print."""

    chapter: Chapter
    block: Block
    printed: Node | None
    closers: tuple[str, ...] = ()
    """Numbers of the recommendations that close it."""

    @property
    def number(self) -> str:
        """As it is printed: TF-1."""
        _, _, number = tree.plain(self.part("title")).rpartition(" ")
        return number

    @property
    def text(self) -> str:
        """The text, its references filled, without its sources."""
        if self.printed is None:
            return self.block.text
        inside = [b for b in self.printed["c"][1] if not any(tree.is_div(b, name) for name in ("title", "fields"))]
        return _said(inside)

    @property
    def fields(self) -> dict[str, str]:
        """The lines below the text by name, as they are printed, without their sources."""
        lines = [n for block in self.part("fields") for n in tree.walk(block) if n["t"] == "Plain"]
        said = (_said(line["c"][1:]).removeprefix(":").strip() for line in lines)
        return dict(zip(self.block.fields, said, strict=False))

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of what it cites."""
        values = [field.inlines for field in self.block.fields.values()]
        cited = (n for n in tree.walk([self.block.blocks, values]) if n["t"] == "Cite")
        keys = (c["citationId"] for n in cited for c in n["c"][0])
        return tuple(dict.fromkeys(keys))

    def part(self, name: str) -> list[Node]:
        """The title or the fields in print."""
        blocks = self.printed["c"][1] if self.printed else []
        return [inner for b in blocks if tree.is_div(b, name) for inner in b["c"][1]]


def _said(tree_: object) -> str:
    bare = tree.rewrite(lambda n: None if n["t"] in ("Cite", "Note") else n, tree_)
    return tree.plain(bare).replace(" .", ".").replace(" ,", ",").replace(" ;", ";")


def _items(kind: str) -> Callable[[Given], Iterator[_Item]]:
    def records(given: Given) -> Iterator[_Item]:
        divs = {tree.identifier(block): block for block in given.document.blocks}
        for chapter in given.paper.chapters:
            nodes = tree.walk(divs.get(f"chapter-{chapter.id}", []))
            # In print the blocks of a chapter stand in the order in which they were written.
            printed = [n for n in nodes if n["t"] == "Div" and ITEMS.keys() & tree.classes(n)]
            for block, node in zip_longest(chapter.items, printed[: len(chapter.items)]):
                if block.kind == kind:
                    yield _Item(chapter, block, node)

    return records


def _gaps(given: Given) -> Iterator[_Item]:
    closers = [(name, r.number) for r in _items("recommendation")(given) for name in r.block.values("closes")]
    for gap in _items("gap")(given):
        yield replace(gap, closers=tuple(number for name, number in closers if name == gap.block.id))


def _field(name: str) -> Column:
    return lambda _, item: item.fields.get(name.lower())


def _by(_: Given, item: _Item) -> Value:
    given = item.block.value("by")
    try:
        return date.fromisoformat(given)
    except ValueError:
        return given


def _sources(given: Given, item: _Item) -> tuple[str, ...]:
    return tuple(key for key in item.sources if key in given.paper.references)


def _title(given: Given, item: _Item) -> str:
    """The title of the chapter that a linkage leads to."""
    to = item.block.attributes.get("to", "")
    return next((c.front.title for c in given.paper.chapters if c.id == to), to)


def _how(_: Given, item: _Item) -> list[str]:
    return [k.how or "" for k in item.chapter.front.links if k.to == item.block.attributes.get("to")]


_NUMBER: dict[str, Column] = {"Number": lambda _, item: item.number}
_CHAPTER: dict[str, Column] = {"Chapter": lambda _, item: item.chapter.front.title}
_TEXT: dict[str, Column] = {"Text": lambda _, item: item.text}
_WHERE: dict[str, Column] = {
    "Sources": _sources,
    "Id": lambda _, item: item.block.id,
    "Where": lambda _, item: str(item.block.place),
}
_INSIDE = frozenset({"Where"})

RECOMMENDATIONS = Register(
    _items("recommendation"),
    {
        **_NUMBER,
        **_TEXT,
        **_CHAPTER,
        "Owner": _field("owner"),
        **{name: _field(name) for name in _FIELDS},
        "By": _by,
        "Closes": _field("closes"),
        **_WHERE,
    },
    _INSIDE,
)
GAPS = Register(
    _gaps,
    {
        **_NUMBER,
        **_TEXT,
        **_CHAPTER,
        "Type": _field("type"),
        "Evidence": _field("evidence"),
        "Closed by": lambda _, item: item.closers,
        **_WHERE,
    },
    _INSIDE,
)
FINDINGS = Register(_items("finding"), {**_TEXT, **_CHAPTER, **_WHERE}, _INSIDE)
LINKAGES = Register(_items("linkage"), {**_CHAPTER, "With": _title, "How": _how, **_TEXT, **_WHERE}, _INSIDE)
