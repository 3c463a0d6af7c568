"""Reports of changes in Word that the chapter does not take: of a kind of passage, and of text that the tool makes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from nioc_paper.review.docx.docx_text import DocxPassage
from nioc_paper.review.docx.paragraph import Paragraph, Token
from nioc_paper.review.merge.alignment import AlignedPassage
from nioc_paper.review.merge.conflicts import find_foreign
from nioc_paper.review.merge.merge_context import MergeContext
from nioc_paper.review.merge.pairing import Pair

BODY_STYLE = re.compile(r"^(body text|first paragraph|normal|standard|compact|default.*|)$", re.IGNORECASE)
"""Paragraph styles of running text; any other belongs to the Div around it."""
_QUOTATION_STYLE = re.compile(r"^(block text|(intense )?quote|quotations?)$", re.IGNORECASE)
_TITLE_STYLE = re.compile(r"^(sub)?title$", re.IGNORECASE)
_KIND_NAMES: Mapping[str, str] = {
    "heading": "a heading",
    "item": "an item of a list",
    "para": "a paragraph",
    "cell": "a cell of a table",
    "caption": "a caption",
}
LEVEL_REASON = "an item of a list has another level; indent its line by hand"
_HEADING_REASON = "a heading has another level; change the signs # before it by hand"
_GENERATED_REASON = "this is made by the tool, from the front matter, a register or the first line of a block"
_PICTURE_REASON = "a picture was taken out; take it out of the chapter's source"
_STYLED_REASON = "formatting or a link was put on words that the tool makes"
_LOSABLE_KINDS = ("cell", "caption")
"""Kinds that a paragraph is by its place or its style alone: some programs lose these."""


class KindCheck:
    """Reports passages of another kind, level or style."""

    def __init__(self, context: MergeContext) -> None:
        self.context = context
        self.has_lists = any(p.paragraph.kind == "item" for p in context.edited)
        """Whether the received file has lists at all: some programs lose them."""
        self.has_styles = any(p.style for p in context.edited)
        """Whether the received file has styles of paragraphs at all."""
        self._last = Pair()

    def find_reason(self, before: DocxPassage, after: DocxPassage) -> str:
        """Return the reason against a passage of another kind or style; empty if the file has lost these."""
        is_item = "item" in (before.paragraph.kind, after.paragraph.kind)
        reason = _kind_reason(before.paragraph, after.paragraph) if self.has_lists or not is_item else ""
        return reason or (_style_reason(before, after) if self.has_styles else "")

    def report(self, base: AlignedPassage, edited: Sequence[DocxPassage]) -> None:
        """Report a sent passage that came back as another kind; successive ones with one reason are one report."""
        reasons = (self.find_reason(base.passage, each) for each in edited)
        if (reason := next(filter(None, reasons), "")) and base.source_paragraph:
            new, conflicts = self.context.describe([base], edited, reason), self.context.result.conflicts
            offset, old, text = new.offset, new.base, new.edited
            before, self._last = self._last.base, self.context.current_pair
            if conflicts and conflicts[-1].reason == reason and before and max(before) + 1 == min(self._last.base):
                last = conflicts.pop()
                offset, old, text = last.offset, f"{last.base} ¶ {old}", f"{last.edited} ¶ {text}"
            self.context.add_conflict(offset, old, text, reason, edited[0].reshaped_by or new.author)

    def report_generated(
        self, base: Sequence[AlignedPassage], edited: Sequence[DocxPassage], *, is_moved: bool = False
    ) -> None:
        """Report a change of text that the tool makes: a title, a summary, or the picture of a figure."""
        known = [t for passage in base for t in passage.passage.paragraph.tokens]
        if find_foreign([t for passage in edited for t in passage.paragraph.tokens], known):
            for passage in edited:
                self.context.report_foreign(passage, known)
            return
        base_text = " ".join(passage.passage.paragraph.text for passage in base)
        edited_text = " ".join(passage.paragraph.text for passage in edited)
        reason = _PICTURE_REASON if any(t.is_picture for t in known) else _GENERATED_REASON
        if base_text.split() == edited_text.split() and len(base) == len(edited) and not is_moved:
            reason = self.find_reason(base[0].passage, edited[0])
            styled = added_formatting(known, [t for passage in edited for t in passage.paragraph.tokens])
            reason = reason or (_STYLED_REASON if any(styled) else "")
        if reason:
            self.context.report(base, edited, reason)


def _kind_reason(before: Paragraph, after: Paragraph) -> str:
    """Return the reason against a paragraph of another kind or level; empty if only its style differs."""
    if before.kind != after.kind:
        is_lost = before.kind in _LOSABLE_KINDS and after.kind == "para"
        if is_lost or not {before.kind, after.kind} <= _KIND_NAMES.keys() or after.kind in _LOSABLE_KINDS:
            return ""
        return f"{_KIND_NAMES[before.kind]} became {_KIND_NAMES[after.kind]}; change it by hand"
    if {before.kind, after.kind} - {"heading", "item", "para"}:
        return ""
    if before.level != after.level:
        return _HEADING_REASON if before.kind == "heading" else LEVEL_REASON
    if before.ordered != after.ordered:
        return "bullets became numbers, or numbers bullets; change the marks of the list by hand"
    return ""


def _style_reason(before: DocxPassage, after: DocxPassage) -> str:
    """Return the reason against a passage that became a title or a quotation, or is none any more; or an empty text."""
    if _TITLE_STYLE.match(after.style) and not _TITLE_STYLE.match(before.style):
        return "a passage became a title; write '## ' before it if it is a heading"
    was, is_now = (bool(_QUOTATION_STYLE.match(passage.style)) for passage in (before, after))
    if was == is_now or (was and not BODY_STYLE.match(after.style)):
        return ""
    return "a paragraph became a quotation, or is no longer one; change the signs > before its lines by hand"


def added_formatting(before: Sequence[Token], after: Sequence[Token]) -> Iterator[str]:
    """Yield the words of an equal text with formatting or a link that they did not have."""
    if [t.normalized for t in before] == [t.normalized for t in after]:
        yield from (new.display for old, new in zip(before, after, strict=True) if new.formatting - old.formatting)
