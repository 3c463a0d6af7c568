"""Merge two trees: passages changed, new, gone and moved. Pure.

Accepting all changes of the result gives the new tree, rejecting all of them the old one, word for word.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import count
from typing import Any, TypeVar

from nioc_paper import tree
from nioc_paper.model import DELETION, INSERTION, MOVED, PARAGRAPH_MARK_PREFIX, Node, Revision
from nioc_paper.model.grouping import group_pairs
from nioc_paper.model.sequence_alignment import align_similar
from nioc_paper.redline.inlines import WRAPPERS, compare_inlines, mark_inlines
from nioc_paper.tree import Attr, Row

TEXT_BLOCKS = ("Para", "Plain", "Header")
"""Blocks that hold words themselves."""


_STATUS_ATTRIBUTES = ("data-status", "data-lead")
"""Attributes of a chapter's Div that hold its status."""


def redline_blocks(old: Sequence[Node], new: Sequence[Node], revision: Revision) -> list[Node]:
    """Merge two trees: inserted and deleted words are spans of the classes `insertion` and `deletion`."""
    return mark_moves(_BlockComparison(revision).compare_blocks(old, new))


class _BlockComparison:
    def __init__(self, revision: Revision) -> None:
        self.revision = revision
        self.numbers = count(1)
        self.comparers: Mapping[str, Callable[[Any, Any], list[Any]]] = {
            "Para": self.compare_inlines,
            "Plain": self.compare_inlines,
            "Header": lambda a, b: [*b[:2], self.compare_inlines(a[2], b[2])],
            "Div": lambda a, b: [_with_old_status(a[0], b[0]), self.compare_blocks(a[1], b[1])],
            "BlockQuote": self.compare_blocks,
            "BulletList": self.compare_items,
            "OrderedList": lambda a, b: [b[0], self.compare_items(a[1], b[1])],
            "Figure": self.compare_figures,
            "Table": self.compare_tables,
        }

    def compare_blocks(self, old: Sequence[Node], new: Sequence[Node]) -> list[Node]:
        return [block for pair in align_sequences(old, new) for block in self.compare_pair(*pair)]

    def compare_pair(self, old: Node | None, new: Node | None) -> list[Node]:
        compare_content = self.comparers.get(new["t"]) if old and new and old["t"] == new["t"] else None
        if old and new and canonical_json(old) == canonical_json(new):
            return [new]
        same_columns = not (old and new and new["t"] == "Table") or len(tree.columns(old)) == len(tree.columns(new))
        if old and new and compare_content and same_columns:
            return [{**new, "c": compare_content(old["c"], new["c"])}]
        return [self.mark_block(block, kind) for block, kind in ((old, DELETION), (new, INSERTION)) if block]

    def compare_inlines(self, old: Sequence[Node], new: Sequence[Node]) -> list[Node]:
        return compare_inlines(old, new, self.revision, self.compare_blocks)

    def compare_items(self, old: Sequence[list[Node]], new: Sequence[list[Node]]) -> list[list[Node]]:
        return [self.compare_contained(before or [], after or []) for before, after in align_sequences(old, new)]

    def compare_contained(self, old: Sequence[Node], new: Sequence[Node]) -> list[Node]:
        """Compare the contents of an item, a cell or a caption; a single passage is compared even if little is left."""
        if len(old) == len(new) == 1 and old[0]["t"] == new[0]["t"] in TEXT_BLOCKS:
            return self.compare_pair(old[0], new[0])
        return tree.separate_paragraphs(self.compare_blocks(old, new))

    def compare_figures(self, old: list[Any], new: list[Any]) -> list[object]:
        """Compare captions by words, and pictures as a whole."""
        attr, (short, caption), content = new
        caption = self.compare_contained(old[1][1], caption)
        old_titles, old_pictures = _split_titles(old[2])
        titles, pictures = _split_titles(content)
        if canonical_json(old_pictures) != canonical_json(pictures):
            pictures = self.compare_pictures(old_pictures, pictures)
        return [attr, [short, caption], [*self.compare_blocks(old_titles, titles), *pictures]]

    def compare_pictures(self, old: Sequence[Node], new: Sequence[Node]) -> list[Node]:
        """Return both pictures; two single ones in one paragraph, for in Word a caption belongs to one paragraph."""
        if all(len(blocks) == 1 and blocks[0]["t"] in ("Para", "Plain") for blocks in (old, new)):
            removed, added = (
                mark_inlines(tree.content(b[0]), self.revision, self.compare_blocks, k)
                for b, k in ((old, DELETION), (new, INSERTION))
            )
            return [tree.plain_block([*removed, *added])]
        return [*(self.mark_block(b, DELETION) for b in old), *(self.mark_block(b, INSERTION) for b in new)]

    def compare_tables(self, old: list[Any], new: list[Any]) -> list[object]:
        attr, (short, caption), columns, head, bodies, foot = new
        before = [row for body in old[4] for row in body[2] + body[3]]
        after = [row for body in bodies for row in body[2] + body[3]]
        body_attr, head_columns = bodies[0][:2] if bodies else (["", [], []], 0)
        return [
            attr,
            [short, self.compare_contained(old[1][1], caption)],
            columns,
            [head[0], self.compare_rows(old[3][1], head[1])],
            [[body_attr, head_columns, [], self.compare_rows(before, after)]],
            [foot[0], self.compare_rows(old[5][1], foot[1])],
        ]

    def compare_rows(self, old: Sequence[Row], new: Sequence[Row]) -> list[Row]:
        out: list[Row] = []
        for before, after in align_sequences(old, new):
            if before and after and len(before[1]) == len(after[1]):
                cells = [
                    [*new_cell[:-1], self.compare_contained(old_cell[-1], new_cell[-1])]
                    for old_cell, new_cell in zip(before[1], after[1], strict=True)
                ]
                out.append([after[0], cells])
            else:
                out += [self.mark_row(row, kind) for row, kind in ((before, DELETION), (after, INSERTION)) if row]
        return out

    def mark_row(self, row: Row, kind: str) -> Row:
        """Mark a row as inserted or deleted; an empty cell gets a paragraph, or Word would keep the row."""
        cells = [(cell, cell[-1] or [tree.plain_block([])]) for cell in row[1]]
        return [row[0], [[*cell[:-1], [self.mark_block(block, kind) for block in blocks]] for cell, blocks in cells]]

    # --- whole passages ---

    def mark_block(self, block: Node, kind: str) -> Node:
        """Mark a block and every paragraph in it as inserted or deleted."""
        if block["t"] == "Header":
            level, attr, inlines = block["c"]
            return {**block, "c": [level, self.mark_attributes(attr, kind), self.mark_paragraph(inlines, kind)]}
        if block["t"] in ("Para", "Plain"):
            return {**block, "c": self.mark_paragraph(tree.content(block), kind)}
        if block["t"] == "CodeBlock":
            return tree.para(self.mark_paragraph([{"t": "Code", "c": [tree.attr(), tree.content(block)]}], kind))
        if block["t"] in ("Div", "Figure", "Table"):
            attr, *parts = block["c"]
            marked_parts = [self.mark_content(part, kind) for part in parts]
            return {**block, "c": [self.mark_attributes(attr, kind), *marked_parts]}
        return {**block, "c": self.mark_content(block["c"], kind)} if "c" in block else block

    def mark_content(self, content: object, kind: str) -> object:
        """Mark the blocks in the content of a block."""
        if isinstance(content, list):
            return [self.mark_content(part, kind) for part in content]
        return self.mark_block(content, kind) if isinstance(content, dict) and "t" in content else content

    def mark_attributes(self, attr: Attr, kind: str) -> Attr:
        """Return the attributes of an inserted or deleted block; deleted ones get an id that no other has."""
        if kind == INSERTION:
            return _with_old_status(["", [], []], attr)
        return _with_old_status(
            attr,
            [
                f"gone-{next(self.numbers)}" if attr[0] else "",
                attr[1],
                [[key, value] for key, value in attr[2] if key not in _STATUS_ATTRIBUTES],
            ],
        )

    def mark_paragraph(self, inlines: Sequence[Node], kind: str) -> list[Node]:
        name = {INSERTION: "ins", DELETION: "del"}[kind]
        end = tree.span([], id=f"{PARAGRAPH_MARK_PREFIX}{name}-{next(self.numbers)}")
        return [*mark_inlines(inlines, self.revision, self.compare_blocks, kind), end]


