"""The newsletter: the changes of a month, from git and the registers, limited to its audience; nothing invented."""

from __future__ import annotations

import re
import zipfile
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from command_kit import nioc, succeed
from lxml import etree
from sample_history import commit, edit, february, start_history, start_repository
from test_papers import absent, appended, copy, read_tables, written
from word_kit import paragraph_texts

from nioc_paper.ooxml.package import Package
from nioc_paper.render import MAIL_WRITERS

NOTE = "paper/newsletter/2020-02.md"
STEM = "crossings-newsletter-2020-02-public"


def made(root: Path, *args: str, month: str = "2020-02", today: str = "2020-03-02") -> dict[str, str]:
    """Words of a newsletter in each format."""
    succeed(root, "newsletter", "--month", month, "--today", today, *args)
    texts = {}
    for file in (root / "dist").glob(f"*newsletter-{month}*"):
        data = file.read_bytes()
        text = "\n".join(paragraph_texts(Package(data))) if file.suffix == ".docx" else data.decode()
        texts[file.suffix[1:]] = " ".join(unescape(re.sub("<[^>]*>", "", text)).split())
    return texts


def noted(root: Path, text: str) -> None:
    """An editor's note for February."""
    written(root / NOTE, text)


TABLES = read_tables("newsletter")
CALLS_OUT = TABLES["calls_out"]
CHOSEN = "".join(f"{{% if document.part_of == '{name}' %}}{part}{{% endif %}}" for name, part in CALLS_OUT.items())
"""All of them in one template, chosen by the title of the paper: one process renders them."""


@pytest.mark.parametrize("part", [*CALLS_OUT, "nothing"])
def test_a_page_for_mail_runs_and_loads_nothing(part: str, tmp_path: Path) -> None:
    root = copy("healthy", tmp_path, with_templates=True)
    edit(root, "templates/mail.html", ("</body>", f"{CHOSEN}</body>"))
    edit(root, "paper/paper.yaml", ("title: Safe Crossings for Ardale", f"title: {part}"))
    run = nioc(root, "newsletter", "--to", "html", "--month", "2020-01", "--today", "2020-01-30")
    is_named, is_written = "templates/mail.html:" in run.stderr + run.stdout, any((root / "dist").glob("*.html"))
    assert (run.returncode, is_named, is_written) == ((1, True, False) if part in CALLS_OUT else (0, False, True))


# --- content ----------------------------------------------------------------------------------------------------------


def test_every_form_lists_changes_with_old_and_new_values_and_next_dates(tmp_path: Path) -> None:
    root = february(tmp_path)
    site = "site: {summary: Bridges feed us. More., url: https://a.org, contact: a@a.org}\n"
    appended(root / "paper/paper.yaml", site)
    edit(root, "chapters/bridges.md", ("Half of", "A third of"), ("stand first", "come first"))
    appended(root / "chapters/bridges.md", "\n::: {#fnd-br-ice .finding}\nIce breaks them.\n:::\n")
    commit(root, "2020-02-21T12:00:00Z")
    texts = made(root)
    assert re.search(r"February 2020 .*Bridges feed us\. (?!More).*Text frozen.* a@a\.org", texts["txt"])
    assert texts.keys() == MAIL_WRITERS.keys()
    for text in texts.values():
        words = re.sub(r"[^\w\s.,:()-]", "", text)
        for passage in (
            "February 2020",
            "Findings New",
            "Ice breaks them. (Bridges)",
            "A third of the bridges are older than their drawings. (Bridges)",
            "Bridges: Gaps",
            "Put the load on a sign at every bridge. (Bridges RDA)",
            "Inspect each bridge once a year and publish the result.",
            "Lend a boat.",
            "The paper is written in three months. (Ardale Town Council)",
            "Chapters by status: 1 Drafting, 2 Review.",
        ):
            assert passage in " ".join(words.split())
    lines = (root / "dist" / f"{STEM}.md").read_text(encoding="utf-8").splitlines()
    assert absent(lines, "| Bridges | Drafting | Review |", "| Bridges | 1        | 1          |") == []
    assert [line for line in lines if line.startswith("|") and "March" in line] == [
        "| 4 March 2020  | Meeting of the council |",
        "| 13 March 2020 | Clearance granted      |",
        "| 30 March 2020 | Text frozen            |",
    ]


