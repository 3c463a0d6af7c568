"""Worker process that renders a paper's own templates: `python -m nioc_paper.render.common.template_worker CONNECTION`.

The first request is the templates, each other one the name of a template and its context. The answer is PAGE and the
page, or FAULT and the template, the line and the reason as JSON.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import sys
from typing import Any

from nioc_paper.model import TemplateError
from nioc_paper.render.common import templating
from nioc_paper.system.workers import serve_requests

_MEMORY = 768 * 2**20
_REFUSED_EVENTS = {
    *("socket.connect", "socket.getaddrinfo"),
    *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork"),
}


class RequestHandler:
    """Handler of requests."""

    environment: Any = None

    def __call__(self, request: bytes) -> bytes:
        """Return the answer to a request of our own parent."""
        message = pickle.loads(request)  # noqa: S301 - from the process that started this one
        if self.environment is None:
            self.environment = templating.create_environment(message)
            return templating.PAGE_ANSWER
        try:
            return templating.PAGE_ANSWER + templating.render_template(self.environment, *message).encode(
                errors="replace"
            )
        except TemplateError as error:
            return templating.FAULT_ANSWER + json.dumps([error.name, error.line, error.reason]).encode()
        except MemoryError:
            return templating.FAULT_ANSWER + json.dumps([message[0], 0, "needs more memory than allowed"]).encode()


def main() -> None:
    """Limit this process, and answer."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    sys.addaudithook(_refuse_event)
    serve_requests(RequestHandler())


def _refuse_event(event: str, arguments: tuple[object, ...]) -> None:
    if event in _REFUSED_EVENTS or (event == "open" and not _is_readable_code(*arguments)):
        raise PermissionError(f"a template does not {event}: {arguments!r:.100}")


def _is_readable_code(path: object, mode: object, flags: object) -> bool:
    """Return whether a file is opened for reading only, and Python may still have to import it."""
    writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    return not writes and mode in ("r", "rb", None) and str(path).startswith((sys.prefix, sys.base_prefix))


if __name__ == "__main__":
    main()
