"""Alignment of two versions of a sequence: of words, sentences, blocks or passages."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher


def count_common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the number of words that two texts have in the same order."""
    if one == other:
        return len(one)
    return sum(size for _, _, size in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks())


def longest_rising_run(numbers: Sequence[int]) -> set[int]:
    """Return the largest set of numbers that come in rising order: those that were not moved."""
    tails: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        position = bisect_left(tails, number)
        before[number] = tails[position - 1] if position else None
        tails[position : position + 1] = [number]
    run = set[int]()
    current = tails[-1] if tails else None
    while current is not None:
        run.add(current)
        current = before[current]
    return run


def align_similar(scores: Sequence[Sequence[float]], width: int) -> Iterator[tuple[int | None, int | None]]:
    """Yield the places of both sequences side by side with the highest total score (Needleman and Wunsch 1970).

    `scores` has a row of this width for each place of the first; what has no score is not paired.
    """
    best = [[0.0] * (width + 1) for _ in range(len(scores) + 1)]
    for i in range(len(scores) - 1, -1, -1):
        for j in range(width - 1, -1, -1):
            pair = best[i + 1][j + 1] + scores[i][j] if scores[i][j] else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], pair)
    i = j = 0
    while i < len(scores) or j < width:
        is_inside = i < len(scores) and j < width
        if is_inside and scores[i][j] and best[i][j] == best[i + 1][j + 1] + scores[i][j]:
            yield i, j
            i, j = i + 1, j + 1
        elif i < len(scores) and (j == width or best[i][j] == best[i + 1][j]):
            yield i, None
            i += 1
        else:
            yield None, j
            j += 1
