"""Changes of text that the tool makes: titles, summaries, pictures of figures."""

from __future__ import annotations

from collections.abc import Sequence

from nioc_paper.review.docx.docx_text import DocxPassage
from nioc_paper.review.merge.alignment import AlignedPassage
from nioc_paper.review.merge.conflicts import find_foreign
from nioc_paper.review.merge.kinds import KindCheck, added_formatting
from nioc_paper.review.merge.merge_context import MergeContext

_GENERATED_REASON = "this is made by the tool, from the front matter, a register or the first line of a block"
_PICTURE_REASON = "a picture was taken out; take it out of the chapter's source"
_STYLED_REASON = "formatting or a link was put on words that the tool makes"


class GeneratedText:
    """Reports changes of generated text."""

    def __init__(self, context: MergeContext, kinds: KindCheck) -> None:
        self.context = context
        self.kinds = kinds

    def reject(self, base: Sequence[AlignedPassage], edited: Sequence[DocxPassage], *, is_moved: bool = False) -> None:
        """Report a change of a title, a summary, or of the picture of a figure."""
        known = [t for passage in base for t in passage.passage.paragraph.tokens]
        if find_foreign([t for passage in edited for t in passage.paragraph.tokens], known):
            for passage in edited:
                self.context.report_foreign(passage, known)
            return
        base_text = " ".join(passage.passage.paragraph.text for passage in base)
        edited_text = " ".join(passage.paragraph.text for passage in edited)
        reason = _PICTURE_REASON if any(t.is_picture for t in known) else _GENERATED_REASON
        if base_text.split() == edited_text.split() and len(base) == len(edited) and not is_moved:
            reason = self.kinds.find_reason(base[0].passage, edited[0])
            styled = added_formatting(known, [t for passage in edited for t in passage.paragraph.tokens])
            reason = reason or (_STYLED_REASON if any(styled) else "")
        if reason:
            self.context.report(base, edited, reason)
