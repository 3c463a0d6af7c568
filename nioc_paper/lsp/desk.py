"""One paper on the desk: checked again whenever its texts have rested for a moment, never twice at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from nioc_paper.lsp.reading import Memory, Reading, Today, read

REST = 0.2
"""Seconds without a keystroke before a check: shorter than a pause for thought."""
_LOG = logging.getLogger(__name__)


class Desk:
    """A paper that has open texts. `texts` gives them, `show` is told each new reading; both run in the event loop."""

    def __init__(
        self, root: Path, today: Today, texts: Callable[[], Mapping[str, str]], show: Callable[[Reading], None]
    ) -> None:
        self.root = root
        self._today, self._texts, self._show = today, texts, show
        self._cache = Memory.of(root)
        self._changed, self._done = asyncio.Event(), asyncio.Event()
        self._last: Reading | None = None
        self._work = asyncio.create_task(self._go())

    def touch(self) -> None:
        """Say that something has changed."""
        self._changed.set()

    async def reading(self) -> Reading | None:
        """The last reading, or the first if there is none yet; None when that failed."""
        await self._done.wait()
        return self._last

    async def _go(self) -> None:
        while True:
            await self._changed.wait()
            while self._changed.is_set():
                self._changed.clear()
                await asyncio.sleep(REST)
            await self._check()
            self._done.set()

    async def _check(self) -> None:
        try:
            self._last = await asyncio.to_thread(read, self.root, self._texts(), self._cache, self._today)
            self._show(self._last)
        except Exception:  # noqa: BLE001 - a check that fails must not end those to come
            _LOG.exception("the check failed; the findings are those of before")
