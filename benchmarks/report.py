"""Write the measurements into docs/benchmarks.md, between its marks, and draw docs/benchmarks.svg.

    python benchmarks/report.py FOLDER                     the results of run.py in FOLDER, kept in benchmarks/results
    python benchmarks/report.py --print FOLDER             on the terminal only
    python benchmarks/report.py --release 0.3.0 FOLDER     the same, and kept as those of a release

No number on that page is typed by hand: a test holds it to benchmarks/results.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from peers import PEERS
from picture import picture

HERE = Path(__file__).parent
KEPT, PAGE, PICTURE = HERE / "results", HERE.parent / "docs" / "benchmarks.md", HERE.parent / "docs" / "benchmarks.svg"
SIZES = ("S", "M", "P", "L", "paper")
GROWING = ("S", "M", "L")
"""Sizes that differ in nothing but their size."""
RELEASES = HERE / "releases.json"
"""CPU seconds of ours by release, size and name."""
Results = Mapping[str, Mapping[str, Any]]
"""Results of run.py by size."""

COLD, EDITED = "ours, PDF, cold", "ours, PDF, one chapter edited"
DOCX_EDITED = "ours, DOCX, one chapter edited"
TYPST, NAIVE = "pandoc and Typst, PDF", "pandoc and WeasyPrint in one piece, PDF"
BASES = {"PDF": TYPST, **{kind: f"pandoc, {kind}" for kind in ("DOCX", "HTML", "EPUB")}}
"""Peer with which measures are compared, by a word of their names; the first one where there is no other."""


@dataclass(frozen=True, slots=True)
class Goal:
    """Goals: at most so many times the value of a peer, or so much if there is no peer."""

    what: str
    ours: str
    peer: str = ""
    measure: str = "wall"
    most: Mapping[str, float] = field(default_factory=dict)


GOALS = (
    Goal("PDF after an edit, seconds against pandoc and Typst", EDITED, TYPST, most={"S": 0.8, "M": 0.3, "L": 0.15}),
    Goal("PDF after an edit, CPU against pandoc and Typst", EDITED, TYPST, "cpu", {"S": 0.8, "M": 0.3, "L": 0.15}),
    Goal("PDF after an edit, seconds against MyST", EDITED, "MyST, PDF", most={"S": 0.45, "M": 0.22}),
    Goal("cold PDF, seconds against pandoc and Typst", COLD, TYPST, most={"S": 2.8, "M": 2.2}),
    Goal("cold PDF, seconds against one piece of WeasyPrint", COLD, NAIVE, most={"S": 0.45, "M": 0.4}),
    Goal("cold PDF, MB of the largest process", COLD, measure="peak", most={"L": 500}),
    Goal("PDF after an edit, MB of the largest process", EDITED, measure="peak", most={"L": 500}),
    Goal("DOCX after an edit, seconds against pandoc", DOCX_EDITED, BASES["DOCX"], most={"M": 0.1}),
    Goal("all formats after an edit, seconds", "ours, all formats, one chapter edited", most={"paper": 1.9}),
    Goal("PDF after an edit, seconds", EDITED, most={"paper": 1.3}),
    Goal("DOCX after an edit, seconds", DOCX_EDITED, most={"paper": 0.8}),
    Goal("HTML after an edit, seconds", "ours, HTML, one chapter edited", most={"paper": 0.7}),
    Goal("EPUB after an edit, seconds", "ours, EPUB, one chapter edited", most={"paper": 0.7}),
    Goal("preview, from save to page, seconds", "ours, preview, page after an edit", most={"paper": 0.3}),
    Goal("preview, from save to PDF, seconds", "ours, preview, PDF after an edit", most={"paper": 0.8}),
    Goal("status after an edit, seconds", "ours, status after an edit", most={"M": 0.2}),
    Goal("check after an edit, seconds", "ours, check after an edit", most={"M": 0.4}),
)


def measured(results: Results) -> Iterator[str]:
    """A row a measure."""
    yield (
        "| paper | what | seconds | CPU seconds | MB of the largest process | pages "
        "| seconds against the peer | CPU against the peer | memory against the peer |"
    )
    yield "|---|---|---:|---:|---:|---:|---:|---:|---:|"
    for size, result in results.items():
        rows = result["medians"]
        for name, row in rows.items():
            kind = next((kind for kind in BASES if kind in name), "PDF")
            base = rows.get(BASES[kind]) or rows.get(TYPST)
            ratios = [f"{row[measure] / base[measure]:.2f}" if base else "" for measure in ("wall", "cpu", "peak")]
            numbers = f"{row['wall']:.1f} | {row['cpu']:.1f} | {row['peak']:.0f} | {row.get('pages', '')}"
            yield f"| {size} | {name} | {numbers} | {' | '.join(ratios)} |"


def growth(results: Results) -> Iterator[str]:
    """With which power of the pages the CPU time grows."""
    pairs = list(itertools.pairwise(size for size in GROWING if size in results))
    if not pairs:
        yield "One size alone was run, which says nothing of growth."
        return
    yield "| what | " + " | ".join(f"{one} to {two}" for one, two in pairs) + " |"
    yield "|---|" + "---:|" * len(pairs)
    for name in next(iter(results.values()))["medians"]:
        yield f"| {name} | {' | '.join(_power(results[one], results[two], name) for one, two in pairs)} |"


def _power(small: Mapping[str, Any], large: Mapping[str, Any], name: str) -> str:
    """The exponent between two sizes. Measures without a PDF use the number of our pages."""
    rows = [result["medians"].get(name) for result in (small, large)]
    pages = [
        (result["medians"].get(name) or {}).get("pages") or result["medians"].get(COLD, {}).get("pages")
        for result in (small, large)
    ]
    if not all(rows) or not all(pages):
        return "–"
    return f"{math.log(rows[1]['cpu'] / rows[0]['cpu']) / math.log(pages[1] / pages[0]):.2f}"


def peers(results: Results) -> Iterator[str]:
    """Omissions of each tool, and tools that are not installed."""
    yield "| tool | PDF has tags | leaves out, or is spared |"
    yield "|---|---|---|"
    for peer in PEERS:
        rows = [result["medians"].get(f"{peer.name}, PDF") for result in results.values()]
        tags = next(("yes" if row["tagged"] else "no" for row in rows if row), "not run")
        yield f"| {peer.name} | {tags} | {peer.lacks} |"


def goals(results: Results) -> Iterator[str]:
    """A row a goal."""
    yield f"| at most | {' | '.join(results)} |"
    yield "|---|" + "---|" * len(results)
    for goal in GOALS:
        yield f"| {goal.what} | {' | '.join(_reached(goal, size, result) for size, result in results.items())} |"


def _reached(goal: Goal, size: str, result: Mapping[str, Any]) -> str:
    """Result for a goal at a size."""
    rows, most = result["medians"], goal.most.get(size)
    if most is None or goal.ours not in rows or (goal.peer and goal.peer not in rows):
        return "–"
    value = rows[goal.ours][goal.measure] / (rows[goal.peer][goal.measure] if goal.peer else 1)
    return f"{most:g}: {'reached' if value <= most else 'missed'}, {value:.{2 if value < 10 else 0}f}"


def releases(_: Results) -> Iterator[str]:
    """A row a measure of ours, a column a release."""
    recorded: Mapping[str, Mapping[str, Mapping[str, float]]] = json.loads(RELEASES.read_text(encoding="utf-8"))
    yield f"| paper | measure | {' | '.join(recorded)} |"
    yield "|---|---|" + "---:|" * len(recorded)
    for size in SIZES:
        for name in dict.fromkeys(name for release in recorded.values() for name in release.get(size, ())):
            numbers = (release.get(size, {}).get(name) for release in recorded.values())
            yield f"| {size} | {name} | {' | '.join('–' if n is None else f'{n:.1f}' for n in numbers)} |"


def keep_release(release: str, results: Results) -> None:
    """The results of ours become those of a release."""
    recorded = json.loads(RELEASES.read_text(encoding="utf-8")) if RELEASES.exists() else {}
    recorded[release] = {
        size: {name: round(row["cpu"], 2) for name, row in result["medians"].items() if name.startswith("ours,")}
        for size, result in results.items()
    }
    RELEASES.write_text(json.dumps(recorded, indent=1) + "\n", encoding="utf-8")


def machine(results: Results) -> Iterator[str]:
    """Day, machine and versions."""
    for size, result in results.items():
        about = result["about"]
        rounds = "one round" if result["rounds"] == 1 else f"medians of {result['rounds']} rounds"
        where = f"{about['machine']}, {about['cores']} cores, load {about['load']:.1f} when it began"
        yield f"- {size}: {rounds}, {about['date']}, {where}."
        failed = [name for name in result["runs"] if name not in result["medians"]]
        lost = [f"{name} ({', '.join(programs)})" for name, programs in about["missing"].items()]
        for word, names in (("Failed", failed), ("Not there", lost)):
            if names:
                yield f"  {word}: {', '.join(names)}."
    if len(results) < len(SIZES):
        yield f"- Not run: {', '.join(size for size in SIZES if size not in results)}."
    versions = result["about"]["versions"]
    yield f"- Versions: {'; '.join(f'{name} {_number(version_text)}' for name, version_text in versions.items())}."


def _number(version_text: str) -> str:
    """The version in a program's output about itself."""
    match = re.search(r"\d+(?:\.\d+)+", version_text)
    return match[0] if match else version_text


