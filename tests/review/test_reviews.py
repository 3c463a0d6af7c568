"""A round of review through the command: sent, edited and commented in Word, received, answered, sent again."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import shared
from command_kit import kept_word_files, nioc, succeed, without_reader
from lxml import etree
from PIL import Image
from test_final_check import commit, git
from test_papers import absent, appended, changed, copy
from word_kit import COMMENTS, THREADS, W15, Edited, element_text, light

from nioc_paper import tree
from nioc_paper.app.project import Project
from nioc_paper.app.sendings.import_word import MARKDOWN_FORMAT
from nioc_paper.app.sendings.receive import describe_change
from nioc_paper.model import Answer, Comment, Reviews, slugify
from nioc_paper.model.reviews import PointAnswer, PointUpdate, Reply, Unmerged
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import (
    NAMESPACES,
    find_element,
    get_or_add_first,
    iter_elements,
    parse_element,
    qn,
    remove_element,
)
from nioc_paper.review.docx.docx_text import tokenize
from nioc_paper.review.docx.import_docx import fit_blocks
from nioc_paper.review.exchange.ledger import dump_reviews
from nioc_paper.review.merge import source_span
from nioc_paper.system import pandoc

SENT = ("--today", "2020-02-03")
BACK = ("--today", "2020-02-17")
CHAPTER = "chapters/bridges.md"
LEDGER = "reviews/bridges.yaml"
EDITS = (("two piers", "three piers"), ("inspected", "looked at"), ("publish the result", "print the result"))
"""Words of three paragraphs, and others for them."""


@pytest.fixture(autouse=True)
def _kept_word_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A file that is received is compared with the one that was sent, which is made again: its pieces are kept."""
    with kept_word_files(shared.folder(tmp_path_factory) / "word-files"):
        yield


@pytest.fixture(scope="module")
def sent_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The healthy paper in a repository, its bridges sent to their reviewer."""
    return shared.once(tmp_path_factory, "sent", _send) / "healthy"


def repository_of_ada(folder: Path) -> Path:
    """The healthy paper in a repository, in which Ada North commits."""
    root = copy("healthy", folder)
    (root / ".gitignore").write_text("/.cache/\n/dist/\n", encoding="utf-8")
    git(root, "init", "-q", "-b", "main")
    git(root, "config", "user.name", "Ada North")
    git(root, "config", "user.email", "ada@example.org")
    commit(root)
    return root


def _send(folder: Path) -> None:
    root = repository_of_ada(folder)
    succeed(root, "send", "bridges", "--due", "2020-02-14", *SENT)


@pytest.fixture
def paper(sent_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sent_once, tmp_path / "paper"))


@pytest.fixture(scope="module")
def reviewed_once(sent_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same when its reviewer has sent it back with comments."""

    def receive(folder: Path) -> None:
        root = Path(shutil.copytree(sent_once, folder / "healthy"))
        with kept_word_files(root):
            returned(root, commented(root))

    return shared.once(tmp_path_factory, "sent-and-reviewed", receive) / "healthy"


@pytest.fixture
def reviewed(reviewed_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(reviewed_once, tmp_path / "paper"))


def edited(root: Path, author: str = "Ben Lock", to: str = "ben-lock") -> Edited:
    return Edited(light(sent_file(root, to).read_bytes()), author)


def sent_file(root: Path, to: str = "ben-lock") -> Path:
    """The Word file of the last sending to somebody, by their name in it."""
    sent_id = next(s.id for s in reversed(ledger(root).sendings) if slugify(s.to) == to)
    return root / f"dist/review/bridges-{to}-{sent_id}.docx"


def point_id(root: Path, index: int = 0) -> str:
    return ledger(root).points[index].id


def returned(root: Path, file: Edited, name: str = "back.docx", *options: str, code: int = 0) -> str:
    """A received file: the output without its commits. The exit code is checked."""
    (root / "dist" / name).write_bytes(file.save())
    run = nioc(root, "receive", f"dist/{name}", *BACK, *options)
    assert run.returncode == code, run.stdout + run.stderr
    return run.stdout + re.sub(r"^[0-9a-f]{10} .*\n", "", run.stderr, flags=re.MULTILINE)


def ledger(root: Path) -> Reviews:
    return Project(root).load().paper.reviews[0]


def log(root: Path) -> list[str]:
    """Authors and subjects of commits since the first, newest first."""
    return git(root, "log", "--format=%an: %s").split("\n")[:-1]


def diff(root: Path, since: str) -> list[str]:
    """The lines of the chapter that were changed since a commit."""
    shown = git(root, "diff", "-U0", since, "--", CHAPTER).split("\n")
    return [line for line in shown if line[:1] in ("+", "-") and line[:3] not in ("+++", "---")]


def words(file: Path) -> Iterator[str]:
    """The paragraphs of a Word file."""
    return (element_text(p) for p in Edited(file.read_bytes()).paragraphs())


# --- out --------------------------------------------------------------------------------------------------------------


def test_a_chapter_without_a_number_comes_back(tmp_path: Path) -> None:
    root = copy("healthy", tmp_path)
    settings = root / "paper/paper.yaml"
    text = settings.read_text(encoding="utf-8").replace("      - chapters/bridges.md\n", "")
    settings.write_text(text.replace("[paper/front/", "[chapters/bridges.md, paper/front/"), encoding="utf-8")
    git(root, "init", "-q", "-b", "main")
    commit(root)
    assert nioc(root, "send", "bridges", *SENT).returncode == 0
    file = edited(root)
    for old, new in EDITS:
        file.replace(old, new)
    assert "changed by Ben Lock" in returned(root, file)
    assert [new for _, new in EDITS if new not in (root / CHAPTER).read_text(encoding="utf-8")] == []


