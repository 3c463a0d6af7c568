"""Interrupts by signals: Ctrl-C, and the end of a terminal or of a session."""

from __future__ import annotations

import os
import signal
import threading
from importlib.machinery import ExtensionFileLoader
from types import FrameType

INTERRUPTING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LOADER_FILE = "<frozen importlib._bootstrap_external>"
_LOADING_FUNCTIONS = ("create_module", "exec_module")
_SECONDS_TO_LOAD = 0.02
"""Pause between two tries; pikepdf takes 0.1 s."""


def raise_at_signals() -> None:
    """Raise KeyboardInterrupt at each of these signals, so that temporary files are removed.

    An ignored signal stays ignored, as `nohup` wants it.
    """
    for signal_number in INTERRUPTING:
        if signal.getsignal(signal_number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(signal_number, _raise_interrupt)


def _raise_interrupt(signal_number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt, or send the signal again later if a compiled module is being imported.

    In its import the exception would end the process with an error: 14 of 60 interrupts of pikepdf's did.
    """
    if not _is_loading_compiled_module(frame):
        raise KeyboardInterrupt
    timer = threading.Timer(_SECONDS_TO_LOAD, os.kill, (os.getpid(), signal_number))
    timer.daemon = True
    timer.start()


def _is_loading_compiled_module(frame: FrameType | None) -> bool:
    """Return whether a caller of the frame runs the code of a compiled module's import."""
    while frame:
        code = frame.f_code
        is_of_loader = code.co_filename == _LOADER_FILE and code.co_name in _LOADING_FUNCTIONS
        if is_of_loader and isinstance(frame.f_locals.get("self"), ExtensionFileLoader):
            return True
        frame = frame.f_back
    return False
