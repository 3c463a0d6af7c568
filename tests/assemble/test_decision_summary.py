"""The summary for decision makers: made from the content of a paper of any size, without unverified facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import pytest
from msgspec.structs import replace
from sample_paper import document, full

from nioc_paper import tree
from nioc_paper.assemble import assemble, number_paragraphs
from nioc_paper.check import check
from nioc_paper.model import Chapter, Fact, History, Item, KeyFigure, Node, OutputOptions, Paper, Revision
from nioc_paper.model.settings import Priority
from nioc_paper.redline.blocks import redline_blocks
from nioc_paper.render.common.shared_passes import run_shared_passes
from nioc_paper.render.site.page_plan import HOME, plan_pages
from nioc_paper.render.word.front_pages import set_key_figures
from nioc_paper.wording import ENGLISH

DAY = date(2020, 1, 10)


def summary_of(paper: Paper, copy: OutputOptions | None = None) -> Node | None:
    whole = document() if paper is full() and not copy else assemble(paper, History(), copy=copy or OutputOptions())
    return next((b for b in whole.blocks if tree.is_div(b, "decision-summary")), None)


def parts(summary: Node | None, name: str) -> list[str]:
    """The texts of the divisions of a class."""
    return [tree.plain_text(n) for n in tree.walk(summary) if tree.is_div(n, name)] if summary else []


def with_front(paper: Paper, chapter: Chapter, **values: object) -> Paper:
    """The paper with other front matter in a chapter."""
    changed = replace(chapter, front=chapter.front.replace(**values))
    return replace(paper, chapters=tuple(changed if c is chapter else c for c in paper.chapters))


def chapter(name: str) -> Chapter:
    return next(c for c in full().chapters if c.id == name)


def with_facts(paper: Paper, facts: Sequence[Fact]) -> Paper:
    return replace(paper, facts_file=paper.facts_file.replace(facts=tuple(facts)))


def without_items(paper: Paper, *kinds: str) -> Paper:
    """The paper without items of some kinds in the records of its chapters."""
    chapters = (replace(c, items=tuple(i for i in c.items if i.kind not in kinds)) for c in paper.chapters)
    return replace(paper, chapters=tuple(chapters))


def test_it_comes_first_and_has_a_figure_for_each_category() -> None:
    first = document().blocks[0]
    assert tree.is_div(first, "decision-summary")
    assert len(parts(first, "key-figure")) == len(full().settings.categories)
    assert len(parts(first, "key-number")) == len(full().settings.categories)
    assert len(parts(first, "key-gap")) == len(full().settings.categories)
    assert 5 <= len(parts(first, "ask")) <= 7
    assert document().contents[0].id == "decision-summary"


@pytest.mark.parametrize("copy", ["plain", "review copy", "redline"])
def test_word_keeps_all_words_of_the_figures(copy: str) -> None:
    (figures,) = (node for node in tree.walk(document().blocks[0]) if tree.is_div(node, "key-figures"))
    if copy == "review copy":
        (numbered,) = number_paragraphs([tree.div([figures], "front", id="front-sp")], {}, ENGLISH)
        figures = numbered["c"][1][0]
    elif copy == "redline":
        # Other words, another value, and a number with and without the words beside it.
        changes = {"items": "points", "14": "15", "million": "m"}
        old = tree.rewrite(lambda n: {"t": "Str", "c": changes.get(n["c"], n["c"])} if n["t"] == "Str" else n, figures)
        old = tree.rewrite(lambda n: None if n["t"] == "Span" and "before" in tree.classes(n) else n, old)
        (figures,) = redline_blocks([old], [figures], Revision("NIOC", "2020-02-01T00:00:00Z"))
    (table,) = set_key_figures([figures], document())
    assert sorted(tree.plain_text(table).split()) == sorted(tree.plain_text(figures).split())
    lines = [node for node in tree.walk(table) if "custom-style" in tree.attributes(node) and node["t"] == "Span"]
    values = [node for node in tree.walk(figures) if node["t"] == "Span" and "big" in tree.classes(node)]
    assert sum(tree.attributes(line)["custom-style"] == "Key Figure" for line in lines) == len(values) >= 4
    if copy == "plain":  # the numbers of all figures are on one height: all have a line above, some with words
        numbers = [
            n["c"][1][0]["c"] for n in tree.walk(table) if tree.attributes(n).get("custom-style") == "Key Number"
        ]
        assert [[part["t"] for part in each].count("LineBreak") for each in numbers] == [2] * len(numbers)


def test_it_says_what_the_settings_say() -> None:
    paper = full()
    changed = replace(paper, settings=paper.settings.replace(asks="Open the gate.", next=("Who opens it.",)))
    text = tree.plain_text(summary_of(changed))
    assert "Open the gate." in text
    assert text.rstrip().endswith("Who opens it.")


CASES: dict[str, tuple[Callable[[Paper], Paper], int, bool]] = {
    "whole": (lambda paper: paper, 4, True),
    "without facts": (lambda paper: with_facts(paper, ()), 0, True),
    "without priorities": (lambda paper: replace(paper, settings=paper.settings.replace(priorities=())), 4, True),
    "without recommendations": (lambda paper: without_items(paper, "recommendation"), 4, True),
    "without gaps": (lambda paper: without_items(paper, "gap"), 4, True),
    "without anything": (
        lambda paper: with_facts(without_items(paper, "recommendation", "gap", "finding", "linkage"), ()),
        0,
        False,
    ),
    "one chapter": (lambda paper: replace(paper, chapters=(chapter("lights"),)), 1, True),
    "no categories": (lambda paper: replace(paper, settings=paper.settings.replace(categories=())), 0, True),
}


@pytest.mark.parametrize("case", CASES)
def test_any_paper_has_the_parts_that_it_can_have(case: str) -> None:
    change, figures, is_there = CASES[case]
    summary = summary_of(change(full()))
    assert (summary is not None) == is_there
    assert len(parts(summary, "key-number")) == figures
    total = len([item for c in change(full()).chapters for item in c.items_of_kind("recommendation")])
    text = tree.plain_text(summary) if summary else ""
    is_cut = total > len(parts(summary, "ask"))
    assert ("recommendations in all" in text) == is_cut, "a total is said if not all are shown"


def test_without_priorities_the_earliest_come_and_the_title_says_so() -> None:
    paper = replace(full(), settings=full().settings.replace(priorities=()))
    summary = summary_of(paper)
    days = sorted(i.field_text("by") for c in paper.chapters for i in c.items_of_kind("recommendation"))[:5]
    headings = [tree.plain_text(n) for n in tree.walk(summary) if n["t"] == "Header"]
    assert "Recommendations that are due first" in headings
    assert "First recommendations" not in headings
    assert [text for text in parts(summary, "ask") if days[0][:4] not in text and days[-1][:4] not in text] == []


@pytest.mark.parametrize(("in_first", "shown"), [(0, 5), (3, 5), (6, 6), (20, 7)])
def test_five_to_seven_recommendations_come_first(in_first: int, shown: int) -> None:
    paper = full()
    items = [i for c in paper.chapters for i in c.items_of_kind("recommendation")]
    first = {i.id for i in items[:in_first]}

    def ranked(item: Item) -> Item:
        if item.kind != "recommendation":
            return item
        value = "first" if item.id in first else "second"
        return replace(item, fields={**item.fields, "priority": replace(item.fields["priority"], value=value)})

    chapters = tuple(replace(c, items=tuple(map(ranked, c.items))) for c in paper.chapters)
    settings = paper.settings.replace(priorities=(Priority(id="first", title="A"), Priority(id="second", title="B")))
    summary = summary_of(replace(paper, chapters=chapters, settings=settings))
    assert len(parts(summary, "ask")) == shown
    links = [n["c"][2][0][1:] for n in tree.walk(summary) if n["t"] == "Link" and n["c"][2][0].startswith("#rec-")]
    assert set(links[: min(in_first, 7)]) <= first


def test_a_figure_that_nobody_has_seen_is_never_shown() -> None:
    paper = full()
    unseen = with_facts(paper, [fact.replace(verify=True) for fact in paper.facts.values()])
    assert parts(summary_of(unseen), "key-number") == []


@pytest.mark.parametrize("key", ["key_figure", "key_figures"])
def test_a_figure_of_a_withheld_passage_is_not_disclosed(key: str) -> None:
    figure = KeyFigure(fact="lights-dark", text="Adamantine cases.")
    lights = chapter("lights")
    marked = tree.rewrite(
        lambda n: tree.div([n], "restricted") if n["t"] == "Para" and "lights-dark" in str(n) else n, [*lights.blocks]
    )
    restricted = replace(
        lights,
        body=tree.as_tree(tuple(marked)),
        front=lights.front.replace(**{"key_figure": None, key: figure if key == "key_figure" else (figure,)}),
    )
    paper = replace(full(), chapters=tuple(restricted if c is lights else c for c in full().chapters))
    assert "Adamantine" in tree.plain_text(summary_of(paper))
    public = tree.plain_text(summary_of(paper, OutputOptions(audience="public")))
    assert "Adamantine" not in public
    assert full().facts["lights-dark"].value not in public


def test_key_figures_are_in_the_panel_at_the_head_of_their_chapter() -> None:
    front = chapter("lights").front.replace(key_figures=(KeyFigure(fact="lights-dark"), KeyFigure(fact="dredged")))
    paper = replace(full(), chapters=tuple(replace(c, front=front) if c.id == "lights" else c for c in full().chapters))
    whole = run_shared_passes(assemble(paper, History()))
    lights = next(block for block in whole if tree.identifier(block) == "chapter-lights")
    (panel,) = (node for node in lights["c"][1] if tree.is_div(node, "panel"))
    figures, heading, *_ = panel["c"][1]
    assert len(parts(figures, "key-number")) == 2
    assert heading["t"] == "Header"
    assert any(tree.is_div(block, "finding") for block in panel["c"][1])


def test_an_unknown_fact_is_reported_where_it_is_named() -> None:
    lights = chapter("lights")
    paper = with_front(full(), lights, key_figure=KeyFigure(fact="nothing"))
    findings = [d for d in check(paper, DAY, ()) if d.rule == "dead-name/fact"]
    assert [d.message for d in findings] == ["no fact is called 'nothing'"]


def test_on_the_website_it_is_a_part_of_the_home_page() -> None:
    plan = plan_pages(document())
    assert plan.summary is not None
    assert HOME not in [page.name for page in plan.pages]
    assert plan.homes["decision-summary"] == "index.html#decision-summary"
