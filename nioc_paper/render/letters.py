"""Texts as they are compared: the letters of one rendering against those of another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

Found = Mapping[str, Iterable[str]]
"""What a file holds by kind: texts as they were squeezed, ids as they are."""
Hold = Callable[[Found], None]
"""Is told what was read back from pieces of a file before they were joined."""


def drop(_: Found) -> None:
    """Hold nothing."""


def squeeze(text: str) -> str:
    """What two renderings of a text agree on: letters and digits, whatever their case, hyphens and line breaks."""
    return "".join(filter(str.isalnum, text.casefold()))


def merged(parts: Iterable[Found]) -> dict[str, list[str]]:
    """What several parts of a file hold together, in their order."""
    out: dict[str, list[str]] = {}
    for part in parts:
        for kind, texts in part.items():
            out.setdefault(kind, []).extend(texts)
    return out
