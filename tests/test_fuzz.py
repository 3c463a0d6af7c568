"""Damaged inputs for every reader: each fault is a finding, never an exception.

By default 100 inputs that are always the same; with `--long` 100,000 that nobody has seen. A failure names its seed:
`READERS[name]` on `made(name, seed)` repeats it. Each class that was found stays as a case in CASES.
"""

from __future__ import annotations

import contextlib
import io
import json
import random
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date
from functools import cache, cached_property
from pathlib import Path

import pytest
from mutators import mutated, mutated_zip
from PIL import Image
from sample_history import REVIEWS, commit, git
from test_papers import copy, written

from nioc_paper import tree
from nioc_paper.assemble import assemble
from nioc_paper.check import check
from nioc_paper.load import assets, charts, data_tables, load
from nioc_paper.load.bibliography import read_bibliography
from nioc_paper.load.load_context import LoadContext, PaperFiles
from nioc_paper.load.templates import read_citation_style, read_templates
from nioc_paper.model import (
    CitationStyle,
    Diagnostic,
    History,
    OutputOptions,
    Place,
    Reference,
    Settings,
    Severity,
    TemplateError,
)
from nioc_paper.ooxml.attachment_removal import drop_attachments, read_with_standard_names
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.safety import rejection_reason
from nioc_paper.progress import measure_progress
from nioc_paper.render.common.theme import read_theme
from nioc_paper.review.docx import docx_comments, docx_reader, import_docx
from nioc_paper.review.docx.import_docx import count_docx_words, prepare_for_pandoc
from nioc_paper.review.exchange import sent_docx
from nioc_paper.system import git as asked_git
from nioc_paper.system import pandoc
from nioc_paper.system.cache import NO_CACHE, Cache
from nioc_paper.system.files import default_templates
from nioc_paper.system.git import isolated_git
from nioc_paper.system.pandoc import csl_text

