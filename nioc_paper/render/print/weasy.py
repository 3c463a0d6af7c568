"""The child process that runs WeasyPrint: `python -m nioc_paper.render.print.weasy FOLDER`.

It reads FOLDER/job.json and the files beside it, and writes FOLDER/paper.pdf and FOLDER/found.json. It opens nothing
else, connects to nothing, and ends when it takes too much time or memory: a page can ask for any amount of either.
"""

from __future__ import annotations

import contextlib
import ctypes.util
import gc
import json
import logging
import sys
from pathlib import Path
from typing import Any

BASE = "https://paper.invalid/"
PASSES = 6
MEMORY = 3 << 30
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
    # The engine makes no cycles worth collecting, and without the collector its layout takes a quarter less.
    gc.disable()
    if sys.platform == "linux":
        # The loader finds these libraries itself; asking gcc and ldconfig for them costs 50 processes.
        ctypes.util.find_library = lambda name: None  # noqa: ARG005
    try:
        import weasyprint
    except OSError as error:
        (folder / "found.json").write_text(json.dumps({"missing": str(error)}), encoding="utf-8")
        return MISSING
    sys.addaudithook(_alone)
    found = _render(weasyprint, json.loads((folder / "job.json").read_text(encoding="utf-8")), folder)
    (folder / "found.json").write_text(json.dumps(found), encoding="utf-8")
    return 0


def _alone(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"):
        raise PermissionError(f"a render does not {event}: {arguments!r:.100}")


def _limit(memory: int) -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _render(weasyprint: Any, job: dict[str, Any], folder: Path) -> dict[str, Any]:
    from weasyprint.text.fonts import FontConfiguration

    from nioc_paper.render.print import guard, tagging
    from nioc_paper.render.print.bars import draw_bars
    from nioc_paper.render.print.closed import ClosedFetcher
    from nioc_paper.render.print.lines import number_lines

    tagging.install()
    log = _Log()
    logging.getLogger("weasyprint").addHandler(log)
    fetcher = ClosedFetcher({BASE + name: (mime, folder / file) for name, (mime, file) in job["assets"].items()})
    fonts = FontConfiguration()
    html = weasyprint.HTML(string=job["html"], base_url=BASE, url_fetcher=fetcher)
    options = {"pdf_variant": "pdf/a-3a"}
    for passed in range(1, PASSES + 1):
        log.lines.clear()
        document = html.render(font_config=fonts, **options)
        lost = guard.lost_notes(html.etree_element, document.pages)
        if not lost or passed == PASSES:
            break
        guard.keep_together(html.etree_element, lost)
    tagging.link_notes(document.pages)
    document.write_pdf(folder / "paper.pdf", **options)
    if job["lines"]:
        number_lines(weasyprint, fonts, html.etree_element, document.pages, folder / "paper.pdf")
    if job["bars"]:
        draw_bars(html.etree_element, document.pages, folder / "paper.pdf", job["bars"])
    return {
        "pages": len(document.pages),
        "main": next((n for n, page in enumerate(document.pages) if "main" in page.anchors), 0),
        "passes": passed,
        "lost_text": guard.lost_text(html.etree_element, document.pages),
        "outside": guard.outside(document.pages),
        "denied": fetcher.denied,
        "log": list(log.lines),
    }


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
