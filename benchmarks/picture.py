"""The medians as bars: `python benchmarks/picture.py FOLDER OUT.svg`, from what run.py wrote into FOLDER."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

SHOWN = {
    "ours, PDF, one chapter edited": "#14473f",
    "ours, PDF, nothing changed": "#14473f",
    "ours, PDF, cold": "#7fa39b",
    "pandoc and Typst, PDF": "#b08d3c",
}
LEFT, WIDE, ROW = 230, 430, 24


def bars(folder: Path) -> Iterator[str]:
    """A block of bars a size, each as long as the CPU time that a build takes."""
    y = 10
    for file in sorted(folder.glob("[SML].json"), key=lambda file: "SML".index(file.stem)):
        medians = json.loads(file.read_text(encoding="utf-8"))["medians"]
        longest = max(row["cpu"] for name, row in medians.items() if name in SHOWN)
        y += 24
        yield f'<text x="0" y="{y}" font-weight="600">{file.stem}: seconds of the processor</text>'
        for name, colour in SHOWN.items():
            if name in medians:
                seconds = medians[name]["cpu"]
                length = seconds / longest * WIDE
                y += ROW
                yield f'<text x="{LEFT - 8}" y="{y}" text-anchor="end">{escape(name)}</text>'
                yield f'<rect x="{LEFT}" y="{y - 13}" width="{length:.0f}" height="16" fill="{colour}"/>'
                yield f'<text x="{LEFT + length + 6:.0f}" y="{y}">{seconds:.1f}</text>'
    yield f"<!--{y + 14}-->"


def main() -> None:
    """Draw it."""
    drawn = list(bars(Path(sys.argv[1])))
    height = int(drawn.pop()[4:-3])
    Path(sys.argv[2]).write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="720" height="{height}" viewBox="0 0 720 {height}" '
        'font-family="Source Sans Pro, sans-serif" font-size="13" role="img">'
        "<title>What builds take</title>"
        f'<rect width="720" height="{height}" fill="#ffffff"/>{"".join(drawn)}</svg>\n',
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
