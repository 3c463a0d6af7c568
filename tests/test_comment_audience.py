"""Records that repeat words of a chapter: withheld from an audience with those words, wherever they are today."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from command_kit import hide_office, nioc
from test_papers import copy

from nioc_paper.app.project import Project
from nioc_paper.app.sendings.send import export_sending
from nioc_paper.domain.audience import for_audience
from nioc_paper.model import AUDIENCES, Sending
from nioc_paper.system.files import default_templates

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


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    return copy("healthy", tmp_path)


def comment_on(root: Path, passage: str, quote: str, sensitivity: str) -> None:
    """Put a passage into the chapter, and a comment on a quotation into its ledger."""
    file = root / CHAPTER
    file.write_text(file.read_text(encoding="utf-8").replace("## Gaps\n", f"{passage}\n\n## Gaps\n"), encoding="utf-8")
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
    "response": ("build", "--comments", "--to", "html,docx"),
    "review copy": ("build", "--review-copy", "--to", "html,docx"),
    "registers": ("export", "--to", "csv,xlsx"),
    "site": ("site", "--downloads", "none"),
    "newsletter": ("newsletter", "--month", "2020-01", "--to", "html,txt"),
}


def nonce(record: str) -> str:
    return f"Zanzibar{[*RECORDS].index(record)}"


def write_records(root: Path, passage: str, sensitivity: str) -> None:
    remark = f"{{>>{nonce('remark')} is what I think<<}}"
    chapter = (root / CHAPTER).read_text(encoding="utf-8")
    (root / CHAPTER).write_text(
        chapter.replace("## Gaps\n", f"{passage}\n\nIt stands.{remark}\n\n## Gaps\n"), encoding="utf-8"
    )
    ledger: dict[str, list[object]] = {"comments": [], "unmerged": []}
    for number, (name, (kind, values)) in enumerate(RECORDS.items()):
        record = {**_POINT, "id": f"p{number}", **values}
        text = json.dumps(record).replace("NONCE", nonce(name)).replace("SENSITIVITY", sensitivity)
        if kind in ledger:
            ledger[kind].append(json.loads(text))
    (root / "reviews").mkdir()
    (root / "reviews" / "bridges.yaml").write_text(json.dumps({"chapter": "bridges", **ledger}), encoding="utf-8")
    text = str(RECORDS["decision"][1]["text"]).replace("NONCE", nonce("decision"))
    decision = json.dumps({**_DECISION, "text": text, "sensitivity": sensitivity})
    with (root / "paper" / "registers" / "decisions.yaml").open("a", encoding="utf-8") as file:
        file.write(f"  - {decision}\n")


@pytest.mark.parametrize("state", MARKS)
def test_no_record_tells_the_public_what_a_mark_withholds(
    paper: Path, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide_office(monkeypatch)
    passage, stored, is_public = MARKS[state]
    write_records(paper, passage, stored)
    public_records = set()
    for name, command in WRITERS.items():
        run = nioc(paper, *command, "--audience", "public", "--out", f"dist/{name}")
        assert run.returncode == 0, run.stderr
        files = [part for file in (paper / "dist" / name).rglob("*") if file.is_file() for part in parts(file)]
        public_records |= {record for record in RECORDS if any(nonce(record).encode() in part for part in files)}
    always_private = {"remark", "passage sent", "passage that came back", "reason"}
    assert public_records == ({*RECORDS} - always_private if is_public else set())
    loaded = Project(paper).load().paper
    visible, _ = for_audience(loaded, "public")
    assert len(visible.reviews[0].points) == (len(loaded.reviews[0].points) if is_public else 0)
