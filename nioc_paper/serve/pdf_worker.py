"""PDF worker of the preview; keeps its engines between builds.

A separate process with low priority, so that pages do not wait for it. It cancels a build when a newer request comes,
and ends, with its engines, when the connection closes.
"""

from __future__ import annotations

import gc
import hashlib
import os
import sys
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from msgspec import Struct

from nioc_paper import tree
from nioc_paper.load.templates import read_templates
from nioc_paper.model import Diagnostic, Node, Templates
from nioc_paper.render.context import Engines, RenderContext
from nioc_paper.render.pdf.pool import RenderCancelledError, WorkerPool
from nioc_paper.render.verify.normalized_text import PdfPages
from nioc_paper.render.write import render_format
from nioc_paper.serve.pdf_preview import PdfRequest, PdfResult
from nioc_paper.system.cache import Cache
from nioc_paper.system.workers import RequestQueue

_NICENESS = 5
"""Increment of the process's niceness."""


def run_worker(connection: Connection, root: Path) -> None:
    """Handle requests until the connection closes."""
    os.nice(_NICENESS)
    gc.disable()  # trees have no cycles
    requests = RequestQueue[PdfRequest]()
    worker, pool = PdfWorker(root, read_templates(root)), WorkerPool(requests.has_pending).prestart()
    requests.listen(connection.recv, on_end=pool.close)  # engines end with the worker
    for request in requests:
        result = worker.make_pdf(request, pool)
        if result:
            connection.send(result)
        pool.clean_up()
        gc.collect()


def main() -> None:
    """Run the worker: `python -m nioc_paper.serve.pdf_worker CONNECTION ROOT`."""
    connection, root = sys.argv[1:]
    run_worker(Connection(int(connection)), Path(root))


class PdfWorker(Struct, dict=True):
    """State from one request to the next."""

    root: Path
    templates: Templates
    blocks: tuple[Node, ...] = ()
    first_changed_block: int | None = None
    """First block that has changed since the last PDF."""
    page_hashes: Sequence[bytes] = ()
    """Hash of each page of the last PDF."""

    def make_pdf(self, request: PdfRequest, pool: WorkerPool) -> PdfResult | None:
        """Make the PDF of a request. Returns None if a newer request cancels it."""
        document, findings = request.document, list[Diagnostic]()
        changed = (i for i, block in enumerate(document.blocks) if self.blocks[i : i + 1] != (block,))
        earlier = () if self.first_changed_block is None else (self.first_changed_block,)
        self.first_changed_block, self.blocks = min((*earlier, *changed), default=None), document.blocks
        pages = [PdfPages()]
        try:
            pool.check_cancelled()
            cache, engines = Cache.for_paper(self.root), Engines(pdf_pool=pool)
            context = RenderContext(self.templates, findings.append, cache, engines, on_pages=pages.append)
            data = render_format("pdf", document, context)
        except RenderCancelledError:
            return None
        return PdfResult(request.number, data, findings, self._find_changed_page(pages[-1]) if data else 0)

    def _find_changed_page(self, pages: PdfPages) -> int:
        """Return the first page that differs from the last PDF, from the first changed chapter on; 0 if none does."""
        first = self.first_changed_block
        name = tree.identifier(self.blocks[first]) if first is not None and first < len(self.blocks) else ""
        hashes = [hashlib.sha256(content).digest() for content in pages.contents]
        before, self.page_hashes, self.first_changed_block = self.page_hashes, hashes, None
        if not before:
            return 0
        changed = (
            index + 1
            for index in range(pages.page_by_id.get(name, 0), len(hashes))
            if hashes[index : index + 1] != before[index : index + 1]
        )
        return next(changed, 0)


if __name__ == "__main__":
    main()
