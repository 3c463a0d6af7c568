"""Tree passes of print: running titles, parts in their chapter, notes, far references, long words and items."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.model import Document, Node
from nioc_paper.render.common import shared_passes
from nioc_paper.render.common.shared_passes import lay_out_item
from nioc_paper.render.pdf.worker_messages import FOOT_NOTE, MARGIN_COPY, MARGIN_NOTE, NOTE_CALL
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
        return cls(shared_passes.chapter_settings(document), _chapters_by_id(document.blocks), picture_names)

    def prepare_chapter(self, block: Node) -> Node:
        """Return a chapter as print sets it."""
        (block,) = shared_passes.run_shared_passes(replace(self.document, blocks=(block,)))

        def rewrite_node(node: Node) -> Node | list[Node]:
            if node["t"] == "Image" and tree.target(node) in self.picture_names:
                return tree.with_target(node, self.picture_names[tree.target(node)])
            if node["t"] == "Div":
                return _mark_long(lay_out_item(node))
            if node["t"] == "Table":
                return _divide_groups(shared_passes.with_content_widths(node), words["continued"])
            if node["t"] == "Span":
                return shared_passes.with_aria_role(node)
            if node["t"] == "Link":
                return self._mark_far_reference(node, tree.identifier(block), words["page"])
            if node["t"] in ("Para", "Plain"):
                return tree.with_content(node, _with_page_after_comma(tree.content(node), f"{words['comma']} "))
            return _with_bookmark_title(node, self.document, running) if node["t"] == "Header" else node

        words = wording_for(tree.attributes(block).get("lang", self.document.language), self.document.own_words)
        running = words["annexes"] if tree.is_div(block, "annexes") else ""
        new: Node = tree.rewrite(_break_long_word, tree.rewrite(rewrite_node, block, skip_types=tree.WORD_TYPES))
        return new

    def _mark_far_reference(self, link: Node, chapter: str, page_word: str) -> Node:
        """Mark a reference to an item, figure or table of another chapter: print adds its page."""
        if self.chapter_by_id.get(tree.target(link).removeprefix("#"), chapter) == chapter:
            return link
        page = {"data-page": page_word, "data-open": " (", "data-close": ")"}
        return tree.with_attributes(tree.with_class(link, "far"), **page)


def _with_page_after_comma(inlines: Sequence[Node], comma: str) -> list[Node]:
    """Return inlines in which the page of a far reference between a pair of brackets follows a comma."""

    def rewrite_node(node: Node) -> Node:
        is_inside = "far" in tree.classes(node) and next(marks) == "\1"
        return tree.with_attributes(node, **{"data-open": comma, "data-close": ""}) if is_inside else node

    text = "".join(n["c"] if n["t"] == "Str" else "\0" * ("far" in tree.classes(n)) for n in tree.walk(inlines))
    while (paired := re.sub(r"\(([^()]*)\)", lambda pair: pair[1].replace("\0", "\1"), text)) != text:
        text = paired
    marks = iter(re.sub("[^\0\1]", "", text))
    return tree.rewrite(rewrite_node, inlines) if "\1" in text else [*inlines]


def _divide_groups(table: Node, continued: str) -> Node | list[Node]:
    """Return a table of groups as one for each, whose head begins with that of the group: both repeat on each page.

    From its first row on, each page that it goes on on has a word beside the head, until an empty division ends it.
    """
    (name, *attributes), caption, columns, (head_attr, head), bodies, foot = table["c"]
    if not all(heads for _, _, heads, _ in bodies):
        return table
    end = tree.div([], "group-end")
    blocks: list[Node] = [end]
    for number, (*body, heads, rows) in enumerate(bodies, 1):
        own = [[name, *attributes], caption] if number == 1 else [["", *attributes], [None, []]]
        marked = [[tree.attr(values={"data-continued": continued}), cells] for _, cells in rows[:1]]
        head_rows = [head_attr, [*heads, *head]]
        blocks += [{"t": "Table", "c": [*own, columns, head_rows, [[*body, [], [*marked, *rows[1:]]]], foot]}, end]
    return blocks


def _mark_long(division: Node) -> Node:
    """Return a long recommendation with a class: it may continue on the next page; any other division as it is.

    What is beside the text comes before it, for the first of two pages.
    """
    if tree.is_div(division, "fields"):
        lists = sorted(tree.content(division), key=lambda each: not tree.is_div(each, "placing"))
        return tree.with_content(division, lists)
    is_long = tree.is_div(division, "recommendation") and len(tree.plain_text([division])) > _LONG_RECOMMENDATION
    return tree.with_class(division, "long") if is_long else division


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
        is_alone = not titles or tree.is_div(block, "part")
        yield from (*titles, block) if is_alone else [tree.with_content(block, [*titles, *tree.content(block)])]


def _break_long_word(node: Node) -> Node | list[Node]:
    """Return a word wider than a column in a span that breaks anywhere, and "n.d.-b" in one that never does."""
    if node["t"] == "Code":
        return tree.span([node], "long-word") if _LONG_WORD.search(tree.content(node)) else node
    if node["t"] == "Str" and _UNDATED.search(node["c"]):
        return tree.span([node], "unbroken")
    parts = _LONG_WORD.split(node["c"]) if node["t"] == "Str" else []
    texts = [{"t": "Str", "c": part} for part in parts]
    spans = [tree.span([text], "long-word") if n % 2 else text for n, text in enumerate(texts) if text["c"]]
    return spans if len(parts) > 1 else node


def _chapters_by_id(blocks: Iterable[Node]) -> dict[str, str]:
    return {
        tree.identifier(node): tree.identifier(block)
        for block in blocks
        for node in tree.walk_blocks(block)
        if node["t"] in ("Figure", "Table") or (node["t"] == "Div" and _NUMBERED_ITEMS.intersection(tree.classes(node)))
    }


def _with_bookmark_title(header: Node, document: Document, running_title: str) -> Node:
    """Add the title for bookmarks and running heads to a heading: its words without note calls."""
    name, classes, pairs = tree.attr_triple(header)
    words = tree.plain_text(header)
    number = [first for first in tree.content(header)[:1] if "number" in tree.classes(first)]
    title = words.removeprefix(tree.plain_text(number)).strip()
    draft = wording_for(document.language, document.own_words)["draft"] if document.draft else ""
    pairs = [*pairs, ["data-bookmark", words]]
    if tree.level(header) == 1:
        running_title = running_title or "\u2002".join(filter(None, (tree.plain_text(number).strip(), title)))
        pairs += [["data-title", running_title], ["data-paper", document.series], ["data-draft", draft]]
    return tree.with_attr(header, [name, classes, pairs])


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
    blocks = [_with_footnotes(each, ids, each["t"] in _RUNNING_TEXT) for each in tree.content(block)]
    return tree.with_content(block, blocks)


def _with_footnotes(block: Node, ids: Iterator[str], has_margin: bool) -> Node:
    def note_to_span(node: Node) -> Node:
        if node["t"] != "Note":
            return node
        first, *more = [*_paragraph_inlines(tree.content(node))] or [[]]
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
    return tree.with_content(node, [tree.span(margin_copy(node), MARGIN_NOTE, MARGIN_COPY), *tree.content(node)])


def _paragraph_inlines(blocks: Iterable[Node]) -> Iterator[list[Node]]:
    """Yield the inlines of each paragraph and line; a block of another kind, such as a table, is one of its words."""
    for block in blocks:
        match block:
            case {"t": "Para" | "Plain", "c": inlines}:
                yield inlines
            case {"t": "LineBlock", "c": lines}:
                yield from lines
            case {"t": "BlockQuote", "c": inner} | {"t": "Div", "c": [_, inner]}:
                yield from _paragraph_inlines(inner)
            case {"t": "BulletList", "c": items} | {"t": "OrderedList", "c": [_, items]}:
                yield from _paragraph_inlines(chain(*items))
            case _:
                yield tree.text_inlines(tree.plain_text(block))
