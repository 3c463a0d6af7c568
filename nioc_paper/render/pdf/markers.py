"""Names and units that pages and worker, worker and merge, or modules of the worker share."""

from __future__ import annotations

PIECE_LINK_PREFIX = "nioc-ref:"
"""Start of the address of a link into another piece of the paper."""
BLANK_ATTRIBUTE = "data-blank"
"""Attribute of a link with a blank page number: the id of its target."""
FOOT_NOTE, MARGIN_NOTE = "footnote", "beside"
"""Class of every note, and of one for the margin besides."""
MARGIN_COPY = "copy"
"""Class of a key number in the margin besides: it repeats words of the text."""
NOTE_CALL = "note-call"
"""Class of the number in the text that calls a note in the margin."""
SOURCE_KEY, NOTE_KEY = "NiocSource", "NiocNote"
"""Keys of a structure element, removed by `structure_repair`: number of its HTML element, and id of its note."""
POINTS_PER_PIXEL = 0.75
"""Points of the PDF in a CSS pixel of the layout."""
