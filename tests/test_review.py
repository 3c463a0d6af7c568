"""A chapter goes out in Word, is changed there, and comes back into its Markdown: exactly, or not at all and said."""

from __future__ import annotations

import difflib
import functools
import re
import shutil
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest
from command_kit import kept_word_files
from msgspec.structs import replace
from sample_paper import FULL, full
from word_kit import BRIDGES, Edited, element_text, light, read_sent, resaved

from nioc_paper.app.sendings.send import export_sending
from nioc_paper.load import load
from nioc_paper.model import Chapter, Diagnostic, Paper, Sending
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import qn
from nioc_paper.review.docx import docx_reader
from nioc_paper.review.exchange import incoming
from nioc_paper.review.exchange.incoming import ReceiveResult
from nioc_paper.review.merge.edits import MergeConflict
from nioc_paper.system import pandoc
from nioc_paper.system.files import default_templates

COMMIT = "0" * 40
FILES = {
    **BRIDGES,
    "chapters/bridges.md": """\
---
id: bridges
title: Bridges
category: bridges
status: drafting
contributors:   # nobody leads it yet
  - {id: ada-north, role: author}
summary: What holds the bridges up.
---

## What is known {#sec-br-known}

The country has many bridges, and *few* of them are new [@survey2019].
Half were built before 1960[^age].
Nobody counts the rest; see @gap-br-01 and @tbl-br-age.

[^age]: The year is that of the opening, "not" of the plan [@audit2018].

The second paragraph is short.
It has **bold words**, a "quotation", a range of 3--5 years -- and more...

- the first item
- the second item, which is longer
    - a nested item
- the third item

1. Count the bridges.
2. Mend the worst.

> A quoted passage stands here.

| Bridge | Year | State |
|--------|------|-------|
| East | 1950 | poor |
| West | 1987 | good |

: Bridges by age [@survey2019] {#tbl-br-age}

The sum is $a^2 + b^2$ in all.

## What is missing

::: {#gap-br-01 .gap}
Nobody knows how old the bridges are [@survey2019].

- Type: data
- Evidence: partial; see the survey
:::

::: {#rec-br-01 .recommendation}
Count the bridges every year.

- Owner: RD
- By: 2020-12-31
- Indicator: share of bridges counted
- Closes: gap-br-01
:::

The last paragraph ends the chapter.
""",
}
SENDING = Sending(id="1", to="ada-north", on=date(2020, 2, 18), commit=COMMIT)
Edit = Callable[[Edited], object]


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Paper:
    """A paper of one chapter that has something of everything."""
    return made(tmp_path_factory.mktemp("bridges"), FILES)


def made(root: Path, files: Mapping[str, str]) -> Paper:
    """A paper of these files."""
    for name, text in files.items():
        (root / name).parent.mkdir(exist_ok=True, parents=True)
        (root / name).write_text(text, encoding="utf-8")
    findings: list[Diagnostic] = []
    read = load(root, findings.append)
    assert not findings
    for chapter in read.chapters:
        assert chapter.blocks  # read now: the folder goes
    return read


@pytest.fixture(scope="module")
def chapter(paper: Paper) -> Chapter:
    """Its chapter."""
    return paper.chapters[0]


@pytest.fixture(scope="module")
def sent(paper: Paper) -> bytes:
    """The chapter as it was sent."""
    return export_sending(paper, "bridges", SENDING, default_templates(), for_reader=False).data


@pytest.fixture(scope="module")
def edited(sent: bytes) -> bytes:
    """The same, to be edited and saved many times."""
    return light(sent)


@functools.cache
def parse(text: str) -> list[dict[str, object]]:
    return pandoc.parse_markdown(text)[0]


