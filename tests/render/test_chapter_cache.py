"""A chapter is rendered again if something in it has changed, and not because of the rest of its document."""

from __future__ import annotations

import io
import random
import re
import shutil
import subprocess
import zlib
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import pdf_reader
import pikepdf
import pytest
import sample_document
from command_kit import succeed, without_office
from msgspec.structs import replace
from office_kit import needs_office, pages_of
from sample_document import document
from test_papers import changed

from nioc_paper import tree
from nioc_paper.app.build_request import running_engines
from nioc_paper.model import Diagnostic, Document, ListEntry, Node, OutputOptions, Revision, Severity
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import iter_elements, qn
from nioc_paper.render.common import bidi, shared_passes
from nioc_paper.render.context import Engines, RenderContext
from nioc_paper.render.epub import epub_writer
from nioc_paper.render.pdf import chapter_layout as chapters_of_print
from nioc_paper.render.pdf import pdf_writer, running_heads, worker_pool
from nioc_paper.render.pdf.chapter_layout import PaperLayout
from nioc_paper.render.pdf.page_numbers import HtmlPiece, PageNumbers
from nioc_paper.render.pdf.pdf_file import PieceObjects
from nioc_paper.render.pdf.piece_merge import Merger
from nioc_paper.render.pdf.worker_messages import JobResult, LayoutReport, PieceInfo
from nioc_paper.render.pdf.worker_pool import RenderCancelledError, WorkerPool
from nioc_paper.render.verify.normalized_text import Contents
from nioc_paper.render.web import page_writer
from nioc_paper.render.word import docx_writer
from nioc_paper.system import pandoc
from nioc_paper.system.cache import NO_CACHE, Cache
from nioc_paper.system.concurrency import noop
from nioc_paper.system.files import default_templates
from nioc_paper.wording import roman

ELSEWHERE: dict[str, dict[str, Any]] = {
    "a commit": {"commit": "0123456789"},
    "a first change after a commit": {"commit": "0123456789 with changes"},
    "a version": {"version": "2.0", "versions": ()},
    "a draft with later changes": {"version": "with later changes"},
    "another day": {"date": date(2021, 2, 3), "timestamp": 1612310400},
    "a source that nothing cites": {"nocite": ("survey2019",)},
    "a chapter with another status": {"standing": {"drafting": 7}},
}
"""Changes of a document that no chapter shows."""


