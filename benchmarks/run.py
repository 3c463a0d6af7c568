"""Measure builds against other tools, in turn in one run: `python benchmarks/run.py S M --rounds 3 --out FOLDER`.

Each measure is a command of its own, started anew. All are run one after the other, then all again, so that whatever
else the machine does falls on all alike; the medians are compared. CPU time is that of a command and of all that it
starts, memory that of its largest process. Tools that are not installed are left out and named.
Typst: `pip install typst` into the environment that runs this.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import pypandoc
from corpus import write

ROOT = Path(__file__).parents[1]
PANDOC = pypandoc.get_pandoc_path()
TYPST = "import typst, sys; typst.compile(sys.argv[1], output=sys.argv[2], root='.')"
MEASURES = ("wall", "cpu", "peak")


def measured(command: list[str], folder: Path) -> dict[str, float]:
    """Seconds on the clock, seconds of the processor, and megabytes of the largest process."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}"}
    start = time.perf_counter()
    with (folder / "bench.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if process.returncode:
        print(f"{' '.join(command)[:80]} … ends with {process.returncode}: see {folder / 'bench.log'}", flush=True)
    return {"wall": wall, "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss / 1024}


def nioc(*words: str) -> list[str]:
    """Our command."""
    return [sys.executable, "-m", "nioc_paper", *words]


def forget(folder: Path) -> None:
    """No cache and no outputs: a cold build."""
    for name in (".cache", "dist"):
        shutil.rmtree(folder / name, ignore_errors=True)


def edit(folder: Path) -> None:
    """One sentence more in one chapter."""
    with (folder / "chapters" / "c003.md").open("a", encoding="utf-8") as file:
        file.write(f"\nA sentence of the hour {time.time_ns() % 10**9}.\n")


def shell(text: str) -> list[str]:
    """Several commands as one."""
    return ["sh", "-ec", text]


def runs(size: Path) -> dict[str, tuple[Path, Callable[[Path], None], list[str]]]:
    """What is measured: in which folder, what is done before, and the command."""
    ours, plain, idle = size / "ours", size / "plain", lambda _: None
    cite = f"{PANDOC} meta.yaml c*.md --citeproc --bibliography=refs.json"
    found = {
        "ours, PDF, cold": (ours, forget, nioc("build", "--to", "pdf")),
        "ours, PDF, one chapter edited": (ours, edit, nioc("build", "--to", "pdf")),
        "ours, PDF, nothing changed": (ours, idle, nioc("build", "--to", "pdf")),
        "ours, check after an edit": (ours, edit, nioc("check")),
        "ours, status": (ours, idle, nioc("status")),
        "ours, DOCX, one chapter edited": (ours, edit, nioc("build", "--to", "docx")),
        "pandoc, DOCX": (plain, idle, shell(f"{cite} -o out.docx")),
    }
    if importlib.util.find_spec("typst"):
        compiled = f'{sys.executable} -c "{TYPST}" out.typ out.pdf'
        found["pandoc and Typst, PDF"] = (plain, idle, shell(f"{cite} -s -o out.typ && {compiled}"))
    if shutil.which("xelatex"):
        found["pandoc and XeLaTeX, PDF"] = (plain, idle, shell(f"{cite} --pdf-engine=xelatex -o out.pdf"))
    return found


def main() -> None:
    """Make the papers, run everything in turn, print and keep the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="+", choices=("S", "M", "L"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", action="append", help="the beginning of a name; may be given several times")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    for size in given.sizes:
        folder = given.out / size
        if not folder.exists():
            write(size, folder)
        wanted = {
            name: run for name, run in runs(folder).items() if not given.only or name.startswith(tuple(given.only))
        }
        found: dict[str, list[dict[str, float]]] = {name: [] for name in wanted}
        for _ in range(given.rounds):
            for name, (where, before, command) in wanted.items():
                before(where)
                found[name].append(measured(command, where))
                print(size, name, {k: round(v, 2) for k, v in found[name][-1].items()}, flush=True)
        keep(given.out / f"{size}.json", found)


def keep(file: Path, found: Mapping[str, list[dict[str, float]]]) -> None:
    """The medians, with the machine and the versions, as JSON and on the terminal."""
    medians = {name: {m: statistics.median(r[m] for r in runs) for m in MEASURES} for name, runs in found.items()}
    peer = medians.get("pandoc and Typst, PDF")
    for name, row in medians.items():
        ratio = f"{row['wall'] / peer['wall']:6.2f} {row['cpu'] / peer['cpu']:6.2f}" if peer else ""
        print(f"{name:32} {row['wall']:8.2f} s {row['cpu']:8.2f} s {row['peak']:7.0f} MB {ratio}")
    versions = {name: metadata.version(name) for name in ("weasyprint", "pypandoc_binary", "pikepdf")}
    about: dict[str, Any] = {
        "machine": platform.platform(),
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
        **versions,
    }
    if importlib.util.find_spec("typst"):
        about["typst"] = metadata.version("typst")
    file.write_text(json.dumps({"about": about, "medians": medians, "runs": found}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
