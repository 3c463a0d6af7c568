"""Key numbers: passages that print and the website repeat in the margin, the first fact in large type."""

from __future__ import annotations

from itertools import count

from nioc_paper.model import Node
from nioc_paper.tree import constructors
from nioc_paper.tree.nodes import WORD_TYPES, citations, classes, plain_text, rewrite, walk
from nioc_paper.tree.prune import without_targets

KEY_NUMBER, _VALUE = "key-number", "value"
"""Class of a passage with a key number, and of the number in it."""


def mark_key_numbers(blocks: list[Node]) -> list[Node]:
    """Return blocks in which the first fact of each key number has a span of its own.

    A passage without a fact, and one around another key number, are no key numbers any more.
    """
    return rewrite(_mark_value, blocks, skip_types=WORD_TYPES)


def is_key_number(node: Node) -> bool:
    """Return whether a node is a passage with a key number."""
    return node["t"] == "Span" and KEY_NUMBER in classes(node)


def margin_copy(passage: Node) -> list[Node]:
    """Return the words of a key number for the margin: those before its digits, the number, and the others.

    Links, citations and notes are left out.
    """
    words = rewrite(lambda n: None if n["t"] in ("Cite", "Image") else without_targets(n), passage["c"][1])
    number = next((node for node in walk(words) if _is_value(node)), constructors.span([], _VALUE))
    rest = constructors.span(rewrite(lambda node: None if _is_value(node) else node, words), "para")
    return [*_divide_number(number), rest]


def _divide_number(number: Node) -> list[Node]:
    """Return a number after a span of the words before its digits, if there are any."""
    text = plain_text(number)
    start = next((index for index, sign in enumerate(text) if sign.isdigit()), 0)
    texts = ((text[:start].strip(), "before"), (text[start:], _VALUE))
    return [constructors.span(constructors.text_inlines(words), name) for words, name in texts] if start else [number]


def _mark_value(node: Node) -> Node:
    if not is_key_number(node):
        return node
    (name, names, values), inlines = node["c"]
    fact_numbers = count()

    def mark_first(inline: Node) -> Node:
        is_fact = inline["t"] == "Cite" and citations(inline)[0]["citationId"].startswith("fact-")
        return constructors.span([inline], _VALUE) if is_fact and next(fact_numbers) == 0 else inline

    marked = rewrite(mark_first, inlines, skip_types=WORD_TYPES | {"Note"})
    if next(fact_numbers) == 0 or any(is_key_number(inner) for inner in walk(inlines)):
        return {**node, "c": [[name, [n for n in names if n != KEY_NUMBER], values], inlines]}
    return {**node, "c": [[name, names, values], marked]}


def _is_value(node: Node) -> bool:
    return node["t"] == "Span" and _VALUE in classes(node)
