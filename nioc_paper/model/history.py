"""History of a paper in git."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from msgspec import Struct, field

_EPOCH = 315532800
"""1980-01-01, the first day of zip files: the date of outputs of a paper without git."""


class Version(Struct, frozen=True):
    """Tagged state of the paper."""

    tag: str
    on: date
    subject: str


class OpenBranch(Struct, frozen=True):
    """Branch that is known here and not merged."""

    name: str
    changed_on: date
    """Day of its last commit."""
    sentences: Mapping[str, int]
    """Number of the sentences that it changes by the path of the chapter."""


class History(Struct, frozen=True, dict=True):
    """Git's knowledge of a paper. Without git, or in a shallow clone, dates are None: unknown, never guessed."""

    commit: str | None = None
    committed_on: date | None = None
    timestamp: int | None = None
    """Seconds since the epoch of the commit: the date of every output."""
    has_uncommitted: bool = False
    tag: str = ""
    """Newest tag of the commit itself; empty without one."""
    versions: tuple[Version, ...] = ()
    last_changes: Mapping[str, date] = field(default_factory=dict)
    """Path to the day of its last commit."""

    def output_timestamp(self, override: int | None = None) -> int:
        """Return the date of every output in seconds since the epoch: `override`, or that of the commit."""
        return next((t for t in (override, self.timestamp) if t is not None), _EPOCH)


# --- marks of a redline -----------------------------------------------------------------------------------------------


INSERTION, DELETION, MOVED = "insertion", "deletion", "moved"
"""Classes of spans. Pandoc writes the first two as tracked changes; moved text has the third too."""
PARAGRAPH_MARK_PREFIX = "nr-"
"""Prefix of the id of an empty span at the end of a paragraph that was inserted, deleted or moved as a whole. The rest
of the id is `ins-7`, `del-7`, `from-2-7` or `to-2-7`: the change, the number of the move, and a number of its own."""


class Revision(Struct, frozen=True):
    """Author and date of changes, which Word shows beside them."""

    author: str
    date: str
    """YYYY-MM-DDThh:mm:ssZ."""
