"""Summary for decision makers: what the paper asks, a figure and a gap for each category, what comes first. Pure.

It is made from the settings, the key figures and gaps of the chapters, and the priorities of the recommendations.
The same parts open the website and the briefs.
"""

from __future__ import annotations

from collections.abc import Sequence

from nioc_paper import tree
from nioc_paper.assemble.lists import ListContext
from nioc_paper.assemble.lists.list_context import (
    audience_mark,
    chapter_title,
    due_day,
    field_words,
    item_blocks,
    owner_name,
    reference_to,
)
from nioc_paper.assemble.repeated_blocks import first_paragraph
from nioc_paper.domain.fact_values import split_value
from nioc_paper.model import Chapter, Fact, Item, ListEntry, Node
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.tree.nodes import plain_text
from nioc_paper.wording import localized_digits

SUMMARY_ID = "decision-summary"
"""Id of the title; the class of the division."""
OMISSION = "[…]"
"""Sign after a sentence whose box goes on."""
_MAX_FIGURES = 8
"""Categories that fit on the first page: two rows of four."""
_MIN_FIRST, _MAX_FIRST = 5, 7
"""Recommendations of the summary: those of the first priority, between these numbers."""


def build_decision_summary(context: ListContext) -> list[Node]:
    """Return the division of the summary; empty if the paper has no key figure and no recommendation."""
    categories = [c.id for c in context.paper.settings.categories]
    chapters = [c for name in categories for c in context.chapters if c.front.category == name]
    figures = [part for chapter in chapters[:_MAX_FIGURES] if (part := build_key_figure(context, chapter))]
    if not (body := [*figures_division(figures), *_first_section(context)]):
        return []
    settings, words = context.paper.settings, context.words
    asks = [tree.div([tree.para(tree.text_inlines(settings.asks))], "asks")] if settings.asks else []
    title = tree.header(1, tree.text_inlines(words["decision_summary"]), id=SUMMARY_ID)
    following = [tree.bullet_list(map(tree.text_inlines, settings.next))] if settings.next else []
    closing = [_section_title(context, "decided_next"), *following] if following else []
    blocks = tree.without_positions([title, *asks, *body, *closing])  # they are those of several files
    return [tree.div(blocks, "front", SUMMARY_ID, id=f"{SUMMARY_ID}-page")]


def summary_entry(context: ListContext) -> ListEntry:
    """Return the entry of the summary in the list of contents."""
    return ListEntry(1, "", context.words["decision_summary"], SUMMARY_ID)


# --- figures ----------------------------------------------------------------------------------------------------------


def figures_division(figures: Sequence[Node], *names: str) -> list[Node]:
    """Return the division of some key figures, which writers set side by side; empty without any."""
    return [tree.div(figures, "key-figures", f"of-{min(len(figures), 4)}", *names)] if figures else []


def build_key_figure(context: ListContext, chapter: Chapter, *, with_gap: bool = True) -> Node | None:
    """Return the figure of a chapter with what it counts and a gap; None if the chapter has neither."""
    fact = _key_fact(context, chapter)
    gap = _first_gap(context, chapter) if with_gap else None
    if fact is None and gap is None:
        return None
    link = tree.link(chapter_title(context, chapter.id, chapter.front.title), f"#sec-{chapter.id}", "xref")
    text = _figure_text(context, chapter, fact) if fact else []
    number = [*([_number_division(context, fact)] if fact else []), *([tree.para(text)] if text else [])]
    below = [tree.div([tree.para(_gap_line(context, chapter, gap))], "key-gap")] if gap else []
    return tree.div([tree.div([tree.para([tree.span([link], "label")])], "title"), *number, *below], "key-figure")


def opening_figures(context: ListContext, chapter: Chapter) -> list[Node]:
    """Return the division of the key figures with which a chapter begins; empty without any that somebody has seen."""
    figures = [
        tree.div([_number_division(context, fact), tree.para(_figure_text(context, chapter, fact))], "key-figure")
        for fact in (context.paper.facts.get(figure.fact) for figure in chapter.front.key_figures)
        if fact and not fact.verify
    ]
    return figures_division(tree.without_positions(figures), "chapter-figures")


def _key_fact(context: ListContext, chapter: Chapter) -> Fact | None:
    """Return the fact that a chapter names, or the first one of its findings; never one that nobody has seen."""
    keys = [key for item in chapter.items_of_kind("finding") for key in _cited_keys(item)]
    names = [key.removeprefix("fact-") for key in keys if key.startswith("fact-")]
    names[:0] = [figure.fact for figure in chapter.front.figures[:1]]
    facts = (context.paper.facts.get(name) for name in names)
    return next((fact for fact in facts if fact and not fact.verify), None)


def _cited_keys(item: Item) -> list[str]:
    cites = (node for node in tree.walk(list(item.blocks)) if node["t"] == "Cite")
    return [citation["citationId"] for cite in cites for citation in tree.citations(cite)]


def _number_division(context: ListContext, fact: Fact) -> Node:
    before, digits, after = split_value(fact.value)
    behind = " ".join(filter(None, (after, fact.unit or "")))
    texts = ((before, "before"), (localized_digits(digits, context.words), "big"), (behind, "behind"))
    spans = (tree.span(tree.text_inlines(text), name) for text, name in texts if text)
    return tree.div([tree.para([node for span in spans for node in ({"t": "Space"}, span)][1:])], "key-number")


