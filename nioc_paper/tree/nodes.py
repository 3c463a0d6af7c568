"""Walk, read and rewrite pandoc's JSON tree. Pure; shapes are those of pandoc-types 1.23."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, overload

from nioc_paper.model import TARGET_KINDS, LazyTree, Node

Rewriter = Callable[[Node], Node | list[Node] | None]
"""Returns the node in place of a node, several ones, or None to drop it."""
Attr = list[Any]
"""[identifier, [classes], [[key, value]]]"""
Row = list[Any]
"""Row of a table: [attr, [cell]]"""
Cell = list[Any]
"""Cell of a table: [attr, alignment, row span, column span, [block]]"""
Caption = list[Any]
"""Caption of a figure or table: [short form, [block]]"""

_ATTR_INDEX = dict.fromkeys(["Div", "Span", "Code", "CodeBlock", "Link", "Image", "Figure", "Table"], 0) | {"Header": 1}
_CONTENT_INDEX = _ATTR_INDEX | dict.fromkeys(["Cite", "Quoted", "OrderedList", "Math", "RawInline", "RawBlock"], 0)
_CONTENT_INDEX = {kind: index + 1 for kind, index in _CONTENT_INDEX.items() if kind != "Table"} | {"Figure": 2}
LANGUAGE_ATTRIBUTES = ("lang", "dir")
"""Attributes that every element may have."""
TYPES_WITH_ATTR = _ATTR_INDEX.keys()
"""Types of nodes that can have an id."""
WORD_TYPES = frozenset(("Str", "Space", "SoftBreak"))
"""Words and the blanks between them: 90 % of nodes."""
PARAGRAPH_TYPES = frozenset(("Para", "Plain", "LineBlock"))
"""Blocks of running text: they contain inlines. Headings are not among them."""
_INLINE_BLOCKS = PARAGRAPH_TYPES | {"Header"}
TEXT_TYPES = WORD_TYPES | PARAGRAPH_TYPES
"""Types that block-level passes skip."""
_WORD_TEXTS = {"Str": "", "Space": " ", "SoftBreak": " "}
_UNCOUNTED_TYPES = frozenset(("Cite", "Code", "CodeBlock", "RawInline", "RawBlock", "Math"))
_BREAK: Node = {"t": "Space"}
_TEXT_BLOCK_TYPES = {"Para", "Plain", "Header", "CodeBlock"}


def walk(tree: object, leaves: frozenset[str] = frozenset()) -> Iterator[Node]:
    """Yield every node, parents before children, in text order, without the content of some types, the leaves."""
    stack = [tree]
    while stack:
        item = stack.pop()
        # `type(…) is`, not `isinstance`: checks of a long paper spend most of their time in this loop.
        if type(item) is dict:
            if (kind := item.get("t")) is None:
                stack.extend(reversed(item.values()))
            else:
                yield item
                content = item.get("c")
                if (type(content) is list or type(content) is dict) and kind not in leaves:
                    stack.append(content)
        elif type(item) is list or type(item) is tuple:
            stack.extend(reversed(item))


def walk_blocks(tree: object) -> Iterator[Node]:
    """Yield every block, parents before children, in text order; skips the content of paragraphs and headings."""
    return walk(tree, _INLINE_BLOCKS)


def group_by_type(tree: object) -> Mapping[str, list[Node]]:
    """Return the nodes of each type in text order, from one walk."""
    groups: dict[str, list[Node]] = defaultdict(list)
    for node in walk(tree):
        groups[node["t"]].append(node)
    return groups


@overload
def rewrite(change: Rewriter, tree: Sequence[Node], *, skip_types: frozenset[str] = ...) -> list[Node]: ...
@overload
def rewrite(change: Callable[[Node], Node], tree: Node, *, skip_types: frozenset[str] = ...) -> Node: ...
@overload
def rewrite(change: Rewriter, tree: object, *, skip_types: frozenset[str] = ...) -> Any: ...
def rewrite(change: Rewriter, tree: Any, *, skip_types: frozenset[str] = frozenset()) -> Any:
    """Pass each node through `change` after its children; a returned list is spliced in, None drops the node.

    Nodes with content are copied; a word or space that `change` leaves alone is shared by both trees. Nodes of
    `skip_types` are shared with all their content, and not passed to `change`.
    """
    # `type(…) is`: a build spends most of its own time in this loop and in `walk`.
    kind = type(tree)
    if kind is dict:
        if "t" not in tree:
            return {k: v if k == "pos" else rewrite(change, v, skip_types=skip_types) for k, v in tree.items()}
        content = tree.get("c")
        content_type = type(content)
        return change(
            {**tree, "c": rewrite(change, content, skip_types=skip_types)}
            if content_type is list or content_type is dict
            else tree
        )
    if kind is not list and kind is not tuple:
        return tree
    out: list[object] = []
    for item in tree:
        if type(item) is dict and item.get("t") not in skip_types:
            new = rewrite(change, item, skip_types=skip_types)
            if type(new) is list and "t" in item:
                out.extend(new)
            elif new is not None:
                out.append(new)
        else:  # a caption without a short form is [null, blocks]
            out.append(rewrite(change, item, skip_types=skip_types) if type(item) is list else item)
    return out


@overload
def merge_words(tree: Sequence[Node]) -> list[Node]: ...
@overload
def merge_words(tree: Node) -> Node: ...
def merge_words(tree: Any) -> Any:
    """Return the tree with adjacent words, and the blanks between them, merged into one `Str`.

    90 % of nodes are words and blanks: a pass over the result takes a fraction of the time. Positions of words are
    lost, those of the nodes around them stay.
    """
    kind = type(tree)
    if kind is dict:
        # Citeproc reads locators word by word.
        return tree if tree.get("t") == "Cite" else {k: v if k == "pos" else merge_words(v) for k, v in tree.items()}
    if kind is not list and kind is not tuple:
        return tree
    out: list[Any] = []
    run: list[str] = []
    for item in tree:
        word = _WORD_TEXTS.get(item.get("t", "")) if type(item) is dict else None
        if word is None:
            if run:
                out[-1]["c"] = "".join(run)
                run = []
            out.append(merge_words(item))
        else:
            if not run:
                out.append({"t": "Str"})
            run.append(word or item["c"])
    if run:
        out[-1]["c"] = "".join(run)
    return out


def without_positions(tree: Any) -> Any:
    """Return a tree without positions."""
    kind = type(tree)
    if kind is list or kind is tuple:
        return [without_positions(item) for item in tree]
    return {key: without_positions(value) for key, value in tree.items() if key != "pos"} if kind is dict else tree


def as_tree(blocks: Sequence[Node]) -> LazyTree:
    """Return a LazyTree of blocks that exist already."""
    return LazyTree(lambda: blocks, lambda: merge_words(blocks), cache(lambda: collect_names(blocks)))


def collect_names(tree: object) -> frozenset[str]:
    """Return the names in a tree: `#id`, `.class` and `attribute=` of its nodes.

    Of nodes without an id it has the types, `Header#`, and the classes, `.figure#`.
    """
    return names_of_nodes(walk(tree))


def names_of_nodes(nodes: Iterable[Node]) -> frozenset[str]:
    """Return the names of nodes, as in `collect_names`, without those of the nodes in them."""
    names = set[str]()
    for node in nodes:
        if (index := _ATTR_INDEX.get(node["t"])) is not None:
            identifier, classes, pairs = node["c"][index]
            names.add(f"#{identifier}" if identifier else f"{node['t']}#")
            for name in classes:
                names.update((f".{name}",) if identifier else (f".{name}", f".{name}#"))
            names.update(f"{key}=" for key, _ in pairs)
    return frozenset(names)


def plain_text(tree: object, *, with_notes: bool = False) -> str:
    """Return the text of inlines or blocks with single spaces; notes only if asked for."""
    out: list[str] = []
    _append_plain_text(tree, out, with_notes)
    return " ".join("".join(out).split())


def _append_plain_text(tree: Any, out: list[str], with_notes: bool) -> None:
    tree_type = type(tree)
    if tree_type is list or tree_type is tuple:
        for item in tree:
            if type(item) is not str:
                _append_plain_text(item, out, with_notes)
    elif tree_type is dict:
        kind = tree.get("t")
        if kind == "Str":
            out.append(tree["c"])
        elif kind in {"Space", "SoftBreak", "LineBreak"}:
            out.append(" ")
        elif kind in ("Code", "CodeBlock", "Math"):
            out.append(content(tree))
        else:
            for part in _text_parts(tree, kind, with_notes):
                _append_plain_text(part, out, with_notes)
        if kind in _TEXT_BLOCK_TYPES:
            out.append(" ")


def _text_parts(node: Node, kind: str | None, with_notes: bool) -> Iterable[object]:
    """Return the parts of a node that have text, with marks and breaks that it prints around them."""
    content: Sequence[Any] = node.get("c", ())
    if kind in ("Cite", "Link", "Image"):
        return (content[1],)
    if kind == "Quoted":
        before, after = "‘’" if form(node) == "SingleQuote" else "“”"
        return ({"t": "Str", "c": before}, content[1], {"t": "Str", "c": after})
    if kind == "Note":
        return (_BREAK, content) if with_notes else ()
    if kind == "Table":
        # Cells follow one another without a break of their own.
        return content[1:]
    if kind in ("LineBlock", "DefinitionList"):
        # Nor do lines, terms and definitions.
        parts = content if kind == "LineBlock" else [piece for entry in content for piece in entry]
        return [piece for part in parts for piece in (part, _BREAK)]
    return () if kind in ("RawInline", "RawBlock") else node.values()


def count_words(tree: object) -> int:
    """Count the words of running text, notes and captions; not citations, code or raw passages."""
    texts = (node["c"] for node in walk(tree, _UNCOUNTED_TYPES) if node["t"] == "Str")
    return sum(any(map(str.isalnum, word)) for text in texts for word in text.split())


def attr_triple(node: Node) -> Attr:
    """Return the attribute triple of a node; an empty one for types without attributes."""
    index = _ATTR_INDEX.get(node["t"])
    return node["c"][index] if index is not None else ["", [], []]


def with_attr(node: Node, triple: Attr) -> Node:
    """Return a node with another attribute triple."""
    index = _ATTR_INDEX[node["t"]]
    return {**node, "c": [*node["c"][:index], triple, *node["c"][index + 1 :]]}


def content(node: Node) -> Any:
    """Return the inlines, blocks, items or text in a node, without its attributes, level, form, target and caption."""
    index = _CONTENT_INDEX.get(node["t"])
    return node["c"] if index is None else node["c"][index]


def with_content(node: Node, content: Sequence[Any]) -> Node:
    """Return a node with other inlines, blocks, items or text in it."""
    index = _CONTENT_INDEX.get(node["t"])
    return {**node, "c": content if index is None else [*node["c"][:index], content, *node["c"][index + 1 :]]}


def citations(cite: Node) -> list[Any]:
    """Return the citations in a node of the type Cite."""
    return cite["c"][0]  # type: ignore[no-any-return]


def form(node: Node) -> str:
    """Return the form of a formula or of quotation marks: DisplayMath or InlineMath, SingleQuote or DoubleQuote."""
    return str(node["c"][0]["t"])


def target(node: Node) -> str:
    """Return the address of a link, or the file of a picture."""
    return str(node["c"][2][0])


def level(header: Node) -> int:
    """Return the level of a heading, from 1."""
    return int(header["c"][0])


def caption(node: Node) -> list[Node]:
    """Return the blocks of the caption of a figure or table."""
    return node["c"][1][1]  # type: ignore[no-any-return]


def with_caption(node: Node, blocks: Sequence[Node]) -> Node:
    """Return a figure or table with another caption."""
    attr, (short, _), *rest = node["c"]
    return {**node, "c": [attr, [short, blocks], *rest]}


def columns(table: Node) -> list[Any]:
    """Return the alignment and the width of each column of a table."""
    return table["c"][2]  # type: ignore[no-any-return]


def head_rows(table: Node) -> list[list[list[Node]]]:
    """Return the rows of the head of a table, as the blocks of each cell."""
    return [[cell[4] for cell in cells] for _, cells in table["c"][3][1]]


def without_head(table: Node) -> Node:
    """Return a table without the rows of its head."""
    *before, (attr, _), bodies, foot = table["c"]
    return {**table, "c": [*before, [attr, []], bodies, foot]}


def body_rows(table: Node) -> list[list[list[Node]]]:
    """Return the rows of the bodies of a table, without their headings, as the blocks of each cell."""
    return [[cell[4] for cell in cells] for *_, rows in table["c"][4] for _, cells in rows]


def identifier(node: Node) -> str:
    """Return the id of a node, or an empty text."""
    return str(attr_triple(node)[0])


def classes(node: Node) -> list[str]:
    """Return the classes of a node."""
    return list(attr_triple(node)[1])


def attributes(node: Node) -> dict[str, str]:
    """Return the key-value attributes of a node."""
    return dict(attr_triple(node)[2])


def alternative_text(image: Node) -> str:
    """Return a picture's alternative text: `alt`, or the text in brackets, with dots for references, as printed."""
    dots: Node = {"t": "Str", "c": "…"}
    words = rewrite(lambda n: n if n["t"] != "Cite" else dots if is_in_sentence(n) else None, content(image))
    return attributes(image).get("alt") or plain_text(words)


