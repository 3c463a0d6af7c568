"""Worker process that runs WeasyPrint: `python -m nioc_paper.render.pdf.worker.main FOLDER`.

Each line of its input names a job. It reads FOLDER/NAME.json and the files beside it, writes FOLDER/NAME.pdf and
FOLDER/NAME.found.json, and answers with the name. It opens no other file and connects to nothing. It ends when it
takes too much memory, and at once when its input is closed; the parent ends it when it takes too much time.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import queue
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import IO, TYPE_CHECKING

from nioc_paper.render.pdf.worker.patches import patch_table
from nioc_paper.render.pdf.worker.patches.state import PatchState
from nioc_paper.system.schedule import is_plain

if TYPE_CHECKING:
    from nioc_paper.render.pdf.worker.engine import Engine

MEMORY_LIMIT = 3 << 30
_OBJECTS_PER_COLLECTION = 600_000
"""Objects, about 70 MB, after which the garbage of jobs is collected. That of a chapter takes a tenth of its time."""
EXIT_MISSING_LIBRARY = 4
"""Exit code if the machine lacks a library that WeasyPrint needs."""
_DENIED_EVENTS = (
    *("socket.connect", "socket.getaddrinfo"),
    *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"),
)


def main(folder: Path) -> int:
    """Do jobs until the input is closed; return the exit code if the engine cannot start."""
    _limit_memory(MEMORY_LIMIT)
    answers = _take_stdout()
    gc.disable()  # pages form reference cycles; still, without it layout takes 25 % less
    try:
        engine = _start_engine(folder)
    except OSError as error:
        _send(answers, {"missing": str(error)})
        return EXIT_MISSING_LIBRARY
    sys.addaudithook(_deny_side_effects)
    gc.freeze()  # imported modules stay
    left = sys.getallocatedblocks()
    for name in _read_job_names():
        job = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        (folder / f"{name}.found.json").write_text(engine.render_job(name, job).header_json(), encoding="utf-8")
        _send(answers, {"done": name})
        if sys.getallocatedblocks() > left + _OBJECTS_PER_COLLECTION:
            gc.collect()
            left = sys.getallocatedblocks()
    return 0


# Python keeps the frames of calls in blocks of 16 KB, and gives a block back as soon as its first frame ends: layout,
# deep in calls, did so 5,700 times for 11 pages. If a function asks for 1 MB, its block has room for all its calls.
if not is_plain():
    main.__code__ = main.__code__.replace(co_stacksize=1 << 17)


def _start_engine(folder: Path) -> Engine:
    """Import WeasyPrint and install the patches."""
    state = PatchState()
    patch_table.install_early_patches(state)
    from nioc_paper.render.pdf.worker.engine import Engine  # imports WeasyPrint

    return Engine(folder, state)


def _read_job_names() -> Iterator[str]:
    """Yield the names of jobs as they come."""
    names: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read_stdin() -> None:
        for line in sys.stdin:
            names.put(line.strip())
        os._exit(0)  # the parent has ended, even if it was killed

    Thread(target=read_stdin, daemon=True).start()
    while True:
        yield names.get()


def _take_stdout() -> IO[str]:
    """Return the standard output; what libraries print goes to standard error (WeasyPrint prints if it lacks Pango)."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _send(answers: IO[str], message: dict[str, str]) -> None:
    answers.write(json.dumps(message) + "\n")
    answers.flush()


def _deny_side_effects(event: str, arguments: tuple[object, ...]) -> None:
    if event in _DENIED_EVENTS:
        raise PermissionError(f"a render does not {event}: {arguments!r:.100}")


def _limit_memory(byte_limit: int) -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (byte_limit, byte_limit))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
