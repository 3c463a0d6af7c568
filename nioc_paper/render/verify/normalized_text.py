"""Texts as they are compared: the letters of one rendering against those of another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

Contents = Mapping[str, Iterable[str]]
"""What a file holds by kind: texts as they were squeezed, ids as they are."""
OnContents = Callable[[Contents], None]
"""Is told what was read back from pieces of a file before they were joined."""


def ignore_contents(_: Contents) -> None:
    """Hold nothing."""


def normalize(text: str) -> str:
    """What two renderings of a text agree on: letters and digits, whatever their case, hyphens and line breaks."""
    return "".join(filter(str.isalnum, text.casefold()))


def combine_contents(parts: Iterable[Contents]) -> dict[str, list[str]]:
    """What several parts of a file hold together, in their order."""
    out: dict[str, list[str]] = {}
    for part in parts:
        for kind, texts in part.items():
            out.setdefault(kind, []).extend(texts)
    return out
