"""PDF of the preview: made on the first request for it, and then after every change.

The preview shows the last PDF of a paper without errors, until there is a newer one. `pdf_worker` makes it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock, Thread

from msgspec import Struct, field

from nioc_paper.model import Diagnostic, Document
from nioc_paper.system.processes import LimitError
from nioc_paper.system.workers import Worker


class PdfRequest(Struct, frozen=True, dict=True):
    """A document to lay out."""

    number: int
    document: Document


class PdfResult(Struct, frozen=True, dict=True):
    """The PDF of a request, or its errors."""

    number: int
    data: bytes | None
    findings: Sequence[Diagnostic]
    first_changed_page: int
    """The first page that differs from the PDF before, from 1; 0 if none does."""


_WORKER_ENDED = "the process that makes the PDF has ended; the next change starts another"


class PdfPreview(Struct, dict=True):
    """Requests to the PDF worker and its results. `on_change` is called, from any thread, when the status changes."""

    root: Path
    on_change: Callable[[], None] = lambda: None
    is_enabled: bool = False
    """Whether a browser has requested a PDF; none is made before."""
    shown: PdfResult | None = None
    reason: str = ""
    """Reason why the PDF shown is not up to date."""
    number: int = 0
    """Number of the last request."""
    document: Document | None = None
    """Document of the last request."""
    lock: Lock = field(default_factory=Lock)
    _worker: Worker | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a newer PDF than the one shown is being made."""
        shown = self.shown  # read once: another thread may ask without the lock
        return self.document is not None and not self.reason and (shown is None or shown.number != self.number)

    def status(self) -> dict[str, object]:
        """Return the status for a page that shows the PDF. The keys are those of live.js.

        `number` is the request of the PDF shown, 0 without one, `page` the first that differs from the PDF before,
        `why` tells why the PDF is not up to date.
        """
        with self.lock:
            number, page = (self.shown.number, self.shown.first_changed_page) if self.shown else (0, 0)
            return {"number": number, "page": page, "busy": self.is_busy, "why": self.reason}

    def request(self, document: Document) -> None:
        """Request the PDF of a document without errors, unless the last request was the same."""
        with self.lock:
            if document == self.document:
                return
            self.number += 1
            self.document, self.reason = document, ""
            self._worker = self._worker or self._start_worker()
            with contextlib.suppress(OSError):  # the reading thread notices that it has ended
                self._worker.connection.send(PdfRequest(self.number, document))
        self.on_change()

    def pause(self, reason: str) -> None:
        """Stop making PDFs; the one shown stays."""
        with self.lock:
            self.number += 1  # a running request is outdated
            self.document, self.reason = None, reason
        self.on_change()

    def close(self) -> None:
        """End the worker."""
        with self.lock:
            if self._worker:
                self._worker.close()

    # --- worker -------------------------------------------------------------------------------------------------------

    def _start_worker(self) -> Worker:
        worker = Worker("nioc_paper.serve.pdf_worker", str(self.root.absolute()), kind="tool")
        Thread(target=self._receive_messages, args=(worker,), daemon=True).start()
        return worker

    def _receive_messages(self, worker: Worker) -> None:
        try:
            while True:
                worker.wait_for_message(lambda: self.is_busy)
                self._handle_result(worker.connection.recv())
                self.on_change()
        except (EOFError, OSError, LimitError):  # it has ended, or hangs
            worker.kill()
        with self.lock:
            self._worker, self.document, self.reason = None, None, _WORKER_ENDED
        self.on_change()

    def _handle_result(self, result: PdfResult) -> None:
        with self.lock:
            if result.number != self.number:
                return
            if result.data is None:
                first = max(result.findings, key=lambda d: d.severity)
                self.reason = f"no PDF can be made: {first.place}: {first.message}"
            else:
                self.shown = result
