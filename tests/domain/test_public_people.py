"""A copy for the public tells of nobody who is not public: no name, no post of theirs alone, no id, in any format."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import crowd_kit
import pytest
from command_kit import hide_office, succeed
from output_kit import words_of
from sample_history import commit, edit, git, start_history
from test_audience import held, unpacked
from test_papers import absent, appended, changed, copy, written

from nioc_paper.app.project import Project
from nioc_paper.app.sendings.send import export_sending
from nioc_paper.domain.audience import for_audience
from nioc_paper.model import AUDIENCES, Sending
from nioc_paper.render import DOCUMENT_WRITERS
from nioc_paper.system.files import default_templates

SECRETS = (
    *("Zenobia", "Quillfeather", "Director of Studies", "0000-0002-1825-0097", "met at the op"),
    *("Otto Quincy", "otto-quincy", "Registrar", "Ida Quirke", "ida-quirke", "Ulf Quist", "ulf-quist", "Ada North"),
    *("ada-north", "Bridge Engineer", "Ben Lock", "ben-lock", "Xylander"),
)
INSIDE = {f"crossings.{form}" for form in DOCUMENT_WRITERS} | {"crossings-limited.html"}
"""Copies that the public does not get, beside those that it gets."""


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return crowd_kit.outputs(tmp_path_factory) / "dist"


def test_no_output_names_a_person_who_is_not_public(outputs: Path) -> None:
    files = [
        file
        for file in outputs.rglob("*")
        if file.is_file() and "pagefind" not in file.parts and file.name not in INSIDE
    ]
    names_by_file = {
        file.relative_to(outputs).as_posix(): secrets
        for file in files
        if (secrets := held(unpacked(file.name, file.read_bytes()), SECRETS))
    }
    assert names_by_file == {}


def page(outputs: Path, name: str) -> str:
    return " ".join(" ".join(words_of(outputs / name)).split())


def test_people_who_may_be_named_are_named(outputs: Path) -> None:
    paper = page(outputs, "crossings-public.html")
    assert "Nora Named Roads Surveyor, Roads Department of Ardale reviewer, Tunnels" in paper
    assert absent(paper, "Ferry Master, Ferry Board", "Academy of Crossings lead, Bridges; researcher, Tunnels") == []


def test_a_body_that_comments_is_named_and_a_stranger_is_not(outputs: Path) -> None:
    text = page(outputs, "crossings-comments-public.html")
    for name in ("Roads Department of Ardale", "Nora Named", "A reviewer"):
        assert f"{name} 10 January 2020" in text
    assert "Xylander" not in text


def test_public_progress_tells_of_no_debts(outputs: Path) -> None:
    text = page(outputs, "site/progress.html")
    assert "Chapters" in text
    for debt in ("Obligations", "Lead", "no owner yet", "9 January 2020"):
        assert debt not in text


def test_the_public_sees_progress_only_if_the_paper_says_so(tmp_path: Path) -> None:
    root = start_history(tmp_path)
    for audience, is_shown in (("public", False), ("limited", True)):
        succeed(root, "site", "--downloads", "none", "--audience", audience, "--today", "2020-02-20")
        pages = {file.name: file.read_text(encoding="utf-8") for file in (root / "dist/site").glob("*.html")}
        assert ("progress.html" in pages) is is_shown
        assert any("progress.html" in text for text in pages.values()) is is_shown
        assert any("late" in text.lower().split() for text in pages.values()) is is_shown


# --- versions and days, and no word of the tools ----------------------------------------------------------------------


TOOLS = re.compile(
    r"\b(git|گٹ|commit\w*|uncommitted|repositor\w+|cache\w*|pandoc|weasyprint|pydyf|libreoffice|chromium|python|hash)\b"
    # But the reference of a file, by which it is known when it comes back: crossings-3f8a9c21b0-2.
    r"|\b(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{7,64}\b(?!-\d)",
    re.IGNORECASE,
)


def tool_words(folder: Path) -> list[tuple[str, str]]:
    """Every word of a tool in a folder of outputs, with its file."""
    return [
        (file.relative_to(folder).as_posix(), text[max(match.start() - 40, 0) : match.end() + 20])
        for file in sorted(folder.rglob("*"))
        if file.is_file() and "pagefind" not in file.parts
        for text in words_of(file)
        for match in TOOLS.finditer(text)
    ]


COMMANDS = (
    ("build", "--to", "html"),
    ("board", "--to", "html"),
    ("newsletter", "--month", "2020-02"),
    ("site", "--downloads", "none"),
)


def make(root: Path, *commands: tuple[str, ...]) -> None:
    for command in commands:
        succeed(root, *command, "--today", "2020-03-02")


def test_no_output_of_a_paper_with_a_history_speaks_of_tools(tmp_path_factory: pytest.TempPathFactory) -> None:
    root = crowd_kit.outputs(tmp_path_factory)
    folders = (root / "dist", crowd_kit.inside_outputs(tmp_path_factory))
    assert [word for folder in folders for word in tool_words(folder)] == []
    page = (root / "dist" / "crossings.html").read_text(encoding="utf-8")
    assert "13 January 2020 · with later changes" in page


def test_no_output_of_a_paper_without_git_speaks_of_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hide_office(monkeypatch)  # it counts pages
    root = copy("healthy", tmp_path)
    make(root, *COMMANDS)
    assert tool_words(root / "dist") == []


@pytest.mark.parametrize(
    ("version", "tag", "changed", "shown"),
    [
        ("", "", True, "6 January 2020 · with later changes</p>"),
        ("", "v2", True, "6 January 2020 · v2, with later changes</p>"),
        ("3", "v2", False, "6 January 2020 · Version 3</p>"),
    ],
)
def test_readers_see_the_version_and_the_manifest_the_commit(
    tmp_path: Path, version: str, tag: str, changed: bool, shown: str
) -> None:
    key = f"version: {version}\n" if version else ""
    root = start_history(tmp_path, changes={"paper/paper.yaml": ("id: crossings\n", f"id: crossings\n{key}")})
    if tag:
        git(root, "tag", tag)
    if changed:
        edit(root, "chapters/bridges.md", ("Inspect every", "Inspect each"))
    make(root, ("build", "--to", "html"))
    assert shown in (root / "dist" / "crossings.html").read_text(encoding="utf-8")
    hash_ = git(root, "rev-parse", "HEAD")[:10] + (" with changes" if changed else "")
    assert f'"commit": "{hash_}"' in (root / "dist" / "manifest.json").read_text(encoding="utf-8")


def test_two_versions_of_one_day_have_their_times(tmp_path: Path) -> None:
    root = start_history(tmp_path)
    edit(root, "chapters/bridges.md", ("Inspect every", "Inspect each"))
    commit(root, "2020-01-06T13:30:00Z")
    succeed(root, "redline", "HEAD~1..", "--to", "html")
    page = (root / "dist" / "crossings-redline.html").read_text(encoding="utf-8")
    assert "Changes from 6 January 2020, 17:00:00 to 6 January 2020, 18:30:00" in page


# --- the first newsletter ---------------------------------------------------------------------------------------------


def first_letter(root: Path) -> str:
    make(root, ("newsletter", "--month", "2020-02", "--to", "txt"))
    (file,) = (root / "dist").glob("*newsletter*.txt")
    return " ".join(file.read_text(encoding="utf-8").split())


def started(folder: Path, *, committed: tuple[str, ...]) -> Path:
    """The healthy paper in a repository of January, with these of its files in a first commit of February."""
    root = start_history(folder)
    git(root, "update-ref", "-d", "HEAD")
    git(root, "rm", "-rq", "--cached", ".")
    git(root, "commit", "-q", "--allow-empty", "-m", "an older repository", at="2020-01-06T12:00:00Z")
    git(root, "add", *committed)
    git(root, "commit", "-q", "-m", "words", at="2020-02-06T12:00:00Z")
    return root


@pytest.mark.parametrize("committed", [(".",), ("paper/paper.yaml",), ("paper", "contributors.yaml")])
def test_the_first_newsletter_does_not_list_a_paper_as_new(tmp_path: Path, committed: tuple[str, ...]) -> None:
    root = started(tmp_path, committed=committed)
    commit(root, "2020-02-07T12:00:00Z")
    letter = first_letter(root)
    assert "The record of the paper begins on 6 February 2020" in letter
    assert "Chapters by status: 2 Drafting, 1 Review." in letter
    for unwanted in ("not in the paper", "Recommendations", "New ", "Nothing changed", "Decision: The paper"):
        assert unwanted not in letter


def test_a_change_after_the_beginning_is_news_in_the_first_newsletter(tmp_path: Path) -> None:
    root = started(tmp_path, committed=(".",))
    rule = (
        "::: {#rec-br-sign .recommendation}\nPut up signs.\n\n- Owner: RDA\n- By: 2020-12-31\n- Indicator: signs\n:::"
    )
    edit(
        root,
        "chapters/bridges.md",
        ("status: drafting", "status: review"),
        ("## Recommendations", f"## Recommendations\n\n{rule}"),
    )
    commit(root, "2020-02-07T12:00:00Z")
    letter = first_letter(root)
    assert absent(letter, "Bridges Drafting Review", "Put up signs.") == []


def test_a_meeting_before_the_record_begins_is_no_base_of_a_comparison(tmp_path: Path) -> None:
    root = started(tmp_path, committed=(".",))
    run = succeed(root, "board", "--today", "2020-02-10")
    assert "the record of the paper begins later" in " ".join(run.stdout.split())


# --- records that repeat words of a chapter ---------------------------------------------------------------------------

CHAPTER = "chapters/bridges.md"
TEXT = "The toll on the old bridge is paid twice."
MARKED, HIGH = "[{}]{{.{}}}", "[It is high.]{.limited}"
CASES: Mapping[str, tuple[str, str, str, str]] = {
    "mark set afterwards": (MARKED.format(TEXT, "limited"), TEXT, "public", "limited"),
    "mark on one word of the passage": ("The [toll]{.limited} on it.", "on it", "public", "limited"),
    "mark around the passage": (f"::: restricted\n{TEXT}\n:::", TEXT, "public", "restricted"),
    "mark in a note": (f"A note.^[{MARKED.format(TEXT, 'limited')}]", TEXT, "public", "limited"),
    "mark taken away": (TEXT, TEXT, "limited", "limited"),
    "no mark": (TEXT, TEXT, "public", "public"),
    "quotation gone": ("Nothing is paid.", TEXT, "public", "limited"),
    "quotation gone, another passage marked": (MARKED.format("Nothing.", "restricted"), TEXT, "public", "restricted"),
    "twice, one marked": (f"{TEXT}\n\n{MARKED.format(TEXT, 'limited')}", TEXT, "public", "limited"),
    "two passages, one marked": (f"{TEXT}\n\n{HIGH}", f"{TEXT}\nIt is high.", "public", "limited"),
    "without quotation": (MARKED.format(TEXT, "restricted"), "", "public", "public"),
    "words of a citation": (TEXT, "older than their drawings (Survey of bridges 2019)", "public", "public"),
    "title": (TEXT, "1 Bridges", "public", "public"),
    "typed otherwise": ("The *toll* --- on the old\u00a0bridge", "toll – on the old bridge", "public", "public"),
}  # fmt: skip


def comment_on(root: Path, passage: str, quote: str, sensitivity: str) -> None:
    """Put a passage into the chapter, and a comment on a quotation into its ledger."""
    changed(root / CHAPTER, "## Gaps\n", f"{passage}\n\n## Gaps\n")
    (root / "reviews").mkdir()
    comment = {"number": 1, "by": "ben-lock", "sensitivity": sensitivity, "quote": quote, "text": "Zanzibar"}
    (root / "reviews" / "bridges.yaml").write_text(f"chapter: bridges\ncomments: [{comment}]\n", encoding="utf-8")


def parts(file: Path) -> list[bytes]:
    """The file, or the parts of one in a zip."""
    if not zipfile.is_zipfile(file):
        return [file.read_bytes()]
    with zipfile.ZipFile(file) as package:
        return [package.read(name) for name in package.namelist()]


@pytest.mark.parametrize("case", CASES)
def test_a_comment_has_the_audience_of_its_words_today(paper: Path, case: str) -> None:
    passage, quote, stored, least = CASES[case]
    comment_on(paper, passage, quote, stored)
    loaded = Project(paper).load().paper
    shown = [name for name in AUDIENCES if [*for_audience(loaded, name)[0].comments("bridges")]]
    assert shown == [*AUDIENCES[AUDIENCES.index(least) :]]


@pytest.mark.parametrize(
    ("passage", "stored", "named"),
    [
        ("Nothing is paid.", "public", ""),
        ("Nothing is paid.", "limited", "limited"),
        (MARKED.format("Nothing.", "restricted"), "public", "restricted"),
    ],
)
def test_a_file_for_a_reviewer_names_an_audience_only_if_something_has_one(
    paper: Path, passage: str, stored: str, named: str
) -> None:
    """The quotation is gone: no output for the public has it, but without a mark it was for everybody."""
    comment_on(paper, passage, TEXT, stored)
    loaded = Project(paper).load().paper
    sending = Sending(id="1", to="ben-lock", on=date(2020, 2, 18), commit="0" * 40)
    comments = [*loaded.comments("bridges")]
    assert export_sending(loaded, "bridges", sending, default_templates(), comments).marking == named


# --- every record that repeats text × a mark set or taken away × every output -----------------------------------------

SAID = "the toll on the old bridge is paid twice"
_POINT = {"by": "ben-lock", "on": "2020-01-20", "sensitivity": "SENSITIVITY"}
_ANSWER = {"disposition": "reject", "by": "ada-north", "on": "2020-01-21"}
RECORDS: Mapping[str, tuple[str, dict[str, object]]] = {
    "quote": ("comments", {"quote": f"{SAID}.", "text": "NONCE"}),
    "comment": ("comments", {"text": f"NONCE: {SAID}"}),
    "reply": ("comments", {"text": "One.", "replies": [{"by": "ada-north", "text": f"NONCE: {SAID}"}]}),
    "answer": ("comments", {"text": "Two.", "answer": {**_ANSWER, "reason": f"NONCE: {SAID}"}}),
    "passage sent": ("unmerged", {"sent": f"{SAID}.", "got": "NONCE", "why": "was changed"}),
    "passage that came back": ("unmerged", {"got": f"NONCE: {SAID}", "why": "was changed"}),
    "reason": ("unmerged", {"got": "Three.", "why": f"NONCE: {SAID}"}),
    "decision": ("decisions", {"text": f"NONCE: {SAID}."}),
    "remark": ("remark", {}),
}
_DECISION = {"id": "repeats", "meeting": "second meeting", "on": "2020-01-20", "kind": "decision"}
MARKS = {
    "none": (TEXT, "public", True),
    "set afterwards": (MARKED.format(TEXT, "limited"), "public", False),
    "taken away": (TEXT, "limited", False),
}
WRITERS: Mapping[str, tuple[str, ...]] = {
    "paper": ("build", "--to", "html,docx"),
    "response": ("build", "--comments", "--to", "docx"),
    "review copy": ("build", "--review-copy", "--to", "html"),
    "registers": ("export", "--to", "csv,xlsx"),
    "site": ("site", "--downloads", "none"),
    "newsletter": ("newsletter", "--month", "2020-01", "--to", "html,txt"),
}


def nonce(record: str) -> str:
    return f"Zanzibar{[*RECORDS].index(record)}"


def write_records(root: Path, passage: str, sensitivity: str) -> None:
    remark = f"{{>>{nonce('remark')} is what I think<<}}"
    changed(root / CHAPTER, "## Gaps\n", f"{passage}\n\nIt stands.{remark}\n\n## Gaps\n")
    ledger: dict[str, list[object]] = {"comments": [], "unmerged": []}
    for number, (name, (kind, values)) in enumerate(RECORDS.items()):
        record = {**_POINT, "id": f"p{number}", **values}
        text = json.dumps(record).replace("NONCE", nonce(name)).replace("SENSITIVITY", sensitivity)
        if kind in ledger:
            ledger[kind].append(json.loads(text))
    written(root / "reviews" / "bridges.yaml", json.dumps({"chapter": "bridges", **ledger}))
    text = str(RECORDS["decision"][1]["text"]).replace("NONCE", nonce("decision"))
    decision = json.dumps({**_DECISION, "text": text, "sensitivity": sensitivity})
    appended(root / "paper" / "registers" / "decisions.yaml", f"  - {decision}\n")


@pytest.mark.parametrize("state", MARKS)
def test_no_record_tells_the_public_what_a_mark_withholds(
    paper: Path, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide_office(monkeypatch)
    passage, stored, is_public = MARKS[state]
    write_records(paper, passage, stored)
    public_records = set()
    for name, command in WRITERS.items():
        succeed(paper, *command, "--audience", "public", "--out", f"dist/{name}")
        files = [part for file in (paper / "dist" / name).rglob("*") if file.is_file() for part in parts(file)]
        public_records |= {record for record in RECORDS if any(nonce(record).encode() in part for part in files)}
    always_private = {"remark", "passage sent", "passage that came back", "reason"}
    assert public_records == ({*RECORDS} - always_private if is_public else set())
    loaded = Project(paper).load().paper
    visible, _ = for_audience(loaded, "public")
    assert len(visible.reviews[0].points) == (len(loaded.reviews[0].points) if is_public else 0)
