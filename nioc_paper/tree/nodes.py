"""Walk, read and rewrite pandoc's JSON tree. Pure; shapes are those of pandoc-types 1.23."""

from __future__ import annotations

import hashlib
import marshal
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from nioc_paper.model import LazyTree, Node

Attr = list[Any]
"""[identifier, [classes], [[key, value]]]"""

_ATTR_INDEX: Mapping[str, int] = {
    "Div": 0,
    "Span": 0,
    "Code": 0,
    "CodeBlock": 0,
    "Link": 0,
    "Image": 0,
    "Figure": 0,
    "Table": 0,
    "Header": 1,
}
AUTHOR_ATTRIBUTES = ("width", "height", "lang", "dir", "start", "list", "to", "by", "alt")
"""Keys of attributes that authors may write; others are left out of every output."""
TYPES_WITH_ATTR = tuple(_ATTR_INDEX)
"""Types of nodes that can have an id."""
WORD_TYPES = frozenset(("Str", "Space", "SoftBreak"))
"""What is a word, or stands for a blank between two: nine nodes of ten."""
PARAGRAPH_TYPES = frozenset(("Para", "Plain", "LineBlock"))
"""Blocks whose content is text."""
TEXT_TYPES = WORD_TYPES | PARAGRAPH_TYPES
"""What is left alone by who looks at blocks only."""
_WORD_TEXTS = {"Str": "", "Space": " ", "SoftBreak": " "}
_BREAK_TYPES = {"Space", "SoftBreak", "LineBreak"}
_UNCOUNTED_TYPES = {"Cite", "Code", "CodeBlock", "RawInline", "RawBlock", "Math", "Space", "SoftBreak"}
_TEXT_BLOCK_TYPES = {"Para", "Plain", "Header", "CodeBlock", "LineBlock"}


def walk(tree: Any) -> Iterator[Node]:
    """Every node, parents before children, in the order of the text."""
    stack = [tree]
    while stack:
        item = stack.pop()
        # `type(…) is` and not `isinstance`: this is the loop that a check of a long paper lives in.
        if type(item) is dict:
            if "t" in item:
                yield item
                content = item.get("c")
                if type(content) is list or type(content) is dict:
                    stack.append(content)
            else:
                stack.extend(reversed(item.values()))
        elif type(item) is list or type(item) is tuple:
            stack.extend(reversed(item))


def walk_blocks(tree: Any) -> Iterator[Node]:
    """Every block, parents before children, in the order of the text; not what stands in paragraphs and headings."""
    stack = [tree]
    while stack:
        item = stack.pop()
        if type(item) is dict:
            kind = item.get("t")
            if kind is None:
                stack.extend(reversed(item.values()))
            else:
                yield item
                if kind not in PARAGRAPH_TYPES and kind != "Header" and type(item.get("c")) is list:
                    stack.append(item["c"])
        elif type(item) is list or type(item) is tuple:
            stack.extend(reversed(item))


def tree_hash(tree: Any) -> str:
    """Stands for all that a tree says. It is never read back, and four times as quick as JSON."""
    return hashlib.sha256(marshal.dumps(tree, 2)).hexdigest()  # version 2 writes equal trees alike


def group_by_type(tree: Any) -> Mapping[str, list[Node]]:
    """The nodes of each type in the order of the text: one walk for all who ask for some types."""
    groups: dict[str, list[Node]] = defaultdict(list)
    for node in walk(tree):
        groups[node["t"]].append(node)
    return groups


def rewrite(
    change: Callable[[Node], Node | list[Node] | None], tree: Any, *, skip_types: frozenset[str] = frozenset()
) -> Any:
    """The tree with each node passed through `change` after its children; a list is spliced in, None drops.

    What holds nodes is copied; a word or a space that `change` leaves alone is in both trees. Nodes of the types in
    `leave` are in both, with all that is in them, and not passed through it.
    """
    # `type(…) is`: with `walk` the loop in which a build spends most of its own time.
    kind = type(tree)
    if kind is dict:
        if "t" not in tree:
            return {k: v if k == "at" else rewrite(change, v, skip_types=skip_types) for k, v in tree.items()}
        content = tree.get("c")
        content_type = type(content)
        return change(
            {**tree, "c": rewrite(change, content, skip_types=skip_types)}
            if content_type is list or content_type is dict
            else tree
        )
    if kind is not list and kind is not tuple:
        return tree
    out: list[Any] = []
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


