"""Data that a worker returns for a job, and the JSON in which it travels."""

from __future__ import annotations

from typing import NamedTuple

MEASURED_VERSION = "70.0"
"""Version of WeasyPrint that the patches of the worker were measured with."""


class BlankNumber(NamedTuple):
    """Page number to be filled in at the merge: index of its page, its marked content there, and id of its target."""

    page: int
    mcid: int
    target: str
