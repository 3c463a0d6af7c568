"""The paper as an archive keeps it and as a screen reader reads it: valid, and saying of everything what it is."""

from __future__ import annotations

import contextlib
import re
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pikepdf
import pytest
import sample_document
import shared
import verapdf
from click.testing import CliRunner
from msgspec.structs import replace
from sample_paper import FULL
from test_papers import read_tables

from nioc_paper import tree
from nioc_paper.cli.lazy_commands import nioc
from nioc_paper.model import Diagnostic, Document, ListEntry, Node, Severity
from nioc_paper.render.context import Engines, RenderContext
from nioc_paper.render.pdf import chapter_layout, pdf_writer
from nioc_paper.render.pdf.worker_pool import WorkerPool
from nioc_paper.system import pandoc
from nioc_paper.system.cache import Cache
from nioc_paper.system.files import default_templates

TEMPLATES = default_templates()
TODAY = "2019-12-02"
TABLES = read_tables("accessible")
EVERYTHING = TABLES["everything"]


def everything(rows: int) -> Node:
    """A chapter of it, with a table of so many rows."""
    table = "\n".join(f"| Post {n} | {n} | counted{'[^d]' if n == 1 else ''} |" for n in range(rows))
    blocks, _ = pandoc.parse_markdown(EVERYTHING.replace("MANY_ROWS", table))
    heading = tree.header(1, tree.text_inlines("Everything"), id="sec-all")
    return tree.div([heading, *blocks], "chapter", id="chapter-all")


def printed(document: Document, file: Path, layout: Engines) -> Path:
    """The document as PDF, with nothing to be said about it but that no font has some letter."""
    findings: list[Diagnostic] = []
    file.write_bytes(
        pdf_writer.write(document, RenderContext(TEMPLATES, findings.append, Cache.for_paper(FULL), layout))
    )
    assert [d.message for d in findings if d.severity is Severity.ERROR] == []
    return file


def build(out: Path, *args: str, command: str = "build") -> Path:
    """Outputs of a command for the full paper."""
    with contextlib.chdir(FULL):
        run = CliRunner().invoke(nioc, [command, "--out", str(out), "--today", TODAY, *args])
    assert run.exit_code == 0, run.output
    return out


LONG = mock.patch.object(chapter_layout, "SHORT_PAPER", 0)
"""Chapters begin new pages."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole paper, as PDF and web page."""

    def make(out: Path) -> None:
        with LONG:
            build(out, "--to", "pdf,html")

    return shared.once(tmp_path_factory, "accessible-whole", make)


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with one more chapter: a table over pages, formulas, notes in every place.

    And that chapter alone, with a short table.
    """
    paper = sample_document.document()
    contents = (ListEntry(1, "", "Everything", "sec-all"),)
    bare = replace(paper, contents=contents, figures=(), tables=(), recommendations=(), blocks=(everything(2),))

    def make(out: Path) -> None:
        with WorkerPool() as press:
            layout = Engines(pdf_pool=press)
            with LONG:
                printed(replace(paper, blocks=(*paper.blocks, everything(60))), out / "full.pdf", layout)
            printed(bare, out / "spoken.pdf", layout)

    return shared.once(tmp_path_factory, "accessible-samples", make)


@pytest.fixture(scope="module")
def full(samples: Path) -> Path:
    return samples / "full.pdf"


@pytest.fixture(scope="module")
def spoken(samples: Path) -> str:
    """The structure of that chapter with its text, as poppler reads it."""
    command = ["pdfinfo", "-struct-text", str(samples / "spoken.pdf")]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    return re.sub(r"^ *Object \d+ 0\n| \((?:block|inline)\)", "", run.stdout, flags=re.MULTILINE)


@pytest.fixture
def file(full: Path) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(full) as opened:
        yield opened


def elements(file: pikepdf.Pdf, role: str) -> list[Any]:
    """The structure elements of a role, in reading order."""

    def walk(element: Any) -> Iterator[Any]:
        if str(element.S) == f"/{role}":
            yield element
        for kid in element.get("/K", ()):
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                yield from walk(kid)

    return list(walk(file.Root.StructTreeRoot.K[0]))


def part(spoken: str, start: str, end: str) -> str:
    """The lines of a structure between two texts, these among them, with what encloses them left away."""
    match = re.search(rf'^ *\w+\n *"{re.escape(start)}"\n(?:.*\n)*? *"{re.escape(end)}"\n', spoken, re.MULTILINE)
    assert match, spoken
    return textwrap.dedent(match[0])


# --- held to the standards --------------------------------------------------------------------------------------------

validated = pytest.mark.skipif(bool(verapdf.lacking()), reason=verapdf.lacking() or "veraPDF is there")


def test_each_summary_is_on_one_page(whole: Path) -> None:
    with pikepdf.open(next(whole.glob("*.pdf"))) as pdf, pdf.open_outline() as outline:
        numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages, 1)}
        targets = [(item.title, item.destination) for item in outline.root]
        starts = [(title, numbers[to[0].objgen]) for title, to in targets if isinstance(to, pikepdf.Array)]
    assert starts[1:3] == [("Summary for decision makers", 3), ("Executive summary", 4)]
    assert starts[3][1] == 5


BROKEN_LABELS = """
    [...document.querySelectorAll("td a.xref")].filter(a => a.getClientRects().length > 1).map(a => a.text)
