"""Worker processes: Python modules of ours that answer requests of bytes, one after the other.

A worker is its own process because what it runs may take any amount of time or memory, or crash. It ends when the
process that started it ends, however that happens, in the middle of a request too.
"""

from __future__ import annotations

import math
import os
import queue
import socket
import struct
import subprocess
import sys
import weakref
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from threading import Lock, Thread
from typing import NoReturn

from nioc_paper.system import processes
from nioc_paper.system.concurrency import raise_if_stopped
from nioc_paper.system.scratch import remove_open_folders


class WorkerError(Exception):
    """A worker ended before it answered, or reads nothing."""


class Worker:
    """Process that answers one request at a time. Threads that ask take turns."""

    def __init__(
        self,
        module: str,
        *args: str,
        kind: str = "worker",
        folder: Path | None = None,
        variables: Mapping[str, str] = {},
    ) -> None:
        """Start the module; kind, folder and variables as for `processes.start`."""
        self.connection, theirs = Pipe()
        # A worker that hangs does not read a request that is larger than the buffer.
        with socket.socket(fileno=os.dup(self.connection.fileno())) as ours:
            timeout = struct.pack("ll", math.ceil(processes.IDLE_SECONDS), 0)
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, timeout)
        with theirs:
            command = processes.python_command(module, str(theirs.fileno()), *args)
            handles = [theirs.fileno()]
            self.process = processes.start(kind, command, folder=folder, variables=variables, pass_fds=handles)
        self._lock = Lock()
        self._finalizer = weakref.finalize(self, _kill_process, self.process, self.connection)

    def has_ended(self) -> bool:
        """Return whether the process has ended."""
        return self.process.poll() is not None

    def ask(self, request: bytes, seconds: float, *, can_stop: bool = False) -> bytes:
        """Return the answer to a request.

        Raises WorkerError if the worker ends or reads nothing, LimitError as `ResourceLimit`; it is unusable then.
        Raises StoppedError before the request if the run of this thread is stopped; later too if it `can_stop`, and the
        worker is unusable then.
        """

        def has_answered(seconds_to_wait: float) -> bool:
            if can_stop:
                raise_if_stopped()
            return self.connection.poll(seconds_to_wait)

        raise_if_stopped()
        with self._lock:
            try:
                self.connection.send_bytes(request)
                processes.wait_until(has_answered, processes.ResourceLimit([self.process], seconds, fresh=False))
                return self.connection.recv_bytes()
            except (EOFError, OSError) as error:
                raise WorkerError from error

    def kill(self) -> None:
        """End the process, busy or not."""
        self._finalizer()


def _kill_process(process: subprocess.Popen[bytes], connection: Connection) -> None:
    processes.kill_group(process.pid)
    process.wait()
    connection.close()


def serve_requests(handle: Callable[[bytes], bytes]) -> NoReturn:
    """Answer every request on the connection named by the first argument; for workers.

    The process ends at once when the connection is closed, while the main thread is at work too.
    """
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    connection = Connection(int(sys.argv[1]))

    def receive() -> None:
        try:
            while True:
                requests.put(connection.recv_bytes())
        except (EOFError, OSError):
            pass
        finally:
            remove_open_folders()  # those of a request that is not done: the exit below calls no handlers
            os._exit(0)

    Thread(target=receive, daemon=True).start()
    while True:
        connection.send_bytes(handle(requests.get()))
