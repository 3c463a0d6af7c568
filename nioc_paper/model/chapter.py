"""A chapter as read: its front matter, its tree, and the records that rules and outputs need."""

from __future__ import annotations

import hashlib
import marshal
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper.model.data_blocks import Align, TimelineChart
from nioc_paper.model.diagnostic import Place
from nioc_paper.model.front_matter import FrontMatter
from nioc_paper.model.lazy_regex import late_pattern

Node = dict[str, Any]
"""Node of pandoc's JSON tree: `t`, `c`, and our own `pos` (line, column) that pandoc ignores."""


def tree_hash(tree: Any) -> str:
    """Return a hash of a tree. The input is never read back, and marshal is four times as fast as JSON."""
    return hashlib.sha256(marshal.dumps(tree, 2)).hexdigest()  # version 2 writes equal trees alike


class LazyTree(NamedTuple):
    """Pandoc's tree of a text, built on demand: trees are large, and not every question needs one."""

    blocks: Callable[[], Sequence[Node]]
    """Returns the tree with every word and its place in the file."""
    merged: Callable[[], Sequence[Node]]
    """Returns the tree for outputs, with adjacent words merged (`tree.merge_words`)."""
    names: Callable[[], frozenset[str]]
    """Returns the names in the tree (`tree.collect_names`): a tree without a name needs no walk to look for it."""


TARGET_KINDS: Mapping[str, str] = {
    "rec": "recommendation",
    "gap": "gap",
    "fnd": "finding",
    "obj": "objective",
    "rsk": "risk",
    "fig": "figure",
    "tbl": "table",
    "eq": "equation",
    "sec": "section",
    "fact": "fact",
}
"""Prefixes of `@…` references to targets in the paper, with their kinds; every other key is a source."""


class Heading(Struct, frozen=True):
    """Heading with the words under it, up to the next heading of its level or above."""

    level: int
    title: str
    id: str
    words: int
    place: Place


class Citation(Struct, frozen=True):
    """`@key` in the text: a source, or one of our own targets (`rec-`, `gap-`, `fig-`, `tbl-`, `sec-`, `fact-`)."""

    key: str
    place: Place


class Anchor(Struct, frozen=True):
    """Something with an id that a reference can point at; `kind` is the prefix of its id or its class."""

    id: str
    kind: str
    place: Place


class Link(Struct, frozen=True):
    """Hyperlink; `exists` is None if the target is not a file of the paper."""

    target: str
    place: Place
    exists: bool | None = None


class Suggestion(Struct, frozen=True):
    """Suggested words, or a remark; `kind` is insertion, deletion or remark."""

    kind: str
    text: str
    place: Place


class Asset(Struct, frozen=True):
    """Vetted file that outputs may contain."""

    path: str
    mime: str
    data: bytes
    pixels_across: int = 0
    """Width of a photograph or a bitmap; 0 for a drawing."""


class Image(Struct, frozen=True):
    """Picture; `asset` is None if the file is missing or refused, `problem` is the reason."""

    target: str
    alt: str
    place: Place
    asset: Asset | None = None
    problem: str = ""
    references: tuple[Citation, ...] = ()
    """Facts in its attribute `alt`."""


PRINTED_VALUE_PREFIX = "__printed_"
"""Start of the field that holds how a fact is printed, before the name of the column with its number."""


class Chart(Struct, frozen=True):
    """Vega-Lite chart with its data; `spec` is complete, `data` is the table of its values."""

    id: str
    spec: Mapping[str, Any]
    data: DataTable
    alt: str
    place: Place
    references: tuple[Citation, ...] = ()
    """Facts in its text and in its data."""
    wording: tuple[tuple[str, Place], ...] = ()
    """Its description and titles, with their places."""
    diagram: TimelineChart | None = None
    """Records from which it is drawn, if it has no data file; `spec` and `data` are made of them for a document."""
    narrow_spec: Mapping[str, Any] = {}
    """The drawing for a phone, if `spec` has places in pixels; other charts are laid out for any width."""
    is_worded: bool = False
    """Whether all its data are words in the picture: no list repeats them."""
    words: Mapping[str, str] = {}
    """Words and signs in which numbers and dates are drawn; none for English ones."""

    @property
    def title(self) -> str:
        """Finding that it shows, printed above it; also as Vega-Lite has it: lines, or a text with a subtitle."""
        title = self.spec.get("title")
        return _join_lines(title.get("text") if isinstance(title, Mapping) else title)

    @property
    def subtitle(self) -> str:
        """Unit and period, printed below the title."""
        title = self.spec.get("title")
        inner = title.get("subtitle") if isinstance(title, Mapping) else ""
        return _join_lines(self.spec.get("subtitle") or inner)


def _join_lines(text: object) -> str:
    return " ".join(map(str, text)) if isinstance(text, list) else str(text or "")


class DataTable(Struct, frozen=True):
    """Table made from a data file: heads and values as printed."""

    id: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    aligns: tuple[Align, ...]
    """One per column."""
    place: Place
    total: bool = False
    """Whether the last row holds sums."""
    places: tuple[Place, ...] = ()
    """Places of the heads, and of each row that comes from a file."""
    starts: tuple[tuple[int, ...], ...] = ()
    """For each of these places, the columns of the line where the values begin."""
    references: tuple[Citation, ...] = ()
    """Facts in its heads and cells."""
    groups: tuple[tuple[str, int], ...] = ()
    """Headings of groups of rows, each with the number of its rows; none if rows are not grouped."""

    def cells(self) -> Iterator[tuple[str, Place]]:
        """Yield the heads and the values that come from a file, each with its place."""
        for place, starts, texts in zip(self.places, self.starts, (self.heads, *self.rows), strict=False):
            yield from ((text, replace(place, column=start)) for text, start in zip(texts, starts, strict=False))


