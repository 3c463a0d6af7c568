"""Cross-references as Word fields: hidden bookmarks around the words of a label, and REF fields that repeat them.

The text of a reference can be longer than the label: "section 3.2" refers to a heading that starts with "3.2". The
shared words are the field, and the rest is typed beside it. So an update of fields in Word changes no text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from nioc_paper import tree
from nioc_paper.model import Node
from nioc_paper.ooxml.xml import bookmark_end_xml, bookmark_start_xml, field_xml, raw_node

REFERENCE_STYLE = "CrossReference"
BOOKMARK_PREFIX = "_Ref"
"""Prefix of the bookmarks: Word hides names that start with a low line."""

_UNREPEATABLE = ("Note", "Image", "Link", "Cite")
"""Nodes in a heading that references cannot repeat: repeated notes would count twice."""


class LabelScan(Struct, frozen=True):
    """Labels and references found in some blocks."""

    names: Sequence[str]
    """Ids of all nodes, of the targets of references, and of pictures."""
    labels: Mapping[str, str]
    """Label by id, as printed; the title of a heading without a number."""
    links: Sequence[tuple[str, str]]
    """Target and text of each reference."""


def scan_labels(blocks: Sequence[Node]) -> LabelScan:
    """Find labels and references in blocks."""
    nodes = [node for node in tree.walk(blocks) if node["t"] in tree.TYPES_WITH_ATTR]
    targets = (tree.target(node).removeprefix("#") for node in nodes if node["t"] in ("Link", "Image"))
    names = {*map(tree.identifier, nodes), *targets}
    return LabelScan(
        sorted(names), dict(_labels_of_nodes(nodes)), [*map(_target_and_text, filter(is_reference, nodes))]
    )


class BookmarkedLabels:
    """Words of each label that references repeat."""

    def __init__(self, parts: Iterable[LabelScan]) -> None:
        part_list = [*parts]
        self._labels = {name: label for part in part_list for name, label in part.labels.items()}
        self._used = {(to, self._repeated_words(to, text)) for part in part_list for to, text in part.links}

    def relevant_labels(self, names: Collection[str]) -> list[list[str]]:
        """Return the labels with these ids, and the repeated words of each: the inputs of a chapter from outside."""
        labels = [[name, label] for name, label in sorted(self._labels.items()) if name in names]
        return [*labels, *([name, words] for name, words in sorted(self._used) if words and name in names)]

    def to_field(self, link: Node) -> list[Node]:
        """Return a reference with its field; it stays a link if it shares no words with the label."""
        target, text = _target_and_text(link)
        if not (words := self._repeated_words(target, text)):
            return [link]
        before, _, after = text.rpartition(_non_breaking(words))
        field = raw_node(field_xml(f"REF {_bookmark_name(target, words)} \\h \\* CHARFORMAT", words, REFERENCE_STYLE))
        return [*_linked_text(before, link), field, *_linked_text(after, link)]

    def with_bookmarks(self, target: str, before: Sequence[Node], number: Sequence[Node]) -> list[Node]:
        """Put bookmarks around the repeated words of a label: the whole of it, or its last word."""
        label = self._labels.get(target, "")
        inside = self._with_bookmark(target, _last_word(label), number) if before else number
        return self._with_bookmark(target, label, [*before, *inside])

    def _with_bookmark(self, target: str, words: str, inlines: Sequence[Node]) -> list[Node]:
        if not words or (target, words) not in self._used:
            return list(inlines)
        name = _bookmark_name(target, words)
        return [raw_node(bookmark_start_xml(name)), *inlines, raw_node(bookmark_end_xml(name))]

    def _repeated_words(self, target: str, text: str) -> str:
        """Return the longest part of the label that a reference repeats; empty if there is none."""
        label = self._labels.get(target, "")
        return next((words for words in (label, _last_word(label)) if words and _non_breaking(words) in text), "")


def is_reference(node: Node) -> bool:
    """Whether a node refers to something in the paper by its label."""
    return node["t"] == "Link" and "xref" in tree.classes(node)


def label_of(inlines: Sequence[Node]) -> Node | None:
    """Return the number or label at the start of a heading, caption or title."""
    first = inlines[0] if inlines else None
    return first if first and {"number", "label"} & {*tree.classes(first)} else None


def split_label(label: str) -> tuple[str, str]:
    """Split a label, without line breaks, before its last word."""
    before, space, last = _non_breaking(label).rpartition("\u00a0")
    return before + space, last


def _labels_of_nodes(nodes: Iterable[Node]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        name = tree.identifier(node)
        if node["t"] == "Header":
            inlines = tree.content(node)
            label = label_of(inlines)
            if label or not any(inline["t"] in _UNREPEATABLE for inline in tree.walk(inlines)):
                yield name, _non_breaking(tree.plain_text(label)) if label else tree.plain_text(inlines)
        elif name and node["t"] in ("Figure", "Table", "Div"):
            opening = tree.content(node) if node["t"] == "Div" else tree.caption(node)
            if label := next(filter(None, map(_opening_label, opening[:1])), None):
                yield name, _non_breaking(tree.plain_text(label))


def _target_and_text(link: Node) -> tuple[str, str]:
    """Return the target of a reference, and its text."""
    return tree.target(link).removeprefix("#"), _non_breaking(tree.plain_text(link))


def _opening_label(block: Node) -> Node | None:
    """Return the label at the start of a caption, or of the title of a box."""
    if tree.is_div(block, "title") and tree.content(block):
        return _opening_label(tree.content(block)[0])
    return label_of(tree.content(block)) if block["t"] in ("Plain", "Para") else None


def _linked_text(words: str, link: Node) -> list[Node]:
    """Return typed text beside a field, with the link of the field."""
    return [tree.with_content(link, [{"t": "Str", "c": words}])] if words else []


def _non_breaking(text: str) -> str:
    return text.replace(" ", "\u00a0")


def _last_word(label: str) -> str:
    return label.rpartition("\u00a0")[2]


def _bookmark_name(target: str, words: str) -> str:
    # Word allows letters, digits and low lines, at most 40.
    return BOOKMARK_PREFIX + hashlib.sha1(f"{target} {words}".encode(), usedforsecurity=False).hexdigest()[:16]
