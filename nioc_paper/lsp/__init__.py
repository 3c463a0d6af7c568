"""Language server: findings, completion, hover and definitions while a text is typed.

`names`, `cursor` and `occurrences` are pure; `server` debounces checks and speaks the protocol. Nothing is
written to disk.
"""

from __future__ import annotations

import logging
import os
from datetime import date

from nioc_paper.app.errors import AppError
from nioc_paper.program_name import command_line

__all__ = ["serve"]


class _LogLine(logging.Formatter):
    """A record as one line; its traceback only with NIOC_DEBUG."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        if "NIOC_DEBUG" in os.environ:
            return super().format(record)
        error = record.exc_info[1] if record.exc_info else None
        reason = f": {type(error).__name__}: {error}" if error else ""
        message = record.getMessage().partition("\n")[0]  # pygls adds tracebacks to it
        return f"{command_line('lsp')}: {' '.join(f'{message}{reason}'.split())[:300]}"


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a record tells more than the editor has as the answer to its request."""
    from pygls.exceptions import JsonRpcException

    return not (record.exc_info and isinstance(record.exc_info[1], JsonRpcException))


def serve(today: date | None = None) -> None:
    """Serve one editor on standard input and output until it leaves.

    Raises ImportError if pygls is missing, AppError if the editor announces a message without end.
    """
    # Late: the command reports a missing package.
    from nioc_paper.lsp.requests import Requests
    from nioc_paper.lsp.server import PaperLanguageServer

    # Stray output goes to standard error: a word between two messages would break the protocol.
    with os.fdopen(os.dup(1), "wb") as editor:
        os.dup2(2, 1)
        # Log warnings of the protocol to standard error, without tracebacks
        handler = logging.StreamHandler()
        handler.setFormatter(_LogLine())
        handler.addFilter(_is_news)
        logging.basicConfig(level=logging.WARNING, handlers=[handler])
        server = PaperLanguageServer(today)
        Requests(server).register()
        try:
            server.start_io(stdout=editor)
        except MemoryError:
            raise AppError("the editor announced a message that is larger than the memory") from None
