"""Passages of a chapter: its running text in comparable characters, with the place of every character."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple

from msgspec import Struct

from nioc_paper import tree
from nioc_paper.domain.english_grammar import sentence_starts
from nioc_paper.model import Chapter, Node, Place
from nioc_paper.model.characters import comparable_parts
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.tree import attributes, classes, plain_text, walk
from nioc_paper.tree.nodes import is_in_sentence
from nioc_paper.tree.own_markdown import callout_class, callout_title
from nioc_paper.tree.strategy_items import ITEM_FIELDS, field_name

PLACEHOLDER = "…"
"""Replaces text that is not the author's wording: quotations, code, printed references."""
_FULL_STOP = late_pattern(r"[.!?…۔؟][)\]”’\"']*\s+\Z")
_LIST_TYPES = ("BulletList", "OrderedList", "DefinitionList")
_TITLE_LEVEL = 4
"""Level of the title of a callout."""
_RECORDS = (("record",), ("source",), ("chart",), ("data",), ("alt",))
"""Outermost containers of texts outside of running text."""
_SPACE_TYPES = ("Space", "SoftBreak", "LineBreak")
_STYLED_TYPES = ("Emph", "Strong", "Underline", "Strikeout", "Superscript", "Subscript", "SmallCaps")

RAISED_DIGITS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Sentence(NamedTuple):
    """A sentence of a passage: start, text, and the keys of its citations, in notes too."""

    start: int
    text: str
    keys: tuple[str, ...]


class Passage(Struct, frozen=True, dict=True):
    """Text of one paragraph, heading, list item or cell. Quotations, code and references are `…` in it."""

    path: str
    text: str
    level: int = 0
    """Level of a heading; 0 for other passages."""
    within: tuple[str, ...] = ()
    """Containers, outermost first: classes of Divs, and `item`, `term`, `cell`, `caption`, `note`, `foreign`.

    Texts outside of running text are within `record`, `source`, `chart`, `data` or `alt`, names of people and bodies
    within `name`.
    """
    keys: tuple[tuple[int, str], ...] = ()
    """Citations as offset and key. Those in a note have the offset of the note's mark."""
    lead: Passage | None = None
    """Paragraph, ending with a colon, that introduces the list around this passage."""
    offsets: tuple[int, ...] = ()
    positions: tuple[Sequence[int], ...] = ()
    """Line and column of the words at `offsets`."""

    @property
    def is_heading(self) -> bool:
        """Whether it is a heading."""
        return self.level > 0

    @property
    def is_prose(self) -> bool:
        """Whether it is running text: no heading, cell or caption, and in no record, chart or picture."""
        return not self.is_heading and not self.is_record and not {"cell", "caption"} & {*self.within}

    @property
    def is_record(self) -> bool:
        """Whether it is outside of running text: in a record, chart, data file or alternative text."""
        return self.within[:1] in _RECORDS

    @property
    def is_own(self) -> bool:
        """Whether the words are the authors': no quotation, name or title of a source."""
        return not {"quotation", "pullquote", "source", "name"} & {*self.within}

    @property
    def label(self) -> str:
        """Name of an item's line, in lower case; empty for other text."""
        if self.within[-1:] != ("item",) or ITEM_FIELDS.keys().isdisjoint(self.within):
            return ""
        return field_name(self.text)

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """Sentences. A citation after a full stop belongs to the sentence before it."""
        begin = sentence_starts(self.text)
        ends = [*begin[1:], len(self.text) + 1]
        return tuple(Sentence(a, self.text[a:b], self.keys_between(a, b)) for a, b in zip(begin, ends, strict=True))

    def run_keys(self, sentence: Sentence) -> tuple[str, ...]:
        """Return the keys of the next citation if it is after a full stop: it is for all sentences before it."""
        pos = next((pos for pos, _ in self.keys if pos >= sentence.start + len(sentence.text)), 0)
        opens_sentence = self.text.startswith(PLACEHOLDER, pos)
        is_behind_stop = _FULL_STOP.search(self.text, max(0, pos - 24), pos)
        return self.keys_between(pos, pos + 1) if is_behind_stop and not opens_sentence else ()

    def keys_between(self, start: int, end: int) -> tuple[str, ...]:
        """Return the keys of citations in a range of offsets."""
        return tuple(key for pos, key in self.keys if start <= pos < end)

    def place(self, offset: int) -> Place:
        """Return the place of the character at an offset."""
        index = bisect_right(self.offsets, offset) - 1
        if index < 0:
            return Place(self.path, *self.positions[0]) if self.positions else Place(self.path)
        line, *column = self.positions[index]
        # Without a column the word was not found for certain, and the line is that of the words before it.
        return Place(self.path, line, column[0] + offset - self.offsets[index]) if column else Place(self.path, line)


