"""Words of a tree and of its source are matched in order, and as many as can be."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from nioc_paper.tree.align import _fewest_differences, align

WORDS = st.lists(st.sampled_from("abc"), max_size=12)


def longest_common(one: list[str], other: list[str]) -> int:
    """Length of the longest common subsequence, by the textbook."""
    lengths = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i, word in enumerate(one):
        for j, second in enumerate(other):
            lengths[i + 1][j + 1] = lengths[i][j] + 1 if word == second else max(lengths[i][j + 1], lengths[i + 1][j])
    return lengths[-1][-1]


@given(WORDS, WORDS)
def test_the_fewest_differences_leave_the_most_pairs(keys: list[str], words: list[str]) -> None:
    pairs = _fewest_differences(keys, words)
    assert all(keys[i] == words[k] for i, k in pairs)
    assert all(i < j and k < m for (i, k), (j, m) in pairwise(pairs))
    assert len(pairs) == longest_common(keys, words)


@given(WORDS, WORDS)
@example(list("bacbbcbbabcb"), list("cabbccbbab"))
@example(list("cababaacaab"), list("bcaababc"))
def test_matches_are_of_equal_words_and_used_once(keys: list[str], words: list[str]) -> None:
    matches = align(keys, words)
    assert all(keys[i] == words[k] for i, k in matches.items())
    assert len({*matches.values()}) == len(matches)


def test_repeated_passages_with_words_of_the_tree_alone_are_aligned() -> None:
    with_mark, without = ["one", "secret", "mark", "two"], ["one", "secret", "two"]
    keys = with_mark * 5
    matches = align(keys, with_mark + without + with_mark + without + with_mark)
    assert sorted(matches) == [i for i in range(20) if i not in (6, 14)]
    assert [matches[i] for i in (0, 4, 7, 8, 12, 15, 19)] == [0, 4, 6, 7, 11, 13, 17]
