"""Two edits of two people at one place or at neighbouring ones: each comes in whole, or is reported and left out."""

from __future__ import annotations

import functools
import random
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace
from word_edits import KINDS, SPOTS, WHOLES, edit, judge, parse_nodes, registers, sent, source_words, take_out
from word_kit import SENDING, Edited

from nioc_paper.review.docx import docx_reader
from nioc_paper.review.exchange import today_merge
from nioc_paper.review.merge.chapter_merge import MergeResult

FINE = ("in", "said", "ignored")
SEED, SHORT, LONG = 11, 24, 2000
AUTHORS = ("Ben", "Ada")
WHOLE = "whole taken out"
"""Kind of a section, a table, a list or a box that is gone: its place is one of `WHOLES`."""
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


def wholes(count: int) -> Iterator[tuple[Edit, Edit]]:
    """Pairs of a whole that is taken out and an edit anywhere, or another whole, in either order."""
    chance = random.Random(SEED)
    while count:
        whole, other = (WHOLE, chance.choice([*WHOLES])), (chance.choice([*KINDS]), chance.choice([*SPOTS]))
        other = (WHOLE, chance.choice([*WHOLES])) if chance.random() < 0.2 else other
        if other[0] == WHOLE or edit(*other, "Ben"):
            yield (whole, other) if chance.random() < 0.5 else (other, whole)
            count -= 1


def change(file: Edited, one: Edit) -> Edited:
    """Make an edit in a file. Raises an error if an earlier one has taken its words out."""
    kind, place = one
    if kind == WHOLE:
        return take_out(file, *WHOLES[place])
    KINDS[kind](file, SPOTS[place])
    return file


def merge(file: Edited) -> MergeResult:
    chapter, _, base = sent()
    return today_merge.merge_received(chapter, base, docx_reader.read_docx(file.package), parse_nodes)


@functools.cache
def received(one: Edit, author: str) -> tuple[Edited, MergeResult]:
    """The file of a person with one edit, and what it alone makes of the chapter."""
    file = change(Edited(sent()[1], author), one)
    return file, merge(file)


def changed_words(text: str) -> Counter[str]:
    """The words that a text has more, or fewer, than the chapter that was sent."""
    words = Counter(source_words(text))
    words.subtract(source_words(sent()[0].text))
    return Counter({word: number for word, number in words.items() if number})


def is_both(text: Counter[str], one: Counter[str], other: Counter[str], *, is_part: bool) -> bool:
    """Whether a text has the changes of two people; what both put in or took out may be there once.

    With `is_part` the second change may be there in part.
    """
    for word in text | one | other | -text | -one | -other:
        a, b = one[word], other[word]
        least = a if is_part else max(a, b, key=abs) if a * b > 0 else a + b
        if not min(least, a + b) <= text[word] <= max(least, a + b):
            return False
    return True


def in_two_files(first: Edit, second: Edit) -> str:
    """The fault of a file received after another one; empty if there is none."""
    chapter, _, base = sent()
    (_, one), (file, other) = received(first, AUTHORS[0]), received(second, AUTHORS[1])
    today, alone = one.apply_to(chapter.text), other.apply_to(chapter.text)
    read = docx_reader.read_docx(file.package)
    result = today_merge.merge_into_today(chapter, replace(chapter, text=today), base, read, parse_nodes, SENDING)
    text = result.steps[-1].text if result.steps else today
    is_reported = len(result.conflicts) > len(other.conflicts)
    changes = [changed_words(each) for each in (text, today, alone)]
    if not is_both(*changes, is_part=second[0] in SEVERAL and is_reported):
        return "" if changes[0] == changes[1] and is_reported else f"{changes[0]} is not {changes[1]} and {changes[2]}"
    if is_reported:
        return ""
    # Of words that are gone, no form is left to change.
    is_gone = changes[2] or any(number < 0 for number in changes[1].values())
    if text == today and alone not in (today, chapter.text) and not is_gone:
        return "silently lost"
    fields = [registers(each) for each in (chapter.text, today, alone, text)]
    names = {name for each in fields for name in each}
    wrong = [n for n in names if fields[3].get(n) not in [each.get(n) for each in fields[1:3]]]
    return f"records: {wrong}" * any(len({each.get(n) for each in fields[:3]}) < 3 for n in wrong)


def in_one_file(first: Edit, second: Edit) -> str:
    """The fault of a file in which two people have made an edit each; empty if there is none."""
    file = change(Edited(sent()[1], AUTHORS[0]), first)
    file.author = AUTHORS[1]
    try:
        change(file, second)
    except (StopIteration, ValueError, AssertionError, AttributeError):
        return ""  # the first edit has taken the words of the second out
    if WHOLE in (first[0], second[0]):
        return beside_a_whole(first, second, merge(file))
    spots = [SPOTS[place] for _, place in (first, second)]
    verdicts = [judge(kind, spot, file).verdict for (kind, _), spot in zip((first, second), spots, strict=True)]
    # A record that the other edit touches is no fault.
    return "" if {*FINE} & {*verdicts} else "; ".join({*verdicts[0].split("; ")} & {*verdicts[1].split("; ")})


def beside_a_whole(first: Edit, second: Edit, both: MergeResult) -> str:
    """The fault of two edits of which one takes out much, and possibly the other one too; empty if there is none."""
    alone = [received(each, author)[1] for each, author in zip((first, second), AUTHORS, strict=True)]
    changes = [changed_words(each.apply_to(sent()[0].text)) for each in (both, *alone)]
    is_reported = bool(both.conflicts) and changes[0] in (*changes[1:], Counter())
    is_gone = second[0] == WHOLE and changes[0] == changes[2]
    return "" if is_both(*changes, is_part=False) or is_gone or is_reported else f"{changes[0]} is not {changes[1:]}"


@pytest.mark.parametrize("way", [in_two_files, in_one_file])
def test_two_edits_come_in_whole_or_are_reported(
    way: Callable[[Edit, Edit], str], request: pytest.FixtureRequest
) -> None:
    count = LONG if request.config.getoption("--long") else SHORT
    chosen = [*pairs(count), *wholes(count // 4)]
    faults = {pair: fault for pair in chosen if (fault := way(*pair))}
    assert faults == {}
