"""Bookmark the paragraphs and atoms of a chapter's tree, so that they are found again in a Word file."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.model import Node
from nioc_paper.ooxml.bookmark_names import bookmark_name
from nioc_paper.review.docx.docx_text import (
    CellPosition,
    Paragraph,
    ParagraphKind,
    Token,
    join_split_words,
    link_formatting,
    tokenize,
)

PARAGRAPH_PREFIX, ATOM_PREFIX = "nb", "na-"
"""Prefixes of bookmark names: an empty span at the end of a paragraph, a span around an atom."""
_FORMATTING_TYPES = ("Emph", "Strong", "Strikeout", "Superscript", "Subscript", "Underline", "SmallCaps")
_ATOM_KINDS: Mapping[str, str] = {"Cite": "cite", "Link": "xref", "Note": "note", "Math": "math", "Image": "image"}


class BookmarkedTree(Struct):
    """Tree with bookmarks, and its paragraphs in text order; those of a note follow the paragraph that calls it."""

    blocks: list[Node]
    paragraphs: list[Paragraph]
    atom_values: Mapping[str, str]
    """Content of each atom as far as words can give it: keys of sources, a formula, a target."""
    divs: Mapping[int, Node]
    """Each Div, without bookmarks, by its number in the text."""


def add_bookmarks(blocks: Sequence[Node], first: int = 0) -> BookmarkedTree:
    """Add a bookmark to every paragraph and atom of a chapter's tree; those of paragraphs are numbered from `first`."""
    writer = _BookmarkWriter(paragraph_count=first)
    bookmarked = writer.visit_blocks(list(blocks), _Context("", "para"))
    return BookmarkedTree(bookmarked, writer.paragraphs, writer.atom_values, writer.divs)


_Context = Paragraph
"""Surroundings of a block: a paragraph of them without words."""


