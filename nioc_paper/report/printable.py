"""Text from files made safe for a terminal: it can hold codes that move the cursor or hide what follows."""

from __future__ import annotations

_JOINERS = "\u200c\u200d"
"""Zero-width joiners: Urdu needs them."""


def escape_unprintable(text: str, keep: str = "") -> str:
    r"""The text with every character that does not print written as \uXXXX."""
    return "".join(c if c.isprintable() or c in _JOINERS or c in keep else f"\\u{ord(c):04x}" for c in text)


def printable_line(text: str) -> str:
    """Text on one line, safe to print."""
    return escape_unprintable("".join(" " if c.isspace() else c for c in text))
