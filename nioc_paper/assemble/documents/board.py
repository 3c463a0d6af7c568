"""Page for the board: whether the date holds, changes, open decisions, obligations. Pure.

Rows that do not fit on the page are counted: the healthiest chapters, and the last rows of the other tables.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import accumulate

from msgspec import Struct

from nioc_paper import tree
from nioc_paper.assemble.excerpts import derived_document
from nioc_paper.assemble.lists import ListContext
from nioc_paper.assemble.lists.list_context import Cell, ListColumn, cell, chapter_title, column_heads, text_cell
from nioc_paper.assemble.numbered_paper import number_paper
from nioc_paper.domain.paper_diff import PaperDiff, StatusChange
from nioc_paper.model import (
    OFFERS,
    ChapterProgress,
    Decision,
    Document,
    Health,
    History,
    Node,
    OutputOptions,
    Paper,
    Progress,
)
from nioc_paper.model.grouping import group_pairs
from nioc_paper.wording import (
    Wording,
    column_head,
    format_date,
    format_number,
    localized_digits,
    progress_text,
    text_direction,
)

_FACTS_LINE_CHARACTERS = 105
"""Characters in a line of the table of facts."""
_PAGE_LINES = 45.0
"""Lines of a left-to-right page for rows of tables and for changes."""
_RTL_LINE_FACTOR = 0.62
"""Share of these lines on a page in a right-to-left script: its lines are taller."""
_HEADING_LINES = 3.0
"""Lines of a table's heading and column heads."""
_RTL_TITLE_LINES = 3.0
"""Lines that one right-to-left chapter title costs on a left-to-right page, in all tables together."""
_MIN_TABLE_LINES = {"owed": 5.0, "open": 6.0}
"""Lines that are reserved for a table, if it needs them, before the tables above it are placed."""
_PARAGRAPH_LINE_CHARACTERS = 128
"""Characters in a line of a paragraph."""
_DECISION_KINDS = ("decision", "offer", "announcement", "scope", "proposal")
_MAX_NAMED = 3
"""Number of chapters that a line names; the rest are counted."""


def build_board_page(
    paper: Paper, history: History, progress: Progress, diff: PaperDiff | None = None, timestamp: int | None = None
) -> Document:
    """Return the page for the board on the day of `progress`; `diff` is None if git does not know the changes."""
    numbered_paper = number_paper(paper, history, OutputOptions())
    common, words = numbered_paper.document(timestamp), numbered_paper.context.words
    return derived_document(
        common,
        [tree.div(_page_blocks(numbered_paper.context, progress, diff, common.language), "sheet", id="board")],
        "board",
        title=words["state_of_paper"],
        subtitle=words["for_the_board"],
        edition="",
        date=progress.today,
        draft=False,
        form="sheet",
        languages=tuple(sorted({chapter.language for chapter in paper.chapters})),  # sentences name chapters, too
    )


