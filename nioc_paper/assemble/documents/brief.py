"""Policy brief: a chapter of a category on two pages, in its words and with the paper's numbers. Pure.

A brief has at most 700 words besides its sources. Longer lists are cut at their end: gaps first, then linkages, then
findings; the brief states how many more the paper has. Recommendations are never cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.assemble.audience_labels import audience_label
from nioc_paper.assemble.chapter_rewriter import lowercase_title
from nioc_paper.assemble.decision_summary import build_key_figure, figures_division, first_recommendations
from nioc_paper.assemble.excerpts import (
    bibliography_blocks,
    count_withheld_elsewhere,
    derived_document,
    has_citations,
    without_dangling_links,
)
from nioc_paper.assemble.lists import ListContext
from nioc_paper.assemble.lists.list_context import (
    Cell,
    audience_mark,
    cell,
    due_day,
    field_cell,
    item_blocks,
    item_table,
    owner_cell,
    text_cell,
)
from nioc_paper.assemble.numbered_paper import NumberedPaper, number_paper
from nioc_paper.assemble.repeated_blocks import enclose
from nioc_paper.model import AUDIENCES, Chapter, Document, History, Item, Node, OutputOptions, Paper
from nioc_paper.wording import localized_digits

WORD_LIMIT = 700
"""Words of a brief without its sources."""
_FIRST_COUNT = 3
"""Number of recommendations beside the key figure."""
_SHORTENABLE_LISTS = ("gaps", "linkages", "findings")
"""Lists that may be shortened to one item, in the order of shortening."""
_COPY = OutputOptions()

ListItems = list[list[Node]]
"""Items of a list, each of blocks."""


def reason_for_no_brief(paper: Paper, chapter_id: str) -> str:
    """Return why a chapter of the paper has no brief; empty if it can have one."""
    source_chapter = next((c for c in paper.chapters if c.id == chapter_id), None)
    if source_chapter is None or source_chapter.path not in paper.listed_paths:
        return f"no chapter of the paper is called '{chapter_id}'"
    if source_chapter.front.category not in {c.id for c in paper.settings.categories}:
        return f"'{chapter_id}' has no brief: it is not a chapter of a category"
    has_recommendation = bool(source_chapter.items_of_kind("recommendation"))
    return "" if has_recommendation else f"'{chapter_id}' has no brief: it has no recommendation"


def build_brief(
    paper: Paper, history: History, chapter_id: str, timestamp: int | None = None, copy: OutputOptions = _COPY
) -> Document:
    """Return the brief of a chapter for which `reason_for_no_brief` is empty."""
    numbered_paper = number_paper(paper, history, copy)
    source_chapter = next(c for c in numbered_paper.context.chapters if c.id == chapter_id)
    numbered_paper = numbered_paper.in_language(source_chapter.language)
    common, words = numbered_paper.document(timestamp), numbered_paper.context.words
    text = [*_build_sections(replace(numbered_paper.context, chapters=(source_chapter,)), source_chapter)]
    blocks = [
        tree.div(
            without_dangling_links([*text, *_closing_sections(numbered_paper, source_chapter, text)]),
            "brief",
            id=f"brief-{chapter_id}",
        )
    ]
    headings = next(c.headings for c in paper.settings.categories if c.id == source_chapter.front.category)
    link_texts = (link.how for link in source_chapter.front.links if link.how)
    return derived_document(
        common,
        blocks,
        f"{chapter_id}-brief",
        title=source_chapter.front.title,
        subtitle=words["policy_brief"],
        language=source_chapter.language,
        keywords=tuple(dict.fromkeys((source_chapter.front.title, *map(lowercase_title, headings), *link_texts))),
        form="brief",
        withheld=common.withheld - count_withheld_elsewhere(paper, chapter_id, copy),
    )


# --- sections ---------------------------------------------------------------------------------------------------------


def _build_sections(context: ListContext, chapter: Chapter) -> Iterator[Node]:
    """Yield the audience label, if any, the summary, and the numbered sections."""
    lists = {
        "findings": [
            enclose([], item_blocks(context, chapter, b, with_sources=True), audience_mark(context, b)[1:])
            for b in chapter.items_of_kind("finding")
        ],
        "gaps": [_gap_blocks(context, chapter, b) for b in chapter.items_of_kind("gap")],
        "linkages": list(_linkages(context, chapter)),
    }
    words = tree.text_inlines(chapter.front.summary or "")
    summary = [tree.div([tree.para(words)], "summary")] if words else []
    figure, plan = build_key_figure(context, chapter, with_gap=False), _recommendation_table(context)
    first = tree.div(first_recommendations(context, [chapter], _FIRST_COUNT, _FIRST_COUNT), "asks-first")
    opening = [tree.div([*figures_division([figure] if figure else []), first], "brief-opening")]
    item_counts = _fit_item_counts(lists, tree.count_words([*summary, *opening, *plan]))
    bodies = {name: _build_list(context, items, item_counts[name]) for name, items in lists.items()} | {
        "recommendations": plan
    }
    order = [name for name in ("findings", "gaps", "recommendations", "linkages") if bodies[name]]
    level: str = chapter.front.sensitivity
    yield from [audience_label(level, context.words)] if level != AUDIENCES[0] else []
    yield from summary
    yield from opening
    for number, name in enumerate(order, 1):
        number_span = tree.span([{"t": "Str", "c": localized_digits(str(number), context.words)}], "number")
        yield tree.header(1, [number_span, {"t": "Space"}, *tree.text_inlines(context.words[name])], id=f"brief-{name}")
        yield from bodies[name]


def _fit_item_counts(lists: Mapping[str, ListItems], words: int) -> dict[str, int]:
    """Return the number of items to print of each list; `words` is the number of words outside the lists."""
    item_counts = {name: len(items) for name, items in lists.items()}
    words += tree.count_words(list(lists.values()))
    for name in _SHORTENABLE_LISTS:
        while words > WORD_LIMIT and item_counts[name] > 1:
            item_counts[name] -= 1
            words -= tree.count_words(lists[name][item_counts[name]])
    return item_counts


def _build_list(context: ListContext, items: ListItems, kept_count: int) -> list[Node]:
    """Return the first items of a list, and a line with the number of the others."""
    if not items:
        return []
    more = context.words["more_in_paper"].format(len(items) - kept_count)
    return [
        tree.block_list(items[:kept_count]),
        *([tree.div([tree.para(tree.text_inlines(more))], "more")] if kept_count < len(items) else []),
    ]


def _gap_blocks(context: ListContext, chapter: Chapter, item: Item) -> list[Node]:
    """Return a gap with its number and its sources."""
    number = tree.strong([{"t": "Str", "c": context.numbers.get(item.id, "")}])
    return enclose([number, *audience_mark(context, item)], item_blocks(context, chapter, item, with_sources=True))


def _linkages(context: ListContext, chapter: Chapter) -> Iterator[list[Node]]:
    """Yield the blocks of each linkage: from the chapter's text, or from its front matter if the text has none."""
    titles = {c.id: c.front.title for c in context.paper.chapters}
    in_text = [
        (
            b.attributes.get("to", ""),
            enclose([], item_blocks(context, chapter, b, with_sources=True), audience_mark(context, b)[1:]),
        )
        for b in chapter.items_of_kind("linkage")
    ]
    in_front_matter = [(k.to, [tree.plain_block(tree.text_inlines(k.how))]) for k in chapter.front.links if k.how]
    for name, blocks in in_text or in_front_matter:
        yield enclose([tree.strong(tree.text_inlines(titles.get(name, name))), {"t": "Str", "c": ":"}], blocks)