def _split_titles(content: Sequence[Node]) -> tuple[list[Node], list[Node]]:
    """Return the titles of a chart, and its picture."""
    return [block for block in content if block["t"] == "Div"], [block for block in content if block["t"] != "Div"]


def _with_old_status(old: Attr, new: Attr) -> Attr:
    """Return the new attributes with the old status of a chapter added: writers print it below the title."""
    before = {key: value for key, value in old[2] if key in _STATUS_ATTRIBUTES}
    if not before and not any(key in _STATUS_ATTRIBUTES for key, _ in new[2]):
        return new
    return [
        *new[:2],
        [*new[2], *([key.replace("data-", "data-was-"), before.get(key, "")] for key in _STATUS_ATTRIBUTES)],
    ]


# --- find moves: passages deleted in one place and inserted, word for word, in another --------------------------------
# Pure.


_MIN_LENGTH = 30
"""Minimum length of a moved passage in characters: short ones are equal by chance. A Div or list counts as one."""
_MOVABLE_BLOCKS = (*TEXT_BLOCKS, "Div", "BulletList", "OrderedList", "BlockQuote", "Table", "Figure")
_ChangedBlock = tuple[tuple[str, ...], list[str]]
"""Type and texts of a passage, and the numbers of the paragraphs in it."""


