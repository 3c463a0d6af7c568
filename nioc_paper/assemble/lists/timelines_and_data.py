"""Charts that are drawn from records, completed for a document, and the data of all charts as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import accumulate, groupby, pairwise
from textwrap import wrap
from typing import NamedTuple

from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.assemble.lists import generated_charts
from nioc_paper.assemble.lists.list_context import ListContext, audience_mark_at, caption_title, reference_to
from nioc_paper.assemble.lists.vega_layers import (
    ALIGN_LEFT,
    LINE_HEIGHT,
    PICTURE_WIDTHS,
    Spec,
    count_fitting_letters,
    layered_spec,
    mark_layer,
    text_layer,
)
from nioc_paper.domain.timeline_entries import DatedEntry, dated_entries
from nioc_paper.model import Chapter, Chart, DataTable, Node
from nioc_paper.wording import Wording, format_date, format_number, localized_digits, name_in

_TIMELINE_HEADS = ("on", "group", "what", "source_head")


def complete_chart(context: ListContext, chart: Chart) -> Chart:
    """Return a chart with its drawing and its table; one with a data file has them already."""
    entries = dated_entries(chart.diagram, context.paper.references) if chart.diagram else ()
    if not entries:
        return chart
    rows = [(format_partial_date(e.on, context.words), e.group or "–", e.text, e.source) for e in entries]
    heads = [context.words[key] for key in _TIMELINE_HEADS]
    titles = {key: text for key, text in (("title", chart.title), ("subtitle", chart.subtitle)) if text}
    table = DataTable(chart.id, tuple(heads), tuple(rows), (ALIGN_LEFT,) * len(heads), chart.place)
    listed = "; ".join(", ".join(row) for row in rows)
    spec, narrow = (titles | draw_timeline(entries, context.words, width) for width in PICTURE_WIDTHS)
    return replace(chart, spec=spec, narrow_spec=narrow, data=table, alt=f"{chart.alt} {listed}", is_worded=True)


def diagram_sources(chart: Chart | None) -> Iterator[str]:
    """Yield the keys of the sources that a diagram names."""
    if chart and chart.diagram:
        yield from dict.fromkeys(entry.source for entry in chart.diagram.entries)


# --- timeline of entries dated by sources: a row each, with date, text, and place on a scale of years -----------------


_DATE_WIDTH, _TEXT_SHARE, _MARK = 104, 0.528, 8
"""Pixels for dates, share of the rest for texts, and pixels of a mark."""
_PADDING, _GROUP_GAP = 3, 5
"""Pixels between rows, and before a group."""
_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500)
_MIN_STEP_WIDTH = 40
"""Pixels between the years on the scale, at least."""


class _TimelineRow(NamedTuple):
    """Row of the chart: an entry, or the heading of a group."""

    y: float
    height: float
    lines: Sequence[str]
    entry: DatedEntry | None = None

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


def format_partial_date(on: str, wording: Wording) -> str:
    """Return a date as precise as it is known: 1997, June 2018, 18 October 2019."""
    parts = [int(part) for part in on.split("-")]
    if len(parts) == 3:
        return format_date(date(*parts), wording)
    year = localized_digits(str(parts[0]), wording)
    return year if len(parts) == 1 else f"{name_in(wording, 'months', parts[1] - 1)} {year}"


def _make_rows(entries: Sequence[DatedEntry], letters: int) -> list[_TimelineRow]:
    """Return the rows from the top."""
    rows: list[_TimelineRow] = []
    y = 0.0
    for group, members in groupby(entries, key=lambda entry: entry.group):
        if group:
            y += _GROUP_GAP if rows else 0
            rows.append(_TimelineRow(y, LINE_HEIGHT + _PADDING, [group]))
            y += rows[-1].height
        for entry in members:
            lines = wrap(entry.text, letters) or [""]
            rows.append(_TimelineRow(y, LINE_HEIGHT * len(lines) + _PADDING, lines, entry))
            y += rows[-1].height
    return rows


def draw_timeline(entries: Sequence[DatedEntry], wording: Wording, width: int) -> Spec:
    """Return the drawing of a width."""
    text_width = int((width - _DATE_WIDTH) * _TEXT_SHARE)
    rows = _make_rows(entries, count_fitting_letters(text_width))
    scale = _Scale(entries, _DATE_WIDTH + text_width + _MARK, width - _MARK)
    height = rows[-1].y + rows[-1].height
    entry_rows = [(row, row.entry) for row in rows if row.entry]
    layers = [
        *scale.draw(height, wording),
        mark_layer("rule", [{"x": 0, "y": r.y, "x2": width} for r, _ in entry_rows], "hairline"),
        text_layer([(0, row.middle, row.lines[0]) for row in rows if row.entry is None], "ink", fontWeight=600),
        text_layer([(0, r.middle, format_partial_date(e.on, wording)) for r, e in entry_rows], "quiet"),
        *(
            text_layer([(_DATE_WIDTH, r.y + _PADDING / 2 + LINE_HEIGHT * (n + 0.5), line)], "ink")
            for r, _ in entry_rows
            for n, line in enumerate(r.lines)
        ),
        mark_layer("rect", [scale.mark(e, r.middle) for r, e in entry_rows], "strong"),
    ]
    return layered_spec(width, height, layers)


class _Scale:
    """Scale of years from the first entry to the last, in pixels."""

    def __init__(self, entries: Sequence[DatedEntry], left: float, right: float) -> None:
        self.first = min(entry.first for entry in entries).year
        self.last = max(entry.last for entry in entries).year + 1
        self.left, self.width = left, right - left

    def x(self, year: float) -> float:
        return self.left + (year - self.first) * self.width / (self.last - self.first)

    def mark(self, entry: DatedEntry, y: float) -> dict[str, object]:
        """Return the mark of an entry: as long as its date is imprecise, and large enough to be seen."""
        start, end = self.x(_as_year(entry.first)), self.x(_as_year(entry.last))
        padding = max(0.0, _MARK - (end - start)) / 2
        return {"x": start - padding, "y": y - _MARK / 2, "x2": end + padding, "y2": y + _MARK / 2}

    def draw(self, height: float, wording: Wording) -> Iterator[Spec]:
        """Yield the years with their lines."""
        per_year = self.width / (self.last - self.first)
        step = next((s for s in _STEPS if s * per_year >= _MIN_STEP_WIDTH), _STEPS[-1])
        years = [year for year in range(self.first, self.last) if year % step == 0] or [self.first]
        yield mark_layer("rule", [{"x": self.x(year), "y": -4, "y2": height} for year in years], "hairline")
        names = [(self.x(year), -12.0, localized_digits(str(year), wording)) for year in years]
        yield text_layer(names, "quiet", align="center")


def _as_year(on: date) -> float:
    """Return a day as a part of its year."""
    return on.year + (on.timetuple().tm_yday - 0.5) / 366


# --- tables of data: those in chapters, and those of charts -----------------------------------------------------------


_Row = Sequence[Sequence[Node]]
"""Cells of a row, each with its blocks."""
_MAX_PRINTED_ROWS = 300
"""Rows of the largest chart data that is printed; of larger data only the number of rows is."""
_MAX_UPRIGHT_COLUMNS = 8
"""Columns that fit a portrait page."""


def build_data_tables(context: ListContext) -> list[Node]:
    """Return the data of charts in print order, each a table with its figure's label; of pictures of words, none."""
    return [
        _chart_data_table(
            context,
            tree.identifier(node),
            chart.data,
            [*caption_title(context, chapter, node), *audience_mark_at(context, chapter.place(node))],
        )
        for chapter in context.chapters
        for node in tree.walk(chapter.blocks)
        if node["t"] == "Div" and tree.identifier(node) and (chart := find_chart(context, chapter, node))
        if not chart.is_worded
    ]


