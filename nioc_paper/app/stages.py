"""Progress of a long use case, by named stages. A caller may show them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

Stage = Callable[[str], None]
"""Called with the name of each stage as it starts."""
ShowStages = Callable[[int], AbstractContextManager[Stage]]
"""Opens a display for a number of stages."""


def hide_stages(_: int) -> AbstractContextManager[Stage]:
    """Show nothing."""
    return nullcontext(lambda _: None)
