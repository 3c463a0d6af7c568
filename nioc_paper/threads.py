"""Work that waits for other processes, done side by side."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable


def side_by_side(work: Callable[[int, str], None], names: Iterable[str], count: int) -> None:
    """Do some work for each name, in their order, `count` at a time; `work` is told which of them it is, from 0.

    What it raises is raised here, when the others are done. Threads of a pool would hold up a program that is
    interrupted; these end with it.
    """
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for name in names:
        waiting.put(name)
    failed: list[BaseException] = []

    def run(place: int) -> None:
        while not failed:
            try:
                name = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                work(place, name)
            except BaseException as error:  # noqa: BLE001 - raised in the thread that waits
                failed.append(error)

    threads = [threading.Thread(target=run, args=(place,), daemon=True) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in failed:
        raise error
