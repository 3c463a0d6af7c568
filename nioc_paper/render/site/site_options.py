"""Content of a site besides the document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec import Struct, field

from nioc_paper.model import Paper, SiteProgress


class Download(Struct, frozen=True):
    """File offered for download."""

    name: str
    title: str
    data: bytes

    @property
    def size(self) -> str:
        """Size in megabytes, as printed."""
        return f"{max(len(self.data) / 1e6, 0.1):.1f}"


class SiteOptions(Struct, frozen=True, kw_only=True):
    """Content of a site besides the document."""

    url: str = ""
    """Public address without slash at the end; empty if it is not known."""
    summary: str = ""
    contact: str = ""
    """Address for mail that suggests changes; without it there are no such links."""
    changed: Mapping[str, date] = field(default_factory=dict)
    """Day of the last commit by path of a chapter."""
    cited_in: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Ids of the chapters that cite each source, by its key."""
    downloads: tuple[Download, ...] = ()
    search: bool = False
    """Whether the pages get a search index."""
    progress: SiteProgress | None = None
    """Progress of the paper for the progress page."""
    paper: Paper | None = None
    """Paper as its readers may see it, for the page of recommendations by owner."""
    live: bool = False
    """Whether the pages belong to a preview that follows edits."""
