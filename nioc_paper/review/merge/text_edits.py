"""Edits of a text, which are replacements at offsets, and changes that are not made."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import takewhile

from msgspec import Struct

from nioc_paper.review.docx.docx_text import HIDDEN, Token


class Edit(Struct, frozen=True):
    """Replacement of characters of the source."""

    start: int
    end: int
    text: str
    unit: int = 0
    """Edits of one unit are applied or reverted together."""
    author: str = ""
    """Author of the change as named in the file; empty if it was not tracked."""


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with all edits applied; of two at the same place the first comes first.

    Raises ValueError on an overlap.
    """
    out, position = [], 0
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        if edit.start < position:
            raise ValueError(f"two changes of the characters before {position}")
        out += [text[position : edit.start], edit.text]
        position = edit.end
    return "".join([*out, text[position:]])


# --- changes that are not merged, and the reasons against them --------------------------------------------------------


HIDDEN_REASON = "words are hidden in Word; show them there, or take them out of the text"
ALT_TEXT_REASON = "the alternative text of a picture was changed; change it in the chapter's source"
REDRAWN_REASON = "a picture was replaced, or the file is of an earlier release, which drew another one; compare them"
PLACE_REASON = "a link leads to a place of the Word file; refer to it by its id"
_FOREIGN_REASONS: Mapping[str, str] = {
    "image": "a picture is new or was replaced; put its file into paper/figures/ and name it",
    "math": "a formula is new or was replaced; write it between dollar signs",
    "symbol": "a symbol of a font has no letter; write its meaning",
    "box": "words are in a text box; put them into the text",
    "drawing": "a drawing or chart cannot be read; save it as a picture in paper/figures/",
    "object": "an object of another program cannot be read; save it as a picture in paper/figures/",
}
"""Reasons for leaving out content that has no words, by its kind."""
ATOM_REASONS: Mapping[str, str] = {
    "cite": "a citation was rewritten; add the source to paper/registers/references/, and cite it",
    "xref": "a reference was rewritten; refer to another target by its id",
    "value": "this is generated from the source, which has another form",
    "note": "the number of a note was rewritten",
    "math": "a formula was changed, or is gone without a tracked change",
    "image": "a picture was replaced",
}
"""Reasons for rejecting a rewritten atom, by its kind."""


class MergeConflict(Struct, frozen=True):
    """Change that was not merged because it cannot be made safely."""

    offset: int
    """Offset in the source."""
    base: str
    edited: str
    reason: str
    author: str = ""


_MAX_WORDS = 30
"""Words of the longest text that is shown whole."""
_WORDS_AROUND = 6
"""Unchanged words before and after a change that tell where it is."""


def shorten_change(base: str, edited: str, most: int | None = None) -> tuple[str, str]:
    """Return the words of a change, before and after. Of a long one, most of the words that both share are left out.

    A pilcrow separates lines and paragraphs. Of more than `most` words, the first and the last are shown.
    """
    before, after = (text.replace("\n", " ¶ ").split() for text in (base, edited))
    start, end = common_length(before, after), common_length(before[::-1], after[::-1])
    end = min(end, len(before) - start, len(after) - start)
    is_long = max(len(before), len(after)) > _MAX_WORDS
    first, last = (max(count - _WORDS_AROUND, 0) if is_long else 0 for count in (start, end))
    return _shorten(before, first, last, most), _shorten(after, first, last, most)


def _shorten(words: Sequence[str], first: int, last: int, most: int | None) -> str:
    """Return words from the first up to the last ones, at most so many."""
    shown = words[first : len(words) - last]
    if most is not None and len(shown) > most:
        at_start = most * 3 // 4
        shown = [*shown[:at_start], "…", *shown[len(shown) - (most - at_start) :]]
    return " ".join([*["…"] * bool(first), *shown, *["…"] * bool(last)])


def common_length(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the length of the common start of two texts, or of two lists of words."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def fault_reason(error: Exception) -> str:
    """Return the reason of a change whose merge failed with an exception."""
    return f"this tool failed to merge it ({type(error).__name__}); make the change by hand, and report the fault"


def find_foreign(tokens: Sequence[Token], known: Sequence[Token] = ()) -> list[tuple[Token, str]]:
    """Return the tokens that are not readable words, except known ones, each with the reason against it."""
    texts = {t.text for t in known}
    files = {part for t in known if t.is_picture for part in t.text.split(" ", 1) if part}
    return [(t, reason) for t in tokens if (reason := _foreign_reason(t, texts, files))]


def _foreign_reason(token: Token, known_texts: Container[str], known_parts: Container[str]) -> str:
    """Return the reason against a token that is hidden or not a word; empty if a chapter may have it.

    `known_parts` are the identities and the alternative texts of pictures.
    """
    if HIDDEN in token.formatting:
        return HIDDEN_REASON
    if not token.text.startswith("\1") or token.text in known_texts:
        return ""
    if token.is_picture and token.text.partition(" ")[0] in known_parts:
        return ALT_TEXT_REASON
    if token.is_picture and token.alt_text in known_parts:
        return REDRAWN_REASON
    return _FOREIGN_REASONS.get(token.text[1:].partition(":")[0], "")
