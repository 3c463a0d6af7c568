"""A chapter goes out in Word, is changed there, and comes back into its Markdown: exactly, or not at all and said."""

from __future__ import annotations

import difflib
import functools
import re
import shutil
from collections.abc import Callable
from datetime import date

import pytest
from command_kit import kept_word_files
from msgspec.structs import replace
from sample_paper import FULL, full
from word_kit import FILES, SENDING, Edited, element_text, light, load_files, read_sent, resaved, send

from nioc_paper.app.sendings.send import export_sending
from nioc_paper.model import Chapter, Paper, Sending
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import qn
from nioc_paper.review.docx import docx_reader
from nioc_paper.review.exchange import today_merge
from nioc_paper.review.exchange.today_merge import ReceiveResult
from nioc_paper.review.merge.text_edits import MergeConflict
from nioc_paper.system import pandoc
from nioc_paper.system.files import default_templates

Edit = Callable[[Edited], object]


@pytest.fixture(scope="module")
def paper() -> Paper:
    return load_files(FILES)


@pytest.fixture(scope="module")
def chapter(paper: Paper) -> Chapter:
    """Its chapter."""
    return paper.chapters[0]


@pytest.fixture(scope="module")
def sent(paper: Paper) -> bytes:
    """The chapter as it was sent."""
    return send(paper)


@pytest.fixture(scope="module")
def edited(sent: bytes) -> bytes:
    """The same, to be edited and saved many times."""
    return light(sent)


@functools.cache
def parse(text: str) -> list[dict[str, object]]:
    return pandoc.parse_markdown(text)[0]


def back(chapter: Chapter, sent: bytes, received: bytes) -> tuple[list[str], tuple[MergeConflict, ...]]:
    """The changed lines of the source, and the unmerged changes."""
    merged = today_merge.merge_received(chapter, read_sent(sent), docx_reader.read_docx(Package(received)), parse)
    new = merged.apply_to(chapter.text)
    lines = difflib.unified_diff(chapter.text.splitlines(), new.splitlines(), lineterm="", n=0)
    return [line for line in list(lines)[2:] if not line.startswith("@@")], merged.conflicts


def test_conflicting_changes_of_a_title_apply_once_and_are_reported(chapter: Chapter, sent: bytes) -> None:
    file = Edited(sent).replace("Bridges", "Old bridges")
    heading = next(p for p in file.paragraphs() if element_text(p).endswith("Bridges") and element_text(p) != "Bridges")
    text = file.runs(heading, "Bridges")[-1].find(qn("w:t"))
    assert text is not None
    text.text = "New bridges"
    lines, conflicts = back(chapter, sent, file.save())
    assert lines == ["-title: Bridges", "+title: Old bridges"]
    assert [c.edited.split()[-2:] for c in conflicts] == [["New", "bridges"]]


def test_an_untouched_file_changes_nothing(chapter: Chapter, sent: bytes) -> None:
    assert back(chapter, sent, sent) == ([], ())
    assert back(chapter, sent, Edited(sent).strip().save()) == ([], ())
    assert "[formula x2+y2]" in " ".join(passage.paragraph.text for passage in read_sent(sent).passages)


def test_every_chapter_of_a_full_paper_comes_back_unchanged(request: pytest.FixtureRequest) -> None:
    """Half of them; all under --long."""
    for number, chapter in enumerate(full().chapters[:: 1 if request.config.getoption("--long") else 2]):
        with kept_word_files(FULL):
            sent = export_sending(full(), chapter.id, SENDING, default_templates(), for_reader=False).data
        received = Edited(sent).strip().save() if number % 2 else sent
        assert back(chapter, sent, received) == ([], ()), chapter.id


FIELDS = ("Owner:", "By:", "Indicator:", "Closes:")
CASES: dict[str, tuple[Edit, list[str]]] = {
    "a word replaced": (
        lambda e: e.replace("old bridges", "new bridges"),
        [
            "-The country has seven old bridges across water, and *very few people* count them [@survey2019].",
            "+The country has seven new bridges across water, and *very few people* count them [@survey2019].",
        ],
    ),
    "a paragraph taken out": (
        lambda e: e.drop("The last paragraph closes"),
        ["-", "-The last paragraph closes this chapter."],
    ),
    "a paragraph parted": (
        lambda e: e.split("It has "),
        [
            "-The second paragraph is rather short. It has **some bold words** and ends.",
            "+The second paragraph is rather short.",
            "+",
            "+It has **some bold words** and ends.",
        ],
    ),
    "a caption": (
        lambda e: e.replace("by their age", "by their year"),
        [
            "-: Bridges by their age {#tbl-br-age}",
            "+: Bridges by their year {#tbl-br-age}",
        ],
    ),
    "bold": (
        lambda e: e.style("The last paragraph", "w:b"),
        ["-The last paragraph closes this chapter.", "+**The last paragraph** closes this chapter."],
    ),
    "no longer bold": (
        lambda e: e.style("some bold words", "w:b", on=False),
        [
            "-The second paragraph is rather short. It has **some bold words** and ends.",
            "+The second paragraph is rather short. It has some bold words and ends.",
        ],
    ),
    "a note put in": (
        lambda e: e.add_note("The last paragraph closes", "Said in the note."),
        [
            "-The last paragraph closes this chapter.",
            "+The last paragraph closes[^n1] this chapter.",
            "+",
            "+[^n1]: Said in the note.",
        ],
    ),
    "a note taken out": (
        lambda e: e.drop_note("The year of the first"),
        [
            "-Many stood before trains came[^age].",
            "-",
            "-[^age]: The year of the first opening counts here.",
            "+Many stood before trains came.",
        ],
    ),
    "a day in a field": (
        lambda e: e.replace("31 December 2020".replace(" ", "\u00a0", 1), "30 June 2021"),
        ["-- By: 2020-12-31", "+- By: 2021-06-30"],
    ),
    "a field put in below the text": (
        lambda e: e.add("Inspect all bridges every", "Cost: Rs 5 million", style="RecommendationFields"),
        ["+- Cost: Rs 5 million"],
    ),
    "a sentence put in above the text": (
        lambda e: e.add("Recommendation BR-1", "Begin now.", style="Recommendation"),
        ["+Begin now.", "+"],
    ),
    "a recommendation taken out": (
        lambda e: [e.drop(p) for p in ("Recommendation BR-1", "Inspect all bridges every", *FIELDS)],
        [
            "-::: {#rec-br-01 .recommendation}",
            "-Inspect all bridges every single year.",
            "-",
            "-- Owner: RD",
            "-- By: 2020-12-31",
            "-- Indicator: share of bridges inspected",
            "-- Closes: gap-br-01",
            "-:::",
            "-",
        ],
    ),
    "the summary": (
        lambda e: e.replace("hold the bridges up", "pay for it: at once"),
        ["-summary: Someone must hold the bridges up.", '+summary: "Someone must pay for it: at once."'],
    ),
    "the title": (
        lambda e: e.replace("Bridges", "Old bridges"),
        ["-title: Bridges", "+title: Old bridges"],
    ),
}


