"""Preparation of the tree for HTML, shared by all writers: passes, pictures, context of templates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from nioc_paper import tree
from nioc_paper.domain.audience import notices
from nioc_paper.model import (
    DELETION,
    INSERTION,
    PARAGRAPH_MARK_PREFIX,
    Document,
    ListEntry,
    Node,
    Place,
    Reporter,
    Revision,
)
from nioc_paper.render.common import charts, fonts
from nioc_paper.render.common.bidi import isolate_runs
from nioc_paper.render.common.images import Picture
from nioc_paper.system import pandoc
from nioc_paper.system.cache import NO_CACHE, Cache, cache_key
from nioc_paper.system.files import source_hash
from nioc_paper.tree.passes import run_passes
from nioc_paper.wording import format_date, wording_for


def template_context(document: Document) -> dict[str, Any]:
    """Return the values that all templates share, besides the text."""
    words = wording_for(document.language)
    lists: dict[str, Sequence[ListEntry]] = {
        "contents": document.contents,
        "figures": document.figures,
        "tables": document.tables,
        "recommendations": document.recommendations,
    }
    return {
        "document": document,
        "words": words,
        "date": format_date(document.date, words),
        "notices": notices(document, words),
        "lists": [(name, words[name], entries) for name, entries in lists.items() if entries],
    }


def collect_pictures(
    document: Document, theme: Mapping[str, str], report: Reporter, cache: Cache = NO_CACHE
) -> dict[str, Picture]:
    """Return all pictures by target: vetted files as they are, charts as SVG."""
    pictures_by_target: dict[str, Picture] = {target: (a.mime, a.data) for target, a in document.assets.items()}
    for target, data in charts.draw_charts(document, lambda chart: charts.draw_svg(chart, theme, cache), report):
        pictures_by_target[target] = ("image/svg+xml", data)
    return pictures_by_target


def pictures_with_fonts(
    document: Document, theme: Mapping[str, str], report: Reporter, cache: Cache = NO_CACHE
) -> dict[str, Picture]:
    """Return all pictures; charts have embedded fonts, for outputs whose fonts do not reach into pictures."""
    pictures_by_target = collect_pictures(document, theme, report, cache)
    charts_with_fonts = fonts.with_fonts(
        {target: data for target, (_, data) in pictures_by_target.items() if target in document.charts}, cache
    )
    return pictures_by_target | {target: ("image/svg+xml", data) for target, data in charts_with_fonts.items()}


def add_html_semantics(blocks: list[Node], document: Document) -> list[Node]:
    """Return blocks with scopes of heading cells, status lines of chapters, and ids of divisions."""

    def prepare_node(node: Node) -> Node:
        if node["t"] == "Table":
            return with_header_scope(node)
        if node["t"] == "Plain":
            return _with_colon_inside(node)
        if node["t"] == "Div":
            return _with_id(_with_status_line(node, document) if document.draft else node)
        return node

    rewritten: list[Node] = tree.rewrite(prepare_node, blocks, skip_types=tree.WORD_TYPES)
    return rewritten


def isolate_directions(blocks: list[Node], document: Document) -> list[Node]:
    """Return blocks with each run of words in the other direction in a span of its own."""
    return list(isolate_runs(blocks, document.language, document.languages))


TreePass = Callable[[list[Node], Document], list[Node]]
"""Pass of a writer: takes and returns blocks; the document gives language, form and options, not blocks."""
SHARED_PASSES: tuple[TreePass, ...] = (add_html_semantics, isolate_directions)
"""First passes of every writer."""


def prepare(document: Document) -> tuple[Node, ...]:
    """Return the blocks of a document after the shared passes."""
    blocks = run_passes(list(document.blocks), SHARED_PASSES, document)
    return tuple(blocks)


def chapter_settings(document: Document) -> Document:
    """Return the document without its blocks and all fields that no chapter shows: for cache keys."""
    none: Mapping[str, Any] = MappingProxyType({})
    return replace(
        document,
        blocks=(),
        contents=(),
        figures=(),
        tables=(),
        recommendations=(),
        credits=(),
        versions=(),
        references=(),
        standing=none,
        charts=none,
        assets=none,
        fonts=none,
        date=None,
        timestamp=0,
        version="",
        template=None,
        withheld=0,
    )


def chapter_cache_key(kind: str, document: Document, *more: str) -> str:
    """Return the part of a cache key that all chapters of a document share, for one kind of output."""
    return cache_key(kind, source_hash(), pandoc.version(), repr(chapter_settings(document)), *more)


def group_with_parts(blocks: Iterable[Node]) -> Iterator[list[Node]]:
    """Yield each chapter with the part titles before it, which share its first page or section."""
    pending: list[Node] = []
    for block in blocks:
        pending.append(block)
        if not tree.is_div(block, "part"):
            yield pending
            pending = []
    if pending:
        yield pending


def is_tracked_change(node: Node) -> bool:
    """Return whether a node encloses inserted or deleted words."""
    return node["t"] == "Span" and not {INSERTION, DELETION}.isdisjoint(tree.classes(node))


def with_aria_role(span: Node) -> Node:
    """Return a span for HTML: a change has a role for screen readers (WAI-ARIA 1.2), but no author and date."""
    if not is_tracked_change(span):
        return span
    (name, classes, _), inlines = span["c"]
    role = INSERTION if INSERTION in classes else DELETION
    return {"t": "Span", "c": [[name, classes, [["role", role]]], inlines]}


def _with_id(div: Node) -> Node:
    """Return a division with an id if it begins with a heading: otherwise pandoc gives it the heading's."""
    (name, classes, pairs), blocks = div["c"]
    if name or not blocks or blocks[0]["t"] != "Header":
        return div
    return {"t": "Div", "c": [[f"{tree.identifier(blocks[0])}-whole", classes, pairs], blocks]}