def test_a_sent_chapter_has_instructions_after_its_title(sent_once: Path) -> None:
    sending, lines = ledger(sent_once).sendings[0], list(words(sent_file(sent_once)))
    start = next(n for n, line in enumerate(lines) if line.startswith("Change the text"))
    assert "Bridges" in lines[:start]
    assert lines[start : start + 7] == [
        "Change the text as you like: every change is tracked. A citation can only be deleted as a whole.",
        "Words on a grey background are locked: citations, references, formulas. To change one, add a comment.",
        "To tell the authors something, add a comment to the words that it is about.",
        "Begin a comment with “Major:” or “Critical:” if the chapter must not advance before it is answered.",
        "Please send this file back by 14 February 2020.",
        "Please return it to Ben Lock.",
        f"Reference of this file; please do not delete it: bridges-{sending.id}-{sending.commit[:10]}",
    ]
    assert [line for line in lines if line.startswith("¶1.2")]
    package = Package(sent_file(sent_once).read_bytes())
    assert b"trackRevisions" in package.part_bytes("word/settings.xml")
    assert list(iter_elements(package.body, "w:lnNumType")) == []  # paragraphs alone are numbered
    locked = [c for c in iter_elements(package.body, "w:sdt") if find_element(c, "w:sdtPr/w:lock") is not None]
    runs = [run for control in locked for run in iter_elements(control, "w:r")]
    assert runs
    assert [run for run in runs if find_element(run, "w:rPr/w:shd") is None] == []
    assert (sending.to, str(sending.due), sending.commit) == (
        "ben-lock",
        "2020-02-14",
        git(sent_once, "rev-parse", "HEAD~1"),
    )
    assert log(sent_once) == ["nioc: Send 'bridges' to Ben Lock"]


@pytest.mark.parametrize(
    ("arguments", "said_so"),
    {
        "nobody": (("bridges", "--to", "ben-lok"), "nobody in contributors.yaml is called 'ben-lok'; did you mean"),
        "nothing": (("bridge",), "no chapter is called 'bridge'"),
        "no reviewer": (("summary",), "'summary' has no reviewer; name one in its front matter, or give --to"),
    }.values(),
)
def test_impossible_sendings_are_refused(paper: Path, arguments: tuple[str, ...], said_so: str) -> None:
    run = nioc(paper, "send", *arguments, *SENT)
    assert run.returncode == 2
    assert said_so in run.stderr


def test_uncommitted_chapters_are_neither_sent_nor_changed(paper: Path) -> None:
    changed(paper / CHAPTER, "two piers", "three piers")
    run = nioc(paper, "send", "bridges", *SENT)
    assert (run.returncode, run.stderr) == (
        1,
        f"Error: {CHAPTER} has changes that are in no commit; commit them first\n",
    )
    before = (paper / CHAPTER).read_bytes()
    output = returned(paper, edited(paper).replace("two piers", "four piers"), code=1)
    assert "changes that are in no commit" in output
    assert (paper / CHAPTER).read_bytes() == before


def test_a_chapter_goes_to_three_reviewers_and_comes_back_from_each(paper: Path) -> None:
    people = ("Ben Lock", "Cara Guest", "Dana Deep")
    options = [option for person in people for option in ("--to", person)]
    succeed(paper, "send", "bridges", *options, "--due", "2020-02-14", *SENT)
    assert nioc(paper, "check", LEDGER, *SENT).returncode == 0
    for person, (old, new) in zip(people, EDITS, strict=True):
        name = person.lower().replace(" ", "-")
        file = edited(paper, person, name).replace(old, new)
        assert returned(paper, file, f"{name}.docx") == f"{CHAPTER}: changed by {person}\n"
    text = (paper / CHAPTER).read_text(encoding="utf-8")
    assert [new in text for _, new in EDITS] == [True] * 3
    assert [s.returned is not None for s in ledger(paper).sendings] == [False, True, True, True]


# --- back -------------------------------------------------------------------------------------------------------------


def test_changes_of_each_reviewer_are_a_commit_by_them(paper: Path) -> None:
    since = git(paper, "rev-parse", "HEAD")
    file = Edited(sent_file(paper).read_bytes(), "Ben Lock").replace("two piers", "three piers")
    file.author = "Cara Guest"
    file.insert("inspected", " and by whom")
    output = returned(paper, file)
    assert output == f"{CHAPTER}: changed by Ben Lock, Cara Guest\n"
    assert diff(paper, since) == [
        "-A bridge stands on two piers, as @fig-br-span shows.",
        "+A bridge stands on three piers, as @fig-br-span shows.",
        "-No rule says how often a bridge is inspected [@survey2019].",
        "+No rule says how often a bridge is inspected and by whom [@survey2019].",
    ]
    assert log(paper)[:3] == [
        "nioc: Note what Ben Lock sent back of 'bridges'",
        "Cara Guest: bridges: 1 change by Cara Guest in 1.2",
        "Ben Lock: bridges: 1 change by Ben Lock in 1.1",
    ]
    assert (git(paper, "status", "--porcelain"), str(ledger(paper).sendings[0].returned)) == ("", "2020-02-17")


def test_later_changes_of_the_chapter_are_kept(paper: Path) -> None:
    changed(paper / CHAPTER, "Most bridges are sound", "Many bridges are sound")
    changed(paper / CHAPTER, "A closed bridge sends", "A bridge that is closed sends")
    changed(paper / CHAPTER, "## Gaps\n", "## Gaps\n\nA new line stands here.\n")
    since = commit(paper)
    file = edited(paper).replace("two piers", "three piers").replace("its traffic", "all its traffic")
    output = returned(paper, file, code=1)
    assert [line for line in diff(paper, since) if line[0] == "+"] == [
        "+A bridge stands on three piers, as @fig-br-span shows.",
    ]
    for text in ("A closed bridge sends all its", "A closed bridge sends its", "A bridge that is closed sends its"):
        assert text in output


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("two piers", "three piers", "made “three piers” of “two piers”"),
        ("two piers", "", "took out “two piers”"),
        ("", "three piers", "put in “three piers”"),
        ("two piers", "two piers", "changed “two piers”, but none of its words"),
        ("", "", "changed the form"),
    ],
)
def test_a_change_is_described_without_empty_quotations(before: str, after: str, words: str) -> None:
    assert describe_change(before, after) == words


