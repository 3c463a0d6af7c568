"""Give every node of a chapter's tree its line and column.

Pandoc's Markdown reader keeps no positions, and a second parser would read another document than the one printed. But
the tree holds the source's words in the source's order, so one walk over both finds each of them. A node whose words
are not in the source as they are (typographic signs, say) takes the place of what stands before it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import Any

from nioc_paper import tree
from nioc_paper.model import Node

_WINDOW = 400
"""Characters ahead in which the next word must stand: far enough for a link's target or a row of a table."""
_SHORT, _NEAR = 3, 80
_NOWHERE = ("Space", "SoftBreak", "LineBreak")
_WORD = re.compile(r"\w+")
_OPEN = re.compile(r"^[ \t>]*:{3,}[ \t]*[^\s:]", re.MULTILINE)
_CLOSE = re.compile(r"^[ \t>]*:{3,}[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})", re.MULTILINE)
_DEFINITION = re.compile(
    r"^ {0,3}\[\^[^\]\s]+\]:.*\n?(?:[^\n]*\S[^\n]*\n?)*(?:\n+(?: {4}|\t)[^\n]*\n?(?:[^\n]*\S[^\n]*\n?)*)*",
    re.MULTILINE,
)
"""A note's text: to the blank line, and on while what follows is indented."""
_BLANK = re.compile(r"\s*")
_NOTE = re.compile(r"\[\^([^\]\s]+)\]|\^\[")


def locate(blocks: list[Node], text: str) -> None:
    """Set `at`, (line, column), on every node and every citation, in place."""
    _Locator(text).visit(blocks)