class _BookmarkWriter(Struct):
    paragraphs: list[Paragraph] = field(default_factory=list)
    atom_values: dict[str, str] = field(default_factory=dict)
    divs: dict[int, Node] = field(default_factory=dict)
    paragraph_count: int = 0
    table_numbers: Iterator[int] = field(default_factory=itertools.count)
    atom_counts: Counter[str] = field(default_factory=Counter)
    tokens: list[Token] = field(default_factory=list)
    pending_space: bool = False

    # --- blocks ---

    def visit_blocks(self, blocks: list[Node], context: _Context) -> list[Node]:
        return [self.visit_block(block, context) for block in blocks]

    def visit_block(self, node: Node, context: _Context) -> Node:
        match node["t"]:
            case "BlockQuote":
                return tree.with_content(node, self.visit_blocks(tree.content(node), context))
            case "Div":
                return tree.with_content(node, self.visit_blocks(tree.content(node), self.enter_div(node, context)))
            case "BulletList" | "OrderedList":
                return self.visit_list(node, context)
            case "DefinitionList":
                return self.visit_definitions(node, context)
            case "Figure":
                caption = self.visit_blocks(tree.caption(node), replace(context, kind="caption"))
                return tree.with_caption(node, caption)
            case "Table":
                return self.visit_table(node, context)
        return self.visit_text(node, context)

    def visit_text(self, node: Node, context: _Context) -> Node:
        match node["t"], node.get("c", []):
            case "Para" | "Plain", inlines:
                return {**node, "c": self.add_paragraph(inlines, context)}
            case "Header", [level, attr, inlines]:
                return {**node, "c": [level, attr, self.add_paragraph(inlines, context, "heading", level)]}
            case "LineBlock", lines:
                inlines = [inline for line in lines for inline in ({"t": "LineBreak"}, *line)][1:]
                return {"t": "Para", "c": self.add_paragraph(inlines, context, "code")}
            # Nobody edits code in Word, and that of a chart or a table is not shown.
            case "CodeBlock", [[_, classes, _], text] if not {"chart", "table"} & {*classes}:
                tokens, bookmark = tuple(tokenize(text)), self.next_bookmark()
                self.paragraphs.append(Paragraph(bookmark, "code", tokens, note=context.note, divs=context.divs))
        return node

    def add_paragraph(
        self, inlines: list[Node], context: _Context, kind: ParagraphKind | None = None, level: int = 0
    ) -> list[Node]:
        bookmark, index = self.next_bookmark(), len(self.paragraphs)
        outer_tokens, self.tokens, self.pending_space = self.tokens, [], False
        bookmarked = self.visit_inlines(inlines, frozenset())
        paragraph = replace(
            context,
            bookmark=bookmark,
            kind=kind or context.kind,
            tokens=tuple(join_split_words(self.tokens)),
            level=level or context.level,
        )
        self.tokens = outer_tokens
        self.paragraphs.insert(index, paragraph)
        return [*bookmarked, tree.span([], id=bookmark)]

    def next_bookmark(self) -> str:
        bookmark = f"{PARAGRAPH_PREFIX}{self.paragraph_count}"
        self.paragraph_count += 1
        return bookmark

    def enter_div(self, node: Node, context: _Context) -> _Context:
        """Number a Div, and return the surroundings of its blocks."""
        number = len(self.divs) + 1
        self.divs[number] = node
        is_caption = {"generated", "figure", "table"} & {*tree.classes(node)}
        return replace(context, kind="caption" if is_caption else context.kind, divs=(*context.divs, number))

    def visit_list(self, node: Node, context: _Context) -> Node:
        """Visit the items of a list: the first paragraph of each is the item, later blocks belong to it."""
        first = replace(context, kind="item", level=context.level + 1, ordered=node["t"] == "OrderedList")
        kinds = first, replace(first, kind="para")
        items = [[self.visit_block(b, kinds[n > 0]) for n, b in enumerate(blocks)] for blocks in tree.content(node)]
        return tree.with_content(node, items)

    def visit_definitions(self, node: Node, context: _Context) -> Node:
        entries = [
            [self.add_paragraph(term, context, "term"), [self.visit_blocks(each, context) for each in meanings]]
            for term, meanings in tree.content(node)
        ]
        return tree.with_content(node, entries)

    def visit_table(self, node: Node, context: _Context) -> Node:
        attr, (short, caption), columns, head, bodies, foot = node["c"]
        number, row = next(self.table_numbers), itertools.count()

        def visit_rows(table_rows: list[tree.Row]) -> list[tree.Row]:
            return [
                self._visit_row(each, replace(context, kind="cell", cell=CellPosition(number, next(row), 0)))
                for each in table_rows
            ]

        head = [head[0], visit_rows(head[1])]
        bodies = [[own, count, visit_rows(heads), visit_rows(body)] for own, count, heads, body in bodies]
        foot = [foot[0], visit_rows(foot[1])]
        # Last, as in the source: the caption of a table is below it.
        caption = self.visit_blocks(caption, replace(context, kind="caption"))
        return {**node, "c": [attr, [short, caption], columns, head, bodies, foot]}

    def _visit_row(self, row: tree.Row, context: _Context) -> tree.Row:
        (attr, cells), place = row, context.cell
        assert place is not None
        places = (replace(context, cell=replace(place, column=column)) for column in range(len(cells)))
        return [attr, [[*cell[:-1], self.visit_blocks(cell[-1], p)] for cell, p in zip(cells, places, strict=True)]]

    # --- inlines ---

    def visit_inlines(self, inlines: list[Node], formatting: frozenset[str]) -> list[Node]:
        return [self.visit_inline(node, formatting) for node in inlines]

    def visit_inline(self, node: Node, formatting: frozenset[str]) -> Node:
        kind, content = node["t"], node.get("c", [])
        if kind == "Str":
            self.add_words(str(content), formatting)
        elif kind in ("Space", "SoftBreak", "LineBreak"):
            self.pending_space = True
        elif kind in _FORMATTING_TYPES:
            return {**node, "c": self.visit_inlines(content, formatting | {kind})}
        elif kind == "Quoted":
            return self.visit_quoted(node, formatting)
        elif kind == "Code":
            self.add_words(content[1], formatting | {"Code"})
        elif kind == "Span":
            return {**node, "c": [content[0], self.visit_inlines(content[1], formatting)]}
        elif kind == "Link" and content[1]:
            target = content[2][0]
            # In Word, an id of the paper is the name of a bookmark.
            place = f"#{bookmark_name(target[1:])}" if target.startswith("#") else target
            linked = formatting | link_formatting(place)
            return {**node, "c": [content[0], self.visit_inlines(content[1], linked), content[2]]}
        elif kind in _ATOM_KINDS:
            return self.add_atom(_ATOM_KINDS[kind], node, formatting)
        return node

    def add_words(self, text: str, formatting: frozenset[str]) -> None:
        self.tokens += tokenize(text, space_before=self.pending_space, formatting=formatting)
        if text.strip():
            self.pending_space = text[-1].isspace()

    def visit_quoted(self, node: Node, formatting: frozenset[str]) -> Node:
        opening, closing = ("“", "”") if tree.form(node) == "DoubleQuote" else ("‘", "’")
        self.add_words(opening, formatting)
        inner = self.visit_inlines(tree.content(node), formatting)
        self.pending_space = False
        self.add_words(closing, formatting)
        return tree.with_content(node, inner)

    def add_atom(self, kind: str, node: Node, formatting: frozenset[str]) -> Node:
        self.atom_counts[kind] += 1
        name = f"{kind}-{self.atom_counts[kind]}"
        self.atom_values[name] = _atom_value(node)
        self.tokens.append(Token("", self.pending_space, formatting, name))
        self.pending_space = False
        if kind == "note":
            outer_tokens, outer_space = self.tokens, self.pending_space
            blocks = self.visit_blocks(tree.content(node), _Context("", "para", note=name))
            self.tokens, self.pending_space = outer_tokens, outer_space
            return tree.with_content(node, blocks)
        return node if kind == "image" else tree.span([node], id=ATOM_PREFIX + name)


def _atom_value(node: Node) -> str:
    """Return the text that distinguishes an atom from others of its kind."""
    if node["t"] == "Cite":
        cited = tree.citations(node)
        return " ".join(f"{c['citationMode']['t']}:{c['citationId']}:{_citation_affixes(c)}" for c in cited)
    if node["t"] == "Math":
        return str(tree.content(node))
    return str(tree.target(node)) if node["t"] in ("Link", "Image") else ""


def _citation_affixes(citation: Mapping[str, object]) -> str:
    return f"{tree.plain_text(citation['citationPrefix'])}|{tree.plain_text(citation['citationSuffix'])}"
