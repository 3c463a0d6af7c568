"""Cross-references as Word's own fields: hidden bookmarks around the words of a label, REF fields that repeat them.

A reference in the text is often more than what it repeats: "section 3.2" stands for a heading that begins "3.2". What
it repeats is the field; the rest is typed beside it. So when Word updates its fields, every reference says the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nioc_paper import tree
from nioc_paper.model import Node
from nioc_paper.ooxml.xml import bookmark_end_xml, bookmark_start_xml, field_xml, raw_node

REFERENCE_STYLE = "CrossReference"
BOOKMARK_PREFIX = "_Ref"
"""How the bookmarks begin: with a low line Word hides them from its list, as it hides its own."""

_UNREPEATABLE = ("Note", "Image", "Link", "Cite")
"""What a heading may not have if references are to repeat it: repeated notes would count twice."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What some blocks say that has to do with labels."""

    names: Sequence[str]
    """The ids of all that is in them, and of what they refer to or show."""
    labels: Mapping[str, str]
    """What can be referred to, by id: a label as it is printed, or the title of a heading without a number."""
    links: Sequence[tuple[str, str]]
    """Each reference: its target, and its text."""


def scan_labels(blocks: Sequence[Node]) -> Labels:
    """What blocks say that has to do with labels."""
    nodes = [node for node in tree.walk(blocks) if node["t"] in tree.TYPES_WITH_ATTR]
    targets = (node["c"][2][0].removeprefix("#") for node in nodes if node["t"] in ("Link", "Image"))
    names = {*map(tree.identifier, nodes), *targets}
    return Labels(sorted(names), dict(_labels_of_nodes(nodes)), [*map(_target_and_text, filter(is_reference, nodes))])


class References:
    """Which words of which labels the text refers to."""

    def __init__(self, parts: Iterable[Labels]) -> None:
        part_list = [*parts]
        self._labels = {name: label for part in part_list for name, label in part.labels.items()}
        self._used = {(to, self._repeated_words(to, text)) for part in part_list for to, text in part.links}

    def relevant_labels(self, names: Collection[str]) -> list[list[str]]:
        """What is known of these labels, by the ids of what they are of: their words, and what is repeated of them."""
        labels = [[name, label] for name, label in sorted(self._labels.items()) if name in names]
        return [*labels, *([name, words] for name, words in sorted(self._used) if words and name in names)]

    def to_field(self, link: Node) -> list[Node]:
        """A reference with its field; where its label has none of its words it stays the link that it is."""
        target, text = _target_and_text(link)
        words = self._repeated_words(target, text)
        if not words:
            return [link]
        before, _, after = text.rpartition(_non_breaking(words))
        code = f"REF {_bookmark_name(target, words)} \\h \\* CHARFORMAT"
        return [
            *_linked_text(before, link),
            raw_node(field_xml(code, words, REFERENCE_STYLE)),
            *_linked_text(after, link),
        ]

    def with_bookmarks(self, target: str, before: Sequence[Node], number: Sequence[Node]) -> list[Node]:
        """A label with bookmarks around the words that are repeated: the whole of it, or its last word alone."""
        label = self._labels.get(target, "")
        inside = self._bookmarked(target, _last_word(label), number) if before else number
        return self._bookmarked(target, label, [*before, *inside])

    def _bookmarked(self, target: str, words: str, inlines: Sequence[Node]) -> list[Node]:
        if not words or (target, words) not in self._used:
            return list(inlines)
        name = _bookmark_name(target, words)
        return [raw_node(bookmark_start_xml(name)), *inlines, raw_node(bookmark_end_xml(name))]

    def _repeated_words(self, target: str, text: str) -> str:
        """The words of its target's label that a reference repeats: as many as may be, or none."""
        label = self._labels.get(target, "")
        return next((words for words in (label, _last_word(label)) if words and _non_breaking(words) in text), "")


def is_reference(node: Node) -> bool:
    """Whether a node refers to something of the paper by its label."""
    return node["t"] == "Link" and "xref" in tree.classes(node)


def label_of(inlines: Sequence[Node]) -> Node | None:
    """The number or label that a heading, a caption or a title begins with."""
    first = inlines[0] if inlines else None
    return first if first and {"number", "label"} & {*tree.classes(first)} else None


def split_label(label: str) -> tuple[str, str]:
    """A label on one line: all but its last word, and that."""
    before, space, last = _non_breaking(label).rpartition("\u00a0")
    return before + space, last


def _labels_of_nodes(nodes: Iterable[Node]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        name = tree.identifier(node)
        if node["t"] == "Header":
            inlines = node["c"][2]
            label = label_of(inlines)
            if label or not any(inline["t"] in _UNREPEATABLE for inline in tree.walk(inlines)):
                yield name, _non_breaking(tree.plain_text(label)) if label else tree.plain_text(inlines)
        elif name and node["t"] in ("Figure", "Table", "Div"):
            opening = node["c"][1] if node["t"] == "Div" else node["c"][1][1]
            label = next(filter(None, map(_opening_label, opening[:1])), None)
            if label:
                yield name, _non_breaking(tree.plain_text(label))


def _target_and_text(link: Node) -> tuple[str, str]:
    """The target of a reference, and its text."""
    return link["c"][2][0].removeprefix("#"), _non_breaking(tree.plain_text(link))


def _opening_label(block: Node) -> Node | None:
    """The label that a caption, or the title of a box, begins with."""
    if tree.is_div(block, "title") and block["c"][1]:
        return _opening_label(block["c"][1][0])
    return label_of(block["c"]) if block["t"] in ("Plain", "Para") else None


def _linked_text(words: str, link: Node) -> list[Node]:
    """What is typed beside a field; it leads where the field leads."""
    return [{"t": "Link", "c": [link["c"][0], [{"t": "Str", "c": words}], link["c"][2]]}] if words else []


def _non_breaking(text: str) -> str:
    return text.replace(" ", "\u00a0")


def _last_word(label: str) -> str:
    return label.rpartition("\u00a0")[2]


def _bookmark_name(target: str, words: str) -> str:
    # Word allows letters, digits and low lines, forty at most.
    return BOOKMARK_PREFIX + hashlib.sha1(f"{target} {words}".encode(), usedforsecurity=False).hexdigest()[:16]