"""
"""References in tables on two lines, such as "Recommendation TF-1" broken in its word."""


def test_the_web_page_of_a_paper_is_accessible(whole: Path, browser: Any) -> None:
    from browser import PLACES, Look, barriers_of_a_long_page, opened

    for look in (Look(1280, "light"), Look(360, "dark")):
        with opened(browser, next(whole.glob("*.html")), look) as (page, trouble):
            assert barriers_of_a_long_page(page, *(PLACES if look.width < 960 else ())) == []
            assert trouble == []
            assert page.evaluate("document.documentElement.scrollWidth") == look.width
            assert look.width < 960 or page.evaluate(BROKEN_LABELS) == []


WANTED = (
    "build --chapter weather --review-copy",
    "build --chapter executive-summary-ur",
    "build --brief harbours",
    "board",
)


@validated
def test_every_extract_is_an_accessible_archive(tmp_path: Path) -> None:
    faults_by_kind = {}
    for number, wanted in enumerate(WANTED):
        command, *args = wanted.split()
        (file,) = build(tmp_path / str(number), "--to", "pdf", *args, command=command).glob("*.pdf")
        faults_by_kind[wanted] = verapdf.faults(file)
    assert faults_by_kind == {wanted: [] for wanted in WANTED}


@validated
def test_every_kind_of_content_conforms_to_both_standards(full: Path) -> None:
    assert verapdf.faults(full) == []


# --- the PDF for a screen reader --------------------------------------------------------------------------------------


def test_contents_are_marked_as_contents_with_their_pages(spoken: str) -> None:
    assert (
        textwrap.dedent(part(spoken, "Contents", "2"))
        == """\
H1
  "Contents"
TOC
  TOCI
    Reference
      Link
        "Everything"
        "2"
"""
    )


def test_a_key_number_is_printed_twice_and_read_once(samples: Path, spoken: str) -> None:
    pages = subprocess.run(["pdftotext", samples / "spoken.pdf", "-"], capture_output=True, text=True, check=True)
    assert pages.stdout.count("nineteen") == 2
    assert spoken.count("nineteen") == 1
    assert spoken.count("crates were lost") == 1


def test_a_note_follows_its_paragraph_with_links_both_ways(spoken: str, file: pikepdf.Pdf) -> None:
    assert (
        part(spoken, "A link that goes on and on, ", "Two.")
        == """\
P
  "A link that goes on and on, "
  Link
    "from the end of this line to the beginning of"
    "the next, and then to another, and perhaps to one more"
  ", and two notes."
  Reference
    Link
      "2"
  ""
  Reference
    Link
      "3"
Note <note-all-2>
  Lbl
    Link
      "2 "
  "One."
  "And more of it: "
  Link
    "a link"
  "."
Note <note-all-3>
  Lbl
    Link
      "3 "
  "Two."
"""
    )
    calls, notes = elements(file, "Reference"), elements(file, "Note")
    targets = [str(link.K[0].Obj.Dest) for call in calls if str((link := call.K[0]).K[0].Obj.Dest).startswith("note")]
    back = [str(note.K[0].K[0].K[0].Obj.Dest) for note in notes]
    assert targets == [str(note.ID) for note in notes]
    assert back == [f"{note}-call" for note in targets]
    assert set(targets) | set(back) <= set(pikepdf.NameTree(file.Root.Names.Dests))


def test_a_list_inside_an_item_is_read_with_the_item(spoken: str) -> None:
    assert (
        part(spoken, "1. ", "deeper")
        == """\
Lbl
  "1. "
LBody
  P
    "One"
  P
    "Its second paragraph, with "
    "emphasis"
    " and "
    "code"
    "."
  L
    LI
      Lbl
        "• "
      LBody
        "nested "
        L
          LI
            Lbl
              "– "
            LBody
              "deeper"
