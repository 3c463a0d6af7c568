"""First passes over the tree, shared by the writers of all formats, and helpers of their own passes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, takewhile
from types import MappingProxyType
from typing import Any

from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.model import DELETION, ENTRY_LISTS, INSERTION, PARAGRAPH_MARK_PREFIX, Document, Node, Revision
from nioc_paper.render.common.bidi import isolate_runs
from nioc_paper.system import pandoc
from nioc_paper.system.cache import cache_key
from nioc_paper.system.files import source_hash
from nioc_paper.tree import Cell, Row
from nioc_paper.wording import wording_for

# --- links in the words of a link: HTML has none, so the outer one is divided around them -----------------------------
# Pure.


def divide_link(node: Node) -> Node | list[Node]:
    """Return the parts of a link that has another one, such as that of a citation, in its words."""
    if node["t"] != "Link" or not any(map(_has_link, tree.content(node))):
        return node
    (name, *attributes), inlines, target = node["c"]
    out: list[Node] = []
    for is_inner, run in groupby(inlines, key=_has_link):
        words = list(run)
        if is_inner or not tree.plain_text(words).strip():
            out += words
        else:
            out.append({"t": "Link", "c": [[name, *attributes], words, target]})
            name = ""
    return out


def _has_link(inline: Node) -> bool:
    return any(node["t"] == "Link" for node in tree.walk(inline))


# --- shared passes ----------------------------------------------------------------------------------------------------


def add_semantics(blocks: list[Node], document: Document) -> list[Node]:
    """Return blocks with scopes of heading cells, colons in names of fields, status lines and ids of divisions."""

    def prepare_node(node: Node) -> Node:
        if node["t"] == "Table":
            return with_header_scope(node)
        if node["t"] == "Plain":
            return _with_colon_inside(node)
        if node["t"] == "Div":
            return _with_id(_with_status_line(node, document) if document.draft else node)
        return node

    return tree.rewrite(prepare_node, blocks, skip_types=tree.WORD_TYPES)


_PANEL_BLOCKS = {"Para", "Plain", "BulletList", "OrderedList"}
"""Block types that a panel beside findings may contain; larger ones would break it over pages."""


def _with_panel(chapter: Node) -> Node:
    blocks = tree.content(chapter)
    start = next((n for n, b in enumerate(blocks) if b["t"] == "Header" and tree.level(b) > 1), len(blocks))
    figures = [block for block in blocks[start - 1 : start] if tree.is_div(block, "chapter-figures")]
    section = [*blocks[start : start + 1], *takewhile(lambda block: block["t"] != "Header", blocks[start + 1 :])]
    findings = [block for block in section if tree.is_div(block, "finding")]
    if not findings or any(block["t"] not in _PANEL_BLOCKS and block not in findings for block in section[1:]):
        section = []
    panel = [*figures, *section]
    name = tree.identifier(section[0]) if section else tree.identifier(chapter)
    division = [tree.div(panel, "panel", id=f"{name}-panel")] if panel else []
    return tree.with_content(chapter, [*blocks[: start - len(figures)], *division, *blocks[start + len(section) :]])


TreePass = Callable[[list[Node], Document], list[Node]]
"""Pass of a writer: takes and returns blocks; the document gives language, form and options, not blocks."""


def node_pass(rewrite: Callable[[Node], Node | list[Node]]) -> TreePass:
    """Return the pass that rewrites each node."""
    return lambda blocks, _: tree.rewrite(rewrite, blocks)


def run_passes(blocks: list[Node], passes: Iterable[TreePass], document: Document) -> list[Node]:
    """Return blocks after all passes, in their order."""
    for apply_pass in passes:
        blocks = apply_pass(blocks, document)
    return blocks


SHARED_PASSES: tuple[TreePass, ...] = (
    add_semantics,
    node_pass(divide_link),
    lambda blocks, document: list(isolate_runs(blocks, document.language, document.languages)),
    lambda blocks, _: [_with_panel(block) if block["t"] == "Div" else block for block in blocks],
)
"""First passes of every writer."""


def run_shared_passes(document: Document) -> tuple[Node, ...]:
    """Return the blocks of a document after the shared passes."""
    return tuple(run_passes(list(document.blocks), SHARED_PASSES, document))


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
    name, classes, _ = tree.attr_triple(span)
    return tree.with_attr(span, [name, classes, [["role", INSERTION if INSERTION in classes else DELETION]]])


def _with_id(div: Node) -> Node:
    """Return a division with an id if it begins with a heading: otherwise pandoc gives it the heading's."""
    blocks = tree.content(div)
    if tree.identifier(div) or not blocks or blocks[0]["t"] != "Header":
        return div
    return tree.with_id(div, f"{tree.identifier(blocks[0])}-whole")


