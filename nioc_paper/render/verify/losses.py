"""Comparison of the tree's contents with those read back from the finished file, kind by kind.

A reader knows the format and nothing of its writer, so it cannot repeat an error of the writer.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from threading import Lock

from msgspec import Struct, field

from nioc_paper import tree
from nioc_paper.model import Diagnostic, Node, Place, Reporter
from nioc_paper.model.grouping import group_pairs
from nioc_paper.ooxml.bookmark_names import bookmark_name
from nioc_paper.render.verify.normalized_text import Contents, normalize
from nioc_paper.system.cache import NO_CACHE, Cache, cache_key
from nioc_paper.system.files import source_hash

KINDS: Mapping[str, tuple[str, str]] = {
    "text": ("lost-content/text", "a passage"),
    "note": ("lost-content/note", "a note"),
    "picture": ("lost-content/picture", "a picture"),
    "cell": ("lost-content/cell", "a cell of a table"),
    "reference": ("lost-content/reference", "a reference"),
    "source": ("lost-content/source", "an entry of the bibliography"),
}
"""Rule and name of each kind. Every word is in one of the first four."""

FILE_LABELS: Mapping[str, tuple[str, bool]] = {
    "pdf": ("PDF", True),
    "docx": ("Word file", False),
    "html": ("web page", False),
    "epub": ("e-book", False),
}
"""Name of the file of a format; True if it has more within a passage than the tree (pages of references, formulas), and
if Arabic letters cannot be read back.
"""

_HINT = "write the passage more plainly, or use another format and report the fault with the chapter"
_MAX_NAMED = 3
"""Lost items of a kind that are named; more are counted."""
_MAX_EXTRA_LETTERS = 60
"""Letters that the layout may add to a passage, besides as many as it has."""
_PASSAGE_TYPES = frozenset(("Para", "Plain", "Header", "CodeBlock", "LineBlock"))
_UNCOMPARED_TYPES = ("Image", "Math", "RawInline", "RawBlock")
"""Node types with no text, or with a spelling of their own."""


class ContentItem(Struct, frozen=True):
    """Item that must be in the file."""

    kind: str
    key: str
    """Key that tells it from others of its kind."""
    display: str
    """Its own words, or its id."""
    place: Place
    formula_letters: int = 0
    """Letters of its formulas as they are written, which no format spells in the same way."""


class ExpectedContents(Struct, frozen=True, eq=False, dict=True):
    """Items of some blocks, found once for all files that are made of them. The cache keeps the items of each block."""

    blocks: Sequence[Node]
    cache: Cache = NO_CACHE
    block_hash: Callable[[Node], str] = tree.tree_hash
    """Returns the hash of a block."""
    _lock: Lock = field(default_factory=Lock)

    @property
    def items(self) -> Mapping[str, Sequence[ContentItem]]:
        """Items by kind, in order."""
        with self._lock:  # the writers' threads ask at once, and Python 3.12 and later compute it for each
            return self._items_by_kind

    @cached_property
    def _items_by_kind(self) -> Mapping[str, Sequence[ContentItem]]:
        return group_pairs((item.kind, item) for item in content_items(self.blocks, self.cache, self.block_hash))


def report_missing(
    expected: ExpectedContents,
    contents: Contents,
    file_label: str,
    place: Place,
    report: Reporter,
    *,
    allow_extra: bool = False,
) -> None:
    """Report missing items of the kinds that were read back; `place` is for those that are in no author's file."""
    for kind in contents:
        rule, noun = KINDS[kind]
        missing_items = find_missing(expected.items.get(kind, ()), contents[kind], allow_extra=allow_extra)
        for number, item in enumerate(missing_items[:_MAX_NAMED], start=1):
            more = f", and {len(missing_items) - number} more" if number == _MAX_NAMED < len(missing_items) else ""
            message = f"the {file_label} lacks {noun}: “{shorten_quote(item.display)}”{more}"
            report(Diagnostic(item.place if item.place.path else place, rule, message, hint=_HINT))


def find_missing(
    expected: Sequence[ContentItem], contents: Iterable[str], *, allow_extra: bool = False
) -> list[ContentItem]:
    """Return the items that are found less often than the tree has them.

    With `allow_extra`, a passage may have more letters than in the tree, and one in Arabic letters any; one with a
    formula always may: what is no mathematics is printed as it is written.
    """
    left, missing_items = Counter(contents), []
    for item in expected:
        forms = (item.key, bookmark_name(item.key)) if item.kind in ("reference", "source") else (item.key,)
        key = next((key for key in forms if left[key]), None)
        if key is None:
            missing_items.append(item)
        else:
            left[key] -= 1
    spare = sorted(left.elements(), key=len) if missing_items else []
    return [item for item in missing_items if not ((allow_extra or item.formula_letters) and _take_match(item, spare))]


