"""Child processes: a folder, an environment and a process group of our own, and limits of processor time.

A program obeys settings in its working folder, in its home and in variables. Its policy says what it gets: a folder of
ours for both, named variables, and no others.

A limit of wall time fails good work on a busy machine, so limits count the processor time of a process and its
descendants. A process that owes a result is ended after a minute without any, or at ten times its limit in wall time.
Time in which the machine, or this process, was stopped does not count.
"""

from __future__ import annotations

import atexit
import contextlib
import errno
import math
import os
import re
import resource
import shutil
import signal
import site
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from nioc_paper.system.concurrency import is_plain, raise_if_stopped
from nioc_paper.system.scratch import ScratchFolder, is_scratch_folder

if TYPE_CHECKING:
    import psutil

WALL_FACTOR = 10
IDLE_SECONDS = 60
"""Seconds without processor time after which a process that owes a result is ended."""
MEMORY_BYTES = 3 << 30
"""Memory limit of a process with its descendants: a PDF of 1,500 pages takes 0.6 GiB."""
_IMPORT_ROOT = str(Path(__file__).parents[2])
_POLL_SECONDS = 0.5
_MAC_OFFICE = "/Applications/LibreOffice.app/Contents/MacOS"
_HOMEBREW_LIBRARIES = "/opt/homebrew/lib:/usr/local/lib"
_SHELL = "/bin/sh"
"""The shell of every system: PATH may have none."""
_WATCH_SCRIPT = """while read -r sign group; do
  for other do shift; [ "${other%% *}" = "${group%% *}" ] || set -- "$@" "$other"; done
  [ "$sign" = - ] || set -- "$@" "$group"
done
for group do rm -f -- "${group#* }"; kill -KILL "-${group%% *}"; done
cd / && rmdir "$OLDPWD"
"""
"""Shell script that reads "+ GROUP FILE" for each started program and "- GROUP" for each that has ended.

When this process ends, in whatever way, it kills the groups that are left and removes the files that they leave.
"""
_START_SCRIPT = """trap : PIPE
[ -z "$NIOC_LIBRARIES" ] || export DYLD_FALLBACK_LIBRARY_PATH="$NIOC_LIBRARIES"
printf '+ %s %s\\n' $$ "$1" >&0 2>/dev/null
exec <"$2"
shift 2
exec "$@"
"""
"""Shell script that writes the line of a program to the watcher, which is its input, and becomes that program.

A program that is told of after its start would be left if this process is killed in between. The trap, which the
program does not inherit, keeps the shell alive if the watcher has ended. The shell of macOS loses the folders of
libraries under the name that its programs read.
"""

_start_lock = threading.Lock()
os.register_at_fork(  # held by another thread while this process is copied, it would stay locked in the copy
    before=_start_lock.acquire, after_in_parent=_start_lock.release, after_in_child=_start_lock.release
)
_watchers: list[subprocess.Popen[bytes]] = []
"""Process that outlives this one, and ends its programs; a copy of this process has its own."""
_children: weakref.WeakSet[subprocess.Popen[bytes]] = weakref.WeakSet()


def _leave_watchers() -> None:
    """Close the pipe to the watcher of the process that this one is a copy of: it is to notice the end of that one."""
    while _watchers:
        _watchers.pop().stdin.close()  # type: ignore[union-attr]


os.register_at_fork(after_in_child=_leave_watchers)


class LimitError(Exception):
    """A process used more processor time or memory than allowed, used no processor time, or took too long.

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


class Policy(NamedTuple):
    """What programs of one kind get besides a folder of ours, which is their home and their working folder."""

    variables: str = r"(?!)"
    """Pattern of the names of variables that the caller may set."""
    inherits: bool = False
    """Whether they get the user's variables."""
    is_python: bool = False
    is_in_paper: bool = False
    """Whether the caller may name another working folder."""
    outlives_us: bool = False
    """Whether they go on if this process is killed."""


