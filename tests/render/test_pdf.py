"""The PDF of a small document: whole, ours alone, repeatable, with every exception reported."""

from __future__ import annotations

import io
import random
import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping

import pdf_reader
import pikepdf
import pytest
import sample_document
from msgspec.structs import replace
from pdf_kit import whole_job
from pikepdf import Array, Dictionary, Name

from nioc_paper import tree
from nioc_paper.model import Asset, Diagnostic, Document, OutputOptions, Severity, Templates
from nioc_paper.render.common import fonts, special_fonts
from nioc_paper.render.context import NO_ENGINES, Engines, RenderContext
from nioc_paper.render.pdf import pdf_writer, worker_pool
from nioc_paper.render.pdf.pdf_writer import foreign_fonts
from nioc_paper.render.pdf.worker_messages import PageJob
from nioc_paper.render.pdf.worker_pool import WorkerPool
from nioc_paper.render.write import render_format
from nioc_paper.system import pandoc, processes
from nioc_paper.system.files import default_templates

TEMPLATES = default_templates()
needs_hand = pytest.mark.skipif(
    not special_fonts.SCRIPT_FONTS["nastaliq"].font_files, reason="fonts-noto-core is not installed"
)


def make_pdf(document: Document, layout: Engines = NO_ENGINES) -> tuple[bytes, list[Diagnostic]]:
    findings: list[Diagnostic] = []
    return pdf_writer.write(document, RenderContext(TEMPLATES, findings.append, engines=layout)), findings


def chapter(markdown: str) -> Document:
    """A document of one chapter, without lists."""
    heading = tree.header(1, tree.text_inlines("One"), id="sec-one")
    blocks = (tree.div([heading, *pandoc.parse_markdown(markdown)[0]], "chapter", id="chapter-one"),)
    bare = replace(sample_document.document(), contents=(), figures=(), tables=(), recommendations=())
    return replace(bare, blocks=blocks, charts={}, assets={})


@pytest.fixture(scope="module")
def warm() -> Iterator[Engines]:
    """Engines for all tests here: each takes a second to start."""
    with WorkerPool().prestart() as press:
        yield Engines(pdf_pool=press)


@pytest.fixture(scope="module")
def whole(warm: Engines) -> tuple[bytes, list[Diagnostic]]:
    return make_pdf(sample_document.document(), warm)


@pytest.fixture
def paper(whole: tuple[bytes, list[Diagnostic]]) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(whole[0])) as file:
        yield file


@pytest.mark.usefixtures("whole")
def test_the_end_of_a_worker_between_two_jobs_is_no_failure(warm: Engines) -> None:
    worker_pool = warm.pdf_pool
    assert isinstance(worker_pool, WorkerPool)
    job: PageJob = {"html": "<html lang='en'><title>-</title><p>Words", "assets": {}, "lines": False, "bars": ""}
    worker_pool.run_jobs({"one": job})
    for worker in worker_pool.workers:
        worker.process.kill()
        worker.process.wait()
    results = worker_pool.run_jobs({name: {**job, "html": job["html"] + name} for name in ("one", "two", "three")})
    assert [(result.report.failure, result.report.page_count) for result in results.values()] == [("", 1)] * 3


def rules_of(findings: list[Diagnostic]) -> list[tuple[str, Severity]]:
    return [(d.rule, d.severity) for d in findings]


def test_a_word_that_is_wider_than_its_column_breaks(warm: Engines) -> None:
    words = {name: name * 120 for name in "pctn"}
    table = f"| a | b |\n|---|---|\n| x | {words['c']} |\n"
    text = f"## {words['t']}\n\nA {words['p']}, `{words['p']}` and a note.[^n]\n\n{table}\n[^n]: {words['n']}\n"
    data, findings = make_pdf(chapter(text), warm)
    assert data
    assert rules_of(findings) == []


