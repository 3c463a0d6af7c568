"""Measure builds of ours and of other tools, in turn in one run.

    python benchmarks/run.py S M P L paper --rounds 3 --out FOLDER
    python benchmarks/report.py FOLDER

Each measure is a command of its own in a new process. All are run one after the other, then all again, so that whatever
else the machine does falls on all alike; the medians are compared. CPU time is that of a command and of all that it
starts; memory is that of its largest process, not of all of them together. The first command writes the papers and
FOLDER/S.json and so on; the second writes the tables and the picture of docs/benchmarks.md from them.

A tool is run when its programs are on PATH (peers.py says which); those that are not there are left out and named:

    typst                         its program, or `pip install typst` into the environment that runs this
    xelatex, rsvg-convert         texlive-xetex, texlive-latex-recommended, texlive-fonts-recommended, lmodern,
                                  librsvg2-bin of Debian
    myst                          `npm install mystmd`; Typst fetches tablex for it, once
    sphinx-build                  `pip install sphinx-simplepdf myst-parser sphinxcontrib-bibtex`, anywhere
    asciidoctor-pdf               ruby-asciidoctor-pdf of Debian
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import importlib.util
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import pypandoc
from peers import CITED, PEERS, Peer
from preview import RESULT

HERE = Path(__file__).parent
SHIPPED = "paper"
"""Name of the paper of this repository among the sizes."""
_SHIPPED_FILES = ("chapters", "paper", "reviews", "templates", "contributors.yaml")
FLOWING = ("docx", "html", "epub")
"""Formats without pages."""
MEASURES = ("wall", "cpu", "peak")
PATH = os.environ["PATH"]
"""Environment of our commands. Peers also find pandoc and Typst, where Python's packages have them."""
_TYPST = """\
#!{python}
import sys, typst
source, *target = sys.argv[2:]
typst.compile(source, output=target[0] if target else source.removesuffix(".typ") + ".pdf")
"""
_PROGRAMS = ("pandoc", "xelatex", "myst", "sphinx-build", "asciidoctor-pdf", "weasyprint", "rsvg-convert", "soffice")
_SUBREAPER = 36
"""PR_SET_CHILD_SUBREAPER of Linux."""
Row = dict[str, float]


def idle(_: Path) -> None:
    """Nothing is done before."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A command that is measured."""

    name: str
    folder: Path
    command: Sequence[str]
    before: Callable[[Path], None] = idle
    """Preparation of the folder, which is not measured."""
    made: str = ""
    """The PDF that it makes, in the folder: its pages are counted."""
    path: str = PATH
    facts: str = ""
    """File with numbers of its own, in the folder: they replace those of the command."""


# --- measures ---------------------------------------------------------------------------------------------------------


def nioc(*words: str) -> list[str]:
    """Our command."""
    return [sys.executable, "-m", "nioc_paper", *words]


def edit(chapter: Path) -> None:
    """One sentence more in a chapter."""
    with chapter.open("a", encoding="utf-8") as file:
        file.write(f"\nA sentence of the hour {time.time_ns() % 10**9}.\n")


def forget(folder: Path) -> None:
    """No cache and no outputs: a cold build."""
    for name in (".cache", "dist"):
        shutil.rmtree(folder / name, ignore_errors=True)


def edited(chapter: str, stem: str, kind: str = "") -> Callable[[Path], None]:
    """An edit of a paper of ours which has been built before in the form that is asked for."""

    def before(folder: Path) -> None:
        if kind and not (folder / "dist" / f"{stem}.{kind}").exists():
            _run(nioc("build", "--to", kind), folder)
        edit(folder / "chapters" / f"{chapter}.md")

    return before


def ours(size: Path) -> Iterator[Measure]:
    """Our commands for a made-up paper. A build in one pass comes first: it discards the cache of the others."""
    folder, made = size / "ours", "dist/crossings.pdf"
    yield Measure("ours, PDF in one piece", folder, nioc("build", "--whole", "--to", "pdf"), forget, made)
    yield Measure("ours, PDF, cold", folder, nioc("build", "--to", "pdf"), forget, made)
    yield from after_edits(folder, edited("c003", "crossings", "pdf"), made)
    for kind in FLOWING:
        name, command = f"ours, {kind.upper()}", nioc("build", "--to", kind)
        yield Measure(f"{name}, cold", folder, command, forget)
        yield Measure(f"{name}, one chapter edited", folder, command, edited("c003", "crossings", kind))
    yield from asked(folder, "c003")