class ItemField(Struct, frozen=True):
    """A `- Name: value` line of an item."""

    value: str
    inlines: tuple[Node, ...]
    place: Place


class Item(Struct, frozen=True):
    """Recommendation, gap, objective or other item. `fields` are keyed by lower-case name, in the order written."""

    kind: str
    id: str
    text: str
    blocks: tuple[Node, ...]
    """Blocks of the text, without the list of fields."""
    fields: Mapping[str, ItemField]
    attributes: Mapping[str, str]
    place: Place

    @property
    def kind_and_id(self) -> str:
        """Kind and id for messages, as in "gap 'gap-br-light'"; the kind alone if it has no id."""
        return f"{self.kind} '{self.id}'" if self.id else self.kind

    def field_text(self, name: str) -> str:
        """Return a field's text; empty if it is missing."""
        return self.fields[name].value if name in self.fields else ""

    def field_parts(self, name: str) -> tuple[str, ...]:
        """Return a field's parts, separated by semicolons, or by commas without any: names may hold commas."""
        value = self.field_text(name)
        return tuple(p.strip() for p in value.split(";" if ";" in value else ",") if p.strip())

    @property
    def due_on(self) -> date | None:
        """Day by which it is due; None if it names none, or not as a day."""
        try:
            return date.fromisoformat(self.field_text("by"))
        except ValueError:
            return None


_FILE_NAME = late_pattern(
    r"\S[^./]*\.(?:png|jpe?g|gif|svg|webp|tiff?|bmp)|(?:img|dsc|image|picture|photo|screenshot|untitled|figure|chart)[\s_-]*\d*",
    re.IGNORECASE,
)
_EMPTY_TREE = LazyTree(tuple, tuple, frozenset)


class DataBlock(NamedTuple):
    """Block of YAML that draws or prints data."""

    id: str
    """Id of the figure or table around it; empty if there is none."""
    code: str
    place: Place


class Outline(Struct, frozen=True, kw_only=True):
    """Views of a tree in the order of the text, as if there were no suggestions."""

    words: int = 0
    headings: tuple[Heading, ...] = ()
    citations: tuple[Citation, ...] = ()
    anchors: tuple[Anchor, ...] = ()
    links: tuple[Link, ...] = ()
    images: tuple[Image, ...] = ()
    """In a chapter with their files, which reading an outline does not look for."""
    chart_blocks: tuple[DataBlock, ...] = ()
    table_blocks: tuple[DataBlock, ...] = ()
    items: tuple[Item, ...] = ()
    """Recommendations, gaps, findings and linkages."""
    suggestions: tuple[Suggestion, ...] = ()
    tree_names: frozenset[str] = frozenset()
    """Names in the tree (`tree.collect_names`)."""


class Chapter(Outline, frozen=True, eq=False):
    """Chapter. `blocks` is pandoc's tree of the text; the tuples are views of it, in reading order.

    Compared by identity, so that results computed from a chapter can be cached as long as it lives.
    """

    path: str
    front: FrontMatter
    text: str
    """The file as it is, for line-based findings and source excerpts."""
    body_line: int = 1
    """First line after the front matter."""
    body: LazyTree = _EMPTY_TREE
    charts: tuple[Chart, ...] = ()
    tables: tuple[DataTable, ...] = ()
    """Tables made from data files."""
    language: str = "en"
    """Language of the text as a tag: its own, or the paper's."""
    suggested_body: LazyTree = _EMPTY_TREE
    """Tree with the suggestions as spans; all other fields are as if there were none."""

    @property
    def blocks(self) -> Sequence[Node]:
        """Pandoc's tree of the text."""
        return self.body.blocks()

    @property
    def names(self) -> frozenset[str]:
        """Names in the tree."""
        return self.body.names()

    @property
    def all_citations(self) -> Iterator[Citation]:
        """Citations of the body, and its key figures."""
        yield from self.body_citations
        for figure in self.front.figures:
            yield Citation(f"fact-{figure.fact}", figure.place("fact"))

    @property
    def body_citations(self) -> Iterator[Citation]:
        """Citations of the text, and the facts in its charts, data tables and alternative texts."""
        yield from self.citations
        parts: tuple[Chart | DataTable | Image, ...] = (*self.charts, *self.tables, *self.images)
        for part in parts:
            yield from part.references

    @property
    def data_tables(self) -> tuple[DataTable, ...]:
        """Data of the charts and of the tables made from data files."""
        return (*(chart.data for chart in self.charts), *self.tables)

    @property
    def undescribed_pictures(self) -> list[Image | Chart]:
        """Pictures and charts whose alternative text has no words, or is the name of a file."""
        pictures: tuple[Image | Chart, ...] = (*self.images, *self.charts)
        return [p for p in pictures if not re.search(r"[\w…]", p.alt) or _FILE_NAME.fullmatch(p.alt.strip())]

    @property
    def id(self) -> str:
        """Stable name of the chapter."""
        return self.front.id

    @property
    def leads(self) -> tuple[str, ...]:
        """Ids of the people in the role of lead."""
        return self.people_in_role("lead")

    def people_in_role(self, role: str) -> tuple[str, ...]:
        """Return the ids of the people who have agreed to a role."""
        return tuple(c.id for c in self.front.contributors if c.role == role and not c.proposed)

    def place(self, node: Node) -> Place:
        """Return the place of a node of this chapter."""
        return Place(self.path, *node.get("pos", (self.body_line, 1)))

    def items_of_kind(self, kind: str) -> tuple[Item, ...]:
        """Return the chapter's items of a kind."""
        return tuple(b for b in self.items if b.kind == kind)