def read_passages(chapter: Chapter, *, quotations: bool = False) -> Iterator[Passage]:
    """Yield the passages of a chapter in reading order, notes included.

    Code is left out, and block quotes and pull-quotes too unless `quotations` is set: they are others' words. Entries
    of a typed list of sources are titles.
    """
    context, blocks = _Context(chapter.path, quotations=quotations).in_language(chapter.language), chapter.blocks
    end = typed_list_index(blocks) + 1
    yield from _read_blocks(blocks[:end], context)
    yield from _read_blocks(blocks[end:], context._replace(within=("source",)))


_GENERATED_LIST = late_pattern(
    r"list of (?:sources|figures|tables|abbreviations)|table of contents|bibliography|works cited|references",
    re.IGNORECASE,
)


def typed_list_index(blocks: Sequence[Node]) -> int:
    """Return the index of the heading, or of the line in bold, of a list of sources that is typed at the end of blocks.

    Without one it is the number of blocks.
    """
    last = max((index for index, node in enumerate(blocks) if node["t"] == "Header" and plain_text(node)), default=0)
    titles = (index for index, node in enumerate(blocks) if index >= last and _may_be_title(node))
    return next((i for i in titles if _GENERATED_LIST.fullmatch(plain_text(blocks[i]).strip(" :"))), len(blocks))


def _may_be_title(node: Node) -> bool:
    return node["t"] == "Header" or (node["t"] == "Para" and [n["t"] for n in tree.content(node)] == ["Strong"])


# --- blocks -----------------------------------------------------------------------------------------------------------


class _Context(NamedTuple):
    path: str
    within: tuple[str, ...] = ()
    lead: Passage | None = None
    quotations: bool = False

    def inside(self, *names: str) -> _Context:
        return self._replace(within=(*self.within, *names))

    def in_language(self, language: str | None) -> _Context:
        """Return this context in a language; None keeps the language."""
        if language is None:
            return self
        within = tuple(name for name in self.within if name != "foreign")
        return self._replace(within=within if is_english(language) else (*within, "foreign"))


def _read_blocks(blocks: Sequence[Node], context: _Context) -> Iterator[Passage]:
    introduction: Passage | None = None
    for node in blocks:
        if is_quotation(node) and not context.quotations:
            introduction = None
            continue
        is_introduced = node["t"] in _LIST_TYPES and introduction and introduction.text.rstrip().endswith(":")
        block_passages = _read_block(node, context._replace(lead=introduction) if is_introduced else context)
        introduction = None
        for passage in block_passages:
            introduction = introduction or passage
            yield passage


def _read_block(node: Node, context: _Context) -> Iterator[Passage]:
    kind: str = node["t"]
    if kind in ("Para", "Plain"):
        yield from _read_inlines(tree.content(node), context)
    elif kind == "Header":
        yield from _read_inlines(tree.content(node), context, tree.level(node))
    elif kind == "LineBlock":
        for line in tree.content(node):
            yield from _read_inlines(line, context)
    elif kind == "BlockQuote":
        yield from _read_blocks(tree.content(node), context.inside("quotation"))
    elif kind == "Div":
        yield from _read_division(node, context.in_language(attributes(node).get("lang")))
    elif kind in _LIST_TYPES:
        yield from _read_list(tree.content(node), context)
    elif kind in ("Figure", "Table"):
        yield from _read_blocks(tree.caption(node), context.inside("caption"))
        for part in [tree.content(node)] if kind == "Figure" else chain.from_iterable(tree.table_rows(node)):
            yield from _read_blocks(part, context if kind == "Figure" else context.inside("cell"))


def _read_list(items: Sequence[Any], context: _Context) -> Iterator[Passage]:
    for item in items:
        if item and isinstance(item[0], list):  # a term with its definitions
            yield from _read_inlines(item[0], context.inside("term"))
            for definition in item[1]:
                yield from _read_blocks(definition, context.inside("item"))
        else:
            yield from _read_blocks(item, context.inside("item"))


