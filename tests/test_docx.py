"""The Word file: Word opens it without a question; it holds every word, and is the same each time."""

from __future__ import annotations

import contextlib
import io
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from threading import Barrier, BrokenBarrierError, Event, Thread
from typing import Any

import docx as python_docx
import docx_integrity
import pytest
import shared
from command_kit import hide_office
from docx.enum.section import WD_ORIENT
from fontTools.ttLib import TTFont  # type: ignore[import-untyped] # it ships none
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from office_kit import needs_office, pages_of, refreshed
from sample_document import document
from test_papers import ROOT, copy
from word_kit import paragraph_texts

from nioc_paper import tree
from nioc_paper.model import Asset, Credit, Diagnostic, Document, ListEntry, Node, Place, Severity, Version
from nioc_paper.ooxml import word_settings, xml
from nioc_paper.ooxml.bookmark_names import bookmark_name
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import find_element, get_attribute, iter_elements, qn
from nioc_paper.render.common import fonts
from nioc_paper.render.common.theme import read_theme
from nioc_paper.render.context import RenderContext
from nioc_paper.render.word import docx_writer
from nioc_paper.render.word import embedded_fonts as word_fonts
from nioc_paper.render.word.column_widths import MEAN_LETTER_WIDTH, fit_shares, longest_words
from nioc_paper.render.word.field_lines import build_field_lines
from nioc_paper.render.word.postprocess import keep_captions_whole
from nioc_paper.render.word.reference_docx import build_reference_docx, keep_style_names
from nioc_paper.render.word.styles import STYLES
from nioc_paper.render.word.word_merge import UNKNOWN_PAGE
from nioc_paper.system import pandoc, processes
from nioc_paper.system.cache import NO_CACHE, Cache
from nioc_paper.system.files import default_templates
from nioc_paper.system.libreoffice import LibreOffice, StartedProcess
from nioc_paper.system.requirements import apt_command
from nioc_paper.system.schedule import start_thread
from nioc_paper.wording import roman

TEMPLATES = default_templates()
ROUTES = "Routes and the people who keep them open"
PLACE = Place("dist/crates.docx")


def written(paper: Document, cache: Cache | None = None) -> tuple[bytes, list[Diagnostic]]:
    """Write a Word file, with the charts and chapters that this run has already made."""
    findings: list[Diagnostic] = []
    return docx_writer.write(
        paper, RenderContext(TEMPLATES, findings.append, cache or Cache.for_paper(Path()))
    ), findings


def quiet(paper: Document, cache: Cache | None = None) -> bytes:
    data, findings = written(paper, cache)
    assert [d for d in findings if d.severity > Severity.INFO] == []
    return data