@pytest.mark.parametrize("size", ['width="3000" height="500"', 'width="500" height="3000"'])
def test_a_picture_among_words_fits_on_its_page(size: str, warm: Engines) -> None:
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" {size}/>'.encode()
    assets = {f"{n}.svg": Asset(f"{n}.svg", "image/svg+xml", drawing + b" " * n) for n in range(4)}
    words = [f"![A picture]({name}) and critical words behind it" for name in assets]
    text = "{}\n\n- {}\n\n> {}\n\n::: box\n{}\n:::\n".format(*words)
    assert make_pdf(replace(chapter(text), assets=assets), warm)[1] == []


def test_text_beyond_the_page_is_reported_in_its_chapter(warm: Engines) -> None:
    heads = "| " + " | ".join(["Environmental"] * 20) + " |\n" + "|---" * 20 + "|\n"
    document = chapter(f"A line.\n\n{heads}| " + " | ".join(["Administration"] * 20) + " |\n")
    located = [tree.div(block["c"][1], "chapter", values={"data-path": "chapters/one.md"}) for block in document.blocks]
    _, findings = make_pdf(replace(document, blocks=tuple(located)), warm)
    assert [(d.rule, d.severity, d.place.path) for d in findings] == [
        ("lost-content/text", Severity.ERROR, "chapters/one.md")
    ]


# --- a whole document -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("is_review", "severity"), [(False, Severity.WARNING), (True, Severity.ERROR)])
def test_letters_missing_from_all_fonts_are_reported(warm: Engines, is_review: bool, severity: Severity) -> None:
    document = replace(chapter("A letter of nobody: \ue000.\n"), copy=OutputOptions(review=is_review))
    _, findings = make_pdf(document, warm)
    assert rules_of(findings) == [("lost-content/text", severity)]
    assert "U+E000" in findings[0].message


@needs_hand
def test_the_document_has_no_findings_and_is_the_same_again(whole: tuple[bytes, list[Diagnostic]]) -> None:
    assert rules_of(whole[1]) == []
    assert make_pdf(sample_document.document())[0] == whole[0]


def test_the_pdf_has_its_metadata_and_claims_pdf_a_and_pdf_ua(paper: pikepdf.Pdf) -> None:
    docinfo = {key: str(value) for key, value in paper.docinfo.items()}
    assert docinfo["/Title"] == "A Strategy against Crates"
    assert docinfo["/Author"] == "Amal Rahim, Zoë Ö. D’Arc"
    assert docinfo["/CreationDate"] == "D:20200422000000Z"
    assert paper.Root.Lang == "en-GB"
    metadata = paper.Root.Metadata.read_bytes().decode()
    assert 'pdfaid:part="3"' in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata


@pytest.mark.parametrize("in_one_pass", [False, True])
@pytest.mark.parametrize(("alt", "described"), [("A deck", True), ("", True), ("", False), ("deck.svg", False)])
def test_a_pdf_with_an_undescribed_picture_makes_no_claim(
    warm: Engines, alt: str, *, described: bool, in_one_pass: bool
) -> None:
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
    document = replace(chapter(f"Here ![{alt}](x.svg)."), assets={"x.svg": Asset("x.svg", "image/svg+xml", drawing)})
    data, findings = make_pdf(replace(document, described=described), replace(warm, in_one_pass=in_one_pass))
    assert findings == []
    with pikepdf.open(io.BytesIO(data)) as pdf:
        metadata = pdf.Root.Metadata.read_bytes().decode()
    assert 'pdfaid:part="3"' in metadata
    assert ("pdfuaid" in metadata) is (alt == "A deck")


