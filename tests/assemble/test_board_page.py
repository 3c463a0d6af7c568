"""The page for the board: one page for any paper, with a count of omitted rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import docx_integrity
import pikepdf
import pytest
from command_kit import nioc
from msgspec.structs import replace
from office_kit import laid_out, needs_office
from sample_history import february, git, start_history
from sample_paper import FULL, full
from sample_plan import chapter
from sample_plan import paper as planned
from test_papers import changed, copy

from nioc_paper import tree
from nioc_paper.app.build_request import running_engines
from nioc_paper.assemble.documents.board import build_board_page
from nioc_paper.domain.paper_diff import PaperDiff
from nioc_paper.model import Chapter, Diagnostic, Document, History, Node, Paper
from nioc_paper.progress import measure_progress
from nioc_paper.render.context import Engines, RenderContext
from nioc_paper.render.pdf import pdf_writer
from nioc_paper.render.word import docx_writer
from nioc_paper.system.cache import Cache
from nioc_paper.system.files import default_templates

TEMPLATES = default_templates()


def board_document(paper: Paper, day: str, changed: PaperDiff | None = None) -> Document:
    return build_board_page(paper, History(), measure_progress(paper, History(), date.fromisoformat(day)), changed)


def table(document: Document, name: str) -> Node:
    return next(n for n in tree.walk(document.blocks) if n["t"] == "Table" and name in tree.classes(n))


def rows(document: Document, name: str) -> list[list[str]]:
    return [[tree.plain_text(cell[-1]) for cell in row[1]] for row in table(document, name)["c"][4][0][3]]


def more(document: Document) -> list[str]:
    return [tree.plain_text(n) for n in tree.walk(document.blocks) if tree.is_div(n, "more")]


def many(count: int, *, outlines: int = 0, title: str = "Movement of goods across borders") -> list[Chapter]:
    """Chapters of a lead each, the first `outlines` of them outlines, the rest drafts, which are due much later."""
    statuses = ["outline"] * outlines + ["drafting"] * (count - outlines)
    return [chapter(f"chapter-{n}", s, lead=f"lead-{n}", title=f"{title} {n}") for n, s in enumerate(statuses)]


def decided(count: int) -> list[dict[str, str]]:
    text = "Share with every provincial department what its neighbours have learned, and ask each what it lacks most."
    return [
        {"id": f"D{n}", "meeting": "First", "on": "2019-11-22", "kind": "decision", "text": text} for n in range(count)
    ]


# --- content ----------------------------------------------------------------------------------------------------------


def test_the_board_page_begins_with_the_verdict() -> None:
    late = chapter("a", "outline"), chapter("b", "drafting")
    document = board_document(planned(*late), "2020-01-17")
    verdict = next(n for n in tree.walk(document.blocks) if tree.is_div(n, "verdict"))
    assert tree.plain_text(verdict).startswith(
        "Late: The deadline, 22 April 2020 (Wednesday), will be missed: at the planned pace"
    )
    assert rows(document, "facts")[0][:4] == [
        "22 April 2020",
        "66 working days",
        "4 June 2020",
        "none",
    ]


def test_a_page_is_made_whatever_paper_yaml_lists() -> None:
    paper = full()
    for left_out in {*paper.listed_paths}:
        parts = [p.replace(chapters=tuple(c for c in p.chapters if c != left_out)) for p in paper.settings.parts]
        fewer = replace(paper, settings=paper.settings.replace(parts=tuple(parts)))
        assert board_document(fewer, "2020-02-01").blocks, left_out


def test_health_is_a_word_and_a_colour() -> None:
    document = board_document(planned(chapter("a", "outline"), chapter("b", "drafting", blocked="waits")), "2020-01-17")
    marks = {
        (tree.plain_text(n), *tree.classes(n))
        for n in tree.walk(table(document, "chapters"))
        if n["t"] == "Span" and "health" in tree.classes(n)
    }
    assert marks == {("Late", "health", "late"), ("At risk", "health", "at-risk")}


def test_every_chapter_and_every_open_decision_is_shown_or_counted() -> None:
    document = board_document(full(), "2020-01-17")
    titles = [row[0] for row in rows(document, "chapters")]
    counted = [int(number) for text in (*titles, *more(document)) for number in re.findall(r"and (\d+) more", text)]
    assert sum(title.count("; ") + 1 for title in titles) + sum(counted) >= len(full().chapters)
    still_open = [d.id for d in full().decisions if d.state == "open"]
    shown = {row[0] for row in rows(document, "open")}
    left = len(still_open) - len(shown)
    assert shown <= set(still_open)
    assert left == 0 or f"and {left} more" in more(document)


def test_open_decisions_come_before_offers_and_proposals() -> None:
    kinds = ("proposal", "offer", "decision")
    decisions = [{**decided(1)[0], "id": kind, "kind": kind} for kind in kinds]
    decisions[2]["due"] = "2020-02-03"
    shown = rows(board_document(planned(chapter("a", "drafting"), decisions=decisions), "2020-01-17"), "open")
    dated = [(row[0], row[-1]) for row in shown]
    assert dated == [("decision", "3 February 2020"), ("offer", "no date"), ("proposal", "no date")]


def test_debts_of_a_person_for_many_chapters_are_one_line() -> None:
    without_lead = [c for c in full().chapters if not c.leads and c.front.status == "drafting"]
    debts = rows(board_document(full(), "2020-01-17"), "owed")
    who, what, by = next(row for row in debts if "Executive summary" in row[1])
    first_two = "Executive summary; Mandate and method"
    assert (who, what) == ("the editor", f"find a lead ({first_two} and {len(without_lead) - 2} more)")
    assert by == "28 January 2020, 7 working days left"


def test_the_next_dates_are_at_the_end() -> None:
    text = tree.plain_text(board_document(full(), "2020-01-17").blocks)
    coming = "17 January 2020, Meeting of the Coast Council; 28 January 2020, First full drafts; 31 January 2020"
    assert f"Next: {coming}, Monthly newsletter" in text


def test_of_many_chapters_the_healthiest_are_only_counted() -> None:
    paper = planned(*many(24, outlines=6), decisions=decided(12))
    document = board_document(paper, "2019-12-16")
    shown = rows(document, "chapters")
    assert [row[-1] for row in shown].count("Late") == 6
    left = 24 - len(shown)
    assert left > 0
    assert f"and {left} more on track" in more(document)


def test_chapters_with_equal_rows_share_one_and_others_come_first() -> None:
    drafts = (chapter(name, "drafting") for name in ("a", "b", "c", "d", "e"))
    document = board_document(planned(*drafts, chapter("z", "outline")), "2019-12-16")
    assert [row[0] for row in rows(document, "chapters")] == ["Z", "A; B; C and 2 more"]


def test_an_empty_paper_has_a_board_page() -> None:
    document = board_document(planned(timeline={}), "2020-01-17")
    assert "There is no chapter yet" in tree.plain_text(document.blocks)


def test_a_paper_with_errors_has_a_page_for_the_board(tmp_path: Path) -> None:
    run = nioc(copy("broken", tmp_path), "board", "--to", "html", "--today", "2020-01-30")
    assert (run.returncode, "Traceback" in run.stderr) == (0, False)
    assert (tmp_path / "broken" / "dist").is_dir()


# --- changes, and decisions needed ------------------------------------------------------------------------------------


def test_changes_since_the_last_meeting_are_in_the_terminal_and_the_page(tmp_path: Path) -> None:
    root = february(tmp_path)
    changes_line = (
        "Since the meeting of 5 February 2020: Bridges: Review, before that Drafting; new recommendations: 1; "
        "changed recommendations: 1; done: d1; comments answered: 1; 11 words more"
    )
    # The register has an entry of that meeting, which was put in later.
    changes_line = changes_line.replace("done: d1", "new in the register: d2; done: d1")
    run = nioc(root, "board", "--today", "2020-03-04")
    assert changes_line in " ".join(run.stdout.split())
    assert (run.returncode, run.stderr) == (0, "")
    assert nioc(root, "board", "--to", "html", "--today", "2020-03-04").returncode == 0
    page = (root / "dist" / "crossings-board.html").read_text(encoding="utf-8")
    assert changes_line in " ".join(page.replace("</strong>", "").split())


def test_changes_before_the_first_commit_are_unknown(tmp_path: Path) -> None:
    root = start_history(tmp_path, at="2020-02-20T12:00:00Z")
    output = " ".join(nioc(root, "board", "--today", "2020-03-04").stdout.split())
    assert (
        "Since the meeting of 5 February 2020: the changes are not known, because the record of the paper begins later"
        in output
    )


def test_an_unchanged_paper_is_reported_as_such(tmp_path: Path) -> None:
    root = start_history(tmp_path)
    assert "5 February 2020: no changes" in nioc(root, "board", "--today", "2020-03-04").stdout


def test_a_page_on_the_day_of_a_meeting_is_made_for_it(tmp_path: Path) -> None:
    root = february(tmp_path)
    assert "Since the meeting of 5 February 2020" in nioc(root, "board", "--today", "2020-03-04").stdout
    assert "Since the meeting of 4 March 2020" in nioc(root, "board", "--today", "2020-03-05").stdout


def test_a_branch_counts_from_the_day_on_which_it_was_merged(tmp_path: Path) -> None:
    root = start_history(tmp_path)
    git(root, "checkout", "-q", "-b", "side")
    changed(root / "chapters/tunnels.md", "status: drafting", "status: review")
    git(root, "commit", "-q", "-a", "-m", "words", at="2020-02-04T12:00:00Z")
    git(root, "checkout", "-q", "main")
    git(root, "merge", "-q", "--no-ff", "side", "-m", "both", at="2020-02-25T12:00:00Z")
    output = " ".join(nioc(root, "board", "--today", "2020-03-04").stdout.split())
    assert "5 February 2020: Tunnels: Review, before that Drafting" in output


# --- one page ---------------------------------------------------------------------------------------------------------


def urdu(paper: Paper) -> Paper:
    """The same in Urdu, all titles too."""
    settings = paper.settings.replace(language="ur", title="محفوظ گزرگاہیں")
    chapters = tuple(
        replace(c, language="ur", front=c.front.replace(title="سرحد پار نقل و حرکت اور تعاون")) for c in paper.chapters
    )
    return replace(paper, settings=settings, chapters=chapters)


LONG = "Financing, recruitment and the movement of persons and goods across borders, number"
PAPERS = {
    "full, early": lambda: board_document(full(), "2019-12-02"),
    "full, late": lambda: board_document(full(), "2020-03-06"),
    "24 chapters": lambda: board_document(planned(*many(24), decisions=decided(12)), "2020-02-10"),
    "24 chapters, some well": lambda: board_document(
        planned(*many(24, outlines=6), decisions=decided(3)), "2019-12-16"
    ),
    "long titles": lambda: board_document(planned(*many(24, title=LONG), decisions=decided(12)), "2020-02-10"),
    "in Urdu": lambda: board_document(urdu(planned(*many(13), decisions=decided(12))), "2020-02-10"),
    "60 decisions": lambda: board_document(planned(*many(2), decisions=decided(60)), "2020-02-10"),
}


@pytest.fixture(scope="module")
def layout() -> Iterator[Engines]:
    """A layout whose engine serves all tests of the module."""
    with running_engines(["pdf"]) as engines:
        yield engines


@pytest.mark.parametrize("name", PAPERS)
def test_the_board_page_is_one_page(name: str, layout: Engines, tmp_path: Path) -> None:
    findings: list[Diagnostic] = []
    file = tmp_path / "board.pdf"
    file.write_bytes(pdf_writer.write(PAPERS[name](), RenderContext(TEMPLATES, findings.append, engines=layout)))
    assert findings == []
    assert pages(file) == 1


@needs_office
def test_the_board_page_is_one_page_in_word(tmp_path: Path) -> None:
    context, file = RenderContext(TEMPLATES, list[Diagnostic]().append, Cache.for_paper(FULL)), tmp_path / "a.docx"
    written = [docx_writer.write(PAPERS[name](), context) for name in ("full, early", "24 chapters")]
    for data in written:
        file.write_bytes(data)
        assert faults(file) == []
    assert [pages.count for pages in laid_out(*written)] == [1, 1]


def faults(file: Path) -> list[str]:
    """Faults that Word might want to repair; NUM002 is wrong about numId 0, and REL003 is about headers of no page."""
    return [str(f) for f in docx_integrity.check(file) if f.code not in ("NUM002", "REL003")]


def pages(file: Path) -> int:
    with pikepdf.open(file) as document:
        return len(document.pages)
