"""Child processes: limits of processor time, signals, and temporary folders of processes that were killed."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import site
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import psutil
import pytest
from test_papers import copy, written

from nioc_paper.render import write
from nioc_paper.system import pandoc, processes, scratch
from nioc_paper.system.scratch import ScratchFolder
from nioc_paper.system.workers import Worker, WorkerError

ROOT = Path(__file__).parents[2]
BUSY = "while True: pass"
IN_A_CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}])"
WAITING = "import time; time.sleep(1000)"


def run(code: str, seconds: float, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return processes.run("plain", [sys.executable, "-c", code], data, seconds=seconds)


# --- limits of time ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [BUSY, IN_A_CHILD], ids=["itself", "a child"])
def test_a_process_beyond_its_processor_time_is_ended(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_POLL_SECONDS", 0.05)
    with pytest.raises(processes.LimitError, match=r"more than 0.2 s of processor time"):
        run(code, 0.2)


def test_a_process_that_starts_slowly_gets_all_of_its_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than a pipe holds, at a process that reads only after the first look at its limits."""
    looks: list[object] = []
    check = processes.ResourceLimit.check

    def look(limit: processes.ResourceLimit) -> None:
        check(limit)
        looks.append(limit)
        os.kill(limit.processes[0].pid, signal.SIGCONT)

    monkeypatch.setattr(processes, "_POLL_SECONDS", 0.05)
    monkeypatch.setattr(processes.ResourceLimit, "check", look)
    code = "import os, signal, sys; os.kill(os.getpid(), signal.SIGSTOP); print(len(sys.stdin.read()))"
    assert int(run(code, 20, b"x" * 2**20).stdout) == 2**20
    assert looks


@pytest.mark.parametrize("code", ["b = bytearray(2**27); b[::4096] = b'x' * 2**15", "print('x' * 2**27)"])
def test_a_process_beyond_its_memory_or_output_is_ended(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "MEMORY_BYTES", 2**26)
    with pytest.raises(processes.LimitError, match=r"more than 0 GiB of memory") as caught:
        run(f"{code}\n{WAITING}", 20)
    assert caught.value.reason == "memory"


@pytest.mark.parametrize(
    ("limit", "reason"),
    [(processes.LimitError("9"), "takes longer than allowed"), (processes.LimitError("9", "memory"), "more memory")],
)
def test_a_limit_of_pandoc_is_named(limit: Exception, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "run", mock.Mock(side_effect=limit))
    with pytest.raises(pandoc.PandocError) as caught:
        pandoc.write([], "html5")
    assert reason in write.pandoc_diagnostic(caught.value, "writing html").message


def test_a_waiting_process_is_ended_at_the_wall_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "WALL_FACTOR", 2)
    with pytest.raises(processes.LimitError, match=r"no result within 0.8 s"):
        run(WAITING, 0.4)


HANGING = {"itself": WAITING, "a child": f"import subprocess, sys; subprocess.run([sys.executable, '-c', {WAITING!r}])"}