SOUND_PAPER = Path(__file__).parent / "papers" / "healthy"
DAY = date(2020, 1, 30)
LONG = 100_000
CHART = """data: {url: paper/data/closures.csv}
mark: bar
encoding:
  x: {field: year, type: ordinal}
  y: {field: days, type: quantitative}
"""
TABLE = (
    "data: {url: paper/data/closures.csv}\ncolumns:\n  - {field: year, title: Year}\n  - {field: days, decimals: 1}\n"
)
BIB = """@string{road = {Journal of Roads}}
@article{ash2018, author = {Ash, Ada and {Road Board}}, title = {A \\emph{wide} Road}, journaltitle = road,
  date = {2018-05/2018-06}, url = {https://example.org/a}, verify = {true}}
@inbook{oak, crossref = {ash2018}, title = "Trees", pages = {1--9}, keywords = {a, b}}
"""
RIS = """TY  - JOUR
ID  - elm
AU  - Elm, Cy
TI  - Trees
T2  - Roads
PY  - 2019/05/06/
UR  - https://example.org/b
ER  -
"""
JSON = """[{"id": "ash", "type": "book", "title": "A <i>wide</i> road", "author": [{"family": "Ash", "given": "Ada"}],
  "issued": {"date-parts": [[2018, 5]]}, "URL": "https://example.org/a"},
 {"id": 7, "type": "report", "title": "Trees", "author": [{"literal": "Road Board"}], "issued": {"raw": "2019"}}]
"""
WORDS: Mapping[str, tuple[bytes, ...]] = {
    "md": (
        *(b"---\n", b"::: {.finding}\n", b":::\n", b"[@", b"@fig-", b"[^1]", b"[^1]: ", b"{++", b"{--", b"~~~"),
        *(b"| a | b |\n|---|---|\n", b"    ", b"\\(", b"$$", b"![](", b"](x.svg){#", b"{=html}", b"&#x200b;", b"# "),
        *(b"```{.vega-lite}\n", b"```\n", b"> ", b"- ", b"1. ", b"<div>", b"{.", b"limited", b":::: ", b"http://["),
    ),
    "yaml": (
        *(b"- ", b": ", b"? ", b"&a ", b"*a ", b"<<: ", b"!!python/object:os ", b"|\n", b">-\n", b"[", b"]", b"{"),
        *(b"}", b"null", b"true", b"2020-13-40", b"2020-02-30", b"'", b'"\\ud800"', b'"\\x00"', b"--- ", b"#"),
        *(b"id: ", b"on: ", b".inf", b".nan", b"0o7", b"1:30", b"restricted", b"number: ", b"text: "),
    ),
    "csv": (b",", b'"', b";", b"\n", b"\r\n", b"\t", b"=1+1", b"year", b"NA", b"1,000", b"-", b"1e308"),
    "svg": (
        *(b"<svg>", b"</svg>", b"<g>", b"<!DOCTYPE x>", b"<![CDATA[", b"]]>", b"&lt;", b"&a;", b"xmlns:x='a b'"),
        *(b"<text>", b" id='a'", b"url(#a)", b"<?xml version='1.0' encoding='klingon'?>", b"<!--", b"-->", b"<?a b?>"),
    ),
    "html": (*(b"{{", b"}}", b"{%", b"%}", b"{% block a %}", b"{% include 'a' %}", b"<script>", b"--ink:", b"var(--"),),
    "bib": (
        *(b"@book{a,\n", b"@string{a = ", b"@comment{", b"@preamble{", b"}", b"{", b'"', b" # ", b"crossref = {a},\n"),
        *(b"\\input{/etc/passwd}", b"\\newcommand{\\x}{\\x\\x}", b"$", b"%", b"\\", b" and ", b"date = {2019/..},\n"),
    ),
    "ris": (*(b"TY  - JOUR\n", b"ER  - \n", b"ID  - a\n", b"AU  - ", b"PY  - 2019/13/99\n", b"TY  - ", b"\n  - "),),
    "json": (
        *(b"[", b"]", b"{", b"}", b",", b'"', b"null", b'"id": 1e999,', b'"date-parts": [[[]]],', b"\\ud800", b"NaN"),
        *(b'"issued": {"raw": "x"},', b'"author": [{"literal": {}}],', b'"items": ', b'"title": ["a"],', b"true"),
    ),
    "csl": (
        *(b"<macro name='a'>", b"</macro>", b"<text macro='a'/>", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;"),
        *(
            b"<layout>",
            b"</layout>",
            b"<group>",
            b"<locale xml:lang='x'/>",
            b"<link rel='independent-parent' href='a'/>",
        ),
        *(b"<number variable='issue' form='roman'/>", b"<names variable='author'><substitute>", b" et-al-min='-1'"),
    ),
    "word": (
        *(b"<w:p>", b"</w:p>", b"<w:tbl><w:tr><w:tc>", b"<w:ins>", b"<w:del>", b"<w:sdt>", b"<w:tr>", b"<w:tc>"),
        *(b"<w:commentRangeStart w:id='0'/>", b"<w:bookmarkStart w:id='0' w:name='nioc'/>", b"<w:fldChar/>", b"<w:p/>"),
        *(b" xmlns:x='a b'", b"<!--", b"<?a b?>", b"encoding='klingon'", b"w:val=", b"&a;", b"../../x", b"Target='/'"),
    ),
    "git": (b"[core]\n", b"gitdir: ../x\n", b"ref: ", b"0" * 40, b"refs/heads/", b"\x00\x00", b"pack", b"tree "),
    "bytes": (b"\x00\x00", b"IHDR", b"IDAT", b"IEND", b"\xff\xd8", b"\xff\xe1", b"Exif\x00\x00", b"\xff\xda"),
}


@cache
def docx() -> bytes:
    """A Word file with one of everything."""
    text = """# Title\n\nSome *words* and a note.[^n]\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n
    [Say why]{.comment-start id="0" author="A. B." date="2020-01-01T00:00:00Z"}Words[]{.comment-end id="0"} $x^2$
    [in]{.insertion author="A" date="2020-01-01T00:00:00Z"} [out]{.deletion author="A" date="2020-01-01T00:00:00Z"}
    \n[^n]: The note.\n"""
    blocks, _ = pandoc.parse_markdown(text.replace("\n    ", "\n"))
    return pandoc.write(blocks, "docx", args=["--track-changes=all"])


def picture(form: str) -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (9, 7), "red").save(out, form, **({"exif": Image.Exif()} if form == "JPEG" else {}))
    return out.getvalue()


class Desk:
    """A paper in which one file is broken at a time."""

    def __init__(self, folder: Path) -> None:
        self.root = copy("healthy", folder)
        written(self.root / "reviews" / "bridges.yaml", REVIEWS)
        self.cache = Cache.for_paper(self.root)
        self.files = sorted(
            file.relative_to(self.root).as_posix() for kind in ("md", "yaml") for file in self.root.rglob(f"*.{kind}")
        )

    @cached_property
    def sources(self) -> Sequence[Reference]:
        """The sources of the paper."""
        return tuple(load(SOUND_PAPER, lambda _: None).references.values())

    def read(self, unsaved: Mapping[str, str]) -> None:
        """Process a paper as `check`, `status` and `build` do before they render."""
        findings: list[Diagnostic] = []
        paper = load(self.root, findings.append, self.cache, unsaved)
        findings = check(paper, DAY, findings)
        measure_progress(paper, History(), DAY)
        for each in findings:
            assert str(each.place)
        if not any(each.severity == Severity.ERROR for each in findings):
            assemble(paper, History(), None, OutputOptions())

    def written(self, path: str, data: bytes) -> None:
        """Put a file into the paper."""
        (self.root / path).parent.mkdir(exist_ok=True)
        (self.root / path).write_bytes(data)


