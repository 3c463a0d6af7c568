"""Read a chapter's file into a `Chapter`: front matter, tree, and the views of the tree that rules and outputs use."""

from __future__ import annotations

from pathlib import PurePosixPath

from msgspec.structs import replace

from nioc_paper.domain.fact_values import find_references
from nioc_paper.load import assets, chapter_tree, source_text
from nioc_paper.load.charts import read_chart
from nioc_paper.load.data_tables import read_table
from nioc_paper.load.load_context import LoadContext
from nioc_paper.load.records import read_record
from nioc_paper.model import Chapter, Citation, FrontMatter, Image
from nioc_paper.system.concurrency import noop


def load_chapter(context: LoadContext, path: str, category_key: str) -> Chapter | None:
    """Read a chapter. Reports and omits what cannot be read; returns None if nothing can."""
    if (raw := source_text.read_text(context.files, path, context.report)) is None:
        return None
    head, body_text, body_line = source_text.split_front_matter(raw, path, context.report)
    front = _read_front_matter(context, path, head, category_key, fenced=body_line > 1)
    return _read_chapter(context, Chapter(path, front, raw, body_line), body_text)


def is_cached(context: LoadContext, path: str) -> bool:
    """Return whether the tree of a chapter is in the cache. Reports nothing."""
    raw = source_text.read_text(context.files, path, noop)
    return raw is not None and chapter_tree.is_cached(
        source_text.split_front_matter(raw, path, noop)[1], path, context.cache
    )


def load_note(context: LoadContext, path: str, front: FrontMatter) -> Chapter | None:
    """Read a text of no paper, and give it front matter. Returns None if it cannot be read."""
    raw = source_text.read_text(context.files, path, context.report)
    return None if raw is None else _read_chapter(context, Chapter(path, front, raw), raw)


def _read_chapter(context: LoadContext, chapter: Chapter, body_text: str) -> Chapter:
    """Return the chapter with its tree and the views of it."""
    path = chapter.path
    outline, blocks, suggested = chapter_tree.parse_body(body_text, path, context.cache, context.report)
    charts = [read_chart(context, path, *block) for block in outline.chart_blocks]
    tables = [read_table(context, path, *block) for block in outline.table_blocks]
    views = {name: getattr(outline, name) for name in outline.__struct_fields__} | {
        "links": tuple(
            replace(link, exists=assets.link_target_exists(context.files, path, link.target)) for link in outline.links
        ),
        "images": tuple(_with_asset(context, path, image) for image in outline.images),
    }
    charts_and_tables = {"charts": tuple(filter(None, charts)), "tables": tuple(filter(None, tables))}
    return replace(chapter, body=blocks, suggested_body=suggested, **views, **charts_and_tables)


def _read_front_matter(
    context: LoadContext, path: str, front_text: str, category_key: str, *, fenced: bool
) -> FrontMatter:
    # Without fences the whole front matter is missing, which is reported already.
    whole = "the front matter" if fenced else ""
    front = read_record(FrontMatter, front_text, path, context, category_key, whole=whole)
    return front if front.id else front.replace(id=PurePosixPath(path).stem)


def _with_asset(context: LoadContext, path: str, image: Image) -> Image:
    """Return a picture with its file, or the reason why it has none, and the facts in its words."""
    loaded = assets.load_image(context, path, image.target)
    asset, problem = (None, loaded) if isinstance(loaded, str) else (loaded, "")
    references = tuple(Citation(key, image.place) for key, _ in find_references(image.alt))
    return replace(image, asset=asset, problem=problem, references=references)
