"""Signs of a text: those that it may not hold, and those that are printed."""

from __future__ import annotations

import re

# Zero-width joiners stay: Urdu needs them. Bidirectional overrides can make a text say what it does not.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")


def printed(text: str) -> str:
    """The signs of a text that are printed, and those that join letters or keep them apart."""
    return "".join(c for c in text.replace("\u00a0", " ") if c.isprintable() or c in "\u200c\u200d")
