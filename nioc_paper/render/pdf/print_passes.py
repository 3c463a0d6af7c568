"""Tree passes of print: running titles, parts in their chapter, notes, far references, long words and items."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Self

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.model import Document, Node
from nioc_paper.render.common import chapter_cache, shared_passes
from nioc_paper.render.common.shared_passes import lay_out_item
from nioc_paper.render.pdf.results import FOOT_NOTE, MARGIN_COPY, MARGIN_NOTE, NOTE_CALL
from nioc_paper.system.cache import cache_key
from nioc_paper.tree.key_numbers import is_key_number, margin_copy
from nioc_paper.wording import wording_for

_NUMBERED_ITEMS = {"recommendation", "gap", "finding", "objective", "risk"}
_LONG_WORD = re.compile(r"(\S{40,})")
"""Word that may be wider than its column: German and Urdu have none of 40 letters, file names and keys are longer."""
_UNDATED = re.compile(r"\.-[a-z]\b")
"""Letter of a source without date: "n.d.-b" is not broken after its hyphen."""
_LONG_RECOMMENDATION = 750
"""Letters of a recommendation that may be divided: on one page, it could leave a quarter of the page before empty."""


class PrintContext(Struct, frozen=True):
    """Settings of a chapter: its inputs besides the chapter itself."""

    document: Document
    """Without blocks, and without fields that no chapter shows."""
    chapter_by_id: Mapping[str, str]
    """Chapter of each item, figure and table, by id."""
    picture_names: Mapping[str, str]
    """Names of picture files, by target in the tree."""

    @classmethod
    def for_document(cls, document: Document, picture_names: Mapping[str, str]) -> Self:
        """Return the settings for the chapters of a document."""
        return cls(chapter_cache.chapter_settings(document), _chapters_by_id(document.blocks), picture_names)

    @property
    def content_key(self) -> str:
        """Cache key of all settings."""
        return cache_key(repr(self.document), json.dumps([self.chapter_by_id, self.picture_names], sort_keys=True))

    def prepare_chapter(self, block: Node) -> Node:
        """Return a chapter as print sets it."""
        (block,) = shared_passes.run_shared_passes(replace(self.document, blocks=(block,)))

        def rewrite_node(node: Node) -> Node | list[Node]:
            if node["t"] == "Image" and node["c"][2][0] in self.picture_names:
                attr, alt, (target, title) = node["c"]
                return {"t": "Image", "c": [attr, alt, [self.picture_names[target], title]]}
            if node["t"] == "Div":
                return _mark_long(lay_out_item(node))
            if node["t"] == "Table":
                return _divide_groups(shared_passes.with_content_widths(node))
            if node["t"] == "Span":
                return shared_passes.with_aria_role(node)
            if node["t"] == "Link":
                return self._mark_far_reference(node, tree.identifier(block), words["page"])
            return _with_bookmark_title(node, self.document, running) if node["t"] == "Header" else node

        words = wording_for(tree.attributes(block).get("lang", self.document.language), self.document.own_words)
        running = words["annexes"] if tree.is_div(block, "annexes") else ""
        return _with_breakable_words(tree.rewrite(rewrite_node, block, skip_types=tree.WORD_TYPES))

    def _mark_far_reference(self, link: Node, chapter: str, page_word: str) -> Node:
        """Mark a reference to an item, figure or table of another chapter: print adds its page."""
        if self.chapter_by_id.get(link["c"][2][0].removeprefix("#"), chapter) == chapter:
            return link
        (name, classes, pairs), *rest = link["c"]
        return {**link, "c": [[name, [*classes, "far"], [*pairs, ["data-page", page_word]]], *rest]}


def _divide_groups(table: Node) -> Node | list[Node]:
    """Return a table of groups as one for each, whose head begins with that of the group: both repeat on each page."""
    (name, *attributes), caption, columns, (head_attr, head), bodies, foot = table["c"]
    if not all(heads for _, _, heads, _ in bodies):
        return table
    tables: list[Node] = []
    for number, (*body, heads, rows) in enumerate(bodies, 1):
        own = [[name, *attributes], caption] if number == 1 else [["", *attributes], [None, []]]
        end = foot if number == len(bodies) else [tree.attr(), []]
        tables.append({"t": "Table", "c": [*own, columns, [head_attr, [*heads, *head]], [[*body, [], rows]], end]})
    return tables


def _mark_long(division: Node) -> Node:
    """Return a long recommendation with a class: it may continue on the next page; any other division as it is."""
    if not tree.is_div(division, "recommendation") or len(tree.plain_text([division])) <= _LONG_RECOMMENDATION:
        return division
    (name, classes, pairs), blocks = division["c"]
    return {"t": "Div", "c": [[name, [*classes, "long"], pairs], blocks]}


def join_annexes(blocks: Iterable[Node]) -> list[Node]:
    """Return blocks with neighbouring annexes in one division: they follow each other without a new page."""
    out: list[Node] = []
    for is_annex, run in groupby(blocks, key=lambda block: tree.is_div(block, "annex")):
        run_blocks = list(run)
        out += [tree.div(run_blocks, "annexes", id="annexes")] if is_annex else run_blocks
    return out


def nest_part_titles(blocks: Iterable[Node]) -> Iterator[Node]:
    """Move each part's title into the first chapter of the part: they share a page."""
    for *titles, block in shared_passes.group_with_parts(blocks):
        if tree.is_div(block, "part"):
            yield from (*titles, block)
        else:
            attr, chapter_blocks = block["c"]
            yield {"t": "Div", "c": [attr, [*titles, *chapter_blocks]]} if titles else block


