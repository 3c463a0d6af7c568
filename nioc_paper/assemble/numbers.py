"""Every number of the paper, given once: chapters, sections, figures, tables, recommendations, gaps, annexes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from nioc_paper import tree
from nioc_paper.assemble.lists import pictures
from nioc_paper.assemble.lists.cells import caption
from nioc_paper.model import Chapter, Entry, Node, Paper
from nioc_paper.wording import Words, called, digits, labels

DATA = "list-data"
"""Stands for where the data of the charts are printed, if they are."""


class PrintedPart(NamedTuple):
    """A part of the paper as it is printed: with the chapters that are there, each once."""

    matter: str
    """`front`, `main` or `back`: chapters of main matter are numbered."""
    title: str
    """Empty for a part without a page of its own."""
    chapters: Sequence[Chapter]


class Named(NamedTuple):
    """What something with an id is: a figure, a section …, with its number, or with its title where it has none."""

    kind: str
    number: str
    title: str = ""


@dataclass(slots=True)
class Numbers:
    """What each id is called, and the lists of contents made on the way."""

    named: dict[str, Named] = field(default_factory=dict)
    """By id."""
    contents: list[Entry] = field(default_factory=list)
    figures: list[Entry] = field(default_factory=list)
    tables: list[Entry] = field(default_factory=list)
    recommendations: list[Entry] = field(default_factory=list)

    def labels(self, words: Words) -> dict[str, str]:
        """By id, in the words of a language: "Figure 3.2", "section 4.2", "Recommendation TU-1"."""
        return {
            name: called(it.kind, it.number, words) if it.number else words["quoted"].format(it.title)
            for name, it in self.named.items()
        }

    def numbers(self, words: Words) -> dict[str, str]:
        """By id, in the digits of a language: "3.2", "TU-1"; of what has a number."""
        return {name: digits(it.number, words) for name, it in self.named.items() if it.number}


def identify(chapters: Sequence[Chapter]) -> dict[str, list[Node]]:
    """The chapters' trees by path, with an id on every heading that has none; all ids are unique in the paper."""
    taken = {tree.identifier(n) for c in chapters for n in tree.walk(c.blocks)} | {f"sec-{c.id}" for c in chapters}

    def fresh(wanted: str) -> str:
        name, count = wanted, 1
        while name in taken:
            count += 1
            name = f"{wanted}-{count}"
        taken.add(name)
        return name

    def change(chapter: Chapter, node: Node) -> Node:
        if node["t"] == "Header" and not tree.identifier(node):
            level, attr, inlines = node["c"]
            slug = re.sub(r"[\W_]+", "-", tree.plain(inlines).lower()).strip("-") or "heading"
            return {**node, "c": [level, [fresh(f"sec-{chapter.id}-{slug}"), *attr[1:]], inlines]}
        return node

    return {c.path: tree.rewrite(partial(change, c), c.blocks, leave=tree.TEXT) for c in chapters}


def number(paper: Paper, parts: Sequence[PrintedPart], trees: Mapping[str, list[Node]]) -> Numbers:
    """Number everything. `parts` are in print order; `trees` are those of the chapters, by path."""
    numbers, letters, count, loose = Numbers(), Counter[str](), 0, Counter[str]()
    for index, (matter, title, chapters) in enumerate(parts):
        if title:
            numbers.contents.append(Entry(0, "", title, f"part-{index}"))
        for chapter in chapters:
            count += matter == "main"
            own = str(count) if matter == "main" else ""
            chapter_id = f"sec-{chapter.id}"
            numbers.named[chapter_id] = Named("chapter", own, chapter.front.title)
            here = _Chapter(paper, chapter, own, numbers, letters, loose)
            numbers.contents.append(here.entry(1, own, chapter.front.title, chapter_id))
            here.walk(trees[chapter.path])
    for position, annex in enumerate(paper.settings.annexes):
        letter, name = chr(ord("A") + position % 26), f"annex-{annex.list}"
        numbers.named[name] = Named("annex", letter)
        if annex.list == "data":
            numbers.named[DATA] = numbers.named[name]
        numbers.contents.append(Entry(1, letter, annex.title, name))
    return numbers


