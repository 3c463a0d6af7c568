"""How the paper came to where it is: its words and statuses at the end of days of the past, from git."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import date, tzinfo
from pathlib import Path

import click

from nioc_paper.model import Paper, Point, Progress

_MOST = 40
"""Days that are looked at: each costs about half a second, once."""


def trail(root: Path, audience: str, zone: tzinfo, progress: Progress) -> tuple[Point, ...]:
    """The past of the paper as its audience may know it, and the present as its last point."""
    from nioc_paper import git

    days = [(on, commit) for on, commit in git.days(root, zone) if on < progress.today]
    past = [point for on, commit in _some(days) if (point := _point(root, on, commit, audience))]
    return (*past, Point(progress.today, progress.words, progress.by_status)) if past else ()


def _some(days: Sequence[tuple[date, str]]) -> list[tuple[date, str]]:
    """Not too many of some days, evenly chosen, with the first and the last."""
    last = len(days) - 1
    return [days[i] for i in sorted({round(n * last / (_MOST - 1)) for n in range(_MOST)})] if days else []


def _point(root: Path, on: date, commit: str, audience: str) -> Point | None:
    """The paper in a commit, which never changes, so that it is read once; None where it cannot be read."""
    from nioc_paper.cache import Cache
    from nioc_paper.cli.past import name_at, paper_at

    cache, name = Cache.of(root), name_at(commit, "trail", audience)
    if (kept := cache.get(name)) is None:
        try:
            kept = json.dumps(_measured(paper_at(root, commit), audience)).encode()
        except click.ClickException:
            return None
        cache.put(name, kept)
    words, statuses = json.loads(kept)
    return Point(on, words, statuses)


def _measured(paper: Paper, audience: str) -> tuple[int, dict[str, int]]:
    from nioc_paper.audience import for_audience

    left, _ = for_audience(paper, audience)
    return sum(chapter.words for chapter in left.chapters), Counter(chapter.front.status for chapter in left.chapters)
