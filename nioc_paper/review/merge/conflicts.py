"""Changes that are not merged, and the reasons against them."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping, Sequence
from functools import partial

from msgspec import Struct

from nioc_paper.review.docx.paragraph import HIDDEN, ParagraphKind, Token
from nioc_paper.review.merge.source_span import PARAGRAPH_BREAK

_REMOVABLE_BETWEEN = re.compile(r"\{[^{}\n]*\}|\s|^[ \t>]*(?:[-*+]|\d+[.)]|#+)[ \t]", re.MULTILINE)
"""Text that may be dropped between two joined passages: line ends, an item's marker, a heading's end."""
HIDDEN_REASON = "words are hidden in Word; show them there, or take them out of the text"
ALT_TEXT_REASON = "the alternative text of a picture was changed; change it in the chapter's source"
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
    "cite": "a citation was rewritten; give the source in paper/references.yaml and cite it",
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


def fault_reason(error: Exception) -> str:
    """Return the reason of a change whose merge failed with an exception."""
    return f"this tool failed to merge it ({type(error).__name__}); make the change by hand, and report the fault"


def find_foreign(tokens: Sequence[Token], known: Sequence[Token] = ()) -> list[tuple[Token, str]]:
    """Return the tokens that are not readable words, except known ones, each with the reason against it."""
    texts = {t.text for t in known}
    files = {t.text.partition(" ")[0] for t in known if t.is_picture}
    return [(t, reason) for t in tokens if (reason := _foreign_reason(t, texts, files))]


def _foreign_reason(token: Token, known_texts: Container[str], known_files: Container[str]) -> str:
    """Return the reason against a token that is hidden or not a word; empty if a chapter may have it."""
    if HIDDEN in token.formatting:
        return HIDDEN_REASON
    if not token.text.startswith("\1") or token.text in known_texts:
        return ""
    if token.is_picture and token.text.partition(" ")[0] in known_files:
        return ALT_TEXT_REASON
    return _FOREIGN_REASONS.get(token.text[1:].partition(":")[0], "")


class PassageChange(Struct, frozen=True):
    """A difference that is checked before it is made."""

    base: Sequence[Token]
    edited: Sequence[Token]
    neighbours: Sequence[Token]
    """Tokens of the base on both sides of its start."""
    kind: ParagraphKind
    """Kind of the base paragraph."""
    is_note: bool
    """Whether it is a paragraph of a note."""
    text: str
    """Markdown of the chapter."""
    deletes_formula: bool
    """Whether a tracked change in the passage deletes a formula."""

    def find_reason(self) -> str:
        """Return the reason against it; empty if there is none."""
        foreign = find_foreign(self.edited, self.base)
        reason = foreign[0][1] if foreign else ""
        return reason or next((reason for reason, applies in _CONFLICT_CHECKS if applies(self)), "")


def _touches_generated(change: PassageChange) -> bool:
    if change.base:
        return any(t.span is None for t in change.base)
    return bool(change.neighbours) and all(t.span is None for t in change.neighbours)


def _splits(change: PassageChange, kind: ParagraphKind) -> bool:
    return change.kind == kind and any(t.text == PARAGRAPH_BREAK for t in change.edited)


def _calls_in_note(change: PassageChange) -> bool:
    return change.is_note and any(t.atom.startswith("note:") for t in change.edited)


def _joins_across_markup(change: PassageChange) -> bool:
    breaks = (change.text[slice(*t.span)] for t in change.base if t.text == PARAGRAPH_BREAK and t.span)
    return any(_REMOVABLE_BETWEEN.sub("", between) for between in breaks)


def _loses_formula(change: PassageChange) -> bool:
    """Programs without formulas drop them when they save; only a tracked deletion is an author's."""
    has_formula = any(t.atom.startswith("math") for t in change.base)
    return not change.deletes_formula and has_formula and not any(t.atom for t in change.edited)


_CONFLICT_CHECKS: tuple[tuple[str, Callable[[PassageChange], bool]], ...] = (
    ("this is made by the tool, from another place of the paper", _touches_generated),
    ("a cell of a table was split", partial(_splits, kind="cell")),
    ("a note was put into a note", _calls_in_note),
    ("a caption was split", partial(_splits, kind="caption")),
    ("two passages were joined across other content", _joins_across_markup),
    (ATOM_REASONS["math"], _loses_formula),
)
"""Reasons against a change, in order: the first that applies is reported."""