def _with_status_line(chapter: Node, document: Document) -> Node:
    """Return a chapter with status and lead below its title; any other division as it is."""
    attr, blocks = chapter["c"]
    attributes = tree.attributes(chapter)
    words = wording_for(attributes.get("lang", document.language))

    def status_line(prefix: str) -> str:
        lines = [(words[key], attributes.get(f"{prefix}{key}", "")) for key in ("status", "lead")]
        return " · ".join(f"{name}: {value}" for name, value in lines if value)

    was, now = status_line("data-was-"), status_line("data-")
    if not (was or now) or not blocks:
        return chapter
    inlines = tree.text_inlines(now)
    if document.revision and "data-was-status" in attributes and was != now:
        inlines = _tracked_replacement(was, now, document.revision, tree.identifier(chapter))
    status_division = tree.div([tree.para(inlines)], "standing")
    return {"t": "Div", "c": [attr, [blocks[0], status_division, *blocks[1:]]]}


def _tracked_replacement(was: str, now: str, revision: Revision, name: str) -> list[Node]:
    """Return the old line as deleted, the new one as inserted; of a single one the paragraph end too."""
    change_attributes = {"author": revision.author, "date": revision.date}
    both = ((was, DELETION, "del"), (now, INSERTION, "ins"))
    spans = [
        {"t": "Span", "c": [tree.attr("", [kind], change_attributes), tree.text_inlines(text)]}
        for text, kind, _ in both
        if text
    ]
    ends = [
        tree.span([], id=f"{PARAGRAPH_MARK_PREFIX}{end}-{name}") for text, _, end in both if text and not (was and now)
    ]
    return [*spans, *ends]


def _with_colon_inside(item: Node) -> Node:
    """Return a field's line with the colon inside the name, so that style sheets can set names in a column."""
    inlines = item["c"]
    if inlines and is_tracked_change(inlines[0]):
        # The whole line was inserted or deleted: the span holds the line.
        attr, changed_inlines = inlines[0]["c"]
        return {
            "t": "Plain",
            "c": [
                {"t": "Span", "c": [attr, _with_colon_inside({"t": "Plain", "c": changed_inlines})["c"]]},
                *inlines[1:],
            ],
        }
    if len(inlines) < 2 or "field" not in tree.classes(inlines[0]) or inlines[1] != {"t": "Str", "c": ":"}:
        return item
    attr, name = inlines[0]["c"]
    return {"t": "Plain", "c": [{"t": "Span", "c": [attr, [*name, inlines[1]]]}, *inlines[2:]]}


def with_header_scope(table: Node) -> Node:
    """Return the table with `scope` on its heading cells."""
    attr, caption, columns, head, bodies, foot = table["c"]
    head = [head[0], [_with_row_scope(row, len(row[1]), "col") for row in head[1]]]
    bodies = [[a, n, heads, [_with_row_scope(row, n, "row") for row in rows]] for a, n, heads, rows in bodies]
    return {**table, "c": [attr, caption, columns, head, bodies, foot]}


def _with_row_scope(row: Any, count: int, scope: str) -> Any:
    attr, cells = row
    marked = [[[c[0][0], c[0][1], [*c[0][2], ["scope", scope]]], *c[1:]] for c in cells[:count]]
    return [attr, [*marked, *cells[count:]]]


def blocks_to_html(blocks: Iterable[Node], *args: str) -> str:
    """Return blocks as an HTML fragment."""
    options = ("--wrap=none", "--syntax-highlighting=none", *args)
    return pandoc.write(blocks, "html5", args=options).decode()


def output_place(document: Document, suffix: str) -> Place:
    """Return the place of findings on a finished file: the file itself."""
    return Place(f"dist/{document.stem}.{suffix}")