def test_a_conflict_is_reported_with_its_line_and_kept_until_answered(paper: Path) -> None:
    changed(paper / CHAPTER, "two piers", "five piers")
    since = commit(paper)
    output = returned(paper, edited(paper).replace("two piers", "three piers"), code=1)
    line = 1 + (paper / CHAPTER).read_text(encoding="utf-8").split("\n").index(
        "A bridge stands on five piers, as @fig-br-span shows."
    )
    assert absent(output, f"{CHAPTER}:{line}:1: warning[open-review/change] Ben Lock made", "three piers") == []
    assert "two piers" in output
    assert diff(paper, since) == []
    (left,) = ledger(paper).unmerged
    assert ("two piers" in left.sent, "three piers" in left.got, left.by, left.answer) == (True, True, "ben-lock", None)
    assert "line_hash" not in (paper / LEDGER).read_text(encoding="utf-8")  # earlier releases do not know the key
    assert "now: A bridge stands on three piers" in nioc(paper, "comments", "--open").stdout
    assert nioc(paper, "comments", "answer", point_id(paper), "accept", *BACK).returncode == 0
    assert nioc(paper, "comments", "--open").stdout == "0 comments, 0 answered\n"


def test_a_file_is_received_and_sent_if_nobody_reads_the_output(paper: Path) -> None:
    file = edited(paper).replace("two piers", "three piers").replace("inspected", "seen")
    changed(paper / CHAPTER, "inspected", "looked at")
    commit(paper)
    (paper / "dist/back.docx").write_bytes(file.save())
    done = without_reader(paper, "receive", "dist/back.docx", *BACK)
    assert (done.returncode, "three piers" in (paper / CHAPTER).read_text(encoding="utf-8")) == (1, True), done.stderr
    assert without_reader(paper, "send", "bridges", *BACK).returncode == 0
    assert len(ledger(paper).sendings) == 2


def test_changes_left_by_hand_have_the_same_place_everywhere_and_are_readable(paper: Path) -> None:
    appended(paper / "paper/paper.yaml", "record_files: true\n")
    changed(paper / CHAPTER, "two piers", "five piers")
    changed(paper / CHAPTER, "## Gaps\n", "## Gaps\n\nA new line stands here.\n")
    commit(paper)
    file = edited(paper).replace("two piers", "three piers").replace("2019", "2018", within="Half of the bridges")
    file.style("Inspect every bridge", "w:vanish").replace("December", "Decembruary")
    file.replace("No rule says", "No law says " + "and says again " * 100, within="how often")
    file.replace("Ardale Town Council 2019", "Ardale Town Council 2018", within="how often")
    file.replace("Figure\u00a01.1", "Drawing 1")
    shown = returned(paper, file, code=1)
    listed = nioc(paper, "comments", "--open").stdout
    places, known = (re.findall(rf"^({CHAPTER}:\d+:\d+): ", text, re.MULTILINE) for text in (shown, listed))
    assert (places, len(set(places)) > 3) == (known, True)
    assert max(map(len, shown.split("\n"))) < 600
    changed(paper / CHAPTER, "## At a glance\n", "## At a glance\n\nA later line.\n")
    moved = re.findall(rf"^({CHAPTER}:\d+:\d+): ", nioc(paper, "comments", "--open").stdout, re.MULTILINE)
    lines = [[int(place.split(":")[1]) for place in side] for side in (known, moved)]
    assert [after - before for before, after in zip(*lines, strict=True)] == [2] * len(known)


def test_a_file_is_received_once(paper: Path) -> None:
    file = edited(paper).replace("two piers", "three piers")
    file.comment("inspected", "By whom?", by="Ben Lock")
    returned(paper, file)
    since = git(paper, "rev-parse", "HEAD")
    assert returned(paper, file) == "back.docx was received on 17 February 2020: nothing to do\n"
    assert git(paper, "rev-parse", "HEAD") == since
    # The same file saved again has other bytes; there is still nothing new in it.
    again = Edited(file.save(), "Ben Lock")
    again.package.xml_root("docProps/core.xml").set("again", "1")
    assert returned(paper, again) == f"{CHAPTER}: nothing changed\n"
    assert len(ledger(paper).comments) == 1
    assert diff(paper, since) == []


def test_an_open_conflict_absent_from_a_later_file_is_named(paper: Path) -> None:
    first = edited(paper)
    first.style("two piers", "w:vanish")
    returned(paper, first, code=1)
    output = returned(paper, edited(paper).replace("inspected", "looked at"), "later.docx")
    assert f"; no longer in the file: change {point_id(paper)} to apply by hand" in output
    first.package.xml_root("docProps/core.xml").set("again", "1")
    assert "no longer in the file" not in returned(paper, first, "last.docx", code=1)


def test_a_dry_run_lists_changes_and_writes_nothing(paper: Path) -> None:
    since = git(paper, "rev-parse", "HEAD")
    file = edited(paper).replace("two piers", "three piers").comment("inspected", "By whom?", by="Ben Lock")
    output = returned(paper, file, "dry.docx", "--dry-run").split("\n")
    assert output[0] == f"{CHAPTER}: changed by Ben Lock; 1 comment: nioc comments"
    assert [line for line in output if line[:2] in ("-A", "+A")] == [
        "-A bridge stands on two piers, as @fig-br-span shows.",
        "+A bridge stands on three piers, as @fig-br-span shows.",
    ]
    assert output[-3:] == [
        "comment by ben-lock on “inspected”: By whom?",
        "nothing was changed: this was a dry run",
        "",
    ]
    assert (git(paper, "rev-parse", "HEAD"), git(paper, "status", "--porcelain")) == (since, "")


def test_a_reference_to_a_table_that_was_taken_out_is_reported_with_both_places(paper: Path) -> None:
    file = edited(paper)
    caption = file.paragraph("Bridges by age")
    remove_element(next(node for node in caption.itersiblings() if node.tag == qn("w:tbl")))
    remove_element(caption)
    output = returned(paper, file, code=1)
    text = (paper / CHAPTER).read_text(encoding="utf-8")
    line = text[: text.index("@tbl-br-age")].count("\n") + 1
    assert "{#tbl-br-age}" not in text
    expected = rf"{CHAPTER}:{line}:\d+: error\[dead-reference\] '@tbl-br-age' leads nowhere; "
    assert re.search(rf"{expected}'tbl-br-age' was taken out at {CHAPTER}:\d+:\d+\n", output), output


