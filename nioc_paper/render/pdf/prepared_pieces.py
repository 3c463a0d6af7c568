"""Pieces of a paper before their merge, with the blank page numbers beside their references filled in."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from msgspec import Struct

from nioc_paper.render.pdf import font_subsets
from nioc_paper.render.pdf.page_numbers import PageNumbers
from nioc_paper.render.pdf.pdf_file import PieceObjects
from nioc_paper.render.pdf.results import FontUsage, JobResult, PieceInfo


class BlankNumberError(Exception):
    """A blank page number cannot be filled in."""


class PreparedPiece(Struct, frozen=True):
    """Objects of a piece, with the contents of its pages for some page numbers."""

    objects: PieceObjects
    numbers: Sequence[int]
    """Numbers in the blanks."""
    contents: Sequence[bytes]
    """Compressed content of each page."""
    digits_by_font: Mapping[str, Sequence[int]]
    """Glyphs of all digits in the fonts of the numbers."""


def prepare_unchanged(
    results: Iterable[JobResult], page_numbers: PageNumbers, extra_fonts: Sequence[str]
) -> dict[bytes, PreparedPiece]:
    """Return the pieces for page numbers which are right after most edits, by their encoded objects."""
    prepared: dict[bytes, PreparedPiece] = {}
    for result in results:
        with suppress(BlankNumberError, font_subsets.UnknownFontError):  # the merge finds them too
            prepared[result.pdf] = prepare_piece(result, page_numbers, extra_fonts)
    return prepared


def prepare_piece(
    result: JobResult, page_numbers: PageNumbers, extra_fonts: Sequence[str], earlier: PreparedPiece | None = None
) -> PreparedPiece:
    """Return a piece for the merge: the earlier one if it has the same numbers.

    Raises BlankNumberError and UnknownFontError.
    """
    numbers = [page_numbers.by_id[blank.target] - page_numbers.main_start + 1 for blank in result.piece.blanks]
    if earlier and earlier.numbers == numbers:
        return earlier
    objects = earlier.objects if earlier else PieceObjects.decode(result.pdf)
    contents, digits = list(objects.contents), dict[str, Sequence[int]]()
    for index, blanks in _blanks_by_page(result.piece, numbers).items():
        data = zlib.decompress(contents[index])
        for mark, number in blanks:
            data = _with_page_number(data, mark, str(number), result.piece.usage_by_font, extra_fonts, digits)
        contents[index] = zlib.compress(data)
    return PreparedPiece(objects, numbers, contents, digits)


def _blanks_by_page(info: PieceInfo, numbers: Sequence[int]) -> dict[int, list[tuple[int, int]]]:
    """Return marked contents with their numbers, by the index of the page."""
    blanks: dict[int, list[tuple[int, int]]] = {}
    for blank, number in zip(info.blanks, numbers, strict=True):
        blanks.setdefault(blank.page, []).append((blank.mcid, number))
    return blanks


def _with_page_number(
    content: bytes,
    mark: int,
    number: str,
    usage_by_font: Mapping[str, FontUsage],
    extra_fonts: Sequence[str],
    digits: dict[str, Sequence[int]],
) -> bytes:
    """Return a content with a number in a marked content. Adds the glyphs of its font to the digits."""
    marked = re.search(rb"/MCID %d\s*>>\s*BDC(.*?)\bEMC" % mark, content, re.DOTALL)
    if not marked:
        raise BlankNumberError(number)
    filled = replace_number(marked[1], "0" * len(number), number, usage_by_font, extra_fonts, digits)
    return content[: marked.start(1)] + filled + content[marked.end(1) :]


def replace_number(
    content: bytes,
    printed: str,
    number: str,
    usage_by_font: Mapping[str, FontUsage],
    extra_fonts: Sequence[str],
    digits: dict[str, Sequence[int]],
) -> bytes:
    """Return a content with another number in the place of a printed one of the same length.

    Adds the glyphs of its font to the digits. Raises BlankNumberError and UnknownFontError.
    """
    # Two faces of a family have the same glyph numbers.
    for name in re.findall(rb"/(\S+)\s+\S+\s+Tf", content):
        usage = usage_by_font.get(name.decode())
        glyphs = font_subsets.digit_glyphs(usage, extra_fonts) if usage else []
        if usage and glyphs and all(str(glyphs[int(digit)]) in usage["letters"] for digit in printed):
            # The engine may write offsets between two digits; they are the same for all digits.
            pattern = rb"((?:>[^<]*<)*)".join(b"%04x" % glyphs[int(digit)] for digit in printed)
            if number_match := re.search(pattern, content):
                digits[name.decode()] = glyphs
                moves = (*number_match.groups(), b"")
                filled = b"".join(b"%04x" % glyphs[int(n)] + move for n, move in zip(number, moves, strict=True))
                return content[: number_match.start()] + filled + content[number_match.end() :]
    raise BlankNumberError(number)
