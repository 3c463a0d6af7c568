"""Measure the preview: seconds from the save of a chapter to its page, and to the PDF.

    python benchmarks/preview.py page|pdf CHAPTER ROUNDS

Run in the folder of a paper. Starts `nioc serve`, waits for its first PDF, adds a sentence to the chapter, waits for
the event, and again. Writes the medians to preview.json: seconds, CPU seconds of all its processes, megabytes of the
largest.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any, BinaryIO

RESULT = "preview.json"
_PAUSE = 3
"""Seconds between two edits: the preview updates everything else meanwhile."""
_PATIENCE = 300
"""Seconds after which an event is not waited for any longer."""
_TICKS = os.sysconf("SC_CLK_TCK")


Event = tuple[str, dict[str, Any]]


def request(address: str, path: str) -> Any:
    """Return the answer of a preview."""
    assert address.startswith("http://127.0.0.1:")
    return urllib.request.urlopen(f"{address}{path}")  # noqa: S310 - this machine


def listen(address: str) -> Queue[Event]:
    """Return a queue that gets the events of a preview, with their data, as they come."""
    received = Queue[Event]()

    def read(stream: BinaryIO) -> None:
        name = ""
        with contextlib.suppress(OSError, http.client.HTTPException):  # the preview ends
            for raw in stream:
                key, _, value = raw.decode().rstrip("\n").partition(": ")
                if key == "event":
                    name = value
                elif key == "data":
                    received.put((name, json.loads(value)))

    Thread(target=read, args=(request(address, "~events"),), daemon=True).start()
    return received


def drain(received: Queue[Event]) -> int:
    """Take all events so far; return the highest number of a PDF among them."""
    numbers = [0]
    while not received.empty():
        name, data = received.get()
        numbers += [data["number"]] if name == "pdf" else []
    return max(numbers)


def is_awaited(wanted: str, name: str, data: dict[str, Any], number: int) -> bool:
    """Return whether an event ends a measurement: changed pages, or a newer PDF than `number`."""
    if wanted == "page":
        return name == "message" and data["pictures"] is not None
    return name == "pdf" and not data["busy"] and data["number"] > number


def processes(leader: int) -> Iterator[tuple[float, float]]:
    """Yield CPU seconds and megabytes of each process of a session, with children that have ended."""
    for folder in Path("/proc").iterdir():
        try:
            if not folder.name.isdigit():
                continue
            fields = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            if int(fields[3]) == leader:
                peak = next(line for line in (folder / "status").read_text().splitlines() if line.startswith("VmHWM"))
                yield sum(map(int, fields[11:15])) / _TICKS, int(peak.split()[1]) / 1024
        except (OSError, StopIteration):  # it has ended
            continue


def measure(wanted: str, chapter: Path, rounds: int) -> dict[str, float]:
    """Return the medians of some edits."""
    command = [sys.executable, "-m", "nioc_paper", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as server:
        assert server.stdout
        address = server.stdout.readline().split()[0]
        received, number, seconds, cpu = listen(address), 0, list[float](), 0.0
        if wanted == "pdf":
            request(address, "~pdf/paper.pdf").read()
        text = chapter.read_text(encoding="utf-8")
        for _ in range(rounds):
            time.sleep(_PAUSE)
            number = max(number, drain(received))
            before, start = sum(used for used, _ in processes(server.pid)), time.perf_counter()
            chapter.write_text(f"{text}\nA sentence of the hour {time.time_ns() % 10**6}.\n", encoding="utf-8")
            while not is_awaited(wanted, *received.get(timeout=_PATIENCE), number):
                pass
            seconds.append(time.perf_counter() - start)
            cpu += sum(used for used, _ in processes(server.pid)) - before
        peak = max(size for _, size in processes(server.pid))
        chapter.write_text(text, encoding="utf-8")
        server.terminate()
    return {"wall": statistics.median(seconds), "cpu": cpu / rounds, "peak": peak}


if __name__ == "__main__":
    wanted, chapter, rounds = sys.argv[1:]
    Path(RESULT).write_text(json.dumps(measure(wanted, Path(chapter), int(rounds))), encoding="utf-8")
