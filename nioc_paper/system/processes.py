"""Child processes: a process group of their own, default signal handling, and limits of processor time.

A limit of wall time fails good work on a busy machine, so limits count the processor time of a process and its
descendants. A process that only waits is ended at ten times its limit in wall time.
"""

from __future__ import annotations

import contextlib
import math
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from nioc_paper.system.concurrency import noop
from nioc_paper.system.parallel_run import raise_if_stopped

if TYPE_CHECKING:
    import psutil

WALL_FACTOR = 10
MEMORY_BYTES = 3 << 30
"""Memory limit of a process with its descendants: a PDF of 1,500 pages takes 0.6 GiB."""
_IMPORT_ROOT = str(Path(__file__).parents[2])
_POLL_SECONDS = 0.5
_WATCH_SCRIPT = """left=$1; shift; exec 3<&0
{ read -r _ <&3; rm -f -- "$left"; kill -KILL 0; } &
"$@" </dev/null 3<&-; kill -KILL 0"""
"""Shell script: run "$2" and what follows; kill the process group when it ends, or when standard input closes because
we ended: then the file "$1" is removed first.

The command runs in the foreground: a shell ignores SIGINT in the background.
"""


class LimitError(Exception):
    """A process used more processor time or memory than allowed, or waited for ten times as long.

    `reason` is time or memory.
    """

    def __init__(self, message: str, reason: str = "time") -> None:
        super().__init__(message)
        self.reason = reason


def ignore_without_inheriting(*signals: signal.Signals) -> None:
    """Go on ignoring the signals that are ignored now, but start children with default handling.

    An ignored signal is inherited through exec, a handler is not. A child that inherits an ignored SIGINT cannot be
    interrupted, for example if `nohup` or a background shell has started us.
    """
    for number in signals:
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


def start(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | str | None = None,
    stdin: int | IO[bytes] = subprocess.DEVNULL,
    stdout: int | IO[bytes] = subprocess.DEVNULL,
    stderr: int | IO[bytes] = subprocess.DEVNULL,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own: a terminal cannot interrupt it, and `kill_group` ends all of it."""
    return subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        pass_fds=pass_fds,
        start_new_session=True,
    )


def tied_command(command: Sequence[str], leftover: Path | str = "") -> list[str]:
    """Return a command that ends, with its descendants, when our end of its standard input closes.

    If that is because this process was killed, the file `leftover` is removed, which the command would leave.
    """
    return ["sh", "-c", _WATCH_SCRIPT, "sh", str(leftover), *command]


def python_command(module: str, *args: str) -> list[str]:
    """Return the command that runs one of our modules, without the working folder on its path."""
    return [sys.executable, "-P", "-m", module, *args]


def inherited_environment(*names: str) -> dict[str, str]:
    """Return those of these variables that the user has set."""
    return {name: os.environ[name] for name in names if name in os.environ}


def python_environment() -> dict[str, str]:
    """Return the variables that a Python process of ours needs, and no others of the user's environment."""
    inherited = inherited_environment("PATH", "SYSTEMROOT", "DYLD_FALLBACK_LIBRARY_PATH")
    return inherited | {"PYTHONPATH": _IMPORT_ROOT, "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}


def kill_group(leader: int) -> None:
    """Kill the process with this id, which `start` has started, and its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def run(
    command: Sequence[str],
    data: bytes = b"",
    *,
    seconds: float,
    env: Mapping[str, str],
    cwd: Path | str | None = None,
    while_waiting: Callable[[], object] = noop,
) -> subprocess.CompletedProcess[bytes]:
    """Run a command on bytes and capture its output. Its group is killed at the end, whatever happens.

    `while_waiting` is called once the command runs; its exceptions are raised.

    Raises OSError if it cannot be started, LimitError after `seconds` of processor time or if it takes, or prints,
    more than MEMORY_BYTES, StoppedError before the start if the run of this thread is stopped.
    """
    raise_if_stopped()
    # A file, and no pipe: what `communicate` has not written when its time is up, Python 3.11 never writes.
    with (
        _input_file(data) as stdin,
        start(command, env=env, cwd=cwd, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process,
    ):
        _set_cpu_limit(process.pid, seconds)
        limit = ResourceLimit([process], seconds)
        try:
            while_waiting()
            while True:
                try:
                    stdout, stderr = process.communicate(timeout=_POLL_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    limit.check()
        finally:
            kill_group(process.pid)
    return subprocess.CompletedProcess(command, process.returncode, stdout, stderr)


@contextlib.contextmanager
def _input_file(data: bytes) -> Iterator[IO[bytes]]:
    """Yield a file that holds the input of a process, and has no name."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        yield file


def _set_cpu_limit(pid: int, seconds: float) -> None:
    """Set a limit in the system too, a second later: it works even if this process is killed."""
    if hasattr(resource, "prlimit"):  # Linux
        with contextlib.suppress(OSError):
            most = math.ceil(seconds) + 1
            resource.prlimit(pid, resource.RLIMIT_CPU, (most, most))


def wait_until(is_ready: Callable[[float], bool], limit: ResourceLimit) -> None:
    """Wait until `is_ready` returns true; it gets the seconds that it may wait itself. Raises LimitError."""
    while not is_ready(_POLL_SECONDS):
        limit.check()


class ResourceLimit:
    """Processor seconds, and memory, that some processes and their descendants may use from now on.

    The time that processes used before, those that are not `fresh`, is what they have used at the first check: to ask
    for it at once would read all processes of the machine for every request.
    """

    def __init__(self, processes: Iterable[subprocess.Popen[bytes]], seconds: float, *, fresh: bool = True) -> None:
        self.processes, self.seconds = list(processes), seconds
        self.used_before = 0.0 if fresh else None
        self.started_at, self.peak_before = time.monotonic(), _peak_bytes()

    def check(self) -> None:
        """Raise LimitError if the limit is reached."""
        running = [member for process in self.processes for member in process_tree(process.pid)]
        used = cpu_seconds(running)
        if self.used_before is None:
            self.used_before = used
        if used - self.used_before > self.seconds:
            raise LimitError(f"more than {self.seconds:g} s of processor time")
        # The output of a process is held by this one.
        if max(memory_bytes(running), _peak_bytes() - self.peak_before) > MEMORY_BYTES:
            raise LimitError(f"more than {MEMORY_BYTES >> 30} GiB of memory", "memory")
        if time.monotonic() - self.started_at > WALL_FACTOR * self.seconds:
            raise LimitError(f"no result within {WALL_FACTOR * self.seconds:g} s")


def process_tree(pid: int) -> Sequence[psutil.Process]:
    """Return a process and its living descendants."""
    import psutil  # late: 15 ms, and most processes end before anybody asks

    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def cpu_seconds(processes: Iterable[psutil.Process]) -> float:
    """Return the processor seconds that processes have used so far, with those of children that they waited for."""
    return _sum_over(processes, lambda process: sum(process.cpu_times()[:4]))  # user, system, both of ended children


def memory_bytes(processes: Iterable[psutil.Process]) -> float:
    """Return the bytes of memory that processes hold."""
    return _sum_over(processes, lambda process: process.memory_info().rss)


def _sum_over(processes: Iterable[psutil.Process], measure: Callable[[psutil.Process], float]) -> float:
    """Return the sum of a figure over processes that still live."""
    import psutil

    total = 0.0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            total += measure(process)
    return total


def _peak_bytes() -> int:
    """Return the peak memory of this process in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
