"""Live preview: the site of a paper in a browser, updated in place while the paper is written.

`incremental_site` renders pages, `web_app` serves them to this machine, `pdf_preview` and `pdf_worker` make the PDF.
This module watches files and notifies browsers.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TypeVar

import uvicorn
from watchfiles import awatch

from nioc_paper.app.live import with_memory_cache
from nioc_paper.app.project import Project
from nioc_paper.model import Document
from nioc_paper.serve.incremental_site import IncrementalSite, SiteChange
from nioc_paper.serve.web_app import Preview
from nioc_paper.system.schedule import start_thread

__all__ = ["serve"]

HOST = "127.0.0.1"
_WATCHED_PATHS = ("chapters", "paper", "contributors.yaml", "reviews")
_IDLE_SECONDS = 0.5
"""Seconds without another change before the whole site is updated."""
_SHUTDOWN_POLL_SECONDS = 0.1
"""Seconds between two checks for a shutdown."""
_WATCH_STEP_MS, _DEBOUNCE_MS = 10, 30
"""Milliseconds between two checks for changes, and for which changes are combined."""
T = TypeVar("T")
_LOG = logging.getLogger(__name__)


def serve(project: Project, port: int, ready: Callable[[str], None]) -> None:
    """Serve a paper until interrupted. `ready` gets the address. Raises OSError if the port is in use."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        port = listener.getsockname()[1]
        preview = Preview(IncrementalSite(with_memory_cache(project)), project.templates)
        preview.site.update_all(preview.site.check_paper())
        app = preview.asgi_app([f"{name}:{port}" for name in (HOST, "localhost")])
        config = uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1, access_log=False)
        with contextlib.suppress(KeyboardInterrupt), contextlib.closing(preview.pdf):
            asyncio.run(_run_server(preview, uvicorn.Server(config), listener, lambda: ready(f"http://{HOST}:{port}/")))


async def _run_server(
    preview: Preview, server: uvicorn.Server, listener: socket.socket, ready: Callable[[], None]
) -> None:
    watch_task, loop = asyncio.create_task(_watch_files(preview)), asyncio.get_running_loop()
    shutdown_task = asyncio.create_task(_release_browsers(preview, server))

    def notify_browsers() -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(lambda: preview.broadcast(preview.format_pdf_status()))

    preview.pdf.on_change = notify_browsers
    loop.call_later(0.1, ready)
    try:
        await server.serve([listener])
    finally:
        watch_task.cancel()
        shutdown_task.cancel()


async def _release_browsers(preview: Preview, server: uvicorn.Server) -> None:
    """End the event streams at shutdown: the server waits for open requests, and logs those that stay open."""
    while not server.should_exit:  # noqa: ASYNC110 - it sends no event
        await asyncio.sleep(_SHUTDOWN_POLL_SECONDS)
    preview.broadcast("")


async def _watch_files(preview: Preview) -> None:
    """Update a changed chapter at once, and the whole site when no more changes come."""
    superseded = asyncio.Event()
    task: asyncio.Task[None] | None = None
    try:
        async for paths in _watch_changes(preview.site.project.root):
            superseded.set()
            for path in (path for path in paths if path.endswith(".md")):
                for wait_for_request in await _show_chapter(preview, path):
                    await _run_in_thread(wait_for_request)
            if task:
                await task
            superseded.clear()
            task = asyncio.create_task(_show_all_when_idle(preview, superseded))
    finally:
        superseded.set()  # running updates stop, so that the process can end


async def _show_chapter(preview: Preview, path: str) -> list[Callable[[], None]]:
    """Update and send a changed chapter; its PDF is requested while its page is rendered.

    Returns the functions that wait for the requests.
    """
    pdf_requests: list[Callable[[], None]] = []

    def request_pdf(document: Document) -> None:
        pdf_requests.append(start_thread(partial(preview.update_pdf, document, checked=False)))

    change = await _run_in_thread(preview.site.update_chapter, path, request_pdf)
    if change is not None:
        preview.send_change(change)
    return pdf_requests


async def _show_all_when_idle(preview: Preview, superseded: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(superseded.wait(), _IDLE_SECONDS)
    async with preview.updating:
        paper = None if superseded.is_set() else await _run_in_thread(preview.site.check_paper)
        if paper is not None:
            preview.send_change(SiteChange())
            if change := await _run_in_thread(preview.site.update_all, paper, superseded.is_set):
                preview.send_change(change)
            if not superseded.is_set():
                await _run_in_thread(partial(preview.update_pdf, checked=True))


async def _run_in_thread(make: Callable[..., T], *arguments: object) -> T | None:
    """Run a function in a thread and return its result; None if it fails, so that later updates still run."""
    try:
        return await asyncio.to_thread(make, *arguments)
    except Exception:  # noqa: BLE001 - the last pages stay
        _LOG.exception("the preview could not be made again; the pages are unchanged")
        return None


async def _watch_changes(root: Path) -> AsyncIterator[Iterable[str]]:
    """Yield the paths of changed files, batch by batch."""
    watched = [root / name for name in _WATCHED_PATHS if (root / name).exists()]
    async for events in awatch(*watched, debounce=_DEBOUNCE_MS, step=_WATCH_STEP_MS):
        yield sorted({Path(path).relative_to(root).as_posix() for _, path in events})