@pytest.fixture(scope="module")
def draft(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The sample, as all workers have it."""
    return shared.once(tmp_path_factory, "draft-docx", _draft).joinpath("draft.docx").read_bytes()


def _draft(folder: Path) -> None:
    (folder / "draft.docx").write_bytes(quiet(document()))


@pytest.fixture
def no_office(monkeypatch: pytest.MonkeyPatch) -> None:
    hide_office(monkeypatch)


@pytest.fixture
def package(draft: bytes) -> Package:
    return Package(draft)


def texts(package: Package, style: str) -> list[str]:
    paragraphs = [
        p for p in iter_elements(package.body, "w:p") if get_attribute(find_element(p, "w:pPr/w:pStyle")) == style
    ]
    return ["".join(t.text or "" for t in iter_elements(p, "w:t")) for p in paragraphs]


def codes(package: Package) -> list[str]:
    return [(node.text or "").strip() for node in iter_elements(package.body, "w:instrText")]


def test_the_word_file_needs_no_repair(draft: bytes, tmp_path: Path) -> None:
    file = tmp_path / "paper.docx"
    file.write_bytes(draft)
    # NUM002 is wrong about numId 0, which takes a paragraph out of its list.
    assert [f for f in docx_integrity.check(file) if "numId=0 " not in str(f)] == []


@pytest.mark.usefixtures("own_conversions")
def test_same_document_gives_same_bytes(draft: bytes) -> None:
    assert quiet(document(), NO_CACHE) == draft
    assert {info.date_time for info in zipfile.ZipFile(io.BytesIO(draft)).infolist()} == {(2020, 4, 22, 0, 0, 0)}


def test_headings_and_captions_say_the_numbers_of_the_tree(package: Package) -> None:
    assert texts(package, "Heading1") == [
        "Foreword",
        "1\u2002Smuggling",
        "2\u2002Fraud",
        "A\u2002Words",
        "References",
    ]
    assert texts(package, "Part") == ["The crimes"]
    assert texts(package, "ImageCaption") == ["Figure\u00a01.1. Crates found, 2017 and 2018."]
    assert [text[:9] for text in texts(package, "TableCaption")] == [
        "Table\u00a01.1",
        "Table\u00a02.1",
        "Table\u00a0A.1",
    ]


def test_the_field_in_a_caption_repeats_its_number(package: Package) -> None:
    sequences = [code for code in codes(package) if code.startswith("SEQ")]
    assert sequences == [f"SEQ {kind} \\* ARABIC \\r 1" for kind in ("Figure", "Table", "Table", "Table")]


def test_contents_are_a_field_with_an_entry_for_each_heading(package: Package) -> None:
    assert 'TOC \\h \\z \\t "Part,1,Heading 1,2"' in codes(package)
    chapters = [text.rstrip("0123456789iv" + UNKNOWN_PAGE) for text in texts(package, "TOC2")]
    assert chapters == texts(package, "Heading1")
    assert len(texts(package, "TOC1")) == 1
    begins, ends = (
        sum(get_attribute(n, "w:fldCharType") == kind for n in iter_elements(package.body, "w:fldChar"))
        for kind in ("begin", "end")
    )
    assert begins == ends


def test_recommendations_leave_a_mark_for_their_list(package: Package) -> None:
    assert 'TC "SM-1\u2002Count the “crates” at each post." \\f r \\l 4' in codes(package)
    assert "TOC \\h \\z \\f r \\l 4-4" in codes(package)
    assert texts(package, "TOC4")[0].startswith("SM-1\u2002Count the “crates” at each post.")


def test_references_are_fields_that_repeat_their_label(package: Package) -> None:
    field_words = {name: words for name, words in repeated(package).items() if name.startswith("_Ref")}
    assert sorted(field_words.values()) == ["1.1", "Figure\u00a01.1", "Recommendation\u00a0SM-1"]
    fields = [code.split()[1] for code in codes(package) if code.startswith("REF ")]
    assert sorted(fields) == sorted(field_words)
    paragraph = next(text for text in texts(package, "BodyText") if text.startswith("The first"))
    assert "See Recommendation\u00a0SM-1, Figure\u00a01.1, section\u00a01.1 and" in " ".join(paragraph.split(" "))


def repeated(package: Package) -> dict[str, str]:
    """The words inside each bookmark, which a reference to it repeats."""
    words_by_name, open_now = dict[str, str](), dict[str, str]()
    for node in iter_elements(package.body, "w:bookmarkStart", "w:bookmarkEnd", "w:t"):
        if node.tag == qn("w:bookmarkStart"):
            open_now[get_attribute(node, "w:id")] = get_attribute(node, "w:name")
            words_by_name[get_attribute(node, "w:name")] = ""
        elif node.tag == qn("w:bookmarkEnd"):
            del open_now[get_attribute(node, "w:id")]
        else:
            words_by_name |= {name: words_by_name[name] + (node.text or "") for name in open_now.values()}
    return words_by_name


@needs_office
def test_updating_the_fields_changes_no_word(draft: bytes, package: Package, tmp_path: Path) -> None:
    fields = list(iter_elements(package.body, "w:instrText", "w:t"))
    for code, shown in pairwise(fields):
        if code.tag == qn("w:instrText") and (code.text or "").startswith(" REF "):
            shown.text = "wrong"
    assert "wrong" in " ".join(paragraph_texts(package))
    updated = Package(refreshed(package.save(0), tmp_path))
    before, after = (Counter(text.strip("\n") for text in paragraph_texts(file)) for file in (Package(draft), updated))
    assert {*after} == {*before}
    assert after.total() >= before.total()  # LibreOffice writes a paragraph of its own at the end of some sections


def test_every_link_leads_somewhere(package: Package) -> None:
    names = [get_attribute(node, "w:name") for node in iter_elements(package.body, "w:bookmarkStart")]
    assert len(names) == len(set(names))
    anchors = {get_attribute(node, "w:anchor") for node in iter_elements(package.body, "w:hyperlink")} - {""}
    pages = {code.split()[1] for code in codes(package) if code.startswith("PAGEREF")}
    assert {"rec-sm-1", "fig-sm-crates", "sec-sm-routes", "ref-doe2018"} <= anchors
    assert (anchors | pages) - set(names) == set()


def test_anchors_are_empty_and_inside_paragraphs(package: Package) -> None:
    for start in iter_elements(package.body, "w:bookmarkStart"):
        if get_attribute(start, "w:name").startswith("_Ref"):
            continue
        parent, following = start.getparent(), start.getnext()
        assert parent is not None
        assert parent.tag == qn("w:p")
        assert following is not None
        assert following.tag == qn("w:bookmarkEnd")


def test_long_ids_become_valid_bookmark_names() -> None:
    assert bookmark_name("sec-short") == "sec-short"
    assert len(bookmark_name("sec-" + "x" * 60)) == 40


@needs_office
def test_page_numbers_are_right_without_updating_fields(draft: bytes, package: Package) -> None:
    assert find_element(package.xml_root("word/settings.xml"), "w:updateFields") is None
    (pages,) = pages_of(draft)
    assert pages["sec-foreword"] == 3  # after cover and contents
    assert [text for text in texts(package, "TOC2") if UNKNOWN_PAGE in text] == []
    assert texts(package, "TOC2")[0] == "Forewordiii"
    assert texts(package, "TOC2")[1:3] == ["1\u2002Smuggling1", f"2\u2002Fraud{pages['sec-fraud'] - 3}"]
    assert texts(package, "TOC2")[-1] == f"References{pages['sec-references'] - 3}"


@needs_office
def test_the_cover_is_one_page_with_any_text(monkeypatch: pytest.MonkeyPatch) -> None:
    long = "Smuggling of goods, people and money over borders on land, at sea and in the air"
    with monkeypatch.context() as without:
        hide_office(without)  # the pages are counted below, for both files at once
        papers = [
            replace(document(), title=t, part_of="A paper on crime", subtitle="Chapter 2") for t in ("Fraud", long)
        ]
        files = [quiet(paper) for paper in papers]
    # after the cover, and the page of contents and imprint
    assert [pages["sec-foreword"] for pages in pages_of(*files)] == [3, 3]


@pytest.mark.usefixtures("no_office")
def test_a_list_of_findings_is_small_so_that_a_summary_is_on_one_page() -> None:
    findings = tree.div([tree.bullet_list([tree.text_inlines("Few are counted.")])], "generated", "findings")
    chapter = tree.div([tree.header(1, tree.text_inlines("Summary"), id="sec-summary"), findings], "chapter")
    sample = replace(document(), blocks=(chapter,), contents=(), figures=(), tables=(), recommendations=())
    assert texts(Package(quiet(sample)), "FindingsList") == ["Few are counted."]


FIELDS = {"owner": "NACTA", "support": "The police of all provinces, and the prosecution services of each of them",
          "by": "31 March 2021", "target": "yearly", "pillar": "pursue", "priority": "first", "closes": "Gap TF-1",
          "risk": "A count of files rewards files without substance"}  # fmt: skip


def _field_items(changed: str = "") -> list[list[Node]]:
    """The fields of a recommendation, as they are written; one of them changed."""
    names = {name: tree.span(tree.text_inlines(f"{name.title()}:"), "field", f"field-{name}") for name in FIELDS}
    lines = {name: [names[name], {"t": "Space"}, *tree.text_inlines(text)] for name, text in FIELDS.items()}
    return [[tree.para([tree.span(line, "insertion")] if n == changed else line)] for n, line in lines.items()]


def test_short_fields_of_a_box_share_a_line_in_the_order_of_all_outputs() -> None:
    lines = build_field_lines([{"t": "BulletList", "c": _field_items()}], separate=False)
    shown = [re.sub(r"(<w:r><w:tab/></w:r>)+", " | ", _raw_text(line)) for line in lines]
    assert shown == ["Owner: NACTA | By: 31 March 2021 | Closes: Gap TF-1", f"Support: {FIELDS['support']}",
                     "Target: yearly", f"Risk: {FIELDS['risk']}", "Priority: first | Pillar: pursue"]  # fmt: skip


@pytest.mark.parametrize(("separate", "changed"), [(True, ""), (False, "by")])
def test_fields_that_reviewers_edit_or_that_changed_have_lines_of_their_own(separate: bool, changed: str) -> None:
    lines = build_field_lines([{"t": "BulletList", "c": _field_items(changed)}], separate=separate)
    assert [_raw_text(line) for line in lines] == [f"{name.title()}: {text}" for name, text in FIELDS.items()]


def _raw_text(block: Node) -> str:
    """The words of a paragraph with its raw XML."""
    return "".join(
        node["c"][1] if node["t"] == "RawInline" else " " if node["t"] == "Space" else node["c"]
        for node in tree.walk(block["c"])
        if node["t"] in ("RawInline", "Str", "Space")
    )


def test_words_that_do_not_break_decide_the_widths_of_columns() -> None:
    # A number such as HT-3 is one word; a bar of time is a line of small spaces.
    cells = ("HT-3", f"31\u00a0Oct\u00a02020</w:t><w:br/><w:t>{60 * chr(160)}", "cross-border")
    row = "".join(f"<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>" for text in cells)
    table = xml.parse_element(f"<w:tbl><w:tblPr/><w:tblGrid/><w:tr>{row}</w:tr></w:tbl>")
    assert longest_words(table, len(cells)) == pytest.approx([4.5, 15, 6])


@pytest.mark.parametrize(
    "word", ["22\u00a0November", "31\u00a0December", "UNODC", "NACTA", "WAMMA", "comments", "100%"]
)
def test_a_column_has_room_for_wide_letters(word: str) -> None:
    file = next(f for folder in fonts.font_folders() for f in folder.glob("SourceSansPro-Semibold.ttf"))
    with TTFont(file, lazy=True) as font:
        names, metrics, size = font.getBestCmap(), font["hmtx"], font["head"].unitsPerEm
        printed = sum(metrics[names[ord(letter)]][0] for letter in word) / size
    table = xml.parse_element(f"<w:tbl><w:tr><w:tc><w:p><w:r><w:t>{word}</w:t></w:r></w:p></w:tc></w:tr></w:tbl>")
    assert longest_words(table, 1)[0] * MEAN_LETTER_WIDTH > printed


def test_the_sources_of_a_figure_are_on_the_page_of_its_caption() -> None:
    styles = ("CaptionedFigure", "ImageCaption", "ImageCaption", "CaptionedFigure", "ImageCaption", "BodyText")
    paragraphs = "".join(f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr></w:p>' for style in styles)
    body = xml.parse_element(f"<w:body>{paragraphs}</w:body>")
    keep_captions_whole(body)
    kept_with_next = [find_element(p, "w:pPr/w:keepNext") is not None for p in iter_elements(body, "w:p")]
    assert kept_with_next == [False, True, False, False, False, False]


def test_pages_before_the_text_have_roman_numbers() -> None:
    assert [roman(n) for n in (1, 4, 9, 14, 40, 99)] == ["i", "iv", "ix", "xiv", "xl", "xcix"]


def test_the_text_begins_on_a_right_page_with_the_number_1(package: Package) -> None:
    sections = list(iter_elements(package.body, "w:sectPr"))
    numbers = [
        (
            get_attribute(find_element(s, "w:pgNumType"), "w:fmt"),
            get_attribute(find_element(s, "w:pgNumType"), "w:start"),
        )
        for s in sections
    ]
    assert numbers == [*[("lowerRoman", "")] * 3, ("decimal", "1"), *[("decimal", "")] * 6]
    assert [get_attribute(find_element(s, "w:type")) == "oddPage" for s in sections].index(True) == 3
    settings = package.xml_root("word/settings.xml")
    assert find_element(settings, "w:mirrorMargins") is not None
    assert find_element(settings, "w:evenAndOddHeaders") is not None


def test_notes_are_numbered_from_1_in_each_chapter(package: Package) -> None:
    restarts = [
        get_attribute(find_element(section, "w:footnotePr/w:numRestart"))
        for section in iter_elements(package.body, "w:sectPr")
    ]
    # cover, contents; foreword, chapters 1 and 2; the turned page of 2 and what follows it; the annex, turned
    assert restarts[:2] == ["continuous"] * 2
    assert restarts[2:7] == [*["eachSect"] * 3, *["continuous"] * 2]


def test_the_word_file_has_no_compatibility_mode(package: Package) -> None:
    settings = package.xml_root("word/settings.xml")
    modes = {get_attribute(node, "w:name"): get_attribute(node) for node in iter_elements(settings, "w:compatSetting")}
    assert modes["compatibilityMode"] == "15"
    assert find_element(settings, "w:autoHyphenation") is not None
    assert find_element(settings, "w:doNotTrackMoves") is None


def test_without_libreoffice_word_updates_the_page_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")  # no LibreOffice
    data, findings = written(document())
    package = Package(data)
    assert [(d.rule, d.hint) for d in findings] == [("missing-tool", apt_command(["libreoffice-writer-nogui"]))]
    assert find_element(package.xml_root("word/settings.xml"), "w:updateFields") is not None
    assert texts(package, "TOC2")[0] == f"Foreword{UNKNOWN_PAGE}"


def test_an_incomplete_file_of_libreoffice_is_a_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    office = tmp_path / "soffice"
    office.write_text(
        '#!/bin/sh\nwhile [ "$1" != --outdir ]; do shift; done\nfolder=$2; shift 2\n'
        'for file in "$@"; do echo "%PDF-1.7 and no more" >"${file%.docx}.pdf"; done\n',
        encoding="utf-8",
    )
    office.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    _, findings = written(document())
    assert [d.rule for d in findings] == ["render-failed"]
    assert "LibreOffice did not lay it out" in findings[0].message


def test_libreoffice_has_its_temporary_files_in_its_own_folder(tmp_path: Path) -> None:
    stub = tmp_path / "soffice"
    stub.write_text(f'#!/bin/sh\necho "$TMPDIR $HOME" >{tmp_path}/said\n', encoding="utf-8")
    stub.chmod(0o755)
    (tmp_path / "a.docx").write_bytes(b"")
    with LibreOffice(str(stub)) as made:
        home = made.home
        made.convert_to_pdf([tmp_path / "a.docx"])
    assert (tmp_path / "said").read_text().split() == [str(home), str(home)]


# A LibreOffice of our own. It holds the pipe open as long as it runs, and writes a line when it is at work.
STUB = "#!/bin/sh\nexec 9>{folder}/pipe\n"
STARTING = "echo at work >&9; exec sleep 300\n"
AT_WORK = """case "$*" in *--convert-to*) ;; *) : >"$HOME/.~lock.words.docx#"; exec sleep 300 ;; esac
echo at work >&9
while :; do mkdir -p "$HOME/more"; : >"$HOME/more/$((i = i + 1))"; done
"""
HELD = """grep SigIgn /proc/$$/status >&9
if mkdir {folder}/held 2>/dev/null; then read -r _ <{folder}/go; fi
exec {soffice} "$@"
"""
PATIENCE = 180
"""Seconds of wall time after which nothing will happen any more, on the busiest machine."""


@contextlib.contextmanager
def building(folder: Path, does: str, *before: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Build a paper with a LibreOffice that `does` something; gives the build and our end of the stub's pipe."""
    paper, office = copy("single", folder), folder / "bin" / "soffice"
    office.parent.mkdir()
    office.write_text((STUB + does).format(folder=folder, soffice=shutil.which("soffice")), encoding="utf-8")
    office.chmod(0o755)
    os.mkfifo(folder / "pipe")
    path = f"{office.parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PATH": path, "TMPDIR": str(folder)}
    command = [*before, *processes.python_command("nioc_paper", "build", "--to", "docx,html")]
    pipe = os.open(folder / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        with processes.start(command, cwd=paper, env=environment, stderr=subprocess.PIPE) as build:
            try:
                yield build, pipe
            finally:
                processes.kill_group(build.pid)  # the stub ends with it
    finally:
        os.close(pipe)


def heard(pipe: int) -> bytes:
    """Wait until something is written into a pipe, and return it; nothing if all its writers have ended."""
    ready, _, _ = select.select([pipe], [], [], PATIENCE)
    assert ready, "nobody has written into the pipe, and nobody has closed it"
    return os.read(pipe, 4096)


def end_of(build: subprocess.Popen[bytes]) -> tuple[int, str]:
    """Wait until a build ends; its exit code and standard error."""
    _, errors = build.communicate(timeout=PATIENCE)
    return build.returncode, errors.decode().strip()


@pytest.mark.parametrize(
    ("how", "does"),
    [
        (signal.SIGINT, STARTING),
        (signal.SIGTERM, STARTING),
        (signal.SIGHUP, STARTING),
        (signal.SIGKILL, STARTING),
        (signal.SIGTERM, AT_WORK),
    ],
)
def test_libreoffice_ends_with_its_build(tmp_path: Path, how: signal.Signals, does: str) -> None:
    killed = how == signal.SIGKILL
    with building(tmp_path, does) as (build, pipe):
        assert heard(pipe).startswith(b"at work\n")
        build.send_signal(how)
        assert end_of(build) == (-how if killed else 130, "")
        while heard(pipe):  # until the stub and all that it has started have ended
            pass
    assert killed or not list(tmp_path.glob("nioc-*"))


WAITING = """
import sys, time
from nioc_paper.system.libreoffice import LibreOffice, find_program, pipe_file
with LibreOffice(find_program()) as office:
    pipe = pipe_file(office.prestart()._profile)
    while not pipe.exists():
        time.sleep(0.05)
    print(pipe, flush=True)
    sys.stdin.read()
"""


@needs_office
@pytest.mark.parametrize("killed", [False, True])
def test_libreoffice_leaves_no_pipe(killed: bool, tmp_path: Path) -> None:
    """It lies in /tmp, wherever our own temporary files are."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-P", "-c", WAITING]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as waiting:
        assert waiting.stdout
        pipe = Path(waiting.stdout.readline().decode().strip())
        assert pipe.is_socket()
        if killed:
            waiting.kill()
        waiting.communicate()
    end = time.monotonic() + PATIENCE
    while pipe.exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not pipe.exists()


def test_libreoffice_closed_while_starting_ends_and_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine it may be at work before the thread that has started it knows of it."""
    started, known, start = Event(), Event(), processes.start

    def slow(*args: Any, **settings: Any) -> subprocess.Popen[bytes]:
        process = start(*args, **settings)
        started.set()
        assert known.wait(PATIENCE)
        return process

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(processes, "start", slow)
    (tmp_path / "soffice").write_text((STUB + AT_WORK).format(folder=tmp_path), encoding="utf-8")
    (tmp_path / "soffice").chmod(0o755)
    os.mkfifo(tmp_path / "pipe")
    pipe = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    engine = LibreOffice(str(tmp_path / "soffice"))
    converting = Thread(target=engine.convert_to_pdf, args=([tmp_path / "a.docx"],), daemon=True)
    leaving = Thread(target=engine.shut_down, daemon=True)
    converting.start()
    assert started.wait(PATIENCE)
    assert heard(pipe) == b"at work\n"
    leaving.start()
    leaving.join(0.2)  # time to leave behind a process of which it does not know
    known.set()
    for thread in (leaving, converting):
        thread.join(PATIENCE)
        assert not thread.is_alive()
    engine.shut_down()
    assert heard(pipe) == b""
    os.close(pipe)
    assert not list(tmp_path.glob("nioc-*"))


def test_a_libreoffice_that_was_closed_has_ended() -> None:
    """The thread that waits for it may look only when its pipe is closed."""
    process = subprocess.Popen(["sleep", "0"])
    reader, writer = os.pipe()
    os.close(writer)
    started = StartedProcess(process, reader)
    started.end()
    os.close(reader)
    assert started.has_ended(PATIENCE)


def test_libreoffice_can_be_closed_by_two_threads_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the one that has converted, and by the build, which is interrupted."""
    engine, both, close = LibreOffice("soffice"), Barrier(2), os.close
    lock = engine.folder._lock_handle

    def slow(file: int) -> None:
        if file == lock:
            with contextlib.suppress(BrokenBarrierError):
                both.wait(0.2)
        close(file)

    monkeypatch.setattr(os, "close", slow)
    for left in (start_thread(engine.shut_down), start_thread(engine.shut_down)):
        left()


@needs_office
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell which signals are ignored")
def test_a_build_with_ignored_signals_continues_and_libreoffice_does_not_inherit_them(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "go")
    with building(tmp_path, HELD, "sh", "-c", 'trap "" INT HUP; exec "$@"', "sh") as (build, pipe):
        ignored = heard(pipe)
        build.send_signal(signal.SIGINT)
        build.send_signal(signal.SIGHUP)
        (tmp_path / "go").write_bytes(b"on\n")
        assert end_of(build) == (0, "no warnings")
        while more := heard(pipe):
            ignored += more
    # SIGINT tells nothing: a shell ignores it in what it runs in the background, and one of ours runs the office there.
    masks = [int(line.split()[1], 16) & 1 << signal.SIGHUP - 1 for line in ignored.decode().splitlines()]
    assert masks
    assert not any(masks)
    (made,) = tmp_path.glob("single/dist/*.docx")
    assert find_element(Package(made.read_bytes()).xml_root("word/settings.xml"), "w:updateFields") is None
    assert not list(tmp_path.glob("nioc-*"))


def test_landscape_pages_have_headers_and_footers(package: Package) -> None:
    sections = list(iter_elements(package.body, "w:sectPr"))
    turned = [get_attribute(find_element(section, "w:pgSz"), "w:orient") == "landscape" for section in sections]
    # cover, contents, foreword, part and chapter 1, chapter 2 up to its wide table, the table, the rest, annex,
    # references, lists and imprint
    assert turned == [False, False, False, False, False, True, False, True, False, False]
    for section in sections:
        kinds = [
            get_attribute(node, "w:type") for node in iter_elements(section, "w:headerReference", "w:footerReference")
        ]
        assert kinds.count("default") == kinds.count("even") == 2
    assert package.body[-1] is sections[-1]


def test_a_heading_is_on_the_wide_page_of_its_table(package: Package) -> None:
    annex = next(
        p for p in iter_elements(package.body, "w:p") if "annex-a" in str([get_attribute(b, "w:name") for b in p])
    )
    section = next(node for node in annex.itersiblings() if node.find(f".//{qn('w:sectPr')}") is not None)
    assert get_attribute(section.find(f".//{qn('w:pgSz')}"), "w:orient") == "landscape"


@pytest.mark.usefixtures("no_office")
def test_only_a_draft_says_so_in_the_head_of_each_page(draft: bytes) -> None:
    final = quiet(document(draft=False))
    for data, marked in ((draft, True), (final, False)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            heads = [archive.read(name) for name in archive.namelist() if name.startswith("word/header")]
        # but not on the cover and behind it
        assert [b"DRAFT" in head for head in heads] == [False, *[marked] * 4]


def test_tables_repeat_their_heads_and_keep_rows_whole(package: Package) -> None:
    tables = list(iter_elements(package.body, "w:tbl"))
    assert len(tables) == 3
    for table in tables:
        rows = [row for row in table if row.tag == qn("w:tr")]
        assert find_element(rows[0], "w:trPr/w:tblHeader") is not None
        assert all(find_element(row, "w:trPr/w:cantSplit") is not None for row in rows)
        assert get_attribute(find_element(table, "w:tblPr/w:tblCaption")).startswith("Table ")


def test_no_column_is_narrower_than_its_longest_word() -> None:
    assert fit_shares([1, 1, 2], [0, 0, 0]) == [0.25, 0.25, 0.5]
    assert fit_shares([1, 9], [0.2, 0.1]) == pytest.approx([0.2, 0.8])
    assert fit_shares([1, 1, 8], [0.3, 0.1, 0.1]) == pytest.approx([0.3, 0.1, 0.6])
    assert fit_shares([1, 1], [2, 3]) == [0.4, 0.6]


@given(st.lists(st.tuples(st.floats(0.01, 10), st.floats(0, 0.3)), min_size=1, max_size=12))
def test_columns_fill_the_line_and_hold_their_words(columns: list[tuple[float, float]]) -> None:
    needs = [need for _, need in columns]
    shares = fit_shares([want for want, _ in columns], needs)
    assert sum(shares) == pytest.approx(1)
    crowded = max(1, sum(needs))
    assert all(share >= need / crowded - 1e-9 for share, need in zip(shares, needs, strict=True))


def test_pictures_are_described_once_and_in_words(draft: bytes, package: Package) -> None:
    ground, *pictures = iter_elements(package.body, "wp:docPr")
    assert [node.get("descr") for node in pictures] == ["Bars: 3 crates in 2017, 9 in 2018.", "A red square"]
    assert [node.get("title") for node in pictures] == ["Figure 1.1", ""]
    assert ground.get("descr") == ""
    assert [node.get("val") for node in ground.iter("{*}decorative")] == ["1"]
    assert all(b"base64" not in data for data in _members(draft).values())
    ids = [node.get("id") for node in iter_elements(package.body, "wp:docPr", "pic:cNvPr")]
    assert len(ids) == len(set(ids))


def test_properties_come_from_the_document(package: Package) -> None:
    core = {str(node.tag).rpartition("}")[2]: node.text for node in package.xml_root("docProps/core.xml")}
    assert core["title"] == "A Strategy against Crates"
    assert core["creator"] == "Amal Rahim; Zoë Ö. D’Arc"
    assert core["created"] == core["modified"] == "2020-04-22T00:00:00Z"
    application = {str(node.tag).rpartition("}")[2]: node.text for node in package.xml_root("docProps/app.xml")}
    assert int(application["Words"] or 0) == tree.count_words(document().blocks) > 0


@pytest.mark.usefixtures("no_office")
def test_the_front_matter_lists_contributors_and_statuses() -> None:
    people = (Credit("Lead", "Amal Rahim", "Clerk, Customs Board"), Credit("Researcher", "", "Clerk"))
    paper = replace(
        document(),
        blocks=document().blocks[:1],
        credits=((ListEntry(1, "1", "Smuggling", "sec-smuggling"), people),),
        standing={"Outline": 2, "Final": 1},
        versions=(Version("v0.1", date(2020, 3, 1), "First draft"),),
    )
    package = Package(written(paper)[0])
    imprint = texts(package, "Imprint")
    assert "Chapters by statusOutline (2), Final (1)" in imprint
    assert "v0.11 March 2020 · First draft" in imprint
    cited = (
        "How to citeInstitute of Crates (2020). A Strategy against Crates. First edition, 22 April 2020. Version v0.1."
    )
    assert cited in imprint
    words = texts(package, "TableText")
    assert words[:6] == ["1 Smuggling", "Amal RahimClerk, Customs Board", "Lead", "", "Clerk", "Researcher"]


def test_footers_show_the_page_and_the_issue(package: Package) -> None:
    feet = [name for _, name in package.related_parts("footer")]
    words = sorted("".join(t.text or "" for t in iter_elements(package.xml_root(name), "w:t")) for name in feet)
    issue = "First edition · 22 April 2020 · v0.1"
    assert words == ["", "1", f"1{issue}", f"1{issue}", f"{issue}1", f"{issue}1"]


@pytest.mark.usefixtures("no_office")
def test_the_language_is_one_that_word_knows() -> None:
    data, _ = written(replace(document(), language="en-GB-oxendict", blocks=(), figures=(), tables=()))
    styles = Package(data).xml_root("word/styles.xml")
    assert {get_attribute(node) for node in iter_elements(styles, "w:lang")} == {"en-GB"}


def test_properties_are_in_the_order_of_the_standard(package: Package) -> None:
    for part in ("word/document.xml", "word/styles.xml", "word/footnotes.xml"):
        for properties in iter_elements(package.xml_root(part), "w:pPr"):
            ranks = [xml._PROPERTY_ORDER.index(node.tag) for node in properties]
            assert ranks == sorted(ranks), [str(node.tag) for node in properties]
    ranks = [
        word_settings._SCHEMA_ORDER.index(n.tag)
        for n in package.xml_root(word_settings.SETTINGS_PART)
        if n.tag in word_settings._SCHEMA_ORDER
    ]
    assert ranks == sorted(ranks)


def test_python_docx_reads_headings_notes_and_landscape_pages(draft: bytes) -> None:
    read_back = python_docx.Document(io.BytesIO(draft))
    headings = [(p.style.name, p.text) for p in read_back.paragraphs if p.style and p.style.name.startswith("Heading")]
    assert headings[1:3] == [("Heading 1", "1\u2002Smuggling"), ("Heading 2", f"1.1\u2002{ROUTES}")]
    assert [s.orientation for s in read_back.sections].count(WD_ORIENT.LANDSCAPE) == 2
    assert read_back.core_properties.keywords == "The crimes"
    assert read_back.styles["Recommendation Title"].builtin is False
    assert read_back.styles["Heading 1"].builtin


def test_urdu_runs_from_right_to_left(package: Package) -> None:
    paragraph = next(p for p in iter_elements(package.body, "w:p") if "اردو" in "".join(map(str, p.itertext())))
    assert find_element(paragraph, "w:pPr/w:bidi") is not None
    assert get_attribute(find_element(paragraph, "w:r/w:rPr/w:lang"), "w:bidi") == "ur"


def test_styles_have_the_sizes_and_colours_of_the_theme() -> None:
    look = read_theme(TEMPLATES)
    styles = {
        get_attribute(find_element(s, "w:name")): s
        for s in iter_elements(Package(build_reference_docx(look)).xml_root("word/styles.xml"), "w:style")
    }
    assert {style.name for style in STYLES} <= styles.keys()
    chapter = styles["heading 1"]
    assert get_attribute(find_element(chapter, "w:rPr/w:sz")) == str(
        round(float(look["size-chapter"].removesuffix("pt")) * 2)
    )
    assert get_attribute(find_element(chapter, "w:rPr/w:color")) == look["accent"].lstrip("#").upper()


def test_pandoc_writes_the_same_text_for_names_of_styles_alone() -> None:
    word = tree.para([{"t": "Str", "c": "word"}])
    styled = [tree.div([word], values={"custom-style": style.name}) for style in STYLES]
    blocks = [*document().blocks, *styled]
    whole = build_reference_docx(read_theme(TEMPLATES))
    files = [
        Package(pandoc.write(blocks, "docx", args=["--reference-doc=own.docx"], files={"own.docx": reference}))
        for reference in (whole, keep_style_names(whole))
    ]
    names = files[0].part_names()
    assert files[1].part_names() == names
    differing = [name for name in names if len({file.part_bytes(name) for file in files}) > 1]
    assert differing == ["word/styles.xml"]


def test_styles_used_are_styles_defined(package: Package) -> None:
    defined = {
        get_attribute(style, "w:styleId") for style in iter_elements(package.xml_root("word/styles.xml"), "w:style")
    }
    for part in ("word/document.xml", "word/footnotes.xml"):
        used = {
            get_attribute(node) for node in iter_elements(package.xml_root(part), "w:pStyle", "w:rStyle", "w:tblStyle")
        }
        assert used - defined == set()


def test_fonts_are_embedded(draft: bytes) -> None:
    faces = {name: data for name, data in _members(draft).items() if name.endswith(".odttf")}
    assert len(faces) == 8
    for name, data in faces.items():
        file = next(f for folder in fonts.font_folders() for f in folder.glob(f"{Path(name).stem}.ttf"))
        key = uuid.uuid5(uuid.NAMESPACE_OID, file.name)
        assert word_fonts.obfuscate_font(data, key) == file.read_bytes()


@pytest.mark.usefixtures("no_office")
def test_a_chart_that_cannot_be_drawn_is_reported_at_its_place() -> None:
    paper = document()
    broken = replace(paper.charts["charts/crates"], spec={"mark": "no such mark", "data": {"values": []}})
    _, findings = written(replace(paper, charts={"charts/crates": broken}))
    assert [(d.rule, d.place) for d in findings if d.severity is Severity.ERROR] == [("render-failed", broken.place)]


@pytest.mark.usefixtures("no_office")
def test_a_drawing_that_cannot_be_drawn_is_reported_at_its_file() -> None:
    paper = document()
    broken = Asset("paper/figures/odd.svg", "image/svg+xml", b"<svg")
    _, findings = written(replace(paper, assets={**paper.assets, "odd.svg": broken}))
    assert [(d.rule, d.place.path) for d in findings if d.severity is Severity.ERROR] == [
        ("render-failed", broken.path)
    ]


def _members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