def test_changes_are_in_the_newsletter_of_their_month(tmp_path: Path) -> None:
    root = february(tmp_path)
    edit(root, "chapters/tunnels.md", ("status: drafting", "status: review"))
    commit(root, "2020-03-01T12:00:00Z")
    assert "| Tunnels |" not in made(root, "--to", "md")["md"]
    assert "| Tunnels | Drafting | Review |" in made(root, "--to", "md", month="2020-03")["md"]


def test_a_day_of_the_month_is_one_where_the_paper_is_due(tmp_path: Path) -> None:
    root = start_history(tmp_path)
    edit(root, "chapters/tunnels.md", ("status: drafting", "status: review"))
    commit(root, "2020-01-31T20:00:00Z")  # in Karachi it is February
    assert "Tunnels" in made(root, "--to", "md")["md"]
    assert "Tunnels" not in made(root, "--to", "md", month="2020-01")["md"]


def test_a_chapter_that_is_new_and_one_that_is_gone(tmp_path: Path) -> None:
    root = start_history(tmp_path)
    edit(root, "paper/paper.yaml", ("      - chapters/tunnels.md\n", ""))
    commit(root, "2020-02-10T12:00:00Z")
    edit(root, "paper/paper.yaml", ("      - chapters/bridges.md\n", "      - chapters/tunnels.md\n"))
    commit(root, "2020-03-01T12:00:00Z")
    assert "| Tunnels | Drafting | no longer in the paper |" in made(root, "--to", "md")["md"]
    march = made(root, "--to", "md", month="2020-03")["md"]
    assert "| Tunnels | not in the paper | Drafting |" in " ".join(march.split())
    assert "Dropped - Inspect every bridge once a year" in march


# --- unknown changes --------------------------------------------------------------------------------------------------


def test_without_history_the_newsletter_lists_dated_records(tmp_path: Path) -> None:
    root = copy("healthy", tmp_path)
    text = made(root, "--to", "txt", month="2020-01")["txt"]
    assert "There is no record of changes to chapters and recommendations in January 2020" in text
    assert absent(text, "Decision: The paper is written in three months.", "7 February 2020 Full drafts") == []
    for invented in ("Chapters with a new status", "Recommendations", "no longer", "Bridges"):
        assert invented not in text


MONTHS = (
    # Month, day of the newsletter, what it says, and what it does not.
    ("2019-10", "2020-03-02", ["There is no record of changes to chapters", "in October 2019"], "Bridges"),
    ("2020-01", "2020-03-02", ["The record of the paper begins on 6 January 2020"], "not in the paper"),
    ("2020-02", "2020-03-02", ["Bridges"], "Tunnels"),
    ("2020-02", "2020-02-21", ["before the end of the month.", "28 February 2020 Comments answered"], "Tunnels"),
)


def test_a_month_has_what_the_record_knows_of_it_and_no_uncommitted_changes(tmp_path: Path) -> None:
    root = february(tmp_path)
    edit(root, "chapters/tunnels.md", ("status: drafting", "status: review"))
    for month, today, shown, unsaid in MONTHS:
        text = made(root, "--to", "txt", month=month, today=today)["txt"]
        assert [words for words in shown if words not in text] == []
        assert unsaid not in text


def test_a_month_without_news_has_a_letter_only_with_words_of_the_editor(tmp_path: Path) -> None:
    root = february(tmp_path)
    run = nioc(root, "newsletter", "--month", "2020-03", "--today", "2020-04-02")
    assert (run.returncode, run.stdout, (root / "dist").exists()) == (0, "", False)
    assert "nothing changed in 2020-03: no newsletter, unless there is a paper/newsletter/2020-03.md" in run.stderr
    written(root / "paper/newsletter/2020-03.md", "Dear readers, all is well.\n")
    text = made(root, "--to", "txt", month="2020-03", today="2020-04-02")["txt"]
    assert "Dear readers, all is well. Nothing changed in the paper in March 2020." in text
    assert "Decisions, offers and requests" not in text


