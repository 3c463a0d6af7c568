"""WeasyPrint's door to the world, shut: it may read the files that the build handed it, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from weasyprint.urls import URLFetcher, URLFetcherResponse


class ClosedFetcher(URLFetcher):
    """Serves a fixed table of addresses; remembers in `denied` what else was asked for."""

    def __init__(self, assets: Mapping[str, tuple[str, Path]]) -> None:
        super().__init__(timeout=1, allowed_protocols=(), allow_redirects=False)
        self.assets = assets
        self.denied: list[str] = []

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:  # noqa: ARG002
        """The file that stands for an address."""
        if url not in self.assets:
            self.denied.append(url[:200])
            raise ValueError(f"not part of this paper: {url[:200]}")
        mime, file = self.assets[url]
        return URLFetcherResponse(url, file.read_bytes(), {"Content-Type": mime})
