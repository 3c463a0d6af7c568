"""Make text from files safe for a terminal: it can hold codes that move the cursor or hide the rest."""

from __future__ import annotations


def escape_unprintable(text: str, keep: str = "") -> str:
    r"""Return the text with every unprintable character written as \uXXXX."""
    # Urdu needs zero-width joiners.
    return "".join(c if c.isprintable() or c in "\u200c\u200d" or c in keep else f"\\u{ord(c):04x}" for c in text)


def printable_text(text: str) -> str:
    """Return the text with its line breaks, safe to print; no-break spaces are blanks."""
    return "\n".join(map(printable_line, text.split("\n")))


def printable_line(text: str) -> str:
    """Return the text on one line, safe to print."""
    return escape_unprintable("".join(" " if c.isspace() else c for c in text))
