"""A `Paper` to a `Document`: one tree with every number given, every reference filled, every list made. Pure.

Chapters are joined as trees, never as text: joined texts would mix up their footnotes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from nioc_paper import tree
from nioc_paper.assemble.crossref import CrossReferences
from nioc_paper.assemble.fill import Filler
from nioc_paper.assemble.lists import LISTS, Context
from nioc_paper.assemble.numbers import PrintedPart, identify, number
from nioc_paper.model import Chapter, Copy, Document, Entry, History, Node, Paper
from nioc_paper.wording import Words, head, labels

_EPOCH = 315532800
"""1980-01-01, the first day that a zip file knows: the date of outputs of a paper that is not in git."""
_COPY = Copy()
_BIBLIOGRAPHY = "references"


def assemble(paper: Paper, history: History, timestamp: int | None = None, copy: Copy = _COPY) -> Document:
    """The whole paper, as far as the audience of the copy may read it.

    `timestamp` (seconds since the epoch) overrides the commit's date as that of every output.
    """
    by_path = {c.path: c for c in paper.chapters}
    parts = [
        PrintedPart(part.matter, part.title or "", [by_path[p] for p in dict.fromkeys(part.chapters) if p in by_path])
        for part in paper.settings.parts
    ]
    chapters = [c for part in parts for c in part.chapters]
    trees = identify(chapters)
    numbers = number(paper, parts, trees)
    words = labels(paper.settings.language)
    context = Context(paper, chapters, history, words, numbers.labels(words), numbers.numbers(words))
    references = CrossReferences(paper, words, context.labels)
    blocks = [*_parts(parts, trees, references, context), *_annexes(references, context), _bibliography(words)]
    contents = [*numbers.contents, Entry(1, "", words["references"], _BIBLIOGRAPHY)]
    settings = paper.settings
    return Document(
        id=settings.id,
        title=settings.title,
        subtitle=settings.subtitle or "",
        edition=settings.edition or "",
        publisher=paper.name(settings.publisher) if settings.publisher else "",
        rights=settings.rights or "",
        language=settings.language,
        date=history.on,
        timestamp=next((t for t in (timestamp, history.timestamp) if t is not None), _EPOCH),
        version=_version(history, words),
        authors=(paper.name(settings.publisher),) if settings.publisher else (),
        copy=copy,
        draft=copy.review or any(settings.rank(c.front.status) < len(settings.statuses) - 1 for c in chapters),
        blocks=tuple(blocks),
        contents=tuple(contents),
        figures=tuple(numbers.figures),
        tables=tuple(numbers.tables),
        recommendations=tuple(numbers.recommendations),
        references=tuple(r.csl() for r in paper.references.values()),
        charts={f"chart:{c.id}": c for chapter in chapters for c in chapter.charts},
        assets={i.asset.path: i.asset for chapter in chapters for i in chapter.images if i.asset},
    )


def only(document: Document, chapter: str) -> Document:
    """One chapter of an assembled paper, with the numbers it has in the whole; references out of it become text."""
    kept = [b for b in document.blocks if tree.identifier(b) in (f"chapter-{chapter}", "chapter-references")]
    there = {tree.identifier(n) for n in tree.walk(kept)}

    def change(node: Node) -> Node | list[Node]:
        target = node["c"][2][0] if node["t"] == "Link" else ""
        return list(node["c"][1]) if target.startswith("#") and target[1:] not in there else node

    def inside(entries: Sequence[Entry]) -> tuple[Entry, ...]:
        return tuple(e for e in entries if e.id in there)

    return replace(
        document,
        id=f"{document.id}-{chapter}",
        blocks=tuple(tree.rewrite(change, kept)),
        contents=inside(document.contents),
        figures=inside(document.figures),
        tables=inside(document.tables),
        recommendations=inside(document.recommendations),
    )


def _parts(
    parts: Sequence[PrintedPart],
    trees: Mapping[str, list[Node]],
    references: CrossReferences,
    context: Context,
) -> Iterator[Node]:
    for index, (matter, title, chapters) in enumerate(parts):
        if title and chapters:
            yield tree.div([tree.header(1, tree.text(title), "part", id=f"part-{index}")], "part")
        for chapter in chapters:
            filled = tree.rewrite(Filler(references, chapter).node, trees[chapter.path])
            blocks = tree.rewrite(lambda node: _finish(node, references, context), filled)
            yield _chapter(chapter, "front" if matter == "front" else "chapter", blocks, context)


def _chapter(chapter: Chapter, kind: str, blocks: Sequence[Node], context: Context) -> Node:
    name, settings = f"sec-{chapter.id}", context.paper.settings
    title = tree.header(1, _numbered(chapter.front.title, context.numbers.get(name, "")), id=name)
    summary = [tree.div([tree.para(tree.text(chapter.front.summary))], "summary")] if chapter.front.summary else []
    titles = {s.id: s.title for s in settings.statuses}
    data = {
        "data-path": chapter.path,
        "data-status": titles.get(chapter.front.status, chapter.front.status),
        "data-lead": ", ".join(map(context.paper.name, chapter.leads)),
    }
    return tree.div([title, *summary, *blocks], kind, id=f"chapter-{chapter.id}", values=data)


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


def _version(history: History, words: Words) -> str:
    """The tag of this commit, or the commit itself."""
    if history.commit is None:
        return ""
    return history.commit[:10] + (f" {words['with_changes']}" if history.dirty else "")
