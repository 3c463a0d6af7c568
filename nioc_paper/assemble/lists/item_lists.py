"""Lists of items: action plan, indicators, owners, gaps, findings, recommendations, objectives and risks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import groupby

from msgspec import Struct

from nioc_paper import tree
from nioc_paper.assemble.lists.list_context import (
    Cell,
    ItemCell,
    ItemColumn,
    ListContext,
    agreed_owner_cell,
    agreement_text,
    cell,
    column_heads,
    due_day,
    field_cell,
    field_value,
    generated_table,
    item_blocks,
    item_rows,
    item_table,
    items_of_bodies,
    labelled_blocks,
    number_cell,
    owner_cell,
    owner_name,
    reference_to,
    references_to,
    text_cell,
)
from nioc_paper.assemble.repeated_blocks import enclose
from nioc_paper.model import Chapter, Item, Node
from nioc_paper.wording import format_date


def build_action_plan(context: ListContext) -> list[Node]:
    """Return all recommendations by objective and date, with owner, indicator and the gaps that they close."""
    scale = find_scale([item for _, item in context.items_of_kind("recommendation")], context.paper.settings.as_of)
    columns: Sequence[ItemColumn] = (
        ("no", 0.075, number_cell),
        ("recommendation", 0.35, item_blocks),
        ("owner", 0.14, agreed_owner_cell),
        ("by", 0.15, lambda context, _, item: cell(_dated_bar(context, item, scale))),
        ("indicator", 0.2, field_cell("indicator")),
        ("closes", 0.085, lambda context, _, item: cell(references_to(context, item.field_parts("closes")))),
    )
    days = [format_date(day, context.words) for day in (scale.start, scale.end)] if scale else []
    note = context.words["bars_are"].format(*days) if days else ""
    groups = [(head, sorted(items, key=lambda pair: _day_of(pair[1]))) for head, items in _group_by_objective(context)]
    return _captioned_table(context, "action-plan", columns, groups, note, scale)


def _dated_bar(context: ListContext, item: Item, scale: TimeScale | None) -> list[Node]:
    """Return the day of a recommendation above its mark on the scale."""
    words, day = tree.text_inlines(due_day(context, item, is_short=True)), item.due_on
    return [*words, {"t": "LineBreak"}, scale.draw_day(day)] if scale and day else words


def _group_by_objective(context: ListContext) -> list[tuple[Cell, list[tuple[Chapter, Item]]]]:
    """Return the recommendations of each objective under its text, then the others; one group without objectives."""
    objectives = list(context.items_of_kind("objective"))
    by_objective: dict[str, list[tuple[Chapter, Item]]] = {item.id: [] for _, item in objectives}
    others: list[tuple[Chapter, Item]] = []
    for chapter, item in context.items_of_kind("recommendation"):
        first = next((name for name in item.field_parts("objective") if name in by_objective), None)
        (by_objective[first] if first else others).append((chapter, item))
    heads = [labelled_blocks(context, chapter, item) for chapter, item in objectives]
    groups = zip(heads, (by_objective[item.id] for _, item in objectives), strict=True)
    rest = cell(tree.text_inlines(context.words["other_recommendations"])) if any(by_objective.values()) else []
    return [(head, items) for head, items in [*groups, (rest, others)] if items]


def build_monitoring(context: ListContext) -> list[Node]:
    """Return all indicators with baseline and target by objective; what all rows say is said once below."""
    items = [item for _, item in context.items_of_kind("recommendation")]
    shares = [("indicator", 0.25), ("baseline", 0.2), ("target", 0.2), ("source of data", 0.13), ("frequency", 0.08)]
    has_sources = any(item.field_text("source of data") for item in items)
    if not has_sources:
        shares.remove(("source of data", 0.13))
    total = 0.09 + sum(share for _, share in shares)
    columns: Sequence[ItemColumn] = [
        ("no", 0.09 / total, number_cell),
        *((name, share / total, partial(_indicator_cell, name=name)) for name, share in shares),
    ]
    groups = _group_by_objective(context)
    note = tree.div([tree.para(tree.text_inlines(context.words["source_is_owner"]))], "more")
    return [*_captioned_table(context, "monitoring", columns, groups), *([note] if groups and not has_sources else [])]


def _indicator_cell(context: ListContext, chapter: Chapter, item: Item, name: str) -> Cell:
    """Return a field of an indicator; by default the owner gives the data once a year."""
    defaults = {"source of data": owner_name(context, item), "frequency": context.words["yearly"]}
    return cell(field_value(context, chapter, item, name, defaults.get(name, "—")))


def build_owners(context: ListContext) -> list[Node]:
    """Return the owners of recommendations by name, each with what it owns, by date, and what it supports."""
    owned, supported = (items_of_bodies(context, "recommendation", field) for field in ("owner", "support"))
    rows = [
        [
            text_cell(name),
            cell(tree.join_inlines(_dated_reference(context, name, item) for item in sorted(owned[name], key=_day_of))),
            cell(references_to(context, [item.id for item in supported.get(name, ())])),
        ]
        for name in sorted(owned, key=str.casefold)
    ]
    columns = ("owner", 0.3), ("owns", 0.4), ("supports", 0.3)
    return generated_table(context, "owners", columns, rows, context.words["caption_owners"])


def _day_of(item: Item) -> date:
    return item.due_on or date.max


def _dated_reference(context: ListContext, owner: str, item: Item) -> list[Node]:
    """Return a recommendation with its day, and whether its owner has agreed."""
    agreement = agreement_text(context, item, [context.paper.organization(owner)])
    day = due_day(context, item, is_short=True) or context.words["no_day"]
    words = tree.text_inlines(f"{context.words['comma']} ".join(filter(None, (day, agreement))))
    return [*reference_to(context, item.id, number_only=True), {"t": "Space"}, *tree.in_parentheses(words)]


def _captioned_table(
    context: ListContext,
    name: str,
    columns: Sequence[ItemColumn],
    groups: Sequence[tuple[Cell, Sequence[tuple[Chapter, Item]]]],
    note: str = "",
    scale: TimeScale | None = None,
) -> list[Node]:
    """Return a table of groups of items with its caption and a note in it; empty without groups.

    A scale is drawn below the head of the days.
    """
    caption = context.words[f"caption_{name}"]
    caption = f"{caption}{context.words['stop']} {note}" if note else caption
    heads = column_heads(context, *((key, share) for key, share, _ in columns))
    axes = [[scale.draw_years()] if scale and key == "by" else [] for key, *_ in columns]
    rows = [(head, item_rows(context, pairs, columns)) for head, pairs in groups]
    table = tree.table(heads, (), "generated", name, caption=tree.text_inlines(caption), groups=rows, below=axes)
    return [table] if groups else []


def _recommendations_cell(field: str, missing: str) -> ItemCell:
    """Return the function for the recommendations that name an item in a field, or for the word that none does."""

    def make_cell(context: ListContext, _: Chapter, item: Item) -> Cell:
        recommendations = (recommendation for _, recommendation in context.items_of_kind("recommendation"))
        ids = [each.id for each in recommendations if item.id in each.field_parts(field)]
        return cell(references_to(context, ids) or tree.text_inlines(context.missing_word(missing)))

    return make_cell


_ITEM_COLUMNS: Mapping[str, tuple[str, Sequence[ItemColumn]]] = {
    "gaps": (
        "gap",
        (
            ("no", 0.09, number_cell),
            ("gap", 0.58, item_blocks),
            ("type", 0.14, field_cell("type")),
            ("closed_by", 0.19, _recommendations_cell("closes", "open")),
        ),
    ),
    "objectives": (
        "objective",
        (
            ("no", 0.06, number_cell),
            ("objective", 0.24, item_blocks),
            ("owner", 0.14, owner_cell),
            ("indicator", 0.2, field_cell("indicator", "—")),
            ("target", 0.16, field_cell("target", "—")),
            ("recommendations", 0.2, _recommendations_cell("objective", "nothing_yet")),
        ),
    ),
    "risks": (
        "risk",
        (("no", 0.08, number_cell), ("risk", 0.46, item_blocks), ("response", 0.46, field_cell("response", "—"))),
    ),
}
"""Kind of the items of each list that is a table of items alone, and its columns."""


def build_item_table(context: ListContext, name: str) -> list[Node]:
    """Return the table of gaps, objectives or risks."""
    kind, columns = _ITEM_COLUMNS[name]
    return item_table(context, kind, name, *columns)


def build_item_list(context: ListContext, kind: str) -> list[Node]:
    """Return the findings, each with its section, or the recommendations, each with its number."""
    items = [
        enclose(
            [],
            item_blocks(context, chapter, item, with_sources=True),
            tree.in_parentheses(reference_to(context, f"sec-{chapter.id}")),
        )
        if kind == "finding"
        else labelled_blocks(context, chapter, item)
        for chapter, item in context.items_of_kind(kind)
    ]
    return [tree.div([tree.block_list(items)], "generated", f"{kind}s")] if items else []


# --- days on a scale in a table, made of no-break spaces on a background: every format can show them ------------------


SCALE_LENGTH = 60
"""Number of spaces in a scale."""
_DAY_LENGTH = 6
"""Number of spaces in the mark of a day."""
_YEAR_LENGTH = 17
"""Number of spaces that a year is as long as, as it is larger."""


class TimeScale(Struct, frozen=True):
    """First and last day of a table."""

    start: date
    end: date

    def draw_day(self, day: date) -> Node:
        """Return the scale with the mark of a day, and a gap at each new year."""
        names = ["bar-rest"] * SCALE_LENGTH
        for year in range(self.start.year + 1, self.end.year + 1):
            names[self._length_until(date(year, 1, 1)) - 1] = "bar-gap"
        start = min(max(self._length_until(day) - _DAY_LENGTH // 2, 0), SCALE_LENGTH - _DAY_LENGTH)
        names[start : start + _DAY_LENGTH] = ["bar-filled"] * _DAY_LENGTH
        return tree.span([_spaces(len([*run]), name) for name, run in groupby(names)], "time-bar")

    def draw_years(self) -> Node:
        """Return the years above their first days on the scale, as far as each has room."""
        pieces: list[Node] = []
        end = 0
        for year in range(self.start.year, self.end.year + 1):
            start = max(self._length_until(date(year, 1, 1)), 0)
            if (start > end or not pieces) and start <= SCALE_LENGTH - _YEAR_LENGTH:
                pieces += [_spaces(start - end, "bar-gap")] if start > end else []
                pieces.append(tree.span(tree.text_inlines(str(year)), "bar-year"))
                end = start + _YEAR_LENGTH
        return tree.span(pieces, "time-bar")

    def _length_until(self, day: date) -> int:
        """Return the number of spaces between the start and a day."""
        return round(SCALE_LENGTH * (day - self.start).days / (self.end - self.start).days)


def _spaces(count: int, name: str) -> Node:
    return tree.span([{"t": "Str", "c": "\u00a0" * count}], name)


def find_scale(items: Sequence[Item], as_of: date | None) -> TimeScale | None:
    """Return the scale of the dates of recommendations; None if they have no two dates.

    It starts on `as_of`, the day of the text, if that is earlier than all dates, otherwise with the first date's year.
    """
    days = sorted({day for item in items if (day := item.due_on)})
    if len(days) < 2:
        return None
    return TimeScale(as_of if as_of and as_of < days[0] else date(days[0].year, 1, 1), days[-1])


# --- columns of lists that have the same value in all rows ------------------------------------------------------------


_MIN_ROWS = 3
"""Rows from which equal values are no coincidence."""
_Builder = Callable[[ListContext], list[Node]]


def without_same_values(build_list: _Builder) -> _Builder:
    """Return a builder whose tables have no column with one value; a line above each table has that value."""
    return lambda context: [block for node in build_list(context) for block in _print_once(context, node)]


def _print_once(context: ListContext, node: Node) -> list[Node]:
    """Return a table without its columns of one value, after the line that states them; other blocks as they are."""
    same = _same_columns(node) if node["t"] == "Table" else {}
    if not same:
        return [node]
    heads = [tree.plain_text(cell) for cell in tree.head_rows(node)[0]]
    values = [
        [*tree.text_inlines(f"{heads[i]}:"), {"t": "Space"}, *inlines]
        for i, inlines in same.items()
        if tree.plain_text(inlines).strip("— ")
    ]
    table = _without_columns(node, set(same))
    if not values:
        return [table]
    has_groups = any(group_rows for _, _, group_rows, _ in node["c"][4])
    if len(same) == len(heads) - 1 and not has_groups:  # a list of names needs no table
        names = [tree.text_inlines(tree.plain_text(row[0])) for row in tree.body_rows(node)]
        lines = [[*tree.text_inlines(f"{heads[0]}:"), {"t": "Space"}, *tree.join_inlines(names)]]
        return [tree.div([tree.para(tree.join_inlines([*lines, *values], separator=" · "))], "same-values")]
    line = [
        *tree.join_inlines(values, separator=" · "),
        {"t": "Space"},
        *tree.text_inlines(context.words["in_all_rows"]),
    ]
    return [tree.div([tree.para(line)], "same-values"), table]


def _same_columns(table: Node) -> dict[int, list[Node]]:
    """Return the columns after the first that have one value of a single paragraph in all rows, with that value."""
    rows = tree.body_rows(table)
    if len(rows) < _MIN_ROWS:
        return {}
    first, *others = rows
    return {
        i: tree.content(value[0]) if value else []
        for i, value in enumerate(first)
        if i and len(value) <= 1 and all(row[i] == value for row in others)
    }


def _without_columns(table: Node, cut: set[int]) -> Node:
    """Return a table without columns; the others share its width, and headings of groups cross what is left."""
    attr, caption, specs, (head_attr, head_rows), bodies, foot = table["c"]
    remaining = [spec for i, spec in enumerate(specs) if i not in cut]
    widths = [sum(width.get("c", 0) for _, width in some) for some in (specs, remaining)]
    scaled = [
        [align, {**width, "c": width["c"] * widths[0] / widths[1]} if "c" in width else width]
        for align, width in remaining
    ]

    def rows_left(rows: list[tree.Row]) -> list[tree.Row]:
        return [[own, [cell for i, cell in enumerate(cells) if i not in cut]] for own, cells in rows]

    def spans_left(rows: list[tree.Row]) -> list[tree.Row]:
        return [[own, [[*cell[:3], len(remaining), cell[4]] for cell in cells]] for own, cells in rows]

    parts = [[own, count, spans_left(heads), rows_left(rows)] for own, count, heads, rows in bodies]
    return {"t": "Table", "c": [attr, caption, scaled, [head_attr, rows_left(head_rows)], parts, foot]}
