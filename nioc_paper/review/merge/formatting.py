"""Formatting and links put on words of a passage, or taken off them."""

from __future__ import annotations

from typing import NamedTuple

from nioc_paper.review.docx.paragraph import HIDDEN, LINK, Token, links_in
from nioc_paper.review.merge.conflicts import HIDDEN_REASON, PLACE_REASON
from nioc_paper.review.merge.source_span import SourceSpan
from nioc_paper.review.merge.token_markdown import render_inlines

_FORMAT_REASON = "the font was changed across other markup"
_LINK_REASON = "a link with other markup in it was changed"
_MIDDLE = "\2"
"""Placeholder for words between delimiters."""


class Replacement(NamedTuple):
    """Characters of the source, and those that replace them."""

    start: int
    end: int
    text: str


class FormattingChange(NamedTuple):
    """Replacements that make a change of formatting, or the reason against it."""

    replacements: tuple[Replacement, ...] = ()
    reason: str = ""


def change_formatting(
    span: SourceSpan, start: int, end: int, add: frozenset[str], remove: frozenset[str]
) -> FormattingChange:
    """Put delimiters around a range of the source, or remove those around it, as far as nothing is between."""
    link_end = span.find_link_end(start, end) if remove and links_in(remove) == list(remove) else None
    if HIDDEN in add or links_in(add, inside=True) or (add and remove and not link_end):
        return _reject(add | remove)
    opening, closing = render_inlines([Token(_MIDDLE, formatting=add or remove)], {}).split(_MIDDLE)
    before, after = span.text[start - len(opening) : start], span.text[end : end + len(closing)]
    if add and not remove:
        return FormattingChange((Replacement(start, start, opening), Replacement(end, end, closing)))
    if add and link_end and links_in(add) == list(add):
        return FormattingChange((Replacement(*link_end.span("target"), links_in(add)[0].removeprefix(LINK)),))
    if link_end and not add:
        return FormattingChange((Replacement(start - 1, start, ""), Replacement(*link_end.span(), "")))
    if not add and before.replace("_", "*") == opening and after.replace("_", "*") == closing:
        outer = Replacement(start - len(opening), start, ""), Replacement(end, end + len(closing), "")
        return FormattingChange(outer)
    return _reject(add | remove)


def _reject(changed: frozenset[str]) -> FormattingChange:
    if HIDDEN in changed:
        return FormattingChange(reason=HIDDEN_REASON)
    if links_in(changed, inside=True):
        return FormattingChange(reason=PLACE_REASON)
    return FormattingChange(reason=_LINK_REASON if links_in(changed) else _FORMAT_REASON)
