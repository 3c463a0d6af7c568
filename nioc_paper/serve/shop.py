"""The process that makes PDFs for the preview, one after the other, with engines that stay.

It is a process of its own, and one that lets others go first: the pages are not to wait for it. It gives up what it is
making when it is asked for something newer, and ends, with all that it has started, when there is nobody to ask.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import io
import json
import os
import queue
import shutil
import signal
from collections.abc import Sequence
from dataclasses import dataclass, replace
from multiprocessing import util
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import pikepdf

from nioc_paper import tree
from nioc_paper.cache import Cache
from nioc_paper.model import Diagnostic, Document, Node
from nioc_paper.render.layout import Layout
from nioc_paper.render.print.child import Press, StoppedError
from nioc_paper.render.write import written

_LESS = 5
"""By how much others go first, as `nice` counts."""


@dataclass(frozen=True)
class Order:
    """A document to be made, without what has not changed since the one before."""

    number: int
    document: Document
    blocks: Sequence[str | None]
    """Each as JSON; None is the block that stood there before."""


@dataclass(frozen=True)
class Progress:
    """How many parts of an order are laid out, of those that have to be."""

    number: int
    done: int
    parts: int


@dataclass(frozen=True)
class Made:
    """What became of an order: a PDF, or what is wrong."""

    number: int
    data: bytes | None
    findings: Sequence[Diagnostic]
    page: int
    """The first page that is another than it was, from 1; 0 where none is."""


def work(line: Connection, root: Path, templates: Path) -> None:
    """Make what is asked for, until nobody is there to ask."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal: who asks ends this
    os.nice(_LESS)
    gc.disable()  # trees have no cycles
    orders: queue.SimpleQueue[Order] = queue.SimpleQueue()
    shop, saying = Shop(root, templates), Lock()  # two engines may be done at once

    def progress(done: int, parts: int) -> None:
        with saying:
            line.send(Progress(shop.number, done, parts))

    with Press(lambda: not orders.empty(), progress).warmed_up() as press:
        Thread(target=_listen, args=(line, orders, press.scratch), daemon=True).start()
        while True:
            made = shop.made(orders.get(), press)
            if made:
                line.send(made)
            press.sweep()
            gc.collect()


def _listen(line: Connection, orders: queue.SimpleQueue[Order], scratch: Path) -> None:
    with contextlib.suppress(EOFError, OSError):  # it was killed
        while order := line.recv():
            orders.put(order)
    # Nobody is there to ask. The engines end with this process, and nothing may be left of it.
    shutil.rmtree(scratch, ignore_errors=True)
    # What was shared with the process that draws charts is given back: else there would be a warning.
    util._run_finalizers(0)  # type: ignore[attr-defined] # noqa: SLF001
    os._exit(0)


@dataclass
class Shop:
    """What is known from one order to the next."""

    root: Path
    templates: Path
    number: int = 0
    blocks: Sequence[Node] = ()
    first: int | None = None
    """The first block that has changed since a PDF was made."""
    pages: Sequence[bytes] = ()
    """What stands on each page of the PDF that was made last."""

    def made(self, order: Order, press: Press) -> Made | None:
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
        return Made(order.number, data, found, self._turned_to(data) if data else 0)

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
