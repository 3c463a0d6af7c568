"""Rewriter of one chapter's tree: references, captions, boxes, images, allowed attributes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from nioc_paper import tree
from nioc_paper.assemble.figures_and_tables import FloatBuilder
from nioc_paper.assemble.inline_references import InlineResolver, capitalize_sentence_starts, with_allowed_attributes
from nioc_paper.assemble.lists import ListContext, generated_charts
from nioc_paper.assemble.lists.list_context import format_iso_day
from nioc_paper.domain.fact_values import fill_text
from nioc_paper.model import Chapter, Item, Node
from nioc_paper.tree.own_markdown import CALLOUT_CLASSES, callout_title, is_equation
from nioc_paper.wording import numbered_label


class ChapterRewriter:
    """Rewriter of one chapter's tree."""

    def __init__(self, context: ListContext, chapter: Chapter) -> None:
        self.references, self.context, self.chapter = context.references, context, chapter
        self.labels, self.words = context.labels, context.words
        self.inlines = InlineResolver(self.references, chapter)
        self.floats = FloatBuilder(context, chapter)
        self.handlers: Mapping[str, Callable[[Node], Node | list[Node] | None]] = {
            "Figure": self.floats.with_labelled_caption,
            "Table": self.floats.with_labelled_caption,
            "Div": self.rewrite_div,
            "Para": _capitalize_paragraph,
            "Plain": _capitalize_paragraph,
            "DefinitionList": _separate_definitions,
            "Span": self.number_equation,
            "Header": self.number_heading,
        }
        self.div_builders: Mapping[str, Callable[[Node], Node | list[Node]]] = {
            "figure": self.floats.build_figure,
            "table": self.floats.build_table,
            **{kind: partial(self.build_box, kind=kind) for kind in ("recommendation", "gap", "objective", "risk")},
            "linkage": self.build_linkage,
            "pullquote": _build_pull_quote,
            "generated": self.build_generated,
            **{kind: partial(self.build_callout, kind=kind) for kind in CALLOUT_CLASSES},
        }
        """Builders by class, in the order in which a division with several classes is built."""

    def rewrite_node(self, node: Node) -> Node | list[Node] | None:
        """Return a node with resolved references, allowed attributes and its built box."""
        handler = self.handlers.get(node["t"])
        return handler(node) if handler else self.inlines.resolve_node(node)

    def number_equation(self, node: Node) -> Node | list[Node] | None:
        """Return a labelled formula with its number, inside the bookmark of a Word file for review; others resolved."""
        if not is_equation(node):
            return self.inlines.resolve_node(node)
        formula, *rest = tree.content(node)
        # In the preview, an equation that was just written has none.
        own_number = self.context.numbers.get(tree.identifier(node), "")
        number = tree.span(tree.text_inlines(f"({own_number})" if own_number else ""), "equation-number")
        if formula["t"] == "Span":
            return tree.with_content(node, [tree.with_content(formula, [*tree.content(formula), number]), *rest])
        return tree.with_content(node, [formula, *rest, number])

    def number_heading(self, node: Node) -> Node:
        """Return a heading after its number."""
        number = number_span(self.context.numbers.get(tree.identifier(node), ""))
        return tree.with_content(with_allowed_attributes(node), [*number, *tree.content(node)])

    def rewrite_div(self, node: Node) -> Node | list[Node] | None:
        """Return a box with its title, a `.figure` block as a figure, a `.table` block as a table."""
        names = tree.classes(node)
        build = next((build for name, build in self.div_builders.items() if name in names), None)
        return (build or with_allowed_attributes)(node)

    def build_generated(self, node: Node) -> Node:
        """Return a block that requests a chart as its figure; lists are filled when all numbers are known."""
        return self.floats.build_figure(node) if generated_charts.requested_chart(node, self.context.paper) else node

    def build_box(self, node: Node, kind: str) -> Node:
        """Return a recommendation, gap, objective or risk with its title above and its fields below."""
        name, blocks, place = tree.identifier(node), tree.content(node), self.chapter.place(node)
        box_item = next((b for b in self.chapter.items_of_kind(kind) if (b.id, b.place) == (name, place)), None)
        label = self.labels.get(name, numbered_label(kind, "", self.words))
        title = tree.div([tree.para([tree.span([{"t": "Str", "c": label}], "label")])], "title")
        if box_item is None or not box_item.fields:
            return tree.div([title, *blocks], kind, id=name)
        items = [self.build_field(box_item, name) for name in box_item.fields]
        return tree.div([title, *blocks[:-1], tree.div([tree.bullet_list(items)], "fields")], kind, id=name)

    def build_field(self, box_item: Item, name: str) -> list[Node]:
        """Return a field with its printed name; the id of a gap or an objective becomes a reference to it."""
        field_name = self.words.get(name, name.capitalize())
        value = self.inlines.resolve(box_item.fields[name].inlines)
        # Bookmarks that identify the text in a received Word file: they stay when words are replaced.
        bookmark_spans = [n for n in value if n["t"] == "Span" and not tree.content(n)]
        if name == "by" and _are_words(box_item.fields[name].inlines):
            value = [*tree.text_inlines(format_iso_day(box_item.field_text(name), self.words)), *bookmark_spans]
        if name == "priority" and (priority := self.context.paper.settings.priority(box_item.field_text(name))):
            value = [*tree.text_inlines(priority.title), *bookmark_spans]
        if name in ("closes", "objective"):
            links = (self.references.link_to(k, field_name) or tree.text_inlines(k) for k in box_item.field_parts(name))
            value = [*tree.join_inlines(links, separator=self.words["comma"]), *bookmark_spans]
        if name in ("owner", "support") and (known := self._known_names(box_item, name)):
            value = [*tree.text_inlines(known), *bookmark_spans]
        label = tree.span(tree.text_inlines(field_name), "field", f"field-{name.replace(' ', '-')}")
        return [label, {"t": "Str", "c": ":"}, {"t": "Space"}, *value]

    def build_callout(self, node: Node, kind: str) -> Node:
        """Return a callout below its title: the author's, or the word for its kind; a box without title has none."""
        values = tree.attributes(with_allowed_attributes(node))
        title = fill_text(callout_title(node), self.references.paper.facts) or self.words.get(f"callout_{kind}", "")
        title_blocks = [tree.div([tree.para(tree.text_inlines(title))], "title")] if title else []
        return tree.div([*title_blocks, *tree.content(node)], "callout", kind, id=tree.identifier(node), values=values)

    def _known_names(self, box_item: Item, name: str) -> str:
        """Return the bodies of a field if it gives one by its id or another spelling; empty otherwise."""
        bodies = self.context.paper.bodies(box_item, name)
        known = [o.short_name if o and typed in (o.id, *o.aka) else typed for typed, o in bodies]
        return f"{self.words['semicolon']} ".join(known) if known != [typed for typed, _ in bodies] else ""

    def build_linkage(self, node: Node) -> Node:
        """Return a linkage under the title of its target chapter."""
        target = tree.attributes(node).get("to", "")
        title = next((c.front.title for c in self.references.paper.chapters if c.id == target), target)
        words = tree.text_inlines(self.words["link_with"].format(lowercase_title(title)))
        link = tree.link(tree.text_inlines(self.labels.get(f"sec-{target}", target)), f"#sec-{target}", "xref")
        mark = [{"t": "Space"}, *tree.in_parentheses([link])]
        heading = tree.div([tree.para([tree.span(words, "label"), *mark])], "title")
        return tree.div([heading, *tree.content(node)], "linkage", id=tree.identifier(node))