def content_items(
    blocks: Iterable[Node], cache: Cache = NO_CACHE, block_hash: Callable[[Node], str] = tree.tree_hash
) -> Iterator[ContentItem]:
    """Yield the items of blocks in order; those that are in no author's file have an empty place."""
    for block in blocks:
        walk = _ContentWalk(tree.attributes(block).get("data-path", ""))
        key = cache_key("contents", source_hash(), block_hash(block))
        yield from cache.get_or_make(key, partial(list, walk.visit(block)), list[ContentItem])


def find_passage(blocks: Iterable[Node], words: str) -> Place | None:
    """Return the place of the first passage, note or cell in an author's file with these words; None if none has."""
    key = normalize(words)
    items = (item for item in content_items(blocks) if item.kind in ("text", "note", "cell"))
    return next((item.place for item in items if key and item.place.path and key in item.key), None)


# --- the tree ---------------------------------------------------------------------------------------------------------


class _ContentWalk:
    """Walk over a chapter that keeps the current place."""

    def __init__(self, path: str) -> None:
        self.path, self.here = path, Place(path) if path else Place("")

    def visit(self, item: object, *, inside: bool = False) -> Iterator[ContentItem]:
        """Yield the items of a node or list; `inside` a note or cell, whose words count as its own."""
        if isinstance(item, list | tuple):
            for part in item:
                yield from self.visit(part, inside=inside)
            return
        if not isinstance(item, dict) or "t" not in item:
            return
        if self.path and "pos" in item:
            self.here = Place(self.path, *item["pos"])
        kind, content = item["t"], item.get("c", [])
        yield from self.visit_node(item, inside=inside)
        if kind == "Table":
            yield from self.visit(content[1], inside=inside)
            yield from self.visit_cells(item)
        elif kind == "DefinitionList":
            for term, definitions in content:
                if not inside:
                    yield from self.visit_passage("text", term)
                yield from self.visit([term, definitions], inside=inside)
        elif kind != "Image":
            yield from self.visit(content, inside=inside or kind == "Note")

    def visit_node(self, node: Node, *, inside: bool) -> Iterator[ContentItem]:
        """Yield the items of a node itself."""
        kind = node["t"]
        if kind == "Image":
            words = tree.plain_text(tree.content(node))
            yield ContentItem("picture", normalize(words), words or tree.target(node), self.here)
        elif kind == "Note":
            yield from self.visit_passage("note", tree.content(node))
        elif kind == "Link" and tree.target(node).startswith("#"):
            yield ContentItem("reference", tree.target(node)[1:], tree.plain_text(node) or tree.target(node), self.here)
        elif tree.is_div(node, "csl-entry"):
            yield ContentItem("source", tree.identifier(node), tree.plain_text(node), Place("paper/registers"))
        elif kind in _PASSAGE_TYPES and not inside:
            yield from self.visit_passage("text", node)

    def visit_cells(self, table: Node) -> Iterator[ContentItem]:
        """Yield the cells of a table, and the items inside."""
        for cell in tree.table_cells(table):
            first = next((node["pos"] for node in tree.walk(cell[-1]) if "pos" in node), None)
            if self.path and first:
                self.here = Place(self.path, *first)
            yield from self.visit_passage("cell", cell[-1])
            yield from self.visit(cell[-1], inside=True)

    def visit_passage(self, kind: str, content: object) -> Iterator[ContentItem]:
        """Yield a passage if it has words."""
        formulas = sum(len(tree.content(node)) for node in tree.walk(content) if node["t"] == "Math")
        if any(node["t"] in _UNCOMPARED_TYPES for node in tree.walk(content)):
            content = tree.rewrite(lambda node: None if node["t"] in _UNCOMPARED_TYPES else node, content)
        words = tree.plain_text(content)
        if key := normalize(words):
            yield ContentItem(kind, key, words, self.here, formulas)


# --- the file ---------------------------------------------------------------------------------------------------------


def _take_match(item: ContentItem, spare: list[str]) -> bool:
    """Whether one of the spare passages begins with this one, or contains it, the shortest first; removes it."""
    if has_arabic_letters(item.display):
        if item.kind == "text":
            return True
        match = spare[-1] if spare else None
    else:
        size = len(item.key)
        ends = (
            bisect_left(spare, size, key=len),
            bisect_right(spare, 2 * size + _MAX_EXTRA_LETTERS + item.formula_letters, key=len),
        )
        near = spare[slice(*ends)]
        # Page numbers follow a passage: another one, with such a number, may have the same letters in order.
        match = next((text for text in near if text.startswith(item.key)), None)
        match = match or next((text for text in near if _contains_in_order(text, item.key)), None)
    if match is not None:
        spare.remove(match)
    return match is not None


def _contains_in_order(text: str, key: str) -> bool:
    """Whether a text has the letters of a key in this order."""
    letters = iter(text)
    return all(letter in letters for letter in key)


def has_arabic_letters(text: str) -> bool:
    """Whether a text has letters that change their form: a PDF does not give them back one by one."""
    return any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text)


def shorten_quote(text: str) -> str:
    """Return a text as a message quotes it: its first words if it is long."""
    return text if len(text) <= 70 else text[:70].rsplit(" ", 1)[0] + " …"
