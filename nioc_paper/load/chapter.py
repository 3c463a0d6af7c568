"""A chapter's file to a `Chapter`: front matter, tree, and the views of the tree that rules and outputs ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from nioc_paper.cache import Cache
from nioc_paper.items import item
from nioc_paper.load import assets, body, text
from nioc_paper.load.charts import chart
from nioc_paper.load.outline import Outline
from nioc_paper.load.records import build
from nioc_paper.load.tables import table
from nioc_paper.load.yaml import read as read_yaml
from nioc_paper.model import (
    Anchor,
    Chapter,
    Citation,
    Diagnostic,
    FrontMatter,
    Heading,
    Image,
    Link,
    Place,
    Report,
    Suggestion,
)


def load(
    root: Path, path: str, category_key: str, cache: Cache, report: Report, unsaved: Mapping[str, str] = {}
) -> Chapter | None:
    """A chapter, however broken: what cannot be read is reported and left out. None when nothing can be read."""
    raw = text.read(root, path, report, unsaved)
    if raw is None:
        return None
    head, below, first = text.split(raw, path, report)
    front = _front(head, path, category_key, cache, report, fenced=first > 1)
    return _read(root, Chapter(path, front, raw, first), below, cache, report)


def note(root: Path, path: str, front: FrontMatter, cache: Cache, report: Report) -> Chapter | None:
    """A text without front matter, which stands in no paper, with the one given. None when nothing can be read."""
    raw = text.read(root, path, report)
    return None if raw is None else _read(root, Chapter(path, front, raw), raw, cache, report)


def _read(root: Path, chapter: Chapter, below: str, cache: Cache, report: Report) -> Chapter:
    """A chapter with all that is seen in its text."""
    path = chapter.path
    brief, blocks, suggested = body.read(below, path, cache, report)

    def place(at: Sequence[int]) -> Place:
        return Place(path, *at)

    charts = [chart(root, path, name, code, place(at), report, cache) for name, code, at in brief["charts"]]
    tables = [table(root, path, name, code, place(at), report, cache) for name, code, at in brief["tables"]]
    return Chapter(
        path,
        chapter.front,
        chapter.text,
        chapter.body_line,
        blocks,
        brief["words"],
        tuple(Heading(level, title, name, words, place(at)) for level, title, name, words, at in brief["headings"]),
        tuple(Citation(name, place(at)) for name, at in brief["citations"]),
        tuple(Anchor(name, kind, place(at)) for name, kind, at in brief["anchors"]),
        tuple(Link(target, place(at), assets.link(root, path, target)) for target, at in brief["links"]),
        tuple(_images(brief, root, path, cache, report)),
        tuple(filter(None, charts)),
        tuple(filter(None, tables)),
        tuple(item(node, path) for node in brief["items"]),
        suggestions=tuple(Suggestion(kind, words, place(at)) for kind, words, at in brief["suggestions"]),
        suggested=suggested,
    )


def _front(head: str, path: str, category_key: str, cache: Cache, report: Report, *, fenced: bool) -> FrontMatter:
    data = read_yaml(head, path, report, cache)
    if isinstance(data.value, dict) and category_key in data.value:
        # The paper names its own key; the model's name for it stays out of messages.
        data.value["category"] = data.value.pop(category_key)
        for table in (data.marks, data.keys):
            if (category_key,) in table:
                table["category",] = table[category_key,]
    front = build(FrontMatter, data, path, report)
    # Without its fences the whole front matter is missing, and that has been said.
    given = {} if data.value is None and fenced else data.value
    if isinstance(given, dict) and not data.broken:
        for name in FrontMatter.required:
            if not given.get(name):
                shown = category_key if name == "category" else name
                hint = f"add '{shown}: …' to the front matter"
                report(Diagnostic(Place(path), "missing-key", f"the key '{shown}' is missing", hint=hint))
    return front if front.id else front.changed(id=PurePosixPath(path).stem)


def _images(brief: Outline, root: Path, path: str, cache: Cache, report: Report) -> Iterator[Image]:
    for target, alt, at in brief["images"]:
        found = assets.image(root, path, target, cache, report)
        if isinstance(found, str):
            yield Image(target, alt, Place(path, *at), problem=found)
        else:
            yield Image(target, alt, Place(path, *at), found)
