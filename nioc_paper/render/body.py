"""The tree as HTML: what the PDF and the web page have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from nioc_paper import pandoc, tree
from nioc_paper.audience import notices
from nioc_paper.cache import NO_CACHE, Cache
from nioc_paper.model import PARAGRAPH, PUT_IN, TAKEN_OUT, Document, Entry, Node, Place, Report, Revision
from nioc_paper.render import charts, fonts
from nioc_paper.render.bidi import isolate
from nioc_paper.render.embed import Picture
from nioc_paper.wording import day, labels


def context(document: Document) -> dict[str, Any]:
    """What both templates are filled with, besides the text itself."""
    words = labels(document.language)
    lists: dict[str, Sequence[Entry]] = {
        "contents": document.contents,
        "figures": document.figures,
        "tables": document.tables,
        "recommendations": document.recommendations,
    }
    return {
        "document": document,
        "words": words,
        "date": day(document.date, words),
        "notices": notices(document, words),
        "lists": [(name, words[name], entries) for name, entries in lists.items() if entries],
    }


def pictures(
    document: Document, theme: Mapping[str, str], report: Report, cache: Cache = NO_CACHE
) -> dict[str, Picture]:
    """Every picture by its target in the tree: vetted files as they are, charts drawn as SVG."""
    found: dict[str, Picture] = {target: (a.mime, a.data) for target, a in document.assets.items()}
    for target, data in charts.drawn(document, lambda chart: charts.svg(chart, theme, cache), report):
        found[target] = ("image/svg+xml", data)
    return found


def dressed(
    document: Document, theme: Mapping[str, str], report: Report, cache: Cache = NO_CACHE
) -> dict[str, Picture]:
    """The pictures for where our typefaces are not at hand: each chart brings its own."""
    found = pictures(document, theme, report, cache)
    own = fonts.dressed({target: data for target, (_, data) in found.items() if target in document.charts}, cache)
    return found | {target: ("image/svg+xml", data) for target, data in own.items()}


def prepare(document: Document) -> tuple[Node, ...]:
    """The tree with what HTML wants said aloud: where a chapter stands, which cells are headings of what."""

    def change(node: Node) -> Node:
        if node["t"] == "Table":
            return scoped(node)
        if node["t"] == "Plain":
            return _field(node)
        if node["t"] == "Div":
            return _named(_standing(node, document) if document.draft else node)
        return node

    return isolate(tree.rewrite(change, document.blocks, leave=tree.WORDS), document.language, document.languages)


def shared(document: Document) -> Document:
    """What the chapters of a document are set by: all of it but its blocks and what no chapter shows."""
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


def with_parts(blocks: Iterable[Node]) -> Iterator[list[Node]]:
    """Each chapter with the titles of parts that stand before it, which share its first page, or its section."""
    taken: list[Node] = []
    for block in blocks:
        taken.append(block)
        if not tree.is_div(block, "part"):
            yield taken
            taken = []
    if taken:
        yield taken


def changed(node: Node) -> bool:
    """Whether a node stands around what was put in or taken out."""
    return node["t"] == "Span" and not {PUT_IN, TAKEN_OUT}.isdisjoint(tree.classes(node))


def spoken(span: Node) -> Node:
    """A span for HTML: of a change a screen reader is told too (WAI-ARIA 1.2); whose it is, and of when, nobody is."""
    if not changed(span):
        return span
    (name, classes, _), inlines = span["c"]
    role = PUT_IN if PUT_IN in classes else TAKEN_OUT
    return {"t": "Span", "c": [[name, classes, [["role", role]]], inlines]}


def _named(div: Node) -> Node:
    """A division that begins with a heading, with an id: else pandoc gives it the heading's id and attributes."""
    (name, classes, pairs), blocks = div["c"]
    if name or not blocks or blocks[0]["t"] != "Header":
        return div
    return {"t": "Div", "c": [[f"{tree.identifier(blocks[0])}-whole", classes, pairs], blocks]}


def _standing(chapter: Node, document: Document) -> Node:
    """A chapter with its status and lead below the title; any other division as it is."""
    attr, blocks = chapter["c"]
    told = tree.values(chapter)
    words = labels(told.get("lang", document.language))

    def text(prefix: str) -> str:
        lines = [(words[key], told.get(f"{prefix}{key}", "")) for key in ("status", "lead")]
        return " · ".join(f"{name}: {value}" for name, value in lines if value)

    was, now = text("data-was-"), text("data-")
    if not (was or now) or not blocks:
        return chapter
    inlines = tree.text(now)
    if document.revision and "data-was-status" in told and was != now:
        inlines = _replaced(was, now, document.revision, tree.identifier(chapter))
    standing = tree.div([tree.para(inlines)], "standing")
    return {"t": "Div", "c": [attr, [blocks[0], standing, *blocks[1:]]]}


def _replaced(was: str, now: str, revision: Revision, name: str) -> list[Node]:
    """A line as it was, taken out, and as it is now, put in; where there is only one of them its end is too."""
    told = {"author": revision.author, "date": revision.date}
    both = ((was, TAKEN_OUT, "del"), (now, PUT_IN, "ins"))
    spans = [{"t": "Span", "c": [tree.attr("", [kind], told), tree.text(text)]} for text, kind, _ in both if text]
    ends = [tree.span([], id=f"{PARAGRAPH}{end}-{name}") for text, _, end in both if text and not (was and now)]
    return [*spans, *ends]


def _field(item: Node) -> Node:
    """A field's line with the colon inside its name, so that a style sheet can set names in a column."""
    inlines = item["c"]
    if inlines and changed(inlines[0]):
        # The whole line was put in or taken out: what is in the span is the line.
        attr, own = inlines[0]["c"]
        return {"t": "Plain", "c": [{"t": "Span", "c": [attr, _field({"t": "Plain", "c": own})["c"]]}, *inlines[1:]]}
    if len(inlines) < 2 or "field" not in tree.classes(inlines[0]) or inlines[1] != {"t": "Str", "c": ":"}:
        return item
    attr, name = inlines[0]["c"]
    return {"t": "Plain", "c": [{"t": "Span", "c": [attr, [*name, inlines[1]]]}, *inlines[2:]]}


def scoped(table: Node) -> Node:
    """The table with `scope` on its heading cells."""
    attr, caption, columns, head, bodies, foot = table["c"]
    head = [head[0], [_scoped_row(row, len(row[1]), "col") for row in head[1]]]
    bodies = [[a, n, heads, [_scoped_row(row, n, "row") for row in rows]] for a, n, heads, rows in bodies]
    return {**table, "c": [attr, caption, columns, head, bodies, foot]}


def _scoped_row(row: Any, count: int, scope: str) -> Any:
    attr, cells = row
    marked = [[[c[0][0], c[0][1], [*c[0][2], ["scope", scope]]], *c[1:]] for c in cells[:count]]
    return [attr, [*marked, *cells[count:]]]


def html(blocks: Iterable[Node], *args: str) -> str:
    """Blocks as an HTML fragment."""
    options = ("--wrap=none", "--syntax-highlighting=none", *args)
    return pandoc.write(blocks, "html5", args=options).decode()


def output(document: Document, suffix: str) -> Place:
    """Where findings about a finished file point: the file itself."""
    return Place(f"dist/{document.stem}.{suffix}")