def test_a_file_that_may_do_harm_is_not_read(paper: Path) -> None:
    data = io.BytesIO(sent_file(paper).read_bytes())
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr("word/vbaProject.bin", b"\0")
    (paper / "dist" / "macro.docx").write_bytes(data.getvalue())
    (paper / "dist" / "text.docx").write_text("no Word file", encoding="utf-8")
    for name, why in (("macro", "holds a macro"), ("text", "damaged, or not a Word file")):
        run = nioc(paper, "receive", f"dist/{name}.docx")
        assert run.returncode == 1
        assert why in run.stderr
        assert "nothing was read from it" in run.stderr


def test_a_file_with_a_template_and_a_workbook_is_read_without_them(paper: Path) -> None:
    file = edited(paper).replace("two piers", "three piers")
    file.package.add_related_part("word/embeddings/sheet.xlsx", "package", b"PK", content="application/xlsx")
    settings = "word/settings.xml"
    file.package.add_relationship(settings, "theme", "word/theme/theme1.xml")  # so that there is a list
    kind, target = "attachedTemplate", "file:///C:/Templates/Normal.dotm"
    file.package.add_relationship_as(settings, "rId90", kind, target, external=True)
    output = returned(paper, file)
    assert absent(output, "back.docx: read without 1 attached template, 1 embedded file", "changed by Ben Lock") == []


IGNORED = {
    '<w:highlight w:val="yellow"/>': "highlighting",
    '<w:color w:val="FF0000"/>': "colours",
    '<w:u w:val="single"/>': "underlining",
    "<w:smallCaps/>": "small capitals",
    '<w:rFonts w:ascii="Arial" w:hAnsi="Arial"/>': "typefaces",
    '<w:sz w:val="40"/>': "font sizes",
}


def test_ignored_formatting_and_styles_are_reported_once(paper: Path) -> None:
    file = edited(paper).replace("two piers", "three piers")
    for words in ("three piers", "the oldest bridges"):
        for run in file.runs(file.paragraph(words), words):
            get_or_add_first(run, "w:rPr").extend(map(parse_element, IGNORED))
    style = '<w:style w:type="paragraph" w:customStyle="1" w:styleId="Own"><w:name w:val="Own quotation"/></w:style>'
    file.package.xml_root("word/styles.xml").append(parse_element(style))
    get_or_add_first(file.paragraph("three piers"), "w:pPr").insert(0, parse_element('<w:pStyle w:val="Own"/>'))
    (named,) = re.findall("; ([^;]*) ignored: a chapter has none", returned(paper, file))
    assert sorted(named.split(", ")) == sorted([*IGNORED.values(), "the style 'Own quotation'"])
    assert "three piers" in (paper / CHAPTER).read_text(encoding="utf-8")


def unmarked(file: Edited, *, reference: bool) -> Edited:
    """A file that has lost bookmarks, properties and character styles, and perhaps its printed reference."""
    file.strip()
    for part in file.package.part_names("customXml/"):
        file.package.xml_root(part).tag = "other"
    for node in list(file.package.xml_root("docProps/core.xml")):
        remove_element(node)
    for style in list(iter_elements(file.package.body, "w:rStyle")):
        remove_element(style)
    if not reference:
        remove_element(file.paragraph("Reference of this file"))
    return file


def test_a_file_without_marks_is_recognized_by_its_text(paper: Path) -> None:
    since = git(paper, "rev-parse", "HEAD")
    file = unmarked(edited(paper).replace("two piers", "three piers"), reference=False)
    output = returned(paper, file, "lost.docx", code=1)
    assert "lost.docx has lost its marks, and reads like chapters/bridges.md; say what it is" in output
    sending = f"bridges/{ledger(paper).sendings[0].id}"
    assert f"--sending {sending}; or a new chapter: --as ID" in output
    assert git(paper, "rev-parse", "HEAD") == since
    output = returned(paper, file, "lost.docx", "--sending", "bridges/2", code=2)
    assert f"'bridges/2' is not one sending; they are: {sending} to ben-lock" in output
    output = returned(paper, file, "lost.docx", "--sending", sending[:-3])
    assert output == f"{CHAPTER}: changed by Ben Lock\n"
    assert diff(paper, since) == [
        "-A bridge stands on two piers, as @fig-br-span shows.",
        "+A bridge stands on three piers, as @fig-br-span shows.",
    ]


def test_a_printed_reference_is_mark_enough(paper: Path) -> None:
    file = unmarked(edited(paper).replace("two piers", "three piers"), reference=True)
    assert returned(paper, file) == f"{CHAPTER}: changed by Ben Lock\n"


def test_an_unlike_file_deletes_nothing_without_confirmation(paper: Path) -> None:
    since = git(paper, "rev-parse", "HEAD")
    file = edited(paper, "")
    own = [p for p in file.paragraphs() if element_text(p) and not element_text(p).startswith("Reference")]
    for paragraph in own[12:]:
        remove_element(paragraph)
    file.add("Reference of this file", "Quite another text was saved under this name.")
    output = returned(paper, file, "other.docx", code=1)
    assert "has hardly a sentence of chapters/bridges.md" in output
    assert "if intended, give --rewritten; if it is another text, --as ID" in output
    assert git(paper, "rev-parse", "HEAD") == since
    for option in ("--dry-run", "--rewritten"):
        assert "left to apply by hand" in returned(paper, file, "other.docx", option, code=1)


def test_a_note_above_the_chapter_is_a_comment(paper: Path) -> None:
    since = git(paper, "rev-parse", "HEAD")
    file = edited(paper, "")
    file.package.body.insert(0, parse_element("<w:p><w:r><w:t>Dear Ada, I had little time.</w:t></w:r></w:p>"))
    file.add("Please return it to", "Please call me.", like=True)
    assert "it is a note to the authors, above the chapter" in returned(paper, file, code=1)
    assert diff(paper, since) == []
    assert [u.got for u in ledger(paper).unmerged] == ["Dear Ada, I had little time.", "Please call me."]


def test_a_file_of_an_unknown_sending_is_refused(paper: Path) -> None:
    file, sending = edited(paper), ledger(paper).sendings[0]
    git(paper, "reset", "-q", "--hard", "HEAD~1")
    output = returned(paper, file.replace("two piers", "three piers"), code=1)
    assert f"{LEDGER} knows no sending {sending.id} of" in output