class _Locator:
    def __init__(self, text: str) -> None:
        # Notes stand between paragraphs but belong to where they are called: the body is read without them.
        self.whole = text
        self.body = _DEFINITION.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)
        self.text = self.body
        self.in_table = False
        self.position = 0
        self.lines = [0, *(m.end() for m in re.finditer("\n", text))]
        self.visits: Mapping[str, Callable[[Node], None]] = {
            "Str": self.words,
            "Code": self.literal,
            "Math": self.literal,
            "RawInline": self.literal,
            "RawBlock": self.literal,
            "CodeBlock": self.code,
            "Cite": self.cite,
            "Link": self.link,
            "Image": self.link,
            "Header": self.header,
            "Div": self.div,
            "Figure": self.figure,
            "Table": self.table,
            "Para": self.paragraph,
            "Note": self.note,
        }

    def visit(self, item: Any) -> None:
        # `type(…) is`: nine nodes of ten are words and blanks, and an edit waits for this.
        if type(item) is list:
            for part in item:
                if type(part) is list or (type(part) is dict and part.get("t") not in _NOWHERE):
                    self.visit(part)
        elif type(item) is dict and "t" in item:
            before = self.position
            self.visits.get(item["t"], self.children)(item)
            if "at" not in item:
                item["at"] = next((n["at"] for n in tree.walk(item.get("c")) if "at" in n), self.place(before))

    def paragraph(self, node: Node) -> None:
        """A paragraph begins on a line of its own, unless it is in a note or in a cell of a table."""
        if self.text is self.body and not self.in_table and self.position:
            end = self.text.find("\n", self.position - 1)
            self.position = _BLANK.match(self.text, end if end >= 0 else self.position).end()  # type: ignore[union-attr]
        self.children(node)

    def children(self, node: Node) -> None:
        self.visit(node.get("c"))

    def place(self, position: int) -> list[int]:
        line = bisect_right(self.lines, position)
        return [line, position - self.lines[line - 1] + 1]

    def seek(self, literal: str, window: int | None = None) -> int:
        """Move behind the next occurrence and return where it starts; -1 and no move when there is none."""
        end = len(self.text) if window is None else self.position + window
        found = self.text.find(literal, self.position, end)
        if found >= 0:
            self.position = found + len(literal)
        return found

    def words(self, node: Node) -> None:
        written = node["c"]
        first = None if written.isalnum() else _WORD.search(written)
        if first is None and not written.isalnum():
            return
        word, ahead = (first[0], written[: first.start()]) if first else (written, "")
        # Only a long word may be far ahead: a short one would be found where it is not meant.
        window = _WINDOW if len(word) > _SHORT else _NEAR
        start, end = self.position, self.position + window + len(word)
        while (found := self.text.find(word, start, end)) >= 0:
            # A word inside another ("a" in "fact") is not the one that is looked for.
            before = self.text[found - 1 : found] if found else ""
            if not (before.isalnum() and written[0].isalnum()):
                there = ahead and self.text.endswith(ahead, 0, found)
                node["at"] = self.place(found - (len(ahead) if there else 0))
                self.position = found + len(word)
                return
            start = found + 1

    def literal(self, node: Node) -> None:
        first = next((line.strip() for line in node["c"][1].splitlines() if line.strip()), "")
        if first and (found := self.seek(first)) >= 0:
            node["at"] = self.place(found)

    def code(self, node: Node) -> None:
        if fence := _FENCE.search(self.text, self.position):
            node["at"] = self.place(fence.start(1))
            self.position = fence.end()
        for line in node["c"][1].splitlines():
            self.seek(line.strip(), _WINDOW)
        if closing := _FENCE.match(self.text, self.text.find("\n", self.position) + 1):
            self.position = closing.end()

    def cite(self, node: Node) -> None:
        for citation in node["c"][0]:
            self.visit(citation["citationPrefix"])
            for literal in (f"@{citation['citationId']}", f"@{{{citation['citationId']}}}"):
                if (found := self.seek(literal, 4 * _WINDOW)) >= 0:
                    citation["at"] = self.place(found)
                    node.setdefault("at", citation["at"])
                    break
            behind = max(self.text.rfind(f"@{citation['citationId']}", 0, self.position), 0) or self.position
            citation.setdefault("at", self.place(behind))
            self.visit(citation["citationSuffix"])

    def link(self, node: Node) -> None:
        bracket = self.text.find("[", self.position, self.position + _WINDOW)
        if bracket >= 0:
            node["at"] = self.place(bracket)
        self.visit(node["c"][1])
        self.seek(node["c"][2][0], _WINDOW)

    def figure(self, node: Node) -> None:
        """The caption is what stands in the brackets; the picture's own words are a copy of it, or an attribute."""
        start = self.text.find("![", self.position)
        self.visit(node["c"][1])
        for image in tree.walk(node["c"][2]):
            if image["t"] == "Image":
                image["at"] = self.place(max(start, 0))
                self.seek(image["c"][2][0], _WINDOW)
        node["at"] = self.place(max(start, 0))

    def table(self, node: Node) -> None:
        """Cells first: the caption stands below them."""
        self.in_table = True
        self.visit(node["c"][3:])
        self.in_table = False
        self.visit(node["c"][1])

    def header(self, node: Node) -> None:
        self.paragraph({"c": node["c"][2]})
        first = next((n["at"] for n in tree.walk(node["c"][2]) if "at" in n), self.place(self.position))
        node["at"] = [first[0], 1]
        if identifier := tree.identifier(node):
            self.seek(f"#{identifier}", _WINDOW)

    def div(self, node: Node) -> None:
        if fence := _OPEN.search(self.text, self.position):
            node["at"] = self.place(fence.start())
            # Behind the opening line: an id or a class in it is no word of the text.
            self.position = self.text.find("\n", fence.end()) % (len(self.text) + 1)
        self.visit(node["c"][1])
        if closing := _CLOSE.search(self.text, self.position):
            self.position = closing.end()

    def note(self, node: Node) -> None:
        mark = _NOTE.search(self.text, self.position, self.position + _WINDOW)
        if mark is None:
            return
        node["at"] = self.place(mark.start())
        self.position = mark.end()
        definition = re.compile(rf"^ {{0,3}}\[\^{re.escape(mark[1])}\]:", re.MULTILINE) if mark[1] else None
        found = definition.search(self.whole) if definition else None
        if found is None:
            # Its paragraph begins where it is called, not on the next line.
            around, self.in_table = self.in_table, True
            self.visit(node["c"])
            self.in_table = around
            return
        before, self.text, self.position = self.text, self.whole, found.end()
        self.visit(node["c"])
        self.text, self.position = before, mark.end()
