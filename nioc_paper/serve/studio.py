"""The pages of a paper that somebody is writing: made once, and then only what has changed.

A change of one chapter is shown twice: at once with the numbers of before, and then again with all that it changes in
others. What is broken leaves the page as it was: a finding says why.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from pathlib import Path

from nioc_paper import git, tree
from nioc_paper.assemble import again, joined, whole
from nioc_paper.assemble.whole import Whole
from nioc_paper.check import check
from nioc_paper.load import load, means
from nioc_paper.load.chapter import load as load_chapter
from nioc_paper.lsp.reading import Memory, Today
from nioc_paper.model import AUDIENCES, Chapter, Chart, Copy, Diagnostic, Document, Node, Paper, Standing
from nioc_paper.progress import progress
from nioc_paper.render.site.pages import Page, Plan, plan
from nioc_paper.render.site.text import picture, sources, text
from nioc_paper.render.write import cited, cited_in

EVERY = "*"
"""Stands for all pages: what is around their text has changed."""
_UNREADABLE = frozenset(("unreadable-passage", "missing-tool"))


@dataclass(frozen=True)
class State:
    """The paper as it is shown: never half of one and half of another."""

    paper: Paper
    read: Whole
    document: Document
    plan: Plan
    sources: Mapping[str, Node]
    shared: str
    """Stands for what the texts of all pages hang on: where everything is, and the sources."""
    standing: Standing
    """How far the paper is; its past would take too long."""
    texts: Mapping[str, str]
    """By page its text as HTML."""
    uncited: Sequence[Node]
    """The blocks of the document before its citations were set."""


@dataclass(frozen=True)
class Change:
    """What is to be shown anew."""

    pages: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    """Addresses."""

    def __bool__(self) -> bool:
        return bool(self.pages or self.pictures)


@dataclass
class Studio:
    """A paper and its pages. Its methods take their time.

    While `everything` is made, `chapter` may be called: what was begun before then gives up.
    """

    root: Path
    today: Today
    zone: Callable[[Paper], tzinfo]
    state: State | None = None
    findings: tuple[Diagnostic, ...] = ()
    kept: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By page a hash of what its text was made of, and the text."""

    def __post_init__(self) -> None:
        self.cache = Memory.of(self.root)

    def checked(self) -> Paper:
        """Read the paper, and find what is wrong with it."""
        found: list[Diagnostic] = []
        paper = _mended(self.root, load(self.root, found.append, self.cache), self.state, found)
        self.findings = tuple(check(paper, self.today(paper), found, self.cache, means()))
        return paper

    def everything(self, paper: Paper, stop: Callable[[], bool] = lambda: False) -> Change:
        """Make all that has changed. It gives up when it is told to stop, for there is something newer."""
        if not any(part.chapters for part in paper.settings.parts):
            return Change()
        history = git.history(self.root, self.zone(paper))
        self.findings = tuple(dict.fromkeys((*self.findings, *git.refusals(self.root))))
        standing = Standing(paper, progress(paper, history, self.today(paper)))
        read = whole(paper, history, Copy(audience=AUDIENCES[-1]))
        if stop():
            return Change()
        uncited = joined(read)
        if stop():
            return Change()
        document = cited(uncited, lambda _: None, self.cache)
        made, entries = plan(document), sources(document)
        state = State(paper, read, document, made, entries, _hash([made.homes, entries]), standing, {}, uncited.blocks)
        texts: dict[str, str] = {}
        for page in made.pages:
            if stop():
                return Change()
            texts[page.name] = self.text(page, document, state)
        if stop():
            return Change()
        before, self.state = self.state, replace(state, texts=texts)
        return _change(before, self.state)

    def chapter(self, path: str) -> Change:
        """Make one chapter's page again, with what is known of the others."""
        state, found = self.state, list[Diagnostic]()
        old = _chapter(state.paper, path) if state else None
        if state is None or old is None:
            return Change()
        new = load_chapter(self.root, path, state.paper.settings.category_key, self.cache, found.append)
        if new is None or _broken(new, old, found):
            return Change()
        node = again(state.read, replace(new, language=old.language))
        page = next((page for page in state.plan.pages if page.path == path), None)
        if node is None or page is None:
            return Change()
        charts = {**state.document.charts, **{f"chart:{chart.id}": chart for chart in new.charts}}
        uncited = tuple(node if _same(block, node) else block for block in state.uncited)
        page = replace(page, block=self.cited(replace(state.document, blocks=uncited), node))
        blocks = (page.block if _same(block, page.block) else block for block in state.document.blocks)
        document = replace(state.document, charts=charts, blocks=tuple(blocks))
        texts = {**state.texts, page.name: self.text(page, document, state)}
        self.state = replace(state, document=document, uncited=uncited, texts=texts)
        return _change(state, self.state)

    def cited(self, document: Document, node: Node) -> Node:
        """A chapter of a document with its citations: as in the whole, or as if it stood alone while these are new."""
        found = cited_in(document, document.blocks.index(node), self.cache) if node in document.blocks else None
        return found or cited(replace(document, blocks=(node,)), lambda _: None, self.cache).blocks[0]

    def text(self, page: Page, document: Document, state: State) -> str:
        """The text of a page, kept until what it is made of changes."""
        data = [chart.data for chart in document.charts.values() if chart.place.path == page.path]
        name = _hash([state.shared, page.block, data])
        if self.kept.get(page.name, ("", ""))[0] != name:
            self.kept[page.name] = name, text(page, document, state.plan, state.sources)
        return self.kept[page.name][1]


