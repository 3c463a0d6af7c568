"""Locate the nodes of a chapter's tree in its source.

Pandoc's Markdown reader keeps no positions, and a second parser would read another document than the one printed. But
the tree holds the source's words in the source's order, so one walk over both finds each of them. A node whose words
are not in the source as they are, such as typographic signs, gets the place of the node before it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nioc_paper.model import Node
from nioc_paper.tree.nodes import classes, identifier, walk
from nioc_paper.tree.scan import SourceWord, blank_note_definitions

_WINDOW = 400
"""Search window for the next word, in characters: enough for a link's target or a row of a table."""
_SHORT_WORD, _SHORT_WORD_WINDOW = 3, 80
_UNPLACED_TYPES = ("Space", "SoftBreak", "LineBreak")
_WORD = re.compile(r"\w+")
_DIV_OPEN = re.compile(r"^[ \t>]*:{3,}[ \t]*[^\s:]", re.MULTILINE)
_DIV_CLOSE = re.compile(r"^[ \t>]*:{3,}[ \t]*$", re.MULTILINE)
_CODE_FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})", re.MULTILINE)
_BLANK = re.compile(r"\s*")
_NOTE_REFERENCE = re.compile(r"\[\^([^\]\s]+)\]|\^\[")


def locate(blocks: list[Node], text: str) -> None:
    """Set `at`, (line, column), on every node and every citation, in place."""
    _Locator(text).visit(blocks)


def find_spans(keys: Sequence[str], words: Sequence[SourceWord]) -> list[tuple[int, int] | None]:
    """Return the start and end of each key among the words of a source, by one comparison of both runs.

    None for a key that is not found. Up to quadratic; `locate` is linear, and gives every node a place.
    """
    from difflib import SequenceMatcher

    spans: list[tuple[int, int] | None] = [None] * len(keys)
    matcher = SequenceMatcher(None, keys, [word.key for word in words], autojunk=False)
    for i, j, size in matcher.get_matching_blocks():
        spans[i : i + size] = [word.span for word in words[j : j + size]]
    return spans


