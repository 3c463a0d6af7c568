"""A fault in one part of a merge leaves what it fails on as it was, reports it, and loses nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import pytest
from word_edits import KINDS, SPOTS, judge, sent
from word_kit import Edited

from nioc_paper.review.exchange import incoming
from nioc_paper.review.merge import (
    chapter_diff,
    chapter_merge,
    new_items,
    rejected_changes,
    tables,
)

PARTS = (
    (rejected_changes.KindCheck, "report"),
    (new_items.ItemEditor, "add"),
    (chapter_diff._ChapterDiff, "add_passage"),
    (chapter_diff._ChapterDiff, "remove_passage"),
    (rejected_changes.KindCheck, "report_generated"),
    (tables._TableCheck, "_has_same_shape"),
    (chapter_diff, "diff_passages"),
    (chapter_merge, "margin_conflicts"),
    (incoming, "_make_edit"),
)
EDITS: Mapping[tuple[str, str], Callable[[Edited], object]] = {
    **{
        (kind, place): partial(lambda kind, place, file: KINDS[kind](file, SPOTS[place]), kind, place)
        for kind, place in (
            ("word replaced", "emphasis"),
            ("made bold", "restricted passage"),
            ("parted", "last paragraph"),
            ("joined with the next", "between boxes"),
            ("taken out", "between boxes"),
            ("taken out", "cell"),
            ("taken out", "emphasis"),
            ("moved to the end", "bold words"),
            ("sentence behind", "bold words"),
            ("field behind", "field"),
            ("gap behind", "between boxes"),
            ("note put in", "last paragraph"),
            ("text box", "bold words"),
            ("made a heading", "bold words"),
            ("further in", "last item"),
            ("list item behind", "item"),
            ("word replaced", "summary"),
            ("word replaced", "field"),
        )
    },
    ("row put in", "cell"): lambda file: file.add_row("West of town", "South of town", "unknown"),
    ("row taken out", "cell"): lambda file: file.drop_row("West of town"),
    ("note taken out", "note"): lambda file: file.drop_note("the first opening"),
}


OTHER = "boulders"
"""New word of another passage, in which no fault is planted."""


def with_edit(make: Callable[[Edited], object]) -> Edited:
    file = Edited(sent()[1])
    make(file)
    return file.replace("stones", OTHER)


def plant(patch: pytest.MonkeyPatch, owner: object, name: str, spared: str) -> list[str]:
    """Plant a fault in a part, unless it gets the spared word; returns a list of its calls."""
    original, calls = getattr(owner, name), list[str]()

    def fail(*args: object, **kwargs: object) -> object:
        if spared in repr((args[1:], kwargs)):
            return original(*args, **kwargs)
        calls.append(name)
        raise KeyError("planted")

    patch.setattr(owner, name, fail)
    return calls


@pytest.mark.parametrize(("owner", "name"), PARTS)
def test_a_fault_is_reported_and_loses_no_other_change(
    owner: object, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = plant(monkeypatch, owner, name, "no such word" if name == "margin_conflicts" else OTHER)
    for (kind, place), make in EDITS.items():
        outcome = judge(kind, SPOTS[place], with_edit(make))
        is_note_kept = kind == "note taken out" and "year of the first opening" in outcome.text
        assert outcome.verdict in ("in", "said") or is_note_kept, (kind, place)
        assert OTHER in outcome.text, (kind, place)
    assert calls
