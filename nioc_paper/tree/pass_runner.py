"""Runner of tree passes: a stage lists its passes in one tuple, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Concatenate, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


def run_passes(value: T, passes: Iterable[Callable[Concatenate[T, P], T]], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return a value after all passes; each takes the result of the one before it, and the same arguments."""
    for apply_pass in passes:
        value = apply_pass(value, *args, **kwargs)
    return value
