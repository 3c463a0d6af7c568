"""Charts generated from the registers, drawn like any other: that of the plan, with gates along the months."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from types import MappingProxyType

from nioc_paper import tree
from nioc_paper.assemble.lists.linkages import build_linkage_map
from nioc_paper.assemble.lists.list_context import ListContext
from nioc_paper.assemble.lists.vega_layers import (
    ALIGN_LEFT,
    LINE_HEIGHT,
    PICTURE_WIDTH,
    PICTURE_WIDTHS,
    Spec,
    estimate_text_width,
    layered_spec,
    mark_layer,
    text_layer,
)
from nioc_paper.domain.workdays import Workdays, add_months
from nioc_paper.model import Chart, DataTable, Event, Gate, Node, Paper, Timeline
from nioc_paper.wording import Wording, format_date, localized_digits, name_in

_ROW_HEIGHT = 22
_GAP = 8
"""Pixels between a mark and its words, and between gates and meetings."""
_MAX_NAMES_WIDTH = 230
"""Pixels for the names of the rows, at most."""
_DAYS_WITHOUT_YEAR = 366
"""Days of the longest plan whose dates have no year."""


def build_timeline(context: ListContext) -> Chart:
    """Return the chart of gates, deadline and meetings of a plan with a start, a later deadline, and gates."""
    plan, wording = context.paper.timeline, context.words
    ends = {s.id: wording["status_ends"].format(s.title) for s in context.paper.settings.statuses}
    first, last = _plan_span(plan)
    days = Workdays.from_timeline(plan)
    # The days of an event without an end go up to the deadline.
    event_days = [(event, dates) for event in plan.events if (dates := days.event_days(event, first, last))]
    dated_rows = [(g.due, g.title, ends.get(g.leaves or "", "")) for g in plan.gates]
    dated_rows += [(on, event.title, "") for event, days in event_days for on in days]
    heads = tuple(wording[key] for key in ("on", "what", "what_ends"))
    rows = tuple(
        (format_date(on, wording), title, end) for on, title, end in sorted(dated_rows, key=lambda row: row[0])
    )
    place = plan.place("gates")
    table = DataTable("timeline", heads, rows, (ALIGN_LEFT,) * len(heads), place)
    wide, narrow = (_TimelineDrawing(plan, wording, width).build_spec(ends, event_days) for width in PICTURE_WIDTHS)
    return Chart("timeline", wide, table, _alt_text(plan, ends, event_days, wording), place, narrow_spec=narrow)


def _plan_span(plan: Timeline) -> tuple[date, date]:
    """Return the first and the last day of the chart: start and deadline, or gates and events before and after them.

    Days further away than the plan is long are left out: they would shrink it to a stroke.
    """
    start = plan.start or date.min
    deadline = max(plan.deadline or start, start)
    length = (deadline - start).days
    untils = [event.until for event in plan.events if event.every and event.until]
    days = [*(g.due for g in plan.gates), *(on for event in plan.events for on in event.dates), *untils]
    near = [day for day in days if -length <= (day - start).days <= 2 * length]
    return min([start, *near]), max([deadline, *near])


def _alt_text(
    plan: Timeline, ends: dict[str, str], event_days: Sequence[tuple[Event, Sequence[date]]], wording: Wording
) -> str:
    comma, stop = f"{wording['comma']} ", f"{wording['stop']} "
    gates = [
        f"{format_date(g.due, wording)}: " + comma.join(filter(None, (g.title, ends.get(g.leaves or ""))))
        for g in plan.gates
    ]
    events = [f"{event.title}: " + comma.join(format_date(on, wording) for on in days) for event, days in event_days]
    start, deadline = (format_date(on, wording) for on in (plan.start, plan.deadline))
    return wording["timeline_alt"].format(start, deadline, stop.join([*gates, *events]))


class _TimelineDrawing:
    """Drawing of a plan; places of days and rows are in pixels. On a phone, the names of the rows are above them."""

    def __init__(self, plan: Timeline, wording: Wording, width: int) -> None:
        self.plan, self.wording = plan, wording
        self.first, self.last = _plan_span(plan)
        self.spans_years = (self.last - self.first).days > _DAYS_WITHOUT_YEAR
        titles = [g.title for g in plan.gates] + [e.title for e in plan.events]
        self.lift = 0 if width == PICTURE_WIDTH else LINE_HEIGHT
        self.names_width = 0 if self.lift else min(_MAX_NAMES_WIDTH, max(map(estimate_text_width, titles)) + _GAP)
        self.row_height = _ROW_HEIGHT + self.lift
        self.dates_width = max(estimate_text_width(self.short_day(g.due)) for g in plan.gates) + _GAP
        self.width = width - self.names_width - self.dates_width - _GAP

    def x(self, on: date) -> float:
        return (on - self.first).days * self.width / max(1, (self.last - self.first).days)

    def y(self, row: int) -> float:
        return (row + 1) * self.row_height - _ROW_HEIGHT / 2

    def short_day(self, on: date) -> str:
        form = "date_form" if self.spans_years else "day_form"
        return format_date(on, self.wording, months="months_short", form=form)

    def build_spec(self, ends: dict[str, str], event_days: Sequence[tuple[Event, Sequence[date]]]) -> Spec:
        gates = self.plan.gates
        below = len(gates) * self.row_height + _GAP
        height = below + len(event_days) * self.row_height + _GAP / 2
        layers = [*self.draw_months(height), *self.draw_rows(gates), *self.draw_steps(gates, ends)]
        for row, (event, days) in enumerate(event_days):
            y = below + self.y(row)
            layers.append(text_layer([(-self.names_width, y - self.lift, event.title)], "ink"))
            ticks = [{"x": self.x(on), "y": y} for on in days]
            layers.append(mark_layer("tick", ticks, "quiet", size=12, thickness=2))
        return layered_spec(self.width, height, [*layers, *self.draw_deadline(height)])

    def draw_months(self, height: float) -> Iterator[Spec]:
        """Yield shaded months, every second one, with names if they fit; for a plan over years, shaded years."""
        step = 12 if self.spans_years else 1
        first = self.first.replace(day=1, month=1 if self.spans_years else self.first.month)
        months = (self.last.year - first.year) * 12 + self.last.month - first.month
        starts = [add_months(first, n * step) for n in range(months // step + 2)]
        spans = [(max(a, self.first), min(b, self.last)) for a, b in pairwise(starts)]
        places = [(self.period_name(a), self.x(a), self.x(b)) for a, b in spans]
        yield mark_layer("rect", [{"x": a, "x2": b, "y": 0, "y2": height} for _, a, b in places[::2]], "blank")
        names = [(a + _GAP / 2, -10, name) for name, a, b in places if estimate_text_width(name) < b - a]
        yield text_layer(names, "ink")

    def period_name(self, on: date) -> str:
        if self.spans_years:
            return localized_digits(str(on.year), self.wording)
        return name_in(self.wording, "months", on.month - 1)

    def draw_rows(self, gates: Sequence[Gate]) -> Iterator[Spec]:
        """Yield date and title of every gate, and a line below."""
        left, numbered_gates = -self.names_width - self.dates_width, list(enumerate(gates))
        lines = [{"x": left, "x2": self.width, "y": (row + 1) * self.row_height} for row, _ in numbered_gates]
        yield mark_layer("rule", lines, "hairline")
        texts = [(self.y(row) - self.lift, g) for row, g in numbered_gates]
        dates = [(-self.names_width - _GAP, y, self.short_day(g.due)) for y, g in texts]
        yield text_layer(dates, "quiet", align="right")
        yield text_layer([(-self.names_width, y, g.title) for y, g in texts], "ink")

    def draw_steps(self, gates: Sequence[Gate], ends: dict[str, str]) -> Iterator[Spec]:
        """Yield the time from each gate to the next; a diamond and a name if a status ends, otherwise a ring."""
        steps = [
            (self.x(before), self.x(gate.due), self.y(row), ends.get(gate.leaves or "", ""))
            for row, (before, gate) in enumerate(zip([self.first, *(g.due for g in gates)], gates, strict=False))
        ]
        spans = [{"x": start, "x2": end, "y": y - 3, "y2": y + 3} for start, end, y, _ in steps if end > start]
        yield mark_layer("rect", spans, "soft")
        rings = [{"x": end, "y": y} for _, end, y, name in steps if not name]
        yield mark_layer("point", rings, "ring", shape="circle", size=60)
        diamonds = [{"x": end, "y": y} for _, end, y, name in steps if name]
        yield mark_layer("point", diamonds, "strong", shape="diamond", size=130, filled=True)
        # At the right of the mark if there is room, otherwise at the left of the step.
        named = [step for step in steps if step[-1]]
        left = [(start - _GAP, y, name) for start, end, y, name in named if not self.fits(end, name)]
        yield text_layer([(end + _GAP + 3, y, name) for _, end, y, name in named if self.fits(end, name)], "ink")
        yield text_layer(left, "ink", align="right")

    def fits(self, x: float, text: str) -> bool:
        return x + estimate_text_width(text) + 4 * _GAP < self.width

    def draw_deadline(self, height: float) -> Iterator[Spec]:
        x = self.x(self.plan.deadline or self.last)
        yield mark_layer("rule", [{"x": x, "y": -22, "y2": height}], "alert", strokeWidth=1.5)
        text = self.wording["deadline"].format(format_date(self.plan.deadline or self.last, self.wording))
        yield text_layer([(x, -32, text)], "alert", align="right", fontWeight=600)


# --- charts by name ---------------------------------------------------------------------------------------------------


CHART_BUILDERS: Mapping[str, Callable[[ListContext], Chart]] = MappingProxyType(
    {"linkage-map": build_linkage_map, "timeline": build_timeline}
)
"""Builders by the name of the list."""


def has_chart(paper: Paper, name: str) -> bool:
    """Return whether a paper has the data of a generated chart."""
    return {
        "linkage-map": len(paper.settings.categories) > 1,
        "timeline": bool(paper.timeline.gates and paper.timeline.start and paper.timeline.deadline),
    }.get(name, False)


def requested_chart(node: Node, paper: Paper) -> str:
    """Return the generated chart that a block requests and the paper has; empty for every other node."""
    name = tree.attributes(node).get("list", "") if tree.is_div(node, "generated") else ""
    return name if has_chart(paper, name) else ""


def build_charts(context: ListContext) -> dict[str, Chart]:
    """Return the generated charts of a paper, by their target in the tree."""
    return {f"chart:{name}": build(context) for name, build in CHART_BUILDERS.items() if has_chart(context.paper, name)}


def figure_builder(name: str) -> Callable[[ListContext], list[Node]]:
    """Return the builder of a list: a figure without id and caption."""

    def build_figure(context: ListContext) -> list[Node]:
        if not has_chart(context.paper, name):
            return []
        alt = tree.text_inlines(CHART_BUILDERS[name](context).alt)
        picture = tree.plain_block([{"t": "Image", "c": [tree.attr(), alt, [f"chart:{name}", ""]]}])
        return [{"t": "Figure", "c": [tree.attr(), [None, []], [picture]]}]

    return build_figure