def test_of_several_sendings_with_one_id_none_is_taken(paper: Path) -> None:
    twice = ledger(paper).sendings[0]
    (paper / LEDGER).write_text(dump_reviews(ledger(paper).replace(sendings=(twice, twice.replace(to="Cara Guest")))))
    assert f"'{twice.id}' is the id of two sendings" in nioc(paper, "check").stdout
    commit(paper)
    assert f"{LEDGER} knows several sendings {twice.id} of" in returned(paper, edited(paper), code=1)
    output = returned(paper, edited(paper), "back.docx", "--sending", f"bridges/{twice.id}", code=2)
    assert f"bridges/{twice.id} to ben-lock, bridges/{twice.id} to Cara Guest" in output


def test_files_of_earlier_releases_have_numbers(paper: Path) -> None:
    """The ledger has the number of the sending as a key, and the file has it in its marks."""
    file, sending = edited(paper), ledger(paper).sendings[0]
    changed(paper / LEDGER, f"id: {sending.id}", "number: 1")
    commit(paper)
    for node in iter_elements(file.package.body, "w:t"):
        node.text = (node.text or "").replace(f"bridges-{sending.id}-", "bridges-1-")
    origin = file.package.xml_root("customXml/itemNioc.xml")
    origin.set("number", "1")
    del origin.attrib["sending"]
    file.comment("two piers", "Are there not three?", by="Ben Lock")
    assert "1 comment: nioc comments" in returned(paper, file)
    assert (ledger(paper).sendings[0].id, ledger(paper).comments[0].sending) == ("1", "1")


def test_an_emptied_file_changes_nothing(paper: Path) -> None:
    file = edited(paper, "")
    for node in list(file.package.body):
        file.package.body.remove(node)
    since = git(paper, "rev-parse", "HEAD")
    assert "the received file has no words; nothing was changed" in returned(paper, file, code=1)
    assert git(paper, "rev-parse", "HEAD") == since


AUTHORS = {
    "Ann <ann@example.org>\nX: y\rz": "Ann ann@example.org X: y z <ann-ann-example-org-x-y-z",
    "\u00a0\u202e": "Ben Lock <ben-lock",
    "L" * 70_000: f"{'L' * 100} <{'l' * 100}",
}
"""Names in a file, and the author of the commit."""


def test_any_author_name_is_one_line(paper: Path) -> None:
    file = edited(paper)
    for name, (old, new) in zip(AUTHORS, EDITS, strict=True):
        file.author = name
        file.replace(old, new)
    returned(paper, file)
    commits = git(paper, "log", "-3", "--skip=1", "--format=%an <%ae> %B%x00").split("\0")[:-1]
    begins = [f"{author}@reviewers.invalid> bridges: 1 change by " for author in AUTHORS.values()]
    assert [sum(message.strip().startswith(begin) for message in commits) for begin in begins] == [1, 1, 1]
    assert [len(message.strip().splitlines()) for message in commits] == [1, 1, 1]


# --- comments ---------------------------------------------------------------------------------------------------------


def commented(root: Path) -> Edited:
    """The chapter with four comments: a thread, two that say the same, one of a guest."""
    return commented_in(edited(root))


def commented_in(file: Edited) -> Edited:
    """The same in a file."""
    file.comment("two piers", "Major: are there not three?", by="Ben Lock")
    file.comment("two piers", "I counted two.", by="Ada North", to="three?")
    file.comment("older than their drawings", "Source?", by="Ben Lock")
    file.comment("the oldest bridges", "Source?", by="Ben Lock")
    return file.comment("publish the result", "Where?\nAnd when?", by="Cara Guest", done=True)


def test_comments_are_stored_with_their_subjects(paper: Path) -> None:
    assert "4 comments: nioc comments" in returned(paper, commented(paper))
    first, second, third, fourth = ledger(paper).comments
    assert (first.by, first.kind, first.quote, first.text) == (
        "ben-lock",
        "major",
        "two piers",
        "are there not three?",
    )
    assert [(r.by, r.text) for r in first.replies] == [("ada-north", "I counted two.")]
    assert (second.text, third.text) == ("Source?", "Source?")
    assert (second.quote, third.quote) == ("older than their drawings", "the oldest bridges")
    assert (fourth.by, fourth.text, fourth.resolved, str(fourth.on)) == (
        "Cara Guest",
        "Where?\nAnd when?",
        True,
        "2020-01-15",
    )


@pytest.mark.parametrize(
    ("old", "new", "error"),
    {
        "value": ("kind: major", "kind: mjor", "bad-value/type"),
        "key": ("kind: major", "sort: major", "unknown-key"),
        "merge": ("chapter: bridges", "<<<<<<< ours\nchapter: bridges", "merge-conflict"),
    }.values(),
)
def test_a_partly_unreadable_ledger_is_not_rewritten(reviewed: Path, old: str, new: str, error: str) -> None:
    file = edited(reviewed).replace("two piers", "three piers")
    changed(reviewed / LEDGER, old, new)
    commit(reviewed)
    before = (reviewed / LEDGER).read_bytes()
    for words in (("answer", "a", "accept"), ("set", "a", "--kind", "critical"), ()):
        run = nioc(reviewed, "comments", *words)
        assert (run.returncode, f"error[{error}]" in run.stderr) == (1, True)
    assert f"error[{error}]" in returned(reviewed, file, code=1)
    assert (reviewed / LEDGER).read_bytes() == before


def test_comments_are_listed_at_the_place_where_their_words_are_today(reviewed: Path) -> None:
    changed(reviewed / CHAPTER, "## At a glance\n", "## At a glance\n\nOne more line.\n")
    text = (reviewed / CHAPTER).read_text(encoding="utf-8").split("\n")
    line = next(n for n, words_ in enumerate(text, 1) if "two piers" in words_)
    listed = nioc(reviewed, "comments", "--kind", "major").stdout
    assert listed == (
        f"{CHAPTER}:{line}:20: {point_id(reviewed)} major, Ben Lock, 15 January 2020\n"
        "  on: two piers\n  are there not three?\n  Ada North: I counted two.\n  open\n1 comment, 0 answered\n"
    )
    by_guest = nioc(reviewed, "comments", "--by", "Cara Guest").stdout
    assert "Where?" in by_guest
    assert "Source?" not in by_guest


