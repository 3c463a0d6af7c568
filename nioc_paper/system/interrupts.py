"""Interrupts by signals: Ctrl-C, and the end of a terminal or of a session."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType

INTERRUPTING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_IMPORTER_FILE = "<frozen importlib._bootstrap>"
_SECONDS_TO_IMPORT = 0.02
"""Pause between two tries; pikepdf takes 0.1 s."""


def raise_at_signals() -> None:
    """Raise KeyboardInterrupt at each of these signals, so that temporary files are removed.

    An ignored signal stays ignored, as `nohup` wants it.
    """
    for signal_number in INTERRUPTING:
        if signal.getsignal(signal_number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(signal_number, _raise_interrupt)


def _raise_interrupt(signal_number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt, or send the signal again later if a module is being imported.

    The exception would abort the import of a compiled module with the whole process, and become another one in that of
    a dataclass: 15 of 60 interrupts in the import of pikepdf ended with an error.
    """
    while frame and frame.f_code.co_filename != _IMPORTER_FILE:
        frame = frame.f_back
    if frame is None:
        raise KeyboardInterrupt
    timer = threading.Timer(_SECONDS_TO_IMPORT, os.kill, (os.getpid(), signal_number))
    timer.daemon = True
    timer.start()
