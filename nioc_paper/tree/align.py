"""Align the words of a tree with those of its source: each match is certain, or missing.

Both runs are nearly equal: the source has more where a scan mistakes markup for words, the tree where pandoc made
words. Equal ends are matched first, then words that occur once on both sides, and so on between them; where all words
occur several times, by the fewest differences (E. W. Myers, An O(ND) Difference Algorithm, 1986). Linear for equal
runs; a match that could as well be another one is taken back.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

Matches = dict[int, int]
"""Index in the source by index in the tree."""
_MAX_DIFFERENCES = 200
"""Words without a partner between two unique words: more are not aligned, to limit the time."""


def align(keys: Sequence[str], words: Sequence[str]) -> Matches:
    """Return which word of the source is which key of the tree."""
    matches: Matches = {}
    _align_range(keys, words, matches, (0, len(keys), 0, len(words)))
    return matches


def _align_range(keys: Sequence[str], words: Sequence[str], matches: Matches, whole: tuple[int, int, int, int]) -> None:
    """Match the words in a range of both runs: start and end in the tree, start and end in the source."""
    stack = [whole]
    while stack:
        a, b, c, d = stack.pop()
        while a < b and c < d and keys[a] == words[c]:
            matches[a] = c
            a, c = a + 1, c + 1
        while a < b and c < d and keys[b - 1] == words[d - 1]:
            b, d = b - 1, d - 1
            matches[b] = d
        if a == b or c == d:
            _take_back_ambiguous(keys, words, matches, (a, b, c, d))
            continue
        bounds = [(a - 1, c - 1), *_find_anchors(keys, words, (a, b, c, d)), (b, d)]
        if len(bounds) > 2:
            matches.update(bounds[1:-1])
            stack += [(i + 1, j, k + 1, m) for (i, k), (j, m) in pairwise(bounds)]
        elif pairs := _fewest_differences(keys[a:b], words[c:d]):
            near_matches = [(a + i, c + k) for i, k in pairs]
            matches.update(near_matches)
            for (i, k), (j, m) in pairwise([(a - 1, c - 1), *near_matches, (b, d)]):
                _take_back_ambiguous(keys, words, matches, (i + 1, j, k + 1, m))


def _take_back_ambiguous(
    keys: Sequence[str], words: Sequence[str], matches: Matches, gap: tuple[int, int, int, int]
) -> None:
    """Remove the matches around surplus words that equal the surplus: either of the two may be the one."""
    a, b, c, d = gap
    run, start, end = (words, c, d) if a == b else (keys, a, b)
    before = after = 0
    if start == end:
        return
    while start - before > 0 and run[start - 1 - before] == run[end - 1 - before]:
        before += 1
    while end + after < len(run) and run[end + after] == run[start + after]:
        after += 1
    for index in range(a - before, b + after):
        matches.pop(index, None)


def _find_anchors(
    keys: Sequence[str], words: Sequence[str], whole: tuple[int, int, int, int]
) -> Sequence[tuple[int, int]]:
    """Return pairs of words that occur once in each range, in the order of both: the longest such run."""
    a, b, c, d = whole
    for size in (1, 2, 3):
        in_tree, in_source = _unique_runs(keys, a, b, size), _unique_runs(words, c, d, size)
        pairs = sorted((index, in_source[run]) for run, index in in_tree.items() if run in in_source)
        if pairs:
            return _longest_increasing(pairs)
    return ()


def _fewest_differences(keys: Sequence[str], words: Sequence[str]) -> list[tuple[int, int]]:
    """Return the pairs of equal words if at most _MAX_DIFFERENCES words have no partner, otherwise none."""
    ends, history = {1: 0}, list[dict[int, int]]()
    for count in range(_MAX_DIFFERENCES + 1):
        history.append(dict(ends))
        for diagonal in range(-count, count + 1, 2):
            x = _furthest(ends, diagonal, count)
            while x < len(keys) and x - diagonal < len(words) and keys[x] == words[x - diagonal]:
                x += 1
            ends[diagonal] = x
            if x >= len(keys) and x - diagonal >= len(words):
                return _trace(history, len(keys), len(words))
    return []


def _furthest(ends: dict[int, int], diagonal: int, count: int) -> int:
    """Return where a diagonal begins: below or beside the furthest end of its two neighbours."""
    return ends[diagonal + 1] if _is_down(ends, diagonal, count) else ends[diagonal - 1] + 1


def _is_down(ends: dict[int, int], diagonal: int, count: int) -> bool:
    return diagonal == -count or (diagonal != count and ends[diagonal - 1] < ends[diagonal + 1])


def _trace(history: Sequence[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    """Return the pairs on the way from the end of both runs to their start."""
    pairs: list[tuple[int, int]] = []
    for count in range(len(history) - 1, -1, -1):
        ends, diagonal = history[count], x - y
        start = _furthest(ends, diagonal, count) if count else 0
        while x > start and y > start - diagonal and x > 0 and y > 0:
            x, y = x - 1, y - 1
            pairs.append((x, y))
        if count:
            x, y = (x, y - 1) if _is_down(ends, diagonal, count) else (x - 1, y)
    return pairs[::-1]


def _unique_runs(words: Sequence[str], start: int, end: int, size: int) -> dict[tuple[str, ...], int]:
    runs = [tuple(words[index : index + size]) for index in range(start, end - size + 1)]
    counts = Counter(runs)
    return {run: start + index for index, run in enumerate(runs) if counts[run] == 1}


def _longest_increasing(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest run of pairs whose second values increase."""
    tails: list[int] = []
    tail_indices: list[int] = []
    previous: list[int] = []
    for index, (_, value) in enumerate(pairs):
        rank = bisect_left(tails, value)
        tails[rank : rank + 1] = [value]
        tail_indices[rank : rank + 1] = [index]
        previous.append(tail_indices[rank - 1] if rank else -1)
    chain: list[tuple[int, int]] = []
    last = tail_indices[-1] if tail_indices else -1
    while last >= 0:
        chain.append(pairs[last])
        last = previous[last]
    return chain[::-1]