@pytest.mark.parametrize("month", ["2020-13", "2020", "february", "2020-02-01", "2020-05", "0000-01", "٢٠٢٠-٠٢"])
def test_no_month_and_a_month_to_come_are_refused(month: str, tmp_path: Path) -> None:
    run = nioc(copy("healthy", tmp_path), "newsletter", "--month", month, "--today", "2020-04-30")
    assert (run.returncode, run.stdout, "Traceback" in run.stderr) == (2, "", False)
    assert not (tmp_path / "healthy" / "dist").exists()


# --- the editor's note ------------------------------------------------------------------------------------------------


def test_the_editors_note_is_first_with_its_references_resolved(tmp_path: Path) -> None:
    root = february(tmp_path)
    sentence = "see @rec-br-inspect and [the survey](https://example.org/a?b=c) [@survey2019].[^n]"
    noted(root, f"Dear readers,\n\n{sentence}\n\n[^n]: By day.\n")
    texts = made(root)
    for form, text in texts.items():
        assert re.search(r"Dear readers, see Recommendation BR-1 and \[?the survey", text), form
        assert text.index("Dear readers") < text.index("Next dates")
        assert "Survey of Crossings, 2019" in text.replace("*", "")
        assert "By day." in text or form == "docx"
    assert "the survey (https://example.org/a?b=c)" in texts["txt"]


def test_errors_in_the_note_stop_the_newsletter(tmp_path: Path) -> None:
    root = february(tmp_path)
    noted(root, "Dear readers,\n\nsee @rec-br-nowhere [@nobody2019].\n")
    run = nioc(root, "newsletter", "--month", "2020-02", "--today", "2020-03-02")
    assert run.returncode == 1
    assert absent(run.stderr, f"{NOTE}:3:5: error[", f"{NOTE}:3:22: error[undefined-citation]") == []
    assert not (root / "dist").exists()


def test_a_note_is_no_chapter_to_the_rest(tmp_path: Path) -> None:
    root = february(tmp_path)
    before = nioc(root, "check", "--today", "2020-03-02").stdout
    noted(root, "Dear readers\n")
    assert nioc(root, "check", "--today", "2020-03-02").stdout == before


# --- for whom ---------------------------------------------------------------------------------------------------------

HIDDEN = "zebra"
ANSWERED = "answer: {disposition: accept, by: ben-lock, on: 2020-02-21}"
BOX = "::: {{#rec-br-secret .recommendation}}\nFeed the {} daily.\n\n- Owner: RDA\n:::\n"


def news_text(root: Path, *args: str, month: str = "2020-02") -> str:
    """All that is in all forms, the Word file's properties too."""
    succeed(root, "newsletter", "--month", month, "--today", "2020-03-02", *args)
    text = ""
    for file in (root / "dist").glob(f"*{month}*"):
        if file.suffix == ".docx":
            with zipfile.ZipFile(file) as package:
                text += "".join(package.read(name).decode(errors="replace") for name in package.namelist())
        else:
            text += file.read_text(encoding="utf-8")
    return text


def test_restricted_text_is_in_no_public_newsletter_and_may_be_marked_later(tmp_path: Path) -> None:
    root = february(tmp_path)
    decisions, tunnels, bridges = "paper/registers/decisions.yaml", "chapters/tunnels.md", "chapters/bridges.md"
    appended(root / bridges, f"\n{BOX.format(HIDDEN)}")
    edit(root, bridges, ("Inspect each bridge", f"With a {HIDDEN} inspect each bridge"))
    edit(root, tunnels, ("title: Tunnels", f"title: Tunnels of the {HIDDEN}"), ("status: drafting", "status: review"))
    text = f"  - {{id: d3, meeting: second, on: 2020-02-05, kind: decision, text: Buy a {HIDDEN}.}}\n"
    appended(root / decisions, f"\n{text}")
    commit(root, "2020-02-21T12:00:00Z")
    assert "Feed the zebra daily." in news_text(root, "--to", "txt")
    box, words = BOX.format(HIDDEN), f"With a {HIDDEN} inspect"
    edit(root, bridges, (box, f"::: {{.restricted}}\n{box}:::\n"), (words, f"[With a {HIDDEN}]{{.restricted}} inspect"))
    edit(root, tunnels, ("category: tunnels", "category: tunnels\nsensitivity: restricted"))
    edit(root, decisions, (f"Buy a {HIDDEN}.", f"Buy a {HIDDEN}., sensitivity: restricted"))
    noted(root, f"Dear readers\n\n::: {{.restricted}}\nThe {HIDDEN} sleeps.\n:::\n")
    comment = f"by: ben-lock, text: No., {ANSWERED}"
    appended(root / "reviews/tunnels.yaml", f"\nchapter: tunnels\ncomments:\n- {{number: 9, {comment}}}\n")
    appended(root / "reviews/bridges.yaml", f"\n- {{number: 10, {comment}, sensitivity: restricted}}\n")
    for is_committed in (False, True):
        if is_committed:
            commit(root, "2020-02-22T12:00:00Z")
        text = news_text(root)
        assert [word for word in (HIDDEN, "Tunnels", "withheld") if word in text] == []
        assert absent(text, "Put the load on a sign at every bridge.", "| Bridges | 1        | 1          |") == []
    inside = news_text(root, "--to", "txt", "--audience", "restricted")
    for words in ("Feed the zebra daily.", "Tunnels of the zebra", "Buy a zebra."):
        assert words in inside


