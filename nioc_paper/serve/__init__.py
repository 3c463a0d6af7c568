"""The live preview: the site of a paper, made again while it is written and changed in place in the browser.

`studio` makes the pages, `app` serves them to this machine, and here files are watched and browsers are told.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import tzinfo
from functools import partial
from pathlib import Path
from typing import TypeVar

import uvicorn
from watchfiles import awatch

from nioc_paper.lsp.reading import Today
from nioc_paper.model import Paper, Templates
from nioc_paper.serve.app import Preview
from nioc_paper.serve.studio import Change, Studio

HOST = "127.0.0.1"
_WATCHED = ("chapters", "paper", "contributors.yaml", "reviews")
_REST = 0.5
"""Seconds without another change before all that hangs on one is made."""
_LOOK = 0.1
"""Seconds between two looks at whether the server is to end."""
_STEP, _TOGETHER = 10, 30
"""Milliseconds between two looks at what has changed, and for which changes are taken together."""
T = TypeVar("T")
_LOG = logging.getLogger(__name__)


def serve(
    root: Path,
    templates: Templates,
    today: Today,
    zone: Callable[[Paper], tzinfo],
    port: int,
    ready: Callable[[str], None],
) -> None:
    """Serve a paper until interrupted. `ready` is told the address. Raises OSError for a port that is taken."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
        port = listening.getsockname()[1]
        preview = Preview(Studio(root, today, zone), templates)
        preview.studio.everything(preview.studio.checked())
        app = preview.app([f"{name}:{port}" for name in (HOST, "localhost")])
        config = uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1, access_log=False)
        with contextlib.suppress(KeyboardInterrupt), contextlib.closing(preview):
            asyncio.run(_run(preview, uvicorn.Server(config), listening, lambda: ready(f"http://{HOST}:{port}/")))


async def _run(preview: Preview, server: uvicorn.Server, listening: socket.socket, ready: Callable[[], None]) -> None:
    watching, loop = asyncio.create_task(_watch(preview)), asyncio.get_running_loop()
    ending = asyncio.create_task(_end(preview, server))
    preview.printer.news = lambda: _soon(loop, lambda: preview.tell(preview.print_news()))
    loop.call_later(0.1, ready)
    try:
        await server.serve([listening])
    finally:
        watching.cancel()
        ending.cancel()


async def _end(preview: Preview, server: uvicorn.Server) -> None:
    """Let browsers go when the server is to end: it waits for their requests, and would say that it cannot."""
    while not server.should_exit:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(_LOOK)
    preview.tell("")


def _soon(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    with contextlib.suppress(RuntimeError):  # the loop has ended
        loop.call_soon_threadsafe(call)


async def _watch(preview: Preview) -> None:
    """Make what has changed: a chapter at once, all that hangs on it when its writer rests."""
    newer = asyncio.Event()
    task: asyncio.Task[None] | None = None
    try:
        async for paths in _changes(preview.studio.root):
            newer.set()
            changes = [await _shown(preview, path) for path in paths if path.endswith(".md")]
            printing = asyncio.create_task(_made(partial(preview.print, sure=False))) if any(changes) else None
            if task:
                await task
            if printing:
                await printing
            newer.clear()
            task = asyncio.create_task(_rest(preview, newer))
    finally:
        newer.set()  # what is still being made gives up, and the program can end


async def _shown(preview: Preview, path: str) -> bool:
    """Show a chapter that has changed; whether that changes anything."""
    change = await _made(preview.studio.chapter, path)
    if change is not None:
        preview.say(change)
    return bool(change)


async def _rest(preview: Preview, newer: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(newer.wait(), _REST)
    paper = None if newer.is_set() else await _made(preview.studio.checked)
    if paper is not None:
        preview.say(Change())
        if change := await _made(preview.studio.everything, paper, newer.is_set):
            preview.say(change)
        if not newer.is_set():
            await _made(partial(preview.print, sure=True))


async def _made(make: Callable[..., T], *arguments: object) -> T | None:
    """What a function makes; None when it fails, for that must not end what comes after."""
    try:
        return await asyncio.to_thread(make, *arguments)
    except Exception:  # noqa: BLE001 - the pages of before are still there
        _LOG.exception("the preview could not be made again; the pages are those of before")
        return None


async def _changes(root: Path) -> AsyncIterator[Iterable[str]]:
    """The paths of files that have changed, together."""
    there = [root / name for name in _WATCHED if (root / name).exists()]
    async for found in awatch(*there, debounce=_TOGETHER, step=_STEP):
        yield sorted({Path(path).relative_to(root).as_posix() for _, path in found})
