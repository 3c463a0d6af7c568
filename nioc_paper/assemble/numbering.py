"""Numbers of the paper: chapters, sections, figures, tables, recommendations, gaps, annexes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.assemble.inline_references import CrossReferences, InlineResolver
from nioc_paper.assemble.lists import generated_charts
from nioc_paper.assemble.lists.annexes import GLOSSARY
from nioc_paper.assemble.lists.list_context import caption_blocks
from nioc_paper.assemble.repeated_blocks import repeat_blocks
from nioc_paper.domain.citations_as_text import plain_text_without_citations
from nioc_paper.model import ENTRY_LISTS, Chapter, ListEntry, Node, Paper, free_name
from nioc_paper.tree.own_markdown import EQUATION, is_equation
from nioc_paper.tree.strategy_items import read_item
from nioc_paper.wording import Wording, localized_digits, numbered_label, wording_for

_GAP_MARK = "G"
"""Mark in the numbers of gaps, TF-G1: the recommendation TF-1 may close another one."""
DATA_LIST = "list-data"
"""Key of the target that names the place of printed chart data."""
_NAMED_LISTS = {"data": DATA_LIST, "glossary": GLOSSARY}
"""Keys of targets by list: the text links to what these lists print."""
_PLAIN_TYPES = tree.WORD_TYPES | {"Para", "Plain"}
_NUMBERED_TYPES = frozenset(("Header", "Figure", "Table", "Div"))
"""Types of blocks that may get a number."""


_WHOLE_PAPER_ITEMS = ("objective", "risk")
"""Kinds of items that are counted through the paper, without the letters of a category."""
_NUMBERED_ITEMS = ("recommendation", "gap", *_WHOLE_PAPER_ITEMS)


class PrintedPart(NamedTuple):
    """Part of the paper as printed: its chapters that exist, each once."""

    matter: str
    """`front`, `main` or `back`: chapters of main matter are numbered."""
    title: str
    """Title; empty for a part without a page of its own."""
    chapters: Sequence[Chapter]


class NumberedTarget(NamedTuple):
    """Target of references: kind and number; the title names a target without number."""

    kind: str
    number: str
    title: str = ""


class Numbers(Struct):
    """Targets by id, and the lists of contents in print order."""

    targets: dict[str, NumberedTarget] = field(default_factory=dict)
    """Targets by id."""
    contents: list[ListEntry] = field(default_factory=list)
    figures: list[ListEntry] = field(default_factory=list)
    tables: list[ListEntry] = field(default_factory=list)
    recommendations: list[ListEntry] = field(default_factory=list)
    title_blocks: dict[str, tuple[Chapter, Sequence[Node]]] = field(default_factory=dict)
    """Titles by id that are more than plain words: their references need the numbers of the whole paper."""

    def format_labels(self, words: Wording) -> dict[str, str]:
        """Return labels by id in a language: "Figure 3.2", "section 4.2", "Recommendation TU-1"."""
        return {
            name: numbered_label(it.kind, it.number, words) if it.number else words["quoted"].format(it.title)
            for name, it in self.targets.items()
        }

    def format_numbers(self, words: Wording) -> dict[str, str]:
        """Return numbers by id in the digits of a language: "3.2", "TU-1"; targets without number are left out."""
        return {name: localized_digits(it.number, words) for name, it in self.targets.items() if it.number}


def assign_heading_ids(chapters: Sequence[Chapter]) -> dict[str, list[Node]]:
    """Return the chapters' trees by path, with an id on every heading; all ids are unique in the paper."""
    used_ids = {name[1:] for c in chapters for name in c.names if name[0] == "#"} | {f"sec-{c.id}" for c in chapters}

    def with_heading_id(chapter: Chapter, node: Node) -> Node:
        if node["t"] != "Header" or tree.identifier(node):
            return node
        slug = re.sub(r"[\W_]+", "-", tree.plain_text(node).lower()).strip("-") or "heading"
        used_ids.add(name := free_name(f"sec-{chapter.id}-{slug}", used_ids))
        return tree.with_id(node, name)

    def with_heading_ids(chapter: Chapter, block: Node) -> Node:
        # A block without a heading is shared with the chapter: to copy all took 0.3 s for 1,500 pages.
        if all(node["t"] != "Header" for node in tree.walk_blocks(block)):
            return block
        return tree.rewrite(partial(with_heading_id, chapter), block, skip_types=tree.TEXT_TYPES)

    return {
        c.path: [with_heading_ids(c, block) for block in c.blocks] if "Header#" in c.names else list(c.blocks)
        for c in chapters
    }


