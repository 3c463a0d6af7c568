"""The Word file: Word opens it without a question; it holds every word, and is the same each time."""

from __future__ import annotations

import contextlib
import io
import os
import select
import shutil
import signal
import subprocess
import uuid
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import docx as python_docx
import docx_integrity
import pytest
import shared
from command_kit import hide_office
from docx.enum.section import WD_ORIENT
from msgspec.structs import replace
from office_kit import needs_office, pages_of, refreshed
from sample_document import document
from test_papers import ROOT, copy
from word_kit import paragraph_texts

from nioc_paper import tree
from nioc_paper.model import Asset, Credit, Diagnostic, Document, ListEntry, Severity, Version
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import find_element, get_attribute, iter_elements, paragraph_style, qn
from nioc_paper.render.common.theme import read_theme
from nioc_paper.render.context import RenderContext
from nioc_paper.render.word import docx_writer
from nioc_paper.render.word import empty_docx as word_fonts
from nioc_paper.render.word.cached_piece import UNKNOWN_PAGE
from nioc_paper.render.word.reference_docx import build_reference_docx
from nioc_paper.render.word.styles import STYLES
from nioc_paper.system import processes
from nioc_paper.system.cache import NO_CACHE, Cache
from nioc_paper.system.drawing import font_folders
from nioc_paper.system.files import default_templates
from nioc_paper.system.requirements import install_command

TEMPLATES = default_templates()
ROUTES = "Routes and the people who keep them open"


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


def test_contents_are_a_field_with_an_entry_for_each_heading(package: Package) -> None:
    assert 'TOC \\h \\z \\n 5-5 \\t "Part,1,Heading 1,2"' in codes(package)
    chapters = [text.rstrip("0123456789iv" + UNKNOWN_PAGE) for text in texts(package, "TOC2")]
    assert chapters == texts(package, "Heading1")
    assert len(texts(package, "TOC1")) == 1
    begins, ends = (
        sum(get_attribute(n, "w:fldCharType") == kind for n in iter_elements(package.body, "w:fldChar"))
        for kind in ("begin", "end")
    )
    assert begins == ends


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


def test_without_libreoffice_word_updates_the_page_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")  # no LibreOffice
    data, findings = written(document())
    package = Package(data)
    assert [(d.rule, d.hint) for d in findings] == [("missing-tool", install_command(["libreoffice-writer-nogui"]))]
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
    environment["XDG_STATE_HOME"] = str(folder / "state")
    command = [*before, *processes.python_command("nioc_paper", "build", "--to", "docx,html")]
    pipe = os.open(folder / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        with processes.start("tests", command, folder=paper, variables=environment, output=subprocess.PIPE) as build:
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


def test_a_section_does_not_end_with_lines_of_one_paragraph(package: Package) -> None:
    ends = [p for p in iter_elements(package.body, "w:p") if find_element(p, "w:pPr/w:sectPr") is not None]
    kept_styles = [paragraph_style(p) for p in ends if find_element(p, "w:pPr/w:keepLines") is not None]
    assert kept_styles == [style for style in map(paragraph_style, ends) if style == "BodyText"] != []


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
    assert texts(package, "ImprintTitle") == ["About this document"]
    assert [text[:23] for text in texts(package, "ImprintNote")] == ["This is a working draft"]
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


def test_python_docx_reads_headings_notes_and_landscape_pages(draft: bytes) -> None:
    read_back = python_docx.Document(io.BytesIO(draft))
    headings = [(p.style.name, p.text) for p in read_back.paragraphs if p.style and p.style.name.startswith("Heading")]
    assert headings[1:3] == [("Heading 1", "1\u2002Smuggling"), ("Heading 2", f"1.1\u2002{ROUTES}")]
    assert [s.orientation for s in read_back.sections].count(WD_ORIENT.LANDSCAPE) == 2
    assert read_back.core_properties.keywords == "The crimes"
    assert read_back.styles["Recommendation Title"].builtin is False
    assert read_back.styles["Heading 1"].builtin


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
    sources = find_element(styles["Bibliography"], "w:pPr/w:ind")
    assert [get_attribute(sources, name) for name in ("w:left", "w:hanging")] == ["454", "454"]


def test_fonts_are_embedded(draft: bytes) -> None:
    faces = {name: data for name, data in _members(draft).items() if name.endswith(".odttf")}
    assert len(faces) == 8
    for name, data in faces.items():
        file = next(f for folder in font_folders() for f in folder.glob(f"{Path(name).stem}.ttf"))
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
