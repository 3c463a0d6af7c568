"""Words and statuses of the paper at the end of past days, from git."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import date, tzinfo
from pathlib import Path

from nioc_paper.app.errors import AppError
from nioc_paper.app.snapshots import load_snapshot, snapshot_key
from nioc_paper.model import Paper, Progress, ProgressPoint
from nioc_paper.system import git
from nioc_paper.system.cache import Cache

_MAX_DAYS = 40
"""Days that are measured: each costs about 0.5 s, once."""


def measure_past_days(
    root: Path, cache: Cache, audience: str, zone: tzinfo, progress: Progress
) -> tuple[ProgressPoint, ...]:
    """Return words and statuses at the end of past days, limited to the audience; the present is the last point."""
    days = [(on, commit) for on, commit in git.commit_days(root, zone) if on < progress.today]
    past_points = [
        point for on, commit in _sample_days(days) if (point := _measure_day(root, cache, on, commit, audience))
    ]
    return (*past_points, ProgressPoint(progress.today, progress.words, progress.by_status)) if past_points else ()


def _sample_days(days: Sequence[tuple[date, str]]) -> list[tuple[date, str]]:
    """Choose days evenly, with the first and the last."""
    last = len(days) - 1
    return [days[i] for i in sorted({round(n * last / (_MAX_DAYS - 1)) for n in range(_MAX_DAYS)})] if days else []


def _measure_day(root: Path, cache: Cache, on: date, commit: str, audience: str) -> ProgressPoint | None:
    """Measure the paper in a commit, once. Returns None if it cannot be read from git."""
    key = snapshot_key(commit, "past day", audience)
    if (cached := cache.get(key)) is None:
        try:
            cached = json.dumps(_measure_paper(load_snapshot(root, cache, commit), audience)).encode()
        except AppError:
            return None
        cache.put(key, cached)
    words, statuses = json.loads(cached)
    return ProgressPoint(on, words, statuses)


def _measure_paper(paper: Paper, audience: str) -> tuple[int, dict[str, int]]:
    from nioc_paper.domain.audience import for_audience

    visible, _ = for_audience(paper, audience)
    return sum(chapter.words for chapter in visible.chapters), Counter(
        chapter.front.status for chapter in visible.chapters
    )