def _page_blocks(context: ListContext, progress: Progress, diff: PaperDiff | None, language: str) -> list[Node]:
    """Return the blocks of the page, with as many rows of its tables as there is room for."""
    change_blocks = [_changes_since_meeting(context, progress.last_meeting, diff)] if progress.last_meeting else []
    if agreement := progress_text.describe_consultation(progress, context.words):
        change_blocks.append(tree.div([tree.named_para(context.words["agreement"], agreement)], "since"))
    # The table of facts beyond its first line counts in lines of the other tables.
    characters = sum(max(len(name), len(text)) for name, text in progress_text.deadline_facts(progress, context.words))
    room = (
        _page_lines(language, context)
        - 2 * (characters // _FACTS_LINE_CHARACTERS)
        - sum(math.ceil(len(tree.plain_text(block)) / _PARAGRAPH_LINE_CHARACTERS) for block in change_blocks)
    )
    return [
        *_verdict_blocks(progress, context.words),
        *change_blocks,
        *_fit_tables(context, progress, room),
        *_upcoming_events(context, progress),
    ]


def _page_lines(language: str, context: ListContext) -> float:
    """Return the lines of the page: fewer if the page or a title on it is written from right to left."""
    if text_direction(language) == "rtl":
        return _PAGE_LINES * _RTL_LINE_FACTOR
    return _PAGE_LINES - _RTL_TITLE_LINES * sum(text_direction(c.language) == "rtl" for c in context.chapters)


def _verdict_blocks(progress: Progress, words: Wording) -> Iterator[Node]:
    """Yield the verdict on the deadline as a sentence, and the table of facts behind it."""
    health = progress.health
    headline = progress_text.progress_headline(progress, words)
    sentence = [_health_span(health, words, ":"), {"t": "Space"}, *tree.text_inlines(headline)]
    yield tree.div([tree.para(sentence)], "verdict", _health_class(health))
    facts = progress_text.deadline_facts(progress, words)
    lengths = [max(len(name), len(text)) for name, text in facts]
    gap = max(0, _FACTS_LINE_CHARACTERS - sum(lengths)) / len(lengths)
    widths = [length + gap for length in lengths]
    heads = [(name, width / sum(widths)) for (name, _), width in zip(facts, widths, strict=True)]
    yield tree.table(heads, [[text_cell(text) for _, text in facts]], "generated", "facts")


def _upcoming_events(context: ListContext, progress: Progress) -> Iterator[Node]:
    """Yield the next meetings and gates."""
    words, today = context.words, progress.today
    gates = sorted(((g.title, g.due) for g in context.paper.timeline.gates if g.due >= today), key=lambda gate: gate[1])
    coming = sorted([*((u.title, u.on) for u in progress.upcoming), *gates[:2]], key=lambda event: event[1])
    event_texts = [f"{format_date(on, words)}{words['comma']} {title}" for title, on in coming]
    if event_texts:
        yield tree.div([tree.named_para(words["next"], f"{words['semicolon']} ".join(event_texts))], "next")


def _health_span(health: Health, words: Wording, ending: str = "") -> Node:
    """Return the word for a health, with a class for its colour."""
    text = f"{column_head(words, f'health_{_health_class(health)}')}{ending}"
    return tree.span(tree.text_inlines(text), "health", _health_class(health))


def _health_class(health: Health) -> str:
    return health.replace(" ", "-")


# --- changes since the last meeting -----------------------------------------------------------------------------------


def _changes_since_meeting(context: ListContext, meeting_day: date, diff: PaperDiff | None) -> Node:
    """Return a paragraph on the changes since the last meeting; `diff` is None if git does not know them."""
    words = context.words
    summary = (
        words["since_unknown"] if diff is None else f"{words['semicolon']} ".join(_describe_changes(context, diff))
    )
    name = words["since_meeting"].format(format_date(meeting_day, words))
    return tree.div([tree.named_para(name, summary or words["nothing_moved"])], "since")


def _describe_changes(context: ListContext, diff: PaperDiff) -> Iterator[str]:
    words = context.words
    if moves := [_describe_status_change(context, moved) for moved in diff.status_changes]:
        more = _and_more(context, len(moves) - _MAX_NAMED)
        yield " ".join(filter(None, (f"{words['semicolon']} ".join(moves[:_MAX_NAMED]), more)))
    for how in ("new", "changed", "dropped"):
        if n := sum(r.kind == how and r.item.kind == "recommendation" for r in diff.items):
            yield words[f"recommendations_{how}"].format(localized_digits(str(n), words))
    for how in ("new", "done", "dropped"):
        if ids := [d.decision.id for d in diff.decisions if d.kind == how]:
            yield words[f"decisions_{how}"].format(f"{words['comma']} ".join(ids))
    if n := sum(diff.answered_comments.values()):
        yield words["comments_answered"].format(localized_digits(str(n), words))
    if diff.answers:
        states = [(context.words[f"form_{state}"].lower(), number) for state, number in diff.answers.items()]
        yield f"{context.words['agreement']}: {progress_text.join_counts(states, context.words)}"
    if diff.added_words:
        number = format_number(abs(diff.added_words), words)
        yield words["words_more" if diff.added_words > 0 else "words_fewer"].format(number)


def _describe_status_change(context: ListContext, status_change: StatusChange) -> str:
    """Return a chapter with its new and old status: "Tunnels: Review, before that Drafting"."""
    titles = {s.id: s.title for s in context.paper.settings.statuses}
    kind = "new" if status_change.before is None else "gone" if status_change.after is None else "moved"
    was, now = (titles.get(name or "", name or "") for name in (status_change.before, status_change.after))
    return context.words[f"status_{kind}"].format(title=status_change.chapter.front.title, was=was, now=now)


# --- tables that share the page ---------------------------------------------------------------------------------------


def _fit_tables(context: ListContext, progress: Progress, lines_left: float) -> Iterator[Node]:
    """Yield the tables, that of the decisions first; the chapters get their room before the others."""
    groups = _equal_chapters(progress, context.words)
    chapter_table = _build_chapter_table(context, progress, groups)
    open_decisions = [decision for decision in context.paper.decisions if decision.state == "open"]
    rest = [_build_open_table(context, open_decisions), _build_owed_table(context, progress)]
    lines_left -= sum(_HEADING_LINES for table in rest if table.cells)
    reserved = [min(table.height, _MIN_TABLE_LINES[table.name]) for table in rest]
    ranks = {health: rank for rank, health in enumerate(Health)}
    worst_first = sorted(range(len(groups)), key=lambda i: (-ranks[groups[i][0].health], -(groups[i][0].slip or 0)))
    rows = _rows_that_fit(chapter_table, worst_first, lines_left - sum(reserved))
    hidden = [chapter for index, group in enumerate(groups) if index not in rows for chapter in group]
    blocks = [chapter_table.with_rows(rows).to_blocks(_describe_chapters(context, hidden))]
    lines_left -= sum(map(chapter_table.row_height, rows))
    for number, table in enumerate(rest, 1):
        rows = _rows_that_fit(table, range(len(table.cells)), lines_left - sum(reserved[number:]))
        lines_left -= sum(map(table.row_height, rows))
        blocks.append(table.with_rows(rows).to_blocks(_and_more(context, len(table.cells) - len(rows))))
    chapters, decisions, owed = blocks
    yield from (*decisions, *chapters, *owed)


def _equal_chapters(progress: Progress, words: Wording) -> list[list[ChapterProgress]]:
    """Return the chapters in groups with the same row but for their titles, the smallest groups first."""
    rows = ((tuple(map(tree.plain_text, _chapter_cells(progress, c, words))), c) for c in progress.chapters)
    return sorted(group_pairs(rows).values(), key=len)


def _rows_that_fit(table: PageTable, order: Sequence[int], lines: float) -> list[int]:
    """Return the indexes of a table's first rows of `order` that fit into some lines, sorted."""
    return sorted(order[: sum(height <= lines for height in accumulate(map(table.row_height, order)))])


def _describe_chapters(context: ListContext, chapters: Sequence[ChapterProgress]) -> str:
    """Return the number and health of hidden chapters: "and 5 more: 3 on track, 2 done"."""
    healths = Counter(chapter.health for chapter in chapters)
    if len(healths) < 2:
        names = (progress_text.health_word(health, context.words) for health in healths)
        return " ".join([_and_more(context, healths.total()), *names]).strip()
    health_counts = [(progress_text.health_word(h, context.words), healths[h]) for h in reversed(Health)]
    return f"{_and_more(context, healths.total())}: {progress_text.join_counts(health_counts, context.words)}"


def _and_more(context: ListContext, number: int) -> str:
    return context.words["and_more"].format(localized_digits(str(number), context.words)) if number > 0 else ""


def _build_chapter_table(
    context: ListContext, progress: Progress, groups: Sequence[Sequence[ChapterProgress]]
) -> PageTable:
    shares = ("chapter", 0.27), ("status", 0.11), ("next_gate", 0.23), ("slip", 0.17), ("lead", 0.12), ("health", 0.1)
    rows = [
        [cell(_chapter_titles(context, group)), *_chapter_cells(progress, group[0], context.words)] for group in groups
    ]
    return PageTable("chapters", context.words["chapters"], column_heads(context, *shares), rows)


def _chapter_titles(context: ListContext, group: Sequence[ChapterProgress]) -> list[Node]:
    """Return the titles of the first chapters of a group, and the number of the others."""
    titles = [chapter_title(context, c.id, c.title) for c in group[:_MAX_NAMED]]
    more = _and_more(context, len(group) - _MAX_NAMED)
    inlines = tree.join_inlines(titles, separator=context.words["semicolon"])
    return [*inlines, {"t": "Space"}, *tree.text_inlines(more)] if more else inlines


def _chapter_cells(progress: Progress, chapter: ChapterProgress, words: Wording) -> list[Cell]:
    """Return the row of a chapter after its title."""
    return [
        text_cell(chapter.status.title),
        text_cell(chapter.gate.title if chapter.gate else "–"),
        text_cell(progress_text.describe_slip(progress, chapter.slip, chapter.gate_day, words)),
        text_cell(progress_text.format_leads(chapter, words)),
        cell([_health_span(chapter.health, words)]),
    ]


def _build_open_table(context: ListContext, decisions: Sequence[Decision]) -> PageTable:
    """Return the table of open decisions, offers and requests, those with a date first."""
    words = context.words
    heads = column_heads(context, ("no", 0.05), ("what", 0.63), ("owed_by", 0.18), ("due", 0.14))
    rows = [
        [
            text_cell(d.id),
            text_cell(f"{words[f'kind_{d.kind}']}: {d.text}"),
            text_cell(_owner_names(context, d)),
            text_cell(format_date(d.due, words) or words["no_date"]),
        ]
        for d in sorted(decisions, key=lambda d: (d.due or date.max, _DECISION_KINDS.index(d.kind)))
    ]
    return PageTable("open", words["still_open"], heads, rows)


def _owner_names(context: ListContext, decision: Decision) -> str:
    """Return the owners of a decision by their short names; an offer belongs to its maker."""
    owners = [decision.owner] if decision.owner else decision.who if decision.kind in OFFERS else ()
    acronyms = {who: organization.acronym for who, organization in context.paper.organizations.items()}
    names = (acronyms.get(who) or context.paper.display_name(who) for who in owners)
    return f"{context.words['comma']} ".join(names) or context.words["no_owner"]


def _build_owed_table(context: ListContext, progress: Progress) -> PageTable:
    """Return the table of obligations besides open decisions, the earliest first."""
    heads = column_heads(context, ("who", 0.29), ("owes", 0.47), ("by", 0.24))
    owes = [o for o in progress.obligations if o.kind not in _DECISION_KINDS]
    rows = [
        [text_cell(text) for text in line] for line in progress_text.merge_obligations(progress, owes, context.words)
    ]
    return PageTable("owed", context.words["owed_next"], heads, rows)


# --- tables that share one page ---------------------------------------------------------------------------------------


_ROW_PADDING = 0.35
"""Height of a row besides its text, in lines."""
_TABLE_LINE_CHARACTERS, _COLUMN_MARGIN = 132, 2.2
"""Characters in a line across the whole table, and characters that a column's margins take."""


class PageTable(Struct, frozen=True):
    """Table under its heading; `name` is its class and part of its heading's id."""

    name: str
    title: str
    columns: Sequence[ListColumn]
    cells: Sequence[Sequence[Cell]]

    @property
    def height(self) -> float:
        """Height of all rows, in lines."""
        return sum(map(self.row_height, range(len(self.cells))))

    def with_rows(self, indexes: Iterable[int]) -> PageTable:
        """Return the table with some of its rows."""
        return PageTable(self.name, self.title, self.columns, [self.cells[index] for index in indexes])

    def to_blocks(self, more: str) -> list[Node]:
        """Return heading, table and the text `more` on hidden rows; empty without rows and text."""
        rest = [tree.div([tree.para(tree.text_inlines(more))], "more")] if more else []
        table = [tree.table(self.columns, self.cells, "generated", self.name)] if self.cells else []
        heading = [tree.header(1, tree.text_inlines(self.title), id=f"sheet-{self.name}")] if table or rest else []
        return [*heading, *table, *rest]

    def row_height(self, index: int) -> float:
        """Return the height of a row, in lines."""
        lines = (
            math.ceil(len(tree.plain_text(c)) / ((share or 1) * _TABLE_LINE_CHARACTERS - _COLUMN_MARGIN))
            for c, (_, share) in zip(self.cells[index], self.columns, strict=True)
        )
        return max(lines, default=1) + _ROW_PADDING
