"""Measure the outputs in dist/: `.venv/bin/python docs/measures.py [FILE.pdf …]`; with files, these alone.

White pages and lengths of lines of a PDF; of the site, the weight of a first visit and the pages that a browser prints.
Needs pdftoppm and pdftotext (package poppler-utils) and Chromium. A Word file is measured as a PDF of LibreOffice.
"""  # noqa: INP001 - a script, no package

from __future__ import annotations

import io
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pikepdf
from lxml import etree
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
PDF, SITE = ROOT / "dist" / "national-strategy-paper.pdf", ROOT / "dist" / "site"
PAGES = ("index", "drug-trafficking", "strategy-and-action-plan")
"""Pages of the site that are weighed and printed."""
TOP, FOOT = 25.0, 275.0
"""Where text begins and ends on an upright page, in millimetres from its top."""
LIMIT = 0.25


def used_shares(pdf: Path) -> Iterator[float]:
    """Yield the share of each page's text area that is used, from the top to the last mark on it."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["pdftoppm", "-r", "25.4", "-gray", str(pdf), f"{folder}/p"]  # one pixel is a millimetre
        subprocess.run(command, check=True)  # noqa: S603 - ours
        for file in sorted(Path(folder).iterdir()):
            with Image.open(file) as page:
                top, foot = (TOP, FOOT) if page.height > page.width else (22.0, page.height - 22.0)
                ink = page.crop((0, int(top), page.width, int(foot))).point(lambda value: 255 * (value < 250)).getbbox()
                yield (ink[3] / (foot - top)) if ink else 0.0


def openings(pdf: Path) -> set[int]:
    """Return the indices of pages on which an entry of the contents begins."""
    with pikepdf.open(pdf) as file:
        indices = {page.obj.objgen: number for number, page in enumerate(file.pages)}
        with file.open_outline() as outline:
            return {indices[item.destination[0].objgen] for item in outline.root if item.destination}


def white_pages(pdf: Path) -> str:
    """Return the numbers of the pages, those inside chapters first; the page after one at the end begins a chapter."""
    shares, starts = list(used_shares(pdf)), openings(pdf)
    white = [n for n, share in enumerate(shares) if share < 1 - LIMIT]
    inside = [n + 1 for n in white if n + 1 not in starts and n + 1 < len(shares)]
    ends = [n + 1 for n in white if n + 1 not in inside]
    half = sum(share < 0.5 for share in shares[:-1])
    white_text = f"more than a quarter empty inside chapters: {inside}, at their ends: {ends}; more than half: {half}"
    return f"{len(shares)} pages; {white_text}"


def line_lengths(pdf: Path) -> str:
    """Return the letters of full lines of the text: of paragraphs in the commonest size, all but the last line."""
    command = ["pdftotext", "-bbox-layout", str(pdf), "-"]
    tree = etree.parse(io.BytesIO(subprocess.run(command, check=True, capture_output=True).stdout))  # noqa: S603 - ours
    sizes = Counter(_height(line) for line in tree.iter("{*}line") if len(line) > 5)
    text_size, lengths = sizes.most_common(1)[0][0], []
    for block in tree.iter("{*}block"):
        lines = [" ".join(word.text or "" for word in line) for line in block]
        right = float(block.get("xMax", 0))
        ends = [float(line.get("xMax", 0)) for line in block]
        if len(lines) >= 3 and {*map(_height, block)} == {text_size} and statistics.median(map(len, lines)) > 45:
            full = zip(lines[:-1], ends, strict=False)
            lengths += [len(line) for line, end in full if end > right - 0.12 * (right - float(block.get("xMin", 0)))]
    tenths = statistics.quantiles(lengths, n=10)
    return f"letters in a full line: median {statistics.median(lengths):.0f}, nine of ten below {tenths[-1]:.0f}"


def _height(line: etree._Element) -> float:
    """Return the height of the letters of a line, in points."""
    return round(statistics.median(float(word.get("yMax", 0)) - float(word.get("yMin", 0)) for word in line), 1)


def site_measures(site: Path) -> Iterator[str]:
    """Yield the weight of a first visit to each of PAGES, and the number of pages on which it is printed."""
    import browser  # of the tests; late, as a PDF alone needs none
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, browser.served(site) as address:
        running = playwright.chromium.launch(executable_path=browser.CHROMIUM)
        for name in PAGES:
            page, sizes = running.new_page(viewport={"width": 1280, "height": 900}), list[int]()
            page.on("response", lambda response, sizes=sizes: sizes.append(len(response.body())))
            page.goto(f"{address}{name}.html", wait_until="networkidle")
            with pikepdf.open(io.BytesIO(page.pdf(format="A4", prefer_css_page_size=True))) as printed:
                yield f"{name}.html: {sum(sizes) / 1000:.0f} kB, {len(printed.pages)} printed pages"
            page.close()
        running.close()


if __name__ == "__main__":
    for file in map(Path, sys.argv[1:] or [PDF]):
        print(f"{file.name}: {white_pages(file)}; {line_lengths(file)}")  # noqa: T201 - a script
    for line in () if len(sys.argv) > 1 else site_measures(SITE):
        print(line)  # noqa: T201 - a script
