"""What a site has besides the document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from nioc_paper.model import SiteProgress


@dataclass(frozen=True, slots=True)
class Download:
    """A file beside the pages."""

    name: str
    title: str
    data: bytes

    @property
    def size(self) -> str:
        """In megabytes, as it is printed."""
        return f"{max(len(self.data) / 1e6, 0.1):.1f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteOptions:
    """What a site has besides the document."""

    url: str = ""
    """Where it is published, without a slash at the end; empty where that is not known."""
    summary: str = ""
    changed: Mapping[str, date] = field(default_factory=dict)
    """By path of a chapter the day of its last commit."""
    downloads: tuple[Download, ...] = ()
    search: bool = False
    """Whether an index to search in will be made of the pages."""
    progress: SiteProgress | None = None
    """How far the paper is, for the page that says so."""
    live: bool = False
    """Whether somebody is writing, and watches."""