@pytest.fixture
def texts_given(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Texts that pandoc is given to write."""
    texts: list[str] = []
    original = pandoc.write

    def write(blocks: Any, *args: Any, **options: Any) -> bytes:
        blocks = list(blocks)
        texts.append(tree.plain_text(blocks))
        return original(blocks, *args, **options)

    monkeypatch.setattr(pandoc, "write", write)
    return texts


@pytest.mark.parametrize("write", [page_writer.write, epub_writer.write], ids=["web page", "e-book"])
def test_no_chapter_is_written_again_for_what_it_does_not_show(
    write: Callable[[Document, RenderContext], bytes],
    texts_given: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    prepared = mock.Mock(side_effect=bidi.isolate_runs)
    monkeypatch.setattr(shared_passes, "isolate_runs", prepared)
    context = RenderContext(default_templates(), list[Diagnostic]().append, Cache(tmp_path))
    paper = document()
    write(paper, context)
    longest = max(texts_given, key=len)
    for change, values in ELSEWHERE.items():
        texts_given.clear()
        prepared.reset_mock()
        write(replace(paper, **values), context)
        # The imprint and the title page show versions and days.
        assert len(texts_given) <= 2, change
        assert longest not in texts_given, change
        assert not prepared.called, change


# --- builds after edits at random ------------------------------------------------------------------------------------

ROOT = Path(__file__).parents[2]
CHAPTERS = ("bridges", "tunnels")


def inside(name: str, text: str) -> Callable[[Path, int], None]:
    """Adds a passage at the end of a chapter's gaps; `{n}` is the number of the edit."""

    def edit(paper: Path, n: int) -> None:
        more = text.replace("{n}", str(n))
        changed(paper / "chapters" / f"{name}.md", "\n## Recommendations", f"\n{more}\n\n## Recommendations")

    return edit


def turned(paper: Path, _: int) -> None:
    """The chapters in another order."""
    file = paper / "paper" / "paper.yaml"
    file.write_text(re.sub(r"( +- chapters/\w+\.md\n)( +- chapters/\w+\.md\n)", r"\2\1", file.read_text()))


def counted(paper: Path, n: int) -> None:
    """A fact with another value."""
    file = paper / "paper" / "registers" / "facts.yaml"
    file.write_text(re.sub('value: "[0-9]+"', f'value: "{12 + n}"', file.read_text()))


EDITS: tuple[Callable[[Path, int], None], ...] = (
    turned,
    counted,
    *(inside(name, "One more sentence, the {n}th, of what nobody counts [@survey2019].") for name in CHAPTERS),
    inside("bridges", "See @rec-tu-notice, too."),
    inside("tunnels", "See @rec-br-inspect and @fig-br-span, too."),
    inside("bridges", "| Bridge | Built |\n|--|--|\n| Ford | 18{n} |\n\n: Bridges by name, {n} {#tbl-br-{n}}"),
    inside("tunnels", "![Piers.](../paper/figures/span.svg){#fig-tu-{n} alt='A deck on two piers, {n}.'}"),
    inside("tunnels", "### A section {n}\n\nIt says little.[^n{n}]\n\n[^n{n}]: A note, the {n}th."),
    lambda paper, n: changed(paper / "chapters" / "tunnels.md", "title: T", f"title: T{n}t"),
    lambda paper, n: changed(paper / "paper/figures/span.svg", "</svg>", f"<rect width='{n}' height='1'/></svg>"),
    lambda paper, n: changed(paper / "contributors.yaml", "Ben", f"Ben{'n' * n}"),
)  # fmt: skip


def made(paper: Path) -> dict[str, bytes]:
    """The outputs of a build, by the ends of their names; Word's page numbers are left out."""
    with without_office():
        succeed(paper, "build", "--to", "pdf,html,epub,docx", "--today", "2020-01-20")
    return {name: (paper / "dist" / f"crossings.{name}").read_bytes() for name in ("pdf", "html", "epub", "docx")}


@pytest.mark.usefixtures("own_cache")
def test_a_build_after_many_edits_is_that_of_a_fresh_copy(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    every = 1 if request.config.getoption("--long", default=False) else 9
    chance = random.Random(7)
    paper = shutil.copytree(ROOT / "tests" / "papers" / "healthy", tmp_path / "paper")
    edits = chance.sample(EDITS, len(EDITS))
    for number, edit in enumerate(edits, start=1):
        edit(paper, number)
        if number % every == 0:
            made(paper)
    fresh = shutil.copytree(paper, tmp_path / "fresh" / "paper", ignore=shutil.ignore_patterns(".cache", "dist"))
    assert made(paper) == made(fresh)


# --- a Word file made chapter by chapter ------------------------------------------------------------------------------


def make_docx(document: Document, cache: Cache = Cache(), layout: Engines = Engines()) -> bytes:  # noqa: B008 - frozen
    findings: list[Diagnostic] = []
    data = docx_writer.write(document, RenderContext(TEMPLATES, findings.append, cache, layout))
    assert [d.message for d in findings if d.rule != "missing-tool"] == []
    return data


def run_cache() -> Cache:
    """Return the cache of this run, for tests of something else."""
    return Cache.for_paper(Path())


def listed(data: bytes) -> dict[str, str]:
    """The page that the lists of a Word file name for each bookmark."""
    out, wanted = {}, ""
    for node in iter_elements(Package(data).body, "w:instrText", "w:t"):
        words = (node.text or "").split()
        if node.tag == qn("w:instrText"):
            wanted = words[1] if words[:1] == ["PAGEREF"] else ""
        elif wanted:
            out[wanted], wanted = node.text or "", ""
    return out


@needs_office
def test_cached_pieces_give_the_same_result_and_damaged_ones_are_replaced(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    chance, cache = random.Random(11), Cache(tmp_path)
    chapters = start(chance)
    for edit in ("nothing", "word", "more", "less", "order"):
        if edit == "word":
            chapters["b"][0] = written(chance, "c")
        elif edit == "more":
            chapters["a"] += [" ".join(WORDS * 9)] * 9
        elif edit == "less":
            chapters["c"] = chapters["c"][:2]
        elif edit == "order":
            chapters = dict(reversed(chapters.items()))
        if edit in ("nothing", "word", "less") and not request.config.getoption("--long", default=False):
            continue  # together with the next edit
        document = paper(chapters)
        with running_engines(["docx"]) as engines:
            docx = make_docx(document, cache, engines)
    assert docx == make_docx(document), "the last has all edits in it"
    damage(tmp_path)
    assert docx == make_docx(document, cache)


@needs_office
def test_the_lists_name_the_pages_of_the_whole_file_and_with_tracked_changes_the_same() -> None:
    document = paper(start(random.Random(3), "abcd"))
    data = make_docx(document, run_cache())
    (whole,), listed_pages = pages_of(data), listed(data)
    first = next(whole[name] for name, page in listed_pages.items() if page == "1")
    expected_pages = {
        name: roman(whole[name]) if whole[name] < first else str(whole[name] - first + 1) for name in listed_pages
    }
    assert len(listed_pages) > 12
    assert listed_pages == expected_pages
    compared = replace(document, revision=Revision("Ada North", "2020-02-05T00:00:00Z"))
    assert listed(make_docx(compared, run_cache())) == listed_pages


# --- a PDF made chapter by chapter ------------------------------------------------------------------------------------

TEMPLATES = default_templates()
WORDS = "nobody has published a total of what is carried over the border nor by whom".split()  # noqa: SIM905 - a text


def chapter(name: str, *texts: str) -> Node:
    """A chapter of paragraphs, some with a note, a table with an id, and references to tables of other chapters."""
    foot = f"\n\n[^n]: A note of {name}, long enough for a line and a half of the page, or even for two of them.\n"
    rows = f"\n\n| Post | Crates |\n|:--|--:|\n| North | 3 |\n\n: [Table]{{.label}}. Of {name}. {{#tbl-{name}}}"
    blocks, _ = pandoc.parse_markdown("\n\n".join(texts) + rows + foot)
    return tree.div(
        [tree.header(1, tree.text_inlines(name.capitalize()), id=f"sec-{name}"), *blocks],
        "chapter",
        id=f"chapter-{name}",
    )


def paper(chapters: dict[str, list[str]], copy: OutputOptions = OutputOptions()) -> Document:  # noqa: B008 - frozen
    """The sample with these chapters more, and every one in the contents."""
    sample = sample_document.document()
    more = [chapter(name, *texts) for name, texts in chapters.items()]
    entries = tuple(ListEntry(1, "", name.capitalize(), f"sec-{name}") for name in chapters)
    *before, last = sample.blocks
    return replace(sample, blocks=(*before, *more, last), contents=(*sample.contents, *entries), copy=copy)


def short(chapters: dict[str, list[str]]) -> Document:
    """These chapters and the references alone, for tests of the cache, which lay out often."""
    document = paper(chapters)
    last = len(chapters)
    blocks, contents = document.blocks[-last - 1 :], document.contents[-last:]
    return replace(document, blocks=blocks, contents=contents, figures=(), tables=(), recommendations=())


def written(chance: random.Random, other: str) -> str:
    """A paragraph of many words, with a note and a reference to a table of another chapter."""
    words = [chance.choice(WORDS) for _ in range(chance.randint(40, 160))]
    words.insert(20, f"of [Table](#tbl-{other}){{.xref}},")
    return " ".join(words).capitalize() + ".[^n]"


def start(chance: random.Random, names: str = "abc") -> dict[str, list[str]]:
    return {n: [written(chance, chance.choice(names))] + [" ".join(WORDS * 6)] * chance.randint(2, 12) for n in names}


@pytest.fixture(autouse=True)
def laid_out_by_chapter(monkeypatch: pytest.MonkeyPatch) -> None:
    """No paper is short."""
    monkeypatch.setattr(chapters_of_print, "SHORT_PAPER", 0)


Make = Callable[..., bytes]


@pytest.fixture(scope="module")
def make_pdf() -> Iterator[Make]:
    """Makes PDFs of documents, with the engine of the run: each takes a second to start."""
    with worker_pool.WorkerPool() as press:

        def make(document: Document, cache: Cache = NO_CACHE, *, in_one: bool = False) -> bytes:
            findings: list[Diagnostic] = []
            data = pdf_writer.write(
                document, RenderContext(TEMPLATES, findings.append, cache, engines=Engines(in_one, press))
            )
            assert [d.message for d in findings if d.severity is Severity.ERROR] == []
            press.clean_up()
            return data

        yield make


def test_a_chapter_that_ends_with_a_few_lines_is_laid_out_with_less_white() -> None:
    loose = re.sub(rb"^[^\n]*\.tight[^\n]*$", b"", TEMPLATES.data("print.css"), flags=re.MULTILINE)
    counts = []
    for count in range(63, 72, 3):
        document = short({"a": [" ".join(WORDS * 2)] * count})
        for css in (TEMPLATES.data("print.css"), loose):
            templates = replace(TEMPLATES, files={**TEMPLATES.files, "print.css": css})
            data = pdf_writer.write(document, RenderContext(templates, lambda _: None))
            counts.append(len(pikepdf.open(io.BytesIO(data)).pages))
    pairs = [*zip(counts[::2], counts[1::2], strict=True)]
    assert any(tight < plain for tight, plain in pairs), pairs
    assert all(tight <= plain for tight, plain in pairs)


def test_a_figure_that_leaves_white_goes_behind_the_next_paragraphs() -> None:
    import weasyprint

    from nioc_paper.render.pdf.worker import white_pages  # imports the engine

    text = f"<p>{'water ' * 250}</p>"
    figure = "<figure id=f style='height: 15cm; break-inside: avoid'><p>A map</p></figure>"
    html = weasyprint.HTML(string=f"{text}{figure}<h2>Rivers</h2>{text * 3}")
    pages = html.render().pages
    white_pages.set_behind(html.etree_element, white_pages.figures_after_white(pages))
    assert [white_pages.count_white_pages(each)[0] for each in (pages, html.render().pages)] == [1, 0]


def test_a_short_paper_and_one_that_asks_for_it_have_no_new_page_after_the_cover(
    make_pdf: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = paper(start(random.Random(3)))
    long = pikepdf.open(io.BytesIO(make_pdf(document)))
    data = make_pdf(replace(document, chapters_run_on=True))
    monkeypatch.setattr(chapters_of_print, "SHORT_PAPER", 40)
    assert make_pdf(document) == data
    pdf = pikepdf.open(io.BytesIO(data))
    assert len(pdf.pages) < len(long.pages)
    assert list(pdf.Root.PageLabels.Nums) == [0, pikepdf.Dictionary(S=pikepdf.Name.D)]
    pages = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=data, capture_output=True, check=True
    ).stdout.decode()
    _, *after_cover = pages.split("\f")[:-1]
    assert all(str(number) in page.split() for number, page in enumerate(after_cover, 2))


def test_a_pdf_of_one_job_is_cached_by_its_inputs(tmp_path: Path, make_pdf: Make) -> None:
    def cached_pdf(document: Document) -> bytes:
        with WorkerPool(is_cancelled=lambda: True) as press:  # nothing may be laid out
            return pdf_writer.write(
                document, RenderContext(TEMPLATES, lambda _: None, Cache(tmp_path), Engines(pdf_pool=press))
            )

    document = replace(short(start(random.Random(7), "a")), part_of="The paper")
    data = make_pdf(document, Cache(tmp_path))
    assert cached_pdf(document) == data
    with pytest.raises(RenderCancelledError):
        cached_pdf(replace(document, title="Another"))
    for entry in tmp_path.iterdir():
        entry.write_bytes(entry.read_bytes()[:-1])
    with pytest.raises(RenderCancelledError):
        cached_pdf(document)
    assert make_pdf(document, Cache(tmp_path)) == data


def damage(folder: Path) -> None:
    """Cut, spoil, empty or lengthen every entry of a cache."""
    for number, entry in enumerate(sorted(folder.iterdir())):
        data = entry.read_bytes()
        entry.write_bytes((data[:-9], data[:70] + b"\0" + data[71:], b"", data + b"x")[number % 4])


class Read:
    """A PDF as its readers have it."""

    def __init__(self, data: bytes, folder: Path) -> None:
        (folder / "read.pdf").write_bytes(data)
        command = ["pdftotext", "-layout", str(folder / "read.pdf"), "-"]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        self.pages = [page.split() for page in text.split("\f")]
        with pikepdf.open(folder / "read.pdf") as file:
            self.index = {page.obj.objgen: number for number, page in enumerate(file.pages)}
            self.labels = [page.label for page in file.pages]
            boxes = [[float(side) for side in page.MediaBox] for page in file.pages]
            self.sizes = [(round(right - left, 3), round(top - bottom, 3)) for left, bottom, right, top in boxes]
            self.targets = {name: self.place(at) for name, at in pikepdf.NameTree(file.Root.Names.Dests).items()}
            self.links = [link for page in file.pages for link in self.linked(page)]
            with file.open_outline() as outline:
                self.outline = list(self.items(outline.root))
            self.structure = list(self.elements(file.Root.StructTreeRoot.K[0], 0))

    def place(self, at: Any) -> tuple[int, float]:
        """Page and height in whole points: sums of floats differ in a tenth; the sheet tells left from right."""
        return self.index[at[0].objgen], round(float(at[3]))

    def linked(self, page: pikepdf.Page) -> Iterator[tuple[Any, ...]]:
        left = float(page.MediaBox[0])
        for link in page.obj.get("/Annots", ()):
            sides = [round(float(side) - left * (n % 2 == 0)) for n, side in enumerate(link.Rect)]
            yield self.index[page.obj.objgen], str(link.get("/Dest", link.get("/A"))), sides, str(link.Contents)

    def items(self, items: Any) -> Iterator[tuple[Any, ...]]:
        for item in items:
            yield item.title, self.place(item.destination), item.is_closed, list(self.items(item.children))

    def elements(self, element: Any, depth: int) -> Iterator[tuple[Any, ...]]:
        element_texts = [str(element.get(key, "")) for key in ("/Alt", "/ActualText", "/Lang")]
        yield depth, str(element.S), *element_texts
        for kid in element.get("/K", ()):
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                yield from self.elements(kid, depth + 1)


@pytest.mark.parametrize("has_preface", [True, False])
def test_chapters_laid_out_separately_equal_one_layout(
    tmp_path: Path, make_pdf: Make, monkeypatch: pytest.MonkeyPatch, *, has_preface: bool
) -> None:
    more = {"d": [" ".join(f"({'o' * n} [Table](#tbl-a){{.xref}})" for n in range(40))]}  # breaks in all places
    document = paper(start(random.Random(3)) | more, OutputOptions(review=True))  # numbers lines and paragraphs
    preface = tree.div([tree.header(1, tree.text_inlines("Preface"), id="sec-preface")], "front", id="chapter-preface")
    document = replace(document, blocks=(preface, *document.blocks)) if has_preface else document
    whole = make_pdf(document, in_one=True)
    monkeypatch.delattr(pdf_writer, "_render_in_one_pass")  # the fallback if pieces cannot be merged
    apart = make_pdf(document)
    other, one = Read(whole, tmp_path), Read(apart, tmp_path)
    for what in ("labels", "sizes", "pages", "targets", "links", "outline", "structure"):
        assert getattr(one, what) == getattr(other, what), what
    assert one.labels.index("1") % 2 == 0  # on the right
    assert ([] in one.pages[:-1]) != has_preface  # one of the two fronts has an odd number of pages
    assert len(apart) < 1.15 * len(whole) + 5_000  # what lies under the pages weighs less than another page
    with pikepdf.open(tmp_path / "read.pdf") as file:
        fonts = [str(o.FontName) for o in file.objects if isinstance(o, pikepdf.Dictionary) and "/FontName" in o]
        assert file.check_pdf_syntax() == []
    assert len(fonts) == len(set(fonts))


def test_what_is_read_back_from_pieces_is_in_the_finished_file(monkeypatch: pytest.MonkeyPatch) -> None:
    contents: list[Contents | None] = []
    font_names: list[str] = []
    monkeypatch.setattr(pdf_writer, "foreign_fonts", lambda names, _: font_names.extend(names))
    quoted = chapter(
        "quotes", 'A [word]{title="a) 1 0 R (b \\\\"} with ‘quotes’, دریا and a [link](https://a.org/(b)).'
    )
    document = paper(start(random.Random(7)), OutputOptions(review=True))
    document = replace(document, blocks=(*document.blocks[:-1], quoted, document.blocks[-1]))
    data = pdf_writer.write(document, RenderContext(TEMPLATES, noop, on_contents=contents.append))
    with pikepdf.open(io.BytesIO(data)) as file:
        assert {name.split("+")[-1] for name in font_names} == {n.split("+")[-1] for n in pdf_reader.font_names(file)}
    (from_pieces,), from_file = contents, pdf_reader.read_pdf(data)
    assert from_pieces is not None
    assert from_pieces.keys() == from_file.keys()
    for kind, texts in from_file.items():
        unique = set if kind == "source" else list  # each piece has a place of the name `main`
        # Digits alike: the merge fills in page numbers.
        one, other = (
            sorted(unique(re.sub(r"\d", "0", text) for text in part if text)) for part in (from_pieces[kind], texts)
        )
        assert one == other, kind


def test_cached_pages_give_the_same_result_and_damaged_ones_are_replaced(
    tmp_path: Path, make_pdf: Make, request: pytest.FixtureRequest
) -> None:
    chance, cache = random.Random(5), Cache(tmp_path)
    chapters = start(chance)
    for _ in range(12 if request.config.getoption("--long", default=False) else 3):
        name = chance.choice(list(chapters))
        edit = chance.choice(("word", "more", "less", "order"))
        if edit == "word":
            chapters[name][0] = written(chance, chance.choice("abc"))
        elif edit == "more":
            chapters[name] += [" ".join(WORDS * 9)] * 9
        elif edit == "less":
            chapters[name] = chapters[name][:2]
        else:
            chapters = dict(sorted(chapters.items(), key=lambda _: chance.random()))
        document = short(chapters)
        data = make_pdf(document)
        assert make_pdf(document, cache) == data, edit
    damage(tmp_path)
    assert make_pdf(document, cache) == data


@pytest.mark.parametrize(("family", "shift"), [("Source Sans Pro", 0), ("Source Serif Pro", 2)])
def test_page_numbers_are_where_a_layout_has_them(family: str, shift: int, request: pytest.FixtureRequest) -> None:
    """Digits in the place of those of a similar number give the very page that the engine makes."""
    theme = TEMPLATES.data("theme.css").replace(b"Source Sans Pro", family.encode())
    templates = replace(TEMPLATES, files={**TEMPLATES.files, "theme.css": theme})
    document = short(start(random.Random(1), "a"))
    print_job = pdf_writer._prepare_job(document, RenderContext(templates, lambda _: None))
    pages, chance = 1100, random.Random(f"{family} {shift}")
    result = JobResult(LayoutReport(page_count=pages), piece=PieceInfo(sizes=[(595, 842)] * pages))
    layout = PaperLayout([HtmlPiece("a", "", "Chapter")], [result], PageNumbers({}, shift))
    jobs, backgrounds = running_heads.plan_backgrounds(layout, print_job, "")
    more = 60 if request.config.getoption("--long", default=False) else 8
    indices = [n - 1 + shift for n in (16, 17, 99, 100, 999, 1000, *chance.sample(range(17, pages), more))]
    laid_out = {
        f"real-{index}": running_heads._background_job(
            print_job, first=index + 1 - shift - index % 2, counter="decimal", sheets=[("", False)] * 2
        )
        for index in indices
    }
    with worker_pool.WorkerPool() as press:
        results = press.run_jobs({name: job for name, job in jobs.items() if name != "heads"} | laid_out)

    def content(job: str, page: int) -> bytes:
        objects = PieceObjects.decode(results[job].pdf)
        return zlib.decompress(objects.group.streams[objects.pages[page]])

    merger = Merger(layout, backgrounds, results, 0.0, print_job.extra_fonts)
    for index in indices:
        sheet = backgrounds[index].number
        page, usage = content(sheet.job, sheet.page), results[sheet.job].piece.usage_by_font
        if sheet.number:
            merger.usage_by_font = {**usage}
            page = merger._replace_number(page, sheet.printed, sheet.number, usage)
        assert page == content(f"real-{index}", index % 2), sheet


@pytest.mark.parametrize(
    ("counter", "style", "expected"),
    [
        ('"In 2011: page " counter(page)', "", "In 2011: page {}"),
        ('"Page " counter(page, upper-alpha)', "", "Page {letter}"),
        ('"Page " counter(page)', "@page :right { @bottom-right { font-weight: bold } }", "Page {}"),
    ],
    ids=["the same digits elsewhere", "no digits", "a font for right pages"],
)
def test_a_template_may_print_page_numbers_as_it_likes(counter: str, style: str, expected: str) -> None:
    running = TEMPLATES.data("print/running.html").decode()
    running = running.replace("counter(page, {{ counter }})", counter).replace(".sheet {", f"{style}\n.sheet {{")
    templates = replace(TEMPLATES, files={**TEMPLATES.files, "print/running.html": running.encode()})
    document = short({"a": [written(random.Random(5), "a")] * 50})
    data = pdf_writer.write(document, RenderContext(templates, lambda _: None))
    pages = subprocess.run(["pdftotext", "-", "-"], input=data, capture_output=True, check=True).stdout.decode()
    printed = [expected.format(number, letter=chr(64 + number)) for number in range(1, 11)]
    assert [line for line in pages.splitlines() if line in printed][: len(printed)] == printed
