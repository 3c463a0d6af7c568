"""First passes over the tree, shared by the writers of all formats, and helpers of their own passes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from nioc_paper import tree
from nioc_paper.model import DELETION, INSERTION, PARAGRAPH_MARK_PREFIX, Document, Node, Revision
from nioc_paper.render.common.bidi import isolate_runs
from nioc_paper.system import pandoc
from nioc_paper.tree.pass_runner import run_passes
from nioc_paper.wording import wording_for

# --- links in the words of a link: HTML has none, so the outer one is divided around them -----------------------------
# Pure.


def divide_links(blocks: list[Node], _document: object) -> list[Node]:
    """Return blocks in which no link has another one, such as that of a citation, in its words."""
    return tree.rewrite(_divide_link, blocks)


def _divide_link(node: Node) -> Node | list[Node]:
    if node["t"] != "Link" or not any(map(_has_link, node["c"][1])):
        return node
    (name, *attributes), inlines, target = node["c"]
    out: list[Node] = []
    for is_inner, run in groupby(inlines, key=_has_link):
        words = list(run)
        is_bare = is_inner or not tree.plain_text(words).strip()
        if is_bare:
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


def isolate_directions(blocks: list[Node], document: Document) -> list[Node]:
    """Return blocks with each run of words in the other direction in a span of its own."""
    return list(isolate_runs(blocks, document.language, document.languages))


TreePass = Callable[[list[Node], Document], list[Node]]
"""Pass of a writer: takes and returns blocks; the document gives language, form and options, not blocks."""
SHARED_PASSES: tuple[TreePass, ...] = (add_semantics, divide_links, isolate_directions)
"""First passes of every writer."""


def run_shared_passes(document: Document) -> tuple[Node, ...]:
    """Return the blocks of a document after the shared passes."""
    blocks = run_passes(list(document.blocks), SHARED_PASSES, document)
    return tuple(blocks)


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
    bodies = [
        [a, n, [_with_row_scope(row, len(row[1]), "rowgroup") for row in heads],
         [_with_row_scope(row, n, "row") for row in rows]]
        for a, n, heads, rows in bodies
    ]  # fmt: skip
    return {**table, "c": [attr, caption, columns, head, bodies, foot]}


def _with_row_scope(row: tree.Row, count: int, scope: str) -> tree.Row:
    """Return a row with `scope` on its first cells."""
    attr, cells = row
    heads = [[[c[0][0], c[0][1], [*c[0][2], ["scope", scope]]], *c[1:]] for c in cells[:count]]
    return [attr, [*heads, *cells[count:]]]


def blocks_to_html(blocks: Iterable[Node], *args: str) -> str:
    """Return blocks as an HTML fragment."""
    options = ("--wrap=none", "--syntax-highlighting=none", *args)
    return pandoc.write(blocks, "html5", args=options).decode()
