"""Nothing lost: what the tree holds, kind by kind, against what is read back from the finished file.

A reader knows a format and nothing of its writer: what a writer forgets, its reader cannot take for there.
"""

from __future__ import annotations

import json
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any

from nioc_paper import tree
from nioc_paper.cache import NO_CACHE, Cache, key
from nioc_paper.files import code
from nioc_paper.model import Diagnostic, Document, Node, Place, Report
from nioc_paper.ooxml.xml import bookmark
from nioc_paper.render.letters import Found, squeeze

KINDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "text": ("lost-text", "a passage"),
        "note": ("lost-note", "a note"),
        "picture": ("lost-picture", "a picture"),
        "cell": ("lost-cell", "a cell of a table"),
        "reference": ("lost-reference", "a reference"),
        "source": ("lost-source", "an entry of the bibliography"),
    }
)
"""What is counted: the rule that it is not lost, and what one is called. Every word is in one of the first four."""

READERS: Mapping[str, tuple[str, str, bool]] = MappingProxyType(
    {
        "pdf": ("nioc_paper.render.print.read", "PDF", True),
        "docx": ("nioc_paper.render.word.read", "Word file", False),
        "html": ("nioc_paper.render.page_read", "web page", False),
        "epub": ("nioc_paper.render.page_read", "e-book", False),
    }
)
"""The module whose function, called like the format, reads a file; what the file is called; and whether it says more
than the tree does within a passage (pages of references, formulas), and gives no Arabic letters back."""