def after_edits(folder: Path, before: Callable[[Path], None], made: str) -> Iterator[Measure]:
    """The PDF after an edit, and when nothing has changed."""
    yield Measure("ours, PDF, one chapter edited", folder, nioc("build", "--to", "pdf"), before, made)
    yield Measure("ours, PDF, nothing changed", folder, nioc("build", "--to", "pdf"), made=made)


def asked(folder: Path, chapter: str) -> Iterator[Measure]:
    """Check and status after an edit, and the preview."""
    yield Measure("ours, check after an edit", folder, nioc("check"), edited(chapter, ""))
    yield Measure("ours, status after an edit", folder, nioc("status"), edited(chapter, ""))
    for wanted in ("page", "pdf"):
        command = [sys.executable, str(HERE / "preview.py"), wanted, f"chapters/{chapter}.md", "3"]
        name = f"ours, preview, {'PDF' if wanted == 'pdf' else wanted} after an edit"
        yield Measure(name, folder, command, facts=RESULT)


def shipped(size: Path) -> Iterator[Measure]:
    """Our commands for the paper of this repository: each format and all four, cold, edited, and unchanged."""
    folder, chapter, stem = size / "ours", "drug-trafficking", "national-strategy-paper"
    for kind in ("pdf", "docx", "html", "epub", "all"):
        command = nioc("build", *(() if kind == "all" else ("--to", kind)))
        name, one, made = kind.upper() if kind != "all" else "all formats", "epub" if kind == "all" else kind, ""
        if kind in ("pdf", "all"):
            made = f"dist/{stem}.pdf"
        yield Measure(f"ours, {name}, cold", folder, command, forget, made)
        yield Measure(f"ours, {name}, one chapter edited", folder, command, edited(chapter, stem, one), made)
        yield Measure(f"ours, {name}, nothing changed", folder, command, made=made)
    yield from by_pandoc(folder, "pandoc chapters/*.md --citeproc --bibliography=../sources.yaml")
    yield from asked(folder, chapter)


def by_pandoc(folder: Path, command: str) -> Iterator[Measure]:
    """The formats without pages by pandoc alone; it draws no chart and checks nothing."""
    for kind in FLOWING:
        options = f"--standalone --embed-resources --metadata title=- -o out.{kind}"
        yield Measure(f"pandoc, {kind.upper()}", folder, ("sh", "-ec", f"{command} {options}"), path=os.environ["PATH"])


def copy_shipped(size: Path) -> None:
    """Copy the paper of this repository, without its history: the day of the copy is that of its outputs.

    Pandoc gets its sources in one file beside the copy.
    """
    for name in _SHIPPED_FILES:
        source, target = HERE.parent / name, size / "ours" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        elif source.exists():
            shutil.copy(source, target)
    records = sorted((size / "ours" / "paper" / "registers" / "references").glob("*.yaml"))
    sources = (record.read_text(encoding="utf-8").partition("references:\n")[2] for record in records)
    (size / "sources.yaml").write_text("references:\n" + "".join(sources), encoding="utf-8")


def theirs(size: Path, peer: Peer) -> Iterator[Measure]:
    """A peer's build without intermediate results, and with them if it keeps any."""
    folder, command, path = size / peer.folder, ("sh", "-ec", peer.command), os.environ["PATH"]

    def cold(folder: Path) -> None:
        (folder / peer.made).unlink(missing_ok=True)
        if peer.keeps:
            shutil.rmtree(folder / peer.keeps, ignore_errors=True)

    yield Measure(f"{peer.name}, PDF", folder, command, cold, peer.made, path)
    if peer.keeps:
        name = f"{peer.name}, PDF, one chapter edited"
        yield Measure(name, folder, command, lambda folder: edit(folder / "c003.md"), peer.made, path)


def measures(size: Path) -> Iterator[Measure]:
    """Everything that can be measured on this machine, the input of every peer written."""
    if size.name == SHIPPED:
        yield from shipped(size)
        return
    yield from ours(size)
    yield from by_pandoc(size / "plain", CITED)
    for peer in PEERS:
        if not missing(peer):
            if not (size / peer.folder).exists():
                peer.convert(size / "plain", size / peer.folder)
            yield from theirs(size, peer)


def missing(peer: Peer) -> list[str]:
    """The programs of a peer that are not there."""
    return [program for program in peer.programs if not shutil.which(program)]


# --- measuring --------------------------------------------------------------------------------------------------------