def _hash(what: object) -> str:
    return hashlib.blake2b(json.dumps(what, default=repr).encode()).hexdigest()


def _chapter(paper: Paper, path: str) -> Chapter | None:
    return next((chapter for chapter in paper.chapters if chapter.path == path), None)


def _same(one: Node, other: Node) -> bool:
    """Whether two blocks are the same chapter."""
    return bool(tree.identifier(one)) and tree.identifier(one) == tree.identifier(other)


def _broken(new: Chapter, old: Chapter, found: Iterable[Diagnostic]) -> bool:
    """Whether a chapter cannot be read as it is now."""
    unread = any(d.rule in _UNREADABLE and d.place.path == new.path for d in found)
    return unread or bool(old.front.title and not new.front.title)


def _mended(root: Path, paper: Paper, state: State | None, found: Iterable[Diagnostic]) -> Paper:
    """The paper with chapters that cannot be read as they were when they could."""
    if state is None:
        return paper
    chapters = {chapter.path: chapter for chapter in paper.chapters}
    for old in state.paper.chapters:
        new = chapters.get(old.path)
        if (root / old.path).is_file() and (new is None or _broken(new, old, found)):
            chapters[old.path] = old
    return replace(paper, chapters=tuple(chapters.values()))


def _change(before: State | None, after: State) -> Change:
    """What has changed from one state to another."""
    if before is None or _frame(before) != _frame(after):
        return Change((EVERY,))
    pages = tuple(name for name, html in after.texts.items() if before.texts.get(name) != html)
    return Change(pages, tuple(picture(target) for target in _redrawn(before.document, after.document)))


def _frame(state: State) -> object:
    """What all pages show besides their text."""
    document = state.document
    told = [(page.name, page.entry, page.summary, page.status, page.lead, page.credits) for page in state.plan.pages]
    return told, document.contents, document.title, document.subtitle, document.edition, state.paper.settings.site


def _redrawn(before: Document, after: Document) -> list[str]:
    def drawn(chart: Chart | None) -> object:
        return chart and chart.spec

    charts = [name for name, chart in after.charts.items() if drawn(before.charts.get(name)) != chart.spec]
    return charts + [name for name, asset in after.assets.items() if before.assets.get(name) != asset]
