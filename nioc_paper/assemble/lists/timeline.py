"""The plan as a picture: gates along the months to the deadline, what ends at each, and the days of meetings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from nioc_paper.assemble.lists.cells import Context
from nioc_paper.assemble.lists.marks import LEFT, WIDTH, Spec, breadth, layer, picture, words
from nioc_paper.model import Chart, DataTable, Event, Gate, Timeline
from nioc_paper.wording import Words, day, digits
from nioc_paper.workdays import Workdays, add_months

_ROW = 22
_GAP = 8
"""Pixels between a mark and its words, and between the gates and the meetings."""
_NAMES = 230
"""Pixels that the names of the rows may take."""
_YEAR = 366
"""Days of a plan whose dates need no year."""


def timeline(context: Context) -> Chart:
    """Gates, deadline and meetings. The plan has a start, a deadline after it, and gates."""
    plan, said = context.paper.timeline, context.words
    ends = {s.id: said["status_ends"].format(s.title) for s in context.paper.settings.statuses}
    held = _held(plan)
    what = [(g.due, g.title, ends.get(g.leaves or "", "")) for g in plan.gates]
    what += [(on, event.title, "") for event, days in held for on in days]
    heads = tuple(said[key] for key in ("on", "what", "what_ends"))
    rows = tuple((day(on, said), title, end) for on, title, end in sorted(what, key=lambda row: row[0]))
    place = plan.place("gates")
    table = DataTable("timeline", heads, rows, (LEFT,) * len(heads), place)
    return Chart("timeline", _Sheet(plan, said).spec(ends, held), table, _alt(plan, ends, held, said), place)


def _held(plan: Timeline) -> list[tuple[Event, Sequence[date]]]:
    """The events with their days in the time of the plan."""
    first, last = _span(plan)
    days = Workdays.of(plan)
    return [(event, found) for event in plan.events if (found := days.occurrences(event, first, last))]


def _span(plan: Timeline) -> tuple[date, date]:
    first = plan.start or date.min
    return first, max(plan.deadline or first, first)


def _alt(plan: Timeline, ends: dict[str, str], held: Sequence[tuple[Event, Sequence[date]]], said: Words) -> str:
    comma, stop = f"{said['comma']} ", f"{said['stop']} "
    gates = [
        f"{day(g.due, said)}: " + comma.join(filter(None, (g.title, ends.get(g.leaves or "")))) for g in plan.gates
    ]
    events = [f"{event.title}: " + comma.join(day(on, said) for on in days) for event, days in held]
    return said["timeline_alt"].format(*(day(on, said) for on in _span(plan)), stop.join([*gates, *events]))


class _Sheet:
    """Where days and rows are on the picture, in pixels."""

    def __init__(self, plan: Timeline, said: Words) -> None:
        self.plan, self.said = plan, said
        self.first, self.last = _span(plan)
        self.long = (self.last - self.first).days > _YEAR
        titles = [g.title for g in plan.gates] + [e.title for e in plan.events]
        self.names = min(_NAMES, max(map(breadth, titles)) + _GAP)
        self.dates = max(breadth(self.brief(g.due)) for g in plan.gates) + _GAP
        self.width = WIDTH - self.names - self.dates - _GAP

    def x(self, on: date) -> float:
        return (on - self.first).days * self.width / max(1, (self.last - self.first).days)

    def y(self, row: int) -> float:
        return (row + 0.5) * _ROW

    def brief(self, on: date) -> str:
        month = self.said["months_short"].split()[on.month - 1]
        return digits(f"{on.day}", self.said) + f" {month}" + f" {digits(str(on.year), self.said)}" * self.long

    def spec(self, ends: dict[str, str], held: Sequence[tuple[Event, Sequence[date]]]) -> Spec:
        gates = self.plan.gates
        below = len(gates) * _ROW + _GAP
        height = below + len(held) * _ROW + _GAP / 2
        layers = [*self.months(height), *self.rows(gates), *self.steps(gates, ends)]
        for row, (event, days) in enumerate(held):
            y = below + self.y(row)
            layers.append(words([self.at(-self.names, y, event.title)], "ink"))
            layers.append(layer("tick", [self.at(self.x(on), y) for on in days], "quiet", size=12, thickness=2))
        return picture(self.width, height, [*layers, *self.deadline(height)])

    def at(self, x: float, y: float, text: str = "") -> dict[str, Any]:
        return {"x": x, "y": y, "text": text}

    def months(self, height: float) -> Iterator[Spec]:
        """Every second month shaded, its name above where there is room; of a plan over years every second year."""
        step = 12 if self.long else 1
        first = self.first.replace(day=1, month=1 if self.long else self.first.month)
        months = (self.last.year - first.year) * 12 + self.last.month - first.month
        starts = [add_months(first, n * step) for n in range(months // step + 2)]
        spans = [(max(a, self.first), min(b, self.last)) for a, b in pairwise(starts)]
        places = [(self.period(a), self.x(a), self.x(b)) for a, b in spans]
        yield layer("rect", [{"x": a, "x2": b, "y": 0, "y2": height} for _, a, b in places[::2]], "blank")
        yield words([self.at(a + _GAP / 2, -10, name) for name, a, b in places if breadth(name) < b - a], "ink")

    def period(self, on: date) -> str:
        return digits(str(on.year), self.said) if self.long else self.said["months"].split()[on.month - 1]

    def rows(self, gates: Sequence[Gate]) -> Iterator[Spec]:
        """Date and title of every gate, and a line below."""
        left, there = -self.names - self.dates, list(enumerate(gates))
        lines = [{"x": left, "x2": self.width, "y": (row + 1) * _ROW} for row, _ in there]
        yield layer("rule", lines, "hairline")
        dates = [self.at(-self.names - _GAP, self.y(row), self.brief(g.due)) for row, g in there]
        yield words(dates, "quiet", align="right")
        yield words([self.at(-self.names, self.y(row), g.title) for row, g in there], "ink")

    def steps(self, gates: Sequence[Gate], ends: dict[str, str]) -> Iterator[Spec]:
        """The time from each gate to the next; a diamond where a status ends, with its name, and else a ring."""
        before = [self.first, *(g.due for g in gates)]
        spans = [(self.x(a), self.x(g.due), self.y(row)) for row, (a, g) in enumerate(zip(before, gates, strict=False))]
        yield layer("rect", [{"x": a, "x2": b, "y": y - 3, "y2": y + 3} for a, b, y in spans if b > a], "soft")
        told = [(a, b, y, ends.get(g.leaves or "", "")) for (a, b, y), g in zip(spans, gates, strict=True)]
        yield layer("point", [self.at(b, y) for _, b, y, end in told if not end], "ring", shape="circle", size=60)
        yield layer(
            "point", [self.at(b, y) for _, b, y, end in told if end], "strong", shape="diamond", size=130, filled=True
        )
        right = [self.at(b + _GAP + 3, y, end) for _, b, y, end in told if end and self.fits(b, end)]
        left = [self.at(a - _GAP, y, end) for a, b, y, end in told if end and not self.fits(b, end)]
        yield words(right, "ink")
        yield words(left, "ink", align="right")

    def fits(self, x: float, text: str) -> bool:
        return x + breadth(text) + 4 * _GAP < self.width

    def deadline(self, height: float) -> Iterator[Spec]:
        x = self.width
        yield layer("rule", [{"x": x, "y": -22, "y2": height}], "alert", strokeWidth=1.5)
        text = self.said["deadline"].format(day(self.last, self.said))
        yield words([self.at(x, -32, text)], "alert", align="right", fontWeight=600)
