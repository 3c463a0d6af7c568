"""Live preview: the site of a paper in a browser, updated in place while the paper is written.

`incremental_site` renders pages, `web_app` serves them to this machine, `pdf_preview` makes the PDF.
This module watches files and notifies browsers.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable
from typing import TypeVar

import uvicorn
from watchfiles import awatch

from nioc_paper.app.project import Project
from nioc_paper.app.unsaved_buffers import with_memory_cache
from nioc_paper.serve.incremental_site import IncrementalSite
from nioc_paper.serve.web_app import Preview

__all__ = ["serve"]

HOST = "127.0.0.1"
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
        preview.site.update(preview.site.check_paper())
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
        await asyncio.sleep(0.1)
    preview.broadcast("")


async def _watch_files(preview: Preview) -> None:
    """Update the site after every batch of changes; those during an update are the next batch."""
    root = preview.site.project.root
    watched = [root / name for name in ("chapters", "paper", "contributors.yaml", "reviews") if (root / name).exists()]
    async for _ in awatch(*watched, debounce=_DEBOUNCE_MS, step=_WATCH_STEP_MS):
        async with preview.updating:
            paper = await _run_in_thread(preview.site.check_paper)
            if paper is not None:
                preview.broadcast(preview.format_findings())
                if (pictures := await _run_in_thread(preview.site.update, paper)) is not None:
                    preview.broadcast(preview.format_findings(pictures))
                await _run_in_thread(preview.update_pdf)


async def _run_in_thread(make: Callable[..., T], *arguments: object) -> T | None:
    """Run a function in a thread and return its result; None if it fails, so that later updates still run."""
    try:
        return await asyncio.to_thread(make, *arguments)
    except Exception:  # noqa: BLE001 - the last pages stay
        _LOG.exception("the preview could not be made again; the pages are unchanged")
        return None
