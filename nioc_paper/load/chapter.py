"""Read a chapter's file into a `Chapter`: front matter, tree, and the views of the tree that rules and outputs use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from nioc_paper.domain.facts import find_references
from nioc_paper.load import assets, chapter_tree, source_text
from nioc_paper.load.cached_record import read_record
from nioc_paper.load.charts import read_chart
from nioc_paper.load.load_context import LoadContext
from nioc_paper.load.outline import ItemRow, Outline
from nioc_paper.load.tables import read_table
from nioc_paper.model import (
    Anchor,
    Chapter,
    Citation,
    Diagnostic,
    FrontMatter,
    Heading,
    Image,
    Item,
    ItemField,
    Link,
    Place,
    Suggestion,
)
from nioc_paper.system.schedule import noop


def load_chapter(context: LoadContext, path: str, category_key: str) -> Chapter | None:
    """Read a chapter. Reports and omits what cannot be read; returns None if nothing can."""
    raw = source_text.read_text(context.files, path, context.report)
    if raw is None:
        return None
    head, body_text, body_line = source_text.split_front_matter(raw, path, context.report)
    front = _read_front_matter(context, path, head, category_key, fenced=body_line > 1)
    return _read_chapter(context, Chapter(path, front, raw, body_line), body_text)


def is_cached(context: LoadContext, path: str) -> bool:
    """Return whether the tree of a chapter is in the cache. Reports nothing."""
    raw = source_text.read_text(context.files, path, noop)
    return raw is not None and chapter_tree.is_cached(source_text.split_front_matter(raw, path, noop)[1], context.cache)


def load_note(context: LoadContext, path: str, front: FrontMatter) -> Chapter | None:
    """Read a text of no paper, and give it front matter. Returns None if it cannot be read."""
    raw = source_text.read_text(context.files, path, context.report)
    return None if raw is None else _read_chapter(context, Chapter(path, front, raw), raw)


def _read_chapter(context: LoadContext, chapter: Chapter, body_text: str) -> Chapter:
    """Return the chapter with its tree and the views of it."""
    path = chapter.path
    outline, blocks, suggested = chapter_tree.parse_body(body_text, path, context.cache, context.report)

    def place(pos: Sequence[int]) -> Place:
        return Place(path, *pos)

    charts = [read_chart(context, path, name, code, place(pos)) for name, code, pos in outline["charts"]]
    tables = [read_table(context, path, name, code, place(pos)) for name, code, pos in outline["tables"]]
    return Chapter(
        path,
        chapter.front,
        chapter.text,
        chapter.body_line,
        blocks,
        outline["words"],
        tuple(Heading(level, title, name, words, place(pos)) for level, title, name, words, pos in outline["headings"]),
        tuple(Citation(name, place(pos)) for name, pos in outline["citations"]),
        tuple(Anchor(name, kind, place(pos)) for name, kind, pos in outline["anchors"]),
        tuple(
            Link(target, place(pos), assets.link_target_exists(context.files, path, target))
            for target, pos in outline["links"]
        ),
        tuple(_read_images(context, path, outline)),
        tuple(filter(None, charts)),
        tuple(filter(None, tables)),
        tuple(_to_item(ItemRow(*row), path) for row in outline["items"]),
        suggestions=tuple(Suggestion(kind, words, place(pos)) for kind, words, pos in outline["suggestions"]),
        suggested_body=suggested,
    )


def _read_front_matter(
    context: LoadContext, path: str, front_text: str, category_key: str, *, fenced: bool
) -> FrontMatter:
    front, missing, _ = read_record(FrontMatter, front_text, path, context, category_key)
    # Without fences the whole front matter is missing, which is reported already.
    for name in missing if fenced else ():
        # Papers name this key themselves: messages must not show the model's name for it.
        shown_key = category_key if name == "category" else name
        hint = f"add '{shown_key}: …' to the front matter"
        context.report(Diagnostic(Place(path), "missing-key", f"the key '{shown_key}' is missing", hint=hint))
    return front if front.id else front.replace(id=PurePosixPath(path).stem)


def _to_item(row: ItemRow, path: str) -> Item:
    fields = {name: ItemField(text, tuple(inlines), Place(path, *pos)) for name, text, inlines, pos in row.fields}
    place = Place(path, *row.position)
    return Item(row.kind, row.id, row.text, tuple(row.blocks), fields, row.attributes, place)


def _read_images(context: LoadContext, path: str, outline: Outline) -> Iterator[Image]:
    for target, alt, pos in outline["images"]:
        asset_or_problem = assets.load_image(context, path, target)
        place = Place(path, *pos)
        asset, problem = (None, asset_or_problem) if isinstance(asset_or_problem, str) else (asset_or_problem, "")
        references = tuple(Citation(key, place) for key, _ in find_references(alt))
        yield Image(target, alt, place, asset, problem, references)