class _Locator:
    def __init__(self, text: str) -> None:
        # Notes are defined between paragraphs but read where they are called: the body is read without them.
        self.source = text
        self.body_source = blank_note_definitions(text)
        self.searched = self.body_source
        self.in_table = False
        self.position = 0
        self.line_starts = [0, *(m.end() for m in re.finditer("\n", text))]
        self.visitors: Mapping[str, Callable[[Node], None]] = {
            "Str": self.locate_word,
            "Code": self.locate_literal,
            "Math": self.locate_literal,
            "RawInline": self.locate_literal,
            "RawBlock": self.locate_literal,
            "CodeBlock": self.locate_code_block,
            "Cite": self.locate_citation,
            "Link": self.locate_link,
            "Image": self.locate_link,
            "Header": self.locate_header,
            "Div": self.locate_div,
            "Figure": self.locate_figure,
            "Table": self.locate_table,
            "Para": self.locate_paragraph,
            "Note": self.locate_note,
        }

    def visit(self, item: Any) -> None:
        # `type(…) is`: 90 % of nodes are words and blanks, and every edit waits for this loop.
        if type(item) is list:
            for part in item:
                if type(part) is list or (type(part) is dict and part.get("t") not in _UNPLACED_TYPES):
                    self.visit(part)
        elif type(item) is dict and "t" in item:
            before = self.position
            self.visitors.get(item["t"], self.visit_children)(item)
            if "at" not in item:
                item["at"] = next((n["at"] for n in walk(item.get("c")) if "at" in n), self.line_and_column(before))

    def locate_paragraph(self, node: Node) -> None:
        """Locate a paragraph: it begins on a line of its own, except in a note or in a cell of a table."""
        if self.searched is self.body_source and not self.in_table and self.position:
            end = self.searched.find("\n", self.position - 1)
            self.position = _BLANK.match(self.searched, end if end >= 0 else self.position).end()  # type: ignore[union-attr]
        self.visit_children(node)

    def visit_children(self, node: Node) -> None:
        self.visit(node.get("c"))

    def line_and_column(self, position: int) -> list[int]:
        line = bisect_right(self.line_starts, position)
        return [line, position - self.line_starts[line - 1] + 1]

    def seek(self, literal: str, window: int | None = None) -> int:
        """Move behind the next occurrence and return its start; returns -1 and does not move if there is none."""
        end = len(self.searched) if window is None else self.position + window
        start = self.searched.find(literal, self.position, end)
        if start >= 0:
            self.position = start + len(literal)
        return start

    def locate_word(self, node: Node) -> None:
        literal = node["c"]
        first = None if literal.isalnum() else _WORD.search(literal)
        if first is None and not literal.isalnum():
            return
        word, prefix = (first[0], literal[: first.start()]) if first else (literal, "")
        # Only a long word may be far ahead: a short one would be found in a wrong place.
        window = _WINDOW if len(word) > _SHORT_WORD else _SHORT_WORD_WINDOW
        start, end = self.position, self.position + window + len(word)
        while (offset := self.searched.find(word, start, end)) >= 0:
            # Skip a word inside another: "a" in "fact".
            before = self.searched[offset - 1 : offset] if offset else ""
            if not (before.isalnum() and literal[0].isalnum()):
                has_prefix = prefix and self.searched.endswith(prefix, 0, offset)
                node["at"] = self.line_and_column(offset - (len(prefix) if has_prefix else 0))
                self.position = offset + len(word)
                return
            start = offset + 1

    def locate_literal(self, node: Node) -> None:
        first = next((line.strip() for line in node["c"][1].splitlines() if line.strip()), "")
        if first and (offset := self.seek(first)) >= 0:
            node["at"] = self.line_and_column(offset)

    def locate_code_block(self, node: Node) -> None:
        if fence := _CODE_FENCE.search(self.searched, self.position):
            node["at"] = self.line_and_column(fence.start(1))
            self.position = fence.end()
        for line in node["c"][1].splitlines():
            self.seek(line.strip(), _WINDOW)
        if closing := _CODE_FENCE.match(self.searched, self.searched.find("\n", self.position) + 1):
            self.position = closing.end()

    def locate_citation(self, node: Node) -> None:
        for citation in node["c"][0]:
            self.visit(citation["citationPrefix"])
            for literal in (f"@{citation['citationId']}", f"@{{{citation['citationId']}}}"):
                if (offset := self.seek(literal, 4 * _WINDOW)) >= 0:
                    citation["at"] = self.line_and_column(offset)
                    node.setdefault("at", citation["at"])
                    break
            behind = max(self.searched.rfind(f"@{citation['citationId']}", 0, self.position), 0) or self.position
            citation.setdefault("at", self.line_and_column(behind))
            self.visit(citation["citationSuffix"])

    def locate_link(self, node: Node) -> None:
        if {"uri", "email"} & {*classes(node)}:
            # An address in angle brackets is there once: its words are its target.
            self.visit(node["c"][1])
            return
        bracket = self.searched.find("[", self.position, self.position + _WINDOW)
        if bracket >= 0:
            node["at"] = self.line_and_column(bracket)
        self.visit(node["c"][1])
        self.seek(node["c"][2][0], _WINDOW)

    def locate_figure(self, node: Node) -> None:
        """Locate the caption in the brackets; the picture's own words are a copy of it, or an attribute."""
        start = self.searched.find("![", self.position)
        self.visit(node["c"][1])
        for image in walk(node["c"][2]):
            if image["t"] == "Image":
                image["at"] = self.line_and_column(max(start, 0))
                self.seek(image["c"][2][0], _WINDOW)
        node["at"] = self.line_and_column(max(start, 0))

    def locate_table(self, node: Node) -> None:
        """Locate cells first: the caption is below them."""
        self.in_table = True
        self.visit(node["c"][3:])
        self.in_table = False
        self.visit(node["c"][1])

    def locate_header(self, node: Node) -> None:
        self.locate_paragraph({"c": node["c"][2]})
        first = next((n["at"] for n in walk(node["c"][2]) if "at" in n), self.line_and_column(self.position))
        node["at"] = [first[0], 1]
        if node_id := identifier(node):
            self.seek(f"#{node_id}", _WINDOW)

    def locate_div(self, node: Node) -> None:
        if fence := _DIV_OPEN.search(self.searched, self.position):
            node["at"] = self.line_and_column(fence.start())
            # Skip the opening line: an id or a class in it is no word of the text.
            self.position = self.searched.find("\n", fence.end()) % (len(self.searched) + 1)
        self.visit(node["c"][1])
        if closing := _DIV_CLOSE.search(self.searched, self.position):
            self.position = closing.end()

    def locate_note(self, node: Node) -> None:
        mark = _NOTE_REFERENCE.search(self.searched, self.position, self.position + _WINDOW)
        if mark is None:
            return
        node["at"] = self.line_and_column(mark.start())
        self.position = mark.end()
        definition = re.compile(rf"^ {{0,3}}\[\^{re.escape(mark[1])}\]:", re.MULTILINE) if mark[1] else None
        definition_match = definition.search(self.source) if definition else None
        if definition_match is None:
            # The paragraph of an inline note begins at the call, not on the next line.
            around, self.in_table = self.in_table, True
            self.visit(node["c"])
            self.in_table = around
            return
        searched_before, self.searched, self.position = self.searched, self.source, definition_match.end()
        self.visit(node["c"])
        self.searched, self.position = searched_before, mark.end()