def assign_numbers(paper: Paper, parts: Sequence[PrintedPart], trees: Mapping[str, list[Node]]) -> Numbers:
    """Return all numbers. `parts` are in print order; `trees` are those of the chapters, by path."""
    numbers, letter_counts, count, unnumbered_counts = Numbers(), Counter[str](), 0, Counter[str]()
    for index, (matter, title, chapters) in enumerate(parts):
        if title:
            numbers.contents.append(ListEntry(0, "", title, f"part-{index}"))
        for chapter in chapters:
            count += matter == "main"
            chapter_number = str(count) if matter == "main" else ""
            chapter_id = f"sec-{chapter.id}"
            numbers.targets[chapter_id] = NumberedTarget("chapter", chapter_number, chapter.front.title)
            chapter_numberer = _ChapterNumberer(
                paper, chapter, chapter_number, numbers, letter_counts, unnumbered_counts
            )
            entry = chapter_numberer.make_entry(1, chapter_number, chapter.front.title, chapter_id)
            numbers.contents.append(replace(entry, summary=chapter.front.summary or ""))
            chapter_numberer.number_blocks(trees[chapter.path])
    for position, annex in enumerate(paper.settings.annexes):
        letter, name = chr(ord("A") + position % 26), f"annex-{annex.list}"
        numbers.targets[name] = NumberedTarget("annex", letter)
        if annex.list in _NAMED_LISTS:
            numbers.targets[_NAMED_LISTS[annex.list]] = numbers.targets[name]
        numbers.contents.append(ListEntry(1, letter, annex.title, name))
    return _with_titles(numbers, paper)


def _with_titles(numbers: Numbers, paper: Paper) -> Numbers:
    """Return the numbers with references and facts filled into the titles of targets and lists."""
    labels = {
        language: numbers.format_labels(wording_for(language, paper.settings.own_words))
        for language in {chapter.language for chapter, _ in numbers.title_blocks.values()}
    }

    def fill_title(chapter: Chapter, blocks: Sequence[Node]) -> str:
        words = wording_for(chapter.language, paper.settings.own_words)
        references = CrossReferences(paper, words, labels[chapter.language])
        resolved = repeat_blocks(InlineResolver(references, chapter), blocks)
        return plain_text_without_citations(resolved, paper.references)

    titles = {name: fill_title(*title) for name, title in numbers.title_blocks.items()}
    targets = {name: t._replace(title=titles.get(name, t.title)) for name, t in numbers.targets.items()}
    lists = {
        name: [replace(entry, title=titles.get(entry.id, entry.title)) for entry in getattr(numbers, name)]
        for name in ENTRY_LISTS
    }
    return replace(numbers, targets=targets, **lists)


