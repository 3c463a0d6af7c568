"""The child process that runs WeasyPrint: `python -m nioc_paper.render.print.weasy FOLDER`.

Each line that it reads names a job. It reads FOLDER/NAME.json and the files beside it, writes FOLDER/NAME.pdf and
FOLDER/NAME.found.json, and says the name. It opens nothing else, connects to nothing, and ends when it takes too much
memory; who has started it ends it when it takes too much time: a page can ask for any amount of either. When nobody is
left who could name a job it ends at once, in the middle of one too.
"""

from __future__ import annotations

import contextlib
import ctypes.util
import gc
import json
import logging
import os
import queue
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

BASE = "https://paper.invalid/"
PASSES = 6
MEMORY = 3 << 30
_COLLECTED = 4
"""Jobs of which the memory is given back together: to look for it takes a tenth of the time of a job."""
MISSING = 4
"""Exit code when the libraries that WeasyPrint needs are not on this machine."""


class _Log(logging.Handler):
    """WeasyPrint's messages, each once."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: dict[tuple[str, str], None] = {}

    def emit(self, record: logging.LogRecord) -> None:
        self.lines[record.levelname, record.getMessage()] = None


def main(folder: Path) -> int:
    """Render the job in a folder; the exit code."""
    _limit(MEMORY)
    # Its pages hang together in circles, but without the collector their layout takes a quarter less.
    gc.disable()
    if sys.platform == "linux":
        # The loader finds these libraries itself; asking gcc and ldconfig for them costs 50 processes.
        ctypes.util.find_library = lambda name: None  # noqa: ARG005
    from nioc_paper.render.print.late import import_late

    import_late()
    try:
        import weasyprint

        # Ours too, before the first job: who starts this process has something else to do until then.
        from nioc_paper.render.print import bars, closed, finish, guard, lines, piece, read, tagging  # noqa: F401
    except OSError as error:
        _say({"missing": str(error)})
        return MISSING
    sys.addaudithook(_alone)
    gc.freeze()  # what is imported stays
    engine = None
    for number, name in enumerate(_asked(), start=1):
        engine = engine or Engine(weasyprint, folder)  # with the first job all typefaces are there
        job = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        (folder / f"{name}.found.json").write_text(json.dumps(engine.print(name, job)), encoding="utf-8")
        _say({"done": name})
        if number % _COLLECTED == 0:
            gc.collect()
    return 0


def _asked() -> Iterator[str]:
    """The names of jobs as they come."""
    names: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin:
            names.put(line.strip())
        os._exit(0)  # whoever asked is gone, even if it was killed

    Thread(target=read, daemon=True).start()
    while True:
        yield names.get()


def _say(what: dict[str, str]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _alone(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"):
        raise PermissionError(f"a render does not {event}: {arguments!r:.100}")


def _limit(memory: int) -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


class Engine:
    """WeasyPrint with our typefaces, for one job after the other."""

    def __init__(self, weasyprint: Any, folder: Path) -> None:
        from weasyprint.text.fonts import FontConfiguration

        from nioc_paper.render.print import patterns, quicker, tagging

        self.weasyprint, self.folder = weasyprint, folder
        self.fonts = FontConfiguration()
        self.begin = tagging.install()
        self.sheets: dict[Any, Any] = {}
        quicker.install(self.sheets)
        patterns.install()
        self.log = _Log()
        logging.getLogger("weasyprint").addHandler(self.log)

    def print(self, name: str, job: dict[str, Any]) -> dict[str, Any]:
        """Lay a job out and write it; what was found on the way."""
        from nioc_paper.render.print import guard, piece, tagging
        from nioc_paper.render.print.bars import draw_bars
        from nioc_paper.render.print.closed import ClosedFetcher
        from nioc_paper.render.print.lines import number_lines

        blanks = self.begin()
        files = {BASE + path: (mime, self.folder / file) for path, (mime, file) in job["assets"].items()}
        fetcher = ClosedFetcher(files)
        html = self.weasyprint.HTML(string=job["html"], base_url=BASE, url_fetcher=fetcher)
        # Whoever saves the finished file names it: for a name all would be written twice here.
        options = {"pdf_variant": "pdf/a-3b" if job.get("sheet") else "pdf/a-3a", "pdf_identifier": False}
        document, passed = self._laid_out(html, options)
        tagging.link_notes(document.pages)
        file = self.folder / f"{name}.pdf"
        # Compressed when it is finished: once, and by a quicker library.
        document.write_pdf(file, uncompressed_pdf=True, **options)
        if job["lines"]:
            number_lines(self.weasyprint, self.fonts, html.etree_element, document.pages, file)
        if job["bars"]:
            draw_bars(html.etree_element, document.pages, file, job["bars"])
        found = {
            "pages": len(document.pages),
            "main": next((n for n, page in enumerate(document.pages) if "main" in page.anchors), 0),
            "passes": passed,
            "lost_text": guard.lost_text(html.etree_element, document.pages),
            "outside": guard.outside(document.pages),
            "denied": fetcher.denied,
            "log": list(self.log.lines),
        }
        if found["denied"] or found["log"]:
            self.sheets.clear()  # what is said of one is said again in the next job
        if "piece" in job:
            found |= piece.taken(document, blanks, file, job["piece"], sheet=bool(job.get("sheet")))
        return found

    def _laid_out(self, html: Any, options: dict[str, Any]) -> tuple[Any, int]:
        """The pages, with every note on one of them if it can be, and how often that took."""
        from nioc_paper.render.print import guard

        for passed in range(1, PASSES + 1):
            self.log.lines.clear()
            document = html.render(font_config=self.fonts, **options)
            lost = guard.lost_notes(html.etree_element, document.pages)
            if not lost or passed == PASSES:
                break
            guard.keep_together(html.etree_element, lost)
        return document, passed


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