def is_in_sentence(cite: Node) -> bool:
    """Whether a citation prints words of the sentence: a reference into the paper, a fact's value, or an author."""
    first = citations(cite)[0]
    return first["citationMode"]["t"] == "AuthorInText" or first["citationId"].partition("-")[0] in TARGET_KINDS


def with_target(node: Node, address: str) -> Node:
    """Return a link or picture with another address."""
    return {**node, "c": [*node["c"][:2], [address, node["c"][2][1]]]}


def with_attributes(node: Node, **pairs: str) -> Node:
    """Return a node with some of its key-value attributes set or replaced."""
    identifier, classes, existing = attr_triple(node)
    values = [*([k, v] for k, v in existing if k not in pairs), *([k, v] for k, v in pairs.items())]
    return with_attr(node, [identifier, classes, values])


def with_class(node: Node, name: str) -> Node:
    """Return a node with one more class."""
    identifier, classes, pairs = attr_triple(node)
    return with_attr(node, [identifier, [*classes, name], pairs])


def with_id(node: Node, name: str) -> Node:
    """Return a node with another id."""
    return with_attr(node, [name, *attr_triple(node)[1:]])


def without_id(node: Node) -> Node:
    """Return a node without its id."""
    return with_id(node, "") if identifier(node) else node


def table_rows(table: Node) -> list[list[list[Node]]]:
    """Return all rows of a table as the blocks of each cell: of its head, its bodies with their headings, its foot."""
    return [[cell[4] for cell in cells] for cells in _table_rows(table)]


def table_cells(table: Node) -> list[Cell]:
    """Return all cells of a table."""
    return [cell for cells in _table_rows(table) for cell in cells]


def _table_rows(table: Node) -> Iterator[list[Cell]]:
    _, _, _, head, bodies, foot = table["c"]
    return (cells for _, cells in (*head[1], *(row for body in bodies for row in (*body[2], *body[3])), *foot[1]))


def is_div(node: Node, name: str) -> bool:
    """Return whether a node is a Div with this class."""
    return node["t"] == "Div" and name in node["c"][0][1]