def test_a_comment_is_answered_with_a_reason_and_in_a_commit(reviewed: Path) -> None:
    first, second = point_id(reviewed), point_id(reviewed, 1)
    run = nioc(reviewed, "comments", "answer", first, "reject")
    assert (run.returncode, "give the reason: --because REASON" in run.stderr) == (2, True)
    assert nioc(reviewed, "comments", "answer", "99", "accept").returncode == 2
    reason = "The survey counts two."
    run = nioc(reviewed, "comments", "answer", first[:4], "reject", "--because", reason, "--by", "Ben Lock", *BACK)
    assert (run.returncode, run.stdout) == (0, f"comment {first}: reject\n")
    answer = ledger(reviewed).comments[0].answer
    assert answer is not None
    assert (answer.disposition, answer.reason, answer.by) == ("reject", "The survey counts two.", "ben-lock")
    assert nioc(reviewed, "comments", "set", second, "--kind", "critical").returncode == 0
    assert ledger(reviewed).comments[1].kind == "critical"
    ledger_text = (reviewed / LEDGER).read_text(encoding="utf-8")
    assert [word for word in ("null", "[]", "sensitivity: public", "resolved: false") if word in ledger_text] == []
    assert log(reviewed)[:2] == [
        f"nioc: Call comment {second} on 'bridges' critical",
        f"nioc: Answer comment {first} on 'bridges'",
    ]


def test_threads_and_answers_survive_a_round_trip(reviewed: Path) -> None:
    nioc(reviewed, "comments", "answer", point_id(reviewed), "reject", "--because", "The survey counts two.", *BACK)
    assert nioc(reviewed, "send", "bridges", *SENT).returncode == 0
    file = edited(reviewed, "")
    comment_texts = [element_text(n) for n in file.package.xml_root(COMMENTS)]
    assert comment_texts == [
        "are there not three?",
        "I counted two.",
        "Not accepted. The survey counts two.",
        "Source?",
        "Source?",
        "Where?And when?",
    ]
    entries = list(file.package.xml_root(THREADS))
    assert [n.get(f"{{{W15}}}done") for n in entries] == ["1", "1", "1", "0", "0", "1"]
    assert len([n for n in entries if n.get(f"{{{W15}}}paraIdParent")]) == 2
    before = ledger(reviewed).comments
    file.comment("Market", "Which market?", by="Ben Lock", to="")
    assert "; 1 comment: nioc comments" in returned(reviewed, file)
    for now, then in zip(ledger(reviewed).comments, before, strict=False):
        assert now == then
    assert [c.text for c in ledger(reviewed).comments[4:]] == ["Which market?"]


@pytest.mark.parametrize("settings", ["", "record_files: true\n"])
def test_an_objection_to_an_answer_opens_the_comment_again(reviewed: Path, settings: str) -> None:
    appended(reviewed / "paper/paper.yaml", settings)
    commit(reviewed)
    name = point_id(reviewed)
    reason = ("--because", "The survey counts two.", "--by", "Ada North")
    nioc(reviewed, "comments", "answer", name, "reject", *reason, *BACK)
    assert nioc(reviewed, "send", "bridges", *SENT).returncode == 0
    file = edited(reviewed).comment("two piers", "It counts three.", by="Ben Lock", to="are there not three?")
    returned(reviewed, file)
    shown = nioc(reviewed, "comments", "--open").stdout
    assert "Not accepted. The survey counts two.\n  Ben Lock: It counts three.\n  open\n" in shown
    assert nioc(reviewed, "comments", "answer", name, "accept", *BACK).returncode == 0
    assert f"{name} major" not in nioc(reviewed, "comments", "--open").stdout


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_an_answer_after_an_objection_holds_in_any_order_of_files(order: tuple[int, int]) -> None:
    past = Answer(disposition="reject", by="ada-north", on=date(2020, 1, 15), reason="The survey counts two.")
    answers = [
        PointAnswer(point="a1", disposition="reject", by=past.by, on=past.on, reason=past.reason),
        PointAnswer(point="a1", disposition="accept", by=past.by, on=past.on),
    ]
    comment = Comment(id="a1", by="ben-lock", kind="major", quote="two piers", text="Not three?")
    objection = PointUpdate(point="a1", on=date(2020, 1, 15), reopens=past)
    known = Reviews(chapter="bridges", comments=(comment,), updates=(objection,))
    held = known.replace(answers=tuple(answers[n] for n in order)).with_later_files().comments[0].answer
    assert held is not None
    assert held.disposition == "accept"
    assert known.replace(answers=(answers[0],)).with_later_files().comments[0].answer is None


def test_what_two_branches_received_of_two_states_of_a_file_is_one() -> None:
    comments = [Comment(id="a1", by="ben-lock", quote="two piers", text="Not three?") for _ in range(2)]
    comments[1] = comments[1].replace(
        replies=(Reply(by="ada-north", on=date(2020, 1, 15), text="Two."),), resolved=True
    )
    changes = [
        Unmerged(id="a2", by="ben-lock", sent="Two.", got="Three.", why=why) for why in ("it changed", "it went")
    ]
    for order in (1, -1):
        both = Reviews(chapter="bridges", comments=tuple(comments[::order]), unmerged=tuple(changes[::order]))
        after = both.with_later_files()
        assert [(each.id, len(each.replies), each.resolved) for each in after.comments] == [("a1", 1, True)]
        assert [each.id for each in after.unmerged] == ["a2"]


# --- the gate ---------------------------------------------------------------------------------------------------------


def test_a_critical_or_major_comment_blocks_the_chapter_until_answered(reviewed: Path) -> None:
    run = nioc(reviewed, "move", "bridges", "review", *BACK)
    assert run.returncode == 1
    assert (
        f"error[open-review/comment] the major comment {point_id(reviewed)} by Ben Lock is not answered" in run.stderr
    )
    assert "4 not answered; 1 chapter held up by critical or major ones" in nioc(reviewed, "status", *BACK).stdout
    assert "1 major comment not answered" in nioc(reviewed, "status", "--chapter", "bridges", *BACK).stdout
    assert "Bridges: answer 4 comments" in nioc(reviewed, "status", "--who", *BACK).stdout
    assert nioc(reviewed, "build", "--to", "html", *BACK).returncode == 0
    nioc(reviewed, "comments", "answer", point_id(reviewed), "accept", *BACK)
    run = nioc(reviewed, "move", "bridges", "review", "--no-commit", *BACK)
    assert (run.returncode, run.stderr) == (0, "")