def _run(command: Sequence[str], folder: Path, path: str = PATH) -> tuple[int, Row]:
    """Its exit code; seconds on the clock, seconds of the processor, and megabytes of the largest process.

    A process is told to be at least as large as the one that started it, so this program must be smaller than all that
    it measures: libraries that are large are used in programs of their own.
    """
    environment = {**os.environ, "PATH": path, "PYTHONPATH": f"{HERE.parent}:{os.environ.get('PYTHONPATH', '')}"}
    start = time.perf_counter()
    with (folder / "bench.log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall, all_used = time.perf_counter() - start, [used, *_left_behind()]
    cpu = sum(one.ru_utime + one.ru_stime for one in all_used)
    return process.returncode, {"wall": wall, "cpu": cpu, "peak": max(one.ru_maxrss for one in all_used) / 1024}


def _left_behind() -> Iterator[resource.struct_rusage]:
    """CPU time of processes whose parents ended before them, such as an engine that was killed at its time limit."""
    with contextlib.suppress(ChildProcessError):
        while True:
            yield os.wait4(-1, 0)[2]


def measured(measure: Measure) -> Row | None:
    """A measure, with the content of the PDF; None if the command fails or makes nothing."""
    measure.before(measure.folder)
    code, row = _run(measure.command, measure.folder, measure.path)
    made = measure.folder / measure.made
    if code or not made.exists():
        print(f"{measure.name} ends with {code}: see {measure.folder / 'bench.log'}", flush=True)
        return None
    if measure.facts:
        row |= json.loads((measure.folder / measure.facts).read_text(encoding="utf-8"))
    if measure.made:
        command = [sys.executable, str(HERE / "facts.py"), str(made)]
        row |= json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return row


def tools(folder: Path) -> None:
    """Pandoc, the same for all, and Typst on PATH."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "pandoc").exists():
        (folder / "pandoc").symlink_to(pypandoc.get_pandoc_path())
    if importlib.util.find_spec("typst") and not shutil.which("typst"):
        (folder / "typst").write_text(_TYPST.format(python=sys.executable), encoding="utf-8")
        (folder / "typst").chmod(0o755)
    os.environ["PATH"] = f"{folder}:{PATH}"


def about() -> dict[str, Any]:
    """The day, the machine, and the installed versions."""
    versions = {name: metadata.version(name) for name in ("weasyprint", "pikepdf")}
    if importlib.util.find_spec("typst"):
        versions["typst"] = metadata.version("typst")
    for program in _PROGRAMS:
        if shutil.which(program):
            answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
            versions[program] = (answer.stdout or answer.stderr).strip().partition("\n")[0]
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "versions": versions,
        "missing": {peer.name: missing(peer) for peer in PEERS if missing(peer)},
    }


def medians(rows: Mapping[str, Sequence[Row | None]]) -> dict[str, Row]:
    """The medians of measures that did not fail, with the content of the last PDF."""
    by_name = {}
    for name, several in rows.items():
        good = [row for row in several if row]
        if good:
            by_name[name] = good[-1] | {m: statistics.median(row[m] for row in good) for m in MEASURES}
    return by_name


def main() -> None:
    """Make the papers, run everything in turn, print and keep the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="+", choices=("S", "M", "P", "L", SHIPPED))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", action="append", help="the beginning of a name; may be given several times")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    # Processes whose parents are gone become children of this one, so that their time is counted.
    ctypes.CDLL(None).prctl(_SUBREAPER, 1)
    tools(options.out.resolve() / "bin")
    for size in options.sizes:
        folder = options.out.resolve() / size
        if not folder.exists() and size == SHIPPED:
            copy_shipped(folder)
        elif not folder.exists():
            subprocess.run([sys.executable, HERE / "corpus.py", "--size", size, "--out", folder], check=True)
        wanted = [m for m in measures(folder) if not options.only or m.name.startswith(tuple(options.only))]
        rows: dict[str, list[Row | None]] = {measure.name: [] for measure in wanted}
        known = about()
        for _ in range(options.rounds):
            for measure in wanted:
                row = measured(measure)
                rows[measure.name].append(row)
                print(size, measure.name, {k: round(v, 2) for k, v in (row or {}).items()}, flush=True)
            # After each round: a long run that is stopped has not been for nothing.
            result = {"about": known, "rounds": options.rounds, "medians": medians(rows), "runs": rows}
            (options.out / f"{size}.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    subprocess.run([sys.executable, HERE / "report.py", "--print", options.out], check=True)


if __name__ == "__main__":
    main()
