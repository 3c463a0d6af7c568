"""URL fetcher of WeasyPrint that serves the files of the job only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from weasyprint.urls import URLFetcher, URLFetcherResponse


class ClosedFetcher(URLFetcher):
    """Serves a fixed table of addresses; collects all other addresses in `denied`."""

    def __init__(self, assets: Mapping[str, tuple[str, Path]]) -> None:
        super().__init__(timeout=1, allowed_protocols=(), allow_redirects=False)
        self.assets = assets
        self.denied: list[str] = []

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:  # noqa: ARG002
        """Return the file of an address. Raises ValueError for all others."""
        if url not in self.assets:
            self.denied.append(url[:200])
            raise ValueError(f"not part of this paper: {url[:200]}")
        mime, file = self.assets[url]
        return URLFetcherResponse(url, file.read_bytes(), {"Content-Type": mime})
