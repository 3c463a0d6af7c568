"""The child process that runs WeasyPrint: `python -m nioc_paper.render.pdf.worker.main FOLDER`.

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

BASE_URL = "https://paper.invalid/"
MAX_PASSES = 6
MEMORY_LIMIT = 3 << 30
_JOBS_PER_COLLECTION = 4
"""Jobs of which the memory is given back together: to look for it takes a tenth of the time of a job."""
EXIT_MISSING_LIBRARY = 4
"""Exit code when the libraries that WeasyPrint needs are not on this machine."""


class _LogCollector(logging.Handler):
    """WeasyPrint's messages, each once."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: dict[tuple[str, str], None] = {}

    def emit(self, record: logging.LogRecord) -> None:
        self.lines[record.levelname, record.getMessage()] = None


def main(folder: Path) -> int:
    """Render the job in a folder; the exit code."""
    _limit_memory(MEMORY_LIMIT)
    # Its pages hang together in circles, but without the collector their layout takes a quarter less.
    gc.disable()
    if sys.platform == "linux":
        # The loader finds these libraries itself; asking gcc and ldconfig for them costs 50 processes.
        ctypes.util.find_library = lambda name: None  # noqa: ARG005
    from nioc_paper.render.pdf.worker.patches.lazy_imports import install_lazy_modules

    install_lazy_modules()
    try:
        import weasyprint

        # Ours too, before the first job: who starts this process has something else to do until then.
        from nioc_paper.render.pdf.worker.patches import tagging  # noqa: F401
    except OSError as error:
        _send({"missing": str(error)})
        return EXIT_MISSING_LIBRARY
    sys.addaudithook(_deny_side_effects)
    gc.freeze()  # what is imported stays
    engine = None
    for number, name in enumerate(_read_job_names(), start=1):
        engine = engine or Engine(weasyprint, folder)  # with the first job all typefaces are there
        job = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        (folder / f"{name}.found.json").write_text(json.dumps(engine.render_job(name, job)), encoding="utf-8")
        _send({"done": name})
        if number % _JOBS_PER_COLLECTION == 0:
            gc.collect()
    return 0


def _read_job_names() -> Iterator[str]:
    """The names of jobs as they come."""
    names: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read_stdin() -> None:
        for line in sys.stdin:
            names.put(line.strip())
        os._exit(0)  # whoever asked is gone, even if it was killed

    Thread(target=read_stdin, daemon=True).start()
    while True:
        yield names.get()


def _send(message: dict[str, str]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _deny_side_effects(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"):
        raise PermissionError(f"a render does not {event}: {arguments!r:.100}")


def _limit_memory(byte_limit: int) -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (byte_limit, byte_limit))


class Engine:
    """WeasyPrint with our typefaces, for one job after the other."""

    def __init__(self, weasyprint: Any, folder: Path) -> None:
        from weasyprint.text.fonts import FontConfiguration

        from nioc_paper.render.pdf.worker.patches import hyphenation, speed, tagging

        self.weasyprint, self.folder = weasyprint, folder
        self.font_config = FontConfiguration()
        self.begin_document = tagging.install_tagging()
        self.stylesheet_cache: dict[Any, Any] = {}
        speed.install_patches(self.stylesheet_cache)
        hyphenation.install()
        self.log = _LogCollector()
        logging.getLogger("weasyprint").addHandler(self.log)

    def render_job(self, name: str, job: dict[str, Any]) -> dict[str, Any]:
        """Lay a job out and write it; what was found on the way."""
        from nioc_paper.render.pdf.worker import chapter_pdf, lost_text
        from nioc_paper.render.pdf.worker.change_bars import draw_change_bars
        from nioc_paper.render.pdf.worker.fetcher import ClosedFetcher
        from nioc_paper.render.pdf.worker.line_numbers import draw_line_numbers
        from nioc_paper.render.pdf.worker.patches import tagging

        blanks = self.begin_document()
        files = {BASE_URL + path: (mime, self.folder / file) for path, (mime, file) in job["assets"].items()}
        fetcher = ClosedFetcher(files)
        html = self.weasyprint.HTML(string=job["html"], base_url=BASE_URL, url_fetcher=fetcher)
        # Whoever saves the finished file names it: for a name all would be written twice here.
        options = {"pdf_variant": "pdf/a-3b" if job.get("sheet") else "pdf/a-3a", "pdf_identifier": False}
        document, pass_count = self._lay_out(html, options)
        tagging.link_notes(document.pages)
        file = self.folder / f"{name}.pdf"
        # Compressed when it is finished: once, and by a quicker library.
        document.write_pdf(file, uncompressed_pdf=True, **options)
        if job["lines"]:
            draw_line_numbers(self.weasyprint, self.font_config, html.etree_element, document.pages, file)
        if job["bars"]:
            draw_change_bars(html.etree_element, document.pages, file, job["bars"])
        info = {
            "pages": len(document.pages),
            "main": next((n for n, page in enumerate(document.pages) if "main" in page.anchors), 0),
            "passes": pass_count,
            "lost_text": lost_text.find_lost_text(html.etree_element, document.pages),
            "outside": lost_text.find_text_off_page(document.pages),
            "denied": fetcher.denied,
            "log": list(self.log.lines),
        }
        if info["denied"] or info["log"]:
            self.stylesheet_cache.clear()  # what is said of one is said again in the next job
        if "piece" in job:
            info |= chapter_pdf.extract_info(document, blanks, file, job["piece"], is_background=bool(job.get("sheet")))
        return info

    def _lay_out(self, html: Any, options: dict[str, Any]) -> tuple[Any, int]:
        """The pages, with every note on one of them if it can be, and how often that took."""
        from nioc_paper.render.pdf.worker import lost_text

        for pass_count in range(1, MAX_PASSES + 1):
            self.log.lines.clear()
            document = html.render(font_config=self.font_config, **options)
            lost = lost_text.find_lost_notes(html.etree_element, document.pages)
            if not lost or pass_count == MAX_PASSES:
                break
            lost_text.keep_notes_together(html.etree_element, lost)
        return document, pass_count


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
