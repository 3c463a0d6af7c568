"""The PDF of the paper as it is being written: made once somebody has asked for it, and then after every change.

What is shown is the last PDF of a paper without errors, until there is a newer one. The process of `shop` makes it.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from nioc_paper.cache import FOLDER_VARIABLE
from nioc_paper.model import Document, count
from nioc_paper.serve.messages import PdfProgress, PdfRequest, PdfResult
from nioc_paper.system.processes import python_environment
from nioc_paper.system.workers import Worker

_GONE = "the process that makes the PDF has ended; the next change starts another"

_KEPT = ("HOME", "TMPDIR", "XDG_CONFIG_HOME", FOLDER_VARIABLE)
"""Variables that the worker gets: it reads the machine's fonts, and writes to temporary folders."""


@dataclass
class Printer:
    """One PDF after the other. `news` is called, from any thread, when there is something to tell."""

    root: Path
    news: Callable[[], None] = lambda: None
    asked: bool = False
    """Whether somebody has asked for a PDF since the start: without that none is made."""
    shown: PdfResult | None = None
    why: str = ""
    """Why what is shown is not what is written."""
    number: int = 0
    """Of the order that was given last."""
    document: Document | None = None
    """What was ordered, without its blocks."""
    texts: Sequence[str] = ()
    """The blocks that the process has, each as JSON."""
    sure: bool = False
    """Whether it was found to be without errors."""
    good: PdfResult | None = None
    """The last PDF of a paper without errors."""
    progress: PdfProgress | None = None
    lock: Lock = field(default_factory=Lock)
    _worker: Worker | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a newer PDF than what is shown is being made."""
        return self.document is not None and not self.why and (self.shown is None or self.shown.number != self.number)

    def told(self) -> dict[str, Any]:
        """What a page that shows the PDF has to know."""
        with self.lock:
            shown, parts = self.shown, self.progress
            return {
                "number": shown.number if shown else 0,
                "page": shown.page if shown else 0,
                "busy": self.is_busy,
                "doing": f"{parts.done} of {count(parts.parts, 'part')} laid out" if parts else "",
                "done": parts.done / parts.parts if parts else None,
                "why": self.why,
            }

    def offer(self, document: Document, *, sure: bool) -> None:
        """Have the PDF of a document made, unless that was ordered last. `sure` is one without errors."""
        texts = tuple(map(json.dumps, document.blocks))  # what was kept is not told from what is new
        document = replace(document, blocks=())
        with self.lock:
            if (document, texts) == (self.document, self.texts):
                self.sure = self.sure or sure
                self._keep()
                return
            self.number += 1
            before = self.texts if self._worker else ()
            self.document, self.texts, self.sure, self.why, self.progress = document, texts, sure, "", None
            self._order(before)
        self.news()

    def hold(self, why: str) -> None:
        """Make none for now, and show the last one of a paper without errors."""
        with self.lock:
            self.number += 1  # what is being made is not to be shown
            self.document, self.why, self.shown = None, why, self.good
        self.news()

    def end(self) -> None:
        """End the process."""
        with self.lock:
            if self._worker:
                self._worker.finish()

    # --- the process --------------------------------------------------------------------------------------------------

    def _order(self, before: Sequence[str]) -> None:
        """Order the document, and send of it what has changed."""
        assert self.document
        self._worker = self._worker or self._start()
        new = [None if before[at : at + 1] == (text,) else text for at, text in enumerate(self.texts)]
        with contextlib.suppress(OSError):  # who reads will notice that it has ended
            self._worker.connection.send(PdfRequest(self.number, self.document, new))

    def _start(self) -> Worker:
        environment = python_environment() | {name: os.environ[name] for name in _KEPT if name in os.environ}
        worker = Worker("nioc_paper.serve.shop", str(self.root), env=environment)
        Thread(target=self._read, args=(worker.connection,), daemon=True).start()
        return worker

    def _read(self, line: Connection) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                self._take(line.recv())
                self.news()
        with self.lock:
            self._worker, self.document, self.why = None, None, _GONE
        self.news()

    def _take(self, said: PdfProgress | PdfResult) -> None:
        with self.lock:
            if said.number != self.number:
                return
            if isinstance(said, PdfProgress):
                self.progress = said
            elif said.data is None:
                first = max(said.findings, key=lambda found: found.severity)
                self.why = f"no PDF can be made: {first.place}: {first.message}"
            else:
                self.shown = said
                self._keep()

    def _keep(self) -> None:
        if self.sure and self.shown and self.shown.number == self.number:
            self.good = self.shown
