"""A newsletter: what changed in a month, and what is next. Pure.

Where git does not know what changed, the newsletter says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from nioc_paper import tree
from nioc_paper.assemble.agenda import STATES
from nioc_paper.assemble.extract import cites, closed, with_blocks
from nioc_paper.assemble.fill import Filler
from nioc_paper.assemble.lists.cells import brief as opening
from nioc_paper.assemble.lists.cells import cell, columns, owner, titled
from nioc_paper.assemble.quotes import quoted
from nioc_paper.assemble.told import Month, Told, find
from nioc_paper.assemble.whole import Whole, whole
from nioc_paper.audience import for_audience
from nioc_paper.changes import Recommended
from nioc_paper.model import Chapter, Copy, Decision, Document, History, Node, Paper
from nioc_paper.wording import Words, day, digits
from nioc_paper.workdays import Workdays, add_months


def newsletter(
    paper: Paper, history: History, month: Month, note: Chapter | None, timestamp: int | None, copy: Copy
) -> Document:
    """The newsletter of a month; `paper` is the one of today, `note` what the editor wrote for it."""
    common = whole(paper, history, copy)
    words = common.context.words
    said = [*_note(common, note, copy), *closed(_body(find(common, paper, month, copy)))]
    if cites(said):
        said += [tree.header(1, tree.text(words["references"]), id="references"), tree.div([], id="refs")]
    document = common.document(timestamp)
    return replace(
        with_blocks(document, [tree.div(said, "letter", id="newsletter")]),
        id=f"{document.id}-newsletter-{month.first.isoformat()[:7]}",
        title=month.name(words),
        subtitle=words["newsletter"],
        edition="",
        part_of=document.title,
        date=None,
        draft=False,
        form="letter",
        withheld=0,
    )


def _note(common: Whole, note: Chapter | None, copy: Copy) -> Iterator[Node]:
    """What the editor wrote, its references filled as the paper calls them today."""
    if note is None:
        return
    kept, _ = for_audience(replace(common.context.paper, chapters=(note,)), copy.audience)
    for chapter in kept.chapters:
        here = common.said_in(chapter.language)
        blocks = quoted(list(chapter.blocks), chapter.language)
        filled = tree.rewrite(Filler(here.references, here.context, chapter).node, blocks)
        yield tree.div(closed(tree.rewrite(_lowered, filled)), "note")


def _lowered(node: Node) -> Node:
    """A heading of the note below those of the newsletter."""
    return tree.header(2, node["c"][2]) if node["t"] == "Header" else node


# --- sections ---------------------------------------------------------------------------------------------------------


def _body(told: Told) -> Iterator[Node]:
    words = told.read.context.words
    yield from (tree.div([tree.para(tree.text(line))], "known") for line in _limits(told, words))
    changed = told.changed
    if changed is not None and not (changed.chapters or changed.recommendations or told.entries or told.answered):
        yield tree.para(tree.text(words["nothing_changed"].format(told.month.name(words))))
    yield from _figures(told, words)
    yield from _chapters(told, words)
    yield from _recommendations(told, words)
    yield from _comments(told, words)
    yield from _decisions(told, words)
    yield from _next(told, words)


def _limits(told: Told, words: Words) -> Iterator[str]:
    """What is not known, and why."""
    month = told.month
    if told.changed is None:
        yield words["no_history"].format(month.name(words))
    elif month.since:
        yield words["history_since"].format(day(month.since, words))
    if month.until:
        yield words["month_not_over"].format(day(month.until, words))


def _figures(told: Told, words: Words) -> Iterator[Node]:
    """The month in figures."""
    changed = told.changed
    figures = [("stat_answered", sum(told.answered.values()))]
    if changed is not None:
        done = sum(d.how == "done" for d in told.entries)
        recommended = sum(r.how != "dropped" for r in changed.recommendations)
        figures = [("stat_chapters", len(changed.chapters)), ("stat_recommendations", recommended), *figures]
        figures += [("stat_done", done)]
    heads = columns(told.read.context, *((key, 1 / len(figures)) for key, _ in figures))
    row = [cell(tree.text(digits(str(n), words))) for _, n in figures]
    if any(n for _, n in figures):
        yield _heading("figures", words)
        yield tree.table(heads, [row], "generated", "facts")


def _chapters(told: Told, words: Words) -> Iterator[Node]:
    """Which chapters moved, and where they all stand."""
    context = told.read.context
    titles = {s.id: s.title for s in context.paper.settings.statuses}
    moved = told.changed.chapters if told.changed else ()
    rows = [
        [
            cell(titled(context, each.chapter.id, each.chapter.front.title)),
            cell(tree.text(titles.get(each.was or "", each.was or words["status_nowhere"]))),
            cell(tree.text(titles.get(each.now or "", each.now or words["status_out"]))),
        ]
        for each in moved
    ]
    if rows:
        yield _heading("chapters", words)
        heads = columns(context, ("chapter", 0.5), ("status_before", 0.25), ("status_now", 0.25))
        yield tree.table(heads, rows, "generated", "moved")
        standing = [(title, sum(c.front.status == name for c in context.chapters)) for name, title in titles.items()]
        said = f"{words['comma']} ".join(f"{digits(str(n), words)} {title}" for title, n in standing if n)
        yield tree.para(tree.text(f"{words['standing']}: {said}{words['stop']}"))


def _recommendations(told: Told, words: Words) -> Iterator[Node]:
    found = told.changed.recommendations if told.changed else ()
    if found:
        yield _heading("recommendations", words)
    for how in ("new", "changed", "dropped"):
        items = [_recommendation(told.read, each) for each in found if each.how == how]
        if items:
            yield tree.header(2, tree.text(words[f"heading_{how}"]))
            yield tree.bullets(items)


def _recommendation(read: Whole, each: Recommended) -> list[Node]:
    """Its number, its text, and who is to act; one that was dropped has no number any more."""
    context, block = read.context, each.block
    name = context.numbers.get(block.id, "") if each.how != "dropped" else ""
    text = opening(replace(block, blocks=tuple(read.references.fill(list(block.blocks)))))
    who = owner(context, block)
    about = f"{context.words['semicolon']} ".join(filter(None, (each.chapter.front.title, who)))
    number = [tree.strong(tree.text(name)), {"t": "Space"}] if name else []
    return [*number, *text, {"t": "Space"}, tree.span(tree.text(f"({about})"), "about")]


def _comments(told: Told, words: Words) -> Iterator[Node]:
    """How many comments were answered, and how many are open, by chapter."""
    if not told.answered:
        return
    context = told.read.context
    open_ = {r.chapter: sum(c.answer is None for c in r.comments) for r in context.paper.reviews}
    rows = [
        [cell(tree.text(text)) for text in (c.front.title, str(told.answered[c.id]), str(open_.get(c.id, 0)))]
        for c in context.chapters
        if c.id in told.answered
    ]
    yield _heading("comments", words)
    heads = columns(context, ("chapter", 0.5), ("answered", 0.25), ("still_to_answer", 0.25))
    yield tree.table(heads, rows, "generated", "answered")


def _decisions(told: Told, words: Words) -> Iterator[Node]:
    if told.entries:
        yield _heading("decisions", words)
    for how in STATES:
        items = [_decision(told.now, each.decision, words) for each in told.entries if each.how == how]
        if items:
            yield tree.header(2, tree.text(words[f"entries_{how}"]))
            yield tree.bullets(items)


def _decision(now: Paper, decision: Decision, words: Words) -> list[Node]:
    """What it says, and who owes it, as these readers may know them today; an offer is owed by who made it."""
    owners = [decision.owner] if decision.owner else decision.who if decision.kind == "offer" else ()
    names = [now.name(who) for who in owners if who in now.people or who in now.organizations]
    said = f"{words['semicolon']} ".join(filter(None, names))
    kind = tree.strong(tree.text(f"{words[f'kind_{decision.kind}']}:"))
    about = [{"t": "Space"}, tree.span(tree.text(f"({said})"), "about")] if said else []
    return [kind, {"t": "Space"}, *tree.text(decision.text), *about]


def _next(told: Told, words: Words) -> Iterator[Node]:
    """Gates, meetings and the deadline of the month that follows."""
    context, timeline = told.read.context, told.read.context.paper.timeline
    first = told.month.until or told.month.last
    last = add_months(told.month.last.replace(day=1), 2).replace(day=1)
    coming = [(g.due, g.title) for g in timeline.gates]
    days = Workdays.of(timeline)
    coming += [(on, event.title) for event in timeline.events for on in days.occurrences(event, first, last)]
    if timeline.deadline:
        coming += [(timeline.deadline, words["deadline_word"])]
    rows = [
        [cell(tree.text(day(on, words))), cell(tree.text(title))]
        for on, title in sorted(set(coming))
        if first < on < last
    ]
    if rows:
        yield _heading("next", words)
        yield tree.table(columns(context, ("date", 0.3), ("what", 0.7)), rows, "generated", "coming")


def _heading(key: str, words: Words) -> Node:
    return tree.header(1, tree.text(words[f"news_{key}"]), id=f"news-{key}")
