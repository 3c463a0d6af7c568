"""Make the pictures of README.md from what the paper prints: `.venv/bin/python docs/pictures.py`.

Needs pdftoppm (package poppler-utils) and a PDF in dist/. Look at the result: the pages are given by number.
"""  # noqa: INP001 - a script, no package

from __future__ import annotations

import io
import re
import subprocess
from datetime import date
from pathlib import Path

from PIL import Image
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from nioc_paper.load import load
from nioc_paper.model import History
from nioc_paper.progress import progress
from nioc_paper.report.status import FORMS, View

ROOT = Path(__file__).resolve().parent.parent
PDF = ROOT / "dist" / "national-strategy-paper.pdf"
PAGES = (1, 16, 19, 21, 57)
"""Cover, the first page of a chapter, a chart, recommendations, and a table across a turned page."""
WIDTH, HEIGHT, GAP = 1248, 566, 12
"""Pixels: of the sheet, of each page, between pages."""
BACKGROUND = "#d9dedc"
DAY = date(2019, 12, 2)
"""A day inside the plan."""
LINES = 44
"""Of the status, which is longer."""
# A reader's own typeface: Rich's format would fetch one from the network.
FORMAT = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL).replace("Fira Code, ", "")


def pages() -> Image.Image:
    """The pages in rows on one sheet, in 256 colours: enough for print in few inks, and a third of the size."""
    x, y, places = GAP, GAP, []
    for shot in map(page, PAGES):
        if x + shot.width + GAP > WIDTH:
            x, y = GAP, y + HEIGHT + GAP
        places.append((shot, (x, y)))
        x += shot.width + GAP
    sheet = Image.new("RGB", (WIDTH, y + HEIGHT + GAP), BACKGROUND)
    for shot, place in places:
        sheet.paste(shot, place)
    return sheet.quantize(256)


def page(number: int) -> Image.Image:
    """A page as high as all."""
    command = ["pdftoppm", "-r", "110", "-f", str(number), "-l", str(number), "-png", str(PDF)]
    shot = Image.open(io.BytesIO(subprocess.run(command, capture_output=True, check=True).stdout))  # noqa: S603 - ours
    return shot.resize((round(shot.width * HEIGHT / shot.height), HEIGHT), Image.Resampling.LANCZOS)


def status() -> str:
    """The status as a terminal shows it, as SVG."""
    state = progress(load(ROOT, lambda _: None), History(), DAY)
    lines = FORMS["text"](state, View(colour=True)).splitlines()[:LINES]
    console = Console(record=True, width=80, file=io.StringIO(), legacy_windows=False)
    console.print(Text.from_ansi("\n".join(lines)))
    return console.export_svg(title="python3 build.py status --today 2019-12-02", code_format=FORMAT, unique_id="nioc")


if __name__ == "__main__":
    pages().save(ROOT / "docs" / "pages.png", optimize=True)
    (ROOT / "docs" / "status.svg").write_text(status(), encoding="utf-8")