def merge_words(tree: Any) -> Any:
    """The tree with words that follow one another as one `Str`, with the blanks between them.

    Nine nodes of ten are words and blanks: what is done to a tree like this takes a fraction of the time. Where a word
    stands in its file is no longer known, only where what holds it does.
    """
    kind = type(tree)
    if kind is dict:
        # Citeproc reads locators word by word.
        return tree if tree.get("t") == "Cite" else {k: v if k == "at" else merge_words(v) for k, v in tree.items()}
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
    """A tree whose nodes do not say where they stand."""
    if isinstance(tree, list | tuple):
        return [without_positions(item) for item in tree]
    if isinstance(tree, dict):
        return {key: without_positions(value) for key, value in tree.items() if key != "at"}
    return tree


def as_tree(blocks: Sequence[Node]) -> LazyTree:
    """A tree that is there already."""
    return LazyTree(lambda: blocks, lambda: merge_words(blocks))


def plain_text(tree: Any, *, with_notes: bool = False) -> str:
    """The text of inlines or blocks, one space between words; notes are left out unless asked for."""
    out: list[str] = []
    _append_plain_text(tree, out, with_notes)
    return " ".join("".join(out).split())


def _append_plain_text(tree: Any, out: list[str], with_notes: bool) -> None:  # noqa: C901 - one branch a kind of node
    tree_type = type(tree)
    if tree_type is list or tree_type is tuple:
        for item in tree:
            if type(item) is not str:
                _append_plain_text(item, out, with_notes)
    elif tree_type is dict:
        kind = tree.get("t")
        content: Any = tree.get("c")
        if kind == "Str":
            out.append(content)
        elif kind in _BREAK_TYPES:
            out.append(" ")
        elif kind in ("Code", "CodeBlock", "Math"):
            out.append(content[1])
        elif kind == "Quoted":
            single = content[0]["t"] == "SingleQuote"
            out.append("‘" if single else "“")
            _append_plain_text(content[1], out, with_notes)
            out.append("’" if single else "”")
        elif kind == "Note":
            if with_notes:
                out.append(" ")
                _append_plain_text(content, out, with_notes)
        elif kind in ("Cite", "Link", "Image"):
            _append_plain_text(content[1], out, with_notes)
        elif kind == "Table":
            # Cells follow one another without a break of their own.
            for part in content[1:]:
                _append_plain_text(part, out, with_notes)
        elif kind not in ("RawInline", "RawBlock"):
            for value in tree.values():
                _append_plain_text(value, out, with_notes)
        if kind in _TEXT_BLOCK_TYPES:
            out.append(" ")


def count_words(tree: Any) -> int:
    """Words of running text, notes and captions included; not citations, code or raw passages."""
    count = 0
    stack = [tree]
    while stack:
        item = stack.pop()
        if type(item) is dict:
            kind = item.get("t")
            if kind == "Str":
                count += sum(word.isalnum() or any(map(str.isalnum, word)) for word in item["c"].split())
            elif kind is None:
                stack.extend(item.values())
            elif kind not in _UNCOUNTED_TYPES:
                stack.append(item.get("c"))
        elif type(item) is list or type(item) is tuple:
            stack.extend(item)
    return count


def attr_triple(node: Node) -> Attr:
    """The attribute triple of a node; an empty one for nodes that have none."""
    index = _ATTR_INDEX.get(node["t"])
    return node["c"][index] if index is not None else ["", [], []]


def identifier(node: Node) -> str:
    """The id of a node, or an empty text."""
    return str(attr_triple(node)[0])


def classes(node: Node) -> list[str]:
    """The classes of a node."""
    return list(attr_triple(node)[1])


def attributes(node: Node) -> dict[str, str]:
    """The key-value attributes of a node."""
    return dict(attr_triple(node)[2])


def with_attributes(node: Node, **pairs: str) -> Node:
    """A node with some of its key-value attributes given or replaced."""
    content, index = list(node["c"]), _ATTR_INDEX[node["t"]]
    identifier, classes, existing = content[index]
    content[index] = [
        identifier,
        classes,
        [*([k, v] for k, v in existing if k not in pairs), *([k, v] for k, v in pairs.items())],
    ]
    return {**node, "c": content}


def is_div(node: Node, name: str) -> bool:
    """Whether a node is a Div with this class."""
    return node["t"] == "Div" and name in node["c"][0][1]