def test_a_chapter_or_a_decision_with_an_unreadable_old_mark_is_left_out(tmp_path: Path) -> None:
    root = february(tmp_path)
    decision = f"{{id: d3, meeting: m, on: 2020-02-05, kind: decision, text: Buy a {HIDDEN}., sensitivity: restrikted}}"
    written(root / "paper/registers/decisions/d3.yaml", f"decisions:\n  - {decision}\n")
    path, title, mark = "chapters/tunnels.md", f"title: Tunnels of the {HIDDEN}", "sensitivity: restrikted\n"
    edit(root, path, ("title: Tunnels", title), ("status: drafting\n", f"status: review\n{mark}"))
    commit(root, "2020-02-21T12:00:00Z")
    edit(root, path, (mark, ""), (title, "title: Tunnels"))
    edit(root, "paper/registers/decisions/d3.yaml", (f"{HIDDEN}., sensitivity: restrikted", "horse."))
    assert HIDDEN not in news_text(root)


# --- as programs for mail take it -------------------------------------------------------------------------------------


def test_the_mail_page_has_inline_styles_and_loads_nothing(tmp_path: Path) -> None:
    root = february(tmp_path)
    noted(root, "See [it](https://example.org/).\n\n![A bridge.](../figures/span.svg)\n")
    made(root, "--to", "html")
    text = next((root / "dist").glob("*.html")).read_text(encoding="utf-8")
    mail: Any = etree.HTML(text)
    assert mail.xpath("//script|//style|//link|//img|//svg|//iframe|//form|//video") == []
    styled = "self::td or self::th or self::p or self::h1 or self::h2 or self::h3 or self::li"
    assert mail.xpath(f"//*[({styled}) and not(@style)]") == []
    addresses = mail.xpath("//@src | //@href | //@background")
    assert [address for address in addresses if not address.startswith("#")] == ["https://example.org/"]
    assert mail.xpath("//@*[starts-with(name(), 'on')]") == []
    assert not re.search(r"url\(|@import|var\(|position:|flex|grid", text)
    assert "A bridge." in text
    assert len(text.encode()) < 100_000  # beyond that, Gmail cuts a mail off


def test_the_newsletter_of_an_urdu_paper_is_right_to_left(tmp_path: Path) -> None:
    root = copy("urdu", tmp_path)
    start_repository(root, "2020-01-06T12:00:00Z")
    texts = made(root, month="2020-01")
    assert all("خبرنامہ" in text and "جنوری ۲۰۲۰" in text for text in texts.values())
    assert 'dir="rtl"' in next((root / "dist").glob("*.html")).read_text(encoding="utf-8")


@pytest.mark.usefixtures("own_cache")
def test_the_same_commit_gives_the_same_bytes(tmp_path: Path) -> None:
    forms = []
    for name in ("a", "b"):
        root = february(tmp_path / name)
        made(root, "--to", "html,docx")
        forms.append({file.name: file.read_bytes() for file in (root / "dist").iterdir()})
    assert forms[0] == forms[1]
    assert len(forms[0]) == 4
