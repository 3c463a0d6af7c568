"""Pages of a finished PDF. The layout worker reads them too, and imports little."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct, field


class PdfPages(Struct, frozen=True):
    """Pages of a finished PDF, for a comparison with those of an earlier one."""

    contents: Sequence[bytes] = ()
    """Content of each page, without running head and page number if they are separate."""
    page_by_id: Mapping[str, int] = field(default_factory=dict)
    """Index of the page of each id."""
