"""Many files taken in by one command: a folder of Word files, saved mails, and what does not belong to the paper."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest
import test_reviews
from command_kit import nioc, succeed
from test_reviews import BACK, _kept_word_files, edited, ledger, paper, sent_once  # noqa: F401 - fixtures

from nioc_paper.model import Answer, Comment, Reply, Reviews
from nioc_paper.model.reviews import PointAnswer
from nioc_paper.review.exchange.ledger import make_id, match_id, merge_comments, new_records, point_ids
from nioc_paper.wording import ENGLISH

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
    succeed(paper, "comments", "add", "bridges", "--by", "Ben Lock", "--quote", words, "--text", "Major: Four?", *BACK)
    (comment,) = ledger(paper).comments
    assert (comment.by, comment.quote, comment.kind, comment.text) == ("ben-lock", words, "major", "Four?")
    assert f"{CHAPTER}:" in nioc(paper, "comments").stdout
    succeed(paper, "comments", "answer", comment.id, "reject", "--because", "two", "--by", "ada-north", *BACK)
    gone = nioc(paper, "comments", "add", "bridges", "--by", "Ben Lock", "--quote", "nine piers", "--text", "x", *BACK)
    assert (gone.returncode, "does not have these words" in gone.stderr) == (2, True)


# --- ids of comments --------------------------------------------------------------------------------------------------

LEDGERS = ("reviews/bridges.yaml", "reviews/tunnels.yaml")
POINT = "by: ben-lock, text: Why?"
UNMERGED = "by: ben-lock, sent: a, got: b, why: unclear"
DUPLICATES: Mapping[str, tuple[str, str]] = {
    "two comments of a ledger": (f"comments: [{{ID, {POINT}}}, {{ID, {POINT}}}]", ""),
    "comments of two ledgers": (f"comments: [{{ID, {POINT}}}]", f"comments: [{{ID, {POINT}}}]"),
    "a comment and a change": (f"comments: [{{ID, {POINT}}}]", f"unmerged: [{{ID, {UNMERGED}}}]"),
}


def write_ledgers(root: Path, *texts: str) -> None:
    (root / "reviews").mkdir()
    for path, text in zip(LEDGERS, texts, strict=False):
        (root / path).write_text(f"chapter: {Path(path).stem}\n{text}\n", encoding="utf-8")


@pytest.mark.parametrize("key", ["id: k7fq2m", "number: 1"])
@pytest.mark.parametrize("name", DUPLICATES)
def test_two_points_with_one_id_are_reported_and_not_answered(root: Path, name: str, key: str) -> None:
    texts = [text.replace("ID", key) for text in DUPLICATES[name]]
    write_ledgers(root, *texts)
    shared_id = key.partition(" ")[2]
    assert f"[duplicate/comment] '{shared_id}' is the id of two comments" in nioc(root, "check").stdout
    before = [(root / path).read_bytes() for path in LEDGERS]
    for words in (("answer", shared_id, "accept", "--by", "ada-north"), ("set", shared_id, "--kind", "major")):
        run = nioc(root, "comments", *words)
        assert run.returncode == 2
        assert run.stderr.count(f": {shared_id} by Ben Lock") == 2
    assert [(root / path).read_bytes() for path in LEDGERS] == before


@pytest.mark.parametrize(
    ("reference", "matched"),
    [("k7fq2m", ["k7fq2m"]), ("k7f", ["k7fq2m", "k7fx"]), ("k7fx", ["k7fx"]), ("h", ["hd53ax"]), ("K7", []),
     ("1", []), ("12", ["12"]), ("", [])],
)  # fmt: skip
def test_an_id_may_be_shortened_and_a_number_may_not(reference: str, matched: list[str]) -> None:
    points = [Comment(id=each, by="ben-lock", text="Why?") for each in ("k7fq2m", "k7fx", "hd53ax", "12")]
    assert [point.id for point in match_id(points, reference)] == matched


def received(file: list[Comment], reviews: Reviews) -> Reviews:
    ids = point_ids([reviews])
    return reviews.replace(comments=merge_comments(reviews, file, {}, "s2nd7g", ids, ENGLISH))


def test_copies_of_a_paper_give_one_comment_one_id_and_others_others() -> None:
    first, second = (
        [
            Comment(id="", by=author, on=date(2020, 2, 18), text=text, quote="two piers")
            for text in ("Why?", "Where?", "Why?")
        ]
        for author in ("Ben Lock", "Cara Guest")
    )
    here, there = received(first, Reviews(chapter="bridges")), received(second, Reviews(chapter="bridges"))
    assert not point_ids([here]) & point_ids([there])
    assert len(point_ids([here, there])) == 6
    assert point_ids([received(first, there)]) == point_ids([received(second, here)]) == point_ids([here, there])
    assert not point_ids([received(first, Reviews(chapter="tunnels"))]) & point_ids([here])


def test_an_id_that_is_taken_is_not_given_again() -> None:
    ids = set[str]()
    made = [make_id(("the", "same"), ids) for _ in range(50)]
    assert len(ids) == 50
    assert [each for each in made if not (each[0].isalpha() and each.isalnum() and len(each) == 6)] == []


@pytest.mark.parametrize("by", ["ada-north", "Ada North", "Dr. North"])
def test_an_answer_is_known_again_and_a_reply_to_it_opens_the_comment(by: str) -> None:
    answer = Answer(disposition="reject", reason="It is below.", by=by, on=date(2020, 3, 3))
    comment = Comment(id="k7fq2m", by="ben-lock", kind="major", text="Why?", answer=answer)
    before = Reviews(chapter="bridges", comments=(comment,))

    def receive(reviews: Reviews, *replies: tuple[str, str]) -> Reviews:
        in_file = tuple(Reply(by=name, text=text) for name, text in ((by, "Not accepted. It is below."), *replies))
        file = [Comment(id="", by="ben-lock", text="Why?", replies=in_file, resolved=True)]
        names = {by: "ada-north"}
        return reviews.replace(comments=merge_comments(reviews, file, names, "s2nd7g", set(), ENGLISH))

    assert receive(before) == before
    after = receive(before, ("ben-lock", "Not settled."))
    assert receive(after, ("ben-lock", "Not settled.")).comments[0].replies == after.comments[0].replies
    opened = after.comments[0]
    assert opened.is_blocking
    assert [reply.text for reply in opened.replies] == ["Not accepted. It is below.", "Not settled."]
    ((_, news),) = new_records(before, after, date(2020, 3, 6))
    files = before.replace(updates=news.updates)
    assert files.with_later_files().comments == after.comments
    again = PointAnswer(point="k7fq2m", disposition="accept", by="ada-north", on=date(2020, 3, 6))
    assert files.replace(answers=(again,)).with_later_files().comments[0].answer == again
