"""Limits of nesting: deeper passages are cut off, and reported, before anything walks the tree.

Measured with all four outputs. A list indents print by 6 mm and a quotation by 8 mm: 20 levels leave room for words of
14 letters, 23 quotations do not fit on the page. Walks are recursive, and Python allows 1,000 calls: 100 levels of
elements can be read and written, 150 cannot. Word, web pages and e-books have no notes in notes.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from nioc_paper import tree
from nioc_paper.model import Diagnostic, Node, Place, Severity

INDENTED = 20
"""Maximum levels of lists, quotations and definitions."""
ELEMENTS = 100
"""Maximum levels of elements of any kind."""
_INDENTING = frozenset(("BlockQuote", "BulletList", "OrderedList", "DefinitionList"))
_BLOCKS = _INDENTING | {"Div", "Figure", "Header", "LineBlock", "Para", "Plain", "Table"}
_INLINES = frozenset(
    ("Cite", "Emph", "Image", "Link", "Note", "Quoted", "SmallCaps", "Span", "Strikeout", "Strong", "Subscript")
) | {"Superscript", "Underline"}
_HOLDING = _BLOCKS | _INLINES
"""Elements that can hold others."""


class Cut(NamedTuple):
    """A node that replaces one nested too deeply, and the fault of that one."""

    node: Node
    message: str


class _Above(NamedTuple):
    """Levels around a node: all elements, those that indent, and whether one is a note."""

    elements: int = 0
    indented: int = 0
    noted: bool = False


def cut(blocks: list[Node]) -> list[Cut]:
    """Replace elements that are nested too deeply by their first words, in place. Works without recursion."""
    cuts: list[Cut] = []
    stack: list[tuple[Any, _Above]] = [(blocks, _Above())]
    while stack:
        held, above = stack.pop()
        below: list[tuple[object, _Above]] = []
        for index, item in enumerate(held) if type(held) is list else ():
            kind = item.get("t") if type(item) is dict else None
            if kind in tree.WORD_TYPES:
                continue  # most nodes
            if kind in _HOLDING:
                within = _within(kind, above)
                if message := _wrong(kind, above, within):
                    held[index] = _first_words(item)
                    cuts.append(Cut(held[index], message))
                else:
                    below.append((item["c"], within))
            elif type(item) is list or type(item) is dict:
                below.append((item, above))
        if type(held) is dict:
            below = [(value, above) for value in held.values() if type(value) is list or type(value) is dict]
        stack.extend(reversed(below))
    return cuts


def cut_findings(cuts: Sequence[Cut], text: str, path: str) -> Iterator[Diagnostic]:
    """Yield a finding for each line with a cut. The tree must be located in its text."""
    seen: set[int] = set()
    starts = [0, *(line_end.end() for line_end in re.finditer("\n", text))] if cuts else []
    for node, message in cuts:
        word = next(n for n in tree.walk(node) if n["t"] == "Str")
        line, column = (*(word.get("pos") or node.get("pos", (1, 1))), 1)[:2]
        before = starts[line - 1] + column - 1
        # After many marks a short word is not located, and has the position of the word before it.
        pos = max(text.find(word["c"], before), before)
        line = bisect_right(starts, pos)
        if line not in seen:
            seen.add(line)
            place = Place(path, line, pos - starts[line - 1] + 1)
            yield Diagnostic(place, "unreadable-passage", message, hint="write it in fewer levels")


def _within(kind: str, above: _Above) -> _Above:
    return _Above(above.elements + 1, above.indented + (kind in _INDENTING), above.noted or kind == "Note")


def _wrong(kind: str, above: _Above, within: _Above) -> str:
    if kind == "Note" and above.noted:
        return "a note is inside a note, which Word files and web pages cannot show"
    if within.indented > INDENTED:
        return f"this is nested too deeply: more than {INDENTED} lists and quotations are nested"
    # A paragraph holds only elements that are counted themselves.
    if within.elements > ELEMENTS and kind not in tree.PARAGRAPH_TYPES:
        return f"this is nested too deeply: more than {ELEMENTS} elements are nested"
    return ""


def _first_words(node: Node) -> Node:
    """Return the first word of a node as a node of its kind: it is in the text, and can be located."""
    first = next((n["c"] for n in tree.walk(node.get("c")) if n["t"] == "Str" and any(map(str.isalnum, n["c"]))), "…")
    word = {"t": "Str", "c": first}
    return {"t": "Plain", "c": [word]} if node["t"] in _BLOCKS else word


# --- pandoc's log -----------------------------------------------------------------------------------------------------


_RULES_BY_TYPE: Mapping[str, tuple[str, str, str]] = {
    "UnclosedDiv": ("unclosed-block", "a ':::' block is opened here and never closed", "close it with a line ':::'"),
    "NoteDefinedButNotUsed": ("unused-entry/note", "nothing refers to the footnote '{key}'", "refer to it: [^{key}]"),
    "DuplicateNoteReference": ("duplicate/note", "the footnote '{key}' is defined twice", "give one another name"),
}


def read_log(log: Iterable[Mapping[str, Any]], path: str) -> Iterator[Diagnostic]:
    """Yield pandoc's warnings and errors; its informations are about its own work. Lines and columns are from 1."""
    for entry in log:
        if entry.get("verbosity") not in ("WARNING", "ERROR"):
            continue
        position = entry.get("openpos") or entry  # of a block that is not closed
        place = Place(path, int(position.get("line") or 1), int(position.get("column") or 1))
        usual = ("pandoc-warning", " ".join(str(entry.get("pretty", entry["type"])).split()), "")
        rule, message, hint = _RULES_BY_TYPE.get(entry["type"], usual)
        severity = Severity.WARNING if rule == "pandoc-warning" else Severity.ERROR
        key = entry.get("key") or entry.get("contents", "")
        yield Diagnostic(place, rule, message.replace("{key}", key), severity, hint.replace("{key}", key))
