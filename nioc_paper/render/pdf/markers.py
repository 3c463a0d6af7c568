"""Names that the worker writes into pages, and that the merge and the repair of the structure read."""

from __future__ import annotations

PIECE_LINK_PREFIX = "nioc-ref:"
"""Start of the address of a link into another piece of the paper."""
BLANK_ATTRIBUTE = "data-blank"
"""Attribute of a link with a blank page number: the id of its target."""
SOURCE_KEY, NOTE_KEY = "NiocSource", "NiocNote"
"""Keys of a structure element, removed by `postprocess`: the number of its HTML element, and the id of its note."""