def number_span(own_number: str) -> list[Node]:
    """Return the inlines of a number before a title; none without a number."""
    return [tree.span([{"t": "Str", "c": own_number}], "number"), {"t": "Space"}] if own_number else []


def _are_words(inlines: Sequence[Node]) -> bool:
    """Return whether inlines are plain words, and bookmarks without words."""
    return all(node["t"] in tree.WORD_TYPES or (node["t"] == "Span" and not tree.content(node)) for node in inlines)


def _build_pull_quote(node: Node) -> Node:
    by = tree.attributes(node).get("by")
    tail = [tree.div([tree.para(tree.text_inlines(f"— {by}"))], "by")] if by else []
    return tree.div([*tree.content(node), *tail], "pullquote", id=tree.identifier(node))


def _capitalize_paragraph(node: Node) -> Node:
    return tree.with_content(node, capitalize_sentence_starts(tree.content(node)))


def _separate_definitions(node: Node) -> Node:
    """Return a definition list whose definitions of several texts have them as paragraphs."""
    entries = tree.content(node)
    return tree.with_content(node, [[term, [*map(tree.separate_paragraphs, texts)]] for term, texts in entries])


def lowercase_title(title: str) -> str:
    """Return a title for use inside a sentence; an abbreviation keeps its capitals."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]