HOW = ("untracked", "tracked", "marks lost")


@pytest.mark.parametrize(("case", "how"), [(case, HOW[(n + m) % 3]) for n, case in enumerate(CASES) for m in (0, 1)])
def test_a_change_in_word_changes_only_its_source(case: str, how: str, chapter: Chapter, edited: bytes) -> None:
    edit, expected = CASES[case]
    file = Edited(edited, "Ada North" if how == "tracked" else "")
    edit(file)
    if how == "marks lost":
        file.strip()
    assert back(chapter, edited, file.save()) == (expected, ())


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is what this is about")
def test_changes_shifted_by_libreoffice_are_reported_and_others_applied(chapter: Chapter, sent: bytes) -> None:
    file = Edited(sent, "Ada North").replace("few", "many").replace("opening", "first car")
    tracked, untracked = resaved(file.save(), Edited(sent).replace("opening", "first car").save())
    lines, conflicts = back(chapter, sent, tracked)
    assert [line for line in lines if line[0] == "+"] == [
        "+The country has seven old bridges across water, and *very many people* count them [@survey2019]."
    ]
    formula = [c for c in conflicts if "formula" in c.reason]  # lost where LibreOffice comes without its Math
    assert ["LibreOffice" in c.reason and "The year of" in c.base for c in conflicts if c not in formula] == [True]
    ignored, before = (docx_reader.read_docx(Package(data)).ignored_formatting for data in (untracked, sent))
    assert not ignored - before
    lines, conflicts = back(chapter, sent, untracked)
    assert list(conflicts) == formula
    assert [line for line in lines if line[0] == "+"] == ["+[^age]: The year of the first first car counts here."]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is what this is about")
def test_a_paragraph_that_goes_on_after_the_first_page_comes_back_whole() -> None:
    """LibreOffice parts one there if the first page has a header of its own."""
    top = FILES["chapters/bridges.md"].partition("## ")[0]
    lines = "".join(f"Bridge {n} was built of stone, and later mended with iron.\n" for n in range(100))
    paper = load_files({**FILES, "chapters/bridges.md": f"{top}## What is known\n\n{lines}\nNobody asked.\n"})
    sent = send(paper)
    file = Edited(sent, "Ada North").replace("Nobody asked", "Somebody asked")
    tracked = [f"Bridge {n} was built" for n in range(20, 60)]
    for words in tracked:
        file.replace(words, words.replace("built", "made"))
    (came,) = resaved(file.save())
    changed = [line.replace("built", "made") for line in lines.splitlines()[20:60]]
    text, conflicts = back(paper.chapters[0], sent, came)
    assert [line[1:] for line in text if line[0] == "+"] == [*changed, "Somebody asked."]
    assert conflicts == ()


# --- later files of a sending -----------------------------------------------------------------------------------------


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
        result = today_merge.merge_into_today(self.base, today, base_docx, edited_docx, parse, self.sending)
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
    return file.replace("somebody else", "another one")


def taken_back(result: ReceiveResult) -> list[str]:
    """The reasons of the changes that would take back others."""
    return [c.conflict.reason for c in result.conflicts if c.conflict.reason.startswith(today_merge.TAKEN_BACK_REASON)]


@pytest.mark.parametrize("case", list(CASES)[1::2])
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
    back.today = back.today.replace("Paint the worst", "Paint first the worst")
    back.receive(elsewhere)
    back.receive(edit)
    assert back.today == back.as_if_only(edit, elsewhere).replace("Paint the worst", "Paint first the worst")


def test_other_words_for_what_an_earlier_file_changed_are_open(chapter: Chapter, edited: bytes) -> None:
    back = Round(chapter, edited)
    back.receive(CASES["a word replaced"][0])
    now = back.today
    result = back.receive(lambda file: file.replace("seven", "several", within="old bridges"), elsewhere)
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
    back.today = now = back.today.replace("new bridges", "ancient bridges")
    result = back.receive()
    assert back.today == now
    assert [("new bridges" in c.conflict.base, "old bridges" in c.conflict.edited) for c in result.conflicts] == [
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