# --- the response to comments -----------------------------------------------------------------------------------------


def test_the_response_lists_comments_and_answers(paper: Path) -> None:
    changed(paper / CHAPTER, "- Cost: within", "- Cost: [far]{.restricted} within")
    changed(paper / CHAPTER, "publish the result", "[publish the result]{.restricted}")
    commit(paper)
    assert nioc(paper, "send", "bridges", *SENT).returncode == 0
    returned(paper, commented_in(edited(paper)))
    nioc(paper, "comments", "answer", point_id(paper), "reject", "--because", "The survey counts two.", *BACK)
    assert nioc(paper, "build", "--comments", "--to", "html,docx", *BACK).returncode == 0
    page = (paper / "dist/crossings-comments.html").read_text(encoding="utf-8")
    for known in ("are there not three?", "Not accepted", "The survey counts two.", "Cara Guest", "Where?"):
        assert known in page
    succeed(paper, "build", "--comments", "--public", "--to", "html", *BACK)
    page = (paper / "dist/crossings-comments-public.html").read_text(encoding="utf-8")
    assert "are there not three?" in page
    for hidden in ("Where?", "Cara Guest", "publish the result", "Ben Lock", "ben-lock"):
        assert hidden not in page
    assert nioc(paper, "export", "comments", "--to", "csv").returncode == 0
    rows = (paper / "dist/registers/comments.csv").read_text(encoding="utf-8-sig").splitlines()
    assert rows[0].startswith("Id,Chapter,Kind,By,On,About,Comment")
    assert "reject,The survey counts two." in rows[1]


# --- files from elsewhere ---------------------------------------------------------------------------------------------

ELSEWHERE = """\
# Ferries of Ardale

The ferry carries people across the water. It asks a fee; write to office@example.org or @ferry.

## What it costs

A crossing costs *little*[^fee] and takes **ten minutes**.

[^fee]: The fee was set in 1990.

- one
- two *and a half*

| Ferry | Fee |
|-------|-----|
| North | 3   |
| South | 4   |

### The [water](#depth)

See [the council](https://example.org/council). It says 5 * 3 is 15, [or so], and #4 too.
"""


def foreign(text: str = ELSEWHERE) -> Edited:
    """A Word file that somebody else made."""
    data = pandoc.run(["-f", "markdown", "-t", "docx"], text.encode()).stdout
    return Edited(data, "Dana Elsewhere").replace("ten minutes", "five minutes")


def with_ferries(paper: Path) -> None:
    """The category that the draft is to be of."""
    tunnels = "  - {id: tunnels, title: Tunnels, letters: TU}"
    changed(paper / "paper/paper.yaml", tunnels, f"{tunnels}\n  - {{id: ferries, title: Ferries, letters: FE}}")
    commit(paper)


@pytest.mark.parametrize("edge", [":::", "::: restricted", "::: {.restricted}", "::::restricted", ":::{.gap}"])
def test_words_like_the_edges_of_a_block_are_words_of_a_draft_and_of_a_change(edge: str) -> None:
    words = tree.text_inlines(edge)
    lines = [tree.para(words), tree.para(tree.text_inlines("kept")), tree.para([*words, {"t": "SoftBreak"}, *words])]
    body = pandoc.write(fit_blocks(lines), "markdown", args=["--wrap=preserve"]).decode()
    again, _ = pandoc.parse_markdown(body)
    assert [block["t"] for block in again] == ["Para"] * 3
    assert tree.plain_text(again).split() == [*edge.split(), "kept", *edge.split(), *edge.split()]
    text = source_span.render_inlines([*tokenize(f"{edge} and more.")], {})
    again, _ = pandoc.parse_markdown(f"One.\n\n{text}\n\nTwo.\n")
    assert [block["t"] for block in again] == ["Para"] * 3
    assert tree.plain_text(again[1]) == f"{edge} and more."


def test_an_imported_file_becomes_a_readable_draft(paper: Path) -> None:
    file = foreign().comment("asks a fee", "How much?", by="Ben Lock")
    output = returned(paper, file, "ferries.docx", "--category", "tunnels", "--dry-run", code=2)
    assert "the category 'tunnels' has its chapter" in output
    with_ferries(paper)
    output = returned(paper, file, "ferries.docx", "--as", "ferries")
    assert "chapters/ferries.md: a new draft, 'Ferries of Ardale', with 1 comment" in output
    assert "2 tracked changes: accepted" in output
    text = (paper / "chapters/ferries.md").read_text(encoding="utf-8")
    assert text.startswith("---\nid: ferries\ntitle: Ferries of Ardale\ncategory: ferries\nstatus: outline\n")
    for line in (
        "The ferry carries people across the water.\nIt asks a fee;",
        "## What it costs",
        "A crossing costs *little*[^1] and takes **five minutes**.",
        "[^1]: The fee was set in 1990.",
        "| North | 3   |\n| South | 4   |",
        "### The water",
        "[the council](https://example.org/council)",
    ):
        assert line in text
    loaded = Project(paper).load().paper
    chapter = next(c for c in loaded.chapters if c.id == "ferries")
    assert [h.title for h in chapter.headings] == ["What it costs", "The water"]
    assert [c.key for c in chapter.citations] == []
    assert "chapters/ferries.md" in loaded.listed_paths
    (remark,) = loaded.reviews[-1].comments if loaded.reviews[-1].chapter == "ferries" else loaded.reviews[0].comments
    assert (remark.by, remark.quote, remark.text) == ("ben-lock", "asks a fee", "How much?")
    assert git(paper, "status", "--porcelain") == ""
    again = returned(paper, file, "ferries.docx", "--as", "ferries", code=2)
    assert "'ferries' is there already: chapters/ferries.md" in again


