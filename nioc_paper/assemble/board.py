"""One page for the board: will the date hold, what moved, what needs a decision, what is open, who owes what. Pure.

What does not fit on the page is counted instead of shown: of the chapters those that are best off, of what is open and
of what is owed that which comes last.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from nioc_paper import phrases, tree
from nioc_paper.assemble.agenda import since, to_decide
from nioc_paper.assemble.extract import with_blocks
from nioc_paper.assemble.fit import Rows
from nioc_paper.assemble.lists import Context
from nioc_paper.assemble.lists.cells import cell, columns, titled
from nioc_paper.assemble.whole import whole
from nioc_paper.changes import Changes
from nioc_paper.model import Chapter, ChapterProgress, Copy, Decision, Document, Health, History, Node, Paper, Progress
from nioc_paper.wording import day, direction

_LINES = 45.0
"""Lines of the page that are left for rows of tables and for what moved."""
_TALL = 0.62
"""How many of these lines there are in a hand that is written from right to left, whose lines are taller."""
_HEAD = 3.0
"""Lines that the heading of a table takes, and the heads of its columns."""
_TALLER = 3.0
"""Lines that the title of a chapter in such a hand takes away on a page in another, in all its tables together."""
_LEAST = {"owed": 5.0, "open": 6.0, "decide": 6.0}
"""Lines that a table may have, if it needs them, before those above it."""
_WIDTH = 128
"""Characters in a line of a paragraph."""
_DECIDED = ("decision", "offer", "scope")
_COPY = Copy()


def board(
    paper: Paper, history: History, progress: Progress, changed: Changes | None = None, timestamp: int | None = None
) -> Document:
    """The page for the board on the day of `progress`; `changed` is what moved since the last meeting, if git knows."""
    read = whole(paper, history, _COPY)
    common, words = read.document(timestamp), read.context.words
    moved = [since(read.context, progress.met, changed)] if progress.met else []
    tall = direction(common.language) == "rtl"
    lines = _LINES * _TALL if tall else _LINES - _TALLER * sum(map(_is_tall, read.context.chapters))
    room = lines - sum(math.ceil(len(tree.plain(block)) / _WIDTH) for block in moved)
    blocks = [*_verdict(progress), *moved, *_tables(read.context, progress, room), *_next(read.context, progress)]
    return replace(
        with_blocks(common, [tree.div(blocks, "sheet", id="board")]),
        id=f"{common.id}-board",
        title=words["where_it_stands"],
        subtitle=words["for_the_board"],
        edition="",
        part_of=common.title,
        date=progress.today,
        draft=False,
        form="sheet",
    )


def _is_tall(chapter: Chapter) -> bool:
    return direction(chapter.language) == "rtl"


def _verdict(progress: Progress) -> Iterator[Node]:
    """Whether the date holds, in a sentence and in figures."""
    health = progress.health
    sentence = [_health(health), {"t": "Space"}, *tree.text(phrases.headline(progress))]
    yield tree.div([tree.para(sentence)], "verdict", _class(health))
    facts = phrases.prospects(progress)
    widths = [max(len(name), len(text)) for name, text in facts]
    heads = [(name, width / sum(widths)) for (name, _), width in zip(facts, widths, strict=True)]
    yield tree.table(heads, [[cell(tree.text(text)) for _, text in facts]], "generated", "facts")


def _next(context: Context, progress: Progress) -> Iterator[Node]:
    """What is next: meetings and gates."""
    words, today = context.words, progress.today
    gates = [(g.title, g.due) for g in context.paper.timeline.gates if g.due > today][:2]
    coming = sorted([*((u.title, u.on) for u in progress.upcoming), *gates], key=lambda event: event[1])
    said = [f"{day(on, words)}{words['comma']} {title}" for title, on in coming]
    if said:
        name = tree.strong(tree.text(f"{words['next']}:"))
        text = tree.text(f"{words['semicolon']} ".join(said))
        yield tree.div([tree.para([name, {"t": "Space"}, *text])], "next")


def _health(health: Health) -> Node:
    """Health in a word, which styles colour too."""
    return tree.span(tree.text(health.capitalize()), "health", _class(health))


def _class(health: Health) -> str:
    return health.replace(" ", "-")


# --- three tables that share the page ---------------------------------------------------------------------------------


def _tables(context: Context, progress: Progress, left: float) -> Iterator[Node]:
    chapters = _chapters(context, progress.chapters)
    decide, owed = to_decide(context, progress), _owed(context, progress)
    open_ = _open(context, [d for d in context.paper.decisions if d.state == "open" and d.kind != "scope"])
    rest = [decide, open_, owed]
    left -= sum(_HEAD for table in rest if table.cells)
    kept = [min(table.height, _LEAST[table.name]) for table in rest]
    shown = chapters.fitting(_worst_first(progress.chapters), left - sum(kept))
    left -= chapters.of(shown).height
    yield from chapters.of(shown).blocks(_rest(context, progress.chapters, shown))
    for number, table in enumerate(rest, 1):
        first = table.fitting(range(len(table.cells)), left - sum(kept[number:]))
        left -= table.of(first).height
        yield from table.of(first).blocks(_more(context, len(table.cells) - len(first)))


def _worst_first(chapters: Sequence[ChapterProgress]) -> list[int]:
    ranks = {health: rank for rank, health in enumerate(Health)}
    return sorted(range(len(chapters)), key=lambda i: (-ranks[chapters[i].health], -(chapters[i].slip or 0)))


def _rest(context: Context, chapters: Sequence[ChapterProgress], shown: Sequence[int]) -> str:
    """How the chapters stand that are not shown: "and 5 more: 3 on track, 2 done"."""
    healths = Counter(chapter.health for index, chapter in enumerate(chapters) if index not in shown)
    if len(healths) < 2:
        return " ".join([_more(context, healths.total()), *healths]).strip()
    said = f"{context.words['comma']} ".join(
        f"{healths[health]} {health}" for health in reversed(Health) if healths[health]
    )
    return f"{_more(context, healths.total())}: {said}"


def _more(context: Context, number: int) -> str:
    return context.words["and_more"].format(number) if number else ""


def _chapters(context: Context, chapters: Sequence[ChapterProgress]) -> Rows:
    heads = columns(
        context,
        ("chapter", 0.3),
        ("status", 0.12),
        ("next_gate", 0.23),
        ("slip", 0.11),
        ("lead", 0.13),
        ("health", 0.11),
    )
    rows = [
        [
            cell(titled(context, c.id, c.title)),
            cell(tree.text(c.status.title)),
            cell(tree.text(c.gate.title if c.gate else "–")),
            cell(tree.text(phrases.slip(c.slip))),
            cell(tree.text(phrases.leads(c))),
            cell([_health(c.health)]),
        ]
        for c in chapters
    ]
    return Rows("chapters", context.words["chapters"], heads, rows)


def _open(context: Context, decisions: Sequence[Decision]) -> Rows:
    """What meetings decided, what was offered there, and what somebody asked for, as far as it is open."""
    words = context.words
    heads = columns(context, ("no", 0.05), ("what", 0.63), ("owed_by", 0.18), ("due", 0.14))
    rows = [
        [
            cell(tree.text(d.id)),
            cell(tree.text(f"{words[f'kind_{d.kind}']}: {d.text}")),
            cell(tree.text(_owner(context, d))),
            cell(tree.text(day(d.due, words) or words["no_date"])),
        ]
        for d in sorted(decisions, key=lambda d: _DECIDED.index(d.kind))
    ]
    return Rows("open", words["still_open"], heads, rows)


def _owner(context: Context, decision: Decision) -> str:
    """Who owes it, by the short name; an offer is owed by who made it."""
    owners = [decision.owner] if decision.owner else decision.who if decision.kind == "offer" else ()
    return f"{context.words['comma']} ".join(_short(context, who) for who in owners) or context.words["no_owner"]


def _short(context: Context, who: str) -> str:
    organization = context.paper.organizations.get(who)
    return organization.acronym if organization and organization.acronym else context.paper.name(who)


def _owed(context: Context, progress: Progress) -> Rows:
    """Who owes the paper what, the earliest first, besides what meetings left open."""
    heads = columns(context, ("who", 0.29), ("owes", 0.47), ("by", 0.24))
    owes = [o for o in progress.owes if o.kind not in _DECIDED]
    rows = [[cell(tree.text(text)) for text in line] for line in phrases.together(progress, owes)]
    return Rows("owed", context.words["owed_next"], heads, rows)