def find_chart(context: ListContext, chapter: Chapter, node: Node) -> Chart | None:
    """Return the chart or generated picture of a block."""
    if name := generated_charts.requested_chart(node, context.paper):
        chart, title = generated_charts.CHART_BUILDERS[name](context), tree.attributes(node).get("title", "")
        return replace(chart, spec={**chart.spec, "title": title}) if title else chart
    places = [chapter.place(block) for block in tree.content(node) if block["t"] == "CodeBlock"]
    if "figure" not in tree.classes(node):
        return None
    return next((complete_chart(context, c) for c in chapter.charts if c.place in places), None)


def _chart_data_table(context: ListContext, name: str, data_table: DataTable, title_inlines: Sequence[Node]) -> Node:
    caption = [*reference_to(context, name), {"t": "Str", "c": context.words["stop"]}, {"t": "Space"}, *title_inlines]
    if len(data_table.rows) > _MAX_PRINTED_ROWS:
        rest = context.words["rows_not_printed"].format(format_number(len(data_table.rows), context.words))
        return tree.div([tree.para([*caption, {"t": "Space"}, *tree.text_inlines(rest)])], id=f"data-{name}")
    printed_table = build_data_table(data_table, [tree.plain_block(caption)], id=f"data-{name}")
    return tree.div([printed_table], "landscape") if len(data_table.heads) > _MAX_UPRIGHT_COLUMNS else printed_table


