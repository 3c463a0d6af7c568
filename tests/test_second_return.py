"""A later file of a sending adds to the earlier ones: what it would take back is open, for it may be an older copy."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from msgspec.structs import replace
from test_review import CASES, SENDING, chapter, edited, paper, parse, sent
from word_kit import Edited, read_sent

from nioc_paper.model import Chapter, Sending
from nioc_paper.ooxml.package import Package
from nioc_paper.review.docx import docx_reader
from nioc_paper.review.exchange import incoming
from nioc_paper.review.exchange.incoming import ReceiveResult

__all__ = ["chapter", "edited", "paper", "sent"]
AUTHOR = "Ada North"


class Round:
    """A chapter whose files come back one after the other."""

    def __init__(self, chapter: Chapter, sent: bytes) -> None:
        self.base, self.sent = chapter, sent
        self.today = chapter.text
        self.sending: Sending = SENDING

    def receive(self, *edits: Callable[[Edited], object], author: str = AUTHOR) -> ReceiveResult:
        """Receive the file that was sent with these edits alone."""
        file = Edited(self.sent, author)
        for edit in edits:
            edit(file)
        base_docx, edited_docx = read_sent(self.sent), docx_reader.read_docx(Package(file.save()))
        today = replace(self.base, text=self.today)
        result = incoming.merge_into_today(self.base, today, base_docx, edited_docx, parse, self.sending)
        self.today = result.steps[-1].text if result.steps else self.today
        files = (*self.sending.files, f"{len(self.sending.files):016x}")
        on = date(2020, 3, 3)
        self.sending = self.sending.replace(returned=on, files=files, changes=result.changes, changed_by=result.authors)
        return result

    def as_if_only(self, *edits: Callable[[Edited], object]) -> str:
        """Return the chapter as it is if only these edits come back, in one file."""
        once = Round(self.base, self.sent)
        once.receive(*edits)
        return once.today


def elsewhere(file: Edited) -> object:
    """An edit far from those of the cases."""
    return file.replace("stands here", "is here")


def taken_back(result: ReceiveResult) -> list[str]:
    """The reasons of the changes that would take back others."""
    return [c.conflict.reason for c in result.conflicts if c.conflict.reason.startswith(incoming.TAKEN_BACK_REASON)]


@pytest.mark.parametrize("case", CASES)
def test_an_older_copy_takes_nothing_back(case: str, chapter: Chapter, edited: bytes) -> None:
    back = Round(chapter, edited)
    back.receive(CASES[case][0])
    now = back.today
    result = back.receive()
    assert (back.today, result.steps) == (now, ())
    assert taken_back(result)
    assert len(taken_back(result)) == len(result.conflicts)
    whose = r"(Ada North|ada-north) changed in the file of 3 March 2020 \(0{16}\)"
    assert all(re.search(whose, reason) for reason in taken_back(result))
    lines = now.splitlines()
    assert any((c.conflict.base or "\n").splitlines()[0] in lines[c.line - 1] for c in result.conflicts)


@pytest.mark.parametrize("case", list(CASES)[::3])
def test_a_later_file_keeps_the_changes_of_all(case: str, chapter: Chapter, edited: bytes) -> None:
    edit, _ = CASES[case]
    back = Round(chapter, edited)
    back.receive(edit, elsewhere)
    back.today = back.today.replace("Mend the worst.", "Mend the worst first.")
    back.receive(elsewhere)
    back.receive(edit)
    assert back.today == back.as_if_only(edit, elsewhere).replace("Mend the worst.", "Mend the worst first.")


def test_other_words_for_what_an_earlier_file_changed_are_open(chapter: Chapter, edited: bytes) -> None:
    back = Round(chapter, edited)
    back.receive(CASES["a word replaced"][0])
    now = back.today
    result = back.receive(lambda file: file.replace("many", "several", within="many bridges"), elsewhere)
    assert back.today == back.as_if_only(CASES["a word replaced"][0], elsewhere)
    assert back.today != now
    assert len(taken_back(result)) == 1


def test_the_same_changes_again_do_not_undo_an_editor(chapter: Chapter, edited: bytes) -> None:
    back = Round(chapter, edited)
    back.receive(CASES["a word replaced"][0])
    back.today = chapter.text  # the editor does not want it
    assert not back.receive(CASES["a word replaced"][0]).conflicts
    assert not back.receive().conflicts
    assert back.today == chapter.text


def test_withdrawing_text_changed_by_others_is_a_conflict(chapter: Chapter, edited: bytes) -> None:
    back = Round(chapter, edited)
    back.receive(CASES["a word replaced"][0])
    back.today = now = back.today.replace("old bridges", "ancient bridges")
    result = back.receive()
    assert back.today == now
    assert [("old bridges" in c.conflict.base, "many bridges" in c.conflict.edited) for c in result.conflicts] == [
        (True, True)
    ]


def test_a_file_of_another_reviewer_withdraws_nothing(chapter: Chapter, edited: bytes) -> None:
    back = Round(chapter, edited)
    back.receive(CASES["a word replaced"][0])
    result = back.receive(elsewhere, author="Ben South")
    assert back.today == back.as_if_only(CASES["a word replaced"][0], elsewhere)
    assert result.keeps_earlier
    assert not result.conflicts
    reasons = taken_back(back.receive(author="Ben South"))
    assert len(reasons) == 2
    assert all("Ada North and Ben South" in reason for reason in reasons)
