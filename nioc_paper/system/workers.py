"""Worker processes: Python modules of ours that answer requests of bytes, one after the other.

A worker is its own process because what it runs may take any amount of time or memory, or crash. It ends when the
process that started it ends, however that happens, in the middle of a request too.
"""

from __future__ import annotations

import contextlib
import math
import os
import queue
import socket
import struct
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterator, Mapping
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from threading import Lock, Thread
from typing import Generic, TypeVar

from nioc_paper.system import processes
from nioc_paper.system.schedule import raise_if_stopped
from nioc_paper.system.scratch import remove_open_folders

T = TypeVar("T")
_LOOK_SECONDS = 0.5
"""Seconds between two looks at a worker that sends messages of its own accord."""


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
                limit = processes.ResourceLimit([self.process], seconds, fresh=False)
                processes.wait_until(has_answered, limit)
                return self.connection.recv_bytes()
            except (EOFError, OSError) as error:
                raise WorkerError from error

    def wait_for_message(self, is_owed: Callable[[], bool]) -> None:
        """Wait for a message that nobody asks for, or the end of the process.

        Raises LimitError if it owes one and uses no processor time; the worker is unusable afterwards.
        """
        limit: processes.ResourceLimit | None = None
        while not self.connection.poll(_LOOK_SECONDS):
            limit = (limit or processes.ResourceLimit([self.process], math.inf)) if is_owed() else None
            if limit:
                limit.check()

    def kill(self) -> None:
        """End the process, busy or not."""
        self._finalizer()

    def close(self) -> None:
        """Let the process end by itself, so that it can clean up: its connection closes. End it if it hangs."""
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(self.connection.fileno())) as connection_socket:
            connection_socket.shutdown(socket.SHUT_WR)
        try:
            self.process.wait(processes.IDLE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()


def _kill_process(process: subprocess.Popen[bytes], connection: Connection) -> None:
    processes.kill_group(process.pid)
    process.wait()
    connection.close()


class RequestQueue(Generic[T]):
    """Pending requests in a worker. `listen` fills it."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[T] = queue.SimpleQueue()

    def __iter__(self) -> Iterator[T]:
        while True:
            yield self._queue.get()

    def has_pending(self) -> bool:
        """Return whether there is a request that nobody has taken yet."""
        return not self._queue.empty()

    def listen(self, receive: Callable[[], T], on_end: Callable[[], object] = lambda: None) -> None:
        """Take requests in a thread, until `receive` raises EOFError or OSError. Then this process ends at once.

        `on_end` is called before, while the main thread may be at work.
        """

        def run() -> None:
            try:
                while True:
                    self._queue.put(receive())
            except (EOFError, OSError):
                on_end()
            finally:
                remove_open_folders()  # those of a request that is not done: the exit below calls no handlers
                os._exit(0)

        Thread(target=run, daemon=True).start()


def serve_requests(handle: Callable[[bytes], bytes]) -> None:
    """Answer every request on the connection named by the first argument; for workers."""
    requests = RequestQueue[bytes]()
    with Connection(int(sys.argv[1])) as connection:
        requests.listen(connection.recv_bytes)
        for request in requests:
            connection.send_bytes(handle(request))
