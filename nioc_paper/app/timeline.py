"""How the paper came to where it is: its words and statuses at the end of days of the past, from git."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import date, tzinfo
from pathlib import Path

import click

from nioc_paper.model import Paper, Progress, ProgressPoint

_MAX_DAYS = 40
"""Days that are looked at: each costs about half a second, once."""


def measure_growth(root: Path, audience: str, zone: tzinfo, progress: Progress) -> tuple[ProgressPoint, ...]:
    """The past of the paper as its audience may know it, and the present as its last point."""
    from nioc_paper.system import git

    days = [(on, commit) for on, commit in git.commit_days(root, zone) if on < progress.today]
    past_points = [point for on, commit in _sample_days(days) if (point := _measure_day(root, on, commit, audience))]
    return (*past_points, ProgressPoint(progress.today, progress.words, progress.by_status)) if past_points else ()


def _sample_days(days: Sequence[tuple[date, str]]) -> list[tuple[date, str]]:
    """Not too many of some days, evenly chosen, with the first and the last."""
    last = len(days) - 1
    return [days[i] for i in sorted({round(n * last / (_MAX_DAYS - 1)) for n in range(_MAX_DAYS)})] if days else []


def _measure_day(root: Path, on: date, commit: str, audience: str) -> ProgressPoint | None:
    """The paper in a commit, which never changes, so that it is read once; None where it cannot be read."""
    from nioc_paper.app.snapshots import load_snapshot, snapshot_key
    from nioc_paper.system.cache import Cache

    cache, name = Cache.for_paper(root), snapshot_key(commit, "trail", audience)
    if (cached := cache.get(name)) is None:
        try:
            cached = json.dumps(_measure_paper(load_snapshot(root, commit), audience)).encode()
        except click.ClickException:
            return None
        cache.put(name, cached)
    words, statuses = json.loads(cached)
    return ProgressPoint(on, words, statuses)


def _measure_paper(paper: Paper, audience: str) -> tuple[int, dict[str, int]]:
    from nioc_paper.domain.audience import for_audience

    visible, _ = for_audience(paper, audience)
    return sum(chapter.words for chapter in visible.chapters), Counter(
        chapter.front.status for chapter in visible.chapters
    )
