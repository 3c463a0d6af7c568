"""Make the pictures of the documentation from what the paper prints: `.venv/bin/python docs/pictures.py`.

Needs pdftoppm (package poppler-utils) and a PDF in dist/. Look at the result.
"""  # noqa: INP001 - a script, no package

from __future__ import annotations

import io
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pikepdf
from PIL import Image
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from nioc_paper.app.project import Project
from nioc_paper.load.templates import read_templates
from nioc_paper.model import History
from nioc_paper.progress import measure_progress
from nioc_paper.render.common.theme import read_theme
from nioc_paper.report.findings.line_formats import TerminalView
from nioc_paper.report.findings.terminal import format_terminal
from nioc_paper.report.status import STATUS_FORMATS, View

ROOT = Path(__file__).resolve().parent.parent
PDF = ROOT / "dist" / "national-strategy-paper.pdf"
PAGES = ("decision-summary", "sec-terror-financing", "fig-tf-items", "rec-tf-01")
"""The summary, the first page of a chapter, a chart, recommendations: ids on these pages. The cover is added."""
BACKGROUND = "#d9dedc"
DAY = date(2019, 12, 2)
"""A day inside the plan."""
FRIDAYS = {"week-07": date(2021, 4, 9), "week-12": date(2021, 7, 16)}
"""Days of the paper that lived, by their tags: one on which it is late, and the last."""
BROKEN = ROOT / "tests" / "papers" / "broken"
BROKEN_FILES = ("chapters/wind.md", "contributors.yaml", "paper/timeline.yaml")
LINES = 44
"""Of the status, which is longer."""
# That of code in the manual, or a reader's own: Rich's format would fetch one from the network.
FORMAT = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL).replace(
    "Fira Code", "Source Code Pro"
)


def sheet(numbers: Sequence[int], width: int, height: int, gap: int) -> Image.Image:
    """Pages in rows on one sheet: its width, the height of each page, and what is between them, in pixels."""
    x, y, places = gap, gap, []
    for shot in shots(numbers, height):
        if x + shot.width + gap > width:
            x, y = gap, y + height + gap
        places.append((shot, (x, y)))
        x += shot.width + gap
    whole = Image.new("RGB", (width, y + height + gap), BACKGROUND)
    for shot, place in places:
        whole.paste(shot, place)
    return whole


def shots(numbers: Sequence[int], height: int) -> Iterator[Image.Image]:
    """Pages, drawn at twice their size on the sheet, for then small letters come out even."""
    with tempfile.TemporaryDirectory() as folder:
        first, last = map(str, (min(numbers), max(numbers)))
        command = ["pdftoppm", "-f", first, "-l", last, "-scale-to-x", "-1", "-scale-to-y", str(2 * height)]
        subprocess.run([*command, str(PDF), f"{folder}/p"], check=True)  # noqa: S603 - ours
        files = {int(file.stem.partition("-")[2]): file for file in Path(folder).iterdir()}
        for number in numbers:
            with Image.open(files[number]) as shot:
                yield shot.resize((shot.width // 2, height), Image.Resampling.LANCZOS)


def few(picture: Image.Image, colours: int) -> Image.Image:
    """The picture in few colours, a third of the size. Those of the theme count as if they covered a tenth of it each.

    Otherwise what is rare, such as the red of a mark, would be taken for the grey of letters' edges.
    """
    inks = sorted({value for value in read_theme(read_templates(ROOT)).values() if value.startswith("#")})
    height = picture.height // 10
    more = Image.new("RGB", (picture.width, picture.height + height * len(inks)))
    more.paste(picture)
    for number, ink in enumerate(inks):
        more.paste(ink, (0, picture.height + height * number, picture.width, more.height))
    return more.quantize(colours, kmeans=1).crop((0, 0, *picture.size))


def chosen() -> list[int]:
    """Return the numbers of the cover and of the pages that have PAGES."""
    with pikepdf.open(PDF) as file:
        targets, order = pikepdf.NameTree(file.Root.Names.Dests), [page.obj.objgen for page in file.pages]
        return [1, *(order.index(targets[name][0].objgen) + 1 for name in PAGES)]


def count() -> int:
    """The pages of the PDF."""
    with pikepdf.open(PDF) as file:
        return len(file.pages)


def status(root: Path, day: date, command: str) -> str:
    """The status of a paper as a terminal shows it, as SVG."""
    project = Project(root, today=day)
    loaded = project.load()
    history = History() if root == ROOT else project.history(loaded.paper)  # that of ours differs between clones
    view = View(width=100, colour=True, wait_for_errors=lambda: project.errors_by_status(loaded))
    lines = STATUS_FORMATS["text"](measure_progress(loaded.paper, history, day), view).splitlines()[:LINES]
    return terminal(lines, f"{command} status --today {day}", 100)


def lived() -> Iterator[tuple[str, str]]:
    """Yield the status of the paper that lived on some of its Fridays, as SVG, by the name of the file."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "riverton"
        command = [sys.executable, "-m", "nioc_paper", "new", "paper", str(root), "--lived"]
        subprocess.run(command, check=True)  # noqa: S603 - ours
        for week, day in FRIDAYS.items():
            subprocess.run(["git", "-C", str(root), "switch", "-q", "--detach", week], check=True)  # noqa: S603, S607
            yield f"{week}.svg", status(root, day, "nioc").replace("✗", "×")  # in no font of the manual


def check() -> str:
    """The findings in a small paper with errors as a terminal shows them, as SVG."""
    findings = [d for d in Project(BROKEN, today=DAY).check().findings if d.place.path in BROKEN_FILES]
    return terminal(format_terminal(findings, TerminalView(80, colour=True)).splitlines(), "python3 build.py check", 80)


def terminal(lines: Sequence[str], title: str, width: int) -> str:
    """Coloured lines in a window of a width, as SVG."""
    console = Console(record=True, width=width, file=io.StringIO(), legacy_windows=False)
    console.print(Text.from_ansi("\n".join(lines)))
    return console.export_svg(title=title, code_format=FORMAT, unique_id="nioc")


if __name__ == "__main__":
    few(sheet(chosen(), 2084, 566, 12), 256).save(ROOT / "docs" / "pages.png", optimize=True)
    few(sheet(range(1, count() + 1), 2036, 276, 10), 128).save(ROOT / "docs" / "contact-sheet.png", optimize=True)
    (ROOT / "docs" / "status.svg").write_text(status(ROOT, DAY, "python3 build.py"), encoding="utf-8")
    for name, picture in lived():
        (ROOT / "docs" / "paper" / "figures" / name).write_text(picture, encoding="utf-8")
    (ROOT / "docs" / "check.svg").write_text(check(), encoding="utf-8")