def _with_breakable_words(chapter: Node) -> Node:
    """Put words wider than a column into spans that break anywhere, and "n.d.-b" into one that never does."""

    def break_word(node: Node) -> Node | list[Node]:
        if node["t"] == "Code":
            return tree.span([node], "long-word") if _LONG_WORD.search(node["c"][1]) else node
        if node["t"] == "Str" and _UNDATED.search(node["c"]):
            return tree.span([node], "unbroken")
        parts = _LONG_WORD.split(node["c"]) if node["t"] == "Str" else []
        if len(parts) <= 1:
            return node
        texts = [{"t": "Str", "c": part} for part in parts]
        return [tree.span([text], "long-word") if n % 2 else text for n, text in enumerate(texts) if text["c"]]

    words = (_text(node) for node in tree.walk(chapter) if node["t"] in ("Str", "Code"))
    if not any(_LONG_WORD.search(word) or _UNDATED.search(word) for word in words):
        return chapter
    broken: Node = tree.rewrite(break_word, chapter)
    return broken


def _text(word: Node) -> str:
    text: str = word["c"] if word["t"] == "Str" else word["c"][1]
    return text


def _chapters_by_id(blocks: Iterable[Node]) -> dict[str, str]:
    return {
        tree.identifier(node): tree.identifier(block)
        for block in blocks
        for node in tree.walk_blocks(block)
        if node["t"] in ("Figure", "Table") or (node["t"] == "Div" and _NUMBERED_ITEMS.intersection(tree.classes(node)))
    }


def _with_bookmark_title(header: Node, document: Document, running_title: str) -> Node:
    """Add the title for bookmarks and running heads to a heading: its words without note calls."""
    level, (name, classes, pairs), inlines = header["c"]
    words = tree.plain_text(inlines)
    number = [first for first in inlines[:1] if "number" in tree.classes(first)]
    title = words.removeprefix(tree.plain_text(number)).strip()
    draft = wording_for(document.language, document.own_words)["draft"] if document.draft else ""
    pairs = [*pairs, ["data-bookmark", words]]
    if level == 1:
        running_title = running_title or "\u2002".join(filter(None, (tree.plain_text(number).strip(), title)))
        pairs += [["data-title", running_title], ["data-paper", document.series], ["data-draft", draft]]
    return {"t": "Header", "c": [level, [name, classes, pairs], inlines]}


_MARGIN_LETTERS = 200
"""Letters of about six lines in the margin. The page counts the lines of a note, and moves it to its foot if needed."""
_RUNNING_TEXT = frozenset(("Para", "BulletList", "OrderedList"))


def notes_to_footnotes(blocks: Iterable[Node]) -> list[Node]:
    """Return the tree with each Note as `Span.footnote`, with ids `note-1`, `note-2` … in text order.

    In a chapter they are `note-CHAPTER-1` …, independent of other chapters; a short one that running text calls is for
    the margin. Spans, because HTML closes a paragraph before any block inside it.
    """
    loose = itertools.count(1)
    return [_block_with_footnotes(block, loose) for block in blocks]


def _block_with_footnotes(block: Node, loose: Iterator[int]) -> Node:
    name = tree.identifier(block)
    if not name.startswith("chapter-"):
        return _with_footnotes(block, (f"note-{number}" for number in loose), has_margin=False)
    ids = (f"note-{name.removeprefix('chapter-')}-{number}" for number in itertools.count(1))
    attr, blocks = block["c"]
    return {**block, "c": [attr, [_with_footnotes(each, ids, each["t"] in _RUNNING_TEXT) for each in blocks]]}


def _with_footnotes(block: Node, ids: Iterator[str], has_margin: bool) -> Node:
    def note_to_span(node: Node) -> Node:
        if node["t"] != "Note":
            return node
        first, *more = _paragraph_inlines(node["c"]) or [[]]
        inlines = [*first, *(tree.span(each, "para") for each in more)]
        name = next(ids)
        if not has_margin or len(tree.plain_text(inlines)) > _MARGIN_LETTERS:
            return tree.span(inlines, FOOT_NOTE, id=name)
        call = tree.span([], NOTE_CALL, id=f"{name}-call")
        return tree.span([call, tree.span(inlines, FOOT_NOTE, MARGIN_NOTE, id=name)])

    if has_margin:
        block = tree.rewrite(_with_margin_copy, block, skip_types=tree.WORD_TYPES | {"Note"})
    return tree.rewrite(note_to_span, block, skip_types=tree.WORD_TYPES)


def _with_margin_copy(node: Node) -> Node:
    """Return a key number with its copy for the margin before it."""
    if not is_key_number(node):
        return node
    attr, inlines = node["c"]
    return {**node, "c": [attr, [tree.span(margin_copy(node), MARGIN_NOTE, MARGIN_COPY), *inlines]]}


def _paragraph_inlines(blocks: Sequence[Node]) -> list[list[Node]]:
    return [inlines for block in blocks for inlines in _block_inlines(block)]


def _block_inlines(block: Node) -> list[list[Node]]:
    kind: str = block["t"]
    content: Any = block.get("c")
    if kind in ("Para", "Plain"):
        return [content]
    if kind == "BlockQuote":
        return _paragraph_inlines(content)
    if kind == "Div":
        return _paragraph_inlines(content[1])
    if kind in ("BulletList", "OrderedList"):
        items = content if kind == "BulletList" else content[1]
        return [inlines for item in items for inlines in _paragraph_inlines(item)]
    if kind == "LineBlock":
        return list(content)
    return [tree.text_inlines(tree.plain_text(block))]