POLICIES: dict[str, Policy] = {
    "plain": Policy(),
    "worker": Policy(r"FONTCONFIG_FILE", is_python=True),
    "browser": Policy(inherits=True, outlives_us=True),
    "watcher": Policy(outlives_us=True),
    # Only git knows the user's settings, if it is asked for them, and compares the files of the paper.
    "git": Policy(r"GIT_\w+|LC_ALL|HOME|XDG_CONFIG_HOME", is_in_paper=True),
}
"""Policies by kind of program."""
_OWN_FOLDERS = ("HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
"""Variables of folders in which programs look for settings, or leave files."""


def start(
    kind: str,
    command: Sequence[str],
    *,
    folder: Path | None = None,
    variables: Mapping[str, str] = {},
    stdin: IO[bytes] | None = None,
    output: int = subprocess.DEVNULL,
    pass_fds: Sequence[int] = (),
    leftover: Path | str = "",
) -> subprocess.Popen[bytes]:
    """Start a program by the policy of its kind, in a session of its own.

    A terminal cannot interrupt it, and `kill_group` ends all of it. Its working folder and its home are a temporary
    `folder` of ours, with what it reads, or an empty one. Git in a folder of the paper has no home.
    It is killed when this process ends, and the file `leftover` is removed, which it would leave then.
    """
    policy = POLICIES[kind]
    own_folder = None if folder else ScratchFolder("start")
    place = own_folder.path if own_folder else Path(str(folder))
    environment = {**_environment(policy, place, variables), **variables}
    pipe: int | IO[bytes] = subprocess.PIPE if kind == "watcher" else subprocess.DEVNULL
    if not policy.outlives_us:
        command, files = _tell_and_run(command, stdin, leftover, environment["PATH"])
        pass_fds, pipe = [*pass_fds, *files], _watcher_pipe()
    options: dict[str, Any] = {"cwd": place, "env": environment, "pass_fds": pass_fds, "start_new_session": True}
    with _start_lock:
        process: subprocess.Popen[bytes]
        process = subprocess.Popen(command, stdin=pipe, stdout=output, stderr=output, **options)
        if not policy.outlives_us:
            _children.add(process)
    if own_folder:
        weakref.finalize(process, own_folder.remove)
    return process


def _tell_and_run(
    command: Sequence[str], stdin: IO[bytes] | None, leftover: Path | str, path: str
) -> tuple[list[str], list[int]]:
    """Return the command that tells the watcher of a program and becomes it, and the files that it inherits.

    Raises FileNotFoundError if there is no such program.
    """
    if not shutil.which(command[0], path=path):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), command[0])
    files = [stdin.fileno()] if stdin else []
    source = next((f"/dev/fd/{number}" for number in files), os.devnull)
    return [_SHELL, "-c", _START_SCRIPT, _SHELL, str(leftover), source, *command], files


def _watcher_pipe() -> IO[bytes]:
    """Return the pipe to the process that ends our programs after us, which is started at first."""
    if not _watchers:
        _watchers.append(start("watcher", [_SHELL, "-c", _WATCH_SCRIPT]))
    return _watchers[0].stdin  # type: ignore[return-value]


def _environment(policy: Policy, folder: Path, variables: Iterable[str]) -> dict[str, str]:
    """Return the variables that every program of a kind has in a folder, besides those that the caller sets.

    Raises ValueError for a folder or a variable that the policy does not allow.
    """
    is_own = is_scratch_folder(folder)
    refused = [name for name in variables if not re.fullmatch(policy.variables, name)]
    if refused or not (is_own or policy.is_in_paper):
        raise ValueError(f"no policy allows this: {refused or folder}")
    home = str(folder) if is_own else os.devnull
    if policy.inherits:
        return {**os.environ, "PATH": search_path()}
    return {
        "PATH": search_path(),
        "LANG": "C.UTF-8",
        **dict.fromkeys(_OWN_FOLDERS, home),
        **(_python_environment() if policy.is_python else {}),
    }


@atexit.register
def kill_children() -> None:
    """Kill the programs that end with us, and start nothing more: a thread may wait for one at our end."""
    _start_lock.acquire(timeout=1)  # and never release it
    for process in _children:
        if process.poll() is None:
            kill_group(process.pid)


def python_command(module: str, *args: str) -> list[str]:
    """Return the command that runs one of our modules, without the working folder on its path."""
    return [sys.executable, "-P", "-m", module, *args]


def find_program(name: str) -> str | None:
    """Return the path of a program in a folder of PATH, or in that of LibreOffice on macOS; None if there is none."""
    return shutil.which(name, path=os.pathsep.join([search_path(), _MAC_OFFICE]))


def search_path(name: str = "PATH", default: str = os.defpath) -> str:
    """Return the folders in a variable such as PATH, without those that depend on the working folder."""
    return os.pathsep.join(filter(os.path.isabs, os.environ.get(name, default).split(os.pathsep)))


def library_path() -> str:
    """Return the folders in which macOS looks for libraries: those of the user's variable, or Homebrew's."""
    return search_path("DYLD_FALLBACK_LIBRARY_PATH", _HOMEBREW_LIBRARIES)