def back(chapter: Chapter, sent: bytes, received: bytes) -> tuple[list[str], tuple[MergeConflict, ...]]:
    """The changed lines of the source, and the unmerged changes."""
    merged = incoming.merge_received(chapter, read_sent(sent), docx_reader.read_docx(Package(received)), parse)
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
        lambda e: e.replace("many bridges", "old bridges"),
        [
            "-The country has many bridges, and *few* of them are new [@survey2019].",
            "+The country has old bridges, and *few* of them are new [@survey2019].",
        ],
    ),
    "a paragraph taken out": (
        lambda e: e.drop("The last paragraph ends"),
        ["-", "-The last paragraph ends the chapter."],
    ),
    "a paragraph parted": (lambda e: e.split("It has "), ["+"]),
    "a caption": (
        lambda e: e.replace("Bridges by age", "Bridges by year"),
        [
            "-: Bridges by age [@survey2019] {#tbl-br-age}",
            "+: Bridges by year [@survey2019] {#tbl-br-age}",
        ],
    ),
    "bold": (
        lambda e: e.style("The last paragraph", "w:b"),
        ["-The last paragraph ends the chapter.", "+**The last paragraph** ends the chapter."],
    ),
    "no longer bold": (
        lambda e: e.style("bold words", "w:b", on=False),
        [
            '-It has **bold words**, a "quotation", a range of 3--5 years -- and more...',
            '+It has bold words, a "quotation", a range of 3--5 years -- and more...',
        ],
    ),
    "a note put in": (
        lambda e: e.add_note("The last paragraph ends", "Said in the note."),
        [
            "-The last paragraph ends the chapter.",
            "+The last paragraph ends[^n1] the chapter.",
            "+",
            "+[^n1]: Said in the note.",
        ],
    ),
    "a note taken out": (
        lambda e: e.drop_note("The year is that"),
        [
            "-Half were built before 1960[^age].",
            "+Half were built before 1960.",
            "-",
            '-[^age]: The year is that of the opening, "not" of the plan [@audit2018].',
        ],
    ),
    "a day in a field": (
        lambda e: e.replace("31 December 2020".replace(" ", "\u00a0", 1), "30 June 2021"),
        ["-- By: 2020-12-31", "+- By: 2021-06-30"],
    ),
    "a field put in below the text": (
        lambda e: e.add("Count the bridges every", "Cost: Rs 5 million", style="RecommendationFields"),
        ["+- Cost: Rs 5 million"],
    ),
    "a sentence put in above the text": (
        lambda e: e.add("Recommendation BR-1", "Begin now.", style="Recommendation"),
        ["+Begin now.", "+"],
    ),
    "a recommendation taken out": (
        lambda e: [e.drop(p) for p in ("Recommendation BR-1", "Count the bridges every", *FIELDS)],
        [
            "-::: {#rec-br-01 .recommendation}",
            "-Count the bridges every year.",
            "-",
            "-- Owner: RD",
            "-- By: 2020-12-31",
            "-- Indicator: share of bridges counted",
            "-- Closes: gap-br-01",
            "-:::",
            "-",
        ],
    ),
    "the summary": (
        lambda e: e.replace("What holds the bridges up", "What keeps the bridges up: money"),
        ["-summary: What holds the bridges up.", '+summary: "What keeps the bridges up: money."'],
    ),
    "the title": (
        lambda e: e.replace("Bridges", "Old bridges"),
        ["-title: Bridges", "+title: Old bridges"],
    ),
}


@pytest.mark.parametrize("how", ["untracked", "tracked", "marks lost"])
@pytest.mark.parametrize("case", CASES)
def test_a_change_in_word_changes_only_its_source(case: str, how: str, chapter: Chapter, edited: bytes) -> None:
    edit, expected = CASES[case]
    file = Edited(edited, "Ada North" if how == "tracked" else "")
    edit(file)
    if how == "marks lost":
        file.strip()
    assert back(chapter, edited, file.save()) == (expected, ())


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is what this is about")
def test_changes_shifted_by_libreoffice_are_reported_and_others_applied(chapter: Chapter, sent: bytes) -> None:
    file = Edited(sent, "Ada North").replace("few", "none").replace("opening", "first car")
    tracked, untracked = resaved(file.save(), Edited(sent).replace("opening", "first car").save())
    lines, conflicts = back(chapter, sent, tracked)
    assert [line for line in lines if line[0] == "+"] == [
        "+The country has many bridges, and *none* of them are new [@survey2019]."
    ]
    formula = [c for c in conflicts if "formula" in c.reason]  # lost where LibreOffice comes without its Math
    assert ["LibreOffice" in c.reason and "The year is" in c.base for c in conflicts if c not in formula] == [True]
    assert not +docx_reader.read_docx(Package(untracked)).ignored_formatting
    lines, conflicts = back(chapter, sent, untracked)
    assert list(conflicts) == formula
    assert [line[:40] for line in lines if line[0] == "+"] == ["+[^age]: The year is that of the first c"]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is what this is about")
def test_a_paragraph_that_goes_on_after_the_first_page_comes_back_whole(tmp_path: Path) -> None:
    """LibreOffice parts one there if the first page has a header of its own."""
    top = FILES["chapters/bridges.md"].partition("## ")[0]
    lines = "".join(f"Bridge {n} was built of stone, and later mended with iron.\n" for n in range(100))
    paper = made(tmp_path, {**FILES, "chapters/bridges.md": f"{top}## What is known\n\n{lines}\nNobody asked.\n"})
    sent = export_sending(paper, "bridges", SENDING, default_templates(), for_reader=False).data
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