def _figure_text(context: ListContext, chapter: Chapter, fact: Fact) -> list[Node]:
    """Return what a figure counts: from the front matter, or the sentence of the finding that has it."""
    if text := next((figure.text for figure in chapter.front.figures if figure.fact == fact.id), None):
        return tree.text_inlines(text)
    finding = next((i for i in chapter.items_of_kind("finding") if f"fact-{fact.id}" in _cited_keys(i)), None)
    return _first_sentence(context, chapter, finding) if finding else []


def _first_gap(context: ListContext, chapter: Chapter) -> Item | None:
    """Return the gap that the chapter's first recommendation closes, or its first gap."""
    gaps = {gap.id: gap for gap in chapter.items_of_kind("gap")}
    closed = (name for _, item in _by_urgency(context, [chapter]) for name in item.field_parts("closes"))
    return next((gaps[name] for name in closed if name in gaps), next(iter(gaps.values()), None))


def _gap_line(context: ListContext, chapter: Chapter, gap: Item) -> list[Node]:
    return [
        tree.span(reference_to(context, gap.id), "label"),
        *audience_mark(context, gap),
        {"t": "Space"},
        *_first_sentence(context, chapter, gap),
    ]


def _first_sentence(context: ListContext, chapter: Chapter, item: Item) -> list[Node]:
    """Return the first sentence of a box, with a sign of omission if the box has more."""
    blocks = [block for block in item_blocks(context, chapter, item) if not tree.is_div(block, "marking")]
    sentence = first_sentence(first_paragraph(blocks))
    is_whole = tree.plain_text(sentence) == tree.plain_text(blocks)
    return sentence if is_whole else [*sentence, {"t": "Space"}, {"t": "Str", "c": OMISSION}]


# --- recommendations --------------------------------------------------------------------------------------------------


def first_recommendations(context: ListContext, chapters: Sequence[Chapter], least: int, most: int) -> list[Node]:
    """Return the recommendations of the first priority of some chapters, each with owner, date and cost.

    If these are fewer than `least`, the next ones follow.
    """
    ranked = _by_urgency(context, chapters)
    top = [pair for pair in ranked if _rank(context, pair[1]) == 0]
    first = ranked[: min(max(least, len(top)), most)]
    has_costs = any(item.field_text("cost") for _, item in first)
    return [_ask_division(context, chapter, item, has_costs=has_costs) for chapter, item in first]


def _first_section(context: ListContext) -> list[Node]:
    """Return what comes first by priority, or by date in a paper without priorities."""
    asks = first_recommendations(context, context.chapters, _MIN_FIRST, _MAX_FIRST)
    if not asks:
        return []
    items = [item for _, item in context.items_of_kind("recommendation")]
    has_ranks = any(_rank(context, item) == 0 for item in items)
    total = context.words["all_recommendations"].format(localized_digits(str(len(items)), context.words))
    notes = [total] if len(items) > len(asks) else []
    if not any(item.field_text("cost") for item in items):
        notes.append(context.words["cost_none"])
    more = [tree.div([tree.para(tree.text_inlines(" ".join(notes)))], "more")] if notes else []
    return [_section_title(context, "comes_first" if has_ranks else "due_first"), tree.div(asks, "first-asks"), *more]


def _by_urgency(context: ListContext, chapters: Sequence[Chapter]) -> list[tuple[Chapter, Item]]:
    """Return the recommendations of some chapters by priority, then by date; those without come last."""
    items = [(chapter, item) for chapter in chapters for item in chapter.items_of_kind("recommendation")]
    return sorted(items, key=lambda pair: (_rank(context, pair[1]), pair[1].field_text("by") or "9999"))


def _rank(context: ListContext, item: Item) -> int:
    """Return the place of a recommendation's priority among those of the paper; the last one without."""
    settings = context.paper.settings
    priority = settings.priority(item.field_text("priority"))
    return settings.priorities.index(priority) if priority else len(settings.priorities) or 1


def _ask_division(context: ListContext, chapter: Chapter, item: Item, *, has_costs: bool) -> Node:
    """Return a recommendation in two lines: number and sentence; owner, date and cost."""
    number = tree.span(reference_to(context, item.id, number_only=True), "label")
    sentence = tree.strong(_first_sentence(context, chapter, item))
    opening = [number, *audience_mark(context, item), {"t": "Space"}, sentence]
    words, day, cost = context.words, due_day(context, item), field_words(context, item, "cost")
    meta = [owner_name(context, item), words["by_day"].format(day) if day else words["no_day"]]
    if has_costs:
        meta.append(words["cost_is"].format(cost) if cost else words["cost_unknown"])
    line = tree.para(tree.text_inlines(" · ".join(filter(None, meta))))
    return tree.div([tree.para(opening), tree.div([line], "meta")], "ask")


def _section_title(context: ListContext, key: str) -> Node:
    return tree.header(2, tree.text_inlines(context.words[key]), id=f"{SUMMARY_ID}-{key.replace('_', '-')}")


# --- first sentence of a passage --------------------------------------------------------------------------------------


_SENTENCE_END = late_pattern(r"[.!?][”’)]*$")


def first_sentence(inlines: Sequence[Node]) -> list[Node]:
    """Return the inlines up to the end of the first line that ends a sentence."""
    for index, node in enumerate(inlines):
        if node["t"] == "SoftBreak" and _SENTENCE_END.search(plain_text(inlines[:index])):
            return list(inlines[:index])
    return list(inlines)