PARTS = {
    "machine": machine,
    "measured": measured,
    "growth": growth,
    "peers": peers,
    "goals": goals,
    "releases": releases,
}


def filled(page: str, results: Results) -> str:
    """Replace the text between the marks of a page."""
    for name, part in PARTS.items():
        start, end = f"<!-- {name} -->\n", "<!-- end -->"
        before, _, rest = page.partition(start)
        after = rest.partition(end)[2]
        page = f"{before}{start}\n" + "\n".join(part(results)) + f"\n\n{end}{after}"
    return page


def read(folder: Path) -> Results:
    """The results in a folder."""
    files = [(size, folder / f"{size}.json") for size in SIZES]
    return {size: json.loads(file.read_text(encoding="utf-8")) for size, file in files if file.exists()}


def keep(folder: Path) -> None:
    """The results in a folder become those of this repository; sizes that were not run keep theirs."""
    results = {size: (folder / f"{size}.json").read_bytes() for size in read(folder)}
    if not results:
        raise SystemExit(f"there are no results in {folder}")
    KEPT.mkdir(exist_ok=True)
    for size, data in results.items():
        (KEPT / f"{size}.json").write_bytes(data)


def main(words: Sequence[str] | None = None) -> None:
    """Print it, or write the page and the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--print", action="store_true", help="on the terminal only")
    parser.add_argument("--release", help="the version that was measured: its CPU seconds are kept beside the others'")
    options = parser.parse_args(words)
    if options.print:
        for part in PARTS.values():
            print("", *part(read(options.folder)), sep="\n")
        return
    keep(options.folder)
    results = read(KEPT)
    if options.release:
        keep_release(options.release, results)
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), results), encoding="utf-8")
    PICTURE.write_text(picture(results), encoding="utf-8")


if __name__ == "__main__":
    main()
