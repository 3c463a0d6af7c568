"""A `Paper` to a `Document`: one tree with every number given, every reference filled, every list made. Pure.

Chapters are joined as trees, never as text: joined texts would mix up their footnotes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from nioc_paper import tree
from nioc_paper.assemble.audience_marks import audience_label, mark_paper
from nioc_paper.assemble.crossref import CrossReferences
from nioc_paper.assemble.excerpts import document_with_blocks, extract_chapter, has_citations
from nioc_paper.assemble.lists import LIST_BUILDERS, ListContext
from nioc_paper.assemble.lists.people import collect_credits, count_statuses
from nioc_paper.assemble.numbered_paper import NumberedPaper, merge_chapter_words, number_paper
from nioc_paper.assemble.numbers import assign_heading_ids
from nioc_paper.assemble.paragraphs import number_paragraphs
from nioc_paper.assemble.quotes import localize_quotes
from nioc_paper.assemble.reference_resolver import ReferenceResolver
from nioc_paper.assemble.tracked_suggestions import as_tracked_changes
from nioc_paper.model import AUDIENCES, Chapter, Document, History, ListEntry, Node, OutputOptions, Paper
from nioc_paper.wording import Wording, column_head, text_direction

__all__ = ["assemble", "build_document", "extract_chapter", "number_paper", "rebuild_chapter"]

_COPY = OutputOptions()
_BIBLIOGRAPHY_ID = "references"


def assemble(paper: Paper, history: History, timestamp: int | None = None, copy: OutputOptions = _COPY) -> Document:
    """The whole paper, as far as the audience of the copy may read it.

    `timestamp` (seconds since the epoch) overrides the commit's date as that of every output.
    """
    return build_document(number_paper(paper, history, copy), timestamp)


def build_document(numbered_paper: NumberedPaper, timestamp: int | None = None) -> Document:
    """The document of a paper in which everything has its number."""
    words, numbers, history = numbered_paper.context.words, numbered_paper.numbers, numbered_paper.context.history
    blocks = [*_part_blocks(numbered_paper), *_build_annexes(numbered_paper.references, numbered_paper.context)]
    if numbered_paper.copy.review:
        blocks = [*number_paragraphs(blocks, numbers.targets, words)]
    has_sources = has_citations(blocks)
    blocks += [_bibliography_placeholder(words)] if has_sources else []
    document = replace(
        document_with_blocks(numbered_paper.document(timestamp), blocks),
        contents=(
            *numbers.contents,
            *([ListEntry(1, "", words["references"], _BIBLIOGRAPHY_ID)] if has_sources else []),
        ),
        figures=tuple(numbers.figures),
        tables=tuple(numbers.tables),
        recommendations=tuple(numbers.recommendations),
        credits=tuple(collect_credits(numbered_paper.context)),
        standing=count_statuses(numbered_paper.context),
        versions=history.versions,
    )
    return as_tracked_changes(document, words) if numbered_paper.copy.review else document


def _part_blocks(numbered_paper: NumberedPaper) -> Iterator[Node]:
    for index, (matter, title, chapters) in enumerate(numbered_paper.parts):
        if title and chapters:
            yield tree.div([tree.header(1, tree.text_inlines(title), "part", id=f"part-{index}")], "part")
        for chapter in chapters:
            yield _build_chapter(numbered_paper, matter, chapter)


def _build_chapter(numbered_paper: NumberedPaper, matter: str, chapter: Chapter) -> Node:
    localized = numbered_paper.in_language(chapter.language)
    chapter_tree = localize_quotes(numbered_paper.trees[chapter.path], chapter.language)
    filled = tree.rewrite(
        ReferenceResolver(localized.references, localized.context, chapter).rewrite_node,
        chapter_tree,
        skip_types=tree.WORD_TYPES,
    )
    finish_node = partial(_finish_node, references=localized.references, context=localized.context)
    blocks = tree.rewrite(finish_node, filled, skip_types=tree.TEXT_TYPES)
    return _wrap_chapter(chapter, "front" if matter == "front" else "chapter", blocks, localized.context)


def rebuild_chapter(numbered_paper: NumberedPaper, chapter: Chapter) -> Node | None:
    """A chapter that has changed, with the numbers of before: what is new in it has none yet. None for one in no part.

    It takes a moment where all of the paper takes a second, and somebody waits to see what was just written.
    """
    matter = next(
        (part.matter for part in numbered_paper.parts if chapter.path in {c.path for c in part.chapters}), None
    )
    if matter is None:
        return None
    (marked_chapter,) = mark_paper(
        replace(numbered_paper.context.paper, chapters=(merge_chapter_words(chapter),))
    ).chapters
    return _build_chapter(replace(numbered_paper, trees=assign_heading_ids([marked_chapter])), matter, marked_chapter)


def _wrap_chapter(chapter: Chapter, kind: str, blocks: Sequence[Node], context: ListContext) -> Node:
    name, settings = f"sec-{chapter.id}", context.paper.settings
    title = tree.header(1, _numbered_title(chapter.front.title, context.numbers.get(name, "")), id=name)
    summary = (
        [tree.div([tree.para(tree.text_inlines(chapter.front.summary))], "summary")] if chapter.front.summary else []
    )
    titles = {s.id: s.title for s in settings.statuses}
    data = {
        "data-path": chapter.path,
        "data-status": titles.get(chapter.front.status, chapter.front.status),
        "data-lead": f"{context.words['comma']} ".join(filter(None, map(context.paper.display_name, chapter.leads))),
    }
    if chapter.language != settings.language:
        data |= {"lang": chapter.language, "dir": text_direction(chapter.language)}
    level: str = chapter.front.sensitivity
    audience_mark = [audience_label(level, context.words)] if level != AUDIENCES[0] else []
    return tree.div([title, *audience_mark, *summary, *blocks], kind, id=f"chapter-{chapter.id}", values=data)


def _finish_node(node: Node, references: CrossReferences, context: ListContext) -> Node | list[Node]:
    """Headings get their number, and lists are made now that everything has one."""
    if node["t"] == "Header":
        level, attr, inlines = node["c"]
        return {**node, "c": [level, attr, [*_number_span(context.numbers.get(attr[0], "")), *inlines]]}
    if tree.is_div(node, "generated"):
        make = LIST_BUILDERS.get(tree.attributes(node).get("list", ""))
        return references.resolve_blocks(make(context)) if make else []
    return node


def _numbered_title(title: str, own_number: str) -> list[Node]:
    return [*_number_span(own_number), *tree.text_inlines(title)]


def _number_span(own_number: str) -> list[Node]:
    return [tree.span([{"t": "Str", "c": own_number}], "number"), {"t": "Space"}] if own_number else []


def _build_annexes(references: CrossReferences, context: ListContext) -> Iterator[Node]:
    for annex in context.paper.settings.annexes:
        name = f"annex-{annex.list}"
        if make := LIST_BUILDERS.get(annex.list):
            annex_label = f"{column_head(context.words, 'annex')} {context.numbers[name]}"
            title = tree.header(1, _numbered_title(annex.title, annex_label), id=name)
            yield tree.div([title, *references.resolve_blocks(make(context))], "annex", id=f"chapter-{name}")


def _bibliography_placeholder(words: Wording) -> Node:
    """Where citeproc puts the bibliography."""
    heading = tree.header(1, tree.text_inlines(words["references"]), id=_BIBLIOGRAPHY_ID)
    return tree.div([heading, tree.div([], id="refs")], "references", id="chapter-references")
