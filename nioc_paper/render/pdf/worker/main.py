"""Worker process that runs WeasyPrint: `python -m nioc_paper.render.pdf.worker.main CONNECTION`.

A request is a job with its files, the answer its result, both as msgpack. It connects to nothing. It ends when it takes
too much memory, and at once when its connection is closed; the parent ends it when it takes too much time.
"""

from __future__ import annotations

import contextlib
import gc
import sys
from typing import TYPE_CHECKING

from msgspec import msgpack

from nioc_paper.render.pdf.worker.patches import patch_table
from nioc_paper.render.pdf.worker.patches.patch_state import PatchState
from nioc_paper.render.pdf.worker_messages import JobResult, LayoutReport, PageJob
from nioc_paper.system.concurrency import is_plain
from nioc_paper.system.workers import serve_requests

if TYPE_CHECKING:
    from nioc_paper.render.pdf.worker.engine import Engine

MEMORY_LIMIT = 3 << 30
_OBJECTS_PER_COLLECTION = 600_000
"""Objects, about 70 MB, after which the garbage of jobs is collected. That of a chapter takes a tenth of its time."""
_DENIED_EVENTS = (
    *("socket.connect", "socket.getaddrinfo"),
    *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"),
)


def main() -> None:
    """Start the engine, and answer jobs until the connection is closed."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    gc.disable()  # pages form reference cycles; still, without it layout takes 25 % less
    try:
        engine = _start_engine()
    except OSError as error:
        missing = JobResult(LayoutReport(missing_library=str(error))).encode()
        serve_requests(lambda _: missing)
    sys.addaudithook(_deny_side_effects)
    gc.freeze()  # imported modules stay
    blocks_before = sys.getallocatedblocks()

    def answer(request: bytes) -> bytes:
        if sys.getallocatedblocks() > blocks_before + _OBJECTS_PER_COLLECTION:
            gc.collect()
        try:
            return engine.render_job(msgpack.decode(request, type=PageJob)).encode()
        except Exception as error:  # noqa: BLE001 - an engine can raise anything
            return JobResult(LayoutReport(failure=f"{type(error).__name__}: {error}")).encode()

    # Python keeps the frames of calls in blocks of 16 KB, and gives a block back as soon as its first frame ends:
    # layout, deep in calls, did so 5,700 times for 11 pages. If a function asks for 1 MB, its block has room for all.
    if not is_plain():
        answer.__code__ = answer.__code__.replace(co_stacksize=1 << 17)
    serve_requests(answer)


def _start_engine() -> Engine:
    """Import WeasyPrint and install the patches."""
    state = PatchState()
    patch_table.install_early_patches(state)
    from nioc_paper.render.pdf.worker.engine import Engine  # imports WeasyPrint

    return Engine(state)


def _deny_side_effects(event: str, arguments: tuple[object, ...]) -> None:
    if event in _DENIED_EVENTS:
        raise PermissionError(f"a render does not {event}: {arguments!r:.100}")


if __name__ == "__main__":
    main()
