"""Many files taken in by one command: a folder of Word files, saved mails, and what does not belong to the paper."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest
import test_reviews
from command_kit import nioc
from test_reviews import BACK, _kept_word_files, edited, ledger, paper, sent_once  # noqa: F401 - fixtures

CHAPTER = test_reviews.CHAPTER


def mail(file: bytes | None, text: str) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "Somebody Else <other@example.org>", "Re: your chapter"
    message["Date"] = "Mon, 10 Feb 2020 09:00:00 +0000"
    message.set_content(f"{text}\n\n> the words of our own letter\n")
    if file:
        message.add_attachment(file, maintype="application", subtype="octet-stream", filename="../back.docx")
    return bytes(message)


@pytest.fixture
def post(paper: Path, tmp_path: Path) -> Path:  # noqa: F811
    """A folder of everything that comes back in a week."""
    folder = tmp_path / "post"
    (folder / "inner").mkdir(parents=True)
    first = edited(paper).replace("two piers", "three piers").save()
    (folder / "inner" / "a.eml").write_bytes(mail(first, "I could not read the second table."))
    (folder / "again.docx").write_bytes(first)
    (folder / "damaged.docx").write_bytes(first[:500])
    (folder / "scan.pdf").write_bytes(b"%PDF-1.4")
    (folder / "empty.eml").write_bytes(mail(None, "I agree with all of it."))
    (folder / "~$again.docx").write_bytes(b"lock of Word")
    return folder


def test_a_folder_is_taken_in_and_one_file_does_not_stop_the_others(paper: Path, post: Path) -> None:  # noqa: F811
    run = nioc(paper, "receive", str(post), *BACK)
    assert run.returncode == 1, run.stderr
    assert "three piers" in (paper / CHAPTER).read_text(encoding="utf-8")
    report = (paper / "dist" / "received.md").read_text(encoding="utf-8")
    for heading, names in (
        ("Merged: 1", ["a.eml: back.docx"]),
        ("Received before: 1", ["again.docx"]),
        ("Not read: 3", ["damaged.docx", "scan.pdf", "empty.eml"]),
    ):
        section = report.partition(f"## {heading}\n")[2].partition("\n## ")[0]
        assert all(f"- {name}: " in section for name in names), report
    assert "save it as .docx" not in report
    assert "I agree with all of it" in report
    (comment,) = ledger(paper).comments
    assert (comment.by, comment.text, str(comment.on)) == (
        "ben-lock",
        "I could not read the second table.",
        "2020-02-10",
    )
    before = (paper / CHAPTER).read_bytes()
    assert nioc(paper, "receive", str(post), *BACK).returncode == 1
    assert ((paper / CHAPTER).read_bytes(), len(ledger(paper).comments)) == (before, 1)


def test_a_comment_on_the_telephone_is_answered_like_the_others(paper: Path) -> None:  # noqa: F811
    words = "A bridge stands on two piers"
    run = nioc(
        paper, "comments", "add", "bridges", "--by", "Ben Lock", "--quote", words, "--text", "Major: Four?", *BACK
    )
    assert run.returncode == 0, run.stderr
    (comment,) = ledger(paper).comments
    assert (comment.by, comment.quote, comment.kind, comment.text) == ("ben-lock", words, "major", "Four?")
    assert f"{CHAPTER}:" in nioc(paper, "comments").stdout
    answer = nioc(paper, "comments", "answer", comment.id, "reject", "--because", "two", "--by", "ada-north", *BACK)
    assert answer.returncode == 0, answer.stderr
    gone = nioc(paper, "comments", "add", "bridges", "--by", "Ben Lock", "--quote", "nine piers", "--text", "x", *BACK)
    assert (gone.returncode, "does not have these words" in gone.stderr) == (2, True)
