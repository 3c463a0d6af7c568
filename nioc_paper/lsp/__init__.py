"""A language server: the findings as one types, and what every id means, in any editor that speaks the protocol.

Names, places and answers are pure; `desk` owns the waiting, `server` the protocol. Nothing is written to disk.
"""

from __future__ import annotations

import os
from datetime import date

__all__ = ["serve"]


def serve(today: date | None = None) -> None:
    """Serve one editor on standard input and output until it leaves. Raises ImportError where pygls is missing."""
    from nioc_paper.lsp.server import PaperLanguageServer  # late: a message can say what is missing

    # Whatever prints, prints to standard error: a word between two messages would end the conversation.
    with os.fdopen(os.dup(1), "wb") as editor:
        os.dup2(2, 1)
        PaperLanguageServer(today).start_io(stdout=editor)
