"""A `Paper` to a `Document`: one tree with every number given, every reference filled, every list made. Pure.

Chapters are joined as trees, never as text: joined texts would mix up their footnotes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from nioc_paper import tree
from nioc_paper.assemble.crossref import CrossReferences
from nioc_paper.assemble.extract import cites, only, with_blocks
from nioc_paper.assemble.fill import Filler
from nioc_paper.assemble.lists import LISTS, Context
from nioc_paper.assemble.lists.people import credited, standing
from nioc_paper.assemble.markings import label, marked
from nioc_paper.assemble.numbers import identify
from nioc_paper.assemble.paragraphs import numbered
from nioc_paper.assemble.proposals import tracked
from nioc_paper.assemble.quotes import quoted
from nioc_paper.assemble.whole import Whole, flowing, whole
from nioc_paper.model import AUDIENCES, Chapter, Copy, Document, Entry, History, Node, Paper
from nioc_paper.wording import Words, direction, head

__all__ = ["again", "assemble", "joined", "only", "whole"]

_COPY = Copy()
_BIBLIOGRAPHY = "references"


def assemble(paper: Paper, history: History, timestamp: int | None = None, copy: Copy = _COPY) -> Document:
    """The whole paper, as far as the audience of the copy may read it.

    `timestamp` (seconds since the epoch) overrides the commit's date as that of every output.
    """
    return joined(whole(paper, history, copy), timestamp)


def joined(read: Whole, timestamp: int | None = None) -> Document:
    """The document of a paper in which everything has its number."""
    words, numbers, history = read.context.words, read.numbers, read.context.history
    blocks = [*_parts(read), *_annexes(read.references, read.context)]
    if read.copy.review:
        blocks = [*numbered(blocks, numbers.named, words)]
    cited = cites(blocks)
    blocks += [_bibliography(words)] if cited else []
    made = replace(
        with_blocks(read.document(timestamp), blocks),
        contents=(*numbers.contents, *([Entry(1, "", words["references"], _BIBLIOGRAPHY)] if cited else [])),
        figures=tuple(numbers.figures),
        tables=tuple(numbers.tables),
        recommendations=tuple(numbers.recommendations),
        credits=tuple(credited(read.context)),
        standing=standing(read.context),
        versions=history.versions,
    )
    return tracked(made, words) if read.copy.review else made


def _parts(read: Whole) -> Iterator[Node]:
    for index, (matter, title, chapters) in enumerate(read.parts):
        if title and chapters:
            yield tree.div([tree.header(1, tree.text(title), "part", id=f"part-{index}")], "part")
        for chapter in chapters:
            yield _printed(read, matter, chapter)


def _printed(read: Whole, matter: str, chapter: Chapter) -> Node:
    here = read.said_in(chapter.language)
    own = quoted(read.trees[chapter.path], chapter.language)
    filled = tree.rewrite(Filler(here.references, here.context, chapter).node, own, leave=tree.WORDS)
    finish = partial(_finish, references=here.references, context=here.context)
    blocks = tree.rewrite(finish, filled, leave=tree.TEXT)
    return _chapter(chapter, "front" if matter == "front" else "chapter", blocks, here.context)


def again(read: Whole, chapter: Chapter) -> Node | None:
    """A chapter that has changed, with the numbers of before: what is new in it has none yet. None for one in no part.

    It takes a moment where all of the paper takes a second, and somebody waits to see what was just written.
    """
    matter = next((part.matter for part in read.parts if chapter.path in {c.path for c in part.chapters}), None)
    if matter is None:
        return None
    (own,) = marked(replace(read.context.paper, chapters=(flowing(chapter),))).chapters
    return _printed(replace(read, trees=identify([own])), matter, own)


def _chapter(chapter: Chapter, kind: str, blocks: Sequence[Node], context: Context) -> Node:
    name, settings = f"sec-{chapter.id}", context.paper.settings
    title = tree.header(1, _numbered(chapter.front.title, context.numbers.get(name, "")), id=name)
    summary = [tree.div([tree.para(tree.text(chapter.front.summary))], "summary")] if chapter.front.summary else []
    titles = {s.id: s.title for s in settings.statuses}
    data = {
        "data-path": chapter.path,
        "data-status": titles.get(chapter.front.status, chapter.front.status),
        "data-lead": f"{context.words['comma']} ".join(filter(None, map(context.paper.name, chapter.leads))),
    }
    if chapter.language != settings.language:
        data |= {"lang": chapter.language, "dir": direction(chapter.language)}
    level: str = chapter.front.sensitivity
    mark = [label(level, context.words)] if level != AUDIENCES[0] else []
    return tree.div([title, *mark, *summary, *blocks], kind, id=f"chapter-{chapter.id}", values=data)


def _finish(node: Node, references: CrossReferences, context: Context) -> Node | list[Node]:
    """Headings get their number, and lists are made now that everything has one."""
    if node["t"] == "Header":
        level, attr, inlines = node["c"]
        return {**node, "c": [level, attr, [*_mark(context.numbers.get(attr[0], "")), *inlines]]}
    if tree.is_div(node, "generated"):
        make = LISTS.get(tree.values(node).get("list", ""))
        return references.fill(make(context)) if make else []
    return node


def _numbered(title: str, own: str) -> list[Node]:
    return [*_mark(own), *tree.text(title)]


def _mark(own: str) -> list[Node]:
    return [tree.span([{"t": "Str", "c": own}], "number"), {"t": "Space"}] if own else []


def _annexes(references: CrossReferences, context: Context) -> Iterator[Node]:
    for annex in context.paper.settings.annexes:
        name = f"annex-{annex.list}"
        if make := LISTS.get(annex.list):
            own = f"{head(context.words, 'annex')} {context.numbers[name]}"
            title = tree.header(1, _numbered(annex.title, own), id=name)
            yield tree.div([title, *references.fill(make(context))], "annex", id=f"chapter-{name}")


def _bibliography(words: Words) -> Node:
    """Where citeproc puts the bibliography."""
    heading = tree.header(1, tree.text(words["references"]), id=_BIBLIOGRAPHY)
    return tree.div([heading, tree.div([], id="refs")], "references", id="chapter-references")