def _with_status_line(chapter: Node, document: Document) -> Node:
    """Return a chapter with status and lead below its title; any other division as it is."""
    blocks, attributes = tree.content(chapter), tree.attributes(chapter)
    words = wording_for(attributes.get("lang", document.language), document.own_words)

    def status_line(prefix: str) -> str:
        lines = [(words[key], attributes.get(f"{prefix}{key}", "")) for key in ("status", "lead")]
        return " · ".join(f"{name}: {value}" for name, value in lines if value)

    was, now = status_line("data-was-"), status_line("data-")
    if not (was or now) or not blocks:
        return chapter
    inlines = tree.text_inlines(now)
    if document.revision and "data-was-status" in attributes and was != now:
        inlines = _tracked_replacement(was, now, document.revision, tree.identifier(chapter))
    return tree.with_content(chapter, [blocks[0], tree.div([tree.para(inlines)], "standing"), *blocks[1:]])


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
    inlines = tree.content(item)
    if inlines and is_tracked_change(inlines[0]):
        # The whole line was inserted or deleted: the span holds the line.
        line = _with_colon_inside(tree.plain_block(tree.content(inlines[0])))
        return tree.plain_block([tree.with_content(inlines[0], tree.content(line)), *inlines[1:]])
    if len(inlines) < 2 or "field" not in tree.classes(inlines[0]) or inlines[1] != {"t": "Str", "c": ":"}:
        return item
    name = tree.with_content(inlines[0], [*tree.content(inlines[0]), inlines[1]])
    return tree.plain_block([name, *inlines[2:]])


def with_header_scope(table: Node) -> Node:
    """Return the table with `scope` on its heading cells."""
    attr, caption, columns, head, bodies, foot = table["c"]
    head = [head[0], [_with_row_scope(row, len(row[1]), "col") for row in head[1]]]
    bodies = [
        [a, n, [_with_row_scope(row, len(row[1]), "rowgroup") for row in heads],
         [_with_row_scope(row, n, "row") for row in rows]]
        for a, n, heads, rows in bodies
    ]  # fmt: skip
    return {**table, "c": [attr, caption, columns, head, bodies, foot]}


def with_content_widths(table: Node) -> Node:
    """Return a table whose columns are all equally wide with widths that its contents decide: nobody chose them."""
    return table if len({json.dumps(width) for _, width in tree.columns(table)}) > 1 else without_column_widths(table)


def without_column_widths(table: Node) -> Node:
    """Return a table whose columns have no widths."""
    attr, caption, columns, *rest = table["c"]
    return {**table, "c": [attr, caption, [[align, {"t": "ColWidthDefault"}] for align, _ in columns], *rest]}


def _with_row_scope(row: tree.Row, count: int, scope: str) -> tree.Row:
    """Return a row with `scope` on its first cells."""
    attr, cells = row
    heads = [[[c[0][0], c[0][1], [*c[0][2], ["scope", scope]]], *c[1:]] for c in cells[:count]]
    return [attr, [*heads, *cells[count:]]]


def blocks_to_html(blocks: Iterable[Node], *args: str) -> str:
    """Return blocks as an HTML fragment."""
    return pandoc.write(blocks, "html5", args=("--wrap=none", "--syntax-highlighting=none", *args)).decode()


_KINDS = ("recommendation", "gap", "objective", "risk")
_LINES: Mapping[str, Sequence[str]] = {
    "leading": ("field-owner", "field-by", "field-closes", "field-type", "field-evidence", "field-response"),
    "others": (),
    "below": ("field-risk", "field-legal-basis"),
    "placing": ("field-priority", "field-objective", "field-pillar"),
}
"""Lists of fields from top to bottom, each with its fields in their order; one without has all that no list names."""
_LINE_OF_FIELD = {field: line for line, fields in _LINES.items() for field in fields}


def lay_out_item(division: Node) -> Node:
    """Return an item with its number as a badge, and its fields in lists; any other division as it is."""
    if tree.is_div(division, "fields"):
        fields, *rest = tree.content(division)
        parts = divide_fields(tree.content(fields)).items()
        lists = [tree.div([tree.block_list(items)], name) for name, items in parts]
        return tree.with_content(division, [*lists, *rest])
    if not any(tree.is_div(division, kind) for kind in _KINDS):
        return division
    blocks = tree.content(division)
    return tree.with_content(
        division, [tree.rewrite(_divided_label, b) if tree.is_div(b, "title") else b for b in blocks]
    )


