"""The process that makes PDFs for the preview, one after the other, with engines that stay.

It is a process of its own, and one that lets others go first: the pages are not to wait for it. It gives up what it is
making when it is asked for something newer, and ends, with all that it has started, when there is nobody to ask.
"""

from __future__ import annotations

import gc
import hashlib
import io
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock
from typing import Any

import pikepdf

from nioc_paper import tree
from nioc_paper.cache import Cache
from nioc_paper.load.templates import read_templates
from nioc_paper.model import Diagnostic, Node, Templates
from nioc_paper.render.layout import Layout
from nioc_paper.render.print.child import Press, StoppedError
from nioc_paper.render.write import written
from nioc_paper.serve.messages import PdfProgress, PdfRequest, PdfResult
from nioc_paper.system.workers import Requests

_LESS = 5
"""By how much others go first, as `nice` counts."""


def work(line: Connection, root: Path) -> None:
    """Make what is asked for, until nobody is there to ask."""
    os.nice(_LESS)
    gc.disable()  # trees have no cycles
    orders = Requests[PdfRequest]()
    shop, saying = Shop(root, read_templates(root)), Lock()  # two engines may be done at once

    def progress(done: int, parts: int) -> None:
        with saying:
            line.send(PdfProgress(shop.number, done, parts))

    press = Press(orders.are_waiting, progress).warmed_up()
    orders.listen(line.recv, on_end=press.close)  # nothing may be left of the engines
    for order in orders:
        made = shop.made(order, press)
        if made:
            line.send(made)
        press.sweep()
        gc.collect()


def main() -> None:
    """Run the worker: `python -m nioc_paper.serve.shop CONNECTION ROOT`."""
    connection, root = sys.argv[1:]
    work(Connection(int(connection)), Path(root))


@dataclass
class Shop:
    """What is known from one order to the next."""

    root: Path
    templates: Templates
    number: int = 0
    blocks: Sequence[Node] = ()
    first: int | None = None
    """The first block that has changed since a PDF was made."""
    pages: Sequence[bytes] = ()
    """What stands on each page of the PDF that was made last."""

    def made(self, order: PdfRequest, press: Press) -> PdfResult | None:
        """What becomes of an order; None when there is a newer one."""
        self.number = order.number
        changed = [at for at, new in enumerate(order.blocks) if new]
        self.first = min((at for at in (self.first, *changed) if at is not None), default=None)
        self.blocks = [json.loads(new) if new else self.blocks[at] for at, new in enumerate(order.blocks)]
        document, found = replace(order.document, blocks=tuple(self.blocks)), list[Diagnostic]()
        try:
            press.go_on()
            data = written("pdf", document, self.templates, found.append, Cache.of(self.root), Layout(press=press))
        except StoppedError:
            return None
        return PdfResult(order.number, data, found, self._turned_to(data) if data else 0)

    def _turned_to(self, data: bytes) -> int:
        """The first page that is another than before, from where the first chapter that has changed begins."""
        name = (
            tree.identifier(self.blocks[self.first]) if self.first is not None and self.first < len(self.blocks) else ""
        )
        with pikepdf.open(io.BytesIO(data)) as pdf:
            first = _place(pdf, name)
            pages = [hashlib.sha256(_content(page)).digest() for page in pdf.pages]
        before, self.pages, self.first = self.pages, pages, None
        if not before:
            return 0
        changed = (at + 1 for at in range(first, len(pages)) if pages[at : at + 1] != before[at : at + 1])
        return next(changed, 0)


def _content(page: pikepdf.Page) -> bytes:
    content: Any = page.obj.Contents
    parts = content if isinstance(content, pikepdf.Array) else [content]
    return b"".join(part.read_raw_bytes() for part in parts)


def _place(pdf: pikepdf.Pdf, name: str) -> int:
    """The index of the page that a name leads to; 0 for one that leads nowhere."""
    root: Any = pdf.Root
    named = root.Names.Dests.Names if "/Names" in root and "/Dests" in root.Names else ()
    at = next((n for n in range(0, len(named), 2) if str(named[n]) == name), None)
    return 0 if at is None else pikepdf.Page(named[at + 1][0]).index


if __name__ == "__main__":
    main()
