"""Normalized texts and pages, for comparing one rendering with another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct, field

Contents = Mapping[str, Sequence[str]]
"""Contents of a file by kind: normalized texts, and ids as they are."""
OnContents = Callable[[Contents], object]
"""Callback that receives the contents read back from a file or its pieces."""


def ignore_contents(_: Contents) -> None:
    """Do nothing."""


def normalize(text: str) -> str:
    """Return letters and digits only, in one case: hyphens and line breaks differ between renderings."""
    return "".join(filter(str.isalnum, text.casefold()))


def combine_contents(parts: Iterable[Contents]) -> dict[str, list[str]]:
    """Return the contents of several parts of a file, in their order."""
    out: dict[str, list[str]] = {}
    for part in parts:
        for kind, texts in part.items():
            out.setdefault(kind, []).extend(texts)
    return out


class PdfPages(Struct, frozen=True):
    """Pages of a finished PDF, for a comparison with those of an earlier one."""

    contents: Sequence[bytes] = ()
    """Content of each page, without running head and page number if they are separate."""
    page_by_id: Mapping[str, int] = field(default_factory=dict)
    """Index of the page of each id."""
