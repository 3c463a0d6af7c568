"""A worker of the preview makes only the pages near an edit and after it, with the bytes of a whole layout."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import rounds
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from nioc_paper.render.common import fonts
from nioc_paper.render.pdf.results import PageJob

ROOT = Path(__file__).parents[1]
STYLE = b"""
@page { size: 90mm 60mm; margin: 6mm 26mm 6mm 6mm; @footnote { border-top: 1px solid; padding-top: 6px }
  @bottom-center { content: string(title) } }
@page wide { size: 120mm 60mm }
body { font: 10px/12px Source Serif Pro; text-align: justify; hyphens: auto; orphans: 2; widows: 2 }
h2 { break-after: avoid; font-size: 13px; string-set: title content(); bookmark-level: 1 }
figure { margin-left: 2vw } figure, table:not(:has(tr:nth-child(5))) { break-inside: avoid }
section:has(> .wide:last-child) { page: wide }
.boxed { border: 1px solid; padding: 4px } .boxed > :last-child { margin-bottom: 0 }
.columns { columns: 2 } .grid { display: grid; grid-template-columns: auto 1fr }
.chapter { counter-reset: footnote } .footnote { float: footnote; font-size: 8px }
.note-call { counter-increment: footnote } .note-call::before { content: counter(footnote) }
.footnote.beside { float: none; position: absolute; left: 62mm; width: 22mm }
"""
WORDS = (
    *("harbours", "keep", "records", "of", "every", "ship", "that"),
    *("leaves", "although", "few", "inspectors", "have", "read", "them"),
)
ENGINE = """
from pathlib import Path
from nioc_paper.render.pdf.worker import main
start = main._start_engine
def start_counted(folder):
    engine = start(folder)
    from weasyprint.layout import page
    make = page.remake_page
    def make_counted(index, *arguments):
        with (folder / "made").open("a") as file: file.write(f"{index} ")
        return make(index, *arguments)
    page.remake_page = make_counted
    return engine