@pytest.mark.parametrize(
    ("logo", "name"),
    [
        ('<p><img src="pattern.svg"></p>', "pattern.svg"),
        ('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9"/></svg>', "svg"),
        ('<p><img src="pattern.svg" alt="Seal"></p>', ""),
    ],
)
def test_a_logo_of_a_template_that_is_not_described_is_named(warm: Engines, logo: str, name: str) -> None:
    cover = Templates({**TEMPLATES.files, "print/cover.html": TEMPLATES.data("print/cover.html") + logo.encode()})
    for final in (False, True):
        findings: list[Diagnostic] = []
        document = replace(chapter("A text."), copy=OutputOptions(final=final))
        data = pdf_writer.write(document, RenderContext(cover, findings.append, engines=warm))
        severity = Severity.ERROR if final else Severity.WARNING
        assert rules_of(findings) == [("image-without-alt", severity)] * bool(name)
        assert [name in d.message for d in findings] == [True] * bool(name)
        assert (b"pdfuaid:part" in data) is not bool(name)


def test_every_link_on_a_page_is_a_link_in_the_structure(paper: pikepdf.Pdf) -> None:
    numbers = list(paper.Root.StructTreeRoot.ParentTree.Nums)
    elements = dict(zip(map(int, numbers[::2]), numbers[1::2], strict=True))
    annotations = [a for page in paper.pages for a in page.get("/Annots", [])]
    assert {str(elements[int(a.StructParent)].S) for a in annotations} == {"/Link"}
    assert all("/Contents" in a for a in annotations)


def test_front_matter_counts_in_roman_and_the_text_from_one(paper: pikepdf.Pdf) -> None:
    labels = [page.label for page in paper.pages]
    main = labels.index("1")
    assert labels[:main] == ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii"][:main]
    assert labels[main:] == [str(n) for n in range(1, len(labels) - main + 1)]


def test_parts_chapters_and_sections_are_bookmarks(paper: pikepdf.Pdf) -> None:
    with paper.open_outline() as outline:
        titles = [item.title for item in outline.root]
        sections = {item.title: [child.title for child in item.children] for item in outline.root}
    assert titles[:1] == ["Contents"]
    assert titles[1:7] == ["Foreword", "The crimes", "1 Smuggling", "2 Fraud", "A Words", "References"]
    assert titles[7:] == ["Figures", "Tables", "About this document"]  # the action plan lists the recommendations
    assert sections["1 Smuggling"] == ["1.1 Routes and the people who keep them open"]


def test_only_wide_tables_are_on_landscape_pages(paper: pikepdf.Pdf) -> None:
    wide = [float(page.mediabox[2]) > float(page.mediabox[3]) for page in paper.pages]
    assert sum(wide) == 2
    assert not wide[-1]


def test_the_pdf_has_only_fonts_of_the_theme(paper: pikepdf.Pdf) -> None:
    names = pdf_reader.font_names(paper)
    assert foreign_fonts(names, (*fonts.FONT_FAMILIES, special_fonts.SCRIPT_FONTS["nastaliq"].family)) == []
    assert foreign_fonts(names, ("Source Sans Pro",)) != []


def test_a_final_paper_has_no_draft_mark_and_no_statuses() -> None:
    draft, final = (whole_job(sample_document.document(draft=draft), {})["html"] for draft in (True, False))
    assert 'data-draft="Draft"' in draft
    assert "Lead: Amal Rahim" in draft
    assert 'data-draft="Draft"' not in final
    assert "Lead: Amal Rahim" not in final


# --- notes and words --------------------------------------------------------------------------------------------------


def test_every_note_comes_to_a_page(warm: Engines) -> None:
    # The engine alone loses two of these; with another style sheet perhaps others, or none.
    chance, text, foot = random.Random(7), [], []
    for n in range(1, 13):
        calls = [f"[^{n}-{i}]" for i in range(chance.randint(0, 2))]
        text.append(" ".join("word " * chance.randint(5, 60) + c for c in calls) + " word" * chance.randint(3, 80))
        foot += [f"{call}: Note{' note' * chance.randint(3, 60)}." for call in calls]
    assert make_pdf(chapter("\n\n".join([*text, *foot])), warm)[1] == []