_HINT = "the former file was kept; write the passage more plainly, or report the fault with the chapter that shows it"
_SOURCES = Place("paper/references.yaml")
_NOWHERE = Place("")
_NAMED = 3
"""Lost things of a kind that are named; more are counted."""
_MORE = 60
"""Letters that the layout may add to a passage, besides as many as it has."""
_LEAVES = frozenset(("Para", "Plain", "Header", "CodeBlock", "LineBlock"))
_UNREAD = ("Image", "Math", "RawInline", "RawBlock")
"""Not spelt as the author wrote them, or no text."""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that must be in the file."""

    kind: str
    key: str
    """What tells it from others of its kind."""
    shown: str
    """Its own words, or its id."""
    place: Place

    @property
    def keys(self) -> tuple[str, ...]:
        """How files may have it."""
        return (self.key, bookmark(self.key)) if self.kind in ("reference", "source") else (self.key,)


def check(name: str, document: Document, data: bytes, place: Place, report: Report, cache: Cache = NO_CACHE) -> None:
    """Report what a finished file lacks, the first of each kind with its place."""
    module, called, fuller = READERS[name]
    found: Found = getattr(import_module(module), name)(data)
    compare(document.blocks, found, called, place, report, cache, fuller=fuller)


def compare(
    blocks: Iterable[Node],
    found: Found,
    called: str,
    place: Place,
    report: Report,
    cache: Cache = NO_CACHE,
    *,
    fuller: bool = False,
) -> None:
    """Report what was not found of the kinds that were looked for. The cache keeps what each block holds."""
    wanted = defaultdict(list)
    for thing in things(blocks, place, cache):
        wanted[thing.kind].append(thing)
    for kind in found:
        rule, noun = KINDS[kind]
        lost = lacking(wanted[kind], found[kind], fuller=fuller)
        for number, thing in enumerate(lost[:_NAMED], start=1):
            more = f", and {len(lost) - number} more" if number == _NAMED < len(lost) else ""
            message = f"the {called} lacks {noun}: “{_start(thing.shown)}”{more}"
            report(Diagnostic(thing.place, rule, message, hint=_HINT))


def lacking(wanted: Sequence[Thing], found: Iterable[str], *, fuller: bool = False) -> list[Thing]:
    """The things that are not found as often as they are wanted.

    In a file that is `fuller` a passage may have more letters than in the tree, and one in Arabic letters any.
    """
    left, lost = Counter(found), []
    for thing in wanted:
        key = next((key for key in thing.keys if left[key]), None)
        if key is None:
            lost.append(thing)
        else:
            left[key] -= 1
    if not fuller:
        return lost
    spare = sorted(left.elements(), key=len)
    return [thing for thing in lost if not _taken(thing, spare)]


def things(blocks: Iterable[Node], place: Place, cache: Cache = NO_CACHE) -> Iterator[Thing]:
    """What a tree holds, in the order of the text; `place` is that of what stands in no file of an author."""
    for block in blocks:
        for kind, text, shown, at in _held(block, cache):
            yield Thing(kind, text, shown, Place(*at) if at else place)


def _held(block: Node, cache: Cache) -> list[Any]:
    def made() -> bytes:
        found = _Walk(tree.values(block).get("data-path", "")).visit(block)
        return json.dumps([[each.kind, each.key, each.shown, _at(each.place)] for each in found]).encode()

    held: list[Any] = json.loads(cache.made(key("things", code(), tree.digest(block)), made))
    return held


def _at(place: Place) -> tuple[str, int, int] | None:
    return (place.path, place.line, place.column) if place.path else None


# --- the tree ---------------------------------------------------------------------------------------------------------


class _Walk:
    """A walk over a chapter that remembers where it is."""

    def __init__(self, path: str) -> None:
        self.path, self.here = path, Place(path) if path else _NOWHERE

    def visit(self, item: Any, *, inside: bool = False) -> Iterator[Thing]:
        """What an item of the tree holds; `inside` a note or a cell, whose words are counted as its own."""
        if isinstance(item, list | tuple):
            for part in item:
                yield from self.visit(part, inside=inside)
            return
        if not isinstance(item, dict) or "t" not in item:
            return
        if self.path and "at" in item:
            self.here = Place(self.path, *item["at"])
        kind, content = item["t"], item.get("c", [])
        yield from self.own(item, inside=inside)
        if kind == "Table":
            yield from self.visit(content[1], inside=inside)
            yield from self.cells(content)
        elif kind == "DefinitionList":
            for term, definitions in content:
                yield from self.said("text", term)
                yield from self.visit([term, definitions], inside=inside)
        elif kind != "Image":
            yield from self.visit(content, inside=inside or kind == "Note")

    def own(self, node: Node, *, inside: bool) -> Iterator[Thing]:
        """What a node is itself."""
        kind = node["t"]
        if kind == "Image":
            words = tree.plain(node["c"][1])
            yield Thing("picture", squeeze(words), words or node["c"][2][0], self.here)
        elif kind == "Note":
            yield from self.said("note", node["c"])
        elif kind == "Link" and node["c"][2][0].startswith("#"):
            yield Thing("reference", node["c"][2][0][1:], tree.plain(node) or node["c"][2][0], self.here)
        elif tree.is_div(node, "csl-entry"):
            yield Thing("source", tree.identifier(node), tree.plain(node), _SOURCES)
        elif kind in _LEAVES and not inside:
            yield from self.said("text", node)

    def cells(self, table: Any) -> Iterator[Thing]:
        """The cells of a table, and what stands in them."""
        _, _, _, head, bodies, foot = table
        rows = [*head[1], *(row for body in bodies for part in body[2:] for row in part), *foot[1]]
        for _, cells in rows:
            for cell in cells:
                first = next((node["at"] for node in tree.walk(cell[-1]) if "at" in node), None)
                if self.path and first:
                    self.here = Place(self.path, *first)
                yield from self.said("cell", cell[-1])
                yield from self.visit(cell[-1], inside=True)

    def said(self, kind: str, content: Any) -> Iterator[Thing]:
        """A passage, if it has words."""
        if any(node["t"] in _UNREAD for node in tree.walk(content)):
            content = tree.rewrite(lambda node: None if node["t"] in _UNREAD else node, content)
        words = tree.plain(content)
        if key := squeeze(words):
            yield Thing(kind, key, words, self.here)


# --- the file ---------------------------------------------------------------------------------------------------------


def _taken(thing: Thing, spare: list[str]) -> bool:
    """Whether one of the passages left over, the shortest first, is this one; it is left over no longer."""
    if is_joined(thing.shown):
        if thing.kind == "text":
            return True
        there = spare[-1] if spare else None
    else:
        size = len(thing.key)
        ends = bisect_left(spare, size, key=len), bisect_right(spare, 2 * size + _MORE, key=len)
        there = next((text for text in spare[slice(*ends)] if _holds(text, thing.key)), None)
    if there is not None:
        spare.remove(there)
    return there is not None


def _holds(text: str, key: str) -> bool:
    """Whether a text has the letters of a key, one after the other."""
    letters = iter(text)
    return all(letter in letters for letter in key)


def is_joined(text: str) -> bool:
    """Whether a text has letters that change their form, which a PDF does not give back one by one."""
    return any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text)


def _start(text: str) -> str:
    return text if len(text) <= 70 else text[:70].rsplit(" ", 1)[0] + " …"
