"""Drawing process: it calls vl-convert, which a chart can make run forever or crash.

`python -m nioc_paper.system.drawing CONNECTION` runs it. A request is JSON: the name of a function of vl-convert, its
arguments, its options. The answer is DRAWN and the picture, or FAILED and the reason in one line.
"""

from __future__ import annotations

import json
from functools import cache as once
from importlib import resources
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any

from nioc_paper.system.processes import LimitError
from nioc_paper.system.workers import Worker, WorkerError, serve_requests

DRAWN, FAILED = b"+", b"-"
_SECONDS = 30
_START_LOCK = Lock()
_FONT_PACKAGES = ("font_source_serif_pro", "font_source_sans_pro")


def font_folders() -> tuple[Path, ...]:
    """Return the folders of the font files of our families."""
    return tuple(Path(str(resources.files(package))) / "files" for package in _FONT_PACKAGES)


def call_engine(request: str) -> bytes:
    """Return the engine's answer to a request. Raises ValueError if it draws nothing, or takes too much."""
    try:
        answer = _ask_worker(request)
    except WorkerError:
        # Once more: the system may have ended the process, or another thread because of a picture of its own.
        try:
            answer = _ask_worker(request)
        except WorkerError:
            raise ValueError("it asks for more than can be drawn") from None
    if answer[:1] == DRAWN:
        return answer[1:]
    raise ValueError(answer[1:].decode())


def _ask_worker(request: str) -> bytes:
    """Return the answer of the drawing process. Raises WorkerError, and ValueError if it takes too much."""
    with _START_LOCK:  # two formats may render at once
        worker = _shared_worker()
    try:
        return worker.ask(request.encode(), _SECONDS)
    except WorkerError:
        _end_worker(worker)
        raise
    except LimitError as error:
        _end_worker(worker)
        raise ValueError(f"drawing it takes {error}") from None


@once
def _shared_worker() -> Worker:
    return Worker("nioc_paper.system.drawing")


def _end_worker(worker: Worker) -> None:
    _shared_worker.cache_clear()
    worker.kill()


# --- in the process ---------------------------------------------------------------------------------------------------


def answer_request(request: bytes) -> bytes:
    """Return the answer to a request."""
    function, arguments, options = json.loads(request)
    try:
        result: Any = getattr(_load_engine(), function)(*arguments, **options)
    except (RuntimeError, ValueError) as error:  # SVG that cannot be drawn, a chart that is not valid
        # The other lines are the engine's stack, which does not help authors.
        lines = str(error).splitlines() or [""]
        default = f"Error: {lines[0]}" if isinstance(error, RuntimeError) else "its parts do not fit together"
        return FAILED + next((line for line in lines if "Error: " in line), default).encode()
    return DRAWN + (result.encode() if isinstance(result, str) else bytes(result))


@once
def _load_engine() -> ModuleType:
    import vl_convert  # late: 40 MB, and the process that asks imports this module too

    for folder in font_folders():
        vl_convert.register_font_directory(str(folder))
    return vl_convert


if __name__ == "__main__":
    serve_requests(answer_request)