@dataclass(slots=True)
class _Chapter:
    """Numbers one chapter. Counters of letters run through the paper: two chapters may share them."""

    paper: Paper
    chapter: Chapter
    own: str
    numbers: Numbers
    letters: Counter[str]
    loose: Counter[str]
    sections: list[int] = field(default_factory=lambda: [0, 0])
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def words(self) -> Words:
        return labels(self.chapter.language)

    def entry(self, level: int, own: str, title: str, name: str, label: str = "") -> Entry:
        """A line in a list, in the chapter's language."""
        language = self.chapter.language if self.chapter.language != self.paper.settings.language else ""
        return Entry(level, digits(own, self.words), title, name, label, language)

    def walk(self, blocks: Sequence[Node]) -> None:
        for node in tree.blocks(blocks):
            if node["t"] == "Header":
                self.section(node)
            elif node["t"] == "Figure" or tree.is_div(node, "figure") or self.pictured(node):
                self.float("figure", node, self.numbers.figures)
            elif (node["t"] == "Table" and node["c"][1][1]) or tree.is_div(node, "table"):
                self.float("table", node, self.numbers.tables)
            elif tree.is_div(node, "generated") and tree.values(node).get("list") == "data":
                self.numbers.named.setdefault(DATA, Named("chapter", self.own, self.chapter.front.title))
            elif tree.is_div(node, "recommendation"):
                self.item("recommendation", node)
            elif tree.is_div(node, "gap"):
                self.item("gap", node)

    def pictured(self, node: Node) -> bool:
        """Whether a block becomes a picture that is made from the registers, with an id by which it is known."""
        return bool(tree.identifier(node) and pictures.name_of(node, self.paper))

    def section(self, node: Node) -> None:
        level, (name, *_), inlines = node["c"]
        title, own = tree.plain(inlines), ""
        if self.own and level in (2, 3):
            self.sections = [self.sections[0] + 1, 0] if level == 2 else [self.sections[0], self.sections[1] + 1]
            own = ".".join([self.own, *(str(n) for n in self.sections[: level - 1])])
        self.numbers.named[name] = Named("section", own, title)
        if level == 2:
            self.numbers.contents.append(self.entry(2, own, title, name))

    def float(self, kind: str, node: Node, entries: list[Entry]) -> None:
        name = tree.identifier(node)
        if self.own:
            self.counts[kind] += 1
            own = f"{self.own}.{self.counts[kind]}"
        else:
            # Outside the numbered chapters figures are counted through.
            self.loose[kind] += 1
            own = str(self.loose[kind])
        entries.append(self.named(kind, own, _without_citations(caption(node)[:1]), name))

    def item(self, kind: str, node: Node) -> None:
        name = tree.identifier(node)
        letters = self.prefix(name)
        self.letters[f"{kind} {letters}"] += 1
        own = f"{letters}-{self.letters[f'{kind} {letters}']}"
        first = next((b for b in node["c"][1] if b["t"] in ("Para", "Plain")), None)
        entry = self.named(kind, own, _without_citations(first["c"]) if first else "", name)
        if kind == "recommendation":
            self.numbers.recommendations.append(entry)

    def named(self, kind: str, own: str, title: str, name: str) -> Entry:
        """Give something its number; its line in a list."""
        self.numbers.named[name] = Named(kind, own, title)
        return self.entry(2, own, title, name, called(kind, own, self.words))

    def prefix(self, name: str) -> str:
        """The letters of the chapter's category; for a chapter of none those that its ids have."""
        category = self.chapter.front.category
        given = next((c.letters for c in self.paper.settings.categories if c.id == category), "")
        found = re.match(r"[a-z]+-([a-z]{1,4})-", name)
        return given or (found[1].upper() if found else self.chapter.id[:2].upper())


def _without_citations(inlines: Sequence[Node]) -> str:
    """The words for a list of contents: a source there would be a second time what it is in the text."""
    words = tree.plain(tree.rewrite(lambda n: None if n["t"] in ("Cite", "Note") else n, inlines))
    return re.sub(r"\s+([.,;])", r"\1", words)
