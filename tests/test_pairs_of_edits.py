"""Two edits of two people at one place or at neighbouring ones: each comes in whole, or is reported and left out."""

from __future__ import annotations

import functools
import random
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace
from word_edits import KINDS, SENDING, SPOTS, edit, judge, parse_nodes, registers, sent, source_words
from word_kit import Edited

from nioc_paper.review.docx import docx_reader
from nioc_paper.review.exchange import incoming
from nioc_paper.review.merge.chapter_merge import MergeResult

FINE = ("in", "said", "ignored")
SEED, SHORT, LONG = 11, 24, 2000
AUTHORS = ("Ben", "Ada")
SEVERAL = ("pasted over by two", "two paragraphs behind")
"""Kinds of several changes, each of which comes in or is reported."""
Edit = tuple[str, str]
"""Kind and place."""


def pairs(count: int) -> Iterator[tuple[Edit, Edit]]:
    """Pairs of kinds, at one place or at two that follow each other."""
    chance, places = random.Random(SEED), list(SPOTS)
    while count:
        at = chance.randrange(len(places) - 1)
        near = (places[at], places[at + chance.randrange(2)])
        kinds = chance.choices(list(KINDS), k=2)
        if all(edit(kind, place, "Ben") for kind, place in zip(kinds, near, strict=True)):
            yield (kinds[0], near[0]), (kinds[1], near[1])
            count -= 1


@functools.cache
def received(one: Edit, author: str) -> tuple[Edited, MergeResult]:
    """The file of a person with one edit, and what it alone makes of the chapter."""
    chapter, _, base = sent()
    file = edit(*one, author)
    assert file is not None
    return file, incoming.merge_received(chapter, base, docx_reader.read_docx(file.package), parse_nodes)


def changed_words(text: str) -> Counter[str]:
    """The words that a text has more, or fewer, than the chapter that was sent."""
    words = Counter(source_words(text))
    words.subtract(source_words(sent()[0].text))
    return Counter({word: number for word, number in words.items() if number})


def in_two_files(first: Edit, second: Edit) -> str:
    """The fault of a file received after another one; empty if there is none."""
    chapter, _, base = sent()
    (_, one), (file, other) = received(first, AUTHORS[0]), received(second, AUTHORS[1])
    today, alone = one.apply_to(chapter.text), other.apply_to(chapter.text)
    read = docx_reader.read_docx(file.package)
    result = incoming.merge_into_today(chapter, replace(chapter, text=today), base, read, parse_nodes, SENDING)
    text = result.steps[-1].text if result.steps else today
    is_reported = len(result.conflicts) > len(other.conflicts)
    both = changed_words(today)
    both.update(changed_words(alone))
    if text == today:
        return "" if is_reported or alone in (today, chapter.text) else f"silently lost: {changed_words(alone)}"
    if changed_words(today) == changed_words(alone) == changed_words(text):
        return ""  # both have put the same words in
    if second[0] in SEVERAL and is_reported:
        return ""
    if changed_words(text) != Counter({word: number for word, number in both.items() if number}):
        return f"neither in nor out: {changed_words(text)}, not {both}"
    fields = [registers(each) for each in (chapter.text, today, alone, text)]
    names = {name for each in fields for name in each}
    wrong = [n for n in names if fields[3].get(n) not in [each.get(n) for each in fields[1:3]]]
    return f"records: {wrong}" * any(len({each.get(n) for each in fields[:3]}) < 3 for n in wrong)


def in_one_file(first: Edit, second: Edit) -> str:
    """The fault of a file in which two people have made an edit each; empty if there is none."""
    file = edit(*first, AUTHORS[0])
    assert file is not None
    if "sign raised" in (first[0], second[0]) or (first[0] == "moved to the end" and first[1] == second[1]):
        return ""  # words that meet in a report are not those of the file; nor are those that moved away
    file.author = AUTHORS[1]
    try:
        KINDS[second[0]](file, SPOTS[second[1]])
    except (StopIteration, ValueError, AssertionError, AttributeError):
        return ""  # the first edit has taken the words of the second out
    spots = [SPOTS[place] for _, place in (first, second)]
    verdicts = [judge(kind, spot, file).verdict for (kind, _), spot in zip((first, second), spots, strict=True)]
    # A record that the other edit touches is no fault.
    return "" if {*FINE} & {*verdicts} else "; ".join({*verdicts[0].split("; ")} & {*verdicts[1].split("; ")})


@pytest.mark.parametrize("way", [in_two_files, in_one_file])
def test_two_edits_come_in_whole_or_are_reported(
    way: Callable[[Edit, Edit], str], request: pytest.FixtureRequest
) -> None:
    chosen = [*pairs(LONG if request.config.getoption("--long") else SHORT)]
    faults = {pair: fault for pair in chosen if (fault := way(*pair))}
    assert faults == {}
