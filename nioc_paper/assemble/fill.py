"""A chapter's tree as it is printed: references filled, captions and boxes with their labels, attributes allowed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nioc_paper import tree
from nioc_paper.assemble.crossref import CrossReferences
from nioc_paper.assemble.floats import Floats, allowed
from nioc_paper.assemble.lists import Context, pictures
from nioc_paper.assemble.lists.cells import day
from nioc_paper.model import Block, Chapter, Node
from nioc_paper.wording import called


class Filler:
    """Rewrites one chapter's tree."""

    def __init__(self, references: CrossReferences, context: Context, chapter: Chapter) -> None:
        self.references = references
        self.context = context
        self.labels = references.labels
        self.words = references.words
        self.chapter = chapter
        self.floats = Floats(context, chapter)
        self.changes: Mapping[str, Callable[[Node], Node | list[Node] | None]] = {
            "Cite": references.cite,
            "Link": self.link,
            "Image": self.image,
            "Figure": self.floats.captioned,
            "Table": self.floats.captioned,
            "Div": self.div,
            "Para": _sentences,
            "Plain": _sentences,
        }

    def node(self, node: Node) -> Node | list[Node] | None:
        """A node with its references filled, its attributes allowed, and its box built."""
        kind = node["t"]
        if kind in ("RawBlock", "RawInline"):
            return None  # comments; anything else is an error of the check
        change = self.changes.get(kind)
        return change(node) if change else _allowed(node)

    def link(self, node: Node) -> Node:
        """A link into the paper without a text of its own is called what it leads to."""
        _, inlines, (target, title) = node["c"]
        name = target.removeprefix("#")
        if target.startswith("#") and not inlines and name in self.labels:
            return tree.link([{"t": "Str", "c": self.labels[name]}], target, "xref")
        return {**node, "c": [tree.attr(), inlines, [target, title]]}

    def image(self, node: Node) -> Node | list[Node]:
        """A picture under the name of its vetted file; one that was refused is its words."""
        attr, inlines, (target, title) = node["c"]
        image = next((i for i in self.chapter.images if i.target == target and i.asset), None)
        if image is None or image.asset is None:
            return list(inlines)
        alt = tree.text(tree.values(node).get("alt", "")) or inlines
        kept = [attr[0], [], [kv for kv in attr[2] if kv[0] in ("width", "height")]]
        return {**node, "c": [kept, alt, [image.asset.path, title]]}

    def div(self, node: Node) -> Node | list[Node] | None:
        """Boxes get their title; a `.figure` block becomes a figure, a `.table` block a table."""
        (name, names, pairs), blocks = node["c"]
        if "figure" in names:
            return self.floats.figure(node)
        if "table" in names:
            return self.floats.table(node)
        for kind in ("recommendation", "gap"):
            if kind in names:
                return self.box(node, kind)
        if "linkage" in names:
            return self.linkage(node)
        if "pullquote" in names:
            by = dict(pairs).get("by")
            tail = [tree.div([tree.para(tree.text(f"— {by}"))], "by")] if by else []
            return tree.div([*blocks, *tail], "pullquote", id=name)
        if "generated" in names:
            if pictures.name_of(node, self.context.paper):
                return self.floats.figure(node)
            return node  # its list is made when the whole paper is known
        return {**node, "c": [allowed(node["c"][0]), blocks]}

    def box(self, node: Node, kind: str) -> Node:
        """A recommendation or a gap with its title above and its fields below."""
        (name, *_), blocks = node["c"]
        block = next((b for b in self.chapter.of(kind) if b.place == self.chapter.place(node)), None)
        label = self.labels.get(name, called(kind, "", self.words))
        title = tree.div([tree.para([tree.span([{"t": "Str", "c": label}], "label")])], "title")
        if block is None or not block.fields:
            return tree.div([title, *blocks], kind, id=name)
        items = [self.field(block, name) for name in block.fields]
        return tree.div([title, *blocks[:-1], tree.div([tree.bullets(items)], "fields")], kind, id=name)

    def field(self, block: Block, name: str) -> list[Node]:
        """A field with its name marked; a gap's id becomes a reference to it."""
        value = tree.rewrite(self.node, block.fields[name].inlines)
        # Marks by which a text is found again in a Word file that comes back: they stay where words are replaced.
        marks = [n for n in value if n["t"] == "Span" and not n["c"][1]]
        if name == "by":
            value = [*tree.text(day(block.value(name), self.words)), *marks]
        if name == "closes":
            links = (self.references.link(k) or tree.text(k) for k in block.values(name))
            value = [*tree.joined(links, by=self.words["comma"]), *marks]
        said = self.words.get(name, name.capitalize())
        return [tree.span(tree.text(said), "field"), {"t": "Str", "c": ":"}, {"t": "Space"}, *value]

    def linkage(self, node: Node) -> Node:
        """A linkage with the chapter it leads to as its title."""
        (name, _, pairs), blocks = node["c"]
        target = dict(pairs).get("to", "")
        label = self.labels.get(f"sec-{target}", target)
        title = next((c.front.title for c in self.references.paper.chapters if c.id == target), target)
        words = tree.text(self.words["link_with"].format(lower(title)))
        mark = [
            {"t": "Space"},
            {"t": "Str", "c": "("},
            tree.link(tree.text(label), f"#sec-{target}", "xref"),
            {"t": "Str", "c": ")"},
        ]
        return tree.div(
            [tree.div([tree.para([tree.span(words, "label"), *mark])], "title"), *blocks], "linkage", id=name
        )


def _sentences(node: Node) -> Node:
    """A reference that begins a sentence begins with a capital."""
    out: list[Node] = []
    for inline in node["c"]:
        begins = inline["t"] in ("Link", "Span") and (tree.plain(out[-2:]) if out else ".").endswith((".", "?", "!"))
        out.append(_capital(inline) if begins else inline)
    return {**node, "c": out}


def _capital(inline: Node) -> Node:
    """A reference with a capital, whatever mark is around it; anything else as it is."""
    if inline["t"] == "Span" and len(inline["c"][1]) == 1:
        return {**inline, "c": [inline["c"][0], [_capital(inline["c"][1][0])]]}
    if inline["t"] != "Link" or "xref" not in tree.classes(inline):
        return inline
    attr, [word, *more], target = inline["c"]
    return {**inline, "c": [attr, [{**word, "c": word["c"][:1].upper() + word["c"][1:]}, *more], target]}


def lower(title: str) -> str:
    """A title inside a sentence; an abbreviation keeps its capitals."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def _allowed(node: Node) -> Node:
    index = 1 if node["t"] == "Header" else 0
    if node["t"] in ("Span", "Code", "CodeBlock", "Header"):
        content = list(node["c"])
        content[index] = allowed(content[index])
        return {**node, "c": content}
    return node