def mark_moves(blocks: list[Node]) -> list[Node]:
    """Return a compared tree with its moves marked: both ends of each have its number."""
    names = _match_moves(_wholly_changed_blocks(blocks, "del"), _wholly_changed_blocks(blocks, "ins"))

    def mark_paragraph(node: Node) -> Node:
        _, number = _paragraph_change(node)
        if number not in names:
            return node
        *spans, _ = _inlines_of(node)
        marked = [tree.with_class(span, MOVED) for span in spans]
        inlines = [*marked, tree.span([], id=f"{PARAGRAPH_MARK_PREFIX}{names[number]}-{number}")]
        return tree.with_content(node, inlines)

    return tree.rewrite(mark_paragraph, blocks) if names else blocks


def _match_moves(deleted: Iterator[_ChangedBlock], inserted: Iterator[_ChangedBlock]) -> Mapping[str, str]:
    """Return `from-2` or `to-2` by the number of each moved paragraph."""
    inserted_numbers = group_pairs(inserted)
    names: dict[str, str] = {}
    for key, numbers in deleted:
        free = next(
            (others for others in inserted_numbers.get(key, ()) if not any(n in names for n in (*numbers, *others))),
            (),
        )
        for old, new in zip(numbers, free, strict=False):
            move = len(names) // 2 + 1
            names |= {old: f"from-{move}", new: f"to-{move}"}
    return names


def _wholly_changed_blocks(blocks: Sequence[Node], kind: str) -> Iterator[_ChangedBlock]:
    """Yield the passages changed as a whole in this way, containers before their contents."""
    for node in tree.walk(blocks):
        if node["t"] in _MOVABLE_BLOCKS and len(tree.plain_text(node)) > _MIN_LENGTH:
            paragraphs = [paragraph for paragraph in tree.walk(node) if paragraph["t"] in TEXT_BLOCKS]
            ends = [_paragraph_change(paragraph) for paragraph in paragraphs]
            if all(end == kind for end, _ in ends):
                yield (node["t"], *map(_marked_text, paragraphs)), [number for _, number in ends]


