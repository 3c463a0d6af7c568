"""Leave the programs of fonts out of a piece: the merge embeds each font once, with the glyphs of all pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from nioc_paper.render.pdf.worker.patches.state import PatchState
from nioc_paper.system.schedule import noop

if TYPE_CHECKING:
    import pydyf
    from weasyprint.pdf.fonts import Font

    _FontWriter = Callable[[pydyf.PDF, Mapping[str, Font], bool, bool, Mapping[str, Any]], pydyf.Dictionary]

_SIGNATURE_LENGTH = 4
"""Bytes at the start of a font by which the engine knows its kind."""


def own_fonts(fonts: Iterable[Font]) -> set[str]:
    """Return the hashes of the fonts that a piece embeds itself: those with bitmaps, or without some of its letters."""
    return {font.hash for font in fonts if font.missing or font.bitmap}


def wrap(original: _FontWriter, state: PatchState) -> _FontWriter:
    """Return the replacement of `build_fonts_dictionary`."""

    def build_fonts(
        pdf: pydyf.PDF, fonts: Mapping[str, Font], compress: bool, subset: bool, options: Mapping[str, Any]
    ) -> pydyf.Dictionary:
        own = own_fonts(fonts.values())
        programs = {font: font.file_content for font in fonts.values() if state.omits_fonts and font.hash not in own}
        for font, program in programs.items():
            font.file_content, font.clean = program[:_SIGNATURE_LENGTH], noop
        dictionary = original(pdf, fonts, compress, subset, options)
        for font, program in programs.items():
            font.file_content = program
        return dictionary

    return build_fonts
