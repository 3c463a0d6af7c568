"""Numbers on the paragraphs of a review copy, so that "¶3.14" is the same passage in every format. Pure.

What counts is what a reviewer would point at: each paragraph of running text, a quotation and a box as one each. A list
belongs to the paragraph before it, and counts only where there is none. Headings, figures and tables have numbers of
their own; cells, captions and notes are told by what they belong to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nioc_paper import tree
from nioc_paper.assemble.numbers import Named
from nioc_paper.model import Node
from nioc_paper.wording import Words, digits

_LISTS = ("BulletList", "OrderedList", "DefinitionList")
_BOXES = ("recommendation", "gap", "finding", "linkage", "pullquote")
_APART = ("Header", "Figure", "Table", "CodeBlock", "HorizontalRule")
"""Blocks without a number of a paragraph; a list after one belongs to no paragraph before it."""
_SIGN = "\u00b6"
"""Before the number: without it paragraph 3.4 would look like section 3.4."""
_KINDS = ("front", "chapter", "annex")
_SHORTEST = 2
"""Letters of a chapter without a number: one alone is the letter of an annex."""


def numbered(blocks: Iterable[Node], named: Mapping[str, Named], words: Words) -> Iterator[Node]:
    """The chapters and annexes with numbers on their paragraphs; `named` has the numbers of their headings by id."""
    taken: set[str] = set()
    for block in blocks:
        if not any(tree.is_div(block, kind) for kind in _KINDS):
            yield block
            continue
        attr, inside = block["c"]
        heading = named.get(tree.identifier(inside[0]))
        own = heading.number if heading else ""
        prefix = own or next(p for p in _prefixes(attr[0].partition("-")[2]) if p not in taken)
        taken.add(prefix)
        yield {**block, "c": [attr, _Chapter(prefix, words).blocks(inside)]}


def _prefixes(chapter: str) -> Iterator[str]:
    """Letters for a chapter without a number, the best first: its initials, ES, or how its id begins, FO."""
    words = chapter.upper().split("-")
    initials = "".join(word[0] for word in words if word)
    letters = "".join(words)
    if len(initials) >= _SHORTEST:
        yield initials
    yield from (letters[:length] for length in range(_SHORTEST, len(letters) + 1))
    yield from (f"{letters}{number}" for number in range(2, 1000))


@dataclass(slots=True)
class _Chapter:
    prefix: str
    words: Words
    count: int = 0
    led: bool = False
    """Whether a list would belong to the paragraph before it."""

    def blocks(self, blocks: Sequence[Node]) -> list[Node]:
        return [self.block(block) for block in blocks]

    def block(self, block: Node) -> Node:
        kind = block["t"]
        if kind == "Div" and not any(tree.is_div(block, box) for box in _BOXES):
            return {**block, "c": [block["c"][0], self.blocks(block["c"][1])]}
        if kind in _APART:
            self.led = False
            return block
        marked = block if kind in _LISTS and self.led else self.marked(block)
        self.led = kind != "Div"
        return marked

    def marked(self, block: Node) -> Node:
        """A block with the next number at the head of its first paragraph, if it has one."""
        number = f"{self.prefix}.{self.count + 1}"
        name = f"para-{number.replace('.', '-').lower()}"
        shown = {"t": "Str", "c": _SIGN + digits(number, self.words)}
        left = [[tree.span([shown], "paragraph-number", id=name), {"t": "Space"}]]
        new: Node = _headed(block, left)
        self.count += not left
        return new


def _headed(item: Any, marks: list[list[Node]]) -> Any:
    """An item whose first paragraph begins with the mark, which is then taken from the list."""
    if isinstance(item, list):
        return [_headed(part, marks) for part in item]
    if not isinstance(item, dict) or not marks or "c" not in item or item["t"] in _APART:
        return item
    if item["t"] in ("Para", "Plain"):
        return {**item, "c": [*marks.pop(), *item["c"]]} if _has_words(item["c"]) else item
    if item["t"] == "LineBlock":
        first, *rest = item["c"]
        return {**item, "c": [[*marks.pop(), *first], *rest]}
    return {**item, "c": _headed(item["c"], marks)}


def _has_words(inlines: Sequence[Node]) -> bool:
    """Whether there is more in a paragraph than a picture."""
    return bool(tree.plain(tree.rewrite(lambda node: None if node["t"] == "Image" else node, inlines)))