def test_a_note_longer_than_a_page_is_an_error(warm: Engines) -> None:
    findings = make_pdf(chapter(f"Text.[^1]\n\n[^1]: {'word ' * 2500}"), warm)[1]
    assert ("lost-content/text", Severity.ERROR) in rules_of(findings)


# --- a closed world, and its limits -----------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["https://example.org/a.png", "file:///etc/passwd", "../secret.png"])
def test_a_picture_that_is_not_of_the_paper_is_refused(target: str, warm: Engines) -> None:
    findings = make_pdf(chapter(f"![A picture]({target})"), warm)[1]
    assert rules_of(findings) == [("foreign-resource", Severity.ERROR)]


def test_a_render_beyond_its_limit_is_ended_and_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_pool, "MAX_SECONDS", 0.01)
    monkeypatch.setattr(processes, "_POLL_SECONDS", 0.001)  # a fast machine is done before it would be asked
    data, findings = make_pdf(chapter("Text."))
    assert data == b""
    assert rules_of(findings) == [("render-failed", Severity.ERROR)]


NO_LIBRARIES = """
import os
import cffi

os.environ["NIOC_PLAIN"] = "1"  # otherwise the declarations are compiled, and cffi is not asked

def refuse(*_):
    raise OSError("cannot load library 'libpango-1.0-0'")

cffi.FFI.dlopen = refuse
from nioc_paper.render.pdf.worker import main
main.main()
"""


def test_a_missing_pango_is_reported_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    command = [sys.executable, "-P", "-c", NO_LIBRARIES]
    monkeypatch.setattr(processes, "python_command", lambda _module, *arguments: [*command, *arguments])
    data, findings = make_pdf(chapter("Text."))
    assert data == b""
    assert rules_of(findings) == [("missing-tool", Severity.ERROR)]
    assert "libpango-1.0-0" in findings[0].message
    assert "apt-get install --no-install-recommends libpango-1.0-0" in findings[0].hint


OTHER_ENGINE = """
from msgspec.structs import replace
from nioc_paper.render.pdf.worker import engine, main
from nioc_paper.render.pdf.worker.patches import patch_table as table
def fail(*_):
    raise AttributeError("the engine has no such attribute any more")
table.installed_version = engine.installed_version = lambda _: "71.0"
"""
OTHER_ENGINES: Mapping[str, tuple[str, str]] = {
    "a target has gone": (
        "table.PATCHES = (replace(table.PATCHES[0], target='weasyprint.gone'),)",
        "lacks notes in the margin",
    ),
    "a private attribute has gone": ("engine.render_with_twins = fail", "lacks notes in the margin"),
    "all targets are there": ("", "is made slowly"),
}