@pytest.mark.parametrize("code", HANGING.values(), ids=HANGING)
def test_a_process_that_owes_a_result_and_uses_no_processor_time_is_ended(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    with pytest.raises(processes.LimitError, match=r"no processor time for 0.2 s"):
        run(code, 1000)


def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """End a process that hangs after a moment."""
    monkeypatch.setattr(processes, "IDLE_SECONDS", 0.2)
    monkeypatch.setattr(processes, "_POLL_SECONDS", 0.02)


def test_a_wait_that_is_longer_than_the_limit_is_no_fault() -> None:
    assert run("import time; time.sleep(1.2); print(input())", 1, b"words").stdout == b"words\n"


def test_no_process_of_a_group_remains() -> None:
    child = "import os, subprocess, sys; print(subprocess.Popen([sys.executable, '-c', 'input()']).pid)"
    pid = int(run(child, 20).stdout)
    wait_for_end(pid)


def child_of_a_killed_process(script: str) -> int:
    """Run a script that prints the id of its child and waits, kill it, and return that id."""
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdout
        pid = int(process.stdout.readline())
        process.kill()
    return pid


WAYS_TO_HAVE_CHILDREN = {
    "a program": "print(processes.start('plain', ['sh', '-c', 'sleep 600 & sleep 600']).pid, flush=True)",
    "a program that kills us": """kills = 'echo $$; kill -KILL $PPID; exec sleep 600'
processes.start('plain', ['sh', '-c', kills], output=1)""",
    "a program of a copy": """def work():
    print(processes.start('plain', ['sleep', '600']).pid, flush=True)
    input()
concurrency.can_copy = lambda: True
wait = concurrency.start_process(work)""",
    "a copy": """def work():
    print(os.getpid(), flush=True)
    while True: pass
concurrency.can_copy = lambda: True
wait = concurrency.start_process(work)""",
}


@pytest.mark.parametrize("way", WAYS_TO_HAVE_CHILDREN)
def test_children_of_a_killed_process_end_at_once(way: str) -> None:
    script = f"import os\nfrom nioc_paper.system import concurrency, processes\n{WAYS_TO_HAVE_CHILDREN[way]}\ninput()\n"
    pid = child_of_a_killed_process(script)
    wait_for_end(pid, 3)


def test_the_file_that_a_killed_program_leaves_is_removed(tmp_path: Path) -> None:
    file = tmp_path / "a pipe"
    file.touch()
    start = f"processes.start('plain', ['sleep', '600'], leftover={str(file)!r})"
    script = f"from nioc_paper.system import processes\nprint({start}.pid, flush=True)\ninput()\n"
    wait_for_end(child_of_a_killed_process(script), 3)
    assert not file.exists()


# --- workers ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def worker(tmp_path: Path) -> Worker:
    (tmp_path / "echo.py").write_text(
        "import os\nfrom nioc_paper.system.workers import serve_requests\n"
        "def work(request):\n    exec(request)\n    return request\nserve_requests(work)\n"
    )
    return Worker("echo", kind="tests", variables={"PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"})


def test_a_worker_answers_in_order_and_reports_its_end(worker: Worker) -> None:
    assert [worker.ask(request, 20) for request in (b"1", b"", b"2")] == [b"1", b"", b"2"]
    with pytest.raises(WorkerError):
        worker.ask(b"os._exit(3)", 20)
    worker.kill()
    worker.kill()


def test_a_worker_has_a_limit_for_each_request(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_POLL_SECONDS", 0.02)  # what was used before is read at the first look
    for _ in range(4):
        worker.ask(b"import time; t = time.process_time()\nwhile time.process_time() < t + 0.15: pass", 0.4)
    with pytest.raises(processes.LimitError):
        worker.ask(BUSY.encode(), 0.2)
    worker.kill()


def test_a_worker_that_hangs_is_ended_in_every_wait(
    tmp_path: Path, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It hangs at work, or it reads nothing of a large request."""
    hurry(monkeypatch)
    (tmp_path / "deaf.py").write_text(WAITING)
    deaf = Worker("deaf", kind="tests", variables={"PYTHONPATH": str(tmp_path)})
    with pytest.raises(processes.LimitError, match="no processor time"):
        worker.ask(WAITING.encode(), 1000)
    with pytest.raises(WorkerError):
        deaf.ask(b"#" * 2**24, 1000)
    worker.kill()
    deaf.kill()


def test_python_processes_find_the_packages_of_the_user() -> None:
    code = "import os, site; print(site.getuserbase(), os.getcwd() == os.environ['HOME'], os.listdir())"
    completed = processes.run("worker", [sys.executable, "-c", code], seconds=20)
    assert completed.stdout.decode() == f"{site.getuserbase()} True []\n"


def test_a_busy_worker_ends_with_its_process(tmp_path: Path, worker: Worker) -> None:
    worker.kill()
    asking = (
        "from nioc_paper.system import processes\nfrom nioc_paper.system.workers import Worker\n"
        "processes.POLICIES['tests'] = processes.Policy('.*')\n"
        f"path = {os.pathsep.join([str(ROOT), str(tmp_path)])!r}\n"
        "worker = Worker('echo', kind='tests', variables={'PYTHONPATH': path})\n"
        "worker.ask(b'1', 20)\nworker.connection.send_bytes(b'while True: pass')\n"
        "print(worker.process.pid, flush=True)\ninput()\n"
    )
    wait_for_end(child_of_a_killed_process(asking))


def wait_for_end(pid: int, seconds: float = 60) -> None:
    """Wait until a process has ended that is no child of ours: the event is its own file descriptor."""
    try:
        ended = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    assert select.select([ended], [], [], seconds)[0], f"process {pid} still runs"
    os.close(ended)


# --- signals ----------------------------------------------------------------------------------------------------------

IGNORING = """
import os, signal, subprocess, sys
from nioc_paper.system.processes import ignore_without_inheriting
ignore_without_inheriting(signal.SIGINT, signal.SIGHUP)
os.kill(os.getpid(), signal.SIGINT)
os.kill(os.getpid(), signal.SIGHUP)
code = "import signal; print(*(signal.getsignal(s) != signal.SIG_IGN for s in (signal.SIGINT, signal.SIGHUP)))"
subprocess.run([sys.executable, "-c", code])
"""


def test_an_ignored_signal_is_ignored_here_and_not_in_children() -> None:
    command = ["sh", "-c", 'trap "" INT HUP; exec "$@"', "sh", sys.executable, "-c", IGNORING]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "True True\n", "")


# --- temporary folders ------------------------------------------------------------------------------------------------


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    scratch.remove_temporary_folders.cache_clear()
    return tmp_path


MAKING = """
from nioc_paper.system.scratch import ScratchFolder
folder = ScratchFolder("pdf")
(folder.path / "a").mkdir()
(folder.path / "a" / "b").write_text("c")
print(folder.path, flush=True)
input()
"""


@pytest.fixture
def making(temporary: Path) -> Iterator[list[tuple[subprocess.Popen[str], Path]]]:
    """Two processes, each with a folder."""
    environment = {**os.environ, "TMPDIR": str(temporary)}
    command = [sys.executable, "-c", MAKING]

    def start() -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=ROOT, env=environment, text=True, stdin=pipe, stdout=pipe)

    both = [start(), start()]
    yield [(process, Path(process.stdout.readline().strip())) for process in both if process.stdout]
    for process in both:
        process.communicate()


def test_only_folders_of_killed_processes_are_removed(
    temporary: Path, making: list[tuple[subprocess.Popen[str], Path]]
) -> None:
    (killed, old), (_, living) = making
    killed.kill()
    killed.wait()
    names = ["nioc-pdf", "nioc-pdf-abcdefgh", "other-pdf.abcdefgh", "nioc-file.abcdefgh", "nioc-link.abcdefgh"]
    for name in names[:3]:
        (temporary / name).mkdir()
    (temporary / names[3]).write_text("a file")
    (temporary / "target").mkdir()
    (temporary / names[4]).symlink_to(temporary / "target")
    assert old.exists()
    with ScratchFolder("pandoc") as own:
        assert {path.name for path in temporary.iterdir()} == {own.name, living.name, "target", *names}
        written(own / "a" / "b", "c")
    assert not own.exists()
    assert (living / "a" / "b").read_text() == "c"


# --- interruption -----------------------------------------------------------------------------------------------------

SIGNAL_TO_A_THREAD = """
import signal, threading
from nioc_paper.system.concurrency import start_thread
signal.signal(signal.SIGTERM, signal.default_int_handler)

def work():
    threading.Event().wait(0.5)  # until the main thread waits
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
    threading.Event().wait()

try:
    start_thread(work)()
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
INTERRUPTED_WHILE_IT_IS_IMPORTED = """
import os, runpy, signal, sys

class Finder:
    def find_spec(self, name, *_):
        if name == "nioc_paper.cli":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Finder())
runpy.run_module("nioc_paper", run_name="__main__", alter_sys=True)
"""

INTERRUPTED_WHILE_A_THREAD_IMPORTS = """
import enum, sys, threading, time, types
import nioc_paper.cli as cli

is_importing = threading.Event()

class Slow:
    def __del__(self, sleep=time.sleep):  # near the end of Python's exit
        sleep(0.3)

sys.modules["slow"] = module = types.ModuleType("slow")
module.slow, module = Slow(), None

def pause(frame, event, argument):
    if frame.f_code.co_name == "_create_" and "pikepdf" in sys.modules:  # the compiled module makes a class
        is_importing.set()
        while True:
            time.sleep(0.001)

def work():
    sys.setprofile(pause)
    import pikepdf

def run():
    threading.Thread(target=work, daemon=True).start()
    is_importing.wait()
    raise KeyboardInterrupt

cli._run = run
cli.main()
"""


def script(folder: Path, code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a module, as `python -m nioc_paper` does; it has a minute, and needs a moment."""
    (folder / "script.py").write_text(code, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    command = [sys.executable, "-m", "script"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_a_signal_that_another_thread_gets_interrupts_the_main_one(tmp_path: Path) -> None:
    run = script(tmp_path, SIGNAL_TO_A_THREAD)
    assert (run.returncode, run.stdout) == (0, "interrupted\n")


def test_an_interrupt_before_the_command_line_is_imported_says_nothing(tmp_path: Path) -> None:
    done = script(tmp_path, INTERRUPTED_WHILE_IT_IS_IMPORTED)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


def test_an_interrupted_command_leaves_threads_in_compiled_code_alone(tmp_path: Path) -> None:
    run = script(tmp_path, INTERRUPTED_WHILE_A_THREAD_IMPORTS)
    assert (run.returncode, run.stdout, run.stderr) == (130, "", "")


PROGRAM_OF_A_THREAD = """
import pathlib, threading, time
from nioc_paper.system import process_lifecycle, processes

command = ["sh", "-c", f"echo $$ > {pathlib.Path('pid').absolute()}; exec sleep 600"]
threading.Thread(target=processes.run, args=("plain", command), kwargs={"seconds": 60}, daemon=True).start()
while not (pathlib.Path("pid").exists() and pathlib.Path("pid").read_text()):
    time.sleep(0.01)
process_lifecycle.exit_without_threads(130)
"""


def test_a_program_that_a_thread_waits_for_ends_with_us(tmp_path: Path) -> None:
    assert script(tmp_path, PROGRAM_OF_A_THREAD).returncode == 130
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(int((tmp_path / "pid").read_text())).wait(timeout=60)


# --- without speed code -----------------------------------------------------------------------------------------------

FORMATS = ("html", "epub", "docx")


def nioc(paper: Path, *args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "nioc_paper", *args, "--today", "2020-01-20"]
    own = {**os.environ, "NIOC_CACHE_DIR": str(paper.parent / "own cache"), **environment}
    return subprocess.run(command, cwd=paper, env=own, capture_output=True, text=True, check=False)


def test_a_plain_build_gives_the_same_files(tmp_path: Path) -> None:
    paper = copy("healthy", tmp_path)
    for name, plain in (("fast", "0"), ("plain", "1")):
        out = str(tmp_path / name)
        done = nioc(paper, "build", "--to", ",".join(FORMATS), "--out", out, NIOC_PLAIN=plain)
        assert done.returncode == 0, done.stderr
    for file in (tmp_path / "fast").iterdir():
        if file.suffix.removeprefix(".") in FORMATS:
            assert file.read_bytes() == (tmp_path / "plain" / file.name).read_bytes(), file.name


def test_timings_name_each_stage_and_add_nothing_to_the_output(tmp_path: Path) -> None:
    paper = copy("healthy", tmp_path)
    plain, timed = nioc(paper, "check"), nioc(paper, "check", "--timings")
    assert (timed.returncode, timed.stdout) == (plain.returncode, plain.stdout)
    rows = [line.split(maxsplit=2) for line in timed.stderr.splitlines()]
    assert [row[2] for row in rows[1:-1]] == ["start", "load", "check"]
    assert all(float(row[1]) >= 0 for row in rows[1:-1])