def _text(desk: Desk, data: bytes) -> None:
    path, _, text = data.partition(b"\0")
    readable = text.decode(errors="surrogateescape").encode(errors="replace").decode()
    desk.read({path.decode(errors="replace"): readable})


def _csv(desk: Desk, data: bytes) -> None:
    desk.written("paper/data/closures.csv", data)
    desk.read({})


def _context(desk: Desk) -> LoadContext:
    return LoadContext(PaperFiles(desk.root), NO_CACHE, lambda _: None)


def _image(suffix: str) -> Callable[[Desk, bytes], None]:
    def read(desk: Desk, data: bytes) -> None:
        desk.written(f"paper/figures/fuzz.{suffix}", data)
        assets.load_image(_context(desk), "chapters/bridges.md", f"../paper/figures/fuzz.{suffix}")

    return read


def _chart(desk: Desk, data: bytes) -> None:
    place = Place("chapters/bridges.md", 3, 1)
    charts.read_chart(_context(desk), place.path, "fig-a", data.decode(errors="replace"), place)


def _bibliography(path: str) -> Callable[[Desk, bytes], None]:
    def read(desk: Desk, data: bytes) -> None:
        desk.written(path, data)
        file = read_bibliography(_context(desk), path)
        (desk.root / path).unlink()
        for reference in file.references if file else ():
            json.dumps(reference.csl(), default=str)

    return read


def _style(desk: Desk, data: bytes) -> None:
    desk.written("paper/own.csl", data)
    style = read_citation_style(PaperFiles(desk.root), Settings(csl="own.csl"), lambda _: None)
    if style.text:
        source = next(iter(desk.sources)).csl()
        with contextlib.suppress(pandoc.PandocError):
            pandoc.run_citeproc([], [source], language="en", style=style, nocite=[tree.cite(source["id"])])


def _copy(desk: Desk, data: bytes) -> None:
    name = f"paper/sources/{data[:40].decode('latin-1').replace('/', '-')}".replace("\0", "")
    (desk.root / "paper" / "sources").mkdir(exist_ok=True)
    with contextlib.suppress(OSError):  # a name that no disk can hold
        desk.written(name, data)
    desk.read({})
    shutil.rmtree(desk.root / "paper" / "sources")


def _table(desk: Desk, data: bytes) -> None:
    place = Place("chapters/bridges.md", 3, 1)
    data_tables.read_table(_context(desk), place.path, "tbl-a", data.decode(errors="replace"), place)


def _sheet(desk: Desk, data: bytes) -> None:
    desk.written("templates/theme.css", data)
    with contextlib.suppress(TemplateError):
        read_theme(read_templates(desk.root))
    desk.written("templates/theme.css", default_templates().files["theme.css"])


def _word(_: Desk, data: bytes) -> None:
    data, _kinds = drop_attachments(data)
    if rejection_reason(data):
        return
    package = read_with_standard_names(data)
    sent_docx.read_origin(package)
    docx_comments.read_comments(package, docx_reader.read_docx(package), lambda _: "public")
    import_docx.list_losses(package)
    count_docx_words(package)
    foreign = Package(data)
    prepare_for_pandoc(foreign)


def _git(desk: Desk, data: bytes) -> None:
    folder = desk.root.parent / "cloned"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(repository_of(desk), folder)
    name, _, content = data.partition(b"\0")
    target = folder / ".git" / name.decode(errors="replace").replace("/../", "/")
    if target.is_file():
        target.chmod(0o644)
        target.write_bytes(content)
    asked_git.REFUSAL_REASONS.clear()
    isolated_git._require_plain_files.cache_clear()
    isolated_git._require_openable.cache_clear()
    asked_git.read_history(folder, UTC)
    asked_git.commit_days(folder, UTC)
    asked_git.read_files_at(folder, "HEAD")


@cache
def repository_of(desk: Desk) -> Path:
    """A small repository."""
    folder = desk.root.parent / "repository"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "a.md").write_text("text")
    commit(folder, "2020-01-10T12:00:00Z")
    (folder / "a.md").write_text("more")
    commit(folder, "2020-01-20T12:00:00Z")
    return folder


