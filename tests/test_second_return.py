"""A later file of the same reviewer takes back what an earlier one changed; a file of somebody else does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from test_review import CASES, FILES, SENDING, made, parse
from word_kit import Edited, light, read_sent

from nioc_paper.app.sendings.export_word import export_sending
from nioc_paper.model import Chapter, Paper, Sending
from nioc_paper.ooxml.package import Package
from nioc_paper.review.docx import docx_reader
from nioc_paper.review.exchange import incoming
from nioc_paper.review.exchange.incoming import ReceiveResult
from nioc_paper.system.files import default_templates

AUTHOR = "Ada North"


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Paper:
    return made(tmp_path_factory.mktemp("twice"), FILES)


@pytest.fixture(scope="module")
def chapter(paper: Paper) -> Chapter:
    return paper.chapters[0]


@pytest.fixture(scope="module")
def sent(paper: Paper) -> bytes:
    return light(export_sending(paper, "bridges", SENDING, default_templates(), compressed=False).data)


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
        self.sending = self.sending.replace(files=files, changes=result.changes, changed_by=result.authors)
        return result

    def as_if_only(self, *edits: Callable[[Edited], object]) -> str:
        """Return the chapter as it is if only these edits come back, in one file."""
        once = Round(self.base, self.sent)
        once.receive(*edits)
        return once.today


def elsewhere(file: Edited) -> object:
    """An edit far from those of the cases."""
    return file.replace("stands here", "is here")


@pytest.mark.parametrize("case", CASES)
def test_a_withdrawn_change_is_undone(case: str, chapter: Chapter, sent: bytes) -> None:
    edit = CASES[case][0]
    back = Round(chapter, sent)
    back.receive(edit)
    assert back.today != chapter.text
    result = back.receive()
    assert back.today == chapter.text
    assert result.taken_back >= 1
    assert not result.conflicts


@pytest.mark.parametrize("case", list(CASES)[::3])
def test_a_later_file_keeps_its_other_changes_and_those_of_others(case: str, chapter: Chapter, sent: bytes) -> None:
    edit, _ = CASES[case]
    back = Round(chapter, sent)
    back.receive(edit, elsewhere)
    back.today = back.today.replace("Mend the worst.", "Mend the worst first.")
    back.receive(elsewhere)
    assert back.today == back.as_if_only(elsewhere).replace("Mend the worst.", "Mend the worst first.")
    back.receive(edit)
    assert back.today == back.as_if_only(edit).replace("Mend the worst.", "Mend the worst first.")


def test_the_same_changes_again_do_not_undo_an_editor(chapter: Chapter, sent: bytes) -> None:
    back = Round(chapter, sent)
    back.receive(CASES["a word replaced"][0])
    back.today = chapter.text  # the editor does not want it
    back.receive(CASES["a word replaced"][0])
    assert back.today == chapter.text


def test_withdrawing_text_changed_by_others_is_a_conflict(chapter: Chapter, sent: bytes) -> None:
    back = Round(chapter, sent)
    back.receive(CASES["a word replaced"][0])
    back.today = now = back.today.replace("old bridges", "ancient bridges")
    result = back.receive()
    assert back.today == now
    assert [("old bridges" in c.conflict.base, "many bridges" in c.conflict.edited) for c in result.conflicts] == [
        (True, True)
    ]


def test_a_file_of_another_reviewer_withdraws_nothing(chapter: Chapter, sent: bytes) -> None:
    back = Round(chapter, sent)
    back.receive(CASES["a word replaced"][0])
    result = back.receive(elsewhere, author="Ben South")
    assert back.today == back.as_if_only(CASES["a word replaced"][0], elsewhere)
    assert (result.keeps_earlier, result.taken_back) == (True, 0)
    back.receive(author="Ben South")  # the ledger knows the changes of both: one of them has taken all back
    assert back.today == chapter.text


def test_a_change_in_a_paragraph_that_cannot_be_merged_is_not_taken_back(chapter: Chapter, sent: bytes) -> None:
    back = Round(chapter, sent)
    edit, other = CASES["a word replaced"][0], CASES["a nested item"][0]
    back.receive(edit, other)

    def rewrite(file: Edited) -> object:
        return file.replace("Roads Department 2019", "Road Office 2020", within="of them are")

    result = back.receive(rewrite)  # in the same paragraph, which once more reads as it was sent
    assert back.today == back.as_if_only(edit)
    assert ["citation" in c.conflict.reason for c in result.conflicts] == [True]
    back.receive()
    assert back.today == chapter.text


def test_changes_of_several_authors_are_withdrawn_separately(chapter: Chapter, sent: bytes) -> None:
    back = Round(chapter, sent)

    def by_ben(file: Edited) -> None:
        file.author = "Ben South"
        elsewhere(file)
        file.author = AUTHOR

    edit, other = CASES["a word replaced"][0], CASES["the summary"][0]
    back.receive(edit, by_ben, other)
    result = back.receive(by_ben, other)
    assert back.today == back.as_if_only(elsewhere, other)
    assert len(result.steps) == 1
    result = back.receive(edit)
    assert back.today == back.as_if_only(edit)