def _marked_text(paragraph: Node) -> str:
    """Return the words of a paragraph, and the words of each of its marks: a move changes neither."""
    marks = (f"{n['t']} {tree.plain_text(n)}" for n in tree.walk(paragraph) if n["t"] in WRAPPERS)
    return "\n".join((tree.plain_text(paragraph), *marks))


def _paragraph_change(node: Node) -> tuple[str, str]:
    """Return how a whole paragraph changed, and its number; empty texts if it did not."""
    inlines = _inlines_of(node)
    name = tree.identifier(inlines[-1]) if inlines else ""
    if not name.startswith(PARAGRAPH_MARK_PREFIX):
        return "", ""
    kind, _, number = name.removeprefix(PARAGRAPH_MARK_PREFIX).partition("-")
    return kind, number


def _inlines_of(node: Node) -> list[Node]:
    content: Any = node.get("c", []) if node["t"] in TEXT_BLOCKS else []
    inlines: list[Node] = content[2] if node["t"] == "Header" else content
    return inlines


T = TypeVar("T")
_MIN_SIMILARITY = 0.4
"""Minimum similarity, from 0 to 1, of two passages that count as one changed passage."""
_WORD = re.compile(r"\w+|[^\w\s]")
_MATCHED_BY_ID = ("Div", "Header", "Figure", "Table")


def align_sequences(old: Sequence[T], new: Sequence[T]) -> Iterator[tuple[T | None, T | None]]:
    """Yield both sequences side by side: equal or similar items in pairs, others alone."""
    keys = [canonical_json(x) for x in old], [canonical_json(y) for y in new]
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from zip(old[i1:i2], new[j1:j2], strict=True)
        else:
            yield from _best_alignment(old[i1:i2], new[j1:j2])


def _best_alignment(old: Sequence[T], new: Sequence[T]) -> Iterator[tuple[T | None, T | None]]:
    """Yield the alignment with the most similar pairs."""
    words = [_word_counts(x) for x in old], [_word_counts(y) for y in new]
    similarities = [[_similarity(x, y, words[0][i], words[1][j]) for j, y in enumerate(new)] for i, x in enumerate(old)]
    scores = [[each if each > _MIN_SIMILARITY else 0.0 for each in row] for row in similarities]
    for i, j in align_similar(scores, len(new)):
        yield None if i is None else old[i], None if j is None else new[j]


def _similarity(one: object, other: object, one_words: Counter[str], other_words: Counter[str]) -> float:
    """Return the similarity of two blocks, items or rows from 0 to 1, by ids or names if there are any, or by words."""
    if isinstance(one, dict) and isinstance(other, dict):
        if one["t"] != other["t"]:
            return 0.0
        names = tree.identifier(one), tree.identifier(other)
        if one["t"] in _MATCHED_BY_ID and any(names) and (one["t"] != "Header" or names[0] == names[1]):
            return float(names[0] == names[1])
    if (name := _field_name(one)) or _field_name(other):
        return float(name == _field_name(other))
    total = one_words.total() + other_words.total()
    return 2 * (one_words & other_words).total() / total if total else 1.0


def _field_name(item: object) -> str:
    """Return the name of a field that is written as a list item; empty for other items."""
    first: Node = item[0] if isinstance(item, list) and item and isinstance(item[0], dict) else {"t": ""}
    inlines: Sequence[Node] = tree.content(first) if first["t"] in ("Plain", "Para") else []
    return tree.plain_text(inlines[0]) if inlines and "field" in tree.classes(inlines[0]) else ""


def _word_counts(part: object) -> Counter[str]:
    return Counter(_WORD.findall(tree.plain_text(part, with_notes=True)))


def canonical_json(part: object) -> str:
    """Return JSON that is equal for equal parts of a tree."""
    return json.dumps(part, sort_keys=True)