main._start_engine = start_counted
"""


class Worker:
    """Engine that lays out one job after another, and counts the pages it makes."""

    def __init__(self, folder: Path) -> None:
        (folder / "fonts.conf").write_text(fonts.fontconfig_xml(folder / "cache", folder / "fonts"))
        environment = {**os.environ, "FONTCONFIG_FILE": str(folder / "fonts.conf")}
        code = f"{ENGINE}main.main(Path({str(folder)!r}))"
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def lay_out(self, job: PageJob, *, keeps_pages: bool) -> tuple[bytes, dict[str, Any], list[int]]:
        """PDF, findings, and the indexes of the pages that were made."""
        assert self.process.stdin
        assert self.process.stdout
        files = {name: (kind, hashlib.sha256(data).hexdigest()) for name, (kind, data) in job["assets"].items()}
        for name, (_, data) in job["assets"].items():
            (self.folder / files[name][1]).write_bytes(data)
        (self.folder / "made").write_text("")
        (self.folder / "one.json").write_text(json.dumps({**job, "assets": files, "keeps_pages": keeps_pages}))
        self.process.stdin.write(b"one\n")
        self.process.stdin.flush()
        assert json.loads(self.process.stdout.readline()) == {"done": "one"}
        header = json.loads((self.folder / "one.found.json").read_text())
        return (self.folder / "one.pdf").read_bytes(), header, [*map(int, (self.folder / "made").read_text().split())]


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    running = Worker(tmp_path_factory.mktemp("worker"))
    with running.process:
        yield running
        assert running.process.stdin
        running.process.stdin.close()


def words(count: int, start: int = 0) -> str:
    return " ".join(WORDS[(start + n) % len(WORDS)] for n in range(count)).capitalize() + "."


def block(kind: str, number: int, size: int) -> str:
    """HTML of a block. `number` makes its ids."""
    text = words(size, number)
    note = f'<span class="footnote" id="n{number}">{words(size // 3 + 1)}</span>'
    call = f'<span class="note-call" id="b{number}-call"></span>'
    beside = f'{call}<span class="footnote beside" id="b{number}">{text}</span>'
    cell = f"<tr><td>{text}</td><td>{number}</td></tr>"
    return {
        "paragraph": f"<p>{text}</p>",
        "note": f"<p>{text}{note} {text}</p>",
        "beside": f"<p>{text}{beside} {text}</p>",
        "heading": f'<h2 id="h{number}">{words(3, number)}</h2>',
        "table": f"<table>{cell * (size % 8 + 1)}</table>",
        "list": f"<ul>{f'<li>{text}</li>' * (size % 5 + 1)}</ul>",
        "figure": f"<figure><p>{text}</p><figcaption>{words(4)}</figcaption></figure>",
        "boxed": f'<div class="boxed"><p>{text}</p><p>{text}</p></div>',
        "columns": f'<div class="columns"><p>{text} {text}</p></div>',
        "grid": f'<div class="grid"><p>{words(3)}</p><p>{text}</p></div>',
        "wide": f'<div class="wide"><p>{text}</p></div>',
        "section": f"<section><h2>{words(2)}</h2><p>{text}</p><div class='wide'><p>{text}</p></div></section>",
    }[kind]


KINDS = (
    *("paragraph", "note", "beside", "heading", "table", "list"),
    *("figure", "boxed", "columns", "grid", "wide", "section"),
)
BLOCKS = st.tuples(st.sampled_from(KINDS), st.integers(0, 99), st.integers(1, 60)).map(lambda b: block(*b))
EDITS = st.tuples(st.sampled_from(("add", "replace", "remove", "lengthen")), st.floats(0, 1), BLOCKS)


def edit(blocks: Sequence[str], kind: str, place: float, new: str) -> list[str]:
    """The blocks after an edit. `place` is between 0, the first, and 1, the last."""
    index = min(int(place * len(blocks)), len(blocks) - 1)
    longer = blocks[index].replace("</p>", " And one more sentence.</p>", 1)
    middle = {"add": [blocks[index], new], "replace": [new], "remove": [], "lengthen": [longer]}[kind]
    return [*blocks[:index], *middle, *blocks[index + 1 :]]


def job(blocks: Sequence[str]) -> PageJob:
    """A piece of these blocks."""
    html = f'<html lang="en"><link rel="stylesheet" href="a.css"><body><main><div class="chapter">{"".join(blocks)}'
    return {"html": html, "assets": {"a.css": ("text/css", STYLE)}, "lines": False, "bars": "", "piece": "one"}


CHAPTER = [block(KINDS[n % 6], n, 7 + n * 13 % 31) for n in range(14)]


def test_only_the_pages_near_an_edit_and_after_it_are_made(worker: Worker) -> None:
    _, before, made = worker.lay_out(job(CHAPTER), keeps_pages=True)
    count = before["report"]["page_count"]
    assert made[:1] == [0]
    assert count >= 8
    data, header, made = worker.lay_out(job(edit(CHAPTER, "lengthen", 1, "")), keeps_pages=True)
    assert min(made) >= count - 5
    assert (data, header) == worker.lay_out(job(edit(CHAPTER, "lengthen", 1, "")), keeps_pages=False)[:2]


def test_no_page_stays_of_a_layout_with_other_settings(worker: Worker) -> None:
    other_style = {"a.css": ("text/css", STYLE.replace(b"10px/12px", b"11px/13px"))}
    worker.lay_out(job(CHAPTER[:8]), keeps_pages=True)
    changes: Sequence[Any] = ({"assets": other_style}, {}, {"bars": "#123456"}, {"piece": "another"})
    for number, change in enumerate(changes):
        blocks = [*CHAPTER[:8], f"<p>{number}</p>"]
        assert worker.lay_out({**job(blocks), **change}, keeps_pages=True)[2][:1] == [0]


def paragraphs(count: int) -> list[str]:
    return [block("paragraph", number, 20) for number in range(count)]


def long_note(size: int) -> str:
    """A paragraph with a note that continues on a page of its own."""
    return f'<p>Few.<span class="footnote" id="long">{words(size)}</span></p>'


def wide_section(tail: str = "") -> str:
    """A section of several pages. Its page is wide if nothing follows its last block."""
    return f"<section>{''.join(paragraphs(12))}<div class='wide'><p>Few.</p></div>{tail}</section>"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([*paragraphs(12), block("figure", 90, 40)], [*paragraphs(12), block("figure", 90, 3)]),
        (
            [*paragraphs(12), block("heading", 90, 40), block("table", 91, 11)],
            [*paragraphs(12), block("heading", 90, 40), "<p>Few.</p>"],
        ),
        (
            [*paragraphs(11), block("note", 90, 60), *paragraphs(6)],
            [*paragraphs(11), block("note", 90, 60), *paragraphs(5), "<p>Few.</p>"],
        ),
        ([*paragraphs(12), wide_section()], [*paragraphs(12), wide_section("<p>Few.</p>")]),
        ([*paragraphs(18), long_note(90)], [*paragraphs(18), long_note(140)]),
    ],
    ids=["a figure fits now", "a heading fits now", "a note continues", "a section is narrow now", "a note is last"],
)
def test_a_page_that_depends_on_later_blocks_is_made_again(
    worker: Worker, before: Sequence[str], after: Sequence[str]
) -> None:
    worker.lay_out(job(before), keeps_pages=True)
    resumed = worker.lay_out(job(after), keeps_pages=True)
    assert resumed[:2] == worker.lay_out(job(after), keeps_pages=False)[:2]
    assert min(resumed[2]) > 0


@given(st.lists(EDITS, min_size=1, max_size=2), st.lists(BLOCKS, max_size=6))
@settings(rounds.few(4), phases=(Phase.explicit, Phase.generate))  # to shrink takes minutes
def test_the_pdf_after_edits_has_the_bytes_of_a_whole_layout(
    worker: Worker, edits: Sequence[tuple[str, float, str]], tail: Sequence[str]
) -> None:
    blocks = [*CHAPTER, *tail]
    worker.lay_out(job(blocks), keeps_pages=True)
    for each in edits:
        blocks = edit(blocks, *each)
        resumed = worker.lay_out(job(blocks), keeps_pages=True)
        assert resumed[:2] == worker.lay_out(job(blocks), keeps_pages=False)[:2]
