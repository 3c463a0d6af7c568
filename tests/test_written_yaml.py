"""Every YAML file that the tool writes is read back by the tool, without aliases, before it is committed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rounds import few

from nioc_paper.app.errors import AppError
from nioc_paper.app.own_commits import OwnCommits
from nioc_paper.app.project import Project
from nioc_paper.app.sendings.ledger_commits import read_reviews, save_ledger
from nioc_paper.app.source_files import find_reading_errors, write_source
from nioc_paper.model import Answer, Comment, LineChange, Reply, Reviews, Sending, Unmerged
from nioc_paper.model.characters import strip_unprintable
from nioc_paper.review.exchange import ledger
from nioc_paper.review.exchange.ledger import dump_reviews

# Few values: the same object is in several records, as a day that is worked out once is.
DAYS = st.sampled_from([date(2020, 2, 18), date(2021, 1, 1)])
TEXTS = st.one_of(
    st.sampled_from(
        ["yes", "null", "~", "12", "2020-02-18", "*a", "&a b", "<<", "a: b", "a #b", " a\nb ", "---\n", "|"]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=12),
).map(strip_unprintable)
IDS = st.sampled_from(["12", "a5ng3k", "e2", "n"])
NAMES = TEXTS.filter(bool)
REPLIES = st.builds(Reply, by=NAMES, on=DAYS, text=TEXTS)
ANSWERS = st.builds(Answer, disposition=st.just("reject"), reason=TEXTS.filter(bool), by=NAMES, on=DAYS)
SENDINGS = st.builds(
    Sending,
    id=IDS,
    to=NAMES,
    on=DAYS,
    due=DAYS,
    commit=st.just("0" * 40),
    returned=DAYS,
    files=st.lists(st.sampled_from(["0a", "1b"])).map(tuple),
    changes=st.lists(st.builds(LineChange, line=st.integers(1, 99), sent=TEXTS, got=TEXTS)).map(tuple),
    changed_by=st.lists(NAMES).map(tuple),
)
COMMENTS = st.builds(
    Comment,
    id=IDS,
    by=NAMES,
    on=DAYS,
    quote=TEXTS,
    text=TEXTS,
    replies=st.lists(REPLIES, max_size=2).map(tuple),
    answer=ANSWERS,
)
UNMERGED = st.builds(Unmerged, id=IDS, by=NAMES, on=DAYS, sent=TEXTS, got=TEXTS, why=NAMES)


def several(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(strategy, max_size=3).map(tuple)


@few(12)
@given(
    st.builds(
        Reviews,
        chapter=st.just("bridges"),
        sendings=several(SENDINGS),
        comments=several(COMMENTS),
        unmerged=several(UNMERGED),
    )
)
def test_a_ledger_is_read_back_as_it_was_written(reviews: Reviews) -> None:
    text = dump_reviews(reviews)
    assert not find_reading_errors("reviews/bridges.yaml", text.encode())
    assert dump_reviews(read_reviews(text, "reviews/bridges.yaml")) == text


def test_a_day_of_several_sendings_is_written_out_each_time() -> None:
    on = date(2020, 2, 18)
    sendings = tuple(Sending(id=str(n), to=f"r{n}", on=on, due=on, commit="0" * 40) for n in (1, 2, 3))
    reviews = Reviews(chapter="bridges", sendings=sendings)
    assert read_reviews(dump_reviews(reviews), "reviews/bridges.yaml") == reviews


def test_a_file_that_cannot_be_read_back_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project(tmp_path)
    (tmp_path / "chapters").mkdir()
    chapter = tmp_path / "chapters/a.md"
    chapter.write_text("---\nid: a\n---\nText.\n", encoding="utf-8")
    for path, text in (
        ("chapters/a.md", "---\nid: &a x\ntitle: *a\n---\nText.\n"),
        ("paper/registers/approvals.yaml", "approvals: [\n"),
        ("paper/registers/approvals.yaml", "approvals: []\napprovals: []\n"),
        ("paper/registers/approvals.yaml", "<<<<<<< ours\n"),
    ):
        with pytest.raises(AppError, match="nothing was written"):
            write_source(project, path, text)
    assert [p.name for p in tmp_path.rglob("*")] == ["chapters", "a.md"]
    assert chapter.read_text(encoding="utf-8") == "---\nid: a\n---\nText.\n"
    monkeypatch.setattr(ledger, "dump_reviews", lambda reviews: f"chapter: a{id(reviews)}\n")
    with pytest.raises(AppError, match="could not be read back"):
        save_ledger(project, OwnCommits(project), Reviews(chapter="a"), "Note it")
    assert not (tmp_path / "reviews").exists()


def test_an_error_that_was_there_does_not_stop_an_edit_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: &x 1\nb: *x\nc: 1\n", encoding="utf-8")
    write_source(Project(tmp_path), "a.yaml", "a: &x 1\nb: *x\nc: 2\n")
    assert (tmp_path / "a.yaml").read_text(encoding="utf-8") == "a: &x 1\nb: *x\nc: 2\n"