@pytest.mark.parametrize("kind", OTHER_ENGINES)
def test_another_version_of_the_engine_makes_all_words_of_a_paper(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    change, consequence = OTHER_ENGINES[kind]
    code = f"{OTHER_ENGINE}{change}\nmain.main()"
    monkeypatch.setattr(
        processes, "python_command", lambda _, *arguments: [sys.executable, "-P", "-c", code, *arguments]
    )
    data, findings = make_pdf(replace(chapter("Text with a note.^[Of the margin.]"), part_of=""))
    assert data
    (finding,) = [finding for finding in findings if finding.rule == "missing-tool"]
    assert finding.severity < Severity.ERROR
    assert consequence in finding.message
    assert (b"pdfuaid" in data) == ("slowly" in consequence)


LISTS = {
    "text after a list": "1. q1 ~ *may* contain ~, e.g.\n    - q2 ~.\n    - q3 ~.\n\n    q4 ~ and ~.\n\n2. q5\n",
    "list in a list": "- q1 ~.\n  - q2 ~ ~.\n  - q3 ~ ~.\n- q4\n",
    "code": "(3) q1 ~ `a[i] = (b[i] - 0.25 * c[i])`.\n    q2 ~ of `d` by `max()` ~.\n(4) q3\n",
    "list in a quotation": "- q1 ~.\n\n  > q2 ~.\n  >\n  > - q3 ~.\n  >   - q4 ~ ~.\n\n  q5 ~.\n- q6\n",
    "list in a definition": "Term\n:   q1 ~.\n\n    - q2 ~ ~\n      - q3 ~ ~\n\n    q4 ~\n",
}
"""Lists in which each passage has its number."""


@pytest.mark.parametrize("kind", LISTS)
def test_a_list_that_is_divided_anywhere_is_read_as_a_whole_and_in_order(
    kind: str, warm: Engines, request: pytest.FixtureRequest
) -> None:
    """A fifth of the numbers of lines above each list; all under --long."""
    long = "of words that go on and on so that there is more than one line to print and the page may end within it"
    step = 1 if request.config.getoption("--long") else 5
    for lines in range(21 + [*LISTS].index(kind) % step, 31, step):
        document = chapter("A line of text.\n\n" * lines + LISTS[kind].replace("~", long))
        findings: list[Diagnostic] = []
        data = render_format("pdf", document, RenderContext(TEMPLATES, findings.append, engines=warm))
        assert [d.message for d in findings if d.rule.startswith("lost")] == [], lines
        numbers = re.findall(r"q(\d)", "".join(pdf_reader.read_pdf(data or b"")["text"]))
        assert numbers == sorted(numbers), lines


def test_every_hyphen_space_and_common_sign_has_a_font(warm: Engines) -> None:
    signs = [chr(code) for code in range(0x2000, 0x2060) if unicodedata.category(chr(code)) in ("Zs", "Pd")]
    signs += ["\u00a0", *"→←↑↓✓☐☑•■"]
    for heading in ("", "## "):
        findings: list[Diagnostic] = []
        pdf_writer.write(
            chapter("\n\n".join(f"{heading}one{sign}two" for sign in signs)),
            RenderContext(TEMPLATES, findings.append, engines=warm),
        )
        assert [d.message for d in findings] == []


# --- what is read back, in the notation of our engine -----------------------------------------------------------------


_LETTERS = b"3 beginbfchar\n<0041> <0061>\n<2829> <0062>\n<5c0a> <00660069>\nendbfchar"


def held(content: bytes) -> list[str]:
    """The passages of a file of one page, of which the first mark is a paragraph."""
    with pikepdf.new() as file:
        page = file.add_blank_page()
        font = file.make_indirect(Dictionary(Type=Name.Font, ToUnicode=file.make_stream(_LETTERS)))
        page.obj.Resources = Dictionary(Font=Dictionary(F1=font), Properties=Dictionary(Layer=Dictionary()))
        page.obj.Contents = file.make_stream(content)
        text = Dictionary(Type=Name.StructElem, S=Name.P, K=Array([0]), Pg=page.obj)
        whole = Dictionary(Type=Name.StructElem, S=Name.Document, K=Array([file.make_indirect(text)]))
        file.Root.StructTreeRoot = Dictionary(K=Array([file.make_indirect(whole)]))
        out = io.BytesIO()
        file.save(out)
    return [text for text in pdf_reader.read_pdf(out.getvalue())["text"] if text]


@pytest.mark.parametrize(
    "shown",
    [
        b"[<0041> -20.5 <2829>] TJ",
        b"[<0041>] TJ\n[ 3 <2829> ] TJ",
        b"/Span BMC [<0041>] TJ EMC [<2829>] TJ",
        b"/Artifact\n<</Type /Pagination /MCID 7>>\nBDC [<0041>] TJ EMC [<00412829>] TJ",
    ],
)
def test_marked_text_is_read(shown: bytes) -> None:
    assert held(b"BT /F1 9.5 Tf /P <</MCID 0>> BDC " + shown + b" EMC ET") == ["ab"]


def test_a_letter_may_be_two() -> None:
    assert held(b"/P\n<</MCID 0>>\nBDC BT\n/F1 9 Tf\n[<5c0a> -3 <0041>] TJ\nET EMC [<2829>] TJ") == ["fia"]