Reader = Callable[[Desk, bytes], None]
READERS: Mapping[str, tuple[int, Reader]] = {
    "text": (12, _text),
    "csv": (8, _csv),
    "svg": (10, _image("svg")),
    "png": (8, _image("png")),
    "jpg": (5, _image("jpg")),
    "chart": (8, _chart),
    "table": (8, _table),
    "sheet": (3, _sheet),
    "bib": (8, _bibliography("paper/fuzz.bib")),
    "ris": (5, _bibliography("paper/fuzz.ris")),
    "json": (5, _bibliography("paper/references-fuzz.json")),
    "csl": (3, _style),
    "copy": (1, _copy),
    "word": (9, _word),
    "git": (3, _git),
}
"""Number of inputs, and their reader, by name."""


def made(desk: Desk, name: str, seed: str) -> bytes:
    """Return a damaged input for a reader; the same for the same seed."""
    chance = random.Random(f"{name} {seed}")
    if name == "text":
        path = chance.choice(desk.files)
        words = WORDS["yaml" if path.endswith("yaml") or chance.random() < 0.3 else "md"]
        return path.encode() + b"\0" + mutated((desk.root / path).read_bytes(), chance, words)
    if name == "git":
        folder = repository_of(desk) / ".git"
        file = chance.choice(sorted(f for f in folder.rglob("*") if f.is_file() and "hooks" not in f.parts))
        content = mutated(file.read_bytes(), chance, WORDS["git"])
        return file.relative_to(folder).as_posix().encode() + b"\0" + content
    if name == "word":
        return mutated_zip(docx(), chance, WORDS["word"])
    return mutated(SOUND[name](), chance, WORDS[KINDS[name]])


KINDS = {
    "csv": "csv",
    "svg": "svg",
    "png": "bytes",
    "jpg": "bytes",
    "chart": "yaml",
    "table": "yaml",
    "sheet": "html",
    "bib": "bib",
    "ris": "ris",
    "json": "json",
    "csl": "csl",
    "copy": "bytes",
}
"""Words that the mutators of an input put in."""
SOUND: Mapping[str, Callable[[], bytes]] = {
    "csv": (SOUND_PAPER / "paper/data/closures.csv").read_bytes,
    "svg": (SOUND_PAPER / "paper/figures/span.svg").read_bytes,
    "png": lambda: picture("PNG"),
    "jpg": lambda: picture("JPEG"),
    "chart": CHART.encode,
    "table": TABLE.encode,
    "sheet": lambda: default_templates().files["theme.css"],
    "bib": BIB.encode,
    "ris": RIS.encode,
    "json": JSON.encode,
    "csl": lambda: csl_text(CitationStyle("numeric")).encode(),
    "copy": lambda: picture("PNG"),
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A paper for all inputs."""
    return Desk(tmp_path_factory.mktemp("fuzz"))


@pytest.mark.parametrize("name", READERS)
def test_no_damaged_input_raises(desk: Desk, name: str, request: pytest.FixtureRequest) -> None:
    count, read = READERS[name]
    long = request.config.getoption("--long")
    start = f"{time.time_ns()}" if long else ""
    for number in range(count * LONG // 100 if long else count):
        seed = f"{start} {number}"
        data = made(desk, name, seed)
        try:
            read(desk, data)
        except Exception as error:
            error.add_note(f"reader {name!r}, seed {seed!r}: {data[:2000]!r}")
            raise


CITED = b"references:\n- {id: survey2019, type: report, title: Survey, issued: %s}\n"
CASES: tuple[tuple[str, bytes], ...] = (
    ("text", b"paper/references.yaml\0" + CITED % (b"9" * 5000)),
    ("text", b"paper/references.yaml\0" + CITED % (b"{date-parts: [[%s]]}" % (b"9" * 5000))),
    ("table", b"data: {url: p\r\r\r}\ncolumns:\n !- {field: year}\n  - {field: days}\n"),
    ("text", b"paper/registers/facts.yaml\0facts:\n  - {id: bridges, value: '%s'}\n" % (b"9" * 400)),
    ("text", b"chapters/tunnels.md\0:::"),
    ("svg", b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:a="b c"/>'),
    ("svg", b'<svg xmlns="http://\rwww.w3.org/2000/svg"/>'),
)
"""Inputs that once raised an exception."""


@pytest.mark.parametrize(("name", "data"), CASES)
def test_inputs_that_once_raised_are_read(desk: Desk, name: str, data: bytes) -> None:
    READERS[name][1](desk, data)