def divide_fields(items: Sequence[list[Node]]) -> Mapping[str, Sequence[list[Node]]]:
    """Return the fields of an item by the list that they are in, in the order of their lines."""
    lines: dict[str, list[list[Node]]] = {name: [] for name in _LINES}
    for item in items:
        lines[_LINE_OF_FIELD.get(_field_class(item), "others")].append(item)
    for name, order in _LINES.items():
        if order:
            lines[name].sort(key=lambda item: order.index(_field_class(item)))
    return {name: items for name, items in lines.items() if items}


def _field_class(item: list[Node]) -> str:
    """Return the class of a line's field; empty if it is not a field."""
    inlines = tree.content(item[0]) if item and item[0]["t"] in ("Plain", "Para") else []
    if inlines and is_tracked_change(inlines[0]):
        inlines = tree.content(inlines[0])
    names = tree.classes(inlines[0]) if inlines and inlines[0]["t"] == "Span" else []
    return next((name for name in names if name.startswith("field-")), "")


def _divided_label(node: Node) -> Node:
    inlines = tree.content(node) if node["t"] == "Span" and "label" in tree.classes(node) else []
    kind, space, number = tree.plain_text(inlines).rpartition(" ")
    if not space or any(inline["t"] not in ("Str", "Space") for inline in inlines):
        return node
    parts = [tree.span([{"t": "Str", "c": text}], name) for text, name in ((kind, "kind"), (number, "badge"))]
    return tree.with_content(node, [parts[0], {"t": "Space"}, parts[1]])


# --- labels of columns: on a narrow screen a row of a wide table is a list --------------------------------------------


_MIN_COLUMNS = 4
"""Columns of a wide table."""
_MIN_TEXT_COLUMNS = 3
_TEXT_ROW = 60
"""Letters of the longest row of a table of text: three columns of it are too narrow on a phone."""


def with_column_labels(table: Node) -> Node:
    """Return a table whose body cells have the heading of their column as `data-label`; wide ones have a class."""
    (name, classes, pairs), caption, columns, head, bodies, foot = with_content_widths(table)["c"]
    heads = [tree.plain_text(cell[-1][:1]) for cell in head[1][0][1]] if len(head[1]) == 1 else []
    if len(heads) != len(columns):  # headings over several columns or rows label no cell
        return table
    rows = (cells for *_, body in bodies for _, cells in body)
    is_text = any(sum(len(tree.plain_text(cell[-1])) for cell in cells) > _TEXT_ROW for cells in rows)
    is_wide = len(columns) >= (_MIN_TEXT_COLUMNS if is_text else _MIN_COLUMNS)
    bodies = [[own, count, _label_rows(above, heads), _label_rows(rows, heads)] for own, count, above, rows in bodies]
    attr = [name, [*classes, "wide"] if is_wide else classes, pairs]
    return {**table, "c": [attr, caption, columns, head, bodies, foot]}


def _label_rows(rows: Sequence[Row], heads: Sequence[str]) -> list[Row]:
    covered = [0] * len(heads)
    return [[attr, list(_label_cells(cells, heads, covered))] for attr, cells in rows]


def _label_cells(cells: Sequence[Cell], heads: Sequence[str], covered: list[int]) -> Iterator[Cell]:
    """Yield the cells of a row with their labels; `covered` counts by column the rows that a cell above covers."""
    remaining = iter(cells)
    column = 0
    while column < len(heads):
        if covered[column]:
            covered[column] -= 1
            column += 1
        elif cell := next(remaining, None):
            ((name, classes, pairs), _, height, width, _), head = cell, heads[column]
            covered[column : column + width] = [height - 1] * len(covered[column : column + width])
            is_labelled = width == 1 and head
            yield [[name, classes, [*pairs, ["data-label", head]]], *cell[1:]] if is_labelled else cell
            column += width
        else:
            break
    yield from remaining


# --- cache keys -------------------------------------------------------------------------------------------------------


def chapter_settings(document: Document) -> Document:
    """Return the document without its blocks and all fields that no chapter shows: for cache keys."""
    empty: dict[str, Any] = dict.fromkeys((*ENTRY_LISTS, "blocks", "credits", "versions", "references", "nocite"), ())
    empty |= dict.fromkeys(("standing", "charts", "assets", "fonts"), MappingProxyType({}))
    empty |= {"date": None, "timestamp": 0, "version": "", "commit": "", "template": None}
    return replace(document, **empty, described=True, withheld=0)


def chapter_cache_key(kind: str, document: Document, *more: str) -> str:
    """Return the part of a cache key that all chapters of a document share, for one kind of output."""
    return cache_key(kind, source_hash(), pandoc.version(), repr(chapter_settings(document)), *more)