class _ChapterNumberer(Struct):
    """Numberer of one chapter. Counters of letters run through the paper: two chapters may share letters."""

    paper: Paper
    chapter: Chapter
    chapter_number: str
    numbers: Numbers
    letter_counts: Counter[str]
    unnumbered_counts: Counter[str]
    section_counts: list[int] = field(default_factory=lambda: [0, 0])
    float_counts: Counter[str] = field(default_factory=Counter)
    in_unnumbered_section: bool = False
    """Whether the section has no number: its subsections have none either."""

    @property
    def words(self) -> Wording:
        return wording_for(self.chapter.language, self.paper.settings.own_words)

    def make_entry(self, level: int, own_number: str, title: str, target_id: str, label: str = "") -> ListEntry:
        """Return an entry of a list, in the chapter's language."""
        language = self.chapter.language if self.chapter.language != self.paper.settings.language else ""
        return ListEntry(level, localized_digits(own_number, self.words), title, target_id, label, language)

    def number_equations(self, blocks: Sequence[Node]) -> None:
        if any(anchor.kind == "eq" for anchor in self.chapter.anchors):
            for node in filter(is_equation, tree.walk(blocks)):
                self.numbers.targets[tree.identifier(node)] = NumberedTarget(EQUATION, self.next_number(EQUATION))

    def number_blocks(self, blocks: Sequence[Node]) -> None:
        self.number_equations(blocks)
        for node in tree.walk_blocks(blocks):
            if node["t"] not in _NUMBERED_TYPES:
                continue
            if node["t"] == "Header":
                self.number_section(node)
            elif node["t"] == "Figure" or tree.is_div(node, "figure") or self.becomes_chart(node):
                self.number_float("figure", node, self.numbers.figures)
            elif (node["t"] == "Table" and tree.caption(node)) or tree.is_div(node, "table"):
                self.number_float("table", node, self.numbers.tables)
            elif caption := self.list_caption(node):
                entry = self.register_target("table", self.next_number("table"), caption, tree.identifier(node))
                self.numbers.tables.append(entry)
            elif list_key := tree.is_div(node, "generated") and _NAMED_LISTS.get(tree.attributes(node).get("list", "")):
                here = NumberedTarget("chapter", self.chapter_number, self.chapter.front.title)
                self.numbers.targets.setdefault(list_key, here)
            elif kind := next((kind for kind in _NUMBERED_ITEMS if tree.is_div(node, kind)), ""):
                self.number_item(kind, node)

    def becomes_chart(self, node: Node) -> bool:
        """Return whether a block with an id becomes a chart generated from the registers."""
        return bool(tree.identifier(node) and generated_charts.requested_chart(node, self.paper))

    def list_caption(self, node: Node) -> str:
        """Return the caption of a generated list that is a table and has an id; empty for every other node."""
        name = tree.attributes(node).get("list", "") if tree.is_div(node, "generated") else ""
        has_rows = any(chapter.items_of_kind("recommendation") for chapter in self.paper.chapters)
        return self.words.get(f"caption_{name}", "") if tree.identifier(node) and has_rows else ""

    def number_section(self, node: Node) -> None:
        level, (name, classes, _), inlines = node["c"]
        title, own_number = self.plain_title(name, [tree.plain_block(inlines)]), ""
        is_below_unnumbered = level > 2 and self.in_unnumbered_section
        if level == 2:
            self.in_unnumbered_section = "unnumbered" in classes
        if self.chapter_number and level in (2, 3) and "unnumbered" not in classes and not is_below_unnumbered:
            self.section_counts = (
                [self.section_counts[0] + 1, 0] if level == 2 else [self.section_counts[0], self.section_counts[1] + 1]
            )
            own_number = ".".join([self.chapter_number, *(str(n) for n in self.section_counts[: level - 1])])
        self.numbers.targets[name] = NumberedTarget("section", own_number, title)
        if level == 2 and "unlisted" not in classes:
            self.numbers.contents.append(self.make_entry(2, own_number, title, name))

    def number_float(self, kind: str, node: Node, entries: list[ListEntry]) -> None:
        name, own_number = tree.identifier(node), self.next_number(kind)
        entries.append(self.register_target(kind, own_number, self.plain_title(name, caption_blocks(node)[:1]), name))

    def next_number(self, kind: str) -> str:
        """Return the next number of a figure, table or equation in the chapter."""
        if self.chapter_number:
            self.float_counts[kind] += 1
            return f"{self.chapter_number}.{self.float_counts[kind]}"
        # Figures outside numbered chapters are counted through the paper.
        self.unnumbered_counts[kind] += 1
        return str(self.unnumbered_counts[kind])

    def number_item(self, kind: str, node: Node) -> None:
        name = tree.identifier(node)
        prefix = "" if kind in _WHOLE_PAPER_ITEMS else f"{self.category_letters(name)}-"
        self.letter_counts[f"{kind} {prefix}"] += 1
        mark = _GAP_MARK if kind == "gap" else ""
        own_number = f"{prefix}{mark}{self.letter_counts[f'{kind} {prefix}']}"
        entry = self.register_target(
            kind, own_number, self.plain_title(name, read_item(node, self.chapter.path).blocks), name
        )
        if kind == "recommendation":
            self.numbers.recommendations.append(entry)

    def plain_title(self, target_id: str, blocks: Sequence[Node]) -> str:
        """Return the plain text of a title; one with other nodes than words is filled when all numbers are known."""
        if any(node["t"] not in _PLAIN_TYPES for node in tree.walk(blocks)):
            self.numbers.title_blocks[target_id] = self.chapter, blocks
        return tree.plain_text(blocks)

    def register_target(self, kind: str, own_number: str, title: str, target_id: str) -> ListEntry:
        """Register the number of a target; return its entry for a list."""
        self.numbers.targets[target_id] = NumberedTarget(kind, own_number, title)
        return self.make_entry(2, own_number, title, target_id, numbered_label(kind, own_number, self.words))

    def category_letters(self, target_id: str) -> str:
        """Return the letters of the chapter's category; without a category, those of its ids."""
        category = self.chapter.front.category
        letters_of_category = next((c.letters for c in self.paper.settings.categories if c.id == category), "")
        id_match = re.match(r"[a-z]+-([a-z]{1,4})-", target_id)
        return letters_of_category or (id_match[1].upper() if id_match else self.chapter.id[:2].upper())