def build_data_table(data_table: DataTable, caption: Sequence[Node], below: Sequence[Node] = (), *, id: str) -> Node:
    """Return a table of data with its caption; text below it, such as its source, becomes its foot."""
    rows = [[[tree.plain_block(tree.text_inlines(value))] for value in row] for row in data_table.rows]
    if data_table.total:
        totals = map(tree.text_inlines, data_table.rows[-1])
        rows[-1] = [[tree.plain_block([tree.strong(words)] if words else [])] for words in totals]
    # Widths in proportion to the cells; a head may take two lines, but breaks no word.
    needs = [_column_need(head, [row[i] for row in data_table.rows]) for i, head in enumerate(data_table.heads)]
    columns = [(head, need / sum(needs)) for head, need in zip(data_table.heads, needs, strict=True)]
    groups = _divide_rows(data_table, rows)
    plain = tree.table(columns, () if groups else rows, "data", id=id, aligns=data_table.aligns, groups=groups)
    attr, _, specs, head, bodies, foot = plain["c"]
    if below:
        cell = [tree.attr(), {"t": "AlignLeft"}, 1, len(data_table.heads), list(below)]
        foot = [tree.attr(), [[tree.attr(), [cell]]]]
    # The cells of the first column identify the rows of a body.
    names = [[tree.plain_text(cells[0][-1]) for _, cells in body] for *_, body in bodies]
    has_row_heads = data_table.aligns[0] == "left" and all(len({*texts}) == len(texts) for texts in names)
    bodies = [[own, int(has_row_heads), above, body] for own, _, above, body in bodies]
    return {"t": "Table", "c": [attr, [None, list(caption)], specs, head, bodies, foot]}


def _divide_rows(data_table: DataTable, rows: Sequence[_Row]) -> list[tuple[list[Node], Sequence[_Row]]]:
    """Return the rows below the heading of their group; below an empty one the sums of a table with groups."""
    ends = accumulate((count for _, count in data_table.groups), initial=0)
    groups = [
        ([tree.plain_block(tree.text_inlines(title))], rows[start:end])
        for (title, _), (start, end) in zip(data_table.groups, pairwise(ends), strict=True)
    ]
    return [*groups, ([], rows[-1:])] if groups and data_table.total else groups


def _column_need(head: str, values: Sequence[str]) -> float:
    longest = max(map(len, values), default=0)
    return 3 + max(min(longest, 40), len(head) / 2, *map(len, head.split()))