"""
    )


def test_a_term_is_the_label_of_its_definition(spoken: str) -> None:
    assert (
        part(spoken, "Term", "What else. ")
        == """\
Lbl
  "Term"
LBody
  "What it means. "
LBody
  "What else. "
"""
    )


def test_a_note_in_a_table_stays_in_its_cell(spoken: str) -> None:
    lines = spoken.splitlines()
    end = next(number for number, line in enumerate(lines, 1) if line.strip() == '"In a cell."')
    last = lines[end - 8 : end]
    assert textwrap.dedent("\n".join(last)).splitlines() == [
        "Reference",
        "  Link",
        '    "5"',
        "Note <note-all-5>",
        "  Lbl",
        "    Link",
        '      "5 "',
        '  "In a cell."',
    ]


def test_a_table_over_pages_is_one_table_with_one_head(file: pikepdf.Pdf) -> None:
    table = next(table for table in reversed(elements(file, "Table")) if str(table.K[0].S) == "/Caption")
    assert [str(kid.S) for kid in table.K] == ["/Caption", "/THead", "/TBody"]
    head, rows = table.K[1].K[0].K, table.K[2].K
    assert len(rows) == 60
    assert {str(cell.A.Scope) for cell in head} == {"/Column"}
    assert {row.Pg.objgen for row in rows} != {head[0].Pg.objgen}  # it does go on on another page
    names = [[str(name) for cell in row.K for name in cell.A.Headers] for row in rows]
    assert names == [[str(cell.ID) for cell in head]] * 60
    assert {str(cell.ID) for cell in head} <= set(pikepdf.NameTree(file.Root.StructTreeRoot.IDTree))


def test_every_piece_of_a_page_is_of_one_element_or_an_artifact(file: pikepdf.Pdf) -> None:
    """Running heads, page numbers and the heads that tables repeat are not read out."""
    numbers = list(file.Root.StructTreeRoot.ParentTree.Nums)
    owners = dict(zip(map(int, numbers[::2]), numbers[1::2], strict=True))
    for page in file.pages:
        if "/StructParents" not in page.obj:
            assert page.Contents.read_bytes() == b""  # the empty page before the text
            continue
        steps = pikepdf.parse_content_stream(page)
        begun = [step.operands for step in steps if step.operator == pikepdf.Operator("BDC")]
        marks = {int(a[1].MCID) for a in begun if "/MCID" in a[1]}
        assert {number for number, owner in enumerate(owners[int(page.StructParents)]) if owner is not None} == marks
        apart = sum(a[0] == "/Artifact" and a[1].get("/Type") == "/Pagination" for a in begun)
        assert (apart > 0) == (page.label != "i"), page.label  # on the cover none


def test_words_that_print_broke_are_read_whole(file: pikepdf.Pdf) -> None:
    broken = [str(span.ActualText) for span in elements(file, "Span") if "/ActualText" in span]
    assert broken
    assert all(text.endswith("\u00ad") for text in broken)


def test_passages_in_another_language_say_so(file: pikepdf.Pdf) -> None:
    assert [str(div.Lang) for div in elements(file, "Div") if "/Lang" in div] == ["ur"]
    assert file.Root.Lang == "en-GB"


def test_pictures_have_a_description_and_a_position(file: pikepdf.Pdf) -> None:
    figures = elements(file, "Figure")
    assert [str(figure.Alt) for figure in figures] == ["Bars: 3 crates in 2017, 9 in 2018.", "A red square"]
    for figure in figures:
        left, bottom, right, top = map(float, figure.A.BBox)
        _, _, width, height = map(float, figure.Pg.MediaBox)
        assert 0 < left < right < width
        assert 0 < bottom < top < height


def test_links_say_their_own_words(file: pikepdf.Pdf) -> None:
    annotations = {str(a.Contents) for page in file.pages for a in page.get("/Annots", [])}
    assert {"Recommendation SM-1", "Figure 1.1", "the ministry", "a link"} <= annotations


def test_windows_are_called_by_the_title_and_the_tab_key_follows_the_structure(file: pikepdf.Pdf) -> None:
    assert file.Root.ViewerPreferences.DisplayDocTitle
    assert {str(page.Tabs) for page in file.pages} == {"/S"}


def test_no_working_data_remains_in_the_file(full: Path) -> None:
    with pikepdf.open(full) as file:
        keys = {key for value in file.objects if isinstance(value, pikepdf.Dictionary) for key in value.keys()}  # noqa: SIM118 - it has no other
    assert not {key for key in keys if key.startswith("/Nioc")}
