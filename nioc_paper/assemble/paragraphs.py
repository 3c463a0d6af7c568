"""Paragraph numbers of a review copy: "¶3.14" is the same passage in every format. Pure.

Counted are the units that a reviewer points at: each paragraph of running text, quotation and box. A list belongs to
the paragraph before it, and counts only without one. Headings, figures and tables have their own numbers; cells,
captions and notes belong to those.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nioc_paper import tree
from nioc_paper.assemble.numbers import NumberedTarget
from nioc_paper.model import Node
from nioc_paper.wording import Wording, localized_digits

_LIST_TYPES = ("BulletList", "OrderedList", "DefinitionList")
_BOX_CLASSES = ("recommendation", "gap", "finding", "linkage", "objective", "risk", "pullquote", "callout")
_UNCOUNTED_TYPES = ("Header", "Figure", "Table", "CodeBlock", "HorizontalRule")
"""Blocks without paragraph number; a list after one belongs to no paragraph before it."""
_PILCROW = "\u00b6"
"""Sign before the number: without it paragraph 3.4 would look like section 3.4."""
_NUMBERED_DIVISIONS = ("front", "chapter", "annex")
_MIN_PREFIX_LETTERS = 2
"""Letters for a chapter without number: a single letter would be an annex."""


def number_paragraphs(blocks: Iterable[Node], targets: Mapping[str, NumberedTarget], words: Wording) -> Iterator[Node]:
    """Yield chapters and annexes with numbered paragraphs; `targets` has the numbers of headings by id."""
    used_prefixes: set[str] = set()
    for block in blocks:
        if not any(tree.is_div(block, kind) for kind in _NUMBERED_DIVISIONS):
            yield block
            continue
        attr, inside = block["c"]
        heading = targets.get(tree.identifier(inside[0]))
        chapter_number = heading.number if heading else ""
        prefix = chapter_number or next(
            p for p in _prefix_candidates(attr[0].partition("-")[2]) if p not in used_prefixes
        )
        used_prefixes.add(prefix)
        yield {**block, "c": [attr, _ParagraphNumberer(prefix, words).number_blocks(inside)]}


def _prefix_candidates(chapter_id: str) -> Iterator[str]:
    """Yield letters for a chapter without number, the best first: initials (ES), then the start of its id (FO)."""
    words = chapter_id.upper().split("-")
    initials = "".join(word[0] for word in words if word)
    letters = "".join(words)
    if len(initials) >= _MIN_PREFIX_LETTERS:
        yield initials
    yield from (letters[:length] for length in range(_MIN_PREFIX_LETTERS, len(letters) + 1))
    yield from (f"{letters}{number}" for number in range(2, 1000))


@dataclass(slots=True)
class _ParagraphNumberer:
    prefix: str
    words: Wording
    count: int = 0
    follows_text: bool = False
    """Whether a list here belongs to the paragraph before it."""

    def number_blocks(self, blocks: Sequence[Node]) -> list[Node]:
        return [self.number_block(block) for block in blocks]

    def number_block(self, block: Node) -> Node:
        kind = block["t"]
        if kind == "Div" and not any(tree.is_div(block, box) for box in _BOX_CLASSES):
            return {**block, "c": [block["c"][0], self.number_blocks(block["c"][1])]}
        if kind in _UNCOUNTED_TYPES:
            self.follows_text = False
            return block
        marked = block if kind in _LIST_TYPES and self.follows_text else self.with_paragraph_number(block)
        self.follows_text = kind != "Div"
        return marked

    def with_paragraph_number(self, block: Node) -> Node:
        """Return a block with the next number at the start of its first paragraph, if it has one."""
        number = f"{self.prefix}.{self.count + 1}"
        name = f"para-{number.replace('.', '-').lower()}"
        shown = {"t": "Str", "c": _PILCROW + localized_digits(number, self.words)}
        pending_marks = [[tree.span([shown], "paragraph-number", id=name), {"t": "Space"}]]
        new: Node = _with_mark_at_start(block, pending_marks)
        self.count += not pending_marks
        return new


def _with_mark_at_start(item: Any, marks: list[list[Node]]) -> Any:
    """Return an item whose first paragraph begins with the mark, and remove the mark from the list."""
    if isinstance(item, list):
        return [_with_mark_at_start(part, marks) for part in item]
    if not isinstance(item, dict) or not marks or "c" not in item or item["t"] in _UNCOUNTED_TYPES:
        return item
    if item["t"] in ("Para", "Plain"):
        return {**item, "c": [*marks.pop(), *item["c"]]} if _has_words(item["c"]) else item
    if item["t"] == "LineBlock":
        first, *rest = item["c"]
        return {**item, "c": [[*marks.pop(), *first], *rest]}
    return {**item, "c": _with_mark_at_start(item["c"], marks)}


def _has_words(inlines: Sequence[Node]) -> bool:
    """Return whether a paragraph has more than a picture."""
    return bool(tree.plain_text(tree.rewrite(lambda node: None if node["t"] == "Image" else node, inlines)))
