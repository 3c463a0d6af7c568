"""How the paper grew, as pictures: its words, and how many of its chapters were how far, as git remembers them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from markupsafe import Markup

from nioc_paper.model import Point, Status
from nioc_paper.render.site.progress.draw import NARROW, line, path, rect, svg, words
from nioc_paper.wording import Words, day, digits

_WIDTH, _HEIGHT, _LEFT, _TOP = 1000, 200, 70, 14
_RIGHT = 150


def _x(points: Sequence[Point], on: date) -> float:
    first, last = points[0].on, points[-1].on
    return _LEFT + (on - first).days / max(1, (last - first).days) * (_WIDTH - _LEFT - _RIGHT)


def _days(points: Sequence[Point], said: Words) -> Iterator[Markup]:
    yield line(_LEFT, _TOP + _HEIGHT, _WIDTH - _RIGHT, _TOP + _HEIGHT, "axis")
    yield words(_LEFT, _TOP + _HEIGHT + 18, day(points[0].on, said), "quiet")
    yield words(_WIDTH - _RIGHT, _TOP + _HEIGHT + 18, day(points[-1].on, said), "quiet", "end")


def length(points: Sequence[Point], target: int | None, said: Words) -> Markup | None:
    """The words of the paper over time, below the line of what they are to be; None where there is no time to show."""
    if len(points) < 2:
        return None
    top = max([target or 0, *(point.words for point in points)]) * 1.08 or 1

    def y(number: float) -> float:
        return _TOP + _HEIGHT * (1 - number / top)

    places = [(_x(points, point.on), y(point.words)) for point in points]
    last = digits(f"{points[-1].words:,}", said)
    parts = [
        path([(places[0][0], y(0)), *places, (places[-1][0], y(0))], "area"),
        path(places, "curve"),
        words(places[-1][0] + 8, places[-1][1] + 4, said["words_of"].format(last), "strong"),
        words(_LEFT - 8, y(0), digits("0", said), "quiet", "end"),
        *_days(points, said),
    ]
    if target:
        number = digits(f"{target:,}", said)
        parts += [
            line(_LEFT, y(target), _WIDTH - _RIGHT, y(target), "aim"),
            words(_LEFT - 8, y(target) + 4, number, "quiet", "end"),
        ]
    return svg("growth", _WIDTH, _HEIGHT + _TOP + 26, said["growth_alt"].format(last, day(points[-1].on, said)), parts)


def stages(points: Sequence[Point], statuses: Sequence[Status], said: Words) -> Markup | None:
    """How many chapters had which status over time: a column a point, the furthest at the foot."""
    if len(points) < 2:
        return None
    most = max(sum(point.statuses.values()) for point in points) or 1
    shown = [s for s in reversed(statuses) if any(point.statuses.get(s.id) for point in points)]
    looks = {status.id: f"stage-{round(rank * 6 / max(1, len(statuses) - 1))}" for rank, status in enumerate(statuses)}
    wide = min(34.0, (_WIDTH - _LEFT - _RIGHT) / len(points) * 0.8)
    parts: list[Markup] = []
    for point in points:
        y = float(_TOP + _HEIGHT)
        for status in shown:
            tall = _HEIGHT * point.statuses.get(status.id, 0) / most
            y -= tall
            x = min(_x(points, point.on), _WIDTH - _RIGHT - wide)
            parts.append(rect(x, y, wide, max(0.0, tall - 1), looks[status.id]))
    for row, status in enumerate(reversed(shown)):
        y = _TOP + 8 + row * 20
        parts.append(rect(_WIDTH - _RIGHT + 16, y, 12, 12, looks[status.id]))
        room = int((_RIGHT - 36) / NARROW)
        parts.append(words(_WIDTH - _RIGHT + 34, y + 11, status.title[:room]))
    parts.append(words(_LEFT - 8, _TOP + 10, digits(str(most), said), "quiet", "end"))
    alt = said["stages_alt"].format(day(points[0].on, said), day(points[-1].on, said))
    return svg("growth", _WIDTH, _HEIGHT + _TOP + 26, alt, [*parts, *_days(points, said)])