def _recommendation_table(context: ListContext) -> list[Node]:
    """Return the table of recommendations: owner, date and indicator of each."""

    def unlinked_number(context: ListContext, _: Chapter, item: Item) -> Cell:
        return cell([*tree.text_inlines(context.numbers.get(item.id, "")), *audience_mark(context, item)])

    return item_table(
        context,
        "recommendation",
        "brief-plan",
        ("no", 0.07, unlinked_number),
        ("recommendation", 0.44, item_blocks),
        ("owner", 0.12, owner_cell),
        ("by", 0.13, lambda context, _, item: text_cell(due_day(context, item, is_short=True))),
        ("indicator", 0.24, field_cell("indicator")),
    )


# --- the end ----------------------------------------------------------------------------------------------------------


def _closing_sections(numbered_paper: NumberedPaper, chapter: Chapter, blocks: Sequence[Node]) -> Iterator[Node]:
    """Yield the sources, the abbreviations and the reference to the whole paper."""
    words = numbered_paper.context.words
    if has_citations(blocks):
        yield from bibliography_blocks(words)
    text = tree.plain_text(blocks)
    # Those that the text uses without their long form.
    unexplained = (a for a in numbered_paper.context.paper.acronyms if not a.exempt and f"({a.short})" not in text)
    short = [a for a in unexplained if re.search(rf"(?<!\w){re.escape(a.short)}s?(?!\w)", text)]
    lines = [f"{a.short}{words['comma']} {a.long}" for a in sorted(short, key=lambda a: a.short.casefold())]
    if lines:
        yield tree.div([tree.named_para(words["abbreviations"], f"{words['semicolon']} ".join(lines))], "abbreviations")
    edition = numbered_paper.context.paper.settings.edition
    paper = words["quoted"].format(numbered_paper.context.paper.settings.title) + (f" ({edition})" if edition else "")
    whole_text = words["drawn_from"].format(numbered_paper.context.labels[f"sec-{chapter.id}"], paper)
    yield tree.div([tree.named_para(words["whole_paper"], whole_text)], "whole-paper")
