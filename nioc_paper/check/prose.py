"""A chapter's running text with the place of every character: what rules about words read."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from nioc_paper.model import Chapter, Node, Place

_LEAVES = ("Para", "Plain", "Header")
_SKIPPED = ("Code", "Math", "RawInline", "Image")
_BREAKS = ("Space", "SoftBreak", "LineBreak", "Cite")


@dataclass(slots=True)
class Passage:
    """The text of one paragraph, heading or cell. Quotations, code and citations are blanks in it."""

    path: str
    text: str = ""
    heading: bool = False
    starts: list[int] = field(default_factory=list)
    places: list[tuple[int, int]] = field(default_factory=list)

    def add(self, text: str, at: tuple[int, int]) -> None:
        """Append a word that stands at a line and column."""
        self.starts.append(len(self.text))
        self.places.append((at[0], at[1]))
        self.text += text

    def place(self, offset: int) -> Place:
        """Where the character at an offset stands in the file."""
        index = bisect_right(self.starts, offset) - 1
        if index < 0:
            return Place(self.path)
        line, column = self.places[index]
        return Place(self.path, line, column + offset - self.starts[index])


def passages(chapter: Chapter) -> Iterator[Passage]:
    """The chapter's passages in reading order; each note is one of its own. Block quotes and code are left out."""
    yield from _blocks(chapter.blocks, chapter.path)


def _blocks(item: Any, path: str) -> Iterator[Passage]:
    if isinstance(item, list | tuple):
        for part in item:
            yield from _blocks(part, path)
    elif isinstance(item, dict):
        kind = item.get("t")
        if kind in _LEAVES:
            passage = Passage(path, heading=kind == "Header")
            notes: list[Node] = []
            _inlines(item["c"][-1] if kind == "Header" else item["c"], passage, notes)
            yield passage
            for note in notes:
                yield from _blocks(note["c"], path)
        elif kind not in ("BlockQuote", "CodeBlock", "RawBlock") and not _quotes(item):
            yield from _blocks([v for k, v in item.items() if k != "at"], path)


def _quotes(node: Node) -> bool:
    return node.get("t") == "Div" and "pullquote" in node["c"][0][1]


def _inlines(item: Any, passage: Passage, notes: list[Node]) -> None:
    if isinstance(item, list):
        for part in item:
            _inlines(part, passage, notes)
    elif isinstance(item, dict):
        kind = item.get("t")
        if kind == "Str":
            passage.add(item["c"], item.get("at", (1, 1)))
        elif kind in _BREAKS:
            passage.text += " "
        elif kind == "Note":
            notes.append(item)
        elif kind == "Quoted":
            # What others wrote is theirs.
            passage.text += " … "
        elif kind == "Link":
            _inlines(item["c"][1], passage, notes)
        elif kind not in _SKIPPED:
            _inlines(item.get("c"), passage, notes)