def _read_division(node: Node, context: _Context) -> Iterator[Passage]:
    if title := callout_title(node):
        yield _title_passage(title, node, context)
    # A callout is not a footnote, which is the container "note".
    names = ["callout"] if callout_class(node) else classes(node)
    yield from _read_blocks(tree.content(node), context.inside(*names))


def _title_passage(title: str, callout: Node, context: _Context) -> Passage:
    """Return the title of a callout as a heading, at the line of the callout."""
    reader = _PassageReader()
    reader.add_text(title, {**callout, "pos": callout["pos"][:1]} if "pos" in callout else callout)
    return reader.passage(context, _TITLE_LEVEL)


# --- inlines ----------------------------------------------------------------------------------------------------------


def _read_inlines(inlines: Sequence[Node], context: _Context, level: int = 0) -> Iterator[Passage]:
    reader = _PassageReader()
    reader.read(inlines)
    yield reader.passage(context, level)
    for note in reader.notes:
        yield from _read_blocks(tree.content(note), context._replace(within=(*context.within, "note"), lead=None))


class _PassageReader:
    """Collector of the text of inlines, the positions of words, and citations."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0
        self.offsets: list[int] = []
        self.positions: list[Sequence[int]] = []
        self.keys: list[tuple[int, str]] = []
        self.notes: list[Node] = []

    def passage(self, context: _Context, level: int) -> Passage:
        places = tuple(self.offsets), tuple(self.positions)
        text, keys = "".join(self.parts), tuple(self.keys)
        return Passage(context.path, text, level, context.within, keys, context.lead, *places)

    def read(self, inlines: Sequence[Node]) -> None:
        for node in inlines:
            kind = node["t"]
            if kind == "Str":
                self.add_text(tree.content(node), node)
            elif kind in _SPACE_TYPES:
                self.parts.append(" ")
                self.length += 1
            elif kind in _STYLED_TYPES:
                start, ends_in_digit = len(self.parts), "".join(self.parts[-1:])[-1:].isdigit()
                self.read(tree.content(node))
                if ends_in_digit and kind in ("Superscript", "Subscript"):  # 2017^3^ is not the number 20173
                    self.parts[start:] = [part.translate(RAISED_DIGITS) for part in self.parts[start:]]
            elif kind == "Link" or (kind == "Span" and is_english(attributes(node).get("lang", "en"))):
                self.read(tree.content(node))
                self.keys += ((self.length - 1, key) for key in (_address(node) if kind == "Link" else ()))
            else:
                self.read_other(node, kind)

    def read_other(self, node: Node, kind: str) -> None:
        self.keys += ((self.length, key) for key in citation_keys(node))
        if kind == "Note":
            self.notes.append(node)
        elif kind == "Quoted":
            # A sentence may end with the full stop of its quotation.
            self.add_text(PLACEHOLDER + "." * plain_text(tree.content(node)).endswith((".", "!", "?")), node)
        elif kind in ("Code", "Math", "Span") or (kind == "Cite" and is_in_sentence(node)):
            self.add_text(PLACEHOLDER, node)

    def add_text(self, text: str, node: Node) -> None:
        # Most words are plain: a generator for each takes as long as all the rest.
        for start, part in ((0, text),) if text.isascii() else comparable_parts(text):
            if "pos" in node:
                line, *column = node["pos"]
                self.offsets.append(self.length)
                self.positions.append((line, column[0] + start) if column else (line,))
            self.parts.append(part)
            self.length += len(part)


def citation_keys(part: object) -> list[str]:
    """Return the keys that a part of a tree cites, and the addresses on the web that it links to: sources, too."""
    nodes = (n for n in walk(part) if n["t"] in ("Cite", "Link"))
    keys = ([c["citationId"] for c in tree.citations(n)] if n["t"] == "Cite" else _address(n) for n in nodes)
    return [*chain.from_iterable(keys)]


def _address(link: Node) -> list[str]:
    return [tree.target(link)] if tree.target(link).startswith("http") else []


def is_quotation(node: Node) -> bool:
    """Whether a node is a quotation: words of others."""
    return node["t"] == "BlockQuote" or (node["t"] == "Div" and "pullquote" in classes(node))


def is_english(language: str) -> bool:
    """Whether a language tag is one of English."""
    return language.lower().startswith("en")