def test_markup_in_an_imported_file_is_text(paper: Path) -> None:
    with_ferries(paper)
    file = foreign().replace("asks a fee", "asks [@nobody] or (@rec-none) for a \u202efee\u202c")
    output = returned(paper, file, "ferries.docx", "--as", "ferries")
    assert "chapters/ferries.md: a new draft" in output
    output = nioc(paper, "check", "chapters/ferries.md", *BACK).stdout
    assert re.findall(r"error\[([a-z-]+)\]", output) == []
    chapter = next(c for c in Project(paper).load().paper.chapters if c.id == "ferries")
    assert "asks [@nobody] or (@rec-none) for a fee" in tree.plain_text(chapter.blocks)


TITLE_PAGE = (("Title", "Ferries of Ardale"), ("Subtitle", "A draft for the council"), ("Author", "Dana Elsewhere"),
              ("Date", "March 2019"))  # fmt: skip
FIELD = (
    '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> DOCPROPERTY Fleet </w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>seven</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/>'
    '</w:r><w:fldSimple w:instr=" FILENAME "><w:r><w:t xml:space="preserve"> hulls</w:t></w:r></w:fldSimple></w:p>'
)
BOX = (
    "<w:p><w:r><w:t>Beside it.</w:t></w:r><w:r><w:pict><v:shape><v:textbox><w:txbxContent><w:p><w:r>"
    "<w:t>Mind the gangway.</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
)
CONTROL = (
    "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:p><w:r><w:t>Chosen from a list.</w:t></w:r></w:p>"
    "</w:sdtContent></w:sdt>"
)
HIDDEN = "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>Unseen words.</w:t></w:r></w:p>"
CONTENTS = '<w:p><w:pPr><w:pStyle w:val="TOC1"/></w:pPr><w:r><w:t>Contents line 7</w:t></w:r></w:p>'
PICTURE = (
    '<w:p><w:r><w:drawing><wp:inline><wp:extent cx="9525" cy="9525"/><wp:docPr id="9" name="p" descr="A ferry"/>'
    '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr>'
    '<pic:cNvPr id="9" name="p"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="{}"/></pic:blipFill>'
    "<pic:spPr/></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
)
SHAPE = (
    '<w:p><w:r><w:drawing><wp:inline><wp:docPr id="8" name="s"/><a:graphic><a:graphicData uri="locked"><a:sp><a:txBody>'
    "<a:p><a:r><a:t>Layered decks</a:t></a:r></a:p></a:txBody></a:sp></a:graphicData></a:graphic></wp:inline>"
    '</w:drawing></w:r><w:r><w:pict><v:shape><v:textpath string="BULLETIN"/></v:shape></w:pict></w:r></w:p>'
)
STRAY = "<w:p2><w:r><w:t>Words of a strange element.</w:t></w:r></w:p2>"
WATERMARK = '<w:p><w:r><w:pict><v:shape><v:textpath string="SECRET"/></v:shape></w:pict></w:r></w:p>'
LATE_ROW = '<w:trPr><w:gridBefore w:val="1"/></w:trPr>'


def from_an_office() -> Edited:
    """A Word file with content of offices that pandoc ignores."""
    file = foreign()
    body = file.package.body
    first = next(iter_elements(body, "w:p"))
    for style, words in TITLE_PAGE:
        first.addprevious(
            parse_element(f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{words}</w:t></w:r></w:p>')
        )
    picture = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(picture, "PNG")
    for kind in ("png", "emf"):
        file.package.set_part(f"word/media/ferry.{kind}", picture.getvalue())
        relation = file.package.add_relationship("word/document.xml", "image", f"word/media/ferry.{kind}")
        first.addprevious(parse_element(PICTURE.format(relation)))
    for xml in (FIELD, BOX, CONTROL, HIDDEN, CONTENTS, SHAPE, STRAY):
        first.addprevious(parse_element(xml))
    diagram = f'<d xmlns:a="{NAMESPACES["a"]}"><a:t>Deep</a:t></d>'
    file.package.set_part("word/diagrams/data1.xml", diagram.encode())
    mark = parse_element(f"<w:hdr>{WATERMARK}</w:hdr>")
    file.package.set_part("word/header9.xml", etree.tostring(mark))
    row = list(iter_elements(body, "w:tr"))[-1]
    row.remove(row.findall(qn("w:tc"))[0])
    row.insert(0, parse_element(LATE_ROW))
    return file


def test_every_lost_word_of_an_imported_file_is_reported(paper: Path) -> None:
    with_ferries(paper)
    output = returned(paper, from_an_office(), "ferries.docx", "--as", "ferries")
    text = (paper / "chapters/ferries.md").read_text(encoding="utf-8")
    for words in (
        *(line for _, line in TITLE_PAGE),
        "seven hulls",
        "Beside it.\n\nMind the gangway.",
        "Chosen from a list.",
        "Unseen words.",
    ):
        assert words in text
    assert '![](../paper/figures/ferries-1.png){alt="A ferry"}' in text
    assert (paper / "paper/figures/ferries-1.png").read_bytes()[:4] == b"\x89PNG"
    assert git(paper, "status", "--porcelain") == ""
    for said_so in (
        "1 picture: saved to paper/figures/; give each an alt text",
        "1 picture: neither PNG nor JPEG, so their names remain: media/ferry.emf",
        "1 text box: its words follow the paragraph that it was beside",
        "1 line of contents: left out",
        "4 words in drawings: left out: Layered, decks, BULLETIN, Deep",
        "1 line of a header or footer: left out",
        "5 words that the chapter does not have: Words, a, element, of, strange",
    ):
        assert said_so in output


def test_every_kind_of_inline_keeps_its_words() -> None:
    kinds = ("SmallCaps", "Underline", "Strikeout", "Superscript", "Emph", "Strong")
    lines = [[{"t": kind, "c": tree.text_inlines("set apart")}] for kind in kinds]
    lines += [
        tree.text_inlines(words) for words in ("A. Writer signs.", "1. Typed number.", "so &#160; and &amp; &lt;b>")
    ]
    body = pandoc.write(fit_blocks([tree.para(line) for line in lines]), MARKDOWN_FORMAT, args=["--wrap=preserve"])
    again, _ = pandoc.parse_markdown(body.decode())
    assert [block["t"] for block in again] == ["Para"] * len(lines)
    assert tree.plain_text(again) == tree.plain_text([tree.para(line) for line in lines])
