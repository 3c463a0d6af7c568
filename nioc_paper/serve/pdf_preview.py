"""PDF of the preview: made on the first request for it, and then after every change without an error.

The preview shows the last PDF until there is a newer one. A newer request cancels the one in work; finished chapters
are in the cache. The layout engines stay between requests.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread, get_native_id
from typing import NamedTuple

from msgspec import Struct, field

from nioc_paper import tree
from nioc_paper.model import Diagnostic, Document, Node, Templates
from nioc_paper.render.context import Engines, RenderContext
from nioc_paper.render.pdf.worker_pool import RenderCancelledError, WorkerPool
from nioc_paper.render.verify.normalized_text import PdfPages
from nioc_paper.render.write import render_format
from nioc_paper.system.cache import Cache

_NICENESS = 5
"""Niceness of the thread and its engines, so that pages do not wait for them."""


class ShownPdf(NamedTuple):
    """PDF of a request."""

    number: int
    data: bytes
    blocks: Sequence[Node]
    page_hashes: Sequence[bytes]
    first_changed_page: int
    """The first page that differs from the PDF before, from 1; 0 if none does."""


class PdfPreview(Struct, dict=True):
    """Requests for PDFs, and the PDF shown. `on_change` is called, from any thread, when the status changes."""

    root: Path
    templates: Templates
    on_change: Callable[[], None] = lambda: None
    is_enabled: bool = False
    """Whether a browser has requested a PDF; none is made before."""
    shown: ShownPdf | None = None
    reason: str = ""
    """Reason why the PDF shown is not up to date."""
    number: int = 0
    """Number of the last request."""
    document: Document | None = None
    """Document of the last request."""
    lock: Lock = field(default_factory=Lock)
    _requests: SimpleQueue[tuple[int, Document]] = field(default_factory=SimpleQueue)
    _pool: WorkerPool | None = None

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
            self._requests.put((self.number, document))
            if self._pool is None:
                self._pool = WorkerPool(lambda: not self._requests.empty())
                Thread(target=self._make_pdfs, args=(self._pool,), daemon=True).start()
        self.on_change()

    def pause(self, reason: str) -> None:
        """Stop making PDFs; the one shown stays."""
        with self.lock:
            self.number += 1  # a running request is outdated
            self.document, self.reason = None, reason
        self.on_change()

    def close(self) -> None:
        """End the engines."""
        if self._pool:
            self._pool.close()

    # --- thread -------------------------------------------------------------------------------------------------------

    def _make_pdfs(self, pool: WorkerPool) -> None:
        if sys.platform == "linux":  # elsewhere a thread has no priority of its own, which its children get
            os.setpriority(os.PRIO_PROCESS, get_native_id(), _NICENESS)
        pool.prestart()
        while True:
            number, document = self._requests.get()
            with contextlib.suppress(RenderCancelledError):
                try:
                    self._make_pdf(number, document, pool)
                except Exception as error:  # noqa: BLE001 - the next change is another try
                    self.pause(f"no PDF can be made: {type(error).__name__}: {error}")
                pool.clean_up()
            self.on_change()

    def _make_pdf(self, number: int, document: Document, pool: WorkerPool) -> None:
        findings, pages, engines = list[Diagnostic](), [PdfPages()], Engines(pdf_pool=pool)
        cache = Cache.for_paper(self.root)
        context = RenderContext(self.templates, findings.append, cache, engines, on_pages=pages.append)
        data = render_format("pdf", document, context)
        hashes = [hashlib.sha256(content).digest() for content in pages[-1].contents]
        with self.lock:
            if number != self.number:
                return
            if data is None:
                first = max(findings, key=lambda d: d.severity)
                self.reason = f"no PDF can be made: {first.place}: {first.message}"
            else:
                changed_page = _find_changed_page(self.shown, document.blocks, hashes, pages[-1].page_by_id)
                self.shown = ShownPdf(number, data, document.blocks, hashes, changed_page)


def _find_changed_page(
    before: ShownPdf | None, blocks: Sequence[Node], hashes: Sequence[bytes], page_by_id: Mapping[str, int]
) -> int:
    """Return the first page that differs from the PDF before, from the first changed chapter on; 0 if none does."""
    if before is None:
        return 0
    first = next((block for n, block in enumerate(blocks) if before.blocks[n : n + 1] != (block,)), None)
    start = page_by_id.get(tree.identifier(first), 0) if first else 0
    return next((n + 1 for n in range(start, len(hashes)) if hashes[n : n + 1] != before.page_hashes[n : n + 1]), 0)