def inherited_folders(*names: str) -> dict[str, str]:
    """Return those of these variables that the user has set, as absolute paths: a child has another working folder."""
    return {name: os.path.abspath(folder) for name in names if (folder := os.environ.get(name))}  # noqa: PTH100


def _python_environment() -> dict[str, str]:
    """Return the variables that a Python process of ours needs, besides those that every process gets."""
    own = {"PYTHONPATH": _IMPORT_ROOT, "PYTHONUSERBASE": site.getuserbase(), "PYTHONHASHSEED": "0"}
    own |= dict.fromkeys(("DYLD_FALLBACK_LIBRARY_PATH", "NIOC_LIBRARIES"), library_path())
    return own | ({"NIOC_PLAIN": "1"} if is_plain() else {})


def kill_group(leader: int) -> None:
    """Kill the process with this id, which `start` has started, and its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
    for watcher in _watchers:
        with contextlib.suppress(OSError):
            os.write(watcher.stdin.fileno(), f"- {leader}\n".encode())  # type: ignore[union-attr]


def run(
    kind: str,
    command: Sequence[str],
    data: bytes = b"",
    *,
    seconds: float,
    folder: Path | None = None,
    variables: Mapping[str, str] = {},
) -> subprocess.CompletedProcess[bytes]:
    """Run a command on bytes, by `start`, and capture its output. Its group is killed at the end.

    Raises OSError if it cannot be started, LimitError as `ResourceLimit`, StoppedError before the start if the run of
    this thread is stopped.
    """
    raise_if_stopped()
    # A file, and no pipe: what `communicate` has not written when its time is up, Python 3.11 never writes.
    with tempfile.TemporaryFile() as stdin:
        stdin.write(data)
        stdin.seek(0)
        options: dict[str, Any] = {"folder": folder, "variables": variables, "stdin": stdin}
        process = start(kind, command, output=subprocess.PIPE, **options)
    with process:
        limit = ResourceLimit([process], seconds)
        try:
            while True:
                try:
                    stdout, stderr = process.communicate(timeout=_POLL_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    limit.check()
        finally:
            kill_group(process.pid)
    return subprocess.CompletedProcess(command, process.returncode, stdout, stderr)


def wait_until(is_ready: Callable[[float], bool], limit: ResourceLimit) -> None:
    """Wait until `is_ready` returns true; it gets the seconds that it may wait itself. Raises LimitError."""
    while not is_ready(_POLL_SECONDS):
        limit.check()


class ResourceLimit:
    """Processor seconds, and memory, that some processes and their descendants may use until their next result.

    The time that processes used before, those that are not `fresh`,
    is what they have used at the first check: to ask for it at once would read all processes of the machine for every
    request.
    """

    def __init__(self, processes: Iterable[subprocess.Popen[bytes]], seconds: float, *, fresh: bool = True) -> None:
        self.processes, self.seconds = list(processes), seconds
        self.used_before = 0.0 if fresh else None
        self.peak_before, self._checked_at = _peak_bytes(), time.monotonic()
        self._waited, self._idle, self._used = 0.0, 0.0, math.nan

    def check(self) -> None:
        """Raise LimitError if the limit is reached. Call it only while the processes owe a result."""
        running = [member for process in self.processes for member in process_tree(process.pid)]
        used = cpu_seconds(running)
        if self.used_before is None:
            self.used_before = used
        if used - self.used_before > self.seconds:
            raise LimitError(f"more than {self.seconds:g} s of processor time")
        # The output of a process is held by this one.
        memory = max(memory_bytes(running), _peak_bytes() - self.peak_before)
        if memory > MEMORY_BYTES:
            raise LimitError(f"more than {MEMORY_BYTES >> 30} GiB of memory", "memory")
        stopped_count = _sum_over(running, lambda process: process.status() in ("stopped", "tracing-stop"))
        self._check_wait(used, are_stopped=stopped_count > 0)

    def _check_wait(self, used: float, *, are_stopped: bool) -> None:
        """Raise LimitError if the processes have used no processor time for IDLE_SECONDS, or take too long."""
        now = time.monotonic()
        # A longer time between two checks means that this process was stopped too.
        elapsed = min(now - self._checked_at, 2 * _POLL_SECONDS)
        self._waited += elapsed
        self._idle = self._idle + elapsed if used == self._used and not are_stopped else 0.0
        self._checked_at, self._used = now, used
        if self._idle > IDLE_SECONDS:
            raise LimitError(f"no processor time for {IDLE_SECONDS:g} s")
        if self._waited > WALL_FACTOR * self.seconds:
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
