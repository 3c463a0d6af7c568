"""What git knows of the paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

_EPOCH = 315532800
"""1980-01-01, the first day that a zip file knows: the date of outputs of a paper that is not in git."""


@dataclass(frozen=True, slots=True)
class Version:
    """A tagged state of the paper."""

    tag: str
    on: date
    subject: str


@dataclass(frozen=True)
class History:
    """What git knows. Without git, or in a shallow clone, dates are None: unknown, never guessed."""

    commit: str | None = None
    committed_on: date | None = None
    timestamp: int | None = None
    """Seconds since the epoch of the commit: the date of every output."""
    has_uncommitted: bool = False
    versions: tuple[Version, ...] = ()
    last_changes: Mapping[str, date] = field(default_factory=dict)
    """Path to the day of its last commit."""

    def output_timestamp(self, override: int | None = None) -> int:
        """The date of every output, in seconds since the epoch: the one given, or the commit's."""
        return next((t for t in (override, self.timestamp) if t is not None), _EPOCH)
